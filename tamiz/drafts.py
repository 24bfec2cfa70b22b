"""What somebody has typed about a pair and not decided yet; it outlives the page, the server and the machine.

A draft is no part of the history: it goes with its person's decision, and when its pair is sealed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tamiz import schema
from tamiz.moves import OPEN_STATES
from tamiz.people import permit
from tamiz.store import Store

__all__ = ["DRAFTED", "StoredDraft", "drop_draft", "load_draft", "save_draft"]

DRAFTED = (*OPEN_STATES, "disputed")  # what somebody may still decide
LONGEST_BODY = 2_000_000  # characters; no pair has as many


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDraft:
    """What was typed, when, and which version of the pair was on the screen then."""

    pair: str
    version: int
    at: str
    body: Mapping[str, Any]


def save_draft(store: Store, by: str, pair: str, version: int, body: Mapping[str, Any]) -> bool:
    """Keep what `by` ("person:NAME") has typed about a pair, in the place of what was kept before.

    False, and nothing is kept, when the pair is not to be decided any more or the text is too long to be one. An
    accepted pair may still be edited, as the kept one of a cluster is: it has a draft while it is as it was seen.
    """
    permit(store, by, "decide")
    text = json.dumps(dict(body), ensure_ascii=False)
    d, p = schema.draft, schema.pair.c
    values = {"name": _name(by), "pair": pair, "version": version, "at": store.timestamp(), "body": text}

    def work(connection: sa.Connection) -> bool:
        seen = sa.and_(p.state == "accepted", p.version == version)
        open_ = sa.select(p.seq).where(p.id == pair, sa.or_(p.state.in_(DRAFTED), seen))
        if len(text) > LONGEST_BODY or connection.execute(open_).first() is None:
            return False
        insert = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(d).values(**values)
        new = {name: values[name] for name in ("version", "at", "body")}
        connection.execute(insert.on_conflict_do_update(index_elements=["name", "pair"], set_=new))
        return True

    return store.database.write(work)


def load_draft(store: Store, by: str, pair: str) -> StoredDraft | None:
    """What `by` has typed about this pair and not decided; None for nothing. Nobody sees another's."""
    d = schema.draft.c
    query = sa.select(d.pair, d.version, d.at, d.body).where(d.name == _name(by), d.pair == pair)
    with store.database.read() as connection:
        row = connection.execute(query).first()
    return None if row is None else StoredDraft(pair=row[0], version=row[1], at=row[2], body=json.loads(row[3]))


def drop_draft(store: Store, by: str, pair: str) -> bool:
    """Forget what `by` has typed about this pair; False where there is nothing."""
    if load_draft(store, by, pair) is None:  # as for most pairs: nobody waits for a turn to write nothing
        return False
    d = schema.draft
    delete = sa.delete(d).where(d.c.name == _name(by), d.c.pair == pair)
    return store.database.write(lambda connection: connection.execute(delete).rowcount > 0)


def _name(by: str) -> str:
    return by.removeprefix("person:")
