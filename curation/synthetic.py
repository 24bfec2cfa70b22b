"""Pairs that were made and not found: which they are, by what, and that none of them is near what a model is tested on.

A pair that a recipe made stays one through every edit. It is for training only: it is in no other part, and an export
is refused while one is nearly the same as anything in validation or test, or belongs with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from curation.contamination import find_contamination
from curation.split import Splits
from curation.stratify import PARTS
from curation.synthesis.marks import is_augmentation
from tamiz.errors import TamizError
from tamiz.records import Pair, Split
from tamiz.settings import NearSettings
from tamiz.store import Store
from tamiz.wording import plural

__all__ = [
    "Leak",
    "Origin",
    "SyntheticLeak",
    "find_leaks",
    "is_recipes",
    "origins_of",
    "refuse_leaks",
    "synthetic_facts",
]

RECIPE = "synth:"
IN_A_TALK = "adapter:"  # an answer of a model that was noted in a talk; a person decides on it as on any other
NAMED = 8  # pairs in a message; the rest is counted


class SyntheticLeak(TamizError):
    """A synthetic pair is nearly the same as something in validation or test, or belongs with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What made a synthetic pair: `pair` is the one that came out of it, before all edits, `made_by` says what.

    `changed_copy` marks what is for training only and no new content (see curation.synthesis.marks).
    """

    pair: str
    made_by: str
    changed_copy: bool = False

    @property
    def recipe(self) -> str:
        """The recipe, "" for an answer that a model gave in a talk.

        >>> Origin(pair="a1", made_by="synth:paraphrase by gemma").recipe
        'paraphrase'
        """
        return self.made_by.removeprefix(RECIPE).split(" ")[0] if self.made_by.startswith(RECIPE) else ""

    @property
    def model(self) -> str:
        """The model that was asked, "" where none was.

        >>> Origin(pair="a1", made_by="synth:paraphrase by gemma").model
        'gemma'
        """
        if self.made_by.startswith(IN_A_TALK):
            return self.made_by
        return self.made_by.partition(" by ")[2] if self.made_by.startswith(RECIPE) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """Synthetic pair `pair` may not go out: `why` is to be read after "pair ...: "."""

    pair: str
    why: str


def is_recipes(origin: Origin) -> bool:
    """Whether a recipe made it, or somebody brought it as synthetic; not an answer of a talk."""
    return not origin.made_by.startswith(IN_A_TALK)


def origins_of(store: Store, pairs: Iterable[Pair]) -> dict[str, Origin]:
    """For each of these pairs that is synthetic what made it.

    An answer of a talk that somebody has written anew is theirs, and no longer synthetic.
    """
    here = {pair.id: pair for pair in pairs if pair.kind == "synthetic"}
    known = dict(here)
    waiting = sorted({name for pair in here.values() for name in pair.made_from} - known.keys())
    while waiting:
        found = {name: one.pair for name, one in store.pairs_by_id(waiting).items() if one.pair.kind == "synthetic"}
        known |= found
        waiting = sorted({name for pair in found.values() for name in pair.made_from} - known.keys())
    origins: dict[str, Origin] = {}
    for name, pair in here.items():
        first = _first(pair, known)
        if first.id == name or not first.made_by.startswith(IN_A_TALK):
            copy = is_augmentation(first)
            origins[name] = Origin(pair=first.id, made_by=first.made_by, changed_copy=copy)
    return origins


def _first(pair: Pair, known: Mapping[str, Pair]) -> Pair:
    """The synthetic pair that this one was edited from, by way of others; itself where it is none's edit."""
    while not pair.made_by.startswith(RECIPE):
        before = [known[name] for name in pair.made_from if name in known]
        if not before:
            break
        pair = before[0]
    return pair


def synthetic_facts(parts: Mapping[Split, Sequence[Pair]], origins: Mapping[str, Origin]) -> dict[str, Any]:
    """What the manifest says: pairs by part, their share of training, recipes, models, and how many are changed
    copies; nothing where there are none."""
    mine = {part: [origins[pair.id] for pair in parts[part] if pair.id in origins] for part in PARTS}
    everyone = [origin for many in mine.values() for origin in many]
    if not everyone:
        return {}
    train = len(parts["train"])
    recipes = Counter(origin.recipe or "an answer noted in a talk" for origin in everyone)
    used = Counter(origin.model or "no model" for origin in everyone)
    return {
        "pairs": {part: len(many) for part, many in mine.items()},
        "share_of_train": round(len(mine["train"]) / train, 4) if train else 0.0,
        "recipes": dict(sorted(recipes.items())),
        "models": dict(sorted(used.items())),
        "changed_copies": sum(origin.changed_copy for origin in everyone),
    }


