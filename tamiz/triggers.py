"""Counters and the index of words, which the database itself keeps: no way of writing a pair can forget them.

`facet` counts pairs by source, language, kind and label in each state. `pair_text` is the index of questions and
answers: an FTS5 table without texts of its own on SQLite, tsvectors beside the pairs on PostgreSQL. Both fold
accents of Latin letters and capitals, and cut words at whatever is no letter or digit.
"""

from __future__ import annotations

# ruff: noqa: S608 - these statements are made of the names below, never of a value

__all__ = ["DIMENSIONS", "LONGEST_VALUE", "POSTGRESQL_KEPT", "SQLITE_KEPT"]

# The columns of `pair` that are counted. Labels may be of any length and an index entry may not: it has their start.
DIMENSIONS = ("source", "lang", "kind", "label")
LONGEST_VALUE = 200


def _value(dimension: str, row: str = "") -> str:
    return f"substr({row}{dimension}, 1, {LONGEST_VALUE})"


_FACETS = [
    """CREATE TABLE facet (dimension TEXT NOT NULL, value TEXT NOT NULL, state TEXT NOT NULL, pairs {big} NOT NULL,
       PRIMARY KEY (dimension, value, state)){strict}""",
    *(
        f"""INSERT INTO facet SELECT '{name}', {_value(name)}, state, count(*) FROM pair
           GROUP BY {_value(name)}, state"""
        for name in DIMENSIONS
    ),
    "CREATE INDEX event_undone ON event (actor, undoes) WHERE undoes <> ''",
    "CREATE INDEX pair_lang ON pair (lang, state, seq)",
    "CREATE INDEX pair_kind ON pair (kind, state, seq)",
    "CREATE INDEX pair_labelled ON pair (" + _value("label") + ", state, seq)",
    # A long text cannot be an index entry on PostgreSQL: its start can.
    "CREATE INDEX finding_change ON finding (step, kind, substr(before, 1, 60), pair)",
    f"CREATE INDEX pair_grouped ON pair (substr(pair_group, 1, {LONGEST_VALUE}), seq)",
]

_ROWS = ", ".join(f"('{name}', {_value(name, 'new.')}, new.state, 1)" for name in DIMENSIONS)
_SQLITE_UP = f"""INSERT INTO facet VALUES {_ROWS}
  ON CONFLICT (dimension, value, state) DO UPDATE SET pairs = pairs + 1;"""
_SQLITE_DOWN = "".join(
    f"""UPDATE facet SET pairs = pairs - 1
          WHERE dimension = '{name}' AND value = {_value(name, "old.")} AND state = old.state;
        DELETE FROM facet
          WHERE dimension = '{name}' AND value = {_value(name, "old.")} AND state = old.state AND pairs = 0;"""
    for name in DIMENSIONS
)
_SQLITE_WORDS_OUT = """INSERT INTO pair_text (pair_text, rowid, question, answer)
  VALUES ('delete', old.seq, old.question, old.answer);"""
_SQLITE_WORDS_IN = "INSERT INTO pair_text (rowid, question, answer) VALUES (new.seq, new.question, new.answer);"

SQLITE_KEPT = [
    *_FACETS,
    f"CREATE TRIGGER pair_counted AFTER INSERT ON pair BEGIN {_SQLITE_UP} END",
    f"""CREATE TRIGGER pair_recounted AFTER UPDATE OF state, {", ".join(DIMENSIONS)} ON pair
          WHEN {" OR ".join(f"old.{name} <> new.{name}" for name in ("state", *DIMENSIONS))}
        BEGIN {_SQLITE_UP} {_SQLITE_DOWN} END""",
    """CREATE VIRTUAL TABLE pair_text USING fts5 (question, answer, content = 'pair', content_rowid = 'seq',
         tokenize = 'unicode61 remove_diacritics 2')""",
    # From SQLite 3.42 on, what is taken out of the index is gone from its pages at once; see tamiz.search.scrub.
    """INSERT INTO pair_text (pair_text, rank) SELECT 'secure-delete', 1
         WHERE CAST(substr(sqlite_version(), 3) AS REAL) >= 42""",
    "INSERT INTO pair_text (pair_text) VALUES ('rebuild')",
    f"CREATE TRIGGER pair_words_arrive AFTER INSERT ON pair BEGIN {_SQLITE_WORDS_IN} END",
    f"""CREATE TRIGGER pair_words_change AFTER UPDATE OF question, answer ON pair
          WHEN old.question <> new.question OR old.answer <> new.answer
        BEGIN {_SQLITE_WORDS_OUT} {_SQLITE_WORDS_IN} END""",
]


def _moved(rows: str, sign: str) -> str:
    """Rows of (dimension, value, state, by) for every counter that these rows of pairs move."""
    each = (f"SELECT '{name}', {_value(name)}, state FROM {rows}" for name in DIMENSIONS)
    return f"SELECT d, v, s, {sign}1 FROM ({' UNION ALL '.join(each)}) AS one (d, v, s)"


