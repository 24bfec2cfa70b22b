"""Hosts that are being asked, so that several processes together are as polite as one."""

from __future__ import annotations

import sqlalchemy as sa

from tamiz import schema
from tamiz.database import insert_new
from tamiz.store import Store

__all__ = ["Hosts"]

STILL_WANTED = 3.0  # seconds; who waits for a host says so more often


class Hosts:
    """Each host is lent to one worker at a time, with the moment of the next request."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take(self, host: str, worker: str, *, seconds: float) -> float | None:
        """Borrow a host, or go on with it, for some time; how long to wait before the next request.

        None when another worker has it; that this one waits is noted.
        """
        h, now = schema.crawl_host.c, self._store.seconds()

        def work(connection: sa.Connection) -> float | None:
            values = {"busy_by": "", "busy_until": 0.0, "next_at": 0.0, "pace": 0.0, "wanted_by": "", "wanted_at": 0.0}
            connection.execute(insert_new(connection.dialect.name, schema.crawl_host, "host"), {"host": host, **values})
            row = connection.execute(sa.select(schema.crawl_host).where(h.host == host).with_for_update()).one()
            mine = sa.update(schema.crawl_host).where(h.host == host)
            if row.busy_by not in ("", worker) and row.busy_until > now:
                connection.execute(mine.values(wanted_by=worker, wanted_at=now))
                return None
            # Whoever let it end without giving it back may have asked at the very end.
            next_at = row.next_at if row.busy_by in ("", worker) else max(row.next_at, now + row.pace)
            wanted = {"wanted_by": "", "wanted_at": 0.0} if row.wanted_by == worker else {}
            connection.execute(mine.values(busy_by=worker, busy_until=now + seconds, next_at=next_at, **wanted))
            return max(0.0, float(next_at) - now)

        return self._store.database.write(work)

    def wanted(self, host: str, worker: str) -> bool:
        """Whether another worker waits for a host."""
        h = schema.crawl_host.c
        query = sa.select(h.wanted_at).where(h.host == host, h.wanted_by.not_in(("", worker)))
        with self._store.database.read() as connection:
            at = connection.execute(query).scalar()
        return at is not None and at > self._store.seconds() - STILL_WANTED

    def give_back(self, worker: str, *, pace: float) -> None:
        """Return a worker's hosts; the next request to them is at least `pace` seconds away."""
        h, now = schema.crawl_host.c, self._store.seconds()
        mine = sa.update(schema.crawl_host).where(h.busy_by == worker)
        next_at = sa.case((h.next_at > now + pace, h.next_at), else_=now + pace)
        update = mine.values(busy_by="", busy_until=0.0, next_at=next_at)
        self._store.database.write(lambda connection: connection.execute(update))

    def free(self, worker: str) -> None:
        """Return the hosts of a worker that has ended, at the pace it had."""
        h, now = schema.crawl_host.c, self._store.seconds()
        update = sa.update(schema.crawl_host).where(h.busy_by == worker).values(busy_by="", next_at=now + h.pace)
        self._store.database.write(lambda connection: connection.execute(update))

    def keep_pace(self, worker: str, pace: float) -> None:
        """Note the time between two requests that a worker's hosts ask for."""
        update = sa.update(schema.crawl_host).where(schema.crawl_host.c.busy_by == worker).values(pace=pace)
        self._store.database.write(lambda connection: connection.execute(update))

    def workers(self) -> list[str]:
        """Who has a host now."""
        h = schema.crawl_host.c
        with self._store.database.read() as connection:
            return list(connection.execute(sa.select(h.busy_by).where(h.busy_by != "").distinct()).scalars())
