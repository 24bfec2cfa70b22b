"""An answer and its source, prepared to be compared: words with their stems, sentences and clauses."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice

from curation.quality.reading import Text, fold
from curation.synthesis.gates.lexicon import Lexicon, lexicon_of
from curation.synthesis.gates.marks import Mark, find_marks, without_marks
from curation.synthesis.gates.quantities import Quantity, quantities
from curation.synthesis.gates.stems import stem

__all__ = ["Clause", "Told", "Word", "told"]

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_BREAK = re.compile(
    r"[;()–—]|[:,](?!\d)|(?<!\d)[:,]|\b(?:but|although|though|while|whereas|because|since|if|unless|except|until|when|once|before|"
    r"after|which|who|so that|otherwise|and|then|"
    r"provided|yet|however|as long as|pero|aunque|mientras|porque|si|salvo|excepto|hasta que|cuando|siempre que|"
    r"(?:y|e)(?! \w+[aei]r(?:se|l[aeo]s?)?\b)|sino|luego|entonces|a menos|para que)\b"
)
_PREFIX = re.compile(r"^(?:in|im|un|non|dis|des|re)")
_PRONOUNS = re.compile(r"(?:se|me|te|nos)?(?:las|los|les|la|lo|le)$")
MOST_CLAUSES = 400
LONGEST = 40_000  # characters of a source that are read


@dataclass(frozen=True, slots=True)
class Word:
    start: int
    end: int
    text: str
    folded: str
    stem: str
    groups: frozenset[int]
    free: bool


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence that says one thing; `sentence` is the number of its sentence."""

    start: int
    end: int
    sentence: int
    words: tuple[Word, ...]


@dataclass(frozen=True)
class Told:
    """A text with its words. `plain` is the text without addresses, commands and codes, each in its place."""

    text: str
    lang: str

    @cached_property
    def lexicon(self) -> Lexicon:
        return lexicon_of(self.lang)

    @cached_property
    def marks(self) -> list[Mark]:
        return find_marks(self.text)

    @cached_property
    def plain(self) -> str:
        return without_marks(self.text, self.marks)

    @cached_property
    def words(self) -> tuple[Word, ...]:
        found = [(match.start(), match.end(), match[0]) for match in _WORD.finditer(self.plain)]
        stems = [stem(text, self.lang) for _, _, text in found]
        groups: list[set[int]] = [set() for _ in found]
        for first, end, numbers in self.lexicon.phrases_in(stems):
            if end - first == 1 and fold(found[first][2]) in self.lexicon.free - self.lexicon.spelt:
                continue  # "como" is no form of "comida"
            for place in range(first, end):
                groups[place] |= numbers
        free = self.lexicon.free
        rows = zip(found, stems, groups, strict=True)
        return tuple(
            Word(start, end, text, fold(text), one, frozenset(mine), _is_free(text, self.lang, free))
            for (start, end, text), one, mine in rows
        )

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        return tuple(quantities(self.plain, self.lang))

    @cached_property
    def stems(self) -> frozenset[str]:
        parts = {stem(part, self.lang) for word in self.words if "-" in word.text for part in word.text.split("-")}
        joined = {word.folded.replace("-", "") for word in self.words if "-" in word.text}
        telling = {word.stem for word in self.words if not word.free}
        return frozenset(telling | parts | joined | {word.folded for word in self.words})

    @cached_property
    def groups(self) -> frozenset[int]:
        """Of all its words, and of what its addresses and menus imply: an e-mail is there to be written to."""
        implied = [word for signs, words in _IMPLIED.items() if signs(self) for word in words]
        named = [self.lexicon.groups.get((stem(word, self.lang),), frozenset()) for word in implied]
        return frozenset(number for word in self.words for number in word.groups).union(*named)

    @cached_property
    def sentences(self) -> tuple[tuple[int, int], ...]:
        return tuple((one.start, one.end) for one in Text(self.text).sentences)

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        return tuple(islice(self._clauses(), MOST_CLAUSES))

    def _clauses(self) -> Iterator[Clause]:
        folded = fold(self.plain)
        for number, (start, end) in enumerate(self.sentences):
            edges = [start, *(match.start() for match in _BREAK.finditer(folded, start, end)), end]
            for first, last in itertools.pairwise(edges):
                words = tuple(word for word in self.words if first <= word.start < last)
                if words:
                    yield Clause(first, last, number, words)

    def has(self, word: Word) -> bool:
        """Whether this text has the word: its stem, a word of the same meaning, or another form of it."""
        if word.stem in self.stems or word.folded in self.stems or word.groups & self.groups:
            return True
        if "-" in word.text and all(stem(part, self.lang) in self.stems for part in word.text.split("-")):
            return True
        bare = _PREFIX.sub("", word.folded)
        if bare != word.folded and len(bare) >= 4 and stem(bare, self.lang) in self.stems:
            return True  # what denies is looked at by itself: "incompatible" has "compatible" in it
        if self.lang != "es" and len(word.folded) >= 4 and any(other.endswith(word.folded) for other in self._long):
            return True  # a sheet, of a timesheet
        return any(_forms(word.folded, other) for other in self._long)

    def names(self, word: Word) -> bool:
        """Whether this text has the word itself, in some form; what means the same is another name."""
        parts = [stem(part, self.lang) for part in word.text.split("-")]
        known = word.stem in self.stems or word.folded in self.stems or all(part in self.stems for part in parts)
        return known or any(_forms(word.folded, other) for other in self._long)

    @cached_property
    def _long(self) -> frozenset[str]:
        return frozenset(word.folded for word in self.words if len(word.folded) >= 6)


def _forms(one: str, other: str) -> bool:
    """Whether two words share so long a beginning that one is a form of the other."""
    longest = max(len(one), len(other))
    if min(len(one), len(other)) < 6:
        return False
    same = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return same >= 6 and same >= 0.7 * longest


def _is_free(text: str, lang: str, free: frozenset[str]) -> bool:
    """Whether the word has no content: as it is, or without the pronouns that Spanish writes onto verbs ("ponlo")."""
    folded = fold(text).replace("’", "'")
    return folded in free or (lang == "es" and len(folded) > 4 and _PRONOUNS.sub("", folded) in free)


def _has_email(text: Told) -> bool:
    return any("@" in mark.text for mark in text.marks)


def _has_address(text: Told) -> bool:
    return any(mark.kind == "address" and "@" not in mark.text and not mark.form.isdigit() for mark in text.marks)


def _has_phone(text: Told) -> bool:
    return any(mark.kind == "address" and mark.form.isdigit() for mark in text.marks)


def _has_menu(text: Told) -> bool:
    return re.search(r"\w ?(?:>|→|») ?\w", text.text) is not None


_IMPLIED = {
    _has_email: ("correo", "email", "mail"),
    _has_address: ("web", "internet", "website"),
    _has_phone: ("teléfono", "llamar", "phone", "call"),
    _has_menu: ("pulsar", "abrir", "elegir", "click", "choose", "open"),
}


@lru_cache(maxsize=64)
def told(text: str, lang: str) -> Told:
    return Told(text[:LONGEST], lang)
