"""What the corpus tells: how rare each word is, and which sentences every answer of a source repeats."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable

from curation.quality.reading import fold, read_pair
from tamiz.records import Pair

__all__ = ["Corpus", "sentence_key", "stems"]

STEM = 5  # letters: "configuro", "configurar" and "configuración" are one, and so are most forms of a word
LEARNT = 2000  # characters of a text from which words are learnt
MOST_WORDS = 200_000  # of which the counts are kept; the rarest are let go first
MOST_SENTENCES = 200_000  # of all sources
LEAST_PAIRS = 30  # fewer tell nothing about how rare a word is
SHORTEST = 25  # characters of a sentence that can be boilerplate
_TERM = re.compile(r"[^\W_]{3,40}")


def stems(text: str) -> set[str]:
    """The beginnings of the words of a folded text, and its numbers."""
    return {word[:STEM] for word in _TERM.findall(text)}


def sentence_key(folded: str) -> str:
    """What identifies a sentence: its letters and digits."""
    return hashlib.blake2b(re.sub(r"[\W_]+", "", folded).encode(), digest_size=6).hexdigest()


class Corpus:
    """Counts over a corpus, in bounded memory: where too many different things were seen, the rarest are forgotten."""

    def __init__(self) -> None:
        self.pairs = 0
        self._words: Counter[str] = Counter()
        self.repeated: dict[str, frozenset[str]] = {}

    def learn(self, pairs: Iterable[Pair], *, repeats: int, share: float) -> None:
        """Count afresh. A sentence is repeated if `repeats` answers of its source have it, and this share of them."""
        self.pairs, self._words = 0, Counter()
        answers: Counter[str] = Counter()
        sentences: dict[str, Counter[str]] = {}
        texts: dict[str, set[str]] = {}
        kept = 0
        for pair in pairs:
            self.pairs += 1
            self._words.update(stems(fold(pair.question[:LEARNT])) | stems(fold(pair.answer[:LEARNT])))
            if len(self._words) > 2 * MOST_WORDS:
                self._words = Counter(dict(self._words.most_common(MOST_WORDS)))
            counts = sentences.setdefault(pair.source, Counter())
            known = texts.setdefault(pair.source, set())
            whole = sentence_key(fold(pair.answer[:LEARNT]))
            if whole in known:  # the same answer again is a copy, not boilerplate
                continue
            if len(known) < MOST_SENTENCES:
                known.add(whole)
            answers[pair.source] += 1
            before = len(counts)
            counts.update(_long_sentences(pair))
            kept += len(counts) - before
            if kept > 2 * MOST_SENTENCES:
                kept = _forget(sentences)
        self.repeated = {}
        for source, counts in sentences.items():
            least = max(repeats, math.ceil(share * answers[source]))
            if often := frozenset(key for key, n in counts.items() if n >= least):
                self.repeated[source] = often

    def rarity(self, stem: str) -> float:
        """How much a word tells: 0 for one that every pair has."""
        return max(0.0, math.log((self.pairs + 1) / (self._words[stem] + 0.5)))

    def is_rare(self, stem: str) -> bool:
        return self._words[stem] * 10 < self.pairs


def _long_sentences(pair: Pair) -> set[str]:
    answer = read_pair(pair).answer
    return {sentence_key(one.folded) for one in answer.sentences if one.end - one.start >= SHORTEST}


def _forget(sentences: dict[str, Counter[str]]) -> int:
    """Let go of what was seen least until the half is left."""
    left = sum(map(len, sentences.values()))
    least = 1
    while left > MOST_SENTENCES:
        for counts in sentences.values():
            for key in [key for key, n in counts.items() if n <= least]:
                del counts[key]
        left, least = sum(map(len, sentences.values())), least * 2
    return left
