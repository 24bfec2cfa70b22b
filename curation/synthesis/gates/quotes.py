"""Whether what a model says it quoted stands in the source: word for word, whatever the spaces, marks and case."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from curation.synthesis.gates.findings import Fault

__all__ = ["missing_quotes", "stands_in"]

# Signs that are typed one way or another without changing a word: they count as nothing.
_MARKS = re.compile(r"[\"'`´‘’“”«»‹›*_~\u00ad\u200b-\u200f\u2060\ufeff]+")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_ELLIPSIS = re.compile(r"\s*(?:\[\s*(?:\.{3}|…)\s*\]|\(\s*(?:\.{3}|…)\s*\)|\.{3}|…)\s*")
_EDGES = " .,;:!?¡¿-()[]"


def plain(text: str) -> str:
    """The text in one form of Unicode, small letters, single spaces, without quotation marks and marks of Markdown.

    >>> plain("Pulsa  «Guardar\u00a0cambios»")
    'pulsa guardar cambios'
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_DASHES.sub("-", _MARKS.sub("", text)).split())


def stands_in(quote: str, source: str) -> bool:
    """Whether the quote stands in the source; parts that an ellipsis joins, in this order.

    >>> stands_in("“Refunds usually … 14 days”", "Refunds usually take\\nup to 14 days.")
    True
    """
    place, text = 0, plain(source)
    parts = [part for part in (plain(one).strip(_EDGES) for one in _ELLIPSIS.split(quote)) if part]
    for part in parts:
        found = re.compile(rf"(?<!\w){re.escape(part)}(?!\w)").search(text, place)
        if found is None:
            return False
        place = found.end()
    return bool(parts)


def missing_quotes(quotes: Sequence[str], source: str) -> Iterator[Fault]:
    for quote in quotes:
        if not stands_in(quote, source):
            yield Fault(kind="quote_missing", what=quote or "…", confidence=0.97)
