"""Spanish words that are right with an accent and without: which one was meant, by the words beside them.

A table says for each such little word where it must have its accent; for the others frequency decides, together
with the author's habit. Verbs that an accent alone tells apart (cambio, cambió) are left to people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from curation.spelling.accent_contexts import CONTEXTS, PREPOSITIONS, Neighbours
from curation.spelling.distance import cased, fold
from curation.spelling.frequencies import AS_IS
from curation.spelling.lexicon import Lexicon

__all__ = ["CARELESS", "NORMS", "AccentRules", "Meant"]

NORMS = frozenset(  # both spellings were right at some time: changing one for the other corrects nothing
    "solo sólo guion guión este éste esta ésta ese ése esa ésa aquel aquél aquella aquélla estos éstos estas éstas "
    "esos ésos esas ésas aquellos aquéllos aquellas aquéllas truhan truhán ion ión lie lié fie fié rio río "
    "crio crió".split()
)
_ACCENTED = frozenset("áéíóú")
_DETERMINERS = frozenset(
    "el la los las un una unos unas su sus mi mis tu tus nuestro nuestra este esta ese esa cada otro otra".split()
)
_SUBJECTS = frozenset("se me te le les lo la los las nos él ella usted que quien no ya".split())
_NOUNS_FOLLOW = _DETERMINERS - {"la", "los", "las"} | PREPOSITIONS | {"del", "al", "estos", "estas", "esos", "esas"}
_COMMON = frozenset("mama papa ano anos".split())
_NAMES_OF_LANGUAGES = frozenset("ingles frances aleman japones portugues catalan holandes danes".split())
SURE = 0.9  # from here on a change may be made unseen
ROUNDS = 5  # in which words are judged anew by those that were mended beside them
QUEUED = -0.3  # powers of ten that the accented twin may be rarer, and people are still asked
CARELESS = 0.93  # how sure a likely accent is where the author forgets accents
SILENT_GAPS = (1.0, 0.9, 0.3)  # powers of ten more frequent, by how careless the author is, to be sure unasked


@dataclass(frozen=True, slots=True)
class Meant:
    """The word at this place of the sentence's words was meant to be `word`, in lower case."""

    at: int
    word: str
    confidence: float
    rule: str


