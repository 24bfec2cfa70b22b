"""How often words are used: wordfreq's lists, with what the dictionary says of each word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log10

from curation.spelling.dictionaries import Dictionary

__all__ = ["AS_IS", "TITLE", "UNKNOWN", "Use", "uses"]

UNKNOWN, AS_IS, TITLE = 0, 1, 2  # not in the dictionary; in it in lower case; in it with a capital only


@dataclass(frozen=True, slots=True)
class Use:
    """A word in lower case; `zipf` is log10 of its uses in a billion words."""

    word: str
    zipf: float
    status: int


def uses(lang: str, dictionary: Dictionary) -> Iterator[Use]:
    """Each word of the largest list for the language; words that no dictionary knows are kept as what they are."""
    import wordfreq

    for word, share in wordfreq.get_frequency_dict(lang, "best").items():
        if word.replace("'", "").isalpha():
            yield Use(word, log10(share) + 9, _status(word, dictionary))


def _status(word: str, dictionary: Dictionary) -> int:
    if dictionary.knows(word):
        return AS_IS
    return TITLE if dictionary.knows(word[:1].upper() + word[1:]) else UNKNOWN
