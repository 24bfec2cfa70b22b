"""The preferences of a version: what people said of answers, without what may not go out and what would leak.

An answer of one part that is nearly the same as a text of another part is left out: a train file holds nothing of
validation and test, whichever side of a preference it stands on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from curation.alike import Alike
from curation.asked import question_text
from curation.gate import Settled, examine, settled_in
from curation.groups import families
from curation.preferences.said import MASKED, NotUsed, Unwanted, edits_of, rejections
from curation.stratify import PARTS
from curation.ties import own_ties
from tamiz.project import Project
from tamiz.records import Pair, Split
from tamiz.settings import NearSettings
from tamiz.splitparts import ancestry
from tamiz.store import Store

__all__ = ["Preferences", "gather_preferences"]

TIED = "it belongs with a pair of validation or test"
LIKE = "it is nearly the same as a text of another part"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """The answers that people did not let stand, by the part of what took their place, and what was left out."""

    unwanted: Mapping[Split, Sequence[Unwanted]] = field(default_factory=lambda: dict.fromkeys(PARTS, ()))
    not_used: Sequence[NotUsed] = ()

    def edits(self, part: Split) -> list[Unwanted]:
        return [one for one in self.unwanted[part] if one.edited]


def gather_preferences(
    project: Project, store: Store, parts: Mapping[Split, Sequence[Pair]], assigned: Mapping[str, Split]
) -> Preferences:
    """What people preferred among these pairs. `assigned` are the parts that earlier versions gave to pairs."""
    gathering = _Gathering(project, store, parts)
    for part, one in edits_of(store, parts):
        gathering.add(part, one)
    for said in rejections(store, project.settings.export.kto_reasons):
        gathering.add("train", said)
    gathering.leave_out_personal_data()
    gathering.leave_out_tied(assigned)
    gathering.leave_out_like()
    return Preferences(unwanted={part: tuple(gathering.kept[part]) for part in PARTS}, not_used=gathering.not_used)


class _Gathering:
    """What is kept so far, and what is left out."""

    def __init__(self, project: Project, store: Store, parts: Mapping[Split, Sequence[Pair]]) -> None:
        self.project, self.store, self.parts = project, store, parts
        self.kept: dict[Split, list[Unwanted]] = {part: [] for part in PARTS}
        self.not_used: list[NotUsed] = []

    def add(self, part: Split, one: Unwanted | NotUsed) -> None:
        if isinstance(one, NotUsed):
            self.not_used.append(one)
        else:
            self.kept[part].append(one)

    def leave_out(self, part: Split, these: Collection[int], why: str) -> None:
        """Leave out those at these places of what is kept for a part."""
        for place in sorted(these):
            one = self.kept[part][place]
            self.not_used.append(NotUsed(id=one.id, part=part, why=why, edited=one.edited))
        self.kept[part] = [one for place, one in enumerate(self.kept[part]) if place not in these]

    def leave_out_personal_data(self) -> None:
        """An answer that was put aside has passed no gate yet."""
        ids = {one.id for many in self.kept.values() for one in many}
        originals = [stored.pair for stored in self.store.pairs_by_id(sorted(ids)).values()]
        settled = settled_in(self.project, self.store, originals)
        risk = self.project.settings.export.max_risk
        for part, many in self.kept.items():
            refused = set()
            for place, one in enumerate(many):
                asked = replace(one.pair, answer=one.answer, answer_markdown="")
                mine = Settled(
                    own=settled.own,
                    company=settled.company,
                    kept={asked.id: settled.kept.get(one.id, frozenset())},
                )
                if examine([asked], mine, max_risk=risk).refused:
                    refused.add(place)
            self.leave_out(part, refused, MASKED)

    def leave_out_tied(self, assigned: Mapping[str, Split]) -> None:
        """A rejected pair has no part of its own: it may be of the page, thread or family of a pair that is tested."""
        by_author = self.project.settings.export.group_by_author
        tested = [pair for part in PARTS if part != "train" for pair in self.parts[part]]
        names = {tie for pair in tested for tie in own_ties(pair, by_author=by_author)}
        rejected = [one.pair for one in self.kept["train"] if not one.edited]
        family = families([*tested, *rejected])
        for child, origins in ancestry(self.store).items():
            for origin in origins:
                family.join(child, origin)
        theirs = {family.of(pair.id) for pair in tested}
        tied = {
            place
            for place, one in enumerate(self.kept["train"])
            if not one.edited
            and (
                assigned.get(one.id, "train") != "train"
                or family.of(one.id) in theirs
                or not names.isdisjoint(own_ties(one.pair, by_author=by_author))
            )
        }
        self.leave_out("train", tied, TIED)

    def leave_out_like(self) -> None:
        for part in PARTS:
            if self.kept[part]:
                others = [other for other in PARTS if other != part]
                found = set(_like(self.kept[part], *self._texts(others), self.project.settings.curation.near))
                self.leave_out(part, found, LIKE)

    def _texts(self, parts: Sequence[Split]) -> tuple[list[str], list[str]]:
        """The questions and answers of these parts, those that were put aside too."""
        pairs = [pair for part in parts for pair in self.parts[part]]
        aside = [one for part in parts for one in self.kept[part]]
        questions = [question_text(pair) for pair in (*pairs, *(one.pair for one in aside))]
        return questions, [*(pair.answer for pair in pairs), *(one.answer for one in aside)]


def _like(
    mine: Sequence[Unwanted], questions: Sequence[str], answers: Sequence[str], near: NearSettings
) -> Iterator[int]:
    """The places of those that ask or answer nearly the same as one of these texts."""
    for own, others in (
        ([question_text(one.pair) for one in mine], questions),
        ([one.answer for one in mine], answers),
    ):
        alike = Alike([*own, *others], near)
        by_text: dict[int, list[int]] = defaultdict(list)
        for place in range(len(own)):
            by_text[alike.same[place]].append(place)
        places = range(len(own), len(own) + len(others))
        for left, _, _ in alike.across(range(len(own)), places):
            yield from by_text[alike.same[left]]
