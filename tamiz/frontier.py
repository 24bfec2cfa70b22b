"""The frontier of a crawl: which addresses were seen, which are being fetched, what became of each.

It lives in the store, so that a page, its pairs and the links it gave are committed together and a
crawl that was killed goes on where it stood.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from tamiz import schema
from tamiz.crawled import Address, Became, Fetched, Outcome, Result, add_addresses, settle
from tamiz.records import Page
from tamiz.store import Added, Store

__all__ = ["Address", "Became", "Fetched", "Frontier", "Outcome", "Result"]


class Frontier:
    """The addresses of one source."""

    def __init__(self, store: Store, source: str) -> None:
        self._store = store
        self._source = source
        self._mine = schema.crawl_url.c.source == source

    def seed(self, addresses: Sequence[Address | str]) -> int:
        """Add start addresses; how many were new."""
        given = [Address(url=one, depth=0) if isinstance(one, str) else one for one in addresses]
        return self._store.database.write(
            lambda connection: add_addresses(connection, self._source, given, at=self._store.timestamp())
        )

    def restart(self, *, most_pages: int = 0, most_bytes: int = 0) -> bool:
        """Ask for everything again, where nothing is left to do or a limit was reached; whether it was so.

        Pages and pairs stay, and so does the knowledge of which addresses only repeat another one.
        """
        u = schema.crawl_url.c

        def work(connection: sa.Connection) -> bool:
            left = sa.select(u.seq).where(self._mine, u.state.in_(("waiting", "leased"))).limit(1)
            pages, size = self._fetched(connection)
            full = 0 < most_pages <= pages or 0 < most_bytes <= size
            if connection.execute(left).first() is not None and not full:
                return False
            again = sa.or_(u.state.in_(("failed", "refused")), sa.and_(u.state == "done", u.reason == ""))
            update = sa.update(schema.crawl_url).where(self._mine, again)
            return bool(connection.execute(update.values(state="waiting", reason="", bytes=0)).rowcount)

        return self._store.database.write(work)

    def lease(self, worker: str, *, limit: int, lease_seconds: float) -> list[Address]:
        """The next addresses for this worker, nearest to the start first; they come back when the lease ends."""
        u, p, now = schema.crawl_url, schema.page.c, self._store.seconds()

        def work(connection: sa.Connection) -> list[Address]:
            free = sa.or_(u.c.state == "waiting", sa.and_(u.c.state == "leased", u.c.leased_until <= now))
            query = sa.select(u.c.seq).where(self._mine, free).order_by(u.c.depth, u.c.seq)
            numbers = list(connection.execute(query.limit(limit).with_for_update(skip_locked=True)).scalars())
            if not numbers:
                return []
            update = sa.update(u).where(u.c.seq.in_(numbers))
            values = {"state": "leased", "leased_by": worker, "leased_until": now + lease_seconds}
            connection.execute(update.values(tries=u.c.tries + 1, **values))
            columns = (u.c.url, u.c.depth, u.c.key, p.etag, p.last_modified, p.content_hash)
            known = sa.select(*columns).outerjoin_from(u, schema.page, sa.and_(p.id == u.c.page, u.c.page != ""))
            rows = connection.execute(known.where(u.c.seq.in_(numbers)).order_by(u.c.depth, u.c.seq))
            return [_address(row) for row in rows.mappings()]

        return self._store.database.write(work)

    def upcoming(self, limit: int) -> list[Address]:
        """The next addresses in their order, without leasing them."""
        u = schema.crawl_url.c
        query = sa.select(u.url, u.depth).where(self._mine, u.state == "waiting").order_by(u.depth, u.seq).limit(limit)
        with self._store.database.read() as connection:
            return [Address(url=row.url, depth=row.depth) for row in connection.execute(query)]

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

    def holds(self, url: str, key: str = "") -> str:
        """The address under which this one has been seen, or ""."""
        u = schema.crawl_url.c
        query = sa.select(u.url).where(self._mine, sa.or_(u.url == url, u.key == (key or url))).limit(1)
        with self._store.database.read() as connection:
            return connection.execute(query).scalar() or ""

    def waiting(self, url: str) -> Address | None:
        """An address that is still to be fetched, and that nobody is fetching."""
        u = schema.crawl_url.c
        query = sa.select(u.url, u.key, u.depth).where(self._mine, u.url == url, u.state == "waiting")
        with self._store.database.read() as connection:
            row = connection.execute(query).mappings().first()
        return _address(row) if row else None

    def page_of(self, url: str) -> Page | None:
        """The page that was last kept for an address."""
        u = schema.crawl_url.c
        with self._store.database.read() as connection:
            page = connection.execute(sa.select(u.page).where(self._mine, u.url == url)).scalar()
        return self._store.page(page) if page else None

    def finish(
        self,
        url: str,
        outcome: Outcome,
        reason: str = "",
        fetched: Fetched | None = None,
        links: Sequence[Address] = (),
    ) -> Added:
        """Commit what became of one address."""
        result = Result(url=url, outcome=outcome, reason=reason, fetched=fetched, links=tuple(links))
        return self.commit([result])[0].added

    def commit(self, results: Sequence[Result]) -> list[Became]:
        """Commit what became of some addresses: each with the page, its pairs and its links, or the reason for none.

        A page that answered at another address than the one asked for is done under both.
        """
        at = self._store.timestamp()
        return self._store.database.write(lambda connection: settle(connection, self._source, results, at=at))

    def counts(self) -> dict[str, int]:
        """How many addresses are in each state: waiting, leased, done, failed, refused."""
        u = schema.crawl_url
        query = sa.select(u.c.state, sa.func.count()).where(self._mine).group_by(u.c.state)
        with self._store.database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def count_pages(self) -> int:
        """How many pages were fetched since the source was last started over."""
        with self._store.database.read() as connection:
            return self._fetched(connection)[0]

    def count_bytes(self) -> int:
        """How large their bodies were, together."""
        with self._store.database.read() as connection:
            return self._fetched(connection)[1]

    def _fetched(self, connection: sa.Connection) -> tuple[int, int]:
        u = schema.crawl_url.c
        mine = (self._mine, u.state == "done", u.reason == "")
        pages, size = connection.execute(sa.select(sa.func.count(), sa.func.sum(u.bytes)).where(*mine)).one()
        return pages, int(size or 0)

    def reasons(self) -> dict[tuple[str, str], int]:
        """Why addresses were not read: {(state, reason): addresses}."""
        u = schema.crawl_url
        query = sa.select(u.c.state, u.c.reason, sa.func.count()).where(self._mine, u.c.reason != "")
        with self._store.database.read() as connection:
            rows = connection.execute(query.group_by(u.c.state, u.c.reason).order_by(u.c.state, u.c.reason))
            return {(state, reason): count for state, reason, count in rows}


def _address(row: sa.RowMapping) -> Address:
    values = {name: value or "" for name, value in row.items() if name != "depth"}
    return Address(**values | {"key": row["key"] if row["key"] != row["url"] else ""}, depth=row["depth"])
