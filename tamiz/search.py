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
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY

from tamiz.database import sqlite_module
from tamiz.errors import InputError

__all__ = ["Query", "Term", "fold", "found_in", "hits", "key", "matches", "one_matches", "ordered", "parse"]
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
    wanted: list[Term] = []
    unwanted: list[Term] = []
    for found in _TERM.finditer(unicodedata.normalize("NFC", text)):
        written = found["word"] if found["phrase"] is None else found["phrase"]
        words = tuple(_words(written))
        if not words:
            continue
        prefix = bool(found["star"]) or (found["phrase"] is None and written.endswith("*"))
        (unwanted if found["minus"] else wanted).append(Term(words=words, prefix=prefix))
    if sum(len(term.words) for term in [*wanted, *unwanted]) > MOST_TERMS:
        raise InputError(f"a search has at most {MOST_TERMS} words; leave out the common ones")
    return Query(wanted=tuple(dict.fromkeys(wanted)), unwanted=tuple(dict.fromkeys(unwanted)))


def found_in(query: Query, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Where the wanted words are, as spans of each text, for highlighting: the parts in order, none overlapping."""
    return [_spans(query, text) for text in texts]


def matches(query: Query, dialect: str, seq: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """The condition that the pair of this number is found; nothing is by an empty query."""
    if query.empty:
        return sa.false()
    numbers = sa.select(key(dialect)).where(_match(query, dialect))
    return seq.in_(numbers) if query.wanted else seq.not_in(numbers)


def one_matches(query: Query, dialect: str, seq: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """The same, looked up for one pair after the other: for scans that meet one soon."""
    if query.empty:
        return sa.false()
    there = sa.select(sa.literal(1)).select_from(_text).where(key(dialect) == seq, _match(query, dialect)).exists()
    return there if query.wanted else ~there


def hits(connection: sa.Connection, query: Query, *, limit: int) -> list[int] | None:
    """The numbers of the pairs that a query finds, or None when they are more than `limit` or it only leaves out."""
    if not query.wanted:
        return [] if query.empty else None
    found: list[int] = list(connection.execute(ordered(query, connection.dialect.name).limit(limit + 1)).scalars())
    return found if len(found) <= limit else None


def ordered(query: Query, dialect: str) -> sa.Select[Any]:
    """The numbers of the pairs that a query with wanted words finds, for a caller who gives them an order.

    SQLite's index has them in order of their number: ranking all hits of a common word would take seconds.
    """
    return sa.select(key(dialect)).where(_match(query, dialect))


def key(dialect: str) -> sa.ColumnElement[int]:
    """The column of the index that has the pair's number."""
    return _text.c.rowid if dialect == "sqlite" else _text.c.seq


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


def _match(query: Query, dialect: str) -> sa.ColumnElement[bool]:
    """All that is wanted and nothing unwanted; with nothing wanted, anything that is unwanted."""
    if dialect == "sqlite":
        wanted = " AND ".join(map(_fts5, query.wanted))
        unwanted = " OR ".join(map(_fts5, query.unwanted))
        asked = f"({wanted}) NOT ({unwanted})" if wanted and unwanted else wanted or unwanted
        return sa.literal_column("pair_text").op("MATCH")(sa.literal(asked))
    wanted = " & ".join(map(_tsquery, query.wanted))
    unwanted = " | ".join(map(_tsquery, query.unwanted))
    asked = f"{wanted} & !({unwanted})" if wanted and unwanted else wanted or unwanted
    return _text.c.words.op("@@")(sa.cast(sa.literal(asked, sa.Text), TSQUERY))


def _fts5(term: Term) -> str:
    return '"' + " ".join(term.words) + '"' + (" *" if term.prefix else "")


def _tsquery(term: Term) -> str:
    words = [f"'{fold(word)}'" for word in term.words]
    words[-1] += ":*" if term.prefix else ""
    return "(" + " <-> ".join(words) + ")"
