"""Parts of a run tried out before its first step: what they take in memory and time, and what fits."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from typing import Any

import torch

from tamiz.errors import OutOfRoom
from tamiz.settings import TuningSettings
from tuning.checkpoints import RunState, trainable
from tuning.cost import memory_mb, peak_memory_mb, reset_peak
from tuning.gradients import Gradients
from tuning.lessons import Lesson, mean_loss
from tuning.memory import free_unused, is_out_of_memory, limit_mb
from tuning.parallel import ALONE, Team
from tuning.prompts import Encoded
from tuning.settings import parameter_groups
from tuning.sharding import own

__all__ = ["Rehearsal"]

SHARES = (0.125, 0.5, 1.0)  # of the largest part, tried one after the other
TIMED = 1  # parts of usual size that are timed beside the largest
# On a CPU each new shape of a part leaves kernels and gaps among small blocks behind: in 10 and 63 steps of LoRA on
# Gemma 3 270M 0.23 and 0.31 of what the parts had taken.
GROWTH = 0.25
LOOKED_AT = 2000  # steps of the first epoch among which the largest part is looked for


class Rehearsal:
    """Parts of the run that is about to begin, tried out."""

    def __init__(self, model: Any, lesson: Lesson, settings: TuningSettings, state: RunState, team: Team) -> None:
        self._model, self._lesson, self._settings, self._team = model, lesson, settings, team
        self._device = model.device
        one = team if team.shards else ALONE
        self.gradients = Gradients(model, lesson, settings, tokens=state.tokens_at_once, spare=state.spare, team=one)
        self.notes: list[str] = []
        given = settings.memory_mb
        self.before = reset_peak(self._device)
        self._start = memory_mb(self._device)
        self.limit = limit_mb(self._device, given=given, sharing=team.on_machine)
        # The best weights so far, the optimiser's moments and gradients come on top of what a part is seen to take.
        self._learning = sum(own(p).nbytes for p in trainable(model).values()) / 1e6
        self._later = 3 * self._learning
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
        copies = [own(part.detach()).cpu().clone() for part in trainable(self._model).values()]
        moments = self._moments()
        parts = [self._largest(), *(list(self._parts(TIMED)) or [self._largest()])]
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

    def grown(self, peak: float, copies: int = 4) -> float:
        """What a whole run comes to, whose parts have more shapes than were tried here.

        So many copies of what learns (gradient, two moments, the best so far) are in `peak`, and don't grow.
        """
        if self._device.type == "cuda":
            return peak
        return peak + GROWTH * max(0.0, peak - self._start - copies * self._learning)

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
            if not self._team.shards:  # where weights are shared out all processes have to run as often
                if met and tokens <= met[-1][0]:
                    continue
                if len(met) > 1 and (foretold := _line(met, whole) + self._later) > self.limit:
                    return foretold
            try:
                self._run(part)
            except (RuntimeError, MemoryError) as error:
                if self._team.shards or not is_out_of_memory(error):
                    raise
                return math.inf
            met.append((tokens, peak_memory_mb(self._device)))
        return self.grown(met[-1][1], copies=1) + self._later

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
        """The part of the first epoch with most tokens; all parts are of one size where pairs are short.

        A process that has nothing to do, there being more of them than pairs in a step, is given a pair.
        """
        return max(self._parts(), key=lambda part: sum(len(p.ids) for p in part), default=[self._lesson.train[0]])

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
