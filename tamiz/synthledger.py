"""The ledger of synthesis: one row for each call of a model, from before it is sent until it is ok or has failed.

A call is known by the hash of all that is sent, so the same one is never sent twice, whoever runs the recipe, and
its reply serves whoever asks the same. A settled call never changes; to ask again is another row (`attempt`). A call
that is pending belongs to a run; when that run is dead, the next one takes it over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import sqlalchemy as sa

from tamiz import schema
from tamiz.database import insert_new
from tamiz.store import Store
from tamiz.synthruns import Run, is_over

__all__ = [
    "Call",
    "CallState",
    "Question",
    "Spent",
    "call_of",
    "charge_call",
    "claim_call",
    "finish_call",
    "is_taken",
    "last_call",
    "open_calls",
    "release_call",
    "spent_by_recipe",
    "standing_call",
]

CallState = Literal["pending", "ok", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be asked: `request` is the hash of all that is sent and to whom, `prompt` that of the prompt file.

    `again` is the number of the call whose reply was no use, for which this one asks once more.
    """

    request: str
    recipe: str
    material: str
    provider: str
    model: str
    address: str
    prompt: str
    again: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A row of the ledger."""

    seq: int
    request: str
    attempt: int
    run: str
    recipe: str
    material: str
    provider: str
    model: str
    address: str
    prompt: str
    again: int
    at: str
    state: CallState
    why: str
    reply: str
    tries: int
    prompt_tokens: int
    completion_tokens: int
    usd: float
    seconds: float
    settled_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What the calls of a recipe and model have come to so far."""

    recipe: str
    model: str
    ok: int
    failed: int
    pending: int
    prompt_tokens: int
    completion_tokens: int
    usd: float


def claim_call(
    store: Store,
    question: Question,
    run: str,
    *,
    is_dead: Callable[[Run], bool],
    retry_before: int = 0,
) -> tuple[Call, bool]:
    """The row of this question, and whether this run is to send it: it is new, or its run is dead.

    A failed call stays failed, unless its number is up to `retry_before`: then another attempt is made.
    """
    c, now, at = schema.synth_call, store.seconds(), store.timestamp()

    def work(connection: sa.Connection) -> tuple[Call, bool]:
        row = _latest(connection, question.request)
        if row is not None and not (row.state == "failed" and row.seq <= retry_before):
            if row.state != "pending" or (row.run != run and not is_over(connection, row.run, now, is_dead)):
                return row, False
            if row.run == run:
                return row, True
            mine = sa.update(c).where(c.c.seq == row.seq, c.c.state == "pending", c.c.run == row.run)
            taken = connection.execute(mine.values(run=run, at=at, tries=0)).rowcount == 1
            return _by_seq(connection, row.seq), taken
        attempt = row.attempt + 1 if row is not None else 1
        values = {**asdict(question), "attempt": attempt, "run": run, "at": at, **_NOTHING_YET}
        insert = insert_new(connection.dialect.name, c, "request", "attempt").returning(c.c.seq)
        new = connection.execute(insert, values).scalar()
        if new is not None:
            return _by_seq(connection, new), True
        other = _latest(connection, question.request)  # somebody was faster
        assert other is not None
        return other, False

    return store.database.write(work)


def is_taken(store: Store, question: Question, run: str, *, is_dead: Callable[[Run], bool]) -> bool:
    """Whether another run, which lives, has this question's call."""
    now = store.seconds()
    with store.database.read() as connection:
        row = _latest(connection, question.request)
        if row is None or row.state != "pending" or row.run == run:
            return False
        return not is_over(connection, row.run, now, is_dead)


_NOTHING_YET = {
    "state": "pending",
    "why": "",
    "reply": "",
    "tries": 0,
    "prompt_tokens": 0,
    "completion_tokens": 0,
    "usd": 0.0,
    "seconds": 0.0,
    "settled_at": "",
}


