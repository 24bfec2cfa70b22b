"""The ledger of synthesis: one row for each call of a model, from before it is sent until it is ok or has failed.

A call is known by the hash of all that is sent, so the same one is never sent twice, whoever runs the recipe, and
its reply serves whoever asks the same. A settled call never changes; to ask again is another row (`attempt`). A call
that is pending belongs to a run; when that run is dead, the next one takes it over.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

import sqlalchemy as sa

from tamiz import schema
from tamiz.database import insert_new
from tamiz.records import Finding, Pair
from tamiz.store import CHUNK, Store, insert_pairs

__all__ = ["Call", "CallState", "MadeBy", "Question", "Run", "Spent", "begin_run", "call_of", "claim_call", "end_run"]
__all__ += [
    "finish_call",
    "forget_replies",
    "keep_made",
    "last_call",
    "living_runs",
    "made_by",
    "open_calls",
    "readings",
]
__all__ += ["judge_looks", "keep_verdict", "people_decided"]
__all__ += ["release_call", "renew_run", "spent_by_recipe", "standing_call"]

CallState = Literal["pending", "ok", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of a recipe. `alive_until` is when it counts as dead unless it says again that it lives (UNIX time);
    `ended` says how it ended, "" while it has not."""

    run: str
    at: str
    recipe: str
    host: str
    alive_until: float
    ended: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeBy:
    """How a pair was made. `call` is None where no model was asked."""

    pair: str
    recipe: str
    material: str
    run: str
    at: str
    call: Call | None


def begin_run(
    store: Store,
    *,
    actor: str,
    recipe: str,
    provider: str,
    model: str,
    address: str,
    host: str,
    asked_for: Mapping[str, Any],
    lease_seconds: float,
) -> str:
    """Write down that a run begins; its name."""
    name = uuid.uuid4().hex
    values = {
        "run": name,
        "at": store.timestamp(),
        "actor": actor,
        "recipe": recipe,
        "provider": provider,
        "model": model,
        "address": address,
        "host": host,
        "asked_for": json.dumps(asked_for, ensure_ascii=False, sort_keys=True, default=str),
        "alive_until": store.seconds() + lease_seconds,
        "ended_at": "",
        "ended": "",
    }
    store.database.write(lambda connection: connection.execute(sa.insert(schema.synth_run), values))
    return name


def renew_run(store: Store, run: str, *, lease_seconds: float) -> None:
    """Say that the run lives."""
    r = schema.synth_run
    update = sa.update(r).where(r.c.run == run, r.c.ended == "").values(alive_until=store.seconds() + lease_seconds)
    store.database.write(lambda connection: connection.execute(update))


def end_run(store: Store, run: str, how: str) -> None:
    """Say that the run has ended, and how ("done", "stopped: ..."); its pending calls are free."""
    r = schema.synth_run
    values = {"ended": how or "done", "ended_at": store.timestamp(), "alive_until": 0.0}
    store.database.write(lambda connection: connection.execute(sa.update(r).where(r.c.run == run).values(**values)))


def living_runs(store: Store) -> list[Run]:
    """The runs that have not said that they have ended, the oldest first."""
    r = schema.synth_run
    query = sa.select(r).where(r.c.ended == "").order_by(r.c.seq)
    with store.database.read() as connection:
        return [_run_of(row) for row in connection.execute(query).mappings()]


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
            if row.state != "pending" or (row.run != run and not _is_over(connection, row.run, now, is_dead)):
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
    """Settle a call; the row as it stands. One that another run has settled meanwhile stays as that left it."""
    c = schema.synth_call
    values = {
        "state": "ok" if ok else "failed",
        "why": why,
        "reply": reply,
        "tries": tries,
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "usd": usd,
        "seconds": round(seconds, 3),
        "settled_at": store.timestamp(),
    }

    def work(connection: sa.Connection) -> Call:
        connection.execute(sa.update(c).where(c.c.seq == call.seq, c.c.state == "pending").values(**values))
        return _by_seq(connection, call.seq)

    return store.database.write(work)


