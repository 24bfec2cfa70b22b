"""Pairs on which several people decide, each without knowing what the others said.

An opinion moves its pair only when it is the last one that was asked for: to where all of them want it, or to
"disputed". `opined` has whose opinions count on pairs that are still open, so that nobody is asked twice.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import sqlalchemy as sa

from tamiz import schema
from tamiz.database import insert_new
from tamiz.errors import Conflict, NotPermitted
from tamiz.moves import OPEN_STATES, next_state
from tamiz.people import is_open, permit, person
from tamiz.records import Pair, Verdict
from tamiz.store import CHUNK, Store, StoredPair, move_pair, stored_pair
from tamiz.verdicts import carry_out, held_row, row_of

__all__ = ["Judgement", "Opinion", "adjudicate", "agreed", "asks_several", "disputed", "every_opinion", "opine"]
__all__ += ["may_adjudicate", "opined_by", "opinions_of", "restore_opined"]

Judgement = Literal["accept", "reject"]
PERSON = "person:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one person thinks of one version of a pair. `edited` is the pair as they would accept it; None: as it is."""

    seq: int
    at: str
    actor: str
    action: str
    pair: str
    version: int
    decision: Judgement
    reason: str
    edited: Pair | None


def asks_several(pair: str, share: float) -> bool:
    """Whether this pair is one of the share that several people decide on: by a hash of its id, the same for everybody.

    >>> [asks_several("a1", share) for share in (0.0, 1.0)]
    [False, True]
    """
    return int(hashlib.sha256(f"several {pair}".encode()).hexdigest()[:8], 16) < share * 16**8


def opine(store: Store, verdict: Verdict, *, needed: int) -> StoredPair:
    """Keep what this person thinks of a pair they hold; with the last opinion needed the pair moves.

    Conflict as for a decision, and when they have given theirs already. Nothing is written then.
    """
    permit(store, verdict.by, "decide")
    now, at, action = store.seconds(), store.timestamp(), uuid.uuid4().hex

    def work(connection: sa.Connection) -> StoredPair:
        row = held_row(connection, verdict, now)
        before = _standing(connection, [verdict.pair])
        if any(one.actor == verdict.by for one in before):
            raise Conflict(f"your opinion on pair {verdict.pair} is in already; take another one")
        state = next_state(verdict.pair, row["state"], "opinion")
        common: dict[str, Any] = {"at": at, "actor": verdict.by, "action": action}
        move_pair(connection, row, state, move="opinion", **common)
        mine = _insert(connection, verdict, at=at, action=action)
        return _settle(connection, store, [*before, mine], verdict, needed=needed, at=at, action=action)

    return store.database.write(work)


def _settle(
    connection: sa.Connection,
    store: Store,
    opinions: Sequence[Opinion],
    verdict: Verdict,
    *,
    needed: int,
    at: str,
    action: str,
) -> StoredPair:
    row = row_of(connection, verdict.pair)
    if len(opinions) < needed:
        restore_opined(connection, verdict.pair)
        return stored_pair(row)
    stands = verdict.pair
    if agreed(opinions):
        final = replace(verdict, version=row["version"], reason=_reason(opinions))
        vault = store.vault
        stands = carry_out(connection, row, final, at=at, action=action, made_state="waiting", vault=vault)
    else:
        state = next_state(verdict.pair, row["state"], "dispute")
        move_pair(connection, row, state, move="dispute", at=at, actor=verdict.by, action=action)
    restore_opined(connection, verdict.pair)
    return stored_pair(row_of(connection, stands))


def agreed(opinions: Sequence[Opinion]) -> bool:
    """Whether all want the same: the same decision, and to accept the same text."""
    return len({(one.decision, _text(one)) for one in opinions}) == 1


def _text(opinion: Opinion) -> str:
    if opinion.decision == "reject" or opinion.edited is None:
        return ""
    names = ("question", "answer", "label", "lang", "context", "tools")
    values = asdict(opinion.edited)
    return json.dumps({name: values[name] for name in names}, ensure_ascii=False, sort_keys=True)


def _reason(opinions: Sequence[Opinion]) -> str:
    """The reason that most of them gave, of several the latest."""
    given = Counter(one.reason for one in reversed(opinions) if one.reason)
    return max(given, key=given.__getitem__, default="")


def opinions_of(store: Store, pairs: Sequence[str]) -> dict[str, list[Opinion]]:
    """The opinions that stand about these pairs, oldest first. They are shown only to who has given theirs."""
    found: dict[str, list[Opinion]] = {pair: [] for pair in pairs}
    with store.database.read() as connection:
        for start in range(0, len(pairs), CHUNK):
            for one in _standing(connection, pairs[start : start + CHUNK]):
                found[one.pair].append(one)
    return found


