"""The pairs that one transaction is about, as a temporary table, and what is done to all of them at once."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import sqlalchemy as sa

from tamiz import schema
from tamiz.store import FREE

__all__ = ["CHOSEN", "drop_where", "insert_from", "leave_out", "leave_out_held", "move_all", "take", "take_from"]

ROWS = 20_000  # of one insert

CHOSEN = sa.Table(
    "chosen_now",
    sa.MetaData(),
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # to move to
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)


def take(connection: sa.Connection, pairs: Iterable[tuple[int, int]], state: str) -> None:
    """These pairs, by number and version; they are to move to this state."""
    _create(connection)
    rest = iter(pairs)
    while rows := [{"seq": seq, "version": version, "state": state} for seq, version in islice(rest, ROWS)]:
        connection.execute(sa.insert(CHOSEN), rows)
    _lock(connection)


def take_from(connection: sa.Connection, select: sa.Select[Any]) -> int:
    """What a select of number, version and state finds; how many."""
    _create(connection)
    connection.execute(sa.insert(CHOSEN).from_select(["seq", "version", "state"], select))
    _lock(connection)
    return _count(connection)


def leave_out(connection: sa.Connection, by: str, now: float) -> tuple[int, int]:
    """Drop what is not as it was, and what others look at or several people are asked about; how many of each."""
    p, c, o = schema.pair.c, CHOSEN.c, schema.opined.c
    moved = drop_where(connection, ~_there(p.version == c.version))
    asked = sa.exists().where(p.seq == c.seq, o.pair == p.id)
    return moved, drop_where(connection, sa.or_(_claimed(by, now), asked))


def leave_out_held(connection: sa.Connection, by: str, now: float) -> int:
    """Drop what others look at; how many."""
    return drop_where(connection, _claimed(by, now))


def drop_where(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> int:
    return connection.execute(sa.delete(CHOSEN).where(condition)).rowcount


def insert_from(connection: sa.Connection, table: sa.Table, values: dict[str, sa.ColumnElement[Any]]) -> int:
    """A row for each chosen pair, in their order; values are expressions of the pair and CHOSEN."""
    p = schema.pair
    rows = sa.select(*(value.label(name) for name, value in values.items())).select_from(
        sa.join(CHOSEN, p, p.c.seq == CHOSEN.c.seq)
    )
    connection.execute(sa.insert(table).from_select(list(values), rows.order_by(CHOSEN.c.seq)))
    return _count(connection)


def move_all(
    connection: sa.Connection, *, move: str, at: str, actor: str, action: str, reason: str = "", undoes: str = ""
) -> int:
    """Move every chosen pair to its state, with an event each; how many."""
    p, c = schema.pair, CHOSEN.c
    told = {"at": at, "actor": actor, "action": action, "move": move, "reason": reason, "makes": "", "undoes": undoes}
    values: dict[str, Any] = {name: sa.literal(value, sa.Text) for name, value in told.items()}
    values |= {"pair": p.c.id, "from_state": p.c.state, "to_state": c.state, "version": p.c.version + 1}
    insert_from(connection, schema.event, values)
    to = sa.select(c.state).where(c.seq == p.c.seq).scalar_subquery()
    update = sa.update(p).where(p.c.seq.in_(sa.select(c.seq)))
    return connection.execute(update.values(state=to, version=p.c.version + 1, **FREE)).rowcount


def _create(connection: sa.Connection) -> None:
    """An empty one; a connection that is used again may still have the one of its last transaction."""
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {CHOSEN.name}")
    CHOSEN.create(connection, checkfirst=False)


def _count(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(CHOSEN)).scalar_one()


def _there(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(schema.pair.c.seq == CHOSEN.c.seq, *conditions)


def _claimed(by: str, now: float) -> sa.ColumnElement[bool]:
    p = schema.pair.c
    return _there(p.claimed_until > now, p.claimed_by != by)


def _lock(connection: sa.Connection) -> None:
    """Nobody else moves them until the end of the transaction; on SQLite nobody does anyway."""
    if connection.dialect.name == "sqlite":
        return
    connection.exec_driver_sql("ANALYZE chosen_now")
    p = schema.pair
    rows = sa.select(p.c.seq).join(CHOSEN, CHOSEN.c.seq == p.c.seq).order_by(p.c.seq).with_for_update(of=p)
    connection.execute(rows).all()
