"""What an index holds at one moment: its columns, memory-mapped, and what is decided about its pairs."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.near.bands import Banded, Keys, choose_bands, thumb_words
from curation.near.index.files import Files
from curation.near.index.search import Flags, Hot
from curation.near.index.segments import Segment
from curation.near.pairs import ANSWER_VALUES, Decision, Edges, Prepared, decide
from curation.near.signatures import Counts
from curation.near.texts import Texts
from tamiz.settings import NearSettings

__all__ = ["EDGE", "FOUND", "View", "append_pairs", "append_texts", "edge_records", "key_of_id", "keys_of", "limits_of"]

EDGE = np.dtype([("left", "<i4"), ("right", "<i4"), ("question", "<f8"), ("answer", "<f8"), ("differs", "i1")])
FOUND = np.dtype([("row", "<i4"), ("kept", "<i4"), ("rule", "i1"), ("question", "<f8"), ("answer", "<f8")])
Records = npt.NDArray[Any]  # of EDGE or FOUND


@dataclass(frozen=True, slots=True)
class View:
    """Pairs by row, in the order they were added; rows of removed pairs stay until the files are rewritten.

    nodes     (rows,) int64, the row that stands for all with the same texts; it may be one that was removed
    live      (rows,) uint8, 0: the pair was removed
    order     (live,) int64, the rows of live pairs, the preferred ones first
    found     FOUND records, what repeats what
    edges     EDGE records
    hot       buckets of bands that are too large to compare all with all: (band << 32) + key
    """

    prepared: Prepared
    ids: Texts
    ranks: Texts
    nodes: Counts
    live: Flags
    order: Counts
    found: Records
    edges: Records
    hot: Hot
    segments: tuple[Segment, ...]

    @classmethod
    def of(cls, files: Files, segments: Sequence[tuple[str, Sequence[int]]], near: NearSettings) -> View:
        """What is in these files."""
        bands = choose_bands(near.threshold, near.num_perm)[0]
        nodes = files.array("nodes", np.int32).astype(np.int64)
        live = np.ones(len(nodes), np.uint8)
        live[files.array("dead", np.int32)] = 0
        column = files.array
        prepared = Prepared(
            questions=_texts(files, "questions"),
            answers=_texts(files, "answers"),
            asked=Banded(
                column("keys", np.uint32, bands),
                column("question_thumbs", np.uint64, thumb_words(near.num_perm)),
            ),
            answered=Banded(
                np.zeros((len(nodes), 0), np.uint32),
                column("answer_thumbs", np.uint64, thumb_words(min(near.num_perm, ANSWER_VALUES))),
            ),
            guards=column("guards", np.uint32),
        )
        return cls(
            prepared=prepared,
            ids=_texts(files, "ids"),
            ranks=_texts(files, "ranks"),
            nodes=nodes,
            live=live,
            order=column("order", np.int32).astype(np.int64),
            found=column("found", FOUND),
            edges=column("edges", EDGE),
            hot=column("hot", np.uint64),
            segments=tuple(Segment.read(column(name, np.uint32), sizes) for name, sizes in segments),
        )

    def decided(self, near: NearSettings, order: Counts) -> Records:
        """What repeats what when these rows, in this order of preference, are all the pairs there are."""
        rest = np.ones(len(self.nodes), np.bool_)
        rest[order] = False
        hot, starts, bands = self._hot_members()
        columns = [self.edges[name].astype(np.int64) for name in ("left", "right")]
        shares = [np.ascontiguousarray(self.edges[name]) for name in ("question", "answer", "differs")]
        edges = Edges(columns[0], columns[1], shares[0], shares[1], shares[2], hot, starts, bands)
        whole = np.concatenate([order, np.flatnonzero(rest)])  # removed ones last: they stand in nobody's way
        settings: dict[str, Any] = {"threshold": near.threshold, "ngram": near.ngram, "num_perm": near.num_perm}
        return _records(decide(self.prepared, self.nodes, edges, whole, **settings), order)

    def _hot_members(self) -> tuple[Counts, Counts, Counts]:
        bands = (self.hot >> np.uint64(32)).astype(np.int64)
        keys = (self.hot & np.uint64(0xFFFFFFFF)).astype(np.uint32)
        buckets = []
        for band, key in zip(bands.tolist(), keys, strict=True):
            lanes = [segment.lanes[band] for segment in self.segments]
            ranges = [(lane, *lane.places(key[None])) for lane in lanes]
            buckets.append(np.concatenate([lane.rows[low[0] : high[0]] for lane, low, high in ranges]))
        members = np.concatenate([np.zeros(0, np.int32), *buckets]).astype(np.int64)
        return members, np.cumsum([0, *map(len, buckets)]).astype(np.int64), bands


def append_texts(files: Files, name: str, texts: Texts) -> None:
    """Write texts at the end of their two columns."""
    starts = files.array(f"{name}_starts", np.int64)
    if not len(starts):
        files.append(f"{name}_starts", np.zeros(1, np.int64))
    files.append(name, texts.data[texts.starts[0] : texts.starts[-1]])
    files.append(f"{name}_starts", texts.starts[1:] - texts.starts[0] + (starts[-1] if len(starts) else 0))


def append_pairs(files: Files, new: Prepared, ids: Texts, ranks: Texts) -> None:
    """Write pairs at the end of the columns; `nodes` come apart."""
    for name, texts in (("questions", new.questions), ("answers", new.answers), ("ids", ids), ("ranks", ranks)):
        append_texts(files, name, texts)
    files.append("keys", new.asked.keys)
    files.append("guards", new.guards)
    for name, part in (("question", new.asked), ("answer", new.answered)):
        files.append(f"{name}_thumbs", part.thumbs)


def edge_records(left: Counts, right: Counts, question: Any, answer: Any, differs: Any) -> Records:
    """Edges as they are written."""
    records = np.zeros(len(left), EDGE)
    for name, values in zip(EDGE.names or (), (left, right, question, answer, differs), strict=True):
        records[name] = values
    return records


def keys_of(first: Texts, second: Texts) -> Keys:
    """A hash of each pair of texts, (n,) uint32."""
    one, other = first.data.data, second.data.data
    begin, end = first.starts.tolist(), second.starts.tolist()
    return np.fromiter(
        (zlib.crc32(other[end[n] : end[n + 1]], zlib.crc32(one[begin[n] : begin[n + 1]])) for n in range(len(first))),
        np.uint32,
        len(first),
    )


def key_of_id(ids: Texts) -> Keys:
    """A hash of each id, (n,) uint32."""
    raw, starts = ids.data.data, ids.starts.tolist()
    return np.fromiter((zlib.crc32(raw[starts[n] : starts[n + 1]]) for n in range(len(ids))), np.uint32, len(ids))


def limits_of(near: NearSettings) -> dict[str, Any]:
    """What `prepare` and `edges_of` need to know."""
    return {"threshold": near.threshold, "ngram": near.ngram, "num_perm": near.num_perm}


def _texts(files: Files, name: str) -> Texts:
    starts = files.array(f"{name}_starts", np.int64)
    return Texts(files.array(name, np.uint8), starts if len(starts) else np.zeros(1, np.int64))


def _records(decision: Decision, live: Counts) -> Records:
    rows = np.sort(live[decision.rule[live] > 0])
    records = np.zeros(len(rows), FOUND)
    columns = (rows, decision.kept_by[rows], decision.rule[rows], decision.question[rows], decision.answer[rows])
    for name, values in zip(FOUND.names or (), columns, strict=True):
        records[name] = values
    return records
