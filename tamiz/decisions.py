"""Who decides what: leases on pairs and verdicts. Every change of a pair's state goes through `move_pair`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tamiz import schema
from tamiz.errors import Conflict
from tamiz.moves import OPEN_STATES, State, next_state
from tamiz.people import permit
from tamiz.queue import Order, Queue, next_free
from tamiz.records import Verdict
from tamiz.store import CHUNK, FREE, Store, StoredPair, move_pair, stored_pair
from tamiz.undoing import undo, withdraw
from tamiz.verdicts import SEALING, carry_out, held_row, lease, row_of

__all__ = ["SEALING", "Judged", "carry_out", "claim", "claim_pair", "decide", "judge", "mark_sieved", "release"]
__all__ += ["renew", "set_needs", "undo", "withdraw"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of verdicts given in bulk: how many took effect, and the pairs that had moved or were being shown."""

    done: int
    made: tuple[str, ...]
    passed_over: tuple[str, ...]


def claim(
    store: Store,
    by: str,
    *,
    lease_seconds: float,
    kinds: Sequence[str] = (),
    order: Order = "need",
    sources: Sequence[str] = (),
) -> StoredPair | None:
    """The next pair for this person, kept for them until the lease ends; None when nothing is left for them.

    A pair that they hold already comes first, so a reloaded screen shows the same one. The others come in the
    order that tamiz.queue.Queue tells of, out of what the person was assigned; skipped ones after all others.
    """
    permit(store, by, "decide")
    p, now = schema.pair, store.seconds()
    queue = Queue(order=order, sources=tuple(sources), kinds=tuple(kinds))

    def work(connection: sa.Connection) -> StoredPair | None:
        held = sa.select(p).where(_holds(by), p.c.claimed_until > now, p.c.state.in_(OPEN_STATES))
        row = connection.execute(held.order_by(p.c.seq).limit(1)).mappings().first()
        if row is None:
            row = next_free(connection, by, now, queue)
        return None if row is None else lease(connection, row, by, now + lease_seconds)

    return store.database.write(work)


def claim_pair(store: Store, pair: str, by: str, *, lease_seconds: float) -> StoredPair:
    """This very pair, in whatever state; Conflict while somebody else holds it, or waits for others' opinions."""
    permit(store, by, "decide")
    now, o = store.seconds(), schema.opined.c

    def work(connection: sa.Connection) -> StoredPair:
        row = row_of(connection, pair)
        if row["claimed_by"] not in ("", by) and row["claimed_until"] > now:
            raise Conflict(f"pair {pair} is being reviewed by {row['claimed_by']}; take another one")
        said = sa.select(o.seq).where(o.pair == pair, o.actor == by)
        if row["state"] in OPEN_STATES and connection.execute(said).first() is not None:
            raise Conflict(f"your opinion on pair {pair} is in, others are asked for theirs; take another one")
        return lease(connection, row, by, now + lease_seconds)

    return store.database.write(work)


def renew(store: Store, pair: str, by: str, *, lease_seconds: float) -> bool:
    """Keep a held pair for longer; False when the lease has ended already."""
    p, now = schema.pair, store.seconds()
    held = sa.update(p).where(p.c.id == pair, _holds(by), p.c.claimed_until > now)
    update = held.values(claimed_until=now + lease_seconds)
    return store.database.write(lambda connection: connection.execute(update).rowcount == 1)


def release(store: Store, by: str) -> int:
    """Give back whatever this person holds; how many pairs."""
    update = sa.update(schema.pair).where(_holds(by)).values(**FREE)
    return store.database.write(lambda connection: connection.execute(update).rowcount)


def decide(store: Store, verdict: Verdict, *, lease_seconds: float = 0) -> StoredPair:
    """Carry out a person's verdict on a pair they hold; the pair as it is now, or the one an edit made.

    Conflict when the lease has ended or the pair has changed since it was seen; NotAllowed when its
    state does not allow the move. Nothing is written then. After an edit the new pair is held
    for `lease_seconds`.
    """
    permit(store, verdict.by, "decide")
    now, at = store.seconds(), store.timestamp()

    def work(connection: sa.Connection) -> StoredPair:
        row = held_row(connection, verdict, now)
        if row["state"] == "disputed":
            raise Conflict(f"reviewers disagree about pair {verdict.pair}; it is decided in the list of disputes")
        action = uuid.uuid4().hex
        last = carry_out(connection, row, verdict, at=at, action=action, made_state="waiting", vault=store.vault)
        if verdict.decision == "edit":
            return lease(connection, row_of(connection, last), verdict.by, now + lease_seconds)
        return stored_pair(row_of(connection, last))

    return store.database.write(work)


def judge(store: Store, verdicts: Sequence[Verdict], *, made_state: State = "new", action: str = "") -> Judged:
    """Carry out verdicts in bulk, those of written rules or of a decision on a word, in one transaction.

    A pair that a person is looking at, that reviewers disagree about or that has changed since is passed over and
    named. `action` binds the events to others that were decided with them.
    """
    now, at, action = store.seconds(), store.timestamp(), action or uuid.uuid4().hex

    def work(connection: sa.Connection) -> Judged:
        made, passed = [], []
        for verdict in verdicts:
            row = row_of(connection, verdict.pair)
            if row["version"] != verdict.version or row["claimed_until"] > now or row["state"] == "disputed":
                passed.append(verdict.pair)
                continue
            last = carry_out(connection, row, verdict, at=at, action=action, made_state=made_state, vault=store.vault)
            if last != verdict.pair:
                made.append(last)
        return Judged(done=len(verdicts) - len(passed), made=tuple(made), passed_over=tuple(passed))

    return store.database.write(work)


def mark_sieved(store: Store, pairs: Sequence[str], needs: Mapping[str, float] | None = None) -> int:
    """All steps have looked at these new pairs: they wait for a person now. How many moved.

    `needs` says of them how much they need one, 0 to 1.
    """
    at = store.timestamp()

    def work(connection: sa.Connection) -> int:
        moved = 0
        _set_needs(connection, needs or {})
        for pair in pairs:
            row = row_of(connection, pair)
            if row["state"] == "new":
                move_pair(connection, row, next_state(pair, "new", "sieve"), move="sieve", at=at, actor="step:sieve")
                moved += 1
        return moved

    return store.database.write(work)


def set_needs(store: Store, needs: Mapping[str, float]) -> None:
    """Keep how much each of these pairs needs a person, 0 to 1; nothing is written where it is so already."""
    ids = list(needs)
    for start in range(0, len(ids), CHUNK):
        part = {pair: needs[pair] for pair in ids[start : start + CHUNK]}
        store.database.write(lambda connection, part=part: _set_needs(connection, part))  # type: ignore[misc]


def _holds(by: str) -> sa.ColumnElement[bool]:
    """That this person holds the pair, said so that the index of held pairs is used, which leaves out all others."""
    p = schema.pair.c
    return sa.and_(p.claimed_by == by, p.claimed_by != sa.literal_column("''"))


def _set_needs(connection: sa.Connection, needs: Mapping[str, float]) -> None:
    p = schema.pair
    if needs:
        there = sa.select(p.c.id, p.c.need).where(p.c.id.in_(list(needs)))
        for pair, need in connection.execute(there).all():
            if need != needs[pair]:
                connection.execute(sa.update(p).where(p.c.id == pair).values(need=needs[pair]))
