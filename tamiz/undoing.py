"""Decisions taken back: one's own, any number of steps; and edits that were made together."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa

from tamiz import schema
from tamiz.bulk import BULK
from tamiz.bulkundo import take_back_now, undone_bulks
from tamiz.errors import Conflict, InputError
from tamiz.moves import OPEN_STATES
from tamiz.opinions import restore_opined
from tamiz.people import permit, permit_within
from tamiz.sealed import unseal
from tamiz.store import Event, Store, move_pair
from tamiz.verdicts import SEALING, lease, row_of

__all__ = ["undo", "withdraw"]

DECIDING = ("accept", "reject", "edit", "skip", "opinion")
# Acts on words and on clusters are taken back as such: how their actions begin.
ELSEWHERE = ("word-", "cluster-")


def undo(store: Store, by: str, *, lease_seconds: float = 0) -> list[str]:
    """Take back this person's latest decision that stands; the ids of the pairs that are as before again.

    Any number of steps, across restarts; a decision about many pairs is one step, and its pairs are not named.
    InputError when there is nothing to take back; Conflict when
    somebody has moved one of the pairs since; SealedError when the original cannot be opened any more.
    """
    permit(store, by, "decide")
    now, at = store.seconds(), store.timestamp()

    def work(connection: sa.Connection) -> list[str]:
        action = _latest_action(connection, by)
        if action is None:
            raise InputError(f"{by} has no decision left to undo")
        if action.startswith(BULK):
            take_back_now(connection, store, action, by)
            return []
        restored = []
        for pair, events in _events_of(connection, action).items():
            row = row_of(connection, pair)
            if _standing_version(connection, pair) != events[-1].version:
                raise Conflict(f"pair {pair} was decided again after your decision; undo that one first")
            before = events[0].from_state or "withdrawn"
            move = "undo" if events[0].move != "arrive" else "withdraw"
            back = uuid.uuid4().hex
            move_pair(connection, row, before, move=move, at=at, actor=by, undoes=action, action=back)
            if move == "undo":
                unseal(connection, store.vault, pair, at=at, actor=by, action=back)
                restore_opined(connection, pair)
                restored.append(pair)
                if before in OPEN_STATES:
                    lease(connection, row_of(connection, pair), by, now + lease_seconds)
        return restored

    return store.database.write(work)


def withdraw(store: Store, action: str, by: str) -> tuple[int, int]:
    """Take back the edits that were made together: (pairs as before again, edits that stay).

    An edit stays where its pair was decided or edited since, or is being looked at.
    """
    e, now, at = schema.event, store.seconds(), store.timestamp()

    def work(connection: sa.Connection) -> tuple[int, int]:
        permit_within(connection, by, "decide")
        edits = sa.select(e).where(e.c.action == action, e.c.move == "edit").order_by(e.c.seq.desc())
        back = stays = 0
        for event in connection.execute(edits).mappings().all():
            row, made = row_of(connection, event["pair"]), row_of(connection, event["makes"])
            open_ = made["state"] in ("new", *OPEN_STATES) and made["claimed_until"] <= now
            if row["version"] != event["version"] or not open_:
                stays += row["version"] == event["version"]
                continue
            common: dict[str, Any] = {"at": at, "actor": by, "action": uuid.uuid4().hex, "undoes": action}
            move_pair(connection, made, "withdrawn", move="withdraw", **common)
            move_pair(connection, row, event["from_state"], move="undo", **common)
            back += 1
        return back, stays

    return store.database.write(work)


def _latest_action(connection: sa.Connection, by: str) -> str | None:
    e = schema.event.c
    undone = sa.select(e.undoes).where(e.actor == by, e.undoes != "")
    mine = sa.select(e.action).where(e.actor == by, e.move.in_(DECIDING), e.action.not_in(undone))
    mine = mine.where(e.action.not_in(undone_bulks()))  # by whomever
    for beginning in ELSEWHERE:
        mine = mine.where(e.action.not_like(f"{beginning}%"))
    return connection.execute(mine.order_by(e.seq.desc()).limit(1)).scalar()


def _events_of(connection: sa.Connection, action: str) -> dict[str, list[Event]]:
    e = schema.event
    query = sa.select(e).where(e.c.action == action, e.c.move.not_in(SEALING)).order_by(e.c.seq)
    by_pair: dict[str, list[Event]] = {}
    for event in connection.execute(query).mappings():
        by_pair.setdefault(event["pair"], []).append(Event(**event))
    return by_pair


def _standing_version(connection: sa.Connection, pair: str) -> int:
    """The version that the last decision which nobody took back gave this pair; sealing and opening decide nothing."""
    e = schema.event.c
    undone = sa.select(e.undoes).where(e.pair == pair, e.undoes != "")
    stands = sa.select(sa.func.max(e.version)).where(e.pair == pair, e.move.not_in(SEALING), e.undoes == "")
    return int(connection.execute(stands.where(e.action.not_in(undone))).scalar() or 0)
