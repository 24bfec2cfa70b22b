"""What a training run tells of its pairs: those it could not learn and those it knew at once come before people.

A run of `tamiz tune` leaves the loss of each training pair before the first step and after the last
(runs/NAME/losses.jsonl). Two kinds of pairs are worth a look, each against the other pairs of the run:

cannot_learn    its loss stayed: at least STAYED of what it was, and far above the others' at the end. Such an answer
                contradicts others, belongs to another question, is cut, or is in another language.
learnt_at_once  its loss was already far below the others' before the first step: a sentence that every page has, or
                an answer that only repeats its question. It teaches nothing.

Far is OUTLYING robust deviations (of the median, on the logarithm of the loss). They become findings of the step
"training", whose witness is the run's name; nothing else about a pair changes. What they mean a person decides: no
rule applies or rejects by them.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from curation.review.need import need_of
from tamiz.decisions import set_needs
from tamiz.errors import InputError
from tamiz.project import Project
from tamiz.records import TRAINING_STEP, Finding
from tamiz.store import Store
from tamiz.wording import plural

__all__ = ["LossReport", "PairLoss", "look_at_losses", "outlying", "read_losses"]

STAYED = 0.8
OUTLYING = 3.0
LEAST_PAIRS = 20  # fewer say nothing of what is usual
MOST = 0.05  # of the pairs, of each kind: the rest can come with the next run
LEAST_LOSS = 1e-4  # nats; a smaller one is as good as none
DEVIATION = 1.4826  # of a normal distribution, over its median absolute deviation
GONE = ("replaced", "withdrawn", "rejected")


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLoss:
    """A training pair's loss in nats a token, before the first step and after the last."""

    pair: str
    tokens: int
    first: float
    last: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LossReport:
    """What a look at a run's losses came to. `gone` pairs are no longer there to be looked at; a run that was looked
    at before adds nothing (`known`)."""

    run: str
    pairs: int
    gone: int
    found: dict[str, int]
    known: bool = False

    def __str__(self) -> str:
        if self.known:
            return f"the losses of {self.run} were looked at before; nothing was added"
        if self.pairs < LEAST_PAIRS:
            return f"{plural(self.pairs, 'pair')} of {self.run} say nothing of what is usual; {LEAST_PAIRS} are needed"
        told = ", ".join(f"{count} {kind}" for kind, count in self.found.items() if count) or "none stands out"
        gone = f"; {self.gone} are no longer there" if self.gone else ""
        return f"{plural(self.pairs, 'pair')} of {self.run} looked at: {told}{gone}"


def look_at_losses(project: Project, store: Store, run: str) -> LossReport:
    """Bring the pairs that stood out in the run before people. InputError where the run left no losses."""
    path = _folder(project, run) / "losses.jsonl"
    losses = read_losses(path)
    settings = f"{run} {hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"
    stored = store.pairs_by_id([one.pair for one in losses])
    there = [one for one in losses if one.pair in stored and stored[one.pair].state not in GONE]
    gone = len(losses) - len(there)
    if any(True for _ in store.seen(TRAINING_STEP, settings)):
        return LossReport(run=run, pairs=len(there), gone=gone, found={}, known=True)
    findings = [finding for finding in outlying(losses, run) if finding.pair in {one.pair for one in there}]
    ids = [one.pair for one in there]
    store.add_look(TRAINING_STEP, settings, ids, findings)
    standing = store.findings(ids)
    set_needs(store, {pair: need_of(stored[pair].pair, standing[pair]) for pair in ids})
    kinds = [finding.kind for finding in findings]
    return LossReport(
        run=run,
        pairs=len(there),
        gone=gone,
        found={kind: kinds.count(kind) for kind in ("cannot_learn", "learnt_at_once")},
    )


def read_losses(path: Path) -> list[PairLoss]:
    """The losses that a run left. InputError names a line that is none."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        raise InputError(
            f"{path} is not there, so nothing is known of the run's pairs. Train with [tuning] pair_losses above 0: "
            f"tamiz tune {path.parent.name}"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}). Make it again: tamiz tune {path.parent.name}") from None
    return [_pair_loss(line, path, number) for number, line in enumerate(lines, 1) if line.strip()]


def outlying(losses: Sequence[PairLoss], run: str) -> list[Finding]:
    """The findings about pairs that stand out, the farthest first, at most MOST of the pairs of each kind."""
    if len(losses) < LEAST_PAIRS:
        return []
    most = max(1, math.floor(MOST * len(losses)))
    ends, starts = _deviations([one.last for one in losses]), _deviations([one.first for one in losses])
    stayed = [
        (far, one) for far, one in zip(ends, losses, strict=True) if far > OUTLYING and one.last >= STAYED * one.first
    ]
    at_once = [(-far, one) for far, one in zip(starts, losses, strict=True) if far < -OUTLYING]
    found = []
    for kind, many in (("cannot_learn", stayed), ("learnt_at_once", at_once)):
        for far, one in sorted(many, key=lambda each: (-each[0], each[1].pair))[:most]:
            found.append(
                Finding(
                    pair=one.pair,
                    step=TRAINING_STEP,
                    kind=kind,
                    confidence=round(1 - OUTLYING / (OUTLYING + far), 3),
                    witness=run,
                    note=f"loss {one.first:.2f} before the run, {one.last:.2f} after it ({one.tokens} tokens)",
                )
            )
    return found


def _deviations(losses: Sequence[float]) -> list[float]:
    """How many robust deviations each loss lies from the middle one, on a logarithmic scale."""
    logs = [math.log(max(loss, LEAST_LOSS)) for loss in losses]
    middle = median(logs)
    usual = DEVIATION * median(abs(log - middle) for log in logs)
    return [(log - middle) / max(usual, 0.05) for log in logs]  # losses that are all alike have no outliers


def _folder(project: Project, run: str) -> Path:
    found = {path.name: path for path in project.runs.iterdir()} if project.runs.is_dir() else {}
    if run not in found or found[run].is_symlink():
        names = ", ".join(sorted(found)) or "none yet"
        raise InputError(f"there is no run {run} in {project.runs} (there are: {names}). Run: tamiz tune {run}")
    return found[run]


def _pair_loss(line: str, path: Path, number: int) -> PairLoss:
    try:
        row = json.loads(line)
        loss = PairLoss(
            pair=str(row["id"]), tokens=int(row["tokens"]), first=float(row["first"]), last=float(row["last"])
        )
        if not (math.isfinite(loss.first) and math.isfinite(loss.last)):
            raise ValueError("a loss is no number")
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}, line {number} is no loss of a pair ({error!r}). Make it again: tamiz tune {path.parent.name}"
        ) from None
    return loss
