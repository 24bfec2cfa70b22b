"""Which things belong together, by way of others."""

from __future__ import annotations

from collections.abc import Iterable

from tamiz.records import Pair

__all__ = ["Groups", "families"]


class Groups:
    """Sets that grow together (union-find). A group is called by its smallest member, whatever the order.

    >>> groups = Groups()
    >>> groups.join("b", "c"); groups.join("c", "a")
    >>> groups.of("b")
    'a'
    """

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def of(self, member: str) -> str:
        root = member
        while (parent := self._parent.get(root, root)) != root:
            root = parent
        while (parent := self._parent.get(member, member)) != root:
            self._parent[member] = root
            member = parent
        return root

    def join(self, one: str, other: str) -> None:
        first, second = sorted((self.of(one), self.of(other)))
        if first != second:
            self._parent[second] = first


def families(pairs: Iterable[Pair]) -> Groups:
    """Pairs that were made from each other, or from the same pair, even one that is not among these."""
    groups = Groups()
    for pair in pairs:
        for origin in pair.made_from:
            groups.join(pair.id, origin)
    return groups
