"""The pairs of a long table, held as columns of plain arrays: what they are compared by, and no string of theirs."""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.near.bands import Banded
from curation.near.pairs import Prepared, prepare
from curation.near.texts import Texts
from tamiz.settings import NearSettings

__all__ = ["PairColumns"]

TOGETHER = 20_000  # pairs that are prepared together


class Growing:
    """An array that grows in place: a long one is never held twice."""

    def __init__(self, kind: type, width: int = 0) -> None:
        self._data = bytearray()
        self._kind = np.dtype(kind)
        self._width = width

    def add(self, values: npt.NDArray[Any]) -> None:
        self._data += np.ascontiguousarray(values, self._kind).tobytes()

    @property
    def array(self) -> npt.NDArray[Any]:
        values = np.frombuffer(self._data, self._kind)
        return values.reshape(-1, self._width) if self._width else values


class _GrowingTexts:
    def __init__(self) -> None:
        self._data = Growing(np.uint8)
        self._ends = Growing(np.int64)
        self._ends.add(np.zeros(1, np.int64))
        self._size = 0

    def add(self, texts: Texts) -> None:
        self._data.add(texts.data[: texts.starts[-1]])
        self._ends.add(texts.starts[1:] + self._size)
        self._size += int(texts.starts[-1])

    @property
    def texts(self) -> Texts:
        return Texts(self._data.array, self._ends.array)


class _GrowingBands:
    def __init__(self) -> None:
        self._columns: tuple[Growing, Growing] | None = None

    def add(self, banded: Banded) -> None:
        if self._columns is None:
            widths = banded.keys.shape[1], banded.thumbs.shape[1]
            self._columns = Growing(np.uint32, widths[0]), Growing(np.uint64, widths[1])
        arrays: tuple[npt.NDArray[Any], ...] = (banded.keys, banded.thumbs)
        for column, values in zip(self._columns, arrays, strict=True):
            column.add(values)

    def banded(self, count: int) -> Banded:
        assert self._columns is not None
        keys, thumbs = (column.array for column in self._columns)
        return Banded(keys if keys.ndim == 2 else np.zeros((count, 0), np.uint32), thumbs)


class PairColumns:
    """Pairs, added one by one with the number of their row and their id."""

    def __init__(self, near: NearSettings, threads: int) -> None:
        self._near = near
        self._threads = threads
        self._worker = ThreadPoolExecutor(1)
        self._waiting: Future[Prepared] | None = None
        self._asked: list[str] = []
        self._answered: list[str] = []
        self._rows: list[int] = []
        self._row = Growing(np.int64)
        self._texts = _GrowingTexts(), _GrowingTexts()
        self._bands = _GrowingBands(), _GrowingBands()
        self._guards = Growing(np.uint32)
        self._ids = bytearray()
        self._id_ends = Growing(np.int64)
        self._waiting_ends: list[int] = []
        self.all_named = True

    def add(self, row: int, name: Any, question: str, answer: str) -> None:
        self._rows.append(row)
        self._asked.append(question)
        self._answered.append(answer)
        if name in (None, ""):
            self.all_named = False
        else:
            self._ids += _as_json(name).encode("utf-8", "replace")
        self._waiting_ends.append(len(self._ids))
        if len(self._rows) == TOGETHER:
            self._prepare()

    def _prepare(self) -> None:
        """Prepare what was added; with several threads, while more is read."""
        near, asked, answered = self._near, self._asked, self._answered
        self._asked, self._answered = [], []
        self._row.add(np.array(self._rows, np.int64))
        self._id_ends.add(np.array(self._waiting_ends, np.int64))
        self._rows.clear()
        self._waiting_ends.clear()

        def work() -> Prepared:
            limits = {"threshold": near.threshold, "ngram": near.ngram, "num_perm": near.num_perm}
            return prepare(asked, answered, **limits, threads=self._threads)  # type: ignore[arg-type]

        self._take()
        if self._threads == 1:
            self._append(work())
        else:
            self._waiting = self._worker.submit(work)

    def _take(self) -> None:
        if self._waiting is not None:
            self._append(self._waiting.result())
            self._waiting = None

    def _append(self, part: Prepared) -> None:
        for texts, mine in zip(self._texts, (part.questions, part.answers), strict=True):
            texts.add(mine)
        for bands, banded in zip(self._bands, (part.asked, part.answered), strict=True):
            bands.add(banded)
        self._guards.add(part.guards)

    def prepared(self) -> Prepared:
        """All pairs, ready to be compared; nothing can be added after."""
        self._prepare()
        self._take()
        self._worker.shutdown()
        count = len(self._row.array)
        return Prepared(
            questions=self._texts[0].texts,
            answers=self._texts[1].texts,
            asked=self._bands[0].banded(count),
            answered=self._bands[1].banded(count),
            guards=self._guards.array,
        )

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """(n,) the number of each pair's row, from 0."""
        return self._row.array

    def name(self, pair: int) -> Any:
        """The id of a pair's row, or its number from 1 where it has none."""
        ends = self._id_ends.array
        written = self._ids[int(ends[pair - 1]) if pair else 0 : int(ends[pair])]
        return _from_json(written) if written else int(self.rows[pair]) + 1

    def names(self) -> list[str]:
        """The ids of all pairs' rows, as text."""
        names, start = [], 0
        for first in range(0, len(self.rows), TOGETHER):
            rows = self.rows[first : first + TOGETHER].tolist()
            for row, end in zip(rows, self._id_ends.array[first : first + TOGETHER].tolist(), strict=True):
                names.append(str(_from_json(self._ids[start:end]) if end > start else row + 1))
                start = end
        return names


def _as_json(name: Any) -> str:
    if type(name) is str:
        return json.encoder.encode_basestring(name)
    return json.dumps(name, ensure_ascii=False, default=str)


def _from_json(written: bytearray) -> Any:
    if written.startswith(b'"') and b"\\" not in written:
        return written[1:-1].decode()
    return json.loads(written)
