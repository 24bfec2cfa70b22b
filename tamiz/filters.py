"""Which pairs somebody wants to see: a filter, and its conditions as SQL.

A condition about other tables (words, tags, findings, decisions) has two forms: `probe` lists the pairs it holds
for as far as they are few, and `holds` asks one pair after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Self, get_args

import sqlalchemy as sa
from sqlalchemy.sql import operators

from tamiz import schema
from tamiz.errors import InputError
from tamiz.moves import State
from tamiz.search import Query, hits, matches, one_matches, parse
from tamiz.triggers import LONGEST_VALUE

__all__ = ["DECIDING", "Condition", "Filter", "all_conditions", "column_condition", "columns", "conditions", "plain"]
__all__ += ["first_part", "unindexed"]

DECIDING = ("accept", "reject", "edit", "skip")
LISTS = ("states", "sources", "langs", "kinds", "labels", "tags")
COLUMNS = {"sources": "source", "langs": "lang", "kinds": "kind", "labels": "label"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is asked of pairs; empty fields ask nothing. Of several values in one field any will do.

    `text` is a search (see tamiz.search), `finding` the step and kind of something that stands about the pair
    ("" for any kind), `decided_by` whose decision brought it where it is ("person:NAME", "rule:NAME"), `since` and
    `until` when it arrived (ISO 8601; from the first on, before the second), `url` a part of its address.
    """

    states: tuple[State, ...] = ()
    sources: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    text: str = ""
    finding: tuple[str, str] = ("", "")
    least_confidence: float = 0.0
    most_confidence: float = 1.0
    decided_by: str = ""
    since: str = ""
    until: str = ""
    url: str = ""
    group: str = ""

    def __post_init__(self) -> None:
        for name in LISTS:
            object.__setattr__(self, name, tuple(dict.fromkeys(getattr(self, name))))
        object.__setattr__(self, "finding", tuple(self.finding))  # a list, where it comes from JSON
        unknown = [state for state in self.states if state not in get_args(State)]
        if unknown:
            raise InputError(f"there is no state {unknown[0]!r}; the states are {', '.join(get_args(State))}")
        if not 0 <= self.least_confidence <= self.most_confidence <= 1:
            raise InputError(
                f"confidence {self.least_confidence} to {self.most_confidence} is no range; give shares from 0 to 1"
            )
        parse(self.text)

    def as_dict(self) -> dict[str, Any]:
        """What is asked, as plain JSON types, without what asks nothing."""
        empty = asdict(_NOTHING)
        return {name: value for name, value in asdict(self).items() if value != empty[name]}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        known = {f.name for f in fields(cls)}
        given: dict[str, Any] = {name: value for name, value in values.items() if name in known}
        return cls(**given)


