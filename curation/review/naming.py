"""The names that people sign with."""

from __future__ import annotations

from curation.revise import Refused
from tamiz.records import clean_unicode

__all__ = ["LONGEST_NAME", "reviewer_name"]

LONGEST_NAME = 60


def reviewer_name(text: str) -> str:
    """A name that can stand in the history: one line, neither empty nor longer than LONGEST_NAME.

    >>> reviewer_name("  night   shift ")
    'night shift'
    """
    name = " ".join(clean_unicode(text).split())
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        raise Refused("reviewer")
    return name
