"""Pairs of a project compared with each other, and what is found put in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from curation.asked import question_text
from curation.duplicates import Duplicates, Removed
from curation.engines.duplicates import find_with_engine
from curation.groups import families
from curation.guards import ANSWER_LEEWAY, explain_difference
from curation.near.signatures import Counts
from curation.preference import PreferenceColumns, id_ranks
from curation.reasked import Reasked, find_reasked
from curation.word_changes import changed_words
from tamiz.progress import Job
from tamiz.records import Finding, Pair
from tamiz.settings import CurationSettings

__all__ = ["Compared"]

FIELDS = ("accepted", "votes", "written_at", "source")  # what pairs are preferred by, beside the answer


@dataclass(frozen=True, slots=True)
class Compared:
    """These pairs, by number, and what they repeat of each other. The first `settled` ones are settled."""

    pairs: list[Pair]
    ids: list[str]
    settled: int
    preference: PreferenceColumns
    found: Duplicates

    @classmethod
    def of(
        cls, settled: Sequence[Pair], pairs: Sequence[Pair], curation: CurationSettings, job: Job | None = None
    ) -> Compared:
        """Compare all of these; settled ones are preferred to all others and stay."""
        every = [*settled, *pairs]
        ids = [pair.id for pair in every]
        preference = PreferenceColumns(curation.near.keep, curation.near.source_order)
        for pair in every:
            preference.add({name: getattr(pair, name) for name in FIELDS}, pair.answer)
        order = preference.order(id_ranks(ids))
        is_settled = np.arange(len(every)) < len(settled)
        order = np.concatenate([order[is_settled[order]], order[~is_settled[order]]])
        found = find_with_engine(
            [question_text(pair) for pair in every],
            [pair.answer for pair in every],
            curation,
            order=order,
            settled=is_settled,
            family=_family_numbers(every, ids),
            job=job,
        )
        return cls(pairs=every, ids=ids, settled=len(settled), preference=preference, found=found)

    def findings(self, step: str) -> Iterator[Finding]:
        """What the step of this name has to say, pair by pair."""
        first = self._first_of_same()
        for removed in self.found:
            yield self._copy(step, removed)
            stood = int(first[self.found.node[removed.pair]])
            if removed.rule == "near" and stood != removed.pair:
                yield self._copy(step, Removed(pair=removed.pair, kept=stood, rule="exact", question=1.0, answer=1.0))
        for reasked in find_reasked(self.found):
            yield self._asked_again(step, reasked)

    def _copy(self, step: str, removed: Removed) -> Finding:
        said = ["same question and answer"]
        if removed.rule == "near":
            said = [f"question {removed.question:.2f} alike, answer {removed.answer:.2f} alike"]
            said += self._changed(removed.pair, removed.kept)
        said.append(f"the other one {self._why(removed.kept, removed.pair)}")
        return Finding(
            pair=self.ids[removed.pair],
            step=step,
            kind="exact_duplicate" if removed.rule == "exact" else "near_duplicate",
            confidence=round(removed.confidence, 4),
            witness=self.ids[removed.kept],
            note="; ".join(said),
        )

    def _changed(self, one: int, other: int) -> list[str]:
        texts = self.found.prepared
        both = {"question": texts.questions, "answer": texts.answers}
        changed = {name: changed_words(side[one], side[other]) for name, side in both.items()}
        return [f"{name}: {words}" for name, words in changed.items() if words]

    def _why(self, kept: int, other: int) -> str:
        if kept < self.settled:
            return "is accepted already"
        return self.preference.why(kept, other)

    def _asked_again(self, step: str, found: Reasked) -> Finding:
        asked = "same question" if found.question == 1 else f"question {found.question:.2f} alike"
        told, sure = f"{asked}, another answer ({found.answer:.2f} alike)", found.question
        if found.answer >= self.found.near.threshold:
            one, other = self.pairs[found.pair].answer, self.pairs[found.other].answer
            differs = explain_difference(one, other, leeway=ANSWER_LEEWAY)
            told = f"{asked}, answer {found.answer:.2f} alike but for {differs or 'some words'}"
        if found.opposed:
            sure = min(sure, found.answer)
        return Finding(
            pair=self.ids[found.pair],
            step=step,
            kind="contradiction" if found.opposed else "same_question",
            confidence=round(sure, 4),
            witness=self.ids[found.other],
            note=f"{told}; the other one {self._why(found.other, found.pair)}",
        )

    def _first_of_same(self) -> Counts:
        """Of the pairs with the very same texts the preferred one, by their number in `found.node`."""
        first = np.full(len(self.found.node), -1, np.int64)
        turned = self.found.order[::-1]
        first[self.found.node[turned]] = turned
        return first


def _family_numbers(pairs: Sequence[Pair], ids: Sequence[str]) -> Counts:
    groups = families(pairs)
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(groups.of(name), len(numbers)) for name in ids], np.int64)
