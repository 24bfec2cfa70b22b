"""Who decides what: leases on pairs, verdicts, undo. Every change of a pair's state goes through `move_pair`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tamiz import schema
from tamiz.errors import Conflict, InputError
from tamiz.kept import carry_kept
from tamiz.moves import OPEN_STATES, State, next_state
from tamiz.records import Pair, Verdict
from tamiz.remarks import carry_tags
from tamiz.sealed import bring_texts_again, masks, seal_family, unseal
from tamiz.store import FREE, Event, Store, StoredPair, insert_pairs, move_pair, pair_row, stored_pair
from tamiz.vault import Vault

__all__ = ["SEALING", "Judged", "carry_out", "claim", "claim_pair", "decide", "judge", "mark_sieved", "release"]
__all__ += ["renew", "undo", "withdraw"]

SEALING = ("seal", "unseal")  # moves that change what can be read, not what was decided
BESIDE_THE_ID = ("label", "lang", "answer_markdown", "made_by")  # what an edit can change without another id


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of verdicts given in bulk: how many took effect, and the pairs that had moved or were being shown."""

    done: int
    made: tuple[str, ...]
    passed_over: tuple[str, ...]


def claim(store: Store, by: str, *, lease_seconds: float, kinds: Sequence[str] = ()) -> StoredPair | None:
    """The next pair for this person, kept for them until the lease ends; None when nothing is left.

    A pair that they hold already comes first, so a reloaded screen shows the same one.
    """
    p, now = schema.pair, store.seconds()

    def work(connection: sa.Connection) -> StoredPair | None:
        held = sa.select(p).where(p.c.claimed_by == by, p.c.claimed_until > now, p.c.state.in_(OPEN_STATES))
        row = connection.execute(held.order_by(p.c.seq).limit(1)).mappings().first()
        for state in OPEN_STATES if row is None else ():
            free = sa.select(p).where(p.c.state == state, p.c.claimed_until <= now)
            if kinds:
                free = free.where(p.c.kind.in_(kinds))
            order = (p.c.version, p.c.seq) if state == "skipped" else (p.c.seq,)  # the least often skipped first
            free = free.order_by(*order).limit(1).with_for_update(skip_locked=True)
            row = connection.execute(free).mappings().first()
            if row is not None:
                break
        return None if row is None else _lease(connection, row, by, now + lease_seconds)

    return store.database.write(work)


def claim_pair(store: Store, pair: str, by: str, *, lease_seconds: float) -> StoredPair:
    """This very pair, in whatever state; Conflict while somebody else holds it."""
    now = store.seconds()

    def work(connection: sa.Connection) -> StoredPair:
        row = _row(connection, pair)
        if row["claimed_by"] not in ("", by) and row["claimed_until"] > now:
            raise Conflict(f"pair {pair} is being reviewed by {row['claimed_by']}; take another one")
        return _lease(connection, row, by, now + lease_seconds)

    return store.database.write(work)


def renew(store: Store, pair: str, by: str, *, lease_seconds: float) -> bool:
    """Keep a held pair for longer; False when the lease has ended already."""
    p, now = schema.pair, store.seconds()
    held = sa.update(p).where(p.c.id == pair, p.c.claimed_by == by, p.c.claimed_until > now)
    update = held.values(claimed_until=now + lease_seconds)
    return store.database.write(lambda connection: connection.execute(update).rowcount == 1)


def release(store: Store, by: str) -> int:
    """Give back whatever this person holds; how many pairs."""
    update = sa.update(schema.pair).where(schema.pair.c.claimed_by == by).values(**FREE)
    return store.database.write(lambda connection: connection.execute(update).rowcount)


