"""Parts of a text that no spelling proposal may touch: code, addresses, commands, placeholders, names of things."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence

__all__ = ["Span", "inside", "protected"]

Span = tuple[int, int]  # start and end in characters

_LOWER = "a-zà-öø-ÿ"
_UPPER = "A-ZÀ-ÖØ-Þ"
# Every repetition is bounded or begins at an edge, so that a hostile text costs no more than its length.
_PARTS = (
    r"```.*?```|~~~.*?~~~|``[^\n]+?``|`[^`\n]+`",  # code
    r"(?:https?|ftps?|file|ssh|git|mailto|tel|sip)://?\S+|(?:mailto|tel|sip):\S+|\bwww\.\S+",
    r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})*",  # e-mail and user@host
    r"(?<![\w.-])[\w-]{1,64}(?:\.[\w-]{1,64})*\.(?:com|org|net|es|mx|ar|cl|co|io|dev|edu|gov|info|uk|us)\b(?:/\S*)?",
    r"(?<![\w.-])[\w-]{1,64}(?:\.[a-z][\w-]{1,64}){1,8}",  # host.example, module.name
    r"(?<![\w/])(?:~|\.{1,2}|[A-Za-z]:)?[/\\][^\s,;:)\"'»”]+(?=[\s,;:)\"'»”]|$)|(?<!\w)~/\S*",  # paths
    r"(?<![\w.])\.?[\w-]{1,64}(?:\.[a-z\d]{1,5}){1,3}(?![\w.]*\w)|(?<!\w)\.[a-z][\w-]+(?:\.\w+)*",  # file.ext
    r"<[^<>\n]{1,80}>|\$?\{[^{}\n]{1,80}\}{1,2}|\$\(?[A-Za-z_]\w*\)?|%\(\w+\)[sd]|%[sdif]\b|%\w+%|&#?\w{1,10};",
    r"(?<![\w-])--?[a-z][\w-]*(?:=\S+)?",  # options
    r"(?<![\w-])(?:[^\W\d]|-)*\d[\w-]*(?:[.,:/]\w+)*",  # anything with digits
    r"(?<!\w)[#@][\w-]+",
    r"(?<![\w+])\w{1,20}(?:\+\w{1,20}){1,4}",  # Ctrl+Alt+T
    r"(?<![\w.])\w[\w.:]*\(\d?\w?\)",  # call() and page(7)
    r"\b\w*_\w*",
    rf"\b\w*[{_LOWER}][{_UPPER}]\w*",  # camelCase
    rf"\b[{_UPPER}]{{2,}}(?:['’]?s)?\b",  # ALLCAPS
)
_PROTECTED = re.compile("|".join(_PARTS), re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def protected(text: str, codes: Iterable[str] = (), *, glossary: Collection[str] = ()) -> tuple[Span, ...]:
    """The spans of a text to leave alone, in order, none touching another.

    `codes` are strings that the page marks as code, wherever they stand in the text; `glossary` are words and
    phrases that are right as they are, whatever their case.

    >>> protected("Abra `conf` y use --force en /etc/hosts")
    ((5, 11), (18, 25), (29, 39))
    """
    places = [match.span() for match in _PROTECTED.finditer(text)]
    for code in codes:
        if code.strip():
            places += [match.span() for match in re.finditer(re.escape(code), text)]
    if glossary:
        places += _glossary_places(text, glossary)
    return _merged(places)


def inside(spans: Sequence[Span], start: int, end: int) -> bool:
    """Whether start-end touches one of the spans, which are in order and don't overlap."""
    at = bisect_left(spans, (start + 1,))
    return bool((at and spans[at - 1][1] > start) or (at < len(spans) and spans[at][0] < end))


def _glossary_places(text: str, glossary: Collection[str]) -> list[Span]:
    terms = {term.casefold() for term in glossary}
    places = [match.span() for match in _WORD.finditer(text) if match.group().casefold() in terms]
    lowered = text.casefold()
    if len(lowered) != len(text):  # a letter that grows when folded would shift what follows
        lowered = text.lower() if len(text.lower()) == len(text) else text
    for term in terms:
        if not _WORD.fullmatch(term) and term in lowered:
            places += [match.span() for match in re.finditer(rf"(?<!\w){re.escape(term)}(?!\w)", lowered)]
    return places


def _merged(places: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start, end in sorted(places):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
