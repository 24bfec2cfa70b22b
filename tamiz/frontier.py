"""The frontier of a crawl: which addresses were seen, which are being fetched, what became of each.

It lives in the store, so that a page, its pairs and the links it gave are committed together and a
crawl that was killed goes on where it stood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import sqlalchemy as sa

from tamiz import schema
from tamiz.database import insert_new
from tamiz.records import Page, Pair
from tamiz.store import Added, PageReading, Store

__all__ = ["Address", "Fetched", "Frontier"]

Outcome = Literal["done", "failed", "refused"]
REACHED = "reached by a redirect"  # an address that is done because another one led to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address to fetch, and how many links away from the start it was found."""

    url: str
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A page that was fetched, what was read from it, and the addresses to go on with."""

    page: Page
    reading: PageReading
    pairs: tuple[Pair, ...] = ()
    links: tuple[Address, ...] = ()


class Frontier:
    """The addresses of one source."""

    def __init__(self, store: Store, source: str) -> None:
        self._store = store
        self._source = source
        self._mine = schema.crawl_url.c.source == source

    def seed(self, urls: Sequence[str]) -> int:
        """Add start addresses; how many were new."""
        addresses = [Address(url=url, depth=0) for url in urls]
        return self._store.database.write(lambda connection: self._add(connection, addresses))

    def restart(self) -> None:
        """Forget what was fetched, so that a finished source is fetched again. Pages and pairs stay."""
        self._store.database.write(lambda connection: connection.execute(sa.delete(schema.crawl_url).where(self._mine)))

    def lease(self, worker: str, *, limit: int, lease_seconds: float) -> list[Address]:
        """The next addresses for this worker, nearest to the start first; they come back when the lease ends."""
        u, now = schema.crawl_url, self._store.seconds()

        def work(connection: sa.Connection) -> list[Address]:
            free = sa.or_(u.c.state == "waiting", sa.and_(u.c.state == "leased", u.c.leased_until <= now))
            query = sa.select(u.c.seq, u.c.url, u.c.depth).where(self._mine, free).order_by(u.c.depth, u.c.seq)
            rows = connection.execute(query.limit(limit).with_for_update(skip_locked=True)).all()
            update = sa.update(u).where(u.c.seq.in_([row.seq for row in rows]))
            values = {"state": "leased", "leased_by": worker, "leased_until": now + lease_seconds}
            connection.execute(update.values(tries=u.c.tries + 1, **values))
            return [Address(url=row.url, depth=row.depth) for row in rows]

        return self._store.database.write(work)

    def give_back(self, worker: str) -> int:
        """What this worker had leased waits again; how many addresses."""
        u = schema.crawl_url
        leased = sa.update(u).where(self._mine, u.c.state == "leased", u.c.leased_by == worker)
        update = leased.values(state="waiting", leased_by="", leased_until=0.0)
        return self._store.database.write(lambda connection: connection.execute(update).rowcount)

    def workers(self) -> list[str]:
        """Who has leases now or let them end."""
        u = schema.crawl_url
        query = sa.select(u.c.leased_by).where(self._mine, u.c.state == "leased").distinct().order_by(u.c.leased_by)
        with self._store.database.read() as connection:
            return list(connection.execute(query).scalars())

    def holds(self, url: str) -> bool:
        """Whether this address has been seen."""
        u = schema.crawl_url.c
        query = sa.select(u.seq).where(self._mine, u.url == url)
        with self._store.database.read() as connection:
            return connection.execute(query).first() is not None

    def finish(
        self,
        url: str,
        outcome: Outcome,
        reason: str = "",
        fetched: Fetched | None = None,
        links: Sequence[Address] = (),
    ) -> Added:
        """Commit what became of an address: with the page, its pairs and its links, or the reason for none.

        `links` are the addresses of a page that was not kept. A page that answered at another address
        than the one asked for is done under both.
        """

        def work(connection: sa.Connection) -> Added:
            added = Added(new=(), known=0)
            if fetched is not None:
                added = self._store.insert_page(connection, fetched.page, fetched.pairs, fetched.reading)
                if fetched.page.final_url != url:
                    self._add(connection, [Address(url=fetched.page.final_url, depth=0)], "done", REACHED)
                self._add(connection, fetched.links)
            self._add(connection, links)
            update = sa.update(schema.crawl_url).where(self._mine, schema.crawl_url.c.url == url)
            values = {"state": outcome, "reason": reason, "leased_by": "", "leased_until": 0.0}
            connection.execute(update.values(**values))
            return added

        return self._store.database.write(work)

    def counts(self) -> dict[str, int]:
        """How many addresses are in each state: waiting, leased, done, failed, refused."""
        u = schema.crawl_url
        query = sa.select(u.c.state, sa.func.count()).where(self._mine).group_by(u.c.state)
        with self._store.database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def count_pages(self) -> int:
        """How many pages were fetched since the source was last started over."""
        u = schema.crawl_url
        query = sa.select(sa.func.count()).where(self._mine, u.c.state == "done", u.c.reason == "")
        with self._store.database.read() as connection:
            return connection.execute(query.select_from(u)).scalar_one()

    def reasons(self) -> dict[tuple[str, str], int]:
        """Why addresses were not read: {(state, reason): addresses}."""
        u = schema.crawl_url
        query = sa.select(u.c.state, u.c.reason, sa.func.count()).where(self._mine, u.c.reason != "")
        with self._store.database.read() as connection:
            rows = connection.execute(query.group_by(u.c.state, u.c.reason).order_by(u.c.state, u.c.reason))
            return {(state, reason): count for state, reason, count in rows}

    def _add(
        self, connection: sa.Connection, addresses: Sequence[Address], state: str = "waiting", reason: str = ""
    ) -> int:
        rows = [
            {
                "source": self._source,
                "url": address.url,
                "host": urlsplit(address.url).hostname or "",
                "depth": address.depth,
                "state": state,
                "reason": reason,
                "leased_by": "",
                "leased_until": 0.0,
                "tries": 0,
                "added_at": self._store.timestamp(),
            }
            for address in addresses
        ]
        if not rows:
            return 0
        insert = insert_new(connection.dialect.name, schema.crawl_url, "source", "url").returning(
            schema.crawl_url.c.seq
        )
        return len(connection.execute(insert, rows).all())