def decide(store: Store, verdict: Verdict, *, lease_seconds: float = 0) -> StoredPair:
    """Carry out a person's verdict on a pair they hold; the pair as it is now, or the one an edit made.

    Conflict when the lease has ended or the pair has changed since it was seen; NotAllowed when its
    state does not allow the move. Nothing is written then. After an edit the new pair is held
    for `lease_seconds`.
    """
    now, at = store.seconds(), store.timestamp()

    def work(connection: sa.Connection) -> StoredPair:
        row = _row(connection, verdict.pair)
        if row["version"] != verdict.version:
            raise Conflict(f"pair {verdict.pair} was changed by somebody else; look at it again")
        if row["claimed_by"] != verdict.by or row["claimed_until"] <= now:
            raise Conflict(f"the time kept for pair {verdict.pair} has ended; look at it again")
        action = uuid.uuid4().hex
        last = carry_out(connection, row, verdict, at=at, action=action, made_state="waiting", vault=store.vault)
        if verdict.decision == "edit":
            return _lease(connection, _row(connection, last), verdict.by, now + lease_seconds)
        return stored_pair(_row(connection, last))

    return store.database.write(work)


def judge(store: Store, verdicts: Sequence[Verdict], *, made_state: State = "new", action: str = "") -> Judged:
    """Carry out verdicts in bulk, those of written rules or of a decision on a word, in one transaction.

    A pair that a person is looking at, or that has changed since, is passed over and named. `action` binds
    the events to others that were decided with them.
    """
    now, at, action = store.seconds(), store.timestamp(), action or uuid.uuid4().hex

    def work(connection: sa.Connection) -> Judged:
        made, passed = [], []
        for verdict in verdicts:
            row = _row(connection, verdict.pair)
            if row["version"] != verdict.version or row["claimed_until"] > now:
                passed.append(verdict.pair)
                continue
            last = carry_out(connection, row, verdict, at=at, action=action, made_state=made_state, vault=store.vault)
            if last != verdict.pair:
                made.append(last)
        return Judged(done=len(verdicts) - len(passed), made=tuple(made), passed_over=tuple(passed))

    return store.database.write(work)


def mark_sieved(store: Store, pairs: Sequence[str]) -> int:
    """All steps have looked at these new pairs: they wait for a person now. How many moved."""
    at = store.timestamp()

    def work(connection: sa.Connection) -> int:
        moved = 0
        for pair in pairs:
            row = _row(connection, pair)
            if row["state"] == "new":
                move_pair(connection, row, next_state(pair, "new", "sieve"), move="sieve", at=at, actor="step:sieve")
                moved += 1
        return moved

    return store.database.write(work)


def undo(store: Store, by: str, *, lease_seconds: float = 0) -> list[str]:
    """Take back this person's latest decision that stands; the ids of the pairs that are as before again.

    Any number of steps, across restarts. InputError when there is nothing to take back; Conflict when
    somebody has moved one of the pairs since; SealedError when the original cannot be opened any more.
    """
    e, now, at = schema.event, store.seconds(), store.timestamp()

    def work(connection: sa.Connection) -> list[str]:
        undone = sa.select(e.c.undoes).where(e.c.actor == by, e.c.undoes != "")
        mine = sa.select(e.c.action).where(e.c.actor == by, e.c.move.in_(("accept", "reject", "edit", "skip")))
        mine = mine.where(e.c.action.not_like("word-%"))  # decisions on words are taken back as such
        latest = mine.where(e.c.action.not_in(undone)).order_by(e.c.seq.desc()).limit(1)
        action = connection.execute(latest).scalar()
        if action is None:
            raise InputError(f"{by} has no decision left to undo")
        query = sa.select(e).where(e.c.action == action, e.c.move.not_in(SEALING)).order_by(e.c.seq)
        by_pair: dict[str, list[Event]] = {}
        for event in connection.execute(query).mappings():
            by_pair.setdefault(event["pair"], []).append(Event(**event))
        restored = []
        for pair, events in by_pair.items():
            row = _row(connection, pair)
            if _decided_version(connection, pair) != events[-1].version:
                raise Conflict(f"pair {pair} was decided again after your decision; undo that one first")
            before = events[0].from_state or "withdrawn"
            move = "undo" if events[0].move != "arrive" else "withdraw"
            back = uuid.uuid4().hex
            move_pair(connection, row, before, move=move, at=at, actor=by, undoes=action, action=back)
            if move == "undo":
                unseal(connection, store.vault, pair, at=at, actor=by, action=back)
                restored.append(pair)
                _lease(connection, _row(connection, pair), by, now + lease_seconds)
        return restored

    return store.database.write(work)


