"""Questions as they are typed in a hurry: slips on the keyboard, accents, marks and capitals left out."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from curation.synthesis.options import Choice, Count, Option
from curation.synthesis.recipe import Made, Material, Takes
from curation.synthesis.told import workable
from curation.synthesis.wording.kept import facts_stand, kept_spans, names_in, pieces
from curation.synthesis.wording.slips import LAYOUTS, Layout, slipped

__all__ = ["RECIPE", "Noise", "noisy"]

COUNT = Count(name="count", about="copies of each question, at most", default=3)
LAYOUT = Choice(
    name="layout",
    about="the keyboard that is typed on",
    words={"": tuple(LAYOUTS)},
    otherwise="that of the language",
)
SHORTEST = 5  # letters of a word that gets a slip: shorter ones become other words
APART = 30  # letters of a question to one slip
_WORD = re.compile(rf"[^\W\d_]{{{SHORTEST},}}")
_ACCENTS = str.maketrans("áéíóúüÁÉÍÓÚÜ", "aeiouuAEIOUU")  # ñ is a key of its own, and año is not ano
_SHORT = {
    "es": (("por qué", "xq"), ("también", "tb"), ("que", "q"), ("qué", "q"), ("por favor", "xfa"), ("para", "xa")),
    "en": (("your", "ur"), ("you", "u"), ("please", "pls"), ("because", "bc"), ("thanks", "thx")),
}

Change = Callable[[str, "Hand"], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Hand:
    """Who types: by chance, on which keyboard, in which language, and which names stay."""

    chance: random.Random
    layout: Layout
    lang: str
    names: frozenset[str]

    def over(self, text: str, change: Callable[[str], str]) -> str:
        """A change to all that need not stay as it is."""
        cut = pieces(text, kept_spans(text, self.names))
        return "".join(piece if kept else change(piece) for piece, kept in cut)


def _no_accents(text: str, hand: Hand) -> tuple[str, str]:
    return hand.over(text, lambda piece: piece.translate(_ACCENTS)), "accents dropped"


def _small(text: str, hand: Hand) -> tuple[str, str]:
    return hand.over(text, str.lower), "no capitals"


def _no_opening(text: str, hand: Hand) -> tuple[str, str]:
    return hand.over(text, lambda piece: re.sub("[¿¡]", "", piece)), "no opening marks"


def _no_marks(text: str, hand: Hand) -> tuple[str, str]:
    return hand.over(text, lambda piece: re.sub(r"[¿¡?!,;]|(?<=\w)['’](?=\w)", "", piece)), "no marks"


def _shortened(text: str, hand: Hand) -> tuple[str, str]:
    def change(piece: str) -> str:
        for whole, short in _SHORT.get(hand.lang, ()):
            piece = re.sub(rf"(?<!\w){whole}(?!\w)", short, piece, flags=re.IGNORECASE)
        return piece

    return hand.over(text, change), "words shortened"


def _slips(text: str, hand: Hand) -> tuple[str, str]:
    """One slip for every thirty letters, each in another word."""
    notes: list[str] = []
    cut = pieces(text, kept_spans(text, hand.names))
    places = [(at, m.span()) for at, (piece, kept) in enumerate(cut) if not kept for m in _WORD.finditer(piece)]
    many = min(len(places), 1 + len(text) // APART)
    for at, (start, end) in sorted(hand.chance.sample(places, many), reverse=True):
        piece = cut[at][0]
        if done := slipped(piece[start:end], hand.chance, hand.layout):
            cut[at] = (piece[:start] + done[0] + piece[end:], False)
            notes.append(done[1])
    return "".join(piece for piece, _ in cut), ", ".join(sorted(set(notes)))


# Each is one way of typing; the changes are made in this order, the slips before the marks go.
_WAYS: dict[str, tuple[tuple[Change, ...], ...]] = {
    "es": (
        (_small, _no_opening, _no_accents),
        (_slips,),
        (_slips, _no_opening),
        (_no_opening,),
        (_no_accents,),
        (_small, _no_marks),
        (_slips, _small, _no_marks, _no_accents),
        (_small, _shortened, _no_marks, _no_accents),
    ),
    "en": (
        (_small,),
        (_slips,),
        (_small, _no_marks),
        (_slips, _small),
        (_slips, _small, _no_marks),
        (_small, _shortened, _no_marks),
    ),
}


def noisy(text: str, changes: Sequence[Change], hand: Hand) -> tuple[str, str]:
    """The text with the changes made, one after the other, and what was changed."""
    notes: list[str] = []
    for change in changes:
        new, note = change(text, hand)
        if new != text:
            notes.append(note)
        text = new
    return " ".join(text.split(" ")).strip(), ", ".join(notes)


@dataclass(frozen=True, slots=True)
class Noise:
    """Copies of the question with typing noise, for training only; the answer stays as it is."""

    name: str = "noise"
    title: str = "the question with typing noise (slips, accents, marks, capitals): copies for training only"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "pair"
    options: tuple[Option, ...] = (COUNT, LAYOUT)

    def make(self, material: Material, chance: random.Random) -> Sequence[Made]:
        """Up to `count` copies, each typed in another way; `layout` is es or us."""
        pair = material.pair
        if not workable(pair) or material.lang not in self.languages:
            return []
        if pair.context and pair.context[-1].role == "tool":  # its question is told among its turns as well
            return []
        layout = LAYOUT.of(material, "es" if material.lang == "es" else "us")
        names = names_in(pair.question, pair.answer, *(turn.content for turn in pair.context))
        hand = Hand(chance, cast("Layout", layout), material.lang, names)
        ways = list(_WAYS[material.lang])
        chance.shuffle(ways)
        made: dict[str, Made] = {}
        for changes in ways:
            text, note = noisy(pair.question, changes, hand)
            if len(made) == COUNT.of(material):
                break
            if text and text != pair.question and text not in made and facts_stand(pair.question, text, names):
                made[text] = Made(
                    question=text,
                    answer=pair.answer,
                    lang=material.lang,
                    context=pair.context,
                    tools=pair.tools,
                    label=pair.label,
                    note=f"typing noise: {note}",
                    augmentation=True,
                )
        return list(made.values())


RECIPE = Noise()
