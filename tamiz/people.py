"""The people of a project and what each may do. A project without people is open: whoever reaches it may do all.

Every change is another entry; the latest one of a name stands. A name that was once given stays with its spelling.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

import sqlalchemy as sa

from tamiz import schema
from tamiz.errors import NotPermitted
from tamiz.store import Store

__all__ = [
    "GONE",
    "MAY",
    "Act",
    "NoAdmin",
    "Person",
    "PersonChange",
    "Role",
    "change_person",
    "is_open",
    "may",
    "name_key",
]
__all__ += ["people", "people_history", "permit", "permit_within", "person", "pin_hash"]

Role = Literal["admin", "reviewer", "viewer"]
Act = Literal["look", "decide", "manage"]
MAY: dict[Role, tuple[Act, ...]] = {
    "admin": ("look", "decide", "manage"),
    "reviewer": ("look", "decide"),
    "viewer": ("look",),
}
GONE = "gone"  # the role of somebody who was removed
PERSON = "person:"


class NoAdmin(NotPermitted):
    """Nobody would be left to manage the project."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a name in this project. `subject` is who they are to the identity provider, or ""."""

    name: str
    role: Role
    version: int
    has_pin: bool
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChange:
    """An entry of the history of people. `what` is added, role, pin, subject or removed; no PIN is in it."""

    at: str
    actor: str
    name: str
    what: str
    role: str


def name_key(name: str) -> str:
    """What two spellings of one name have in common: neither case nor spaces nor Unicode forms tell names apart.

    >>> name_key("Night  SHÍFT") == name_key("night shi\\u0301ft")
    True
    """
    from unicodedata import normalize

    folded = normalize("NFKC", normalize("NFC", name).casefold())
    return " ".join(normalize("NFC", folded.casefold()).split())


def people(store: Store) -> list[Person]:
    """Everybody who has a role now, by name."""
    with store.database.read() as connection:
        rows = _standing(connection)
    return [_person(row) for row in rows if row["role"] != GONE]


def person(store: Store, name: str) -> Person | None:
    """Who has this name now, in this spelling; None for nobody."""
    c = schema.person_change
    query = sa.select(c).where(c.c.name == name).order_by(c.c.version.desc()).limit(1)
    with store.database.read() as connection:
        row = connection.execute(query).mappings().first()
    return _person(row) if row is not None and row["role"] in get_args(Role) else None


def pin_hash(store: Store, name: str) -> str:
    """The salted hash of this person's PIN; "" for nobody, and for somebody without one."""
    c = schema.person_change.c
    query = sa.select(c.role, c.pin).where(c.name == name).order_by(c.version.desc()).limit(1)
    with store.database.read() as connection:
        row = connection.execute(query).first()
    return row.pin if row is not None and row.role != GONE else ""


def is_open(store: Store) -> bool:
    """Whether this project has no people, so that everybody may do all. Once it has some, an admin always stays."""
    with store.database.read() as connection:
        return connection.execute(sa.select(schema.person_change.c.seq).limit(1)).first() is None


def may(role: Role, act: Act) -> bool:
    return act in MAY[role]


def permit(store: Store, by: str, act: Act) -> None:
    """NotPermitted unless `by` ("person:NAME") may do this. In a project without people everybody may.

    Only persons are asked: what is by a rule, a step or the command line of this machine passes.
    """
    if by.startswith(PERSON):
        with store.database.read() as connection:
            permit_within(connection, by, act)


def permit_within(connection: sa.Connection, by: str, act: Act) -> None:
    """The same inside a transaction: cheaper, and no role changes between the question and the deed."""
    if not by.startswith(PERSON):
        return
    name = by.removeprefix(PERSON)
    c = schema.person_change.c
    latest = sa.select(c.role).where(c.name == name).order_by(c.version.desc()).limit(1).scalar_subquery()
    anybody = sa.exists(sa.select(c.seq).limit(1).correlate(None))
    role, closed = connection.execute(sa.select(latest, anybody)).one()
    if not closed:
        return
    if role not in MAY:
        raise NotPermitted(f"{name!r} is nobody of this project; an admin can add them: tamiz people add NAME")
    if act not in MAY[role]:
        raise NotPermitted(f"{name} is a {role} and may not {act}; ask an admin for another role")


