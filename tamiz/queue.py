"""Whose turn it is: the next free pair of a person, in the order they chose, out of what they were assigned.

Every look-up goes down an index to the first pair that is free; nothing is counted and nothing sorted. A
queue of several parts (sources, labels) is several such look-ups, the most urgent part first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import sqlalchemy as sa

from tamiz import schema
from tamiz.assignments import WHOLE, Assignment, aside, assigned, part_of, share_bounds, tagged_few
from tamiz.errors import InputError
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
    few = tagged_few(connection, rule) is not None  # then they are looked up one by one, and sorted
    for state in OPEN_STATES:
        if not _any_left(connection, state, rule):
            continue
        mine = part_of(connection, rule, by_id=queue.order == "random" and state != "skipped")
        theirs = [aside(schema.pair.c.source).in_(rule.sources)] if rule.sources else []
        for part in [theirs] if few else _parts(connection, state, queue, rule, mine):
            free = _free(state, by, now, queue, known=not few)
            row = _first(connection, [*free, *mine, *part], _by(state, queue.order))
            if row is not None:
                return row
    return None


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


def _by(state: State, order: Order) -> Sequence[Any]:
    p = schema.pair.c
    if state == "skipped":
        return (p.version, p.seq)  # the least often skipped first
    return {
        "newest": (p.seq.desc(),),
        "oldest": (p.seq,),
        "balance": (p.seq,),
        "random": (p.id,),
        "need": (p.need.desc(), p.seq),
        "source": (p.need.desc(), p.seq),
    }[order]


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
            yield [p.label == label, *theirs]
        yield theirs  # labels that are cut off where they are counted
    elif rule.sources and queue.order != "random":
        for source in _ranked(connection, state, queue, rule, mine):
            yield [p.source == source]
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


def _ranked(connection: sa.Connection, state: State, queue: Queue, rule: Assignment, mine: Conditions) -> list[str]:
    """The person's sources by the pair that is first in each."""
    p, order = schema.pair.c, _by(state, queue.order)
    firsts = []
    for source in rule.sources:
        where = [p.state == _literal(state), p.source == source, *mine]
        first = sa.select(p.need, p.seq).where(*where).order_by(*order).limit(1)
        found = connection.execute(first).first()
        if found is not None:
            place = {"newest": (-found.seq,), "oldest": (found.seq,)}.get(queue.order, (-found.need, found.seq))
            firsts.append((place, source))
    return [source for _, source in sorted(firsts)]


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
