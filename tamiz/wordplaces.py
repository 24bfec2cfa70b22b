"""Where words stand that somebody may decide about: kept by the database itself, so that listing them is quick.

`word_place` has one row for each finding of a word in the latest look of an open pair. It holds what the list of words
counts, so that neither a million pairs nor their looks are read for it. Whatever changes one of the three (a look, a
finding, the state of a pair) changes it by a trigger.
"""

from __future__ import annotations

# ruff: noqa: S608 - these statements are made of the names below, never of a value

__all__ = ["OPEN", "POSTGRESQL_PLACED", "SQLITE_PLACED", "STEP", "WORD_KINDS"]

STEP = "spelling"
WORD_KINDS = ("accent", "spelling", "grammar", "style")
OPEN = ("new", "waiting", "skipped")  # the states of pairs that somebody may still be asked about


def _listed(names: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{name}'" for name in names) + ")"


_IS_WORD = f"step = '{STEP}' AND {{row}}kind IN {_listed(WORD_KINDS)}"
_COPIED = ("before", "after", "kind", "confidence", "witness")


def _fill(condition: str) -> str:
    """Copy the findings that stand and for which `condition` holds; `f` is the finding and `p` its pair."""
    # `|| ''`: or SQLite looks pairs up by their state, which most of them share
    return f"""INSERT INTO word_place
      SELECT f.seq, p.seq, p.lang, {", ".join(f"f.{name}" for name in _COPIED)}
        FROM finding f JOIN pair p ON p.id = f.pair
        WHERE {condition} AND f.{_IS_WORD.format(row="f.")} AND p.state || '' IN {_listed(OPEN)} AND NOT EXISTS
          (SELECT 1 FROM look k WHERE k.pair = f.pair AND k.step = '{STEP}' AND k.seq > f.look)"""


_TABLE = [
    """CREATE TABLE word_place (finding {big} NOT NULL PRIMARY KEY, place {big} NOT NULL, lang TEXT NOT NULL,
       before TEXT NOT NULL, after TEXT, kind TEXT NOT NULL, confidence {real} NOT NULL,
       witness TEXT NOT NULL){strict}""",
    _fill("TRUE"),
    "CREATE INDEX word_place_place ON word_place (place)",
]
_OPENED = f"old.state NOT IN {_listed(OPEN)} AND new.state IN {_listed(OPEN)}"
_CLOSED = f"old.state IN {_listed(OPEN)} AND new.state NOT IN {_listed(OPEN)}"
_EMPTY = "DELETE FROM word_place WHERE place = new.seq"
_OUTDATED = "DELETE FROM word_place WHERE place = (SELECT seq FROM pair WHERE id = new.pair)"
_REWORD = f"UPDATE word_place SET {', '.join(f'{name} = new.{name}' for name in _COPIED)} WHERE finding = new.seq"
_RELANG = "UPDATE word_place SET lang = new.lang WHERE place = new.seq"
_DROP = "DELETE FROM word_place WHERE finding = old.seq"

# name: what sets it off, when, and what it does
_TRIGGERS = {
    "word_looked": ("AFTER INSERT ON look", f"new.step = '{STEP}'", _OUTDATED),
    "word_found": ("AFTER INSERT ON finding", f"new.{_IS_WORD.format(row='new.')}", _fill("f.seq = new.seq")),
    "word_reworded": (f"AFTER UPDATE OF {', '.join(_COPIED)} ON finding", f"new.step = '{STEP}'", _REWORD),
    "word_dropped": ("AFTER DELETE ON finding", f"old.step = '{STEP}'", _DROP),
    "word_closed": ("AFTER UPDATE OF state ON pair", _CLOSED, _EMPTY),
    "word_opened": ("AFTER UPDATE OF state ON pair", _OPENED, _fill("f.pair = new.id")),
    "word_relanged": ("AFTER UPDATE OF lang ON pair", "old.lang <> new.lang", _RELANG),
}

SQLITE_PLACED = [
    *_TABLE,
    # All that the list needs, in its order: it reads this index alone.
    "CREATE INDEX word_place_word ON word_place (lang, before, after, place, confidence, kind, witness)",
    *(
        f"CREATE TRIGGER {name} {event} WHEN {when} BEGIN {does}; END"
        for name, (event, when, does) in _TRIGGERS.items()
    ),
]

POSTGRESQL_PLACED = [
    *_TABLE,
    # A long text cannot be an index entry: its start can.
    "CREATE INDEX word_place_word ON word_place (lang, substr(before, 1, 60))",
    *(
        statement
        for name, (event, when, does) in _TRIGGERS.items()
        for statement in (
            # FOR SHARE: a pair that somebody decides at this moment is waited for, so that none is kept as open
            f"""CREATE FUNCTION tamiz_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 {does + (" FOR SHARE OF p" if name == "word_found" else "")};
                 RETURN NULL;
               END $$""",
            f"CREATE TRIGGER {name} {event} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION tamiz_{name}()",
        )
    ),
]
