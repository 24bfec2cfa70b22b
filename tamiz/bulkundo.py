"""A decision about many pairs, or an edit of many, taken back in one go; what was decided since stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tamiz import schema
from tamiz.bulk import BULK, Bulk, bulk_action, change_tags_now, keep_undo, of_bulk
from tamiz.chosennow import leave_out, leave_out_held, move_all, take_from
from tamiz.errors import Conflict
from tamiz.moves import OPEN_STATES
from tamiz.people import permit
from tamiz.sealed import unseal
from tamiz.store import Store, move_pair
from tamiz.verdicts import SEALING, row_of

__all__ = ["TakenBack", "take_back", "take_back_now", "undone_bulks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """How many pairs are as before again; how many stay, decided since or being looked at."""

    back: int
    decided_since: int
    held: int


def take_back(store: Store, action: str, by: str) -> TakenBack:
    """Take it back as far as nobody has decided since; one's own, or with the right to manage anybody's.

    Conflict when it was taken back already, or nothing of it can be.
    """
    permit(store, by, "decide")
    with store.database.read() as connection:
        actor = of_bulk(connection, action).actor
    if actor != by:
        permit(store, by, "manage")
    return store.database.write(lambda connection: take_back_now(connection, store, action, by))


def take_back_now(connection: sa.Connection, store: Store, action: str, by: str) -> TakenBack:
    """The same in a transaction that is under way."""
    bulk = of_bulk(connection, action)
    if bulk.undone:
        raise Conflict(f"this decision about {bulk.pairs:,} pairs was taken back already, at {bulk.undone}")
    if bulk.decision in ("tag", "untag"):
        done = _tags_back(connection, store, bulk, by)
    elif bulk.decision == "edit":
        done = _edits_back(connection, store, bulk, by)
    else:
        done = _decisions_back(connection, store, bulk, by)
    if not done.back:
        raise Conflict(f"all {bulk.pairs:,} pairs were decided again since or are being looked at; nothing changed")
    keep_undo(connection, bulk, at=store.timestamp(), actor=by, pairs=done.back)
    return done


def undone_bulks() -> sa.Select[Any]:
    """The actions that were taken back, by whomever."""
    b = schema.bulk.c
    return sa.select(sa.func.replace(b.action, f"{BULK}undo-", BULK)).where(b.decision == "undo")


def _decisions_back(connection: sa.Connection, store: Store, bulk: Bulk, by: str) -> TakenBack:
    e, p = schema.event.c, schema.pair.c
    made = sa.select(p.seq, p.version, e.from_state).join_from(schema.event, schema.pair, p.id == e.pair)
    made = made.where(e.action == bulk.action, e.move == bulk.decision, ~_decided_after(e.pair, e.version))
    taken = take_from(connection, made)
    _, held = leave_out(connection, by, store.seconds())
    at = store.timestamp()
    back = move_all(connection, move="undo", at=at, actor=by, action=bulk_action(), undoes=bulk.action)
    return TakenBack(back=back, decided_since=bulk.pairs - taken, held=held)


def _tags_back(connection: sa.Connection, store: Store, bulk: Bulk, by: str) -> TakenBack:
    c, p, later = schema.tag_change.c, schema.pair.c, schema.tag_change.alias().c
    newer = sa.exists().where(later.pair == c.pair, later.tag == c.tag, later.seq > c.seq)
    made = sa.select(p.seq, p.version, sa.literal("")).join_from(schema.tag_change, schema.pair, p.id == c.pair)
    taken = take_from(connection, made.where(c.action == bulk.action, ~newer))
    held = leave_out_held(connection, by, store.seconds())  # they see the tags and may go by them
    present = bulk.decision == "untag"
    tag, at = str(bulk.chosen["tag"]), store.timestamp()
    back = change_tags_now(connection, tag, present, at=at, actor=by, action=bulk_action())
    return TakenBack(back=back, decided_since=bulk.pairs - taken, held=held)


def _edits_back(connection: sa.Connection, store: Store, bulk: Bulk, by: str) -> TakenBack:
    e, now, back, held = schema.event, store.seconds(), 0, 0
    edits = sa.select(e).where(e.c.action == bulk.action, e.c.move == "edit").order_by(e.c.seq.desc())
    events = connection.execute(edits).mappings().all()
    common: dict[str, Any] = {"at": store.timestamp(), "actor": by, "action": bulk_action()}
    for event in events:
        row, made = row_of(connection, event["pair"]), row_of(connection, event["makes"])
        if made["claimed_until"] > now and made["claimed_by"] != by:
            held += 1
        elif made["state"] in ("new", *OPEN_STATES) and row["state"] == "replaced" and _untouched(connection, event):
            move_pair(connection, made, "withdrawn", move="withdraw", undoes=bulk.action, **common)
            move_pair(connection, row, event["from_state"], move="undo", undoes=bulk.action, **common)
            unseal(connection, store.vault, event["pair"], **common)
            back += 1
    return TakenBack(back=back, decided_since=len(events) - back - held, held=held)


def _untouched(connection: sa.Connection, event: Any) -> bool:
    """Nothing but the sieve stands that happened to the pair that this edit made, nor to the other since."""
    e = schema.event.c
    arrived = sa.select(sa.func.max(e.version)).where(e.pair == event["makes"], e.action == event["action"])
    version = connection.execute(arrived.where(e.move == "arrive")).scalar_one()
    after = (_decided_after(event["makes"], version, besides="sieve"), _decided_after(event["pair"], event["version"]))
    return not connection.execute(sa.select(sa.or_(*after))).scalar_one()


def _decided_after(pair: Any, version: Any, *, besides: str = "") -> sa.ColumnElement[bool]:
    """Whether a later decision about this pair stands: one that nobody took back. Sealing decides nothing."""
    e, u = schema.event.alias("later").c, schema.event.alias("undoing").c
    undone = sa.exists().where(u.pair == pair, u.version > e.version, u.undoes == e.action)
    moves = e.move.not_in((*SEALING, besides))
    return sa.exists().where(e.pair == pair, e.version > version, e.undoes == "", moves, ~undone)
