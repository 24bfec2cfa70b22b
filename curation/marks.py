"""Texts of marks only ("??"): all of them are empty in the normal form, and yet they are not the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

from curation.near.texts import normal

__all__ = ["told_apart"]

_LETTER = re.compile(r"\w")


def told_apart(texts: Sequence[str]) -> list[str]:
    """These texts, those of marks only as the codes of their marks, so that only equal ones have equal normal forms.

    >>> told_apart(["¿Y?", "??", " !!", ""])
    ['¿Y?', 'marks 3f 3f', 'marks 21 21', '']
    """
    return [text if _LETTER.search(text) else _coded(text) for text in texts]


def _coded(text: str) -> str:
    if normal(text):
        return text
    codes = [f"{ord(sign):x}" for sign in text if not sign.isspace()]
    return " ".join(["marks", *codes]) if codes else text
