"""Pairs a page at a time, by a filter and in an order, however many there are; and how many there are.

A page costs the same wherever it is: it begins behind the last pair seen (no OFFSET). What a filter leads to comes
from an index: the counters say which of its columns has the fewest pairs, and conditions about other tables
are listed first where few pairs fulfil them. Where none of them narrows it down, LOOK pairs are looked at in one
go, and again until a page is full or the patience ends; such a page may be short, and the next one goes on behind it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import sqlalchemy as sa

from tamiz import schema
from tamiz.facets import by_state
from tamiz.filters import Condition, Filter, all_conditions, column_condition, columns, conditions, plain, unindexed
from tamiz.moves import State
from tamiz.search import key, ordered
from tamiz.store import Store, StoredPair, stored_pair

__all__ = ["Count", "Found", "Key", "Order", "count", "examples", "listed", "numbers", "page"]

Order = Literal["newest", "oldest", "need"]
FEW = 2_000  # pairs that a condition is listed for
LOOK = 4_000  # pairs that are looked at in one go where nothing narrows a filter down
LOOK_UP = 300  # the same where the words of each are looked up
MOST_BRANCHES = 24
Key = tuple[float, int]  # pairs come in the order of it, whatever the order is called


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page. `after` is where the next one begins, None at the end; `whole` that it is not a short one."""

    pairs: tuple[StoredPair, ...]
    after: Key | None
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many pairs there are, or at least."""

    pairs: int
    exact: bool


@dataclass(frozen=True, slots=True)
class _Branch:
    """A part of the pairs that an index has in order: conditions it is found by, and those asked of each pair."""

    found_by: tuple[sa.ColumnElement[bool], ...]
    asked: tuple[sa.ColumnElement[bool], ...]
    bounded: bool
    words: Condition | None = None
    look: int = 0  # LOOK, or how many pairs else


def page(
    store: Store,
    chosen: Filter,
    *,
    order: Order = "newest",
    after: Key | None = None,
    size: int = 50,
    patience: float = 0.0,
) -> Found:
    """The next `size` pairs behind `after`; with patience (seconds) a short page is looked further for."""
    started, whole = time.monotonic(), False
    keys: list[Key] = []
    with store.database.read() as connection:
        branches = _branches(connection, chosen, order)
        while True:
            more, after, whole = _keys(connection, branches, order, after, size - len(keys))
            keys += more
            if whole or after is None or time.monotonic() - started >= patience:
                break
        rows = _rows(connection, [seq for _, seq in keys])
    return Found(pairs=tuple(rows), after=after, whole=whole or after is None)


def count(store: Store, chosen: Filter, *, at_most: int = 2_000, patience: float = 0.0) -> Count:
    """How many pairs the filter finds: from the counters where they can tell, else counted up to `at_most`."""
    started, total, after = time.monotonic(), 0, None
    with store.database.read() as connection:
        told = _told_by_counters(connection, chosen)
        if told is not None:
            return Count(pairs=told, exact=True)
        branches = _branches(connection, chosen, "newest")
        while total <= at_most:
            more, after, whole = _keys(connection, branches, "newest", after, at_most + 1 - total)
            total += len(more)
            if after is None:
                return Count(pairs=total, exact=True)
            if whole or time.monotonic() - started >= patience:
                break
    return Count(pairs=min(total, at_most), exact=False)


def numbers(connection: sa.Connection, chosen: Filter) -> Sequence[Any]:
    """The number (seq), version and id of every pair that the filter finds, in the order of arrival."""
    p = schema.pair.c
    where = all_conditions(chosen, connection.dialect.name)
    return connection.execute(sa.select(p.seq, p.version, p.id).where(*where).order_by(p.seq)).all()


def examples(store: Store, numbers: Sequence[int], *, limit: int) -> list[StoredPair]:
    """Some of these pairs, evenly spread."""
    step = max(len(numbers) // limit, 1)
    with store.database.read() as connection:
        return _rows(connection, list(numbers[::step])[:limit])


def listed(dialect: str, column: sa.ColumnElement[Any], values: Sequence[Any]) -> sa.ColumnElement[bool]:
    """That a column has one of many values, which go to the database as one."""
    if dialect == "sqlite":
        return column.in_(sa.select(sa.func.json_each(json.dumps(list(values))).table_valued("value").c.value))
    kind = sa.BigInteger if column.type._type_affinity is sa.Integer else sa.Text
    return column == sa.func.any(sa.cast(sa.literal(list(values), sa.ARRAY(kind)), sa.ARRAY(kind)))


def _told_by_counters(connection: sa.Connection, chosen: Filter) -> int | None:
    asked = columns(chosen)
    if len(asked) > 1 or plain(chosen) or conditions(chosen, connection.dialect.name):
        return None
    if not asked:
        t = schema.tally.c
        query = sa.select(sa.func.sum(t.pairs)).where(*([t.state.in_(chosen.states)] if chosen.states else []))
        return int(connection.execute(query).scalar() or 0)
    [(column, values)] = asked.items()
    return sum(by_state(connection, column, values, chosen.states).values())


def _branches(connection: sa.Connection, chosen: Filter, order: Order) -> list[_Branch]:
    dialect = connection.dialect.name
    about, asked = conditions(chosen, dialect), columns(chosen)
    p = schema.pair.c
    own = [column_condition(column, values) for column, values in asked.items()] + plain(chosen)
    if chosen.states:
        own.append(p.state.in_(chosen.states))
    for condition in about:
        few = condition.probe(connection, FEW)
        if few is not None:
            found_by = (listed(dialect, p[condition.key], few),)
            rest = [one.holds for one in about if one is not condition or one.key == "id"]
            return [_Branch(found_by, unindexed([*own, *rest], dialect), False)] if few else []
    words = next((one for one in about if one.query is not None and one.query.wanted), None)
    if words is not None and order != "need":
        rest = [one.holds for one in about if one is not words]
        return [_Branch((), unindexed([*own, *rest], dialect), bool(own or rest), words)]
    rest = [*plain(chosen), *(one.holds for one in about)]
    branches = _by_column(connection, chosen, order, rest)
    return branches if words is None else [replace(branch, look=min(LOOK, LOOK_UP)) for branch in branches]


def _by_column(
    connection: sa.Connection, chosen: Filter, order: Order, rest: list[sa.ColumnElement[bool]]
) -> list[_Branch]:
    """The parts of the column with the fewest pairs, or else of the states."""
    p, asked, dialect = schema.pair.c, columns(chosen), connection.dialect.name
    sizes = {name: by_state(connection, name, values, chosen.states) for name, values in asked.items()}
    if any(not there for there in sizes.values()):
        return []
    best = min(sizes, key=lambda name: sum(sizes[name].values()), default="")
    few = bool(best) and sum(sizes[best].values()) <= FEW
    usable = bool(best) and len(sizes[best]) <= MOST_BRANCHES and (few or order != "need")
    left = [column_condition(name, values) for name, values in asked.items() if not usable or name != best]
    residual = unindexed([*left, *rest], dialect)
    if usable:
        parts = [(column_condition(best, [value]), p.state == state) for value, state in sizes[best]]
        return [_Branch(part, residual, bool(residual) and not few) for part in parts]
    states = chosen.states or (get_args(State) if order == "need" else ())
    if not states:
        return [_Branch((), residual, bool(residual))]
    return [_Branch((p.state == state,), residual, bool(residual)) for state in states]


def _keys(
    connection: sa.Connection, branches: Sequence[_Branch], order: Order, after: Key | None, size: int
) -> tuple[list[Key], Key | None, bool]:
    """The next keys, where to go on behind them (None at the end), and whether there are `size` of them."""
    found: list[Key] = []
    bounds: list[Key] = []
    for branch in branches:
        bound = _bound(connection, branch, order, after) if branch.bounded else None
        query = _in_order(_select(connection.dialect.name, branch, order, (*branch.found_by, *branch.asked)), order)
        query = query.where(*_between(connection.dialect.name, branch, order, after, bound)).limit(size + 1)
        found += [_key_of(order, row) for row in connection.execute(query)]
        bounds += [bound] if bound is not None else []
    found.sort()
    if bounds:  # behind the first of them not every branch has been looked at
        found = [key for key in found if key <= min(bounds)]
    if len(found) > size:
        return found[:size], found[size - 1], True
    return found, min(bounds, default=None), False


def _bound(connection: sa.Connection, branch: _Branch, order: Order, after: Key | None) -> Key | None:
    """The last of the next LOOK pairs of a branch; None when there are no more than that."""
    dialect = connection.dialect.name
    query = _in_order(_select(dialect, branch, order, branch.found_by, asks=False), order)
    row = connection.execute(
        query.where(*_between(dialect, branch, order, after, None)).limit(1).offset(branch.look or LOOK)
    ).first()
    return None if row is None else _key_of(order, row)


def _select(
    dialect: str, branch: _Branch, order: Order, where: Sequence[sa.ColumnElement[bool]], *, asks: bool = True
) -> sa.Select[Any]:
    p = schema.pair.c
    if branch.words is None or branch.words.query is None:
        shown: list[Any] = [p.seq, p.need if order == "need" else sa.literal(0.0).label("need")]
        select: sa.Select[Any] = sa.select(*shown)
        return select.where(*where)
    seq = key(dialect)
    found: list[Any] = [seq.label("seq"), sa.literal(0.0).label("need")]
    query: sa.Select[Any] = ordered(branch.words.query, dialect).with_only_columns(*found)
    return query.join(schema.pair, p.seq == seq).where(*where) if asks and where else query


def _in_order(query: sa.Select[Any], order: Order) -> sa.Select[Any]:
    seq, need = query.selected_columns[0], query.selected_columns[1]
    by = {"newest": (seq.desc(),), "oldest": (seq.asc(),), "need": (need.desc(), seq.asc())}
    return query.order_by(*by[order])


def _between(
    dialect: str, branch: _Branch, order: Order, after: Key | None, bound: Key | None
) -> list[sa.ColumnElement[bool]]:
    """Behind `after`, up to `bound`."""
    p = schema.pair.c
    seq = p.seq if branch.words is None else key(dialect)
    limits: list[sa.ColumnElement[bool]] = []
    if order != "need":
        sign = -1 if order == "newest" else 1
        if after is not None:
            limits.append(seq > after[1] if sign > 0 else seq < after[1])
        if bound is not None:
            limits.append(seq <= bound[1] if sign > 0 else seq >= bound[1])
        return limits
    if after is not None:
        limits += [p.need <= -after[0], sa.or_(p.need < -after[0], seq > after[1])]
    if bound is not None:
        limits += [p.need >= -bound[0], sa.or_(p.need > -bound[0], seq <= bound[1])]
    return limits


def _key_of(order: Order, row: Any) -> Key:
    first = {"newest": -row.seq, "oldest": row.seq, "need": -row.need}[order]
    return first, row.seq


def _rows(connection: sa.Connection, numbers: Sequence[int]) -> list[StoredPair]:
    """The pairs of these numbers, in their order."""
    p = schema.pair
    found = connection.execute(sa.select(p).where(listed(connection.dialect.name, p.c.seq, numbers))).mappings()
    by_number = {row["seq"]: stored_pair(row) for row in found} if numbers else {}
    return [by_number[number] for number in numbers if number in by_number]
