"""One decision about many pairs: just those that were previewed, in one transaction, and taken back as one.

A preview freezes which pairs, and in which version. What somebody has moved since, or is looking at, or several people
are asked about is passed over and counted. Every pair has its event as with any decision, all with one action.
"""

from __future__ import annotations

import json
import uuid
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import sqlalchemy as sa

from tamiz import schema
from tamiz.browse import numbers
from tamiz.chosennow import CHOSEN, drop_where, insert_from, leave_out, leave_out_held, move_all, take
from tamiz.errors import InputError
from tamiz.filters import Filter
from tamiz.moves import MOVES
from tamiz.people import permit
from tamiz.remarks import MOST_TAGS, normal_tag
from tamiz.store import Store

__all__ = ["BULK", "Bulk", "Decision", "Done", "Frozen", "bulk_action", "bulks", "change_tags_now", "decide_many"]
__all__ += ["freeze", "freeze_picked", "keep_bulk", "keep_undo", "of_bulk", "tag_many"]

Decision = Literal["accept", "reject", "skip"]
BULK = "bulk-"  # how their actions begin
STATES = {"accept": "accepted", "reject": "rejected", "skip": "skipped"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """Pairs as they were when somebody looked: their numbers and versions, and the latest event there was."""

    chosen: dict[str, Any]
    numbers: array[int]
    versions: array[int]
    seen: int

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of it: pairs done; those that had moved since, were being looked at, or are in no state for it."""

    action: str
    done: int
    moved: int = 0
    held: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """One of the decisions about many pairs. `undone` is when it was taken back, or ""."""

    at: str
    actor: str
    action: str
    decision: str
    chosen: dict[str, Any] = field(default_factory=dict)
    pairs: int
    undone: str = ""


def freeze(store: Store, chosen: Filter, *, unless: Callable[[str], bool] | None = None) -> tuple[Frozen, int]:
    """All pairs that the filter finds now, without those whose id is for others; and how many of these there are."""
    with store.database.read() as connection:
        found = numbers(connection, chosen)
        kept = [(row.seq, row.version) for row in found if unless is None or not unless(row.id)]
        return _frozen(connection, chosen.as_dict(), kept), len(found) - len(kept)


def freeze_picked(store: Store, picked: Sequence[tuple[int, int]], *, chosen: dict[str, Any] | None = None) -> Frozen:
    """These pairs, by number and version as they were seen."""
    with store.database.read() as connection:
        return _frozen(connection, chosen or {"picked": len(picked)}, picked)


def decide_many(store: Store, frozen: Frozen, decision: Decision, by: str, *, reason: str = "") -> Done:
    """Accept, reject or skip all of them that are still as they were, under one action."""
    permit(store, by, "decide")
    action, at, now = bulk_action(), store.timestamp(), store.seconds()
    allowed = [state for state, move in MOVES if move == decision and state != "disputed"]

    def work(connection: sa.Connection) -> Done:
        take(connection, zip(frozen.numbers, frozen.versions, strict=True), STATES[decision])
        moved, held = leave_out(connection, by, now)
        p = schema.pair.c
        refused = drop_where(connection, sa.exists().where(p.seq == CHOSEN.c.seq, p.state.not_in(allowed)))
        common: dict[str, str] = {"at": at, "actor": by, "action": action}
        done = move_all(connection, move=decision, reason=reason, **common)
        if done:
            told = frozen.chosen | {"seen": frozen.seen} | ({"reason": reason} if reason else {})
            keep_bulk(connection, decision=decision, chosen=told, pairs=done, **common)
        return Done(action=action if done else "", done=done, moved=moved, held=held, refused=refused)

    return store.database.write(work)


def tag_many(store: Store, frozen: Frozen, tag: str, by: str, *, present: bool = True) -> Done:
    """Put a tag on all of them, or take it off; what is so already, or has too many tags, is counted as refused.

    Whoever looks at a pair sees its tags and may go by them: what others look at is passed over.
    """
    permit(store, by, "decide")
    action, at, now, name = bulk_action(), store.timestamp(), store.seconds(), normal_tag(tag)
    t, p, c = schema.pair_tag.c, schema.pair.c, CHOSEN.c

    def work(connection: sa.Connection) -> Done:
        take(connection, zip(frozen.numbers, frozen.versions, strict=True), "")
        moved = drop_where(connection, ~sa.exists().where(p.seq == c.seq, p.version == c.version))
        held = leave_out_held(connection, by, now)
        there = sa.exists().where(p.seq == c.seq, t.pair == p.id, t.tag == name)
        refused = drop_where(connection, there if present else ~there)
        if present:
            tags = sa.select(sa.func.count()).select_from(sa.join(schema.pair_tag, schema.pair, t.pair == p.id))
            refused += drop_where(connection, tags.where(p.seq == c.seq).scalar_subquery() >= MOST_TAGS)
        common: dict[str, str] = {"at": at, "actor": by, "action": action}
        done = change_tags_now(connection, name, present, **common)
        if done:
            told = frozen.chosen | {"seen": frozen.seen, "tag": name}
            keep_bulk(connection, decision="tag" if present else "untag", chosen=told, pairs=done, **common)
        return Done(action=action if done else "", done=done, moved=moved, held=held, refused=refused)

    return store.database.write(work)


def change_tags_now(connection: sa.Connection, tag: str, present: bool, *, at: str, actor: str, action: str) -> int:
    """Put a tag on every chosen pair, or take it off; how many."""
    t, p = schema.pair_tag, schema.pair.c
    told = {"at": at, "actor": actor, "action": action, "tag": tag}
    values: dict[str, Any] = {name: sa.literal(value, sa.Text) for name, value in told.items()}
    done = insert_from(connection, schema.tag_change, values | {"pair": p.id, "present": sa.literal(int(present))})
    if present:
        insert_from(connection, t, {"pair": p.id, "tag": sa.literal(tag, sa.Text)})
    else:
        ids = sa.select(p.id).join(CHOSEN, CHOSEN.c.seq == p.seq)
        connection.execute(sa.delete(t).where(t.c.tag == tag, t.c.pair.in_(ids)))
    return done


def bulks(store: Store, *, limit: int = 50) -> list[Bulk]:
    """The latest decisions about many pairs, newest first, each with when it was taken back."""
    b = schema.bulk
    with store.database.read() as connection:
        query = sa.select(b).where(b.c.decision != "undo").order_by(b.c.seq.desc()).limit(limit)
        rows = connection.execute(query).mappings().all()
        back = sa.select(b.c.at, b.c.chosen).where(b.c.decision == "undo").order_by(b.c.seq.desc())
        undone = {json.loads(row.chosen)["undoes"]: row.at for row in connection.execute(back.limit(limit * 4))}
    return [_bulk(row, undone.get(row["action"], "")) for row in rows]


def of_bulk(connection: sa.Connection, action: str) -> Bulk:
    """The decision of this action; InputError when there is none, Conflict when it was taken back already."""
    b = schema.bulk
    row = connection.execute(sa.select(b).where(b.c.action == action)).mappings().first()
    if row is None or row["decision"] == "undo":
        raise InputError(f"there is no decision about many pairs {action!r}")
    back = sa.select(b.c.at).where(b.c.action == _back(action))
    return _bulk(row, connection.execute(back).scalar() or "")


def keep_bulk(
    connection: sa.Connection, *, at: str, actor: str, action: str, decision: str, chosen: dict[str, Any], pairs: int
) -> None:
    """Enter a decision about many pairs in their list."""
    values = {"at": at, "actor": actor, "action": action, "decision": decision, "pairs": pairs}
    connection.execute(sa.insert(schema.bulk).values(chosen=json.dumps(chosen, ensure_ascii=False), **values))


def keep_undo(connection: sa.Connection, undone: Bulk, *, at: str, actor: str, pairs: int) -> None:
    """Enter that it was taken back."""
    told = {"undoes": undone.action}
    keep_bulk(connection, at=at, actor=actor, action=_back(undone.action), decision="undo", chosen=told, pairs=pairs)


def bulk_action() -> str:
    return BULK + uuid.uuid4().hex


def _back(action: str) -> str:
    return f"{BULK}undo-{action.removeprefix(BULK)}"


def _frozen(connection: sa.Connection, chosen: dict[str, Any], found: Sequence[tuple[int, int]]) -> Frozen:
    seen = connection.execute(sa.select(sa.func.max(schema.event.c.seq))).scalar() or 0
    return Frozen(
        chosen=chosen,
        numbers=array("q", (number for number, _ in found)),
        versions=array("q", (version for _, version in found)),
        seen=seen,
    )


def _bulk(row: Any, undone: str) -> Bulk:
    told = {name: row[name] for name in ("at", "actor", "action", "decision", "pairs")}
    return Bulk(chosen=json.loads(row["chosen"]), undone=undone, **told)
