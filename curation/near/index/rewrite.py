"""An index written anew, with what is left of it: block by block, into files of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.near.index.files import Files
from curation.near.index.search import Hot
from curation.near.index.segments import fresh_lanes, lane_parts
from curation.near.index.view import Records, View, key_of_id, keys_of
from curation.near.signatures import Counts
from curation.near.texts import Texts

__all__ = ["rewrite"]

TOGETHER = 20_000  # rows that are read at a time


def rewrite(files: Files, view: View, rows: Counts, order: Counts, found: Records, segment: str) -> list[int]:
    """Replace all files by ones with these rows only, ascending, and one segment; the sizes of its lanes.

    `order` and `found` are in the old numbers, of these rows only.
    """
    moved = np.full(len(view.nodes), -1, np.int64)
    moved[rows] = np.arange(len(rows))
    nodes, firsts, which = np.unique(view.nodes[rows], return_index=True, return_inverse=True)
    stands = np.full(len(view.nodes), -1, np.int64)
    stands[nodes] = firsts  # another row may stand for the same texts now
    ids = view.ids
    for name, texts in (("questions", view.prepared.questions), ("answers", view.prepared.answers)):
        _rewrite_texts(files, name, texts, rows)
    for name, texts in (("ids", ids), ("ranks", view.ranks)):
        _rewrite_texts(files, name, texts, rows)
    asked, answered = view.prepared.asked, view.prepared.answered
    columns: dict[str, npt.NDArray[Any]] = {
        "keys": asked.keys,
        "guards": view.prepared.guards,
        "question_thumbs": asked.thumbs,
        "answer_thumbs": answered.thumbs,
    }
    for name, column in columns.items():
        files.replace(name, (column[part] for part in _blocks(rows)))
    files.replace("nodes", [firsts[which].astype(np.int32)])
    files.replace("edges", [_moved(view.edges, ("left", "right"), stands)])
    files.replace("found", [_moved(found, ("row", "kept"), moved)])
    files.replace("order", [moved[order].astype(np.int32)])
    representatives = np.sort(firsts)
    chosen = rows[representatives]
    keys = asked.keys[chosen]
    files.replace("hot", [_met(view.hot, keys)])
    texts_keys = np.concatenate([np.zeros(0, np.uint32), *(_text_keys(view, part) for part in _blocks(chosen))])
    id_keys = np.concatenate([np.zeros(0, np.uint32), *(key_of_id(ids.take(part)) for part in _blocks(rows))])
    sizes: list[int] = []
    files.replace(segment, lane_parts([fresh_lanes(keys, texts_keys, representatives, id_keys, 0)], sizes))
    return sizes


def _blocks(rows: Counts) -> Iterator[Counts]:
    return (rows[start : start + TOGETHER] for start in range(0, len(rows), TOGETHER))


def _rewrite_texts(files: Files, name: str, texts: Texts, rows: Counts) -> None:
    files.replace(name, (texts.take(part).data for part in _blocks(rows)))
    starts = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(np.diff(texts.starts)[rows], out=starts[1:])
    files.replace(f"{name}_starts", [starts])


def _text_keys(view: View, rows: Counts) -> npt.NDArray[np.uint32]:
    return keys_of(view.prepared.questions.take(rows), view.prepared.answers.take(rows))


def _moved(records: Records, names: tuple[str, str], numbers: Counts) -> Any:
    """The records of which both rows are left, with the new numbers."""
    one, other = numbers[records[names[0]]], numbers[records[names[1]]]
    left = (one >= 0) & (other >= 0)
    result = records[left]
    result[names[0]], result[names[1]] = one[left], other[left]
    return result


def _met(hot: Hot, keys: npt.NDArray[np.uint32]) -> Hot:
    """The hot buckets that one of these is in."""
    bands, values = (hot >> np.uint64(32)).astype(np.int64), (hot & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    met = [bool((keys[:, band] == value).any()) for band, value in zip(bands.tolist(), values, strict=True)]
    return hot[np.array(met, np.bool_)]
