"""Pairs through the steps: what each step finds, kept as it goes, and what the written rules make of it.

Every batch is committed with its findings, so a run that is killed goes on where it was; two runs at
once look at some pairs twice and decide none twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Literal

from curation.apart import Apart
from curation.engines.placed import placed
from curation.looking import Unseen, checked
from curation.originals import seal_originals
from curation.review.need import need_of
from curation.rules import accept_by_rules, judge_by_rules
from curation.spelling.run_report import SpellingReport, spelling_report, write_report
from curation.spelling.step import SpellingStep
from curation.spelling.words import apply_always, never_words
from curation.steps import (
    ComparingStep,
    HeedingStep,
    LearningStep,
    NotNow,
    SeparatingStep,
    Step,
    find_steps,
    fingerprint,
)
from tamiz.decisions import mark_sieved, set_needs
from tamiz.progress import Job
from tamiz.project import Project
from tamiz.records import Finding, Pair
from tamiz.sealed import count_sealed, opened
from tamiz.settings import CurationSettings, RuleSettings, SourceSettings, SynthesisSettings
from tamiz.store import Store, StoredPair
from tamiz.worddecisions import last_event

__all__ = ["CurateReport", "StepReport", "curate", "sieve"]

ROUNDS = 6  # changed pairs go through all steps again; more rounds mean that two steps undo each other
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """What one step did in a run: pairs looked at, findings by kind, pairs changed and rejected by rules."""

    name: str
    looked: int
    found: dict[str, int]
    applied: int
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CurateReport:
    """A run of all steps. `rules` counts {(applied|rejected|accepted|left to a person, rule): pairs}.

    `spelling` tells of words, where the step spelling has worked; it is in work/reports/ too.
    """

    steps: tuple[StepReport, ...]
    rules: dict[tuple[str, str], int]
    before: dict[str, int]
    after: dict[str, int]
    notes: tuple[str, ...]
    spelling: SpellingReport | None = None


@dataclass(slots=True)
class _Tally:
    looked: int = 0
    found: Counter[str] = field(default_factory=Counter)
    judged: Counter[tuple[str, str]] = field(default_factory=Counter)

    def of(self, what: str) -> int:
        return sum(n for (done, _), n in self.judged.items() if done == what)


def sieve(pairs: Sequence[Pair], steps: Sequence[Step], *, batch_size: int = BATCH) -> list[Finding]:
    """Everything that these steps find in these pairs; nothing is stored and nothing is changed."""
    findings: list[Finding] = []
    for step in steps:
        if isinstance(step, LearningStep):
            step.learn(pairs)
        whole = isinstance(step, ComparingStep)
        size = max(1, len(pairs)) if whole else batch_size
        for start in range(0, len(pairs), size):
            batch = pairs[start : start + size]
            findings += checked(step, batch, step.look(batch))
    return findings


def curate(
    project: Project,
    store: Store,
    report: Job | None = None,
    *,
    steps: Sequence[Step] | None = None,
    engine: Literal["", "local", "ray"] = "",
) -> CurateReport:
    """Run the project's steps on what they have not looked at, and its written rules on what is found.

    Prints nothing; `report` is told how far it is. A step that cannot work now leaves its pairs for
    a later run and says why in `notes`. Where the steps work is in the settings, unless `engine` says it.
    """
    settings = _with_sources(placed(project.settings.curation, project.folder, engine), project.settings.sources)
    settings = _with_languages(settings, project.settings.project.languages)
    settings = _with_synthesis(settings, project.settings.synthesis)
    chosen = find_steps(settings) if steps is None else list(steps)
    run = _Run(store=store, job=report, settings=settings)
    before, since, sealed = store.counts(), last_event(store), count_sealed(store)
    try:
        run.rounds(chosen)
        words = next((step for step in chosen if isinstance(step, SpellingStep)), None)
        spelling = run.spelling(words, since) if words is not None else None
    finally:
        for step in chosen:
            if hasattr(step, "close"):
                step.close()
    judged = run.finish()
    if spelling is not None and (spelling.pairs_looked or spelling.changes):
        write_report(spelling, project.folder / "work" / "reports")
    return CurateReport(
        steps=tuple(
            StepReport(
                name=name, looked=t.looked, found=dict(t.found), applied=t.of("applied"), rejected=t.of("rejected")
            )
            for name, t in run.tallies.items()
        ),
        rules=dict(judged),
        before=before,
        after=store.counts(),
        notes=tuple(dict.fromkeys([*run.notes, *seal_originals(project, store, sealed)])),
        spelling=spelling,
    )


def _with_sources(settings: CurationSettings, sources: Sequence[SourceSettings]) -> CurationSettings:
    """The settings with the project's order of sources, where they have none of their own."""
    order = settings.near.source_order or tuple(source.name for source in sources)
    return replace(settings, near=replace(settings.near, source_order=order))


def _with_languages(settings: CurationSettings, languages: tuple[str, ...]) -> CurationSettings:
    """The settings with the project's languages, where the step language has none of its own."""
    chosen = settings.language.languages or languages
    return replace(settings, language=replace(settings.language, languages=chosen))