def finish_call(
    store: Store,
    call: Call,
    *,
    ok: bool,
    why: str = "",
    reply: str = "",
    tries: int = 1,
    prompt_tokens: int = 0,
    completion_tokens: int = 0,
    usd: float = 0.0,
    seconds: float = 0.0,
) -> Call:
    """Settle a call; the row as it stands. What it was charged with while it was pending is added to what is told here.
    One that another run has settled meanwhile stays as that left it."""
    c = schema.synth_call
    values = {
        "state": "ok" if ok else "failed",
        "why": why,
        "reply": reply,
        "tries": tries,
        "prompt_tokens": c.c.prompt_tokens + prompt_tokens,
        "completion_tokens": completion_tokens,
        "usd": c.c.usd + usd,
        "seconds": round(seconds, 3),
        "settled_at": store.timestamp(),
    }

    def work(connection: sa.Connection) -> Call:
        connection.execute(sa.update(c).where(c.c.seq == call.seq, c.c.state == "pending").values(**values))
        return _by_seq(connection, call.seq)

    return store.database.write(work)


def charge_call(store: Store, call: Call, *, prompt_tokens: int, usd: float) -> None:
    """Add to a pending call what a try cost that got no answer."""
    c = schema.synth_call
    more = {"prompt_tokens": c.c.prompt_tokens + prompt_tokens, "usd": c.c.usd + usd}
    update = sa.update(c).where(c.c.seq == call.seq, c.c.state == "pending").values(**more)
    store.database.write(lambda connection: connection.execute(update))


def release_call(store: Store, call: Call) -> None:
    """Give a pending call up without an answer: no run has it, and the next one that needs it sends it."""
    c = schema.synth_call
    update = sa.update(c).where(c.c.seq == call.seq, c.c.state == "pending", c.c.run == call.run).values(run="")
    store.database.write(lambda connection: connection.execute(update))


def standing_call(store: Store, request: str) -> Call | None:
    """The latest attempt of this question, or None where it was never asked."""
    with store.database.read() as connection:
        return _latest(connection, request)


def call_of(store: Store, seq: int) -> Call | None:
    """The row of this number."""
    c = schema.synth_call
    with store.database.read() as connection:
        row = connection.execute(sa.select(c).where(c.c.seq == seq)).mappings().first()
    return None if row is None else Call(**row)


def open_calls(store: Store, recipe: str, run: str = "") -> int:
    """How many calls of a recipe are pending; of this run, where one is given."""
    c = schema.synth_call.c
    query = sa.select(sa.func.count()).where(c.recipe == recipe, c.state == "pending")
    if run:
        query = query.where(c.run == run)
    with store.database.read() as connection:
        return connection.execute(query).scalar_one()


def last_call(store: Store) -> int:
    """The number of the newest row; 0 for none."""
    with store.database.read() as connection:
        return int(connection.execute(sa.select(sa.func.max(schema.synth_call.c.seq))).scalar() or 0)


def spent_by_recipe(store: Store) -> list[Spent]:
    """What all calls so far have come to, by recipe and model."""
    c = schema.synth_call.c

    def of(state: str) -> Any:
        return sa.func.sum(sa.case((c.state == state, 1), else_=0)).label(state)

    query = (
        sa.select(c.recipe, c.model, of("ok"), of("failed"), of("pending"))
        .add_columns(
            *(sa.func.sum(one).label(one.name) for one in (c.prompt_tokens, c.completion_tokens, c.usd)),
        )
        .group_by(c.recipe, c.model)
        .order_by(c.recipe, c.model)
    )
    with store.database.read() as connection:
        rows = connection.execute(query).all()
    counts = ("ok", "failed", "pending", "prompt_tokens", "completion_tokens")
    return [
        Spent(
            recipe=row.recipe,
            model=row.model,
            usd=float(row.usd),
            **{name: int(getattr(row, name)) for name in counts},
        )
        for row in rows
    ]


def _latest(connection: sa.Connection, request: str) -> Call | None:
    c = schema.synth_call
    query = sa.select(c).where(c.c.request == request).order_by(c.c.attempt.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return None if row is None else Call(**row)


def _by_seq(connection: sa.Connection, seq: int) -> Call:
    c = schema.synth_call
    return Call(**connection.execute(sa.select(c).where(c.c.seq == seq)).mappings().one())
