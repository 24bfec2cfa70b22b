"""Full-text search over questions and answers: what people type, as either database understands it.

words "a phrase" prefix* -not     every word has to be there, in the question or the answer; accents and capitals
                                  don't matter. Signs inside a word cut it: wi-fi is searched as the phrase "wi fi".

No text is a syntax error: what is no letter or digit only ever separates words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY

from tamiz.database import sqlite_module
from tamiz.errors import InputError

__all__ = ["Query", "Term", "fold", "found_in", "hits", "matches", "one_matches", "parse"]
__all__ += ["scrub_index"]

MOST_TERMS = 32
LONGEST_WORD = 500  # of a word that is indexed on PostgreSQL
SECURE_DELETE = (3, 42)  # from this SQLite on the index itself sets to zeros what is taken out of it
REBUILD = "INSERT INTO pair_text (pair_text) VALUES ('rebuild')"

_TERM = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))(?P<star>\*?)')
_MARKED = re.compile("([A-Za-z])[\u0300-\u036f]+")

_text = sa.table("pair_text", sa.column("rowid"), sa.column("pair_text"), sa.column("seq"), sa.column("words"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Words that have to follow each other (one, or those of a phrase); with `prefix` the last may go on."""

    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What has to be there and what may not; with neither, nothing is found."""

    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.wanted or self.unwanted)


def parse(text: str) -> Query:
    """Read what somebody typed; InputError for more than MOST_TERMS words.

    >>> parse('router "clave del wifi" conex* -factura').unwanted
    (Term(words=('factura',), prefix=False),)
    """
    wanted, unwanted = [], []
    for found in _TERM.finditer(unicodedata.normalize("NFC", text)):
        written = found["word"] if found["phrase"] is None else found["phrase"]
        words = tuple(_words(written))
        if not words:
            continue
        prefix = bool(found["star"]) or (found["phrase"] is None and written.endswith("*"))
        (unwanted if found["minus"] else wanted).append(Term(words=words, prefix=prefix))
    if sum(len(term.words) for term in (*wanted, *unwanted)) > MOST_TERMS:
        raise InputError(f"a search has at most {MOST_TERMS} words; leave out the common ones")
    return Query(wanted=tuple(dict.fromkeys(wanted)), unwanted=tuple(dict.fromkeys(unwanted)))


def found_in(query: Query, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Where the wanted words are, as spans of each text, for highlighting: the parts in order, none overlapping."""
    return [_spans(query, text) for text in texts]


def matches(query: Query, dialect: str, seq: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """The condition that the pair of this number is found; nothing is by an empty query."""
    if query.empty:
        return sa.false()
    within = (
        seq.in_(sa.select(_key(dialect)).where(_match(query.wanted, dialect, every=True))) if query.wanted else None
    )
    without = (
        seq.not_in(sa.select(_key(dialect)).where(_match(query.unwanted, dialect, every=False)))
        if query.unwanted
        else None
    )
    return sa.and_(*(part for part in (within, without) if part is not None))


def one_matches(query: Query, dialect: str, seq: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """The same, looked up for one pair after the other: for scans that meet one soon."""
    if query.empty:
        return sa.false()
    parts = []
    for terms, every in ((query.wanted, True), (query.unwanted, False)):
        if terms:
            there = sa.select(sa.literal(1)).select_from(_text).where(_key(dialect) == seq)
            exists = there.where(_match(terms, dialect, every=every)).exists()
            parts.append(exists if every else ~exists)
    return sa.and_(*parts)


def hits(connection: sa.Connection, query: Query, *, limit: int) -> list[int] | None:
    """The numbers of the pairs that a query finds, or None when they are more than `limit` or it only leaves out."""
    if not query.wanted:
        return [] if query.empty else None
    dialect = connection.dialect.name
    select = sa.select(_key(dialect)).where(_match(query.wanted, dialect, every=True))
    if query.unwanted:
        select = select.where(matches(Query(unwanted=query.unwanted), dialect, _key(dialect)))
    found = list(connection.execute(select.limit(limit + 1)).scalars())
    return found if len(found) <= limit else None


def scrub_index(dialect: str) -> list[str]:
    """What takes the last traces of removed words out of the index itself."""
    if dialect == "postgresql":
        return ["VACUUM pair_text", "REINDEX INDEX pair_text_words"]  # GIN keeps the words of rows that are gone
    return [] if sqlite_module().sqlite_version_info >= SECURE_DELETE else [REBUILD]


def fold(word: str) -> str:
    """As both databases fold: without the accents of Latin letters, in small letters."""
    plain = _MARKED.sub(r"\1", unicodedata.normalize("NFD", word))
    return unicodedata.normalize("NFC", plain).lower()


def _words(text: str) -> list[str]:
    return [word[:LONGEST_WORD] for word, _, _ in _cut(text)]


def _cut(text: str) -> list[tuple[str, int, int]]:
    """The words of a text, folded, with their places."""
    cut, start = [], -1
    for place, letter in enumerate(text + " "):
        if unicodedata.category(letter)[0] in "LN" or (start >= 0 and unicodedata.combining(letter)):
            start = place if start < 0 else start
        elif start >= 0:
            cut.append((fold(text[start:place]), start, place))
            start = -1
    return cut


def _spans(query: Query, text: str) -> list[tuple[int, int]]:
    cut, spans = _cut(text), []
    for at in range(len(cut)):
        ends = [at + len(term.words) for term in query.wanted if _is_at(term, cut, at)]
        if ends:
            spans.append((cut[at][1], cut[max(ends) - 1][2]))
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _is_at(term: Term, cut: list[tuple[str, int, int]], at: int) -> bool:
    there = tuple(word for word, _, _ in cut[at : at + len(term.words)])
    if len(there) < len(term.words) or there[:-1] != term.words[:-1]:
        return False
    last = fold(term.words[-1])
    return there[-1].startswith(last) if term.prefix else there[-1] == last


def _key(dialect: str) -> sa.ColumnElement[int]:
    return _text.c.rowid if dialect == "sqlite" else _text.c.seq


def _match(terms: Sequence[Term], dialect: str, *, every: bool) -> sa.ColumnElement[bool]:
    if dialect == "sqlite":
        asked = (" AND " if every else " OR ").join(map(_fts5, terms))
        return sa.literal_column("pair_text").op("MATCH")(sa.literal(asked))
    asked = (" & " if every else " | ").join(map(_tsquery, terms))
    return _text.c.words.op("@@")(sa.cast(sa.literal(asked, sa.Text), TSQUERY))


def _fts5(term: Term) -> str:
    return '"' + " ".join(term.words) + '"' + (" *" if term.prefix else "")


def _tsquery(term: Term) -> str:
    words = [f"'{fold(word)}'" for word in term.words]
    words[-1] += ":*" if term.prefix else ""
    return "(" + " <-> ".join(words) + ")"
