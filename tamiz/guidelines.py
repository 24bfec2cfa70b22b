"""How this project wants to be reviewed: Markdown for each language, in versions of which the latest stands."""

from __future__ import annotations

from dataclasses import dataclass, fields

import sqlalchemy as sa

from tamiz import schema
from tamiz.errors import Conflict, InputError
from tamiz.people import permit
from tamiz.records import clean_unicode
from tamiz.store import Store

__all__ = ["LONGEST_GUIDELINE", "Guideline", "guideline_history", "latest_guideline", "write_guideline"]

LONGEST_GUIDELINE = 50_000  # characters: some twenty pages, more than anybody reads beside a pair
SAME = "somebody else has written another version of this guideline meanwhile; look at it before you write yours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guideline:
    """One version of what reviewers of a language are to hold to. `text` is Markdown; "" says that none holds."""

    lang: str
    version: int
    text: str
    actor: str
    at: str


def latest_guideline(store: Store, lang: str) -> Guideline | None:
    """The version that holds for pairs of this language; None where nobody has written one, or it was emptied."""
    found = _newest(store, lang, 1)
    return found[0] if found and found[0].text else None


def guideline_history(store: Store, lang: str, limit: int = 50) -> list[Guideline]:
    """The versions, the latest first."""
    return _newest(store, lang, limit)


def write_guideline(store: Store, lang: str, text: str, by: str, *, seen: int) -> Guideline:
    """Enter another version; Conflict when the latest is not `seen` any more (0: there is none yet).

    An admin does it. A text that is the same as the latest makes no new version.
    """
    permit(store, by, "manage")
    text = clean_unicode(text.replace("\r\n", "\n")).strip()
    if len(text) > LONGEST_GUIDELINE:
        raise InputError(f"the guideline has {len(text):,} characters; shorten it to {LONGEST_GUIDELINE:,}")
    g = schema.guideline
    values = {"at": store.timestamp(), "actor": by, "lang": lang, "version": seen + 1, "text": text}

    def work(connection: sa.Connection) -> Guideline:
        query = sa.select(g).where(g.c.lang == lang).order_by(g.c.version.desc()).limit(1)
        latest = connection.execute(query).mappings().first()
        if (latest["version"] if latest else 0) != seen:
            raise Conflict(SAME)
        if latest is not None and latest["text"] == text:
            return _guideline(latest)
        try:
            connection.execute(sa.insert(g), values)
        except sa.exc.IntegrityError:  # the same version, a moment ago
            raise Conflict(SAME) from None
        return Guideline(**values)  # type: ignore[arg-type]

    return store.database.write(work)


def _newest(store: Store, lang: str, limit: int) -> list[Guideline]:
    g = schema.guideline
    query = sa.select(g).where(g.c.lang == lang).order_by(g.c.version.desc()).limit(limit)
    with store.database.read() as connection:
        return [_guideline(row) for row in connection.execute(query).mappings()]


def _guideline(row: sa.RowMapping) -> Guideline:
    return Guideline(**{field.name: row[field.name] for field in fields(Guideline)})