def release_call(store: Store, call: Call) -> None:
    """Give a pending call up without an answer: no run has it, and the next one that needs it sends it."""
    c = schema.synth_call
    update = sa.update(c).where(c.c.seq == call.seq, c.c.state == "pending", c.c.run == call.run).values(run="")
    store.database.write(lambda connection: connection.execute(update))


def keep_made(
    store: Store,
    *,
    call: int,
    run: str,
    recipe: str,
    material: str,
    pairs: Sequence[Pair],
    looks: Mapping[str, Mapping[str, Sequence[Finding]]],
    settings: str = "",
) -> tuple[str, ...] | None:
    """Keep what came of a reply (or of no model: call 0), all or nothing; the ids that are new.

    `looks` has the findings of each step about each new pair: {step: {pair: findings}}. None where this reply has
    been read for this material before: nothing is written then.
    """
    at = store.timestamp()

    def work(connection: sa.Connection) -> tuple[str, ...] | None:
        dialect = connection.dialect.name
        if call:
            reading = {"call": call, "run": run, "material": material, "at": at, "made": len(pairs)}
            insert = insert_new(dialect, schema.synth_reading, "call", "material").returning(schema.synth_reading.c.seq)
            if connection.execute(insert, reading).scalar() is None:
                return None
        added = insert_pairs(connection, pairs, at=at, actor=f"synth:{recipe}")
        insert = insert_new(dialect, schema.synth_made, "pair", "recipe", "material", "call")
        about = {"call": call, "run": run, "recipe": recipe, "material": material, "at": at}
        rows = [{**about, "pair": pair.id, "place": place} for place, pair in enumerate(pairs)]
        if rows:
            connection.execute(insert, rows)
        for step, by_pair in looks.items():
            _insert_looks(connection, step, settings, {p: by_pair.get(p, ()) for p in added.new}, at)
        return added.new

    return store.database.write(work)


def keep_verdict(
    store: Store, *, call: int, run: str, pair: str, step: str, settings: str, findings: Sequence[Finding]
) -> bool:
    """Keep what a judge says of a pair as one more look at it; False where this reply was read before."""
    at = store.timestamp()

    def work(connection: sa.Connection) -> bool:
        reading = {"call": call, "run": run, "material": pair, "at": at, "made": 0}
        table = schema.synth_reading
        insert = insert_new(connection.dialect.name, table, "call", "material").returning(table.c.seq)
        if connection.execute(insert, reading).scalar() is None:
            return False
        _insert_looks(connection, step, settings, {pair: findings}, at)
        return True

    return store.database.write(work)


def judge_looks(store: Store, step: str) -> dict[tuple[str, str], bool]:
    """Whether the latest look of a step under each of its settings found anything: {(pair, settings): found}."""
    k, f = schema.look.c, schema.finding.c
    newest = sa.select(sa.func.max(k.seq)).where(k.step == step).group_by(k.pair, k.settings)
    found = sa.select(f.seq).where(f.look == k.seq).exists()
    query = sa.select(k.pair, k.settings, found.label("found")).where(k.seq.in_(newest)).order_by(k.seq)
    with store.database.read() as connection:
        return {(row.pair, row.settings): bool(row.found) for row in connection.execute(query)}


def people_decided(store: Store, pairs: Sequence[str]) -> dict[str, str]:
    """What a person decided about each of these pairs (accept, reject or edit), where that stands and was theirs."""
    e = schema.event.c
    standing: dict[str, list[Any]] = {}
    with store.database.read() as connection:
        for start in range(0, len(pairs), CHUNK):
            moves = ("accept", "reject", "edit", "undo")
            query = sa.select(e.pair, e.move, e.actor, e.action, e.undoes).order_by(e.seq)
            for row in connection.execute(query.where(e.pair.in_(pairs[start : start + CHUNK]), e.move.in_(moves))):
                before = standing.setdefault(row.pair, [])
                if row.move == "undo":
                    standing[row.pair] = [one for one in before if one.action != row.undoes]
                else:
                    before.append(row)
    latest = {pair: rows[-1] for pair, rows in standing.items() if rows}
    return {pair: row.move for pair, row in latest.items() if row.actor.startswith("person:")}


