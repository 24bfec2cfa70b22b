"""Which pairs people have told apart: no copies of each other, whatever a step sees in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from tamiz.records import Finding
from tamiz.relations import different_pairs, made_of
from tamiz.store import Store

__all__ = ["Apart"]


class Apart:
    """Pairs that are different by the word of people, and what was made of them.

    >>> apart = Apart([("a", "b")], made={"b2": "b"})
    >>> apart("b2", "a"), apart("a", "c")
    (True, False)
    """

    def __init__(self, different: Iterable[tuple[str, str]] = (), made: Mapping[str, str] | None = None) -> None:
        self._origin: dict[str, str] = {}
        for new, old in (made or {}).items():
            self._origin[new] = self._origin.get(old, old)
        self._others: dict[str, set[str]] = defaultdict(set)
        for one, other in different:
            first, second = self._first(one), self._first(other)
            self._others[first].add(second)
            self._others[second].add(first)

    @classmethod
    def of(cls, store: Store) -> Apart:
        """As people have said by now."""
        different = different_pairs(store)
        return cls(different, made_of(store, {pair for both in different for pair in both}))

    def __bool__(self) -> bool:
        return bool(self._others)

    def __call__(self, one: str, other: str) -> bool:
        """Whether these two were told apart."""
        return self._first(other) in self._others.get(self._first(one), ())

    def leaves(self, finding: Finding) -> bool:
        """Whether the finding may be: it names no pair that its own was told apart from."""
        return not finding.witness or not self(finding.pair, finding.witness)

    def _first(self, pair: str) -> str:
        return self._origin.get(pair, pair)
