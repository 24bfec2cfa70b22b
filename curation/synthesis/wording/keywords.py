"""A question as one types it into a search box: what it is about, without the small words."""

from __future__ import annotations

import re
from itertools import pairwise

from curation.synthesis.wording.kept import kept_spans, pieces
from curation.synthesis.wording.wordlists import words

__all__ = ["keywords"]

FEWEST, MOST = 2, 9  # words of a query
_SMALL = {lang: words(f"keywords.small_{lang}") for lang in ("es", "en")}
_BEFORE_ALL = frozenset(["no", "not"])  # "no tengo internet" is what one types, not "no internet"
_PHRASAL = words("keywords.phrasal")  # log in, set up: not without the second word
_AFTER_GET = words("keywords.after_get")
_AFTER_DE = frozenset(["baja", "alta"])  # "darse de baja" is one thing, and "darse baja" nothing
_TOKEN = re.compile(r"[^\s,;:()«»\"“”¿?¡!…]+")


def keywords(text: str, lang: str) -> str:
    """The words that a search needs, in their order; "" where too few are left, or too many.

    >>> keywords("cambiar el nombre y la clave del wifi", "es")
    'cambiar nombre clave wifi'
    """
    small = _SMALL[lang]
    kept: list[str] = []
    for piece, fixed in pieces(text, kept_spans(text)):
        if fixed:
            kept.append(piece.strip())
        else:
            told = [word for word in (word.strip(".") for word in _TOKEN.findall(piece)) if word]
            for word, after in pairwise([*told, ""]):
                phrase = (kept and kept[-1].lower() in _BEFORE_ALL | _PHRASAL) or (
                    word.lower() == "get" and after.lower() in _AFTER_GET
                )
                if word.lower() not in small or phrase:
                    kept += ["de", word] if kept and word in _AFTER_DE and kept[-1].startswith("dar") else [word]
    return " ".join(kept) if FEWEST <= len(kept) <= MOST else ""
