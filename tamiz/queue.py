"""Whose turn it is: the next free pair of a person, in the order they chose, out of what they were assigned.

Every look-up goes down an index to the first pair that is free; nothing is counted and nothing sorted. A
queue of several parts (sources, labels) is several such look-ups, the most urgent part first. Where the counters
say that few pairs can be meant (a rare language, a tag), just these are read and put in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import sqlalchemy as sa

from tamiz import schema
from tamiz.assignments import MANY, WHOLE, Assignment, aside, assigned, part_of, share_bounds, tagged_few
from tamiz.errors import InputError
from tamiz.facets import by_state
from tamiz.filters import column_condition, first_part
from tamiz.moves import OPEN_STATES, State

__all__ = ["ORDERS", "Order", "Queue", "next_free"]

Order = Literal["need", "newest", "oldest", "source", "random", "balance"]
ORDERS: tuple[Order, ...] = get_args(Order)

Conditions = Sequence[sa.ColumnElement[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """In which order pairs come, and of which kinds only.

    need     what needs a person first: curation.review.need says how much
    newest   the last to arrive first; oldest: the first to arrive
    source   by the order of `sources`, in each what needs a person first
    random   by the id, which is a hash: the same for everybody, and unlike the order of arrival
    balance  the label with the fewest accepted pairs first
    """

    order: Order = "need"
    sources: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.order not in ORDERS:
            raise InputError(f"{self.order!r} is no order of the queue; give one of: {', '.join(ORDERS)}")


def next_free(connection: sa.Connection, by: str, now: float, queue: Queue) -> sa.RowMapping | None:
    """The first pair that nobody holds and that this person has not spoken about; None when nothing is left."""
    rule = assigned(connection, by)
    if rule.share != WHOLE:  # a pair that asks for several opinions asks people outside its share too
        row = _second_opinion(connection, by, now, queue, rule)
        if row is not None:
            return row
    tagged = tagged_few(connection, rule) is not None  # then they are looked up one by one
    for state in OPEN_STATES:
        if not _any_left(connection, state, rule):
            continue
        few = [] if tagged else _few(connection, state, queue, rule)
        by_id = queue.order == "random" and state != "skipped"
        mine = [*_free(state, by, now, queue, known=not tagged), *part_of(connection, rule, by_id=by_id)]
        theirs = [aside(schema.pair.c.source).in_(rule.sources)] if rule.sources else []
        sort = tagged or bool(few)
        for part in [[*few, *theirs]] if sort else _parts(connection, state, queue, rule, mine):
            row = _first(connection, [*mine, *part], _sorted(state, queue) if sort else _by(state, queue.order))
            if row is not None:
                return row
    return None


def _few(connection: sa.Connection, state: State, queue: Queue, rule: Assignment) -> Conditions:
    """The languages or kinds that are asked for, where the counters say that few pairs of this state have them."""
    for column, values in (("lang", rule.langs), ("kind", queue.kinds)):
        if values and sum(by_state(connection, column, values, [state]).values()) <= MANY:
            return [schema.pair.c[column].in_(values)]
    return []


def _any_left(connection: sa.Connection, state: State, rule: Assignment) -> bool:
    """Whether the person's share has any pair in this state: a share that is done is not looked for in the rest."""
    p, (first, last) = schema.pair.c, share_bounds(rule.share)
    ends = [*([p.id >= first] if first else []), *([p.id < last] if last else [])]
    query = sa.select(p.seq).where(p.state == _literal(state), *ends).limit(1)
    return not ends or connection.execute(query).first() is not None


def _free(state: State, by: str, now: float, queue: Queue, *, known: bool = True) -> Conditions:
    """What a pair has to be for this person; `known`: the walk is down an index of states."""
    p, o = schema.pair.c, schema.opined.alias().c
    said = sa.select(o.seq).where(o.actor == by, o.pair == p.id)
    there = p.state if known else aside(p.state)
    where = [there == _literal(state), p.claimed_until <= now, ~said.exists()]
    return [*where, aside(p.kind).in_(queue.kinds)] if queue.kinds else where


def _first(connection: sa.Connection, where: Conditions, order: Sequence[Any]) -> sa.RowMapping | None:
    query = sa.select(schema.pair).where(*where).order_by(*order).limit(1)
    return connection.execute(query.with_for_update(skip_locked=True)).mappings().first()


def _by(state: State, order: Order, *, walked: bool = True) -> Sequence[Any]:
    """The order of the pairs; `walked`: down an index of it, and not by sorting few of them."""
    p = schema.pair.c
    seq, need, version = (one if walked else sa.func.coalesce(one, 0) for one in (p.seq, p.need, p.version))
    if state == "skipped":
        return (version, seq)  # the least often skipped first
    return {
        "newest": (seq.desc(),),
        "oldest": (seq,),
        "balance": (seq,),
        "random": (p.id if walked else aside(p.id),),
        "need": (need.desc(), seq),
        "source": (need.desc(), seq),
    }[order]


