"""What came of calls: the pairs that recipes made, what was found in them, and a judge's verdicts on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from tamiz import schema
from tamiz.database import insert_new
from tamiz.records import Finding, Pair
from tamiz.store import CHUNK, Store, insert_pairs
from tamiz.synthledger import Call

__all__ = [
    "MadeBy",
    "forget_replies",
    "judge_looks",
    "keep_made",
    "keep_verdict",
    "made_by",
    "people_decided",
    "readings",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeBy:
    """How a pair was made. `call` is None where no model was asked."""

    pair: str
    recipe: str
    material: str
    run: str
    at: str
    call: Call | None


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