class AccentRules:
    """What the words of a sentence were meant to be where only accents tell."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._twins: dict[str, str | None] = {}
        self._bare: dict[str, str] = {}
        self._stemmed: dict[str, frozenset[str]] = {}

    def meant(self, sentence: str, tokens: Sequence[tuple[int, str]], carelessness: int) -> list[Meant]:
        """The words to change. `carelessness` is 0 for who writes accents, 1 for who forgets them, 2 for never.

        Each is judged by words beside it that are mended already, so that the mended sentence gives nothing new.
        """
        now, sure = list(tokens), dict[int, Meant]()
        for _ in range(ROUNDS):
            found = {one.at: one for one in self._meant(sentence, now, carelessness)}
            fresh = {at: one for at, one in found.items() if one.confidence >= SURE}
            if not fresh:
                break
            sure |= fresh
            for at, one in fresh.items():
                now[at] = (now[at][0], cased(one.word, now[at][1]))
        left = (one for at, one in found.items() if at not in sure)
        return sorted([*sure.values(), *left], key=lambda one: one.at)

    def _meant(self, sentence: str, tokens: Sequence[tuple[int, str]], carelessness: int) -> Iterator[Meant]:
        lowered = [self._never_bare(word.lower()) for _, word in tokens]
        for at, word in enumerate(lowered):
            context = CONTEXTS.get(word)
            if context is not None:
                decided = context(Neighbours(sentence, tokens, lowered, at, self._stems))
                if decided is not None:
                    sure = (
                        max(decided[1], CARELESS)
                        if carelessness and decided[1] >= 0.9 - 0.1 * carelessness
                        else decided[1]
                    )
                    if at and tokens[at][1] != word and word in _COMMON:
                        sure = min(sure, 0.85)  # the capital is a slip too, or it is a name
                    yield Meant(at, decided[0], sure, "accent by context")
                    continue
            twin = self._twin(word)
            if twin is not None:
                confidence = self._confidence(word, twin, lowered[at - 1] if at else "", carelessness, context)
                if word in _NAMES_OF_LANGUAGES and tokens[at][1] != word:
                    confidence = min(confidence, 0.85)  # its capital is a slip too, or it is a name
                if confidence:
                    yield Meant(at, twin, confidence, "accent by frequency")

    def _stems(self, word: str) -> frozenset[str]:
        known = self._stemmed.get(word)
        if known is None:
            known = self._stemmed[word] = frozenset(self._lexicon.dictionary.stems(word))
        return known

    def _is_verb(self, word: str) -> bool:
        return any(stem.endswith(("ar", "er", "ir", "ír")) and stem != word for stem in self._stems(word))

    def _finite(self, word: str) -> bool:
        """Whether the word is a form of a verb and nothing else."""
        stems = self._stems(word)
        return bool(stems) and all(stem.endswith(("ar", "er", "ir", "ír")) and stem != word for stem in stems)

    def _never_bare(self, word: str) -> str:
        """With its accent, where the word is none without: that is mended by itself, so the words beside it may rely
        on it."""
        if word not in self._lexicon.omissions:
            return word
        if word not in self._bare:
            near = (other for other in self._lexicon.near(word, slips=0) if fold(other) == word)
            right = [other for other in near if self._lexicon.status(other) == AS_IS]
            self._bare[word] = right[0] if len(right) == 1 else word
        return self._bare[word]

    def _twin(self, word: str) -> str | None:
        """The more frequent of the words that this one is without its accents, if it is itself a word."""
        if word not in self._twins:
            self._twins[word] = self._find_twin(word)
        return self._twins[word]

    def _find_twin(self, word: str) -> str | None:
        if len(word) < 3 or word in NORMS or not word.isascii() or self._lexicon.status(word) != AS_IS:
            return None
        near = [other for other in self._lexicon.near(word, slips=0) if other != word and fold(other) == word]
        twins = [other for other in near if self._lexicon.status(other) == AS_IS]
        twin = max(twins, key=self._lexicon.zipf, default=None)
        if twin is None or self._lexicon.zipf(twin) < 2.5:
            return None
        return twin if self._lexicon.zipf(twin) - self._lexicon.zipf(word) > -2.5 else None

    def _confidence(
        self, word: str, twin: str, before: str, carelessness: int, context: Callable[..., object] | None
    ) -> float:
        gap = self._lexicon.zipf(twin) - self._lexicon.zipf(word)
        by_ending = twin[-1] in _ACCENTED or (twin[-1] in "sn" and twin[-2] in _ACCENTED)
        preterite = twin.endswith(("é", "ó")) and self._is_verb(twin)
        if preterite or (by_ending and gap < 1.0 and self._is_verb(word) and self._is_verb(twin)):
            return _verb_confidence(twin, before, gap, carelessness)
        if "ñ" in twin:
            return min(0.85, 0.6 + 0.1 * gap) if gap > 0 else 0.0
        if self._finite(word) and not self._is_verb(twin) and not context:
            if before in _NOUNS_FOLLOW and gap > 0:
                return CARELESS  # no finite verb stands there
            if carelessness < 2 and before and before not in _DETERMINERS and gap < SILENT_GAPS[0]:
                return 0.85
        if gap >= SILENT_GAPS[carelessness] and not context:
            return 0.93 + 0.02 * min(gap, 2.0)
        least = QUEUED - 0.7 * carelessness
        return min(0.85, 0.55 + 0.2 * gap) if gap >= least and not (context and not carelessness) else 0.0


def _verb_confidence(twin: str, before: str, gap: float, carelessness: int) -> float:
    """Never enough to go unasked."""
    past = twin.endswith("ó") and before in _SUBJECTS
    mine = twin.endswith("é") and before in ("me", "yo", "le", "lo", "no") and gap > -1
    after_noun = twin.endswith("ó") and before and before not in _DETERMINERS | PREPOSITIONS and gap > -0.7
    if past or mine or gap > 0.3 or (carelessness == 2 and gap > -1):
        return 0.6
    return 0.4 if after_noun or (carelessness and gap > -1) else 0.0
