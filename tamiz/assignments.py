"""Which pairs are whose: what a person's queue is taken from. Every change is another entry; the latest stands.

Shares are cut by the pair's id, which is a hash: two people with (0, 0.5) and (0.5, 1) never have a pair in
common, and every pair is in one of the two.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from tamiz import schema
from tamiz.errors import Conflict, InputError
from tamiz.people import permit, person
from tamiz.store import Store

__all__ = ["Assigned", "Assignment", "assign", "assigned", "assignment_history", "assignments", "share_bounds"]

PERSON = "person:"
WHOLE = (0.0, 1.0)
MANY = 2_000  # tagged pairs; so many are looked up by their tag, more are looked for in the queue
_HEX = 16**8  # how finely a share is cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A part of the pairs: of these sources, in these languages, with one of these tags; () stands for all.

    `share` is a part of what is left, from and up to, such as (0.0, 0.5) for the first half.
    """

    sources: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    share: tuple[float, float] = WHOLE

    def __post_init__(self) -> None:
        first, last = self.share
        if not 0 <= first < last <= 1:
            raise InputError(f"the share is from {first} to {last}; give two numbers such as 0 and 0.5")

    @property
    def everything(self) -> bool:
        return not (self.sources or self.langs or self.tags) and self.share == WHOLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """What somebody is to review, who said so and when."""

    name: str
    rule: Assignment
    actor: str
    at: str


def assign(store: Store, name: str, rule: Assignment, by: str) -> None:
    """Give somebody their part of the pairs; Assignment() is everything again. Only who may manage may assign."""
    permit(store, by, "manage")
    if person(store, name) is None and not name.strip():
        raise InputError("say who the pairs are for; give the name of a person")
    a, at = schema.assignment, store.timestamp()

    def work(connection: sa.Connection) -> None:
        last = connection.execute(sa.select(sa.func.max(a.c.version)).where(a.c.name == name)).scalar() or 0
        values = {"at": at, "actor": by, "name": name, "version": last + 1, "rule": json.dumps(asdict(rule))}
        try:
            connection.execute(sa.insert(a), values)
        except sa.exc.IntegrityError:  # the same version, a moment ago
            raise Conflict(f"somebody else has just assigned pairs to {name}; look again") from None

    store.database.write(work)


def assignments(store: Store) -> list[Assigned]:
    """Everybody who has a part of the pairs now, by name."""
    a = schema.assignment
    latest = sa.select(sa.func.max(a.c.seq)).group_by(a.c.name)
    with store.database.read() as connection:
        rows = connection.execute(sa.select(a).where(a.c.seq.in_(latest)).order_by(a.c.name)).mappings().all()
    return [found for found in map(_assigned, rows) if not found.rule.everything]


def assignment_history(store: Store, limit: int = 100) -> list[Assigned]:
    """What was assigned to whom by whom, the latest first."""
    a = schema.assignment
    with store.database.read() as connection:
        rows = connection.execute(sa.select(a).order_by(a.c.seq.desc()).limit(limit)).mappings().all()
    return [_assigned(row) for row in rows]


def assigned(connection: sa.Connection, by: str) -> Assignment:
    """The part of this person ("person:NAME"); everything for somebody nothing was assigned to."""
    a = schema.assignment.c
    query = sa.select(a.rule).where(a.name == by.removeprefix(PERSON)).order_by(a.version.desc()).limit(1)
    found = connection.execute(query).scalar()
    return Assignment() if found is None else _rule(found)


def share_bounds(share: tuple[float, float]) -> tuple[str, str]:
    """The ids between which a share lies: from the first on, below the second ("" for no end).

    >>> share_bounds((0.0, 0.5)), share_bounds((0.5, 1.0))
    (('', '80000000'), ('80000000', ''))
    """
    first, last = (f"{round(part * _HEX):08x}" if 0 < part < 1 else "" for part in share)
    return first, last


def part_of(
    connection: sa.Connection, rule: Assignment, *, share: bool = True, by_id: bool = False
) -> Sequence[sa.ColumnElement[bool]]:
    """What the queue asks of a pair besides its source: language, tag and share.

    Columns are in a function where an index of them would lead away from the queue's own order; `by_id`: the order
    is that of the ids.
    """
    p, t = schema.pair.c, schema.pair_tag.c
    where: list[sa.ColumnElement[bool]] = []
    if rule.langs:
        where.append(aside(p.lang).in_(rule.langs))
    first, last = share_bounds(rule.share) if share else ("", "")
    place = p.id if by_id else aside(p.id)
    if first:
        where.append(place >= first)
    if last:
        where.append(place < last)
    if rule.tags:
        few = tagged_few(connection, rule)
        tagged = sa.select(t.pair).where(t.tag.in_(rule.tags), t.pair == p.id)
        where.append(tagged.exists() if few is None else p.id.in_(few))
    return where


def tagged_few(connection: sa.Connection, rule: Assignment) -> list[str] | None:
    """The pairs that have one of the rule's tags, where they are few; None for no tags, and for too many pairs."""
    t = schema.pair_tag.c
    if not rule.tags:
        return None
    query = sa.select(t.pair).where(t.tag.in_(rule.tags)).distinct().limit(MANY + 1)
    found = list(connection.execute(query).scalars())
    return found if len(found) <= MANY else None


def aside(column: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """The same value, not to be looked up in an index."""
    return sa.func.coalesce(column, "")


def _rule(text: str) -> Assignment:
    values: dict[str, Any] = json.loads(text)
    return Assignment(**{name: tuple(value) for name, value in values.items()})


def _assigned(row: sa.RowMapping) -> Assigned:
    return Assigned(name=row["name"], rule=_rule(row["rule"]), actor=row["actor"], at=row["at"])