def find_leaks(splits: Splits, origins: Mapping[str, Origin], near: NearSettings) -> list[Leak]:
    """The pairs of recipes that may not go out, by id, each with the first reason."""
    mine = {name for name, origin in origins.items() if is_recipes(origin)}
    found: dict[str, Leak] = {}
    for one in splits.left_out:
        if one.pair in mine:
            found[one.pair] = Leak(pair=one.pair, why=f"it has {' and '.join(one.ties)}")
    for part in PARTS[1:]:
        for pair in splits.parts[part]:
            if pair.id in mine:
                found[pair.id] = Leak(pair=pair.id, why=f"it belongs with {_companion(splits, pair, part, mine)}")
    for leak in _near_tested(splits, mine, near):
        found.setdefault(leak.pair, leak)
    return [found[name] for name in sorted(found)]


def _companion(splits: Splits, pair: Pair, part: Split, mine: Collection[str]) -> str:
    """A pair of its group that is tested."""
    group = splits.groups[pair.id]
    others = [one.id for one in splits.parts[part] if splits.groups[one.id] == group and one.id not in mine]
    return f"pair {min(others)} ({part})" if others else f"a pair that was in {part} in an earlier version"


def refuse_leaks(leaks: Sequence[Leak], origins: Mapping[str, Origin]) -> None:
    """SyntheticLeak, naming the pairs and what they are near, where there are any."""
    if not leaks:
        return
    named = [f"{one.pair} ({origins[one.pair].made_by or 'synthetic'}): {one.why}" for one in leaks[:NAMED]]
    more = f"; and {len(leaks) - NAMED:,} more" if len(leaks) > NAMED else ""
    raise SyntheticLeak(
        f"nothing is exported: {plural(len(leaks), 'synthetic pair is', 'synthetic pairs are')} nearly the same as "
        f"something in validation or test, or of one group with it: {'; '.join(named)}{more}. To look at one: tamiz "
        "lineage PAIR; to reject all of them and export: tamiz export --reject-leaks"
    )


@dataclass(slots=True)
class _Units:
    """Questions with their answers, and the pair that each stands in."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    pairs: list[str] = field(default_factory=list)

    def add(self, pair: Pair, texts: Iterable[tuple[str, str]]) -> None:
        for one in texts:
            self.texts.append(one)
            self.pairs.append(pair.id)


def _near_tested(splits: Splits, mine: set[str], near: NearSettings) -> Iterator[Leak]:
    """Pairs that say what a tested one says: their questions or answers where both stand alone, and question with
    answer wherever they stand in a dialogue. The split's own proof has compared whole dialogues."""
    made = [pair for pair in splits.parts["train"] if pair.id in mine]
    tested = [(part, pair) for part in PARTS[1:] for pair in splits.parts[part]]
    where = {pair.id: part for part, pair in tested}
    alone, inside = (_Units(), _Units()), (_Units(), _Units())
    for side, pairs in enumerate((made, [pair for _, pair in tested])):
        for pair in pairs:
            if not pair.context:
                alone[side].add(pair, [(pair.question, pair.answer)])
            inside[side].add(pair, _exchanges(pair))
    for units, rules in ((alone, ("pair", "question", "answer")), (inside, ("pair",))):
        if not units[0].texts or not units[1].texts:
            continue
        for row, repeat in find_contamination(units[0].texts, units[1].texts, near=near, rules=rules).repeats.items():  # type: ignore[arg-type]
            other = units[1].pairs[repeat.other]
            what = "question and answer" if repeat.rule == "pair" else repeat.rule
            likeness = max(repeat.question, repeat.answer)
            yield Leak(
                pair=units[0].pairs[row],
                why=f"it has nearly the same ({likeness:.2f}) {what} as pair {other} ({where[other]})",
            )


def _exchanges(pair: Pair) -> Iterator[tuple[str, str]]:
    """Everything that was asked and answered in the pair's dialogue."""
    asked = ""
    for turn in pair.context:
        if turn.role == "user":
            asked = turn.content
        elif turn.role == "assistant" and turn.content.strip() and asked:
            yield asked, turn.content
    yield pair.question, pair.answer
