"""What people say of two pairs: "different" ones are no copies of each other. Every word on it is another entry.

A relation is between two pairs as they are, and holds for whatever is made of either: see `made_of`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from tamiz import schema
from tamiz.errors import Conflict
from tamiz.store import CHUNK, Store

__all__ = ["Related", "Relation", "add_relations", "different_pairs", "made_of", "open_again", "relations_of"]

Related = Literal["different", "open"]
SAME = "somebody else has said something about these two pairs meanwhile; look at them again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """One entry about the pairs `first` and `second`, by their ids in order; the highest version stands."""

    first: str
    second: str
    version: int
    relation: Related
    actor: str
    action: str
    at: str


def different_pairs(store: Store) -> list[tuple[str, str]]:
    """The pairs of pairs that somebody calls different, and nobody has taken that back."""
    r, later = schema.relation.c, schema.relation.alias().c
    newer = sa.select(later.seq).where(later.first == r.first, later.second == r.second, later.version > r.version)
    query = sa.select(r.first, r.second).where(r.relation == "different", ~newer.exists()).order_by(r.seq)
    with store.database.read() as connection:
        return [(first, second) for first, second in connection.execute(query)]


def relations_of(store: Store, pairs: Sequence[str]) -> list[Relation]:
    """Everything that was ever said about any of these pairs and another, oldest first."""
    r = schema.relation
    found: dict[int, Relation] = {}
    with store.database.read() as connection:
        for start in range(0, len(pairs), CHUNK):
            part = pairs[start : start + CHUNK]
            query = sa.select(r).where(sa.or_(r.c.first.in_(part), r.c.second.in_(part)))
            for row in connection.execute(query).mappings():
                found[row["seq"]] = Relation(**{name: value for name, value in row.items() if name != "seq"})
    return [found[seq] for seq in sorted(found)]


def made_of(store: Store, pairs: Iterable[str]) -> dict[str, str]:
    """The pairs that edits have made of these, and of those in turn: {made: what it was made of}, first edits first.

    An edit that was undone made nothing.
    """
    e, p = schema.event.c, schema.pair.c
    made: dict[str, str] = {}
    with store.database.read() as connection:
        waiting = sorted(set(pairs))
        while waiting:
            found: dict[str, str] = {}
            for start in range(0, len(waiting), CHUNK):
                part = waiting[start : start + CHUNK]
                edits = sa.select(e.makes, e.pair).where(e.pair.in_(part), e.move == "edit", e.makes == p.id)
                stands = edits.where(p.state != "withdrawn").order_by(e.seq)
                found |= {new: old for new, old in connection.execute(stands) if new not in made}
            made |= found
            waiting = sorted(found)
    return made


def add_relations(
    connection: sa.Connection, pairs: Iterable[tuple[str, str]], relation: Related, *, at: str, actor: str, action: str
) -> int:
    """Say this of each two of these pairs, where it does not stand already; how many entries were made."""
    made = 0
    for one, other in pairs:
        first, second = sorted((one, other))
        stood, version = _standing(connection, first, second)
        if stood == relation:
            continue
        _insert(connection, (first, second, version + 1, relation), at=at, actor=actor, action=action)
        made += 1
    return made


def open_again(connection: sa.Connection, said: str, *, at: str, actor: str, action: str) -> list[tuple[str, str]]:
    """Take back what the action `said` called different: the pairs of pairs. Conflict where more was said since."""
    r = schema.relation.c
    query = sa.select(r.first, r.second, r.version).where(r.action == said, r.relation == "different").order_by(r.seq)
    taken = []
    for first, second, version in connection.execute(query).all():
        if _standing(connection, first, second)[1] != version:
            raise Conflict(SAME)
        _insert(connection, (first, second, version + 1, "open"), at=at, actor=actor, action=action)
        taken.append((first, second))
    return taken


def _standing(connection: sa.Connection, first: str, second: str) -> tuple[str, int]:
    r = schema.relation.c
    query = sa.select(r.relation, r.version).where(r.first == first, r.second == second)
    row = connection.execute(query.order_by(r.version.desc()).limit(1)).first()
    return ("open", 0) if row is None else (str(row.relation), int(row.version))


def _insert(connection: sa.Connection, said: tuple[str, str, int, str], *, at: str, actor: str, action: str) -> None:
    values = dict(zip(("first", "second", "version", "relation"), said, strict=True))
    try:
        with connection.begin_nested():
            connection.execute(sa.insert(schema.relation).values(**values, at=at, actor=actor, action=action))
    except sa.exc.IntegrityError:  # the same version, a moment ago
        raise Conflict(SAME) from None
