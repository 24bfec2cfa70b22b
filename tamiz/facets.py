"""What there is to filter by: counters by source, language, kind and label, kinds of findings, people who decided."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from tamiz import schema
from tamiz.moves import State
from tamiz.search import hits, parse
from tamiz.store import Store
from tamiz.triggers import LONGEST_VALUE

__all__ = ["by_state", "counted", "findings_there", "found_pairs", "people_there"]


def counted(store: Store, dimension: str, states: Sequence[State] = (), *, limit: int = 500) -> dict[str, int]:
    """How many pairs in these states (all, if none is given) each source, lang, kind or label has, most first."""
    f = schema.facet.c
    pairs = sa.func.sum(f.pairs).label("pairs")
    query = sa.select(f.value, pairs).where(f.dimension == dimension, *([f.state.in_(states)] if states else []))
    query = query.group_by(f.value).having(pairs > 0).order_by(pairs.desc(), f.value).limit(limit)
    with store.database.read() as connection:
        return {row.value: int(row.pairs) for row in connection.execute(query)}


def findings_there(store: Store) -> list[tuple[str, str]]:
    """The (step, kind) of all findings there are."""
    f = schema.finding.c
    there: list[tuple[str, str]] = []
    with store.database.read() as connection:
        while True:  # from one to the next in the index: there are few kinds and very many findings
            query = sa.select(f.step, f.kind).order_by(f.step, f.kind).limit(1)
            if there:
                query = query.where(sa.tuple_(f.step, f.kind) > sa.tuple_(*map(sa.literal, there[-1])))
            row = connection.execute(query).first()
            if row is None:
                return there
            there.append((row.step, row.kind))


def people_there(store: Store) -> list[str]:
    """Everybody who has ever decided something, as "person:NAME"."""
    actor, there = schema.event.c.actor, [""]
    with store.database.read() as connection:
        while True:
            beyond = sa.and_(actor > max(there[-1], "person:"), actor < "person;")
            found = connection.execute(sa.select(sa.func.min(actor)).where(beyond)).scalar()
            if found is None:
                return there[1:]
            there.append(found)


def by_state(
    connection: sa.Connection, column: str, values: Sequence[str], states: Sequence[State]
) -> dict[tuple[str, State], int]:
    """How many pairs of each of these values are in each state, from the counters."""
    f = schema.facet.c
    there = sa.and_(f.dimension == column, f.value.in_([value[:LONGEST_VALUE] for value in values]), f.pairs > 0)
    query = sa.select(f.value, f.state, f.pairs).where(there, *([f.state.in_(states)] if states else []))
    return {(row.value, row.state): row.pairs for row in connection.execute(query)}


def found_pairs(store: Store, text: str, limit: int) -> int | None:
    """How many pairs of any state a search finds, or None where they are more than `limit`."""
    with store.database.read() as connection:
        found = hits(connection, parse(text), limit=limit)
    return None if found is None else len(found)
