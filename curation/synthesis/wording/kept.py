"""What a rewording must leave as it stands: numbers, names, code, addresses, commands, negations."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from curation.spelling.spans import Span, protected
from curation.synthesis.wording.wordlists import words

__all__ = ["facts", "facts_stand", "kept_spans", "names_in", "pieces"]

_SMALL = words("kept.numbers") | words("kept.negations")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NAME = re.compile(r"[^\W\d_a-zà-öø-ÿ][^\W_]*(?:[-'’][^\W_]+)*")  # begins with a capital
_UNIT = re.compile(r"(?<=\d)\s?(?:%|‰|€|\$|£|[°º][CF]?|([^\W\d_]+(?:/[^\W\d_]{1,3})?))(?![^\W\d_])|[€$£]\s?(?=\d)")
_UNITS = words("kept.units")
_SENTENCE = re.compile(r"(?:^|[.!?:…]\s+|\n\s*)[\s¿¡\"'«“(]*|[¿¡]\s*")
_QUOTED = re.compile(r"\"[^\"\n]{1,80}\"|«[^»\n]{1,80}»|“[^”\n]{1,80}”")
# Words that open a question or sentence and are no name, though they stand with a capital there.
_OPENERS = words("kept.openers")


def names_in(*texts: str) -> frozenset[str]:
    """Words that are names by how these texts write them: with a capital where no sentence begins.

    >>> sorted(names_in("¿Cómo conecto la Linterna al router Farol?"))
    ['Farol', 'Linterna']
    """
    found: set[str] = set()
    for text in texts:
        starts = {match.end() for match in _SENTENCE.finditer(text)}
        found |= {
            match.group()
            for match in _NAME.finditer(text)
            if match.start() not in starts and match.group().casefold() not in _OPENERS
        }
    return frozenset(found)


def kept_spans(text: str, names: Iterable[str] = ()) -> tuple[Span, ...]:
    """The parts of a question to leave as they are, in order; `names` are further names, whatever their case.

    >>> [text[a:b] for text in ["¿Cuánto cuesta Mi Lumbre sin 5 GB?"] for a, b in kept_spans(text)]
    ['Mi Lumbre', 'sin', '5 GB']
    """
    places: list[Span] = list(protected(text, glossary=[name for name in names if len(name) > 1]))
    places += [match.span() for match in _QUOTED.finditer(text)]
    places += [match.span() for match in _UNIT.finditer(text) if not match[1] or match[1].lower() in _UNITS]
    places += [match.span() for match in _WORD.finditer(text) if match.group().lower() in _SMALL]
    places += _capitals(text)
    return _joined(text, places)


def _capitals(text: str) -> list[Span]:
    """Words with a capital: where a sentence begins only if they are no opener and a name follows, or all capitals."""
    starts = {match.end() for match in _SENTENCE.finditer(text)}
    found: list[Span] = []
    for match in _NAME.finditer(text):
        if re.match(r"I(?:['’]|$)", match.group()):
            continue
        if match.start() in starts and match.group().casefold() in _OPENERS - {"mi", "my"}:
            continue
        if match.start() in starts:
            after = re.match(r"[ -]([^\W_]\w*)", text[match.end() :])
            if not (after and (after[1][0].isupper() or after[1][0].isdigit())):
                continue
        found.append(match.span())
    return found


def _joined(text: str, places: list[Span]) -> tuple[Span, ...]:
    """In order, none touching another; capitals side by side are one name, a number keeps its unit."""
    joined: list[Span] = []
    for start, end in sorted(places):
        before = joined[-1] if joined else None
        if before and start <= before[1]:
            joined[-1] = (before[0], max(end, before[1]))
        elif before and text[before[1] : start] == " " and _belongs(text[before[0] : before[1]], text[start:end]):
            joined[-1] = (before[0], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def _belongs(left: str, right: str) -> bool:
    named = left[-1].isalnum() and left.split()[-1][0].isupper() and (right[0].isupper() or right[0].isdigit())
    return named and left.lower() not in _SMALL


def facts(text: str, names: Iterable[str] = ()) -> Counter[str]:
    """What a rewording must bring again, letter for letter, and how often."""
    return Counter(text[start:end] for start, end in kept_spans(text, names))


def facts_stand(before: str, after: str, names: Iterable[str] = ()) -> bool:
    """Whether every kept part of `before` stands in `after`, and no other number does.

    >>> facts_stand("¿Cuánto tarda el alta de 2 líneas?", "plazo alta 2 líneas")
    True
    >>> facts_stand("¿Cuánto tarda el alta de 2 líneas?", "plazo alta 3 líneas")
    False
    """
    if before == after:
        return True
    for text, count in facts(before, frozenset(names)).items():
        start, end = r"(?<!\w)" * text[0].isalnum(), r"(?!\w)" * text[-1].isalnum()
        if len(re.findall(f"{start}{re.escape(text)}{end}", after)) < count:
            return False
    return Counter(re.findall(r"\d+", before)) == Counter(re.findall(r"\d+", after))


def pieces(text: str, spans: Iterable[Span]) -> list[tuple[str, bool]]:
    """The text cut at its kept spans: (piece, whether it is kept). Joined again they are the text."""
    cut: list[tuple[str, bool]] = []
    at = 0
    for start, end in spans:
        if start > at:
            cut.append((text[at:start], False))
        cut.append((text[start:end], True))
        at = end
    if at < len(text):
        cut.append((text[at:], False))
    return cut