def every_opinion(store: Store) -> Iterator[tuple[Opinion, str, str]]:
    """All opinions that stand, each with the language and the source of its pair, oldest first, a slice at a time."""
    o, p, last = schema.opinion, schema.pair.c, 0
    while True:
        query = sa.select(o, p.lang, p.source).join_from(o, schema.pair, o.c.pair == p.id)
        query = query.where(o.c.seq > last, ~_undone()).order_by(o.c.seq).limit(CHUNK)
        with store.database.read() as connection:
            rows = connection.execute(query).mappings().all()
        for row in rows:
            yield _opinion(row), row["lang"], row["source"]
        if len(rows) < CHUNK:
            return
        last = rows[-1]["seq"]


def opined_by(store: Store, by: str) -> int:
    """How many open pairs this person has spoken about that wait for others."""
    o, p = schema.opined, schema.pair.c
    query = sa.select(sa.func.count()).join_from(o, schema.pair, o.c.pair == p.id)
    with store.database.read() as connection:
        return connection.execute(query.where(o.c.actor == by, p.state.in_(OPEN_STATES))).scalar_one()


def disputed(store: Store, *, after: int = 0, limit: int = 20) -> list[tuple[StoredPair, list[Opinion]]]:
    """Pairs that reviewers disagree about, behind number `after`, each with all opinions."""
    p = schema.pair
    query = sa.select(p).where(p.c.state == "disputed", p.c.seq > after).order_by(p.c.seq).limit(limit)
    with store.database.read() as connection:
        rows = connection.execute(query).mappings().all()
    stored = [stored_pair(row) for row in rows]
    found = opinions_of(store, [one.pair.id for one in stored])
    return [(one, found[one.pair.id]) for one in stored]


def may_adjudicate(store: Store, by: str, opinions: Sequence[Opinion]) -> bool:
    """Whether this person may decide a dispute: who has given no opinion in it, or an admin."""
    if all(one.actor != by for one in opinions):
        return True
    found = None if is_open(store) else person(store, by.removeprefix(PERSON))
    return found is not None and found.role == "admin"


def adjudicate(store: Store, verdict: Verdict) -> StoredPair:
    """Decide a dispute: accept as it is or edited, or reject. NotPermitted for who has spoken in it, unless an admin.

    Conflict when somebody else has decided it meanwhile.
    """
    permit(store, verdict.by, "decide")
    opinions = opinions_of(store, [verdict.pair])[verdict.pair]
    if not may_adjudicate(store, verdict.by, opinions):
        raise NotPermitted("you have given an opinion on this pair; somebody else, or an admin, has to decide")
    at, action = store.timestamp(), uuid.uuid4().hex

    def work(connection: sa.Connection) -> StoredPair:
        row = row_of(connection, verdict.pair)
        if row["version"] != verdict.version or row["state"] != "disputed":
            raise Conflict(f"pair {verdict.pair} was decided by somebody else; look at the list again")
        vault = store.vault
        stands = carry_out(connection, row, verdict, at=at, action=action, made_state="waiting", vault=vault)
        return stored_pair(row_of(connection, stands))

    return store.database.write(work)


def restore_opined(connection: sa.Connection, pair: str) -> None:
    """Bring the list of whose opinions count in line with the opinions that stand, when the pair has moved."""
    o = schema.opined
    state = connection.execute(sa.select(schema.pair.c.state).where(schema.pair.c.id == pair)).scalar_one()
    said = [one.actor for one in _standing(connection, [pair])] if state in OPEN_STATES else []
    connection.execute(sa.delete(o).where(o.c.pair == pair, o.c.actor.not_in(said)))
    if said:
        insert = insert_new(connection.dialect.name, o, "actor", "pair")
        connection.execute(insert, [{"pair": pair, "actor": actor} for actor in said])


def _insert(connection: sa.Connection, verdict: Verdict, *, at: str, action: str) -> Opinion:
    values: dict[str, Any] = {
        "at": at,
        "actor": verdict.by,
        "action": action,
        "pair": verdict.pair,
        "version": verdict.version,
        "decision": verdict.decision,
        "reason": verdict.reason,
        "edited": "" if verdict.edited is None else json.dumps(asdict(verdict.edited), ensure_ascii=False),
    }
    insert = sa.insert(schema.opinion).values(**values).returning(schema.opinion.c.seq)
    return _opinion(values | {"seq": connection.execute(insert).scalar_one()})


def _standing(connection: sa.Connection, pairs: Sequence[str]) -> list[Opinion]:
    o = schema.opinion
    query = sa.select(o).where(o.c.pair.in_(pairs), ~_undone()).order_by(o.c.seq)
    return [_opinion(row) for row in connection.execute(query).mappings()]


def _undone() -> sa.ColumnElement[bool]:
    o, e = schema.opinion.c, schema.event.c
    return sa.select(e.seq).where(e.pair == o.pair, e.undoes == o.action).exists()


def _opinion(row: Any) -> Opinion:
    values = {name: row[name] for name in ("seq", "at", "actor", "action", "pair", "version", "decision", "reason")}
    return Opinion(**values, edited=Pair.from_dict(json.loads(row["edited"])) if row["edited"] else None)
