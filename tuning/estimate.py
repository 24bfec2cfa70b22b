"""What a run will take, measured on a few of its own parts before the first step, against what the machine has.

Parts are tried from small to large, so that the memory of a larger one is known before it is asked for. Where it
would not fit, a step's pairs are taken in smaller parts, then activations are worked out twice instead of kept; where
even one pair alone would not fit the run is refused. Nothing of this changes what is learnt: weights, optimiser
and random generators are left as they were.
"""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from tamiz.errors import OutOfRoom
from tamiz.settings import TuningSettings
from tuning.checkpoints import RunState, trainable
from tuning.cost import memory_mb, peak_memory_mb, reset_peak
from tuning.gradients import Gradients, random_states, set_random_states
from tuning.lessons import Lesson, mean_loss
from tuning.loop import is_validated, step_count
from tuning.memory import free_unused, is_out_of_memory, limit_mb
from tuning.parallel import ALONE, Team
from tuning.prompts import Encoded
from tuning.settings import parameter_groups

__all__ = ["Estimate", "check_weights_fit", "estimate"]

SHARES = (0.125, 0.5, 1.0)  # of the largest part, tried one after the other
TIMED = 1  # parts of usual size that are timed beside the largest
# On a CPU each new shape of a part leaves kernels and gaps behind: 220 MB more on 850 MB (a Llama of 58M, 8 steps).
GROWTH = 0.2
LOOKED_AT = 2000  # steps of the first epoch among which the largest part is looked for
COPIES = 4.0  # numbers of 4 bytes in a checkpoint for each that learns: itself, the best so far, two moments


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What is left of a run: `seconds` of training with its validations, the peak of memory while it trains.

    `before_mb` is the peak before the measurement, which the system's own mark of it forgets; `limit_mb` is what this
    process may hold in all, and `notes` say what was adapted to it.
    """

    seconds: float
    steps: int
    tokens_per_second: float
    peak_memory_mb: float
    before_mb: float
    limit_mb: float
    tokens_at_once: int
    spare: bool
    disk_mb: float
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """For people."""
        told = (
            f"estimate: {_duration(self.seconds)} for {self.steps:,} steps ({self.tokens_per_second:,.0f} tokens a "
            f"second), at most {self.peak_memory_mb:,.0f} MB of memory of {self.limit_mb:,.0f} MB that it may take"
        )
        return [told, *self.notes]

    def described(self) -> dict[str, Any]:
        """For the run card, where the limit may be none."""
        values = asdict(self)
        return {**values, "limit_mb": None if math.isinf(self.limit_mb) else round(self.limit_mb)}


def check_weights_fit(parameters: int, settings: TuningSettings, device: torch.device, dtype: torch.dtype) -> None:
    """OutOfRoom before a base is loaded whose weights alone are more than the machine has.

    Full fine-tuning keeps 20 bytes for each number: weight, gradient, two moments, and the best weights so far.
    """
    size = 0.6 if settings.quantise == "4bit" else 20 if settings.method == "full" else torch.finfo(dtype).bits / 8
    needed, limit = parameters * size / 1e6, limit_mb(device, given=settings.memory_mb)
    if needed > limit:
        how = "full fine-tuning of" if settings.method == "full" else "the weights of"
        move = 'Give method = "lora", or a' if settings.method == "full" else "Give a"
        raise OutOfRoom(
            f"{how} {settings.base} ({parameters / 1e6:,.0f}M parameters) takes at least {needed:,.0f} MB of memory, "
            f"and {limit:,.0f} MB are free. {move} smaller base (tamiz models), or close other programs"
        )


def estimate(
    model: Any, lesson: Lesson, settings: TuningSettings, state: RunState, run: Path, team: Team = ALONE
) -> Estimate:
    """Measure, adapt and foretell. OutOfRoom where one pair alone, or the checkpoints on the disk, would not fit."""
    randoms = random_states(model.device)
    trial = _Trial(model, lesson, settings, state, team)
    try:
        trial.fit_in()
        timed, checked = trial.time_parts()
        peak = max(trial.before, trial.grown(peak_memory_mb(model.device)))
    finally:
        trial.forget()
        set_random_states(randoms, model.device)
    steps = step_count(len(lesson.train), settings)
    an_epoch = math.ceil(len(lesson.train) / settings.batch_size)
    left = range(state.step + 1, steps + 1)
    validations = sum(is_validated(step, an_epoch, settings.validations) for step in left) + (state.step == 0)
    tokens = sum(len(pair.ids) for pair in lesson.train) * len(left) / an_epoch
    seconds = (timed * tokens + checked * validations) / team.size
    needed = _check_disk(model, run) if team.is_first else 0.0
    return Estimate(
        seconds=round(seconds, 1),
        steps=len(left),
        tokens_per_second=round(team.size / timed, 1),
        peak_memory_mb=round(peak),
        before_mb=trial.before,
        limit_mb=trial.limit,
        tokens_at_once=trial.gradients.tokens,
        spare=trial.gradients.spare,
        disk_mb=round(needed),
        notes=tuple(trial.notes),
    )


class _Trial:
    """Parts of the run that is about to begin, tried out."""

    def __init__(self, model: Any, lesson: Lesson, settings: TuningSettings, state: RunState, team: Team) -> None:
        self._model, self._lesson, self._settings, self._team = model, lesson, settings, team
        self._device = model.device
        self.gradients = Gradients(model, lesson, settings, tokens=state.tokens_at_once, spare=state.spare, team=ALONE)
        self.notes: list[str] = []
        given = settings.memory_mb
        self.before = reset_peak(self._device)
        self._start = memory_mb(self._device)
        self.limit = limit_mb(self._device, given=given, sharing=team.on_machine)
        # The best weights so far, the optimiser's moments and gradients come on top of what a part is seen to take.
        self._later = 3 * sum(p.numel() * p.element_size() for p in trainable(model).values()) / 1e6
        model.train()

    def fit_in(self) -> None:
        """Try larger and larger parts; change `gradients` until the largest of the run fits."""
        while True:
            need = self._need_of(self._largest())
            if self._agreed(need <= self.limit):
                return
            pairs = len(self._largest())
            if self._agreed(pairs <= 1):
                self._make_sparing(need)
            else:
                size = sum(len(pair.ids) for pair in self._largest())
                self.gradients.tokens = int(self._team.least([max(1, size // 2)], self._device)[0])
                self._note(f"parts of {self.gradients.tokens} tokens instead of {size}", need)
            free_unused(self._device)

    def time_parts(self) -> tuple[float, float]:
        """Seconds a token of a step, and seconds of a validation, with moments and the best copy in memory."""
        copies = [part.detach().cpu().clone() for part in trainable(self._model).values()]
        moments = self._moments()
        parts = [self._largest(), *self._parts(TIMED)]
        begun = time.perf_counter()
        for part in parts:
            self._run(part)
        self._wait()
        timed = (time.perf_counter() - begun) / max(1, sum(len(pair.ids) for part in parts for pair in part))
        checked = self._time_validation()
        del copies, moments
        return timed, checked

    def _time_validation(self) -> float:
        """Seconds of one validation, from some of its pairs: the longest ones, which take most memory."""
        pairs = sorted(self._lesson.validation, key=lambda pair: -len(pair.ids))
        some = pairs[: self._settings.batch_size]
        if not some:
            return 0.0
        begun = time.perf_counter()
        mean_loss(self._lesson, some, self._model, self._settings.batch_size)
        self._wait()
        took = time.perf_counter() - begun
        return took * sum(len(pair.ids) for pair in pairs) / sum(len(pair.ids) for pair in some)

    def _moments(self) -> torch.optim.Optimizer:
        """An optimiser that has taken a step which moves nothing: its moments are there."""
        groups = [{**group, "lr": 0.0, "weight_decay": 0.0} for group in parameter_groups(self._model, self._settings)]
        optimizer = torch.optim.AdamW(groups)
        for part in trainable(self._model).values():
            part.grad = torch.zeros_like(part)
        optimizer.step()
        return optimizer

    def grown(self, peak: float) -> float:
        """What a whole run comes to, whose parts have more shapes than were tried here."""
        return peak if self._device.type == "cuda" else peak + GROWTH * max(0.0, peak - self._start)

    def forget(self) -> None:
        for part in trainable(self._model).values():
            part.grad = None
        free_unused(self._device)

    def _need_of(self, largest: Sequence[Encoded]) -> float:
        """The peak of memory with this part, foretold before it is tried where that can be; inf where it ran out."""
        met: list[tuple[float, float]] = []
        whole = sum(len(pair.ids) for pair in largest)
        for share in SHARES:
            part = largest if share == 1 else self._smaller(share * whole)
            tokens = float(sum(len(pair.ids) for pair in part))
            if met and tokens <= met[-1][0]:
                continue
            if len(met) > 1 and (foretold := _line(met, whole) + self._later) > self.limit:
                return foretold
            try:
                self._run(part)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                return math.inf
            met.append((tokens, peak_memory_mb(self._device)))
        return self.grown(met[-1][1]) + self._later

    def _smaller(self, tokens: float) -> list[Encoded]:
        """Short pairs that come to at most so many tokens, one at least."""
        found: list[Encoded] = []
        for pair in sorted(self._lesson.train[:LOOKED_AT], key=lambda pair: len(pair.ids)):
            if found and sum(len(one.ids) for one in [*found, pair]) > tokens:
                break
            found.append(pair)
        return found

    def _make_sparing(self, need: float) -> None:
        if not self.gradients.spare and self.gradients.spare_memory():
            self._note("activations worked out twice instead of kept (a third slower)", need)
            return
        longest = max(len(pair.ids) for pair in self._lesson.train)
        wanted = "more than there is" if math.isinf(need) else f"about {need:,.0f} MB"
        raise OutOfRoom(
            f"training would take {wanted} of memory with one pair of {longest} tokens at a time, and this run may "
            f"take {self.limit:,.0f} MB. Lower [tuning] max_tokens, choose a smaller base (tamiz models), close other "
            "programs, or raise [tuning] memory_mb where it is set"
        )

    def _note(self, what: str, need: float) -> None:
        than = "" if math.isinf(need) else f": it would have taken about {need:,.0f} MB of {self.limit:,.0f} MB"
        self.notes.append(f"adapted: {what}{than}")

    def _run(self, part: Sequence[Encoded]) -> None:
        self._model.train()
        self.gradients.part_loss(part, max(1, sum(pair.counted for pair in part)))

    def _largest(self) -> list[Encoded]:
        """The part of the first epoch with most tokens; all parts are of one size where pairs are short."""
        return max(self._parts(), key=lambda part: sum(len(pair.ids) for pair in part))

    def _parts(self, most: int | None = None) -> Iterator[list[Encoded]]:
        """Parts of this process' share of the first steps."""
        found = 0
        for indices in self._lesson.batches(0)[:LOOKED_AT]:
            mine = self._team.share([self._lesson.train[index] for index in indices])
            for part in self._lesson.pieces(mine, self.gradients.tokens):
                yield part
                found += 1
                if most is not None and found >= most:
                    return

    def _agreed(self, mine: bool) -> bool:
        """Whether it holds in every process: all of them have to go the same way."""
        return self._team.least([float(mine)], self._device)[0] > 0

    def _wait(self) -> None:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)


def _line(met: Sequence[tuple[float, float]], at: float) -> float:
    """Where the line through the last two points is."""
    (x1, y1), (x2, y2) = met[-2:]
    return y2 + max(0.0, (y2 - y1) / (x2 - x1)) * (at - x2)


def _check_disk(model: Any, run: Path) -> float:
    """MB that checkpoints and the adapter take; OutOfRoom where the disk has less."""
    size = sum(part.numel() * 4 for part in trainable(model).values()) / 1e6
    needed = size * (2 * COPIES + 1)  # a new checkpoint is written beside the older one
    free = shutil.disk_usage(run).free / 1e6
    if needed > free:
        raise OutOfRoom(
            f"checkpoints and adapter of this run take up to {needed:,.0f} MB in {run}, and {free:,.0f} MB are free "
            "on that disk. Make room, or give the project another place"
        )
    return needed


def _duration(seconds: float) -> str:
    """
    >>> _duration(42), _duration(150), _duration(8000)
    ('42 s', '2.5 min', '2.2 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