_NOTHING = Filter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition about other tables.

    `probe` gives the numbers or ids of the pairs that may fulfil it, or None where they are more than the limit;
    `holds` is the condition for one pair after the other, `among` the one for all at once.
    """

    key: str  # seq or id, what `probe` gives
    probe: Callable[[sa.Connection, int], Sequence[Any] | None]
    holds: sa.ColumnElement[bool]
    among: sa.ColumnElement[bool]
    query: Query | None = None


def conditions(chosen: Filter, dialect: str) -> list[Condition]:
    """The conditions about other tables."""
    found = []
    if chosen.text.strip():
        query = parse(chosen.text)
        seq = schema.pair.c.seq
        forms = {"holds": one_matches(query, dialect, seq), "among": matches(query, dialect, seq)}
        probe = lambda connection, limit: hits(connection, query, limit=limit)  # noqa: E731
        found.append(Condition(key="seq", probe=probe, query=query, **forms))
    if chosen.tags:
        t = schema.pair_tag.c
        found.append(_of_id(sa.select(t.pair).where(t.tag.in_(chosen.tags)), t.pair))
    if chosen.finding[0]:
        found.append(_of_finding(*chosen.finding, dialect=dialect))
    if chosen.decided_by:
        found.append(_of_decision(chosen.decided_by))
    if chosen.group:
        p = schema.pair.c
        exact = sa.and_(first_part(p.pair_group) == chosen.group[:LONGEST_VALUE], p.pair_group == chosen.group)
        found.append(Condition(key="seq", probe=_probe(sa.select(p.seq).where(exact)), holds=exact, among=exact))
    return found


def columns(chosen: Filter) -> dict[str, tuple[str, ...]]:
    """The values asked of the counted columns, by column."""
    return {column: getattr(chosen, name) for name, column in COLUMNS.items() if getattr(chosen, name)}


def column_condition(column: str, values: Sequence[str]) -> sa.ColumnElement[bool]:
    """That a counted column has one of these values, as its index has it."""
    if column == "label":
        return _one_of(first_part(schema.pair.c.label), [value[:LONGEST_VALUE] for value in values])
    return _one_of(schema.pair.c[column], values)


def plain(chosen: Filter) -> list[sa.ColumnElement[bool]]:
    """What is asked of the other columns of a pair."""
    p = schema.pair.c
    asked: list[sa.ColumnElement[bool]] = []
    if chosen.least_confidence > 0 or chosen.most_confidence < 1:
        asked.append(p.confidence.between(chosen.least_confidence, chosen.most_confidence))
    if chosen.since:
        asked.append(p.added_at >= chosen.since)
    if chosen.until:
        asked.append(p.added_at < chosen.until)
    if chosen.url:
        asked.append(p.url.contains(chosen.url, autoescape=True))
    return asked


def all_conditions(chosen: Filter, dialect: str) -> list[sa.ColumnElement[bool]]:
    """Everything that is asked, in the form for all pairs at once."""
    asked = [column_condition(column, values) for column, values in columns(chosen).items()]
    if chosen.states:
        asked.append(schema.pair.c.state.in_(chosen.states))
    return [*asked, *plain(chosen), *(one.among for one in conditions(chosen, dialect))]


def first_part(column: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """The part of a text that is in its index."""
    return sa.func.substr(column, sa.literal_column("1"), sa.literal_column(str(LONGEST_VALUE)))


def _one_of(column: sa.ColumnElement[str], values: Sequence[str]) -> sa.ColumnElement[bool]:
    return column == values[0] if len(values) == 1 else column.in_(values)


def _of_finding(step: str, kind: str, *, dialect: str) -> Condition:
    f, k, p = schema.finding.c, schema.look.c, schema.pair.c
    newest = sa.select(sa.func.max(k.seq)).where(k.pair == f.pair, k.step == f.step).scalar_subquery()
    named = sa.select(f.pair).where(f.step == step, *([f.kind == kind] if kind else []))
    # a function of the pair, so that SQLite does not read a whole step in the order of its pairs
    probed = named.with_only_columns(sa.func.coalesce(f.pair, "")) if kind else named
    mine = sa.select(f.pair).where(f.pair == p.id, f.step == step, f.look == newest)
    there = mine.where(*(unindexed([f.kind == kind], dialect) if kind else [])).exists()
    return Condition(key="id", probe=_probe(probed), holds=there, among=p.id.in_(named.where(f.look == newest)))


def _of_decision(actor: str) -> Condition:
    e, p = schema.event.c, schema.pair.c
    made = sa.select(e.pair).where(e.actor == actor, e.move.in_(DECIDING))
    current = sa.select(p.version).where(p.id == e.pair).scalar_subquery()
    there = made.where(e.pair == p.id, e.version == p.version).exists()
    among = p.id.in_(made.where(e.version == current.correlate(schema.event)))
    return Condition(key="id", probe=_probe(made), holds=there, among=among)


def unindexed(asked: Iterable[sa.ColumnElement[bool]], dialect: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Conditions that SQLite is to ask of each row, not to look up: it would read, and sort, all it finds."""
    if dialect != "sqlite":
        return tuple(asked)
    return tuple(sa.UnaryExpression(one.self_group(), operator=operators.custom_op("+")) for one in asked)


def _of_id(select: sa.Select[Any], pair: sa.ColumnElement[str]) -> Condition:
    p = schema.pair.c
    return Condition(key="id", probe=_probe(select), holds=select.where(pair == p.id).exists(), among=p.id.in_(select))


def _probe(select: sa.Select[Any]) -> Callable[[sa.Connection, int], Sequence[Any] | None]:
    def probe(connection: sa.Connection, limit: int) -> Sequence[Any] | None:
        found = list(connection.execute(select.distinct().limit(limit + 1)).scalars())
        return found if len(found) <= limit else None

    return probe
