"""FAULTS row 40: databases of every released schema open, with all that was in them."""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa

from tamiz.database import Database
from tamiz.frontier import Address, Frontier
from tamiz.migrations import MIGRATIONS
from tamiz.store import Store

PAGE = """INSERT INTO page (id, url, final_url, fetched_at, status, content_type, content_hash, source, archive,
  archive_offset, robots, licence) VALUES ('{id}', 'http://a.example/{url}', 'http://a.example/{url}',
  '2026-01-31T09:30:00+00:00', 200, 'text/html', '{id}', 'ayuda', 'x.warc.gz', 0, '', '')"""
ADDRESS = """INSERT INTO crawl_url (source, url, host, depth, state, reason, leased_by, leased_until, tries, added_at)
  VALUES ('ayuda', 'http://a.example/{url}', 'a.example', 1, '{state}', '{reason}', '', 0, 1, '2026-01-31')"""
PAIR = """INSERT INTO pair (id, question, answer, answer_markdown, lang, url, kind, pair_group, source, context, tools,
  label, pattern, position, confidence, page, licence, made_from, made_by, added_at, state, version, claimed_by,
  claimed_until) VALUES ('p1', '¿Cómo?', 'Así.', '', 'es', 'http://a.example/1', 'faq', 'g', 'ayuda', '[]', '', '', '',
  0, 1.0, 'newer', '', '[]', '', '2026-01-31', 'accepted', 3, '', 0)"""


def test_a_database_of_the_first_schema_keeps_its_pairs_pages_and_addresses(bare_url, tmp_path):
    first = Database.open(bare_url, MIGRATIONS[:1])

    def fill(connection: sa.Connection) -> None:
        for statement in (PAGE.format(id="older", url="1"), PAGE.format(id="newer", url="1"), PAIR):
            connection.exec_driver_sql(statement)
        for url, state, reason in (("1", "done", ""), ("2", "waiting", ""), ("3", "done", "leads to a known page")):
            connection.exec_driver_sql(ADDRESS.format(url=url, state=state, reason=reason))

    first.write(fill)
    first.close()
    with Store.open(bare_url) as store:
        pair = store.pair("p1")
        assert (pair.state, pair.version, pair.pair.reason, pair.pair.author) == ("accepted", 3, "", "")
        assert store.counts() == {"accepted": 1}
        assert [page.etag for page in store.pages()] == ["", ""]
        frontier = Frontier(store, "ayuda")
        assert frontier.counts() == {"done": 2, "waiting": 1}
        newest = frontier.page_of("http://a.example/1")
        assert newest is not None
        assert newest.content_hash == "newer"
        assert frontier.seed([Address(url="http://a.example/1", depth=0, key="a.example/1")]) == 0
        assert [one.url for one in frontier.lease("one", limit=9, lease_seconds=60)] == ["http://a.example/2"]
    if bare_url.startswith("sqlite"):
        with sqlite3.connect(tmp_path / "tamiz.db.backup-v1") as backup:
            assert backup.execute("SELECT count(*) FROM crawl_url").fetchone() == (3,)
        backup.close()
