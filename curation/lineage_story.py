"""The whole way of a pair: page, pair, edits, decisions, the dataset versions that hold it, what was trained on them.

The store tells of pairs, the files of exports/, runs/ and adapters/ tell of the rest; nothing is loaded or changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from curation.dataset_versions import Version, versions
from curation.lineage import Ancestor, lineage
from curation.revise import Segment, word_diff
from curation.runs import Broken, Run, adapter_cards, runs
from curation.stratify import PARTS
from tamiz.project import Project
from tamiz.records import Pair, RunCard, Split
from tamiz.relations import made_of
from tamiz.store import Event, Store

__all__ = ["Change", "Held", "Story", "Trained", "story"]

LONGEST = 8_000  # characters that are compared word by word; of longer texts the difference is not told
DECIDING = ("accept", "reject", "skip", "undo", "opinion", "dispute", "sieve", "withdraw")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An edit: pair `made` was put in the place of pair `of`, with what it took out and put in, in words."""

    of: str
    made: str
    at: str
    actor: str
    reason: str
    question: tuple[Segment, ...]
    answer: tuple[Segment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A line of a dataset version: pair `pair` is line `line` (from 1) of `file`, a path in the project's folder."""

    version: str
    created_at: str
    part: Split
    file: str
    line: int
    pair: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What was trained on a version that holds the pair: `part` says whether it learnt from it or was tested on it.

    `adapter` tells that adapters/NAME is there; `finished_at` is "" while it trains.
    """

    name: str
    base: str
    version: str
    part: Split
    finished_at: str
    adapter: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All that is known of a pair. `family` has what stands now first, then what it was made of; the rest is in the
    order of time. `held` and `trained` are of the pair and its edits, not of what a recipe made it of. `notes` name
    what could not be read.
    """

    family: tuple[Ancestor, ...]
    changes: tuple[Change, ...]
    decisions: tuple[Event, ...]
    held: tuple[Held, ...]
    trained: tuple[Trained, ...]
    notes: tuple[str, ...]

    @property
    def now(self) -> Ancestor:
        return self.family[0]

    @property
    def origin(self) -> Ancestor:
        """The pair as it came in."""
        return next((one for one in reversed(self.family) if one.page is not None), self.family[-1])


def story(project: Project, store: Store, pair_id: str) -> Story:
    """The story of this pair, or of what has been put in its place; `pair_id` may be the beginning of an id.

    InputError where there is no such pair.
    """
    asked = store.pair(pair_id).pair.id
    made = list(made_of(store, [asked]))
    family = lineage(store, made[-1] if made else asked)
    by_id = {one.stored.pair.id: one for one in family}
    events = sorted((event for one in family for event in one.events), key=lambda event: event.seq)
    changes = [_change(event, by_id) for event in events if event.move == "edit" and event.makes in by_id]
    notes: list[str] = []
    held = list(_held(project, [one.stored.pair.id for one in _its_own(family)], notes))
    return Story(
        family=tuple(family),
        changes=tuple(changes),
        decisions=tuple(event for event in events if event.move in DECIDING),
        held=tuple(held),
        trained=tuple(_trained(project, held, notes)),
        notes=tuple(notes),
    )


def _its_own(family: Sequence[Ancestor]) -> Sequence[Ancestor]:
    """The pair and what it was edited from: what a recipe worked on is another pair, with lines of its own."""
    made = next((place for place, one in enumerate(family) if one.making is not None), len(family))
    return family[: made + 1]


def _change(event: Event, family: dict[str, Ancestor]) -> Change:
    old, new = family[event.pair].stored.pair, family[event.makes].stored.pair
    return Change(
        of=event.pair,
        made=event.makes,
        at=event.at,
        actor=event.actor,
        reason=event.reason,
        question=_words(old, new, "question"),
        answer=_words(old, new, "answer"),
    )


def _words(old: Pair, new: Pair, field: str) -> tuple[Segment, ...]:
    """The difference in this text; () where it is the same, cannot be read, or is too long to be compared."""
    before, after = str(getattr(old, field)), str(getattr(new, field))
    if before == after or not before or not after or max(len(before), len(after)) > LONGEST:
        return ()
    return tuple(word_diff(before, after))


def _held(project: Project, ids: Sequence[str], notes: list[str]) -> Iterator[Held]:
    """The lines of these pairs in all versions, the oldest version first."""
    for version in reversed(versions(project)):
        if not isinstance(version, Version):
            notes.append(f"{version.name} cannot be read: {version.reason}")
            continue
        for part in PARTS:
            path = version.folder / "pairs" / f"{part}.jsonl"
            try:
                found = list(_lines(path, ids))
            except OSError as error:
                notes.append(f"{path} cannot be read: {error.strerror}")
                continue
            for line, pair in found:
                yield Held(
                    version=version.name,
                    created_at=version.manifest.created_at,
                    part=part,
                    file=str(path.relative_to(project.folder)),
                    line=line,
                    pair=pair,
                )


def _lines(path: Path, ids: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Where the pairs of these ids are: a line is read as JSON only where an id is in it."""
    wanted = [one.encode() for one in ids]
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if any(one in line for one in wanted):
                try:
                    row = json.loads(line)
                except ValueError:  # half a line of a version that was copied by hand
                    continue
                if isinstance(row, dict) and row.get("id") in ids:
                    yield number, str(row["id"])


def _trained(project: Project, held: Sequence[Held], notes: list[str]) -> Iterator[Trained]:
    """What was trained on the versions that hold the pair, by its version's name and content."""
    parts = {one.version: one.part for one in held}
    hashes = {one.name: one.manifest.content_hash for one in versions(project) if isinstance(one, Version)}
    cards: dict[str, RunCard] = {}
    for card in adapter_cards(project):
        if isinstance(card, Broken):
            notes.append(f"adapter {card.name} cannot be read: {card.reason}")
        else:
            cards[card.name] = card
    seen = set()
    for run in reversed(runs(project)):
        if isinstance(run, Broken):
            notes.append(f"run {run.name} cannot be read: {run.reason}")
            continue
        seen.add(run.name)
        if run.dataset_version in parts and _hash(run) in ("", hashes.get(run.dataset_version)):
            yield _of_run(run, parts[run.dataset_version])
    for name, card in cards.items():
        version = card.dataset_version
        if name not in seen and version in parts and card.dataset_hash == hashes.get(version):
            yield Trained(
                name=name,
                base=card.base,
                version=version,
                part=parts[version],
                finished_at=card.finished_at,
                adapter=True,
            )


def _hash(run: Run) -> str:
    return str(run.begun.get("dataset_hash") or (run.card.dataset_hash if run.card else ""))


def _of_run(run: Run, part: Split) -> Trained:
    return Trained(
        name=run.name,
        base=run.card.base if run.card else str(run.settings.get("base", "")),
        version=run.dataset_version,
        part=part,
        finished_at=run.card.finished_at if run.card else "",
        adapter=run.adapter_bytes > 0,
    )
