"""Who tried to sign in, and the browsers in which somebody is signed in.

Attempts are kept in the store, so that a wait holds across restarts and for all processes. Neither PINs nor tokens are.
"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from tamiz import schema
from tamiz.people import Person, name_key, person
from tamiz.store import Store

__all__ = [
    "close_session",
    "close_sessions",
    "count_attempt",
    "open_session",
    "session_person",
    "wait_after",
    "welcome",
]

FREE_TRIES = 5  # refusals in a row that nobody has to wait for
FIRST_WAIT = 5.0
LONGEST_WAIT = 900.0
LONGEST_KEY = 100


def wait_after(refusals: int) -> float:
    """Seconds to wait after so many refusals in a row.

    >>> [wait_after(n) for n in (4, 5, 6, 8, 50)]
    [0.0, 5.0, 10.0, 40.0, 900.0]
    """
    over = refusals - FREE_TRIES
    return 0.0 if over < 0 else min(FIRST_WAIT * 2.0 ** min(over, 20), LONGEST_WAIT)


def count_attempt(store: Store, name: str) -> float:
    """Count an attempt of this name as refused before its PIN is looked at; the seconds still to wait, 0 to go on.

    So that many attempts at once are not all looked at. welcome() ends the row. Names that nobody has are counted too:
    how long one waits says nothing about who is there.
    """
    s = schema.sign_in
    key = _key(name)

    def work(connection: sa.Connection) -> float:
        if store.database.dialect == "postgresql":  # SQLite has one writer at a time anyway
            connection.exec_driver_sql("LOCK TABLE sign_in IN EXCLUSIVE MODE")
        now = store.seconds()  # not before: another attempt may have been waited for
        mine = sa.select(s.c.seq).where(s.c.name == key)
        latest = connection.execute(
            sa.select(s.c.result, s.c.moment).where(s.c.name == key).order_by(s.c.seq.desc()).limit(1)
        ).first()
        if latest is not None and latest.result == "refused":
            ok = mine.where(s.c.result == "ok").order_by(s.c.seq.desc()).limit(1).scalar_subquery()
            row = sa.select(sa.func.count()).where(s.c.name == key, s.c.seq > sa.func.coalesce(ok, 0))
            left = latest.moment + wait_after(connection.execute(row).scalar_one()) - now
            if left > 0:
                return float(left)
        values = {"at": store.timestamp(), "name": key, "result": "refused", "moment": now}
        connection.execute(sa.insert(s), values)
        return 0.0

    return store.database.write(work)


def welcome(store: Store, name: str) -> None:
    """This person has shown who they are: the row of refusals ends."""
    values = {"at": store.timestamp(), "name": _key(name), "result": "ok", "moment": store.seconds()}
    store.database.write(lambda connection: connection.execute(sa.insert(schema.sign_in), values))


def open_session(store: Store, name: str, token: str, *, seconds: float) -> None:
    """Let this token, of which only a hash is kept, stand for this person; ended ones are forgotten."""
    c, now, at = schema.session, store.seconds(), store.timestamp()

    def work(connection: sa.Connection) -> None:
        connection.execute(sa.delete(c).where(c.c.until < now))
        connection.execute(sa.insert(c), {"token": _hashed(token), "name": name, "at": at, "until": now + seconds})

    store.database.write(work)


def session_person(store: Store, token: str) -> Person | None:
    """Whom a token stands for; None when it was never given out, has ended or was taken back."""
    c = schema.session.c
    query = sa.select(c.name).where(c.token == _hashed(token), c.until > store.seconds())
    with store.database.read() as connection:
        name = connection.execute(query).scalar()
    return None if name is None else person(store, name)


def close_session(store: Store, token: str) -> None:
    """Let the token stand for nobody from now on."""
    c = schema.session
    store.database.write(lambda connection: connection.execute(sa.delete(c).where(c.c.token == _hashed(token))))


def close_sessions(store: Store, name: str) -> None:
    """Sign this person out everywhere."""
    c = schema.session
    store.database.write(lambda connection: connection.execute(sa.delete(c).where(c.c.name == name)))


def _key(name: str) -> str:
    return name_key(name)[:LONGEST_KEY]


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()  # the token is random and long: no slow hash is needed
