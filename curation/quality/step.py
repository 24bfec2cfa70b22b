"""The step `quality`: everything that makes a pair a bad example, with the reason and the place; it edits nothing."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from curation.quality.answering import not_about_it
from curation.quality.asked import many_questions
from curation.quality.corpus import SHORTEST, Corpus, sentence_key
from curation.quality.dated import pair_out_of_date
from curation.quality.empty import answers_nothing, furniture
from curation.quality.lengths import lengths
from curation.quality.reading import Reading, Seen, read_pair
from curation.quality.unsafe import unsafe_advice
from curation.quality.wording import abusive, marketing
from tamiz.records import Finding, Pair
from tamiz.settings import CurationSettings

if TYPE_CHECKING:
    from curation.encoder import Encoder

__all__ = ["KINDS", "QualityStep"]

VERSION = 2  # of what is looked for; pairs are looked at again when it grows
SPAN = 300  # characters of a span that are kept in the finding
KINDS = (
    "abusive", "asks_back", "boilerplate", "link_only", "many_questions", "marketing", "not_an_answer", "out_of_date",
    "question_repeated", "see_above", "thanks_only", "too_long", "too_short", "unsafe_advice",
)  # fmt: skip


class QualityStep:
    """Findings of the KINDS. 0.95 and more is near-certain, and what a rule may reject; the rest is for people.

    `today` is the day by which deadlines are judged: the settings' or, where they name none, the day of the run.
    Contradictions with other pairs are the step dedupe's.
    """

    name = "quality"

    def __init__(self, settings: CurationSettings) -> None:
        self._quality = settings.quality
        self._repeats = settings.clean.boilerplate_repeats
        given = settings.quality.today
        now = datetime.datetime.now(datetime.UTC).date()
        self.today = datetime.date.fromisoformat(given) if given else now
        self._corpus = Corpus()
        self._encoder: Encoder | None = None

    @property
    def settings(self) -> dict[str, Any]:
        from dataclasses import asdict

        repeated = {source: sorted(keys) for source, keys in self._corpus.repeated.items()}
        # by the year, so that deadlines of the last one are found, and not every day everything is looked at again
        return {"version": VERSION, **asdict(self._quality), "year": self.today.year, "repeated": repeated}

    def learn(self, pairs: Iterable[Pair]) -> None:
        """Count words, and the sentences that the answers of a source repeat."""
        self._corpus.learn(pairs, repeats=self._repeats, share=self._quality.boilerplate_share)

    def look(self, batch: Sequence[Pair]) -> Iterator[Finding]:
        for pair in batch:
            for seen in self._seen(pair):
                yield self._finding(pair, seen)

    def _seen(self, pair: Pair) -> Iterator[Seen]:
        reading = read_pair(pair)
        nothing = list(answers_nothing(reading))
        for one in lengths(reading, self._quality):
            if not (nothing and one.kind == "too_short" and one.field == "answer"):  # said once, and better
                yield one
        yield from nothing
        yield from self._boilerplate(reading)
        yield from many_questions(reading)
        yield from pair_out_of_date(reading.question, reading.answer, self.today)
        yield from unsafe_advice(reading.answer)
        yield from abusive(reading.question, "question")
        yield from abusive(reading.answer, "answer")
        yield from marketing(reading.answer)
        if not nothing:
            similarity = self._similarity if self._quality.encoder else None
            if (seen := not_about_it(reading, self._corpus, similarity)) is not None:
                yield seen

    def _boilerplate(self, reading: Reading) -> Iterator[Seen]:
        seen = {one.start: one for one in furniture(reading.answer)}
        repeated = self._corpus.repeated.get(reading.pair.source, frozenset())
        for sentence in reading.answer.sentences if repeated else ():
            long = sentence.end - sentence.start >= SHORTEST
            if long and sentence.start not in seen and sentence_key(sentence.folded) in repeated:
                note = "many answers of this source have the same sentence"
                seen[sentence.start] = Seen("boilerplate", "answer", sentence.start, sentence.end, 0.7, note)
        yield from (seen[place] for place in sorted(seen)[:5])

    def _similarity(self, question: str, answer: str) -> float:
        if self._encoder is None:
            from curation.encoder import Encoder

            self._encoder = Encoder()
        one, other = self._encoder.vectors([question, answer])
        return round(float(one @ other), 2)

    def _finding(self, pair: Pair, seen: Seen) -> Finding:
        text = pair.question if seen.field == "question" else pair.answer
        return Finding(
            pair=pair.id,
            step=self.name,
            kind=seen.kind,
            field=seen.field,
            start=seen.start,
            end=seen.end,
            before=text[seen.start : seen.end][:SPAN] if (seen.start, seen.end) != (0, len(text)) else "",
            confidence=seen.confidence,
            note=seen.note,
        )
