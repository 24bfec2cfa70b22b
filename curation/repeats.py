"""Pairs of a project compared with each other, and what is found put in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

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

Told = Callable[[str, str], bool]
FIELDS = ("accepted", "votes", "written_at", "source")  # what pairs are preferred by, beside the answer


@dataclass(frozen=True, slots=True)
class Compared:
    """These pairs, by number, and what they repeat of each other. The first `settled` ones are settled."""

    pairs: list[Pair]
    ids: list[str]
    settled: int
    preference: PreferenceColumns
    family: Counts
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
        family = _family_numbers(every, ids)
        found = find_with_engine(
            [question_text(pair) for pair in every],
            [pair.answer for pair in every],
            curation,
            order=order,
            settled=is_settled,
            family=family,
            job=job,
        )
        return cls(pairs=every, ids=ids, settled=len(settled), preference=preference, family=family, found=found)

    def findings(self, step: str, apart: Told | None = None) -> Iterator[Finding]:
        """What the step of this name has to say, pair by pair; nothing of two that were told `apart`."""
        first = self._first_of_same()
        left: list[int] = []
        for removed in self.found:
            if apart is not None and apart(self.ids[removed.pair], self.ids[removed.kept]):
                left.append(removed.pair)
                continue
            yield self._copy(step, removed)
            stood = int(first[self.found.node[removed.pair]])
            if removed.rule == "near" and stood != removed.pair:
                yield self._copy(step, Removed(pair=removed.pair, kept=stood, rule="exact", question=1.0, answer=1.0))
        if apart is not None and left:
            yield from (self._copy(step, removed) for removed in self._besides(left, apart))
        for reasked in find_reasked(self.found):
            yield self._asked_again(step, reasked)

    def _besides(self, left: Sequence[int], apart: Told) -> Iterator[Removed]:
        """For pairs that stay, told apart from what they repeat: what else they repeat, or what repeats them.

        They were compared with the kept ones only as if they would go.
        """
        place = np.empty(len(self.found.order), np.int64)
        place[self.found.order] = np.arange(len(self.found.order))
        stays = self.found.kept.copy()
        stays[list(left)] = True
        for pair in sorted(left, key=lambda one: int(place[one])):
            near = [one for one in self._near(pair, stays) if not apart(self.ids[pair], self.ids[one.kept])]
            better = [one for one in near if place[one.kept] < place[pair]]
            if better:
                stays[pair] = False
                yield min(better, key=lambda one: int(place[one.kept]))
                continue
            for one in near:
                if one.kept >= self.settled and one.kept not in left:
                    stays[one.kept] = False
                    yield replace(one, pair=one.kept, kept=pair)

    def _near(self, pair: int, stays: npt.NDArray[np.bool_]) -> Iterator[Removed]:
        """What this pair repeats of those that stay, the very same texts aside."""
        node, edges = self.found.node, self.found.edges
        right = (edges.differs == 0) & ((edges.left == node[pair]) | (edges.right == node[pair]))
        right &= np.minimum(edges.question, edges.answer) >= self.found.near.threshold
        standing = np.flatnonzero(stays)
        for edge in np.flatnonzero(right).tolist():
            beside = edges.left[edge] + edges.right[edge] - node[pair]
            alike = {"question": float(edges.question[edge]), "answer": float(edges.answer[edge])}
            for other in standing[node[standing] == beside].tolist():
                if self.family[pair] != self.family[other]:
                    yield Removed(pair=pair, kept=other, rule="near", **alike)

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
