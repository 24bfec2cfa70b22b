"""The people of a project and what each may do. A project without people is open: whoever reaches it may do all.

Every change is another entry; the latest one of a name stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import sqlalchemy as sa

from tamiz import schema
from tamiz.errors import NotPermitted
from tamiz.store import Store

__all__ = ["Act", "Person", "Role", "people", "permit", "person"]

Role = Literal["admin", "reviewer", "viewer"]
Act = Literal["look", "decide", "manage"]
MAY: dict[Role, tuple[Act, ...]] = {
    "admin": ("look", "decide", "manage"),
    "reviewer": ("look", "decide"),
    "viewer": ("look",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a name in this project. `subject` is who they are to the identity provider, or ""."""

    name: str
    role: Role
    version: int
    has_pin: bool
    subject: str


def people(store: Store) -> list[Person]:
    """Everybody who has a role now, by name."""
    c = schema.person_change
    latest = sa.select(c.c.name, sa.func.max(c.c.version).label("version")).group_by(c.c.name).subquery()
    newest = sa.select(c).join(latest, sa.and_(c.c.name == latest.c.name, c.c.version == latest.c.version))
    with store.database.read() as connection:
        rows = connection.execute(newest.where(c.c.role.in_(get_args(Role))).order_by(c.c.name)).mappings().all()
    return [_person(row) for row in rows]


def person(store: Store, name: str) -> Person | None:
    """Who has this name now; None for nobody."""
    c = schema.person_change
    query = sa.select(c).where(c.c.name == name).order_by(c.c.version.desc()).limit(1)
    with store.database.read() as connection:
        row = connection.execute(query).mappings().first()
    return _person(row) if row is not None and row["role"] in get_args(Role) else None


def permit(store: Store, by: str, act: Act) -> None:
    """NotPermitted unless `by` ("person:NAME") may do this. In a project without people everybody may."""
    found = person(store, by.removeprefix("person:"))
    if found is None and not people(store):
        return
    if found is None:
        raise NotPermitted(f"{by.removeprefix('person:')!r} is nobody of this project; an admin can add them")
    if act not in MAY[found.role]:
        raise NotPermitted(f"{found.name} is a {found.role} and may not {act}; ask an admin for another role")


def _person(row: sa.RowMapping) -> Person:
    return Person(
        name=row["name"],
        role=row["role"],
        version=row["version"],
        has_pin=bool(row["pin"]),
        subject=row["subject"],
    )
