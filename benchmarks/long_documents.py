"""Long texts, 2 to 10 kB, with planted near-copies and their labels.

Each document has words of its own: names of things, made of syllables, drawn from a lexicon of some thousand, between
the small words of its language. One of five documents is a copy of another: a paragraph written anew, a paragraph
moved, other boilerplate around it, slips of the pen, the end missing.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from duplicate_corpus import LANGUAGES, spread, words_of

__all__ = ["LabelledDocument", "labelled_documents"]

_LEXICON = 6000
_OWN = 160  # words of a document's own


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledDocument:
    """A long text; documents with the same `origin` are copies, of the `kind` that is named ("plain": original)."""

    id: str
    text: str
    lang: str
    kind: str
    origin: int
    copy: bool


def labelled_documents(size: int = 50_000, seed: int = 1) -> Iterator[LabelledDocument]:
    originals = size - size // 5
    rng = random.Random()
    for place in range(size):
        item = spread(place, size, seed)
        rng.seed(seed << 40 | 1 << 38 | item)
        kind, origin = "plain", item
        if item >= originals:
            origin = rng.randrange(originals)
            edit = _EDITS[rng.randrange(len(_EDITS))]
            kind = edit.__name__.strip("_")
        paragraphs = _paragraphs(origin, seed)
        if item >= originals:
            paragraphs = edit(paragraphs, LANGUAGES[origin % 2], rng)
        yield LabelledDocument(
            id=f"{place:07d}", text="\n\n".join(paragraphs), lang=LANGUAGES[origin % 2], kind=kind, origin=origin,
            copy=item >= originals,
        )  # fmt: skip


@functools.cache
def _lexicon(lang: str) -> tuple[str, ...]:
    rng, parts = random.Random(lang), words_of(lang)["long"]
    made: dict[str, None] = {}
    while len(made) < _LEXICON:
        syllables = [rng.choice(parts["starts"]) + rng.choice(parts["middles"]) for _ in range(rng.randint(1, 3))]
        made["".join(syllables) + rng.choice(parts["ends"])] = None
    return tuple(made)


def _paragraphs(origin: int, seed: int) -> list[str]:
    rng = random.Random(seed << 40 | origin)
    lang = LANGUAGES[origin % 2]
    own = rng.sample(_lexicon(lang), _OWN)
    target, size, paragraphs = rng.randint(2200, 9000), 0, []
    while size < target:
        paragraphs.append(_paragraph(own, lang, rng))
        size += len(paragraphs[-1]) + 2
    return paragraphs


def _paragraph(own: Sequence[str], lang: str, rng: random.Random) -> str:
    patterns = rng.choices(words_of(lang)["long"]["patterns"], k=rng.randint(4, 9))
    words = iter(rng.choices(own, k=5 * len(patterns)))
    sentences = [pattern.format(*(next(words) for _ in range(pattern.count("{}")))) for pattern in patterns]
    return " ".join(sentence[0].upper() + sentence[1:] for sentence in sentences)


def _paragraph_changed(paragraphs: list[str], lang: str, rng: random.Random) -> list[str]:
    place = rng.randrange(len(paragraphs))
    return [*paragraphs[:place], _paragraph(rng.sample(_lexicon(lang), _OWN), lang, rng), *paragraphs[place + 1 :]]


def _paragraph_moved(paragraphs: list[str], lang: str, rng: random.Random) -> list[str]:
    rest = list(paragraphs)
    place = rng.randrange(len(rest))
    moved = rest.pop(place)
    rest.insert((place + rng.randint(1, len(rest))) % (len(rest) + 1), moved)
    return rest


def _boilerplate_around(paragraphs: list[str], lang: str, rng: random.Random) -> list[str]:
    words = words_of(lang)
    menu = " | ".join(rng.sample(words["menus"], 8))
    foot = " ".join(rng.sample(words["closings"], 3))
    return [menu, *paragraphs, rng.choice(words["boilerplate"]), foot]


def _slips(paragraphs: list[str], lang: str, rng: random.Random) -> list[str]:
    text = list("\n\n".join(paragraphs))
    for place in rng.sample(range(1, len(text) - 2), rng.randint(3, 20)):
        if text[place].isalpha() and text[place + 1].isalpha():
            text[place], text[place + 1] = text[place + 1], text[place]
    return "".join(text).split("\n\n")


def _end_missing(paragraphs: list[str], lang: str, rng: random.Random) -> list[str]:
    return paragraphs[: max(1, len(paragraphs) - 1 - len(paragraphs) // 8)]


_EDITS: tuple[Callable[[list[str], str, random.Random], list[str]], ...] = (
    _paragraph_changed,
    _paragraph_moved,
    _boilerplate_around,
    _slips,
    _end_missing,
)
