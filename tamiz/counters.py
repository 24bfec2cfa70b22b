"""Counters of what happened, which the database itself keeps: who did how much in which hour, pages by source, tags.

`deed` has one row for each hour, actor and move, so that the activity of months is read without reading the events.
On PostgreSQL they are kept by statement and not by row, as those of tamiz.triggers are.
"""

from __future__ import annotations

__all__ = ["POSTGRESQL_COUNTED", "SQLITE_COUNTED"]

# An hour is the first 13 characters of a moment, 2026-01-31T09: all moments of the store are in UTC.
_TABLES = [
    """CREATE TABLE deed (hour TEXT NOT NULL, actor TEXT NOT NULL, move TEXT NOT NULL, pairs {big} NOT NULL,
       first_at TEXT NOT NULL, last_at TEXT NOT NULL, last_seq {big} NOT NULL,
       PRIMARY KEY (hour, actor, move)){strict}""",
    "CREATE INDEX deed_last ON deed (last_seq)",
    """INSERT INTO deed SELECT substr(at, 1, 13), actor, move, count(*), min(at), max(at), max(seq) FROM event
       GROUP BY substr(at, 1, 13), actor, move""",
    "CREATE TABLE page_tally (source TEXT NOT NULL PRIMARY KEY, pages {big} NOT NULL){strict}",
    "INSERT INTO page_tally SELECT source, count(*) FROM page GROUP BY source",
    "CREATE TABLE tag_tally (tag TEXT NOT NULL PRIMARY KEY, pairs {big} NOT NULL){strict}",
    "INSERT INTO tag_tally SELECT tag, count(*) FROM pair_tag GROUP BY tag",
]

SQLITE_COUNTED = [
    *_TABLES,
    """CREATE TRIGGER event_counted AFTER INSERT ON event BEGIN
         INSERT INTO deed VALUES (substr(new.at, 1, 13), new.actor, new.move, 1, new.at, new.at, new.seq)
           ON CONFLICT (hour, actor, move) DO UPDATE SET pairs = pairs + 1, last_seq = excluded.last_seq,
             first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at);
       END""",
    """CREATE TRIGGER page_counted AFTER INSERT ON page BEGIN
         INSERT INTO page_tally VALUES (new.source, 1) ON CONFLICT (source) DO UPDATE SET pages = pages + 1;
       END""",
    """CREATE TRIGGER page_uncounted AFTER DELETE ON page BEGIN
         UPDATE page_tally SET pages = pages - 1 WHERE source = old.source;
       END""",
    """CREATE TRIGGER tag_counted AFTER INSERT ON pair_tag BEGIN
         INSERT INTO tag_tally VALUES (new.tag, 1) ON CONFLICT (tag) DO UPDATE SET pairs = pairs + 1;
       END""",
    """CREATE TRIGGER tag_uncounted AFTER DELETE ON pair_tag BEGIN
         UPDATE tag_tally SET pairs = pairs - 1 WHERE tag = old.tag;
         DELETE FROM tag_tally WHERE tag = old.tag AND pairs = 0;
       END""",
]

POSTGRESQL_COUNTED = [
    *_TABLES,
    """CREATE FUNCTION tamiz_count_deeds() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         INSERT INTO deed AS d
           SELECT substr(at, 1, 13), actor, move, count(*), min(at), max(at), max(seq) FROM arrived
             GROUP BY substr(at, 1, 13), actor, move ORDER BY 1, 2, 3
           ON CONFLICT (hour, actor, move) DO UPDATE SET pairs = d.pairs + excluded.pairs,
             last_seq = greatest(d.last_seq, excluded.last_seq), first_at = least(d.first_at, excluded.first_at),
             last_at = greatest(d.last_at, excluded.last_at);
         RETURN NULL;
       END $$""",
    """CREATE TRIGGER event_counted AFTER INSERT ON event REFERENCING NEW TABLE AS arrived
         FOR EACH STATEMENT EXECUTE FUNCTION tamiz_count_deeds()""",
    """CREATE FUNCTION tamiz_count_pages() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         INSERT INTO page_tally AS t SELECT source, count(*) FROM arrived GROUP BY source ORDER BY source
           ON CONFLICT (source) DO UPDATE SET pages = t.pages + excluded.pages;
         RETURN NULL;
       END $$""",
    """CREATE FUNCTION tamiz_uncount_pages() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         UPDATE page_tally t SET pages = t.pages - gone.pages
           FROM (SELECT source, count(*) AS pages FROM departed GROUP BY source) AS gone WHERE gone.source = t.source;
         RETURN NULL;
       END $$""",
    """CREATE TRIGGER page_counted AFTER INSERT ON page REFERENCING NEW TABLE AS arrived
         FOR EACH STATEMENT EXECUTE FUNCTION tamiz_count_pages()""",
    """CREATE TRIGGER page_uncounted AFTER DELETE ON page REFERENCING OLD TABLE AS departed
         FOR EACH STATEMENT EXECUTE FUNCTION tamiz_uncount_pages()""",
    """CREATE FUNCTION tamiz_count_tags() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         INSERT INTO tag_tally AS t SELECT tag, count(*) FROM arrived GROUP BY tag ORDER BY tag
           ON CONFLICT (tag) DO UPDATE SET pairs = t.pairs + excluded.pairs;
         RETURN NULL;
       END $$""",
    """CREATE FUNCTION tamiz_uncount_tags() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         UPDATE tag_tally t SET pairs = t.pairs - gone.pairs
           FROM (SELECT tag, count(*) AS pairs FROM departed GROUP BY tag ORDER BY tag) AS gone WHERE gone.tag = t.tag;
         DELETE FROM tag_tally t USING (SELECT DISTINCT tag FROM departed) AS gone
           WHERE gone.tag = t.tag AND t.pairs = 0;
         RETURN NULL;
       END $$""",
    """CREATE TRIGGER tag_counted AFTER INSERT ON pair_tag REFERENCING NEW TABLE AS arrived
         FOR EACH STATEMENT EXECUTE FUNCTION tamiz_count_tags()""",
    """CREATE TRIGGER tag_uncounted AFTER DELETE ON pair_tag REFERENCING OLD TABLE AS departed
         FOR EACH STATEMENT EXECUTE FUNCTION tamiz_uncount_tags()""",
]