def _sorted(state: State, queue: Queue) -> Sequence[Any]:
    """The order of few pairs, of all parts of the queue."""
    p, f = schema.pair.c, schema.facet.c
    first: list[sa.ColumnElement[Any]] = []
    if state != "skipped" and queue.order == "source":
        ranks = {source: rank for rank, source in enumerate(queue.sources)}
        first += [sa.case(ranks, value=p.source, else_=len(ranks))] if ranks else []
        first.append(aside(p.source))
    if state != "skipped" and queue.order == "balance":
        label = first_part(p.label)
        done = sa.select(f.pairs).where(f.dimension == "label", f.value == label, f.state == "accepted")
        first += [sa.func.coalesce(done.scalar_subquery(), 0), label]
    return (*first, *_by(state, queue.order, walked=False))


def _parts(
    connection: sa.Connection, state: State, queue: Queue, rule: Assignment, mine: Conditions
) -> Iterator[Conditions]:
    """The parts of the queue, the most urgent first; each is one walk down an index."""
    p = schema.pair.c
    theirs = [aside(p.source).in_(rule.sources)] if rule.sources else []
    if state == "skipped":
        yield theirs
    elif queue.order == "source":
        for source in _sources(connection, state, queue, rule):
            yield [p.source == source]
    elif queue.order == "balance":
        for label in _labels(connection, state):
            yield [column_condition("label", [label]), *theirs]
    elif rule.sources and queue.order != "random":
        for source in _ranked(connection, state, queue, "source", rule.sources, mine):
            yield [p.source == source]
    elif rule.langs and queue.order in ("newest", "oldest"):
        for lang in _ranked(connection, state, queue, "lang", rule.langs, mine):
            yield [p.lang == lang]
    else:
        yield theirs


def _sources(connection: sa.Connection, state: State, queue: Queue, rule: Assignment) -> list[str]:
    """The person's sources that have pairs in this state: those of the queue in its order, then all others."""
    f = schema.facet.c
    query = sa.select(f.value).where(f.dimension == "source", f.state == state, f.pairs > 0).order_by(f.value)
    there = [one for one in connection.execute(query).scalars() if not rule.sources or one in rule.sources]
    known = [one for one in queue.sources if one in there]
    return [*known, *(one for one in there if one not in known)]


def _labels(connection: sa.Connection, state: State) -> list[str]:
    """The labels of pairs in this state, the one with the fewest accepted pairs first."""
    f, done = schema.facet.alias().c, schema.facet.alias()
    accepted = sa.and_(done.c.dimension == "label", done.c.value == f.value, done.c.state == "accepted")
    query = sa.select(f.value).where(f.dimension == "label", f.state == state, f.pairs > 0)
    query = query.select_from(sa.outerjoin(f.value.table, done, accepted))
    return list(connection.execute(query.order_by(sa.func.coalesce(done.c.pairs, 0), f.value)).scalars())


def _ranked(
    connection: sa.Connection, state: State, queue: Queue, column: str, values: Sequence[str], mine: Conditions
) -> list[str]:
    """The person's sources, or languages, by the free pair that is first in each."""
    p, order = schema.pair.c, _by(state, queue.order)
    firsts = []
    for value in values:
        first = sa.select(p.need, p.seq).where(p[column] == value, *mine).order_by(*order).limit(1)
        found = connection.execute(first).first()
        if found is not None:
            place = {"newest": (-found.seq,), "oldest": (found.seq,)}.get(queue.order, (-found.need, found.seq))
            firsts.append((place, value))
    return [value for _, value in sorted(firsts)]


def _second_opinion(
    connection: sa.Connection, by: str, now: float, queue: Queue, rule: Assignment
) -> sa.RowMapping | None:
    """A pair of somebody else's share that waits for another opinion; the one that has waited longest."""
    p, o = schema.pair, schema.opined
    for state in OPEN_STATES:
        free = _free(state, by, now, queue, known=False)
        where = [*free, o.c.actor != by, *part_of(connection, rule, share=False)]
        if rule.sources:
            where.append(aside(p.c.source).in_(rule.sources))
        query = sa.select(p).join_from(o, p, o.c.pair == p.c.id).where(*where).order_by(o.c.seq).limit(1)
        row = connection.execute(query.with_for_update(skip_locked=True, of=p)).mappings().first()
        if row is not None:
            return row
    return None


def _literal(state: State) -> sa.ColumnElement[str]:
    """Written into the statement: an index of some states only is not used with a parameter."""
    return sa.literal_column(f"'{state}'", sa.Text)
