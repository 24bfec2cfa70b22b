"""What a step has not looked at yet, and its findings about it, batch by batch; nothing is kept here."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing

from curation.apart import Apart
from curation.engines.looks import Looked, cores, looks, packed_step
from curation.rules import STANDING
from curation.steps import ComparingStep, Step
from curation.synthesis.marks import is_augmentation
from tamiz.errors import InputError
from tamiz.moves import State
from tamiz.progress import Job
from tamiz.records import PRIVACY_STEP, Finding, Pair
from tamiz.settings import CurationSettings
from tamiz.store import Store

__all__ = ["OPEN", "Unseen", "checked"]

OPEN: tuple[State, ...] = ("new", "waiting", "skipped", "disputed")


class Unseen:
    """The pairs of a store that a step has not looked at: here, in several processes or on Ray, as the settings say."""

    def __init__(self, store: Store, settings: CurationSettings, job: Job | None, apart: Apart) -> None:
        self._store = store
        self._settings = settings
        self._job = job
        self._apart = apart
        self._spared: list[str] = []  # changed copies for training only: no step is to mend them

    def looks(self, step: Step, working: str) -> Generator[tuple[list[str], list[Finding], list[Finding]], None, None]:
        """Batches of (pairs looked at, all findings about them, those that are new); `working` is its fingerprint."""
        if isinstance(step, ComparingStep):
            yield from self._whole_look(step, working)
            return
        with closing(self._found(step, working)) as found:
            for pairs, seen in found:
                findings = checked(step, pairs, seen)
                by_pair: dict[str, list[Finding]] = {pair.id: [] for pair in pairs}
                for finding in findings:
                    by_pair[finding.pair].append(finding)
                ids = list(by_pair)
                for start in range(0, len(ids), self._settings.batch_size):
                    part = ids[start : start + self._settings.batch_size]
                    these = [finding for pair in part for finding in by_pair[pair]]
                    yield part, these, these
        spared, self._spared = self._spared, []
        for start in range(0, len(spared), self._settings.batch_size):
            yield spared[start : start + self._settings.batch_size], [], []

    def _found(self, step: Step, working: str) -> Generator[Looked, None, None]:
        """What the step sees in the pairs that it has not seen yet: on Ray from more than one shard on, or here."""
        settings, ray = self._settings, self._settings.ray
        unseen = self._store.count_unseen(step.name, working)
        if settings.engine == "ray" and unseen > ray.shard_pairs and packed_step(step):
            from curation.engines.shared_looks import looks_on_ray

            yield from looks_on_ray(step, self._batches(step, working, ray.shard_pairs), ray, self._job)
        else:
            processes = settings.processes or cores()
            yield from looks(
                step, self._batches(step, working, self._settings.batch_size), pairs=unseen, processes=processes
            )

    def _batches(self, step: Step, working: str, size: int) -> Iterator[list[Pair]]:
        """The pairs that the step has not seen; read ahead of what is kept, so by their place."""
        after = 0
        while batch := self._store.unseen(step.name, working, limit=size, after=after):
            after = batch[-1].seq
            pairs = [stored.pair for stored in batch]
            if step.name != PRIVACY_STEP:
                self._spared += [pair.id for pair in pairs if is_augmentation(pair)]
                pairs = [pair for pair in pairs if not is_augmentation(pair)]
            if pairs:
                yield pairs

    def _whole_look(
        self, step: ComparingStep, working: str
    ) -> Iterator[tuple[list[str], list[Finding], list[Finding]]]:
        """All open pairs at once; kept for those not seen yet and those about which something else is found now."""
        stored = list(self._store.pairs(*OPEN))
        ids = [one.pair.id for one in stored]
        fresh = {one.pair.id for one in self._store.unseen(step.name, working, limit=len(ids) + 1)}
        known = {
            pair: {finding.id: finding for finding in found if finding.step == step.name}
            for pair, found in self._store.findings(ids).items()
        }
        if not fresh and not self._stale(known):
            return
        step.remember(one.pair for one in self._store.pairs("accepted") if not is_augmentation(one.pair))
        by_pair: dict[str, dict[str, Finding]] = {pair: {} for pair in ids}
        pairs = [one.pair for one in stored if not is_augmentation(one.pair)]
        for finding in checked(step, pairs, step.look(pairs)):
            if self._apart.leaves(finding):  # also where the step does not heed it
                by_pair[finding.pair][finding.id] = finding
        changed = [pair for pair in ids if pair in fresh or by_pair[pair].keys() != known[pair].keys()]
        for start in range(0, len(changed), self._settings.batch_size):
            part = changed[start : start + self._settings.batch_size]
            findings = [finding for pair in part for finding in by_pair[pair].values()]
            yield part, findings, [finding for finding in findings if finding.id not in known[finding.pair]]

    def _stale(self, known: dict[str, dict[str, Finding]]) -> bool:
        """Whether a pair that others are copies of has been taken away since."""
        witnesses = {finding.witness for found in known.values() for finding in found.values() if finding.witness}
        pairs = self._store.pairs_by_id(sorted(witnesses))
        return any(stored.state not in STANDING for stored in pairs.values())


def checked(step: Step, pairs: Sequence[Pair], found: Iterable[Finding]) -> list[Finding]:
    """The step's findings about these pairs, each once; InputError for one about another pair."""
    shown = {pair.id for pair in pairs}
    findings: dict[str, Finding] = {}
    for finding in found:
        if finding.pair not in shown or finding.step != step.name:
            raise InputError(
                f"the step {step.name} gave a finding of step {finding.step!r} about pair {finding.pair!r}; it must "
                "carry its own name and speak of the pairs it was shown. Mend the step"
            )
        findings[finding.id] = finding
    return list(findings.values())
