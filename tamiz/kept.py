"""Personal data that a person lets stand, because it is public: findings of their own, whose note is who said so.

They go along when a pair is edited. Taking one back is another entry; nothing is erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace

import sqlalchemy as sa

from tamiz import schema
from tamiz.errors import Conflict
from tamiz.people import permit_within
from tamiz.records import KEPT_STEP, PRIVACY_STEP, Finding, Pair
from tamiz.store import Store

__all__ = ["carry_kept", "found_texts", "keep", "take_back", "unsettled"]


def keep(store: Store, finding: Finding, by: str) -> None:
    """Let what this finding found stand in its pair; Conflict unless `by` holds the pair."""
    settled = replace(finding, step=KEPT_STEP, after=None, confidence=1.0, witness="", note=by)

    def work(connection: sa.Connection) -> None:
        kept = [one for one in _kept(connection, finding.pair) if not _same(one, finding)]
        _write(connection, store, finding.pair, [*kept, settled], by)

    store.database.write(work)


def take_back(store: Store, finding: Finding, by: str) -> None:
    """Let it stand no more; Conflict unless `by` holds the pair."""

    def work(connection: sa.Connection) -> None:
        left = [one for one in _kept(connection, finding.pair) if not _same(one, finding)]
        _write(connection, store, finding.pair, left, by)

    store.database.write(work)


def unsettled(findings: Iterable[Finding]) -> list[Finding]:
    """The findings of a pair without those that a person has settled, and without their word on it."""
    every = list(findings)
    kept = {one.before for one in every if one.step == KEPT_STEP}
    return [one for one in every if one.step != KEPT_STEP and not (one.step == PRIVACY_STEP and one.before in kept)]


def found_texts(store: Store, step: str, kinds: Sequence[str]) -> frozenset[str]:
    """The texts in which this step has found something of these kinds, in any pair."""
    f = schema.finding.c
    query = sa.select(f.before).where(f.step == step, f.kind.in_(kinds), f.before != "").distinct()
    with store.database.read() as connection:
        return frozenset(connection.execute(query).scalars())


def carry_kept(connection: sa.Connection, pair: str, made: Pair, *, at: str) -> None:
    """What was let stand in a pair is let stand in the one made from it, wherever it is there."""
    found = []
    turns = "\n".join(f"{turn.content}\n{turn.tool_calls}" for turn in made.context)
    for one in _kept(connection, pair):
        text = getattr(made, one.field, turns)
        if one.before and one.before in text:
            start = one.start if text is turns else text.index(one.before)
            found.append(replace(one, pair=made.id, start=start, end=start + len(one.before)))
    if found:
        _write_look(connection, made.id, found, at=at, by=pair)


def _write(connection: sa.Connection, store: Store, pair: str, kept: Sequence[Finding], by: str) -> None:
    permit_within(connection, by, "decide")
    p = schema.pair.c
    held = sa.select(p.id).where(p.id == pair, p.claimed_by == by, p.claimed_until > store.seconds())
    if connection.execute(held).first() is None:
        raise Conflict(f"the time kept for pair {pair} has ended; look at it again")
    _write_look(connection, pair, kept, at=store.timestamp(), by=by)


def _write_look(connection: sa.Connection, pair: str, kept: Sequence[Finding], *, at: str, by: str) -> None:
    values = {"pair": pair, "step": KEPT_STEP, "settings": by, "at": at}
    look = connection.execute(sa.insert(schema.look).returning(schema.look.c.seq).values(**values)).scalar_one()
    if kept:
        connection.execute(sa.insert(schema.finding), [{"id": one.id, "look": look, **asdict(one)} for one in kept])


def _kept(connection: sa.Connection, pair: str) -> list[Finding]:
    k, f = schema.look.c, schema.finding
    newest = sa.select(sa.func.max(k.seq)).where(k.pair == pair, k.step == KEPT_STEP).scalar_subquery()
    rows = connection.execute(sa.select(f).where(f.c.look == newest).order_by(f.c.seq)).mappings()
    return [Finding.from_dict(dict(row)) for row in rows]


def _same(one: Finding, other: Finding) -> bool:
    return one.before == other.before
