"""Names in an answer that its source does not know: products, people, places, labels of buttons and menus."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curation.synthesis.gates.findings import Fault
from curation.synthesis.gates.reading import Told, Word

__all__ = ["foreign_names"]

_STARTS = re.compile(r"(?:^|[.!?:;…\n\"'«“(*•>→-]|\d[.)])\s*[¿¡\"'«“(*]*$")
_LABELLED = re.compile(r"(?:>|→|»|/)\s*$")
# Capitals that are no names: English writes languages, days and months so, and "I".
_COMMON = frozenset(
    [
        "i",
        "i'm",
        "i'll",
        "i've",
        "ok",
        "pc",
        "tv",
        "id",
        "faq",
        "internet",
        "wifi",
        "wi-fi",
        "web",
        "usb",
        "e-mail",
        "email",
        "sms",
        "qr",
        "pin",
    ]
)


def foreign_names(answer: Told, source: Told) -> Iterator[Fault]:
    """Words in capitals that are nowhere in the source, each run of them once."""
    run: list[Word] = []
    for word in answer.words:
        if _is_name(word, answer) and not source.names(word) and not _short_for(word, source):
            if run and answer.text[run[-1].end : word.start].strip():
                yield _fault(run, answer)
                run = []
            run.append(word)
        elif run:
            yield _fault(run, answer)
            run = []
    if run:
        yield _fault(run, answer)


def _is_name(word: Word, answer: Told) -> bool:
    """Whether the word is written as a name: with a capital where no sentence begins, or with one inside."""
    letters = word.text
    if word.folded in _COMMON or not any(sign.isupper() for sign in letters) or len(letters) < 2:
        return False
    if any(sign.isupper() for sign in letters[1:]):
        return not (letters.isupper() and _shouted(answer))
    if word.free:
        return False
    before = answer.text[max(0, word.start - 12) : word.start]
    return bool(_LABELLED.search(before)) or not _STARTS.search(before)


def _short_for(word: Word, source: Told) -> bool:
    """Whether it is an acronym that means what the source says in words: "DNI", "el documento de identidad"."""
    return word.text.isupper() and bool(word.groups & source.groups)


def _shouted(answer: Told) -> bool:
    capitals = sum(sign.isupper() for sign in answer.text)
    return capitals > 0.5 * sum(sign.isalpha() for sign in answer.text)


def _fault(run: list[Word], answer: Told) -> Fault:
    start, end = run[0].start, run[-1].end
    text = answer.text[start:end]
    return Fault(kind="name_not_in_source", field="answer", start=start, end=end, what=text, confidence=0.9)
