"""Many pairs edited in the same way by one person, as one decision; and where the same was found elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from tamiz import schema
from tamiz.bulk import Done, bulk_action, keep_bulk
from tamiz.errors import Conflict
from tamiz.moves import OPEN_STATES
from tamiz.people import permit
from tamiz.records import Finding, Verdict
from tamiz.store import Store, StoredPair, stored_pair
from tamiz.verdicts import carry_out, row_of

__all__ = ["edit_many", "same_finding"]


def edit_many(store: Store, verdicts: Sequence[Verdict], by: str, *, chosen: dict[str, Any]) -> Done:
    """Put every edited pair in the place of its original, in one transaction; the new ones wait for a decision.

    What has moved since, or is being looked at, or several people are asked about, is passed over and counted.
    """
    permit(store, by, "decide")
    action, at, now = bulk_action(), store.timestamp(), store.seconds()

    def work(connection: sa.Connection) -> Done:
        done = moved = held = refused = 0
        for verdict in verdicts:
            row = row_of(connection, verdict.pair)
            if row["version"] != verdict.version or row["state"] not in OPEN_STATES:
                moved += 1
            elif (row["claimed_until"] > now and row["claimed_by"] != by) or _asked(connection, verdict.pair):
                held += 1
            elif _carry_out(connection, store, row, verdict, at=at, action=action):
                done += 1
            else:
                refused += 1
        if done:
            keep_bulk(connection, at=at, actor=by, action=action, decision="edit", chosen=chosen, pairs=done)
        return Done(action=action if done else "", done=done, moved=moved, held=held, refused=refused)

    return store.database.write(work)


def same_finding(store: Store, finding: Finding, *, limit: int) -> list[tuple[StoredPair, Finding]]:
    """Open pairs about which the same change of the same words stands, oldest first, with their finding."""
    f, p, k = schema.finding.c, schema.pair.c, schema.look.c
    newest = sa.select(sa.func.max(k.seq)).where(k.pair == f.pair, k.step == f.step).scalar_subquery()
    start = sa.func.substr(f.before, sa.literal_column("1"), sa.literal_column("60")) == finding.before[:60]
    alike = sa.and_(f.step == finding.step, f.kind == finding.kind, start, f.before == finding.before)
    query = sa.select(f.seq, f.pair).join(schema.pair, p.id == f.pair).where(alike, f.after == finding.after)
    query = query.where(f.pair != finding.pair, p.state.in_(OPEN_STATES), f.look == newest)
    with store.database.read() as connection:
        numbers = list(connection.execute(query.order_by(p.seq, f.seq).limit(limit)).scalars())
        rows = connection.execute(sa.select(schema.finding).where(f.seq.in_(numbers))).mappings().all()
        ids = {row["pair"] for row in rows}
        pairs = connection.execute(sa.select(schema.pair).where(p.id.in_(ids))).mappings().all()
    by_id = {row["id"]: stored_pair(row) for row in pairs}
    found = [(by_id[row["pair"]], Finding.from_dict(dict(row))) for row in rows]
    return sorted(found, key=lambda one: (one[0].seq, one[1].start))


def _asked(connection: sa.Connection, pair: str) -> bool:
    o = schema.opined.c
    return connection.execute(sa.select(o.seq).where(o.pair == pair).limit(1)).first() is not None


def _carry_out(
    connection: sa.Connection, store: Store, row: sa.RowMapping, verdict: Verdict, *, at: str, action: str
) -> bool:
    try:
        with connection.begin_nested():
            carry_out(connection, row, verdict, at=at, action=action, made_state="waiting", vault=store.vault)
    except Conflict:  # the edited pair is there already
        return False
    return True
