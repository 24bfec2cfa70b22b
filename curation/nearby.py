"""The few pairs most like one that is reviewed, and whether one of them answers the same question otherwise.

No figure here decides anything: the steps of dedupe do that for the whole corpus. This is what a person should have
seen before they decide, found in a moment among any number of pairs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from tamiz.candidates import STANDING, named_with, pairs_with_all
from tamiz.records import Pair, SealedPair
from tamiz.store import Store, StoredPair

__all__ = ["Neighbour", "about_tokens", "likeness", "nearby"]

ENOUGH = 60  # candidates that are compared, and a few more
MOST = 150  # pairs with the same words; words that more pairs have tell nothing
WORDS = 6  # of the question that are looked for
LEAST = 0.3  # likeness, from 0 to 1, below which a pair is no neighbour
SAME_QUESTION, OTHER_ANSWER = 0.8, 0.5
TOKEN_CHARACTERS = 3.6  # of Spanish and English text, a token of the usual vocabularies; see docs/how-to/review.md
NEGATIONS = frozenset(["no", "not", "never", "without", "cannot", "nunca", "sin", "tampoco", "ni"])
COMMON = frozenset(  # no search is made with these
    [
        "como",
        "cual",
        "cuando",
        "donde",
        "para",
        "porque",
        "pero",
        "desde",
        "hasta",
        "entre",
        "sobre",
        "este",
        "esta",
        "esto",
        "estos",
        "estas",
        "tiene",
        "tengo",
        "puedo",
        "puede",
        "hacer",
        "cuanto",
        "cuantos",
        "what",
        "when",
        "where",
        "which",
        "with",
        "from",
        "have",
        "does",
        "this",
        "that",
        "there",
        "would",
        "could",
        "should",
        "about",
    ]
)
_WORD = re.compile(r"\w+")
_MARK = re.compile("[\u0300-\u036f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another pair, and how alike the questions and the answers are, 0 to 1, in their words.

    `contradicts`: it asks the same in nearly the same words and is answered otherwise.
    """

    stored: StoredPair
    question: float
    answer: float
    contradicts: bool

    @property
    def likeness(self) -> float:
        return max(self.question, (self.question + self.answer) / 2)


def nearby(store: Store, pair: Pair, *, most: int = 5) -> list[Neighbour]:
    """The open and accepted pairs most like this one, contradictions first, then the most alike."""
    named = [one for one in named_with(store, pair.id, limit=20) if one != pair.id]
    candidates = {one.pair.id: one for one in store.pairs_by_id(named).values() if one.state in STANDING}
    for one in pairs_with_all(store, _searches(pair.question), enough=ENOUGH, most=MOST, without=pair.id):
        candidates.setdefault(one.pair.id, one)
    found = [_neighbour(pair, one) for one in candidates.values() if not isinstance(one.pair, SealedPair)]
    near = [one for one in found if one.likeness >= LEAST or one.stored.pair.id in named]
    near.sort(key=lambda one: (not one.contradicts, -one.likeness, one.stored.seq))
    return near[:most]


def likeness(one: str, other: str) -> float:
    """The share of telling words that two texts have in common, 0 to 1.

    >>> likeness("¿Cómo reinicio el router de casa?", "¿Como reinicio un router?")
    0.8
    """
    mine, theirs = (set(_telling(words)) or set(words) for words in map(_folded, (one, other)))
    return 2 * len(mine & theirs) / (len(mine) + len(theirs)) if mine and theirs else float(mine == theirs)


def about_tokens(pair: Pair) -> int:
    """About how many tokens training reads of this pair, with its earlier turns."""
    texts = [pair.question, pair.answer, *(turn.content + turn.tool_calls for turn in pair.context)]
    return round(sum(map(len, texts)) / TOKEN_CHARACTERS)


def _neighbour(pair: Pair, stored: StoredPair) -> Neighbour:
    other = stored.pair
    question, answer = likeness(pair.question, other.question), likeness(pair.answer, other.answer)
    same = question >= SAME_QUESTION and not _told_apart(pair.question, other.question) and pair.lang == other.lang
    apart = answer < OTHER_ANSWER or _told_apart(pair.answer, other.answer)
    in_one_talk = pair.context != other.context
    return Neighbour(stored=stored, question=question, answer=answer, contradicts=same and apart and not in_one_talk)


def _told_apart(one: str, other: str) -> bool:
    """Whether they differ in a number or a negation: few letters that change everything."""
    mine, theirs = set(_folded(one)), set(_folded(other))
    return any(word in NEGATIONS or any(letter.isdigit() for letter in word) for word in mine ^ theirs)


def _searches(question: str) -> Iterator[tuple[str, ...]]:
    """Words to look for, all of a search at once: the longest of the question together first, then fewer of them."""
    telling = sorted(dict.fromkeys(_telling(_folded(question))), key=len, reverse=True)[:WORDS]
    for size in range(len(telling), 0, -1):
        yield from combinations(telling, size) if size > len(telling) - 2 or size <= 2 else [tuple(telling[:size])]


def _telling(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in COMMON and (len(word) > 2 or word.isdigit())]


def _folded(text: str) -> list[str]:
    """The words in small letters without accents."""
    return _WORD.findall(_MARK.sub("", unicodedata.normalize("NFD", text)).casefold())
