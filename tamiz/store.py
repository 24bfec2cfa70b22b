"""The state of a project: pages, pairs, findings and the history of every decision.

SQL lives here and in the modules beside it (schema, migrations, database, decisions, sealed, kept, frontier, crawled,
changes, hosts, splitparts), nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from tamiz import schema
from tamiz.database import Database, insert_new
from tamiz.errors import Conflict, InputError
from tamiz.moves import State
from tamiz.records import Finding, Page, Pair, SealedPair
from tamiz.vault import Vault

__all__ = ["Added", "Event", "PageReading", "Store", "StoredPair"]

CHUNK = 500  # rows per IN (...) list
FREE = {"claimed_by": "", "claimed_until": 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPair:
    """A pair with its place in the store. `seq` orders pairs by arrival; `version` grows with every move.

    `need` is how much it needs a person, 0 to 1.
    """

    pair: Pair
    seq: int
    state: State
    version: int
    claimed_by: str
    claimed_until: float
    need: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a pair's history. Events with one `action` were decided together."""

    seq: int
    at: str
    actor: str
    action: str
    pair: str
    move: str
    from_state: str
    to_state: str
    version: int
    reason: str
    makes: str
    undoes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What an arrival brought: ids that are new, and how many were there already."""

    new: tuple[str, ...]
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReading:
    """What a reader made of a page: its kind, how many pairs it found, or the reason for none."""

    page: str
    kind: str
    reason: str
    found: int


class Store:
    """Open with Store.open(url). Every method is one transaction; everything returned is a copy."""

    def __init__(self, database: Database, now: Callable[[], datetime], vault: Vault | None = None) -> None:
        self.database = database
        self.vault = vault
        self._now = now

    @classmethod
    def open(
        cls, url: str, *, now: Callable[[], datetime] = lambda: datetime.now(UTC), vault: Vault | None = None
    ) -> Store:
        """Open a database; with a `vault`, originals are sealed in the moment a masked pair takes their place."""
        return cls(Database.open(url), now, vault)

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def timestamp(self) -> str:
        return self._now().isoformat(timespec="milliseconds")

    def seconds(self) -> float:
        return self._now().timestamp()

    # Pages

    def add_page(self, page: Page, pairs: Sequence[Pair], reading: PageReading) -> Added:
        """Keep a page with what was read from it, in one transaction."""
        return self.database.write(lambda connection: self.insert_page(connection, page, pairs, reading))

    def insert_page(self, connection: sa.Connection, page: Page, pairs: Sequence[Pair], reading: PageReading) -> Added:
        insert = insert_new(connection.dialect.name, schema.page, "id")
        connection.execute(insert, {"id": page.id, **asdict(page)})
        values = {"at": self.timestamp(), **asdict(reading)}
        connection.execute(sa.insert(schema.reading), values)
        return insert_pairs(connection, pairs, at=self.timestamp(), actor=f"source:{page.source}")

    def add_reading(self, reading: PageReading, pairs: Sequence[Pair], actor: str) -> Added:
        """Keep what a later reading of a stored page found."""

        def work(connection: sa.Connection) -> Added:
            connection.execute(sa.insert(schema.reading), {"at": self.timestamp(), **asdict(reading)})
            return insert_pairs(connection, pairs, at=self.timestamp(), actor=actor)

        return self.database.write(work)

    def pages(self) -> Iterator[Page]:
        """Every page, oldest first."""
        for row in self._by_seq(schema.page, sa.true()):
            yield Page(**{f.name: row[f.name] for f in fields(Page)})

    def page(self, page_id: str) -> Page | None:
        with self.database.read() as connection:
            row = connection.execute(sa.select(schema.page).where(schema.page.c.id == page_id)).mappings().first()
        return Page(**{f.name: row[f.name] for f in fields(Page)}) if row else None

    def archived_to(self, archive: str) -> int:
        """The byte of an archive at which the last page of it begins that is kept; -1 where there is none."""
        p = schema.page.c
        with self.database.read() as connection:
            last = connection.execute(sa.select(sa.func.max(p.archive_offset)).where(p.archive == archive)).scalar()
        return -1 if last is None else int(last)

    def readings(self) -> dict[tuple[str, str], int]:
        """How many pages were last read as which kind, for which reason: {(kind, reason): pages}."""
        newest = sa.select(sa.func.max(schema.reading.c.seq)).group_by(schema.reading.c.page)
        r = schema.reading.c
        query = sa.select(r.kind, r.reason, sa.func.count()).where(r.seq.in_(newest)).group_by(r.kind, r.reason)
        with self.database.read() as connection:
            return {(kind, reason): count for kind, reason, count in connection.execute(query)}

    def read_as(self) -> dict[str, tuple[str, str]]:
        """What each page was last read as: {page: (kind, the reason for no pairs)}."""
        newest = sa.select(sa.func.max(schema.reading.c.seq)).group_by(schema.reading.c.page)
        r = schema.reading.c
        query = sa.select(r.page, r.kind, r.reason).where(r.seq.in_(newest))
        with self.database.read() as connection:
            return {page: (kind, reason) for page, kind, reason in connection.execute(query)}

    # Pairs

    def add_pairs(self, pairs: Sequence[Pair], actor: str) -> Added:
        """Keep new pairs; one that is already there (same text, same place) adds nothing."""
        at = self.timestamp()
        return self.database.write(lambda connection: insert_pairs(connection, pairs, at=at, actor=actor))

    def pair(self, pair_id: str) -> StoredPair:
        """The pair of this id, or of an id that begins so; InputError if there is none or more than one."""
        p = schema.pair.c
        query = sa.select(schema.pair).where(p.id.startswith(pair_id, autoescape=True)).limit(2)
        with self.database.read() as connection:
            rows = connection.execute(query).mappings().all()
        exact = [row for row in rows if row["id"] == pair_id]
        if len(exact or rows) != 1:
            what = "no pair has" if not rows else "several pairs have an id that begins with"
            raise InputError(f"{what} {pair_id!r}; give the id as shown by tamiz review or in the export")
        return stored_pair((exact or rows)[0])

    def pairs(self, *states: State, kinds: Sequence[str] = ()) -> Iterator[StoredPair]:
        """Pairs in these states (none given: in all), in order of arrival, read in slices."""
        p = schema.pair.c
        where: sa.ColumnElement[bool] = p.state.in_(states) if states else sa.true()
        if kinds:
            where = sa.and_(where, p.kind.in_(kinds))
        for row in self._by_seq(schema.pair, where):
            yield stored_pair(row)

    def pairs_by_id(self, ids: Sequence[str]) -> dict[str, StoredPair]:
        found: dict[str, StoredPair] = {}
        with self.database.read() as connection:
            for start in range(0, len(ids), CHUNK):
                query = sa.select(schema.pair).where(schema.pair.c.id.in_(ids[start : start + CHUNK]))
                found |= {row["id"]: stored_pair(row) for row in connection.execute(query).mappings()}
        return found

    def counts(self) -> dict[str, int]:
        """How many pairs are in each state; states without pairs are left out."""
        with self.database.read() as connection:
            rows = connection.execute(sa.select(schema.tally.c.state, schema.tally.c.pairs))
            return {state: count for state, count in rows if count}

    def count_pages(self) -> int:
        with self.database.read() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(schema.page)).scalar_one()

    def count_by_source(self) -> dict[str, tuple[int, int]]:
        """How much came from each source: {source: (pages, pairs)}."""
        pages, pairs = schema.page.c.source, schema.pair.c.source
        with self.database.read() as connection:
            counted = [sa.select(name, sa.func.count()).group_by(name) for name in (pages, pairs)]
            fetched, found = ({row[0]: row[1] for row in connection.execute(query)} for query in counted)
        return {source: (fetched.get(source, 0), found.get(source, 0)) for source in sorted({*fetched, *found})}

    # Looks and findings

    def unseen(self, step: str, settings: str, *, limit: int, after: int = 0) -> list[StoredPair]:
        """Pairs that are new or waiting and whose latest look of this step was not under these settings; after seq."""
        p = schema.pair
        where = sa.and_(_unseen(step, settings), p.c.seq > after)
        query = sa.select(p).where(where).order_by(p.c.seq).limit(limit)
        with self.database.read() as connection:
            return [stored_pair(row) for row in connection.execute(query).mappings()]

    def count_unseen(self, step: str, settings: str) -> int:
        """How many pairs `unseen` would give without a limit."""
        query = sa.select(sa.func.count()).select_from(schema.pair).where(_unseen(step, settings))
        with self.database.read() as connection:
            return connection.execute(query).scalar_one()

    def seen(self, step: str, settings: str) -> Iterator[StoredPair]:
        """Pairs of any state but replaced and withdrawn that this step has looked at under these settings."""
        p, k = schema.pair, schema.look.c
        seen = sa.select(k.seq).where(k.pair == p.c.id, k.step == step, k.settings == settings)
        gone = p.c.state.in_(("replaced", "withdrawn"))
        for row in self._by_seq(p, sa.and_(seen.exists(), ~gone)):
            yield stored_pair(row)

    def add_look(self, step: str, settings: str, pairs: Sequence[str], findings: Iterable[Finding]) -> None:
        """Keep that a step has looked at these pairs, with all it found, in one transaction."""
        by_pair: dict[str, list[Finding]] = {}
        for finding in findings:
            by_pair.setdefault(finding.pair, []).append(finding)

        def work(connection: sa.Connection) -> None:
            rows = [{"pair": pair, "step": step, "settings": settings, "at": self.timestamp()} for pair in pairs]
            insert = sa.insert(schema.look).returning(schema.look.c.seq, schema.look.c.pair)
            looks = {row.pair: row.seq for row in connection.execute(insert, rows)} if rows else {}
            found = [
                {"id": finding.id, "look": looks[pair], **asdict(finding)}
                for pair, many in by_pair.items()
                for finding in many
            ]
            if found:
                connection.execute(sa.insert(schema.finding), found)

        self.database.write(work)

    def findings(self, pairs: Sequence[str]) -> dict[str, list[Finding]]:
        """What stands now about these pairs: the findings of each step's latest look."""
        k, f = schema.look.c, schema.finding
        result: dict[str, list[Finding]] = {pair: [] for pair in pairs}
        with self.database.read() as connection:
            for start in range(0, len(pairs), CHUNK):
                part = pairs[start : start + CHUNK]
                newest = sa.select(sa.func.max(k.seq)).where(k.pair.in_(part)).group_by(k.pair, k.step)
                query = sa.select(f).where(f.c.look.in_(newest)).order_by(f.c.seq)
                for row in connection.execute(query).mappings():
                    result[row["pair"]].append(Finding.from_dict(dict(row)))
        return result

    def count_findings(self) -> dict[tuple[str, str], int]:
        """Findings ever made, by (step, kind)."""
        f = schema.finding.c
        query = sa.select(f.step, f.kind, sa.func.count()).group_by(f.step, f.kind).order_by(f.step, f.kind)
        with self.database.read() as connection:
            return {(step, kind): count for step, kind, count in connection.execute(query)}

    def count_standing(self, step: str) -> dict[str, int]:
        """How many living pairs the latest look of a step speaks of: {kind: pairs}."""
        k, f, p = schema.look.c, schema.finding.c, schema.pair.c
        newest = sa.select(sa.func.max(k.seq)).where(k.step == step).group_by(k.pair)
        query = sa.select(f.kind, sa.func.count(sa.distinct(f.pair)).label("pairs")).join_from(
            schema.finding, schema.pair, f.pair == p.id
        )
        alive = sa.and_(f.look.in_(newest), p.state.not_in(("replaced", "withdrawn", "rejected")))
        with self.database.read() as connection:
            rows = connection.execute(query.where(alive).group_by(f.kind).order_by(f.kind))
            return {row.kind: row.pairs for row in rows}

    # History

    def history(self, pair_id: str) -> list[Event]:
        """Everything that happened to a pair, oldest first."""
        query = sa.select(schema.event).where(schema.event.c.pair == pair_id).order_by(schema.event.c.seq)
        with self.database.read() as connection:
            return [Event(**row) for row in connection.execute(query).mappings()]

    def events(self) -> Iterator[Event]:
        """Everything that happened, oldest first."""
        for row in self._by_seq(schema.event, sa.true()):
            yield Event(**row)

    def _by_seq(self, table: sa.Table, where: sa.ColumnElement[bool]) -> Iterator[sa.RowMapping]:
        """Rows in the order of their number, a slice at a time: no long transaction, no OFFSET."""
        last = 0
        while True:
            query = sa.select(table).where(table.c.seq > last, where).order_by(table.c.seq).limit(CHUNK)
            with self.database.read() as connection:
                rows = connection.execute(query).mappings().all()
            yield from rows
            if len(rows) < CHUNK:
                return
            last = rows[-1]["seq"]


