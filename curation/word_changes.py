"""Which words of one text stand in the place of which of another."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence

__all__ = ["changed_words", "word_spans"]

SHOWN = 6  # words of each side
LONGEST = 2_000  # words of a text that are aligned one by one


def changed_words(one: str, other: str) -> str:
    """What the one text has where the other has something else, in words; "" where their words are the same.

    >>> changed_words("cómo cambio mi clave por favor", "cómo cambio la clave")
    'mi / la, por favor / nothing'
    >>> changed_words("pulsa guardar al final", "pulsa guardar al acabar")
    'final / acabar'
    """
    if one == other:
        return ""
    left, right = _without_same_ends(one.split(), other.split())
    if not left and not right:
        return ""
    if min(len(left), len(right)) == 0 or max(len(left), len(right)) > 4 * SHOWN:
        mine, others = Counter(left), Counter(right)
        return _beside(list((mine - others).elements()) or left, list((others - mine).elements()) or right)
    if set(left).isdisjoint(right):
        return _beside(left, right)
    steps = difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    return ", ".join(_beside(left[a:b], right[c:d]) for kind, a, b, c, d in steps if kind != "equal")


def _without_same_ends(left: list[str], right: list[str]) -> tuple[list[str], list[str]]:
    """The words from the first that differs to the last that does."""
    least = min(len(left), len(right))
    first = last = 0
    while first < least and left[first] == right[first]:
        first += 1
    while last < least - first and left[-1 - last] == right[-1 - last]:
        last += 1
    return left[first : len(left) - last], right[first : len(right) - last]


def word_spans(one: Sequence[str], other: Sequence[str]) -> list[tuple[bool, int, int]]:
    """The words of the one text in stretches (whether the other has them too, first, last)."""
    if max(len(one), len(other)) > LONGEST:
        return [(True, 0, len(one))]
    blocks = difflib.SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    spans, at = [], 0
    for block in blocks:
        if block.a > at:
            spans.append((False, at, block.a))
        if block.size:
            spans.append((True, block.a, block.a + block.size))
        at = block.a + block.size
    return spans


def _beside(left: Sequence[str], right: Sequence[str]) -> str:
    return f"{_shown(left)} / {_shown(right)}"


def _shown(words: Sequence[str]) -> str:
    return " ".join(words[:SHOWN]) + (" …" if len(words) > SHOWN else "") if words else "nothing"
