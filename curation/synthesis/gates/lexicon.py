"""The words that mean about the same in a support text, those that mean the opposite, and those that say nothing."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from curation.quality.reading import fold
from curation.synthesis.gates.stems import stem

__all__ = ["Lexicon", "lexicon_of"]

LANGUAGES = ("es", "en")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Of one language. `groups` gives for a phrase, by its stems, the numbers of the groups that it is in;
    `starts` how long phrases are that begin with a stem, `spelt` are the words of the groups as they are written there.
    `free` are folded words, `weak` stems."""

    lang: str
    free: frozenset[str]
    weak: frozenset[str]
    groups: dict[Phrase, frozenset[int]]
    spelt: frozenset[str]
    starts: dict[str, tuple[int, ...]]
    before_verbs: frozenset[str]
    before_nouns: frozenset[str]
    opposites: tuple[tuple[frozenset[Phrase], frozenset[Phrase]], ...]

    def phrases_in(self, stems: Iterable[str]) -> list[tuple[int, int, frozenset[int]]]:
        """Where phrases of the groups stand among these stems: (first, end, groups)."""
        row = list(stems)
        found = []
        for place, one in enumerate(row):
            for length in self.starts.get(one, ()):
                phrase = tuple(row[place : place + length])
                if len(phrase) == length and phrase in self.groups:
                    found.append((place, place + length, self.groups[phrase]))
        return found


@cache
def lexicon_of(lang: str) -> Lexicon:
    """The lexicon of a language; that of English for every one that has none."""
    known = lang if lang in LANGUAGES else "en"
    read = tomllib.loads((files("curation.synthesis.gates") / "words.toml").read_text(encoding="utf-8"))[known]
    groups: defaultdict[Phrase, set[int]] = defaultdict(set)
    for number, line in enumerate(read["same"]):
        for phrase in _phrases(line, known):
            groups[phrase].add(number)
    starts: defaultdict[str, set[int]] = defaultdict(set)
    for phrase in groups:
        starts[phrase[0]].add(len(phrase))
    sides = [line.split("/") for line in read["opposite"]]
    return Lexicon(
        lang=known,
        free=frozenset(fold(word.strip()) for word in re.split(r"[,\n]", read["free"]) if word.strip()),
        weak=frozenset(stem(word, known) for word in _WORD.findall(read["weak"])),
        before_verbs=frozenset(read["before_verbs"].split()),
        before_nouns=frozenset(read["before_nouns"].split()),
        spelt=frozenset(fold(word.strip()) for line in read["same"] for word in line.split(",")),
        groups={phrase: frozenset(numbers) for phrase, numbers in groups.items()},
        starts={one: tuple(sorted(lengths)) for one, lengths in starts.items()},
        opposites=tuple((frozenset(_phrases(one, known)), frozenset(_phrases(other, known))) for one, other in sides),
    )


def _phrases(line: str, lang: str) -> list[Phrase]:
    told = (_WORD.findall(fold(part)) for part in line.split(","))
    return [tuple(stem(word, lang) for word in words) for words in told if words]