def pair_row(pair: Pair, *, at: str, state: State) -> dict[str, Any]:
    values = {f.name: getattr(pair, f.name) for f in fields(pair)}
    group = values.pop("group")
    context = [asdict(turn) for turn in pair.context]
    return values | {
        "id": pair.id,
        "pair_group": group,
        "context": json.dumps(context, ensure_ascii=False),
        "made_from": json.dumps(pair.made_from),
        "added_at": at,
        "state": state,
        "version": 1,
        "claimed_by": "",
        "claimed_until": 0.0,
        "need": 0.0,
    }


def _unseen(step: str, settings: str) -> sa.ColumnElement[bool]:
    """Whose latest look of the step was under other settings: what stands about it is not what these would find."""
    p, k, later = schema.pair.c, schema.look.c, schema.look.alias().c
    newer = sa.select(later.seq).where(later.pair == k.pair, later.step == step, later.seq > k.seq)
    seen = sa.select(k.seq).where(k.pair == p.id, k.step == step, k.settings == settings, ~newer.exists())
    return sa.and_(p.state.in_(("new", "waiting")), ~seen.exists())


def stored_pair(row: sa.RowMapping | dict[str, Any]) -> StoredPair:
    values = dict(row) | {
        "group": row["pair_group"],
        "context": json.loads(row["context"]),
        "made_from": json.loads(row["made_from"]),
        "accepted": None if row["accepted"] is None else bool(row["accepted"]),
    }
    place = {name: row[name] for name in ("seq", "state", "version", "claimed_by", "claimed_until", "need")}
    if not row["question"]:
        return StoredPair(pair=SealedPair.from_dict(values | {"known_as": row["id"]}), **place)
    return StoredPair(pair=Pair.from_dict(values), **place)


