"""The index itself: a folder that pairs are added to, looked up in, removed and forgotten."""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from curation.near import pairs
from curation.near.index.files import Files
from curation.near.index.ranks import Rank, id_texts, merged_order, order_among, rank_texts
from curation.near.index.results import Changes, Match, Repeat, changes_between, repeats_of
from curation.near.index.rewrite import rewrite
from curation.near.index.search import Across, Hot, edges_across, rows_of
from curation.near.index.segments import fresh_lanes, lane_parts, to_merge
from curation.near.index.view import (
    View,
    append_pairs,
    edge_records,
    key_of_id,
    keys_of,
    limits_of,
)
from curation.near.pairs import Edges, Prepared, edges_of, prepare, same_texts
from curation.near.signatures import Counts
from curation.near.texts import Texts, in_blocks
from tamiz.errors import InputError, SettingsError
from tamiz.settings import NearSettings

__all__ = ["Changes", "Index", "Match", "Repeat"]

FORMAT = 1
Segments = list[tuple[str, list[int]]]


@dataclass(slots=True)
class Index:
    """Pairs in a folder, and which of them repeat another: what `find_duplicates` would find among all of them.

    Use it in a `with` block, or close it. While it is open for writing, no other process can write to the folder;
    any number can read, and see what was there when they opened it.
    """

    folder: Path
    near: NearSettings
    threads: int
    hot_size: int
    files: Files
    view: View
    segments: Segments

    @classmethod
    def open(
        cls,
        folder: Path,
        near: NearSettings | None = None,
        *,
        read_only: bool = False,
        check: bool = True,
        threads: int = 0,
        hot_size: int = pairs.HOT,
    ) -> Index:
        """The index in this folder, a new one where there is none.

        SettingsError where it was made with other settings, or by a tamiz that compares otherwise; StoreError where
        another process writes to it; InputError, naming the file, where one is damaged. Checksums are left alone
        with check=False: the sizes are looked at only.
        """
        near = near or NearSettings()
        if read_only and not folder.exists():
            raise InputError(f"there is no index in {folder}; add pairs to one first")
        files = Files.open(folder, writable=not read_only, check=check)
        try:
            _same_settings(folder, files.about, near)
            segments: Segments = [(name, sizes) for name, sizes in files.about.get("segments", [])]
            view = View.of(files, segments, near)
        except BaseException:
            files.close()
            raise
        return cls(folder, near, threads or os.cpu_count() or 1, hot_size, files, view, segments)

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let another process write."""
        self.files.close()

    def __len__(self) -> int:
        return len(self.view.order)

    def __contains__(self, pair: str) -> bool:
        return bool(self._rows(id_texts([pair]))[0] >= 0)

    def kept(self) -> Iterator[str]:
        """The ids of the pairs that repeat no other, the preferred ones first."""
        repeated = np.zeros(len(self.view.nodes), np.bool_)
        repeated[self.view.found["row"]] = True
        return (self.view.ids[row] for row in self.view.order[~repeated[self.view.order]].tolist())

    def rows(self) -> Counts:
        """The rows of the pairs that are there, the preferred ones first."""
        return self.view.order

    def ids(self) -> Iterator[str]:
        """The ids of the pairs that are there, the preferred ones first."""
        return (self.view.ids[row] for row in self.view.order.tolist())

    def texts(self, side: Literal["question", "answer"]) -> Texts:
        """The normal questions or answers, by row; rows of removed pairs are among them."""
        return self.view.prepared.questions if side == "question" else self.view.prepared.answers

    def duplicates(self) -> Iterator[Repeat]:
        """The pairs that repeat a kept one, with it and the reason, in the order they were added."""
        return repeats_of(self.view, self.view.found)

    def add(
        self,
        ids: Sequence[str],
        questions: Sequence[str],
        answers: Sequence[str],
        ranks: Sequence[Rank] | None = None,
    ) -> Changes:
        """Add pairs, raw texts; of two that say the same, the one of the lower rank is kept, ties by id.

        All of them are in the index when this returns, or none where it raises: InputError for an id that is there.
        """
        named, ranked = id_texts(ids), rank_texts([()] * len(ids) if ranks is None else ranks)
        self._check(ids, named, questions, answers, ranked)
        new = prepare(questions, answers, **limits_of(self.near), threads=self.threads)
        first = len(self.view.nodes)
        own = same_texts(new)
        fresh = np.flatnonzero(own == np.arange(len(own)))
        texts = keys_of(new.questions, new.answers)
        there = np.full(len(new), -1, np.int64)
        there[fresh] = self._nodes(new, fresh, texts[fresh])
        fresh = fresh[there[fresh] < 0]
        across = self._across(new, fresh, every=True)
        with self._undone():
            append_pairs(self.files, new, named, ranked)
            self.files.append("nodes", np.where(there[own] >= 0, there[own], own + first).astype(np.int32))
            within = self._within(new, fresh)
            self.files.append("edges", edge_records(across.old, across.new + first, *_shares(across)))
            self.files.append("edges", edge_records(within.left + first, within.right + first, *_shares(within)))
            self.files.replace("hot", [np.union1d(across.hot, _hot_of(new, within))])
            lanes = fresh_lanes(new.asked.keys[fresh], texts[fresh], fresh, key_of_id(named), first)
            segments, dropped = self._with_segment(lanes, len(new))
            view = View.of(self.files, segments, self.near)
            order = merged_order(self.view.order, order_among(ranked, named) + first, view.ranks, view.ids)
            return self._commit(view, order, segments, dropped, len(new))

    def remove(self, ids: Sequence[str]) -> Changes:
        """Remove pairs: what repeats them is kept, or repeats another now. Their texts stay in the files for a while.

        InputError for an id that is not there; nothing is removed then.
        """
        rows = self._known(ids)
        if 2 * (len(self.view.nodes) - len(self) + len(rows)) > len(self.view.nodes):
            return self._rewritten(rows)
        with self._undone():
            live = self.view.live.copy()
            live[rows] = 0
            self.files.replace("dead", [np.flatnonzero(live == 0).astype(np.int32)])
            view = View.of(self.files, self.segments, self.near)
            return self._commit(view, self.view.order[live[self.view.order] > 0], self.segments, [], len(rows))

    def forget(self, ids: Sequence[str]) -> Changes:
        """Remove pairs and leave nothing of them, nor of pairs removed before, in any file: all are written anew.

        InputError for an id that is not there; nothing is removed then.
        """
        return self._rewritten(self._known(ids))

    def matches(self, questions: Sequence[str], answers: Sequence[str]) -> list[Match]:
        """What these pairs, raw texts, would repeat; nothing is added.

        In the order of the pairs, and for each the surest first. Pairs of the index with the very same texts are
        named once, by the preferred one; in buckets of thousands only pairs that are kept are looked at.
        """
        new = prepare(questions, answers, **limits_of(self.near), threads=self.threads)
        every = np.arange(len(new))
        stands = self._standing()
        exact = self._nodes(new, every, keys_of(new.questions, new.answers))
        across = self._across(new, every, every=False)
        said = [(n, node, "exact", 1.0, 1.0) for n, node in enumerate(exact.tolist()) if node >= 0]
        columns = (across.new, across.old, across.question, across.answer, across.differs)
        for n, node, question, answer, differs in zip(*(column.tolist() for column in columns), strict=True):
            if not differs and exact[n] != node:
                said.append((n, node, "near", question, answer))
        kept = {int(row): int(by) for row, by in zip(self.view.found["row"], self.view.found["kept"], strict=True)}
        result = []
        for n, node, rule, question, answer in said:
            row = int(stands[node])
            if row >= 0:
                names = {"id": self.view.ids[row], "kept": self.view.ids[kept.get(row, row)]}
                result.append(Match(pair=n, **names, rule=rule, question=question, answer=answer))  # type: ignore[arg-type]
        return sorted(result, key=lambda m: (m.pair, m.rule, -min(m.question, m.answer), m.id))

    def _check(
        self, ids: Sequence[str], named: Texts, questions: Sequence[str], answers: Sequence[str], ranked: Texts
    ) -> None:
        counts = {"ids": len(ids), "questions": len(questions), "answers": len(answers), "ranks": len(ranked)}
        if len(set(counts.values())) > 1:
            raise InputError(f"there are {counts}; give as many of each")
        if len(set(ids)) < len(ids):
            twice = next(one for n, one in enumerate(ids) if one in set(ids[:n]))
            raise InputError(f"the id {twice!r} is given twice; give every pair an id of its own")
        there = np.flatnonzero(self._rows(named) >= 0)
        if len(there):
            raise InputError(f"the pair {ids[there[0]]!r} is in {self.folder} already; remove it first")

    def _rows(self, ids: Texts) -> Counts:
        lanes, there = [segment.ids for segment in self.view.segments], (self.view.ids, self.view.ids)
        found: Counts = rows_of(ids, ids, key_of_id(ids), there, lanes, self.view.live)
        return found

    def _known(self, ids: Sequence[str]) -> Counts:
        rows = self._rows(id_texts(ids))
        if (rows < 0).any():
            raise InputError(f"there is no pair {ids[int(np.argmax(rows < 0))]!r} in {self.folder}; name one that is")
        return np.unique(rows)

    def _nodes(self, new: Prepared, numbers: Counts, keys: Any) -> Counts:
        """For each of these new pairs the row that stands for its texts; -1 where they are new."""
        old = self.view.prepared
        lanes = [segment.texts for segment in self.view.segments]
        mine = (new.questions, new.answers) if len(numbers) == len(new) else _texts_of(new, numbers)
        every = np.ones(len(self.view.nodes), np.uint8)
        found: Counts = rows_of(*mine, keys, (old.questions, old.answers), lanes, every)
        return found

    def _across(self, new: Prepared, numbers: Counts, *, every: bool) -> Across:
        """What is similar to these new pairs: all there is, or what is live and, in hot buckets, kept."""
        wanted = np.ones(len(self.view.nodes), np.uint8)
        of_hot = np.zeros(len(self.view.nodes), np.uint8)
        if not every:
            stands = self._standing()
            kept = np.zeros(len(self.view.nodes), np.bool_)
            kept[self.view.order] = True
            kept[self.view.found["row"]] = False
            wanted = (stands >= 0).astype(np.uint8)
            of_hot = ((stands >= 0) & kept[stands]).astype(np.uint8)
        return edges_across(
            new,
            numbers,
            self.view.prepared,
            self.view.segments,
            self.near,
            hot=self.view.hot,
            hot_size=self.hot_size,
            wanted=wanted,
            wanted_of_hot=of_hot,
            threads=self.threads,
        )

    def _standing(self) -> Counts:
        """For each row the preferred live pair with its texts, where the row stands for them; -1 for the others."""
        result = np.full(len(self.view.nodes), -1, np.int64)
        backwards = self.view.order[::-1]
        result[self.view.nodes[backwards]] = backwards
        return result

    def _within(self, new: Prepared, fresh: Counts) -> Edges:
        def work(first: int, last: int) -> list[Edges]:
            return [
                edges_of(new, fresh, band, **limits_of(self.near), hot=self.hot_size) for band in range(first, last)
            ]

        found = in_blocks(work, new.asked.keys.shape[1], self.threads)
        return pairs.joined_edges([part for parts in found for part in parts])

    def _with_segment(self, lanes: Any, count: int) -> tuple[Segments, list[str]]:
        """The segments with one more, of these lanes, or merged with the last ones; and what that replaces."""
        merged = to_merge([sizes[-1] for _, sizes in self.segments], count)
        stay = len(self.segments) - merged
        sizes: list[int] = []
        name = "segment_" + _letters(self.files.number + 1)
        self.files.replace(name, lane_parts([*(old.lanes for old in self.view.segments[stay:]), lanes], sizes))
        return [*self.segments[:stay], (name, sizes)], [old for old, _ in self.segments[stay:]]

    def _rewritten(self, rows: Counts) -> Changes:
        """Without these rows and those that were removed before."""
        with self._undone():
            live = self.view.live.copy()
            live[rows] = 0
            order = self.view.order[live[self.view.order] > 0]
            found = self.view.decided(self.near, order)
            changes = changes_between(self.view, self.view.found, found, live, len(rows))
            name = "segment_" + _letters(self.files.number + 1)
            sizes = rewrite(self.files, self.view, np.flatnonzero(live), order, found, name)
            segments: Segments = [(name, sizes)]
            self.files.commit(self._about(segments), ["dead", *(old for old, _ in self.segments)])
            self.segments = segments
            self.view = View.of(self.files, segments, self.near)
            return changes

    def _commit(self, view: View, order: Counts, segments: Segments, dropped: list[str], count: int) -> Changes:
        found = view.decided(self.near, order)
        self.files.replace("order", [order.astype(np.int32)])
        self.files.replace("found", [found])
        changes = changes_between(view, self.view.found, found, view.live, count)
        self.files.commit(self._about(segments), dropped)
        self.segments, self.view = segments, View.of(self.files, segments, self.near)
        return changes

    def _about(self, segments: Segments) -> dict[str, Any]:
        return {"format": FORMAT, "kernels": _kernels(), "settings": _plain(self.near), "segments": segments}

    @contextmanager
    def _undone(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.files.undo()
            raise


def _same_settings(folder: Path, about: dict[str, Any], near: NearSettings) -> None:
    if not about:
        return
    again = f"Delete {folder} and add all pairs again"
    mine, theirs = _plain(near), about["settings"]
    other = [f"{name} {theirs.get(name)!r} (now {mine[name]!r})" for name in mine if mine[name] != theirs.get(name)]
    if other:
        raise SettingsError(f"the index in {folder} was made with {', '.join(other)}. {again}, or set that back")
    if (about["format"], about["kernels"]) != (FORMAT, _kernels()):
        raise SettingsError(f"the index in {folder} was made by a tamiz that compares texts in another way. {again}")


def _plain(near: NearSettings) -> dict[str, Any]:
    """The settings as they come out of JSON. How the kept pair is chosen is among them: the ranks of old pairs are."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(near)))
    return plain


@functools.cache
def _kernels() -> str:
    """A name for the state of what compares texts: with another one, other pairs may be found."""
    sources = [path.read_bytes() for path in sorted(Path(pairs.__file__).parent.glob("*.py"))]
    return hashlib.sha256(b"\0".join(sources)).hexdigest()[:16]


def _letters(number: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in str(number))


def _texts_of(prepared: Prepared, numbers: Counts) -> tuple[Texts, Texts]:
    return prepared.questions.take(numbers), prepared.answers.take(numbers)


def _shares(found: Across | Edges) -> tuple[Any, Any, Any]:
    return found.question, found.answer, found.differs


def _hot_of(new: Prepared, edges: Edges) -> Hot:
    """The hot buckets of these edges, by band and key."""
    firsts = edges.hot[edges.starts[:-1]]
    keys = new.asked.keys[firsts, edges.bands].astype(np.uint64)
    return (edges.bands.astype(np.uint64) << np.uint64(32)) + keys
