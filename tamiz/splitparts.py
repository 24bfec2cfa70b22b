"""Which part of the split a pair was assigned to, for good: what an export claims, later ones find.

A claim is one transaction. Who computed a split from an older state is told so, and computes again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from tamiz import schema
from tamiz.records import Split
from tamiz.store import Store

__all__ = ["SplitParts", "accepted_ids", "ancestry", "claim_parts", "split_parts"]

ROWS = 5000  # inserted at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitParts:
    """The assignment as it stands: parts by pair, and how many pairs were assigned under which settings.

    `last` is the newest claim (0: none yet); a claim made from this state holds only while it is the newest.
    """

    last: int = 0
    epoch: int = 0
    parts: Mapping[str, Split] = field(default_factory=dict)
    asked: tuple[tuple[Mapping[str, Any], int], ...] = ()


def split_parts(store: Store) -> SplitParts:
    """The parts of the newest epoch."""
    c, p = schema.split_claim.c, schema.split_part.c
    with store.database.read() as connection:
        head = _newest(connection)
        if head is None:
            return SplitParts()
        query = sa.select(p.pair, p.part, p.claim).where(p.epoch == head.epoch, p.claim <= head.seq)
        rows = connection.execute(query).all()
        claims = connection.execute(sa.select(c.seq, c.settings).where(c.epoch == head.epoch, c.seq <= head.seq)).all()
    counts: dict[int, int] = {}
    for row in rows:
        counts[row.claim] = counts.get(row.claim, 0) + 1
    asked = tuple((json.loads(settings), counts[seq]) for seq, settings in claims if seq in counts)
    return SplitParts(last=head.seq, epoch=head.epoch, parts={row.pair: row.part for row in rows}, asked=asked)


def claim_parts(
    store: Store, known: SplitParts, parts: Mapping[str, Split], settings: Mapping[str, Any], *, anew: bool = False
) -> bool:
    """Assign these pairs for good, all or none; False when somebody has claimed since `known` was read.

    Nothing is written for no pairs. `anew` begins another epoch, in which only these pairs have a part.
    """

    def work(connection: sa.Connection) -> bool:
        # one claim at a time: SQLite has one writer anyway, PostgreSQL waits for this row
        connection.execute(sa.select(schema.meta).where(schema.meta.c.name == "schema").with_for_update())
        head = _newest(connection)
        if (head.seq if head else 0) != known.last:
            return False
        if not parts:
            return True
        epoch = known.epoch + 1 if anew or not known.last else known.epoch
        values = {"epoch": epoch, "at": store.timestamp(), "settings": json.dumps(settings, sort_keys=True)}
        claim = connection.execute(sa.insert(schema.split_claim).returning(schema.split_claim.c.seq), values).scalar()
        rows = [{"claim": claim, "epoch": epoch, "pair": pair, "part": part} for pair, part in sorted(parts.items())]
        for start in range(0, len(rows), ROWS):
            connection.execute(sa.insert(schema.split_part), rows[start : start + ROWS])
        return True

    return store.database.write(work)


def ancestry(store: Store) -> dict[str, tuple[str, ...]]:
    """What each pair was made from, of all pairs that were made from others, in whatever state."""
    p = schema.pair.c
    query = sa.select(p.id, p.made_from).where(p.made_from != "[]")
    with store.database.read() as connection:
        return {pair: tuple(json.loads(origins)) for pair, origins in connection.execute(query)}


def accepted_ids(store: Store) -> set[str]:
    """The pairs that an export now would be made of."""
    p = schema.pair.c
    with store.database.read() as connection:
        return set(connection.execute(sa.select(p.id).where(p.state == "accepted")).scalars())


def _newest(connection: sa.Connection) -> Any:
    c = schema.split_claim.c
    return connection.execute(sa.select(c.seq, c.epoch).order_by(c.seq.desc()).limit(1)).first()