def insert_pairs(
    connection: sa.Connection, pairs: Sequence[Pair], *, at: str, actor: str, state: State = "new", action: str = ""
) -> Added:
    """Insert what is not there yet, each with its event of arrival."""
    rows = {pair.id: pair_row(pair, at=at, state=state) for pair in pairs}
    if not rows:
        return Added(new=(), known=0)
    insert = insert_new(connection.dialect.name, schema.pair, "id").returning(schema.pair.c.id)
    new = list(connection.execute(insert, list(rows.values())).scalars())
    events = [
        {
            "at": at,
            "actor": actor,
            "action": action,
            "pair": pair,
            "move": "arrive",
            "from_state": "",
            "to_state": state,
            "version": 1,
            "reason": "",
            "makes": "",
            "undoes": "",
        }
        for pair in new
    ]
    if events:
        connection.execute(sa.insert(schema.event), events)
    return Added(new=tuple(new), known=len(pairs) - len(new))


def move_pair(
    connection: sa.Connection,
    row: sa.RowMapping,
    state: str,
    *,
    move: str,
    at: str,
    actor: str,
    action: str = "",
    reason: str = "",
    makes: str = "",
    undoes: str = "",
) -> None:
    """The one place where a pair's state changes: compare and set on its version, with its event."""
    p = schema.pair
    same = sa.update(p).where(p.c.id == row["id"], p.c.version == row["version"], p.c.state == row["state"])
    done = connection.execute(same.values(state=state, version=row["version"] + 1, **FREE))
    if done.rowcount != 1:
        raise Conflict(f"pair {row['id']} was changed by somebody else; look at it again")
    event = {
        "at": at,
        "actor": actor,
        "action": action,
        "pair": row["id"],
        "move": move,
        "from_state": row["state"],
        "to_state": state,
        "version": row["version"] + 1,
        "reason": reason,
        "makes": makes,
        "undoes": undoes,
    }
    connection.execute(sa.insert(schema.event), event)