def _with_synthesis(settings: CurationSettings, synthesis: SynthesisSettings) -> CurationSettings:
    """The settings with the rule that [synthesis] accept stands for."""
    if synthesis.accept == "people":
        return settings
    rule = RuleSettings(name="synthesis", then="accept", kinds=("synthetic",))
    return replace(settings, rules=(*settings.rules, rule))


class _Run:
    def __init__(self, *, store: Store, job: Job | None, settings: CurationSettings) -> None:
        self.store = store
        self.job = job
        self.settings = settings
        self.rules = settings.written_rules
        self.tallies: dict[str, _Tally] = {}
        self.notes: list[str] = []
        self._apart = Apart.of(store)
        self._unseen = Unseen(store, settings, job, self._apart)
        self._working: dict[str, str] = {}  # steps that can work now, with their fingerprint
        self._looked: set[str] = set()  # pairs about which something else may stand than before this run

    def rounds(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self.tallies[step.name] = _Tally()
            if self.job is not None and hasattr(step, "watch"):
                step.watch(self.job)
            try:
                if isinstance(step, HeedingStep):
                    step.heed(never_words(self.store))
                if isinstance(step, SeparatingStep):
                    step.separate(self._apart)
                if isinstance(step, LearningStep):
                    first = (stored for stored in self.store.pairs() if not stored.pair.made_from)
                    step.learn(stored.pair for stored in opened(self.store, first))
                self._working[step.name] = fingerprint(step)
            except NotNow as reason:
                self.notes.append(f"{step.name}: {reason}")
        for number in range(ROUNDS):
            looked = sum(self._run(step, first=number == 0) for step in steps if step.name in self._working)
            if not looked:
                return
        self.notes.append(
            "some pairs are changed by one step after the other; see their history with: tamiz lineage PAIR"
        )

    def spelling(self, step: SpellingStep, since: int) -> SpellingReport | None:
        """What was done to words after this event; nothing where the step could not work."""
        if step.name not in self._working:
            return None
        return spelling_report(
            self.store,
            since=since,
            rules=self.rules,
            looked=self.tallies[step.name].looked,
            unchecked=step.unchecked(),
            engines=step.versions,
            protected=step.protected,
            corpus_terms=step.terms(),
            settings=self.settings.spelling,
        )

    def _run(self, step: Step, *, first: bool) -> int:
        """One step over what it has not seen, then the rules on what stands; how many pairs it looked at."""
        tally, start = self.tallies[step.name], self.tallies[step.name].looked
        try:
            with closing(
                self._unseen.looks(step, self._working[step.name])
            ) as found:  # whatever happens, no process of it stays
                for pairs, findings, new in found:
                    self.store.add_look(step.name, self._working[step.name], pairs, findings)
                    self._looked.update(pairs)
                    tally.looked += len(pairs)
                    tally.found.update(finding.kind for finding in new)
                    if self.job is not None:
                        self.job.update(tally.looked, note=step.name)
        except NotNow as reason:
            self.notes.append(f"{step.name}: {reason}")
            del self._working[step.name]
        looked = tally.looked - start
        if looked or first:
            tally.judged += judge_by_rules(self.store, [rule for rule in self.rules if _about(rule, step.name)])
            if isinstance(step, HeedingStep):
                tally.judged += apply_always(self.store)
        return looked

    def finish(self) -> Counter[tuple[str, str]]:
        """Accept what the rules allow; what is still new waits for a person from now on."""
        complete = self._complete()
        judged = sum((tally.judged for tally in self.tallies.values()), Counter[tuple[str, str]]())
        judged += accept_by_rules(self.store, self.rules, frozenset(complete))
        new = [pair for pair, stored in complete.items() if stored.state == "new"]
        for start in range(0, len(new), BATCH):
            part = new[start : start + BATCH]
            mark_sieved(self.store, part, self._needs([complete[pair] for pair in part]))
        stale = [one for one in self.store.pairs("waiting", "skipped") if one.need == 0 or one.pair.id in self._looked]
        for start in range(0, len(stale), BATCH):
            set_needs(self.store, self._needs(stale[start : start + BATCH]))
        return judged

    def _needs(self, pairs: Sequence[StoredPair]) -> dict[str, float]:
        found = self.store.findings([one.pair.id for one in pairs])
        return {one.pair.id: need_of(one.pair, found[one.pair.id]) for one in pairs}

    def _complete(self) -> dict[str, StoredPair]:
        """The new and waiting pairs that every working step has looked at."""
        pairs = {stored.pair.id: stored for stored in self.store.pairs("new", "waiting")}
        for name, settings in self._working.items():
            for stored in self.store.unseen(name, settings, limit=len(pairs) + 1):
                pairs.pop(stored.pair.id, None)
        return pairs


def _about(rule: RuleSettings, step: str) -> bool:
    return rule.then != "accept" and (not rule.steps or step in rule.steps)
