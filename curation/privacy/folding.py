"""A text as recognisers read it: one form of each digit, dash, space and quote, nothing that nobody can see.

Every character of the folded text knows its place in the original. A mask becomes one NUL, which no
recogniser takes for anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from curation.privacy.kinds import KINDS

__all__ = ["HIDDEN", "MASK", "Folded", "fold"]

HIDDEN = "\x00"
MASK = re.compile("<(?P<name>{})_(?P<number>[1-9][0-9]{{0,5}})>".format("|".join(kind.mask for kind in KINDS.values())))

_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")  # Markdown writes \_ and \. for _ and .
_QUOTES = dict.fromkeys("“”„«»‟", '"') | dict.fromkeys("‘’‚‛´", "'")
_DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class Folded:
    """`places[i]` is where the original of text[i] starts, `ends[i]` where it ends; None: the same places."""

    text: str
    places: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original for this span of the folded text, which is not empty."""
        if self.places is None or self.ends is None:
            return start, end
        return self.places[start], self.ends[end - 1]

    def hidden(self, spans: Sequence[tuple[int, int]]) -> Folded:
        """The same with each of these spans (in order, apart) as one NUL."""
        if not spans:
            return self
        places = range(len(self.text)) if self.places is None else self.places
        ends = range(1, len(self.text) + 1) if self.ends is None else self.ends
        parts: list[str] = []
        new_places: list[int] = []
        new_ends: list[int] = []
        last = 0
        for start, end in spans:
            parts += [self.text[last:start], HIDDEN]
            new_places += [*places[last:start], places[start]]
            new_ends += [*ends[last:start], ends[end - 1]]
            last = end
        parts.append(self.text[last:])
        return Folded("".join(parts), [*new_places, *places[last:]], [*new_ends, *ends[last:]])


class _Plain(dict[int, str]):
    """The plain form of each character, one character long or none; kept as it is asked for."""

    def __missing__(self, code: int) -> str:
        plain = self[code] = _plain(chr(code))
        return plain


def _plain(char: str) -> str:
    if char in _QUOTES:
        return _QUOTES[char]
    category = unicodedata.category(char)
    if category == "Cf":  # zero-width, direction and soft-hyphen characters
        return ""
    if category in ("Pd", "Zs") or char == "\u2212":
        return " " if category == "Zs" else "-"
    if char in "ºª˚":  # letters to Unicode, but a sign in nº and 3º
        return "°"
    if category in ("Zl", "Zp"):
        return "\n"
    if category == "Nd":
        return _DIGITS[unicodedata.decimal(char)]
    if "\uff01" <= char <= "\uff5e" or "\U0001d400" <= char <= "\U0001d7ff":
        form = unicodedata.normalize("NFKC", char)
        return form if len(form) == 1 else char
    return char


_PLAIN = _Plain()


def fold(text: str) -> Folded:
    """The text folded.

    >>> fold("６１２\\u200b345").text
    '612345'
    """
    folded = Folded(text)
    if not text.isascii():
        plain = text.translate(_PLAIN)
        if len(plain) == len(text):
            folded = Folded(plain)
        else:
            kept = [place for place, char in enumerate(text) if _PLAIN[ord(char)]]
            folded = Folded(plain, kept, [place + 1 for place in kept])
    if "\\" in folded.text:
        folded = _without_escapes(folded)
    if "<" in folded.text:
        folded = folded.hidden([match.span() for match in MASK.finditer(folded.text)])
    return folded


def _without_escapes(folded: Folded) -> Folded:
    dropped = {match.start() for match in _ESCAPE.finditer(folded.text)}
    if not dropped:
        return folded
    kept = [place for place in range(len(folded.text)) if place not in dropped]
    text = "".join([folded.text[place] for place in kept])
    spans = [folded.original(place, place + 1) for place in kept]
    return Folded(text, [start for start, _ in spans], [end for _, end in spans])