# By statement and not by row: a row that is updated 10,000 times in a transaction has 10,000 versions to walk through.
_POSTGRESQL_COUNT = """
  INSERT INTO tally AS t (state, pairs)
    SELECT s, sum(n) FROM ({tally}) AS moved (s, n) GROUP BY s HAVING sum(n) <> 0 ORDER BY s
    ON CONFLICT (state) DO UPDATE SET pairs = t.pairs + excluded.pairs;
  INSERT INTO facet AS t (dimension, value, state, pairs)
    SELECT d, v, s, sum(n) FROM ({facets}) AS moved (d, v, s, n)
      GROUP BY d, v, s HAVING sum(n) <> 0 ORDER BY d, v, s
    ON CONFLICT (dimension, value, state) DO UPDATE SET pairs = t.pairs + excluded.pairs;
"""
_ARRIVED = _POSTGRESQL_COUNT.format(tally="SELECT state, 1 FROM arrived", facets=_moved("arrived", ""))
_MOVED = _POSTGRESQL_COUNT.format(
    tally="SELECT state, 1 FROM after UNION ALL SELECT state, -1 FROM before",
    facets=f"{_moved('after', '')} UNION ALL {_moved('before', '-')}",
)
_GONE = " OR ".join(f"(f.dimension = '{name}' AND f.value = {_value(name, 'b.')})" for name in DIMENSIONS)

POSTGRESQL_KEPT = [
    *_FACETS,
    "DROP TRIGGER pair_arrives ON pair",
    "DROP TRIGGER pair_moves ON pair",
    "DROP FUNCTION tamiz_tally()",
    f"""CREATE FUNCTION tamiz_count_arrived() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         {_ARRIVED}
         RETURN NULL;
       END $$""",
    f"""CREATE FUNCTION tamiz_count_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         {_MOVED}
         DELETE FROM facet f USING (SELECT DISTINCT state, {", ".join(DIMENSIONS)} FROM before) b
           WHERE f.pairs = 0 AND f.state = b.state AND ({_GONE});
         RETURN NULL;
       END $$""",
    """CREATE TRIGGER pair_counted AFTER INSERT ON pair REFERENCING NEW TABLE AS arrived
         FOR EACH STATEMENT EXECUTE FUNCTION tamiz_count_arrived()""",
    """CREATE TRIGGER pair_recounted AFTER UPDATE ON pair REFERENCING OLD TABLE AS before NEW TABLE AS after
         FOR EACH STATEMENT EXECUTE FUNCTION tamiz_count_moved()""",
    # Only marks on letters without one of their own: as SQLite's tokenizer folds.
    """CREATE FUNCTION tamiz_fold(given TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
         SELECT lower(normalize(
           regexp_replace(normalize(given, NFD), '([A-Za-z])[\\u0300-\\u036f]+', '\\1', 'g'), NFC)) $$""",
    # A tsvector has at most 1 MB; of a text with more words the beginning is found.
    """CREATE FUNCTION tamiz_words(question TEXT, answer TEXT) RETURNS TSVECTOR LANGUAGE plpgsql IMMUTABLE AS $$
       DECLARE
         asked TEXT[] := regexp_split_to_array(tamiz_fold(question), '[^[:alnum:]]+');
         said TEXT[] := regexp_split_to_array(tamiz_fold(answer), '[^[:alnum:]]+');
       BEGIN
         RETURN COALESCE((SELECT string_agg(left(word, 500) || ':' || least(place, 16383), ' ') FROM (
             SELECT word, place FROM unnest(asked) WITH ORDINALITY AS one (word, place) UNION ALL
             SELECT word, place + cardinality(asked) + 1 FROM unnest(said) WITH ORDINALITY AS one (word, place)
           ) AS every WHERE word <> ''), '')::tsvector;
       EXCEPTION WHEN program_limit_exceeded THEN
         RETURN tamiz_words(left(question, length(question) / 2), left(answer, length(answer) / 2));
       END $$""",
    "CREATE TABLE pair_text (seq BIGINT NOT NULL PRIMARY KEY REFERENCES pair (seq), words TSVECTOR NOT NULL)",
    "INSERT INTO pair_text SELECT seq, tamiz_words(question, answer) FROM pair",
    "CREATE INDEX pair_text_words ON pair_text USING gin (words)",
    """CREATE FUNCTION tamiz_index_words() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         INSERT INTO pair_text VALUES (new.seq, tamiz_words(new.question, new.answer))
           ON CONFLICT (seq) DO UPDATE SET words = excluded.words;
         RETURN NULL;
       END $$""",
    "CREATE TRIGGER pair_words_arrive AFTER INSERT ON pair FOR EACH ROW EXECUTE FUNCTION tamiz_index_words()",
    """CREATE TRIGGER pair_words_change AFTER UPDATE OF question, answer ON pair FOR EACH ROW
         WHEN (old.question <> new.question OR old.answer <> new.answer) EXECUTE FUNCTION tamiz_index_words()""",
]
