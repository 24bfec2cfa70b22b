"""Which of several copies is kept: by policies, one after the other, and in the end by id.

accepted  an answer that was marked as accepted: true, yes, 1, sí, verdadero
votes     the one with more votes; none counts as 0
longest   the longer answer
newest    the one written later (`written_at`, else `created_at`, else `fetched_at`); one without a date comes last
source    the one whose source stands first in the given order, without an order whose source was met first
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from tamiz.errors import InputError
from tamiz.settings import KEEP_POLICIES, NearSettings

__all__ = ["POLICIES", "PreferenceColumns", "id_ranks"]

POLICIES: tuple[str, ...] = NearSettings().keep
DATES = ("written_at", "created_at", "fetched_at")
YES = ("true", "yes", "1", "1.0", "sí", "si", "verdadero")  # what spreadsheets and databases write
FARTHEST = 2**62  # votes beyond are taken for this
FIRST, LAST = (int(datetime(year, 12, 1, tzinfo=UTC).timestamp()) for year in (1, 9998))  # that can be shown
_YEAR_OR_MONTH = re.compile(r"(\d{4})(?:-(\d{2}))?")


class PreferenceColumns:
    """What pairs are preferred by: a column of numbers for each policy, the lowest preferred; pairs are added to it.

    >>> copies = PreferenceColumns(["votes", "longest"])
    >>> copies.add({"votes": 2}, "Sí."); copies.add({"votes": "7"}, "Sí, claro.")
    >>> copies.order().tolist(), copies.why(1, 0)
    ([1, 0], 'has more votes (7 / 2)')
    """

    def __init__(self, policies: Sequence[str] = POLICIES, sources: Sequence[str] = ()) -> None:
        unknown = next((name for name in policies if name not in KEEP_POLICIES), None)
        if unknown is not None:
            raise InputError(
                f"there is no policy {unknown!r} to keep copies by; name some of {', '.join(KEEP_POLICIES)}"
            )
        self.policies = tuple(dict.fromkeys(policies))
        self._columns = {name: array("q") for name in self.policies}
        self._sources = {name: place for place, name in enumerate(sources)}
        self._given = bool(sources)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, values: Mapping[str, Any], answer: str) -> None:
        """One more pair, by what its record or its row says; a value of another kind counts as none."""
        self._count += 1
        for name, column in self._columns.items():
            if name == "accepted":
                marked = values.get("accepted")
                column.append(0 if marked is not None and str(marked).strip().casefold() in YES else 1)
            elif name == "votes":
                column.append(-_number(values.get("votes")))
            elif name == "longest":
                column.append(-len(answer))
            elif name == "newest":
                column.append(_age(values))
            else:
                column.append(self._source(str(values.get("source") or "")))

    def _source(self, name: str) -> int:
        if self._given:
            return self._sources.get(name, len(self._sources))
        return self._sources.setdefault(name, len(self._sources))

    def order(self, ties: npt.NDArray[np.int64] | None = None) -> npt.NDArray[np.int64]:
        """The numbers of the pairs, the preferred ones first; (n,) int64.

        ties  (n,) what decides where all policies see no difference, the lowest first (`id_ranks`); as added without
        """
        columns = [np.frombuffer(self._columns[name], np.int64) for name in reversed(self.policies)]
        last = np.arange(self._count) if ties is None else ties
        order: npt.NDArray[np.int64] = np.lexsort([last, *columns])
        return order

    def why(self, kept: int, removed: int) -> str:
        """Why the one pair is preferred to the other, to be read after "the other one" or "the kept one"."""
        for name in self.policies:
            better, worse = self._columns[name][kept], self._columns[name][removed]
            if better != worse:
                return _REASONS[name](better, worse)
        return "stands before by its id"


def id_ranks(ids: Sequence[str]) -> npt.NDArray[np.int64]:
    """The place of each id among all of them in alphabetical order; (n,) int64.

    >>> id_ranks(["c", "a", "b"]).tolist()
    [2, 0, 1]
    """
    ranks = np.empty(len(ids), np.int64)
    ranks[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    return ranks


def _number(value: Any) -> int:
    if value is None:
        return 0
    try:
        number = float(value)
    except (TypeError, ValueError):
        return 0
    return int(max(-FARTHEST, min(FARTHEST, number))) if math.isfinite(number) else 0


def _age(values: Mapping[str, Any]) -> int:
    """The seconds from when it was written to 1970: the newest has the lowest. FARTHEST without a date."""
    for name in DATES:
        value = values.get(name)
        moment = None if value is None else _moment(value)
        if moment is not None:
            return -max(FIRST, min(LAST, int(moment.timestamp())))
    return FARTHEST


def _moment(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return _month(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value


def _month(text: str) -> datetime | None:
    found = _YEAR_OR_MONTH.fullmatch(text.strip())
    year, month = (int(found[1]), int(found[2] or 1)) if found else (0, 0)
    return datetime(year, month, 1, tzinfo=UTC) if year and 1 <= month <= 12 else None


def _newer(better: int, worse: int) -> str:
    if worse == FARTHEST:
        return f"has a date ({datetime.fromtimestamp(-better, UTC):%Y-%m})"
    moments = [datetime.fromtimestamp(-age, UTC) for age in (better, worse)]
    shown = [[f"{one:{form}}" for one in moments] for form in ("%Y-%m", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S")]
    new, old = next(two for two in shown if two[0] != two[1])
    return f"is newer ({new} / {old})"


_REASONS: dict[str, Callable[[int, int], str]] = {
    "accepted": lambda _, __: "is the accepted answer",
    "votes": lambda better, worse: f"has more votes ({-better} / {-worse})",
    "longest": lambda _, __: "has the longer answer",
    "newest": _newer,
    "source": lambda _, __: "comes from a source that stands before",
}
