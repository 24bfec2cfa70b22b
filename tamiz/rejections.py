"""Why pairs were rejected: how many for which reason, by source and by person, of the rejections that stand."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from tamiz import schema
from tamiz.store import Store

__all__ = ["Rejections", "reasons"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejections:
    """So many pairs of a source, rejected by somebody for a reason; `by` a rule, whose reasons name pairs, for ""."""

    reason: str
    source: str
    by: str
    pairs: int


def reasons(store: Store) -> list[Rejections]:
    """The rejections that stand, most frequent first. `by` is "person:NAME" or "rule:NAME"."""
    e, p = schema.event.c, schema.pair.c
    later = schema.event.alias().c
    newer = sa.select(later.seq).where(later.pair == e.pair, later.move == "reject", later.version > e.version)
    reason = sa.case((e.actor.like("rule:%"), ""), else_=e.reason)  # a rule's reason names the pair
    number = sa.func.count()
    query = (
        sa.select(reason.label("reason"), p.source, e.actor, number.label("pairs"))
        .join_from(schema.event, schema.pair, e.pair == p.id)
        .where(p.state == "rejected", e.move == "reject", ~newer.exists())
        .group_by(reason, p.source, e.actor)
        .order_by(number.desc(), reason, p.source, e.actor)
    )
    with store.database.read() as connection:
        return [
            Rejections(reason=row.reason, source=row.source, by=row.actor, pairs=row.pairs)
            for row in connection.execute(query)
        ]