def change_person(store: Store, name: str, by: str, work: Callable[[Mapping[str, Any] | None], dict[str, str]]) -> None:
    """Enter a change of the person of this name, all checks and the entry in one transaction.

    `work` is given the latest entry of the name (None for a new one) and returns the fields that change, or raises.
    NoAdmin when nobody would be left to manage the project.
    """
    at = store.timestamp()

    def enter(connection: sa.Connection) -> None:
        if store.database.dialect == "postgresql":  # SQLite has one writer at a time anyway
            connection.exec_driver_sql("LOCK TABLE person_change IN EXCLUSIVE MODE")
        rows = _standing(connection)
        last = next((row for row in rows if name_key(row["name"]) == name_key(name)), None)
        nobody = {"name": name, "version": 0, "role": GONE, "pin": "", "subject": ""}
        before: dict[str, Any] = nobody if last is None else dict(last)
        changed = work(None if last is None else before)
        entry = before | changed | {"at": at, "actor": by, "version": before["version"] + 1}
        entry.pop("seq", None)
        admins = [row["name"] for row in rows if row["role"] == "admin" and row["name"] != entry["name"]]
        if entry["role"] != "admin" and not admins:
            raise NoAdmin(_no_admin(entry, rows))
        connection.execute(sa.insert(schema.person_change), entry)
        if "pin" in changed or "subject" in changed or entry["role"] == GONE:
            connection.execute(sa.delete(schema.session).where(schema.session.c.name == entry["name"]))

    store.database.write(enter)


def people_history(store: Store, limit: int = 100) -> list[PersonChange]:
    """Who was added, changed and removed by whom, the latest first."""
    c = schema.person_change
    before = c.alias()
    earlier = sa.and_(before.c.name == c.c.name, before.c.version == c.c.version - 1)
    columns = [before.c[name].label(f"old_{name}") for name in ("role", "pin", "subject")]
    query = sa.select(c, *columns).select_from(c.outerjoin(before, earlier)).order_by(c.c.seq.desc()).limit(limit)
    with store.database.read() as connection:
        rows = connection.execute(query).mappings().all()
    return [
        PersonChange(at=row["at"], actor=row["actor"], name=row["name"], what=_what(row), role=row["role"])
        for row in rows
    ]


def _what(row: sa.RowMapping) -> str:
    if row["role"] == GONE:
        return "removed"
    if row["old_role"] in (None, GONE):
        return "added"
    return next((what for what in ("role", "pin", "subject") if row[what] != row[f"old_{what}"]), "pin")


def _no_admin(entry: Mapping[str, Any], rows: list[sa.RowMapping]) -> str:
    name = entry["name"]
    if not rows:
        return f"the first person of a project must be an admin; run: tamiz people add {name!r} --role admin"
    return f"{name} is the last admin and stays one; make somebody else an admin first"


def _standing(connection: sa.Connection) -> list[sa.RowMapping]:
    """The latest entry of every name, by name."""
    c = schema.person_change
    latest = sa.select(c.c.name, sa.func.max(c.c.version).label("version")).group_by(c.c.name).subquery()
    newest = sa.select(c).join(latest, sa.and_(c.c.name == latest.c.name, c.c.version == latest.c.version))
    return list(connection.execute(newest.order_by(c.c.name)).mappings())


def _person(row: sa.RowMapping) -> Person:
    values = {field.name: row[field.name] for field in fields(Person) if field.name != "has_pin"}
    return Person(**values, has_pin=bool(row["pin"]))