def _insert_looks(
    connection: sa.Connection, step: str, settings: str, by_pair: Mapping[str, Sequence[Finding]], at: str
) -> None:
    rows = [{"pair": pair, "step": step, "settings": settings, "at": at} for pair in by_pair]
    if not rows:
        return
    insert = sa.insert(schema.look).returning(schema.look.c.seq, schema.look.c.pair)
    looks = {row.pair: row.seq for row in connection.execute(insert, rows)}
    found = [
        {"id": finding.id, "look": looks[pair], **asdict(finding)}
        for pair, findings in by_pair.items()
        for finding in findings
    ]
    if found:
        connection.execute(sa.insert(schema.finding), found)


def readings(store: Store, call: int) -> set[str]:
    """The materials for which this call's reply has been read."""
    r = schema.synth_reading.c
    with store.database.read() as connection:
        return set(connection.execute(sa.select(r.material).where(r.call == call)).scalars())


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


def made_by(store: Store, pairs: Sequence[str]) -> dict[str, MadeBy]:
    """How each of these pairs was made first; pairs that no recipe made are left out."""
    m, c = schema.synth_made, schema.synth_call
    found: dict[str, MadeBy] = {}
    with store.database.read() as connection:
        for start in range(0, len(pairs), CHUNK):
            query = sa.select(m).where(m.c.pair.in_(pairs[start : start + CHUNK])).order_by(m.c.seq)
            rows = connection.execute(query).mappings().all()
            numbers = sorted({row["call"] for row in rows} - {0})
            calls = {
                row["seq"]: Call(**row)
                for row in connection.execute(sa.select(c).where(c.c.seq.in_(numbers))).mappings()
            }
            for row in rows:
                values = {name: row[name] for name in ("pair", "recipe", "material", "run", "at")}
                found.setdefault(row["pair"], MadeBy(call=calls.get(row["call"]), **values))
    return found


def forget_replies(connection: sa.Connection, pair: str, group: str) -> None:
    """Take away the text of every reply that was about this pair or its thread, made it, or judged what was made of
    it, within a transaction that seals it."""
    c, m = schema.synth_call, schema.synth_made.c
    made = sa.select(m.call).where(m.pair == pair)
    judged = sa.select(m.pair).where(m.material.in_((pair, group)))
    mine = sa.or_(c.c.material.in_((pair, group)), c.c.material.in_(judged), c.c.seq.in_(made))
    connection.execute(sa.update(c).where(mine, c.c.state != "pending", c.c.reply != "").values(reply=""))


def _latest(connection: sa.Connection, request: str) -> Call | None:
    c = schema.synth_call
    query = sa.select(c).where(c.c.request == request).order_by(c.c.attempt.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return None if row is None else Call(**row)


def _by_seq(connection: sa.Connection, seq: int) -> Call:
    c = schema.synth_call
    return Call(**connection.execute(sa.select(c).where(c.c.seq == seq)).mappings().one())


def _run(connection: sa.Connection, run: str) -> Run | None:
    r = schema.synth_run
    row = connection.execute(sa.select(r).where(r.c.run == run)).mappings().first()
    return None if row is None else _run_of(row)


def _run_of(row: sa.RowMapping) -> Run:
    return Run(**{f.name: row[f.name] for f in fields(Run)})


def _is_over(connection: sa.Connection, run: str, now: float, is_dead: Callable[[Run], bool]) -> bool:
    """Whether a run has ended, has not said for long that it lives, or is known to be dead."""
    found = _run(connection, run)
    return found is None or bool(found.ended) or found.alive_until <= now or is_dead(found)
