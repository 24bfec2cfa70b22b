"""Runs of recipes: that they live, and how they ended. A pending call belongs to one; a dead one's calls are free."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa

from tamiz import schema
from tamiz.store import Store

__all__ = ["Run", "begin_run", "end_run", "is_over", "living_runs", "renew_run"]


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


def is_over(connection: sa.Connection, run: str, now: float, is_dead: Callable[[Run], bool]) -> bool:
    """Whether a run has ended, has not said for long that it lives, or is known to be dead."""
    found = _run(connection, run)
    return found is None or bool(found.ended) or found.alive_until <= now or is_dead(found)


def _run(connection: sa.Connection, run: str) -> Run | None:
    r = schema.synth_run
    row = connection.execute(sa.select(r).where(r.c.run == run)).mappings().first()
    return None if row is None else _run_of(row)


def _run_of(row: sa.RowMapping) -> Run:
    return Run(**{f.name: row[f.name] for f in fields(Run)})
