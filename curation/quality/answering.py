"""Whether an answer speaks of what was asked: by the words that both share, weighed by how rare they are.

No word in common is weak evidence. benchmarks/quality.py prints what it is worth: how many true pairs have none,
and how many questions beside an answer from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable

from curation.quality.corpus import LEAST_PAIRS, Corpus, stems
from curation.quality.reading import Reading, Seen

__all__ = ["Similarity", "not_about_it", "share_told"]

Similarity = Callable[[str, str], float]

LEAST_ASKED = 4  # rare words of a question; about fewer nothing can be said
LEAST_TOLD = 20  # words of an answer
MANY_TOLD = 40
# Cosine of question and answer by the encoder. `benchmarks/quality.py encoder` prints how many pairs lie beyond these:
# of 253 true English pairs of FAQs 1% are at FAR or below and 11% below CLOSE; of questions beside an answer of another
# page 82% are at FAR or below and 0.5% reach CLOSE, of the same page 39% and 21%.
CLOSE = 0.30
FAR = 0.10


def share_told(reading: Reading, corpus: Corpus) -> tuple[float, int, int]:
    """(share of the question's rare words, by rarity, that the answer has; rare words asked; words told)."""
    pair = reading.pair
    asked = {stem for stem in stems(reading.question.folded) if corpus.is_rare(stem)}
    told = stems(reading.answer.folded)
    if pair.answer_markdown:
        told |= stems(pair.answer_markdown[:2000].lower())
    total = sum(corpus.rarity(stem) for stem in asked)
    shared = sum(corpus.rarity(stem) for stem in asked & told)
    return (shared / total if total else 1.0, len(asked), len(told))


def not_about_it(reading: Reading, corpus: Corpus, similarity: Similarity | None = None) -> Seen | None:
    """not_an_answer where no rare word of the question is in a full answer; never near-certain.

    `similarity` of the meaning, where there is one, clears a pair or makes it surer.
    """
    if corpus.pairs < LEAST_PAIRS or reading.pair.context:  # of a dialogue, the turns before say what it is about
        return None
    share, asked, told = share_told(reading, corpus)
    if share > 0 or asked < LEAST_ASKED or told < LEAST_TOLD:
        return None
    sure = 0.5 if told >= MANY_TOLD else 0.4
    note = f"none of the {asked} telling words of the question is in the answer"
    if similarity is not None and reading.pair.lang == "en":
        alike = similarity(reading.question.text, reading.answer.text)
        if alike >= CLOSE:
            return None
        sure = 0.7 if alike <= FAR else sure
        note += f"; by meaning {alike:.2f} alike"
    return Seen("not_an_answer", "answer", 0, len(reading.answer.text), sure, note)