def withdraw(store: Store, action: str, by: str) -> tuple[int, int]:
    """Take back the edits that were made together: (pairs as before again, edits that stay).

    An edit stays where its pair was decided or edited since, or is being looked at.
    """
    e, now, at = schema.event, store.seconds(), store.timestamp()

    def work(connection: sa.Connection) -> tuple[int, int]:
        edits = sa.select(e).where(e.c.action == action, e.c.move == "edit").order_by(e.c.seq.desc())
        back = stays = 0
        for event in connection.execute(edits).mappings().all():
            row, made = _row(connection, event["pair"]), _row(connection, event["makes"])
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


def carry_out(
    connection: sa.Connection,
    row: sa.RowMapping,
    verdict: Verdict,
    *,
    at: str,
    action: str,
    made_state: State,
    vault: Vault | None,
) -> str:
    """Move the pair; with an edit also bring in the pair it makes. The id of the pair that stands now.

    An original that held personal data which the made pair has no more is sealed.
    """
    common: dict[str, Any] = {"at": at, "actor": verdict.by, "action": action, "reason": verdict.reason}
    if verdict.edited is None:
        state = next_state(verdict.pair, row["state"], verdict.decision)
        move_pair(connection, row, state, move=verdict.decision, **common)
        return verdict.pair
    made = verdict.edited
    state = next_state(verdict.pair, row["state"], "edit")
    move_pair(connection, row, state, move="edit", makes=made.id, **common)
    _bring_in(connection, made, made_state, at=at, actor=verdict.by, action=action)
    carry_kept(connection, row["id"], made, at=at)
    carry_tags(connection, row["id"], made, at=at, actor=verdict.by, action=action)
    if vault is not None and masks(connection, row, made):
        seal_family(connection, vault, row["id"], made.id, at=at, actor=verdict.by, action=action)
    if verdict.decision == "accept":
        move_pair(connection, _row(connection, made.id), "accepted", move="accept", **common)
    return made.id


def _bring_in(connection: sa.Connection, pair: Pair, state: State, *, at: str, actor: str, action: str) -> None:
    added = insert_pairs(connection, [pair], at=at, actor=actor, state=state, action=action)
    if added.known:  # the same edit was made and undone before
        row = _row(connection, pair.id)
        if row["state"] != "withdrawn":
            raise Conflict(f"this edit stands already as pair {pair.id}")
        move_pair(connection, row, state, move="arrive", at=at, actor=actor, action=action)
        again = pair_row(pair, at=at, state=state)
        content = {name: again[name] for name in BESIDE_THE_ID}
        connection.execute(sa.update(schema.pair).where(schema.pair.c.id == pair.id).values(**content))
        bring_texts_again(connection, pair)


def _decided_version(connection: sa.Connection, pair: str) -> int:
    """The version that the last decision about this pair gave it; sealing and opening decide nothing."""
    e = schema.event.c
    query = sa.select(sa.func.max(e.version)).where(e.pair == pair, e.move.not_in(SEALING))
    return int(connection.execute(query).scalar_one())


def _lease(connection: sa.Connection, row: sa.RowMapping, by: str, until: float) -> StoredPair:
    values = {"claimed_by": by, "claimed_until": until}
    connection.execute(sa.update(schema.pair).where(schema.pair.c.id == row["id"]).values(**values))
    return stored_pair({**row, **values})


def _row(connection: sa.Connection, pair: str) -> sa.RowMapping:
    row = connection.execute(sa.select(schema.pair).where(schema.pair.c.id == pair)).mappings().first()
    if row is None:
        raise InputError(f"there is no pair {pair}; it may be of another project")
    return row
