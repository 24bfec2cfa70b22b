"""The gradient of a step's mean loss, taken in parts that fit into memory.

The parts' gradients are summed, so a smaller part changes how long a step takes and never what it does. When memory
runs out the step is begun again with parts of half the size; once a pair alone is too large, the activations are
worked out twice instead of kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from tamiz.errors import OutOfRoom
from tamiz.settings import TuningSettings
from tuning.lessons import Lesson
from tuning.memory import free_unused, is_out_of_memory
from tuning.noise import EmbeddingNoise
from tuning.parallel import ALONE, Team
from tuning.prompts import Encoded

__all__ = ["Gradients", "usual_tokens"]

CPU_TOKENS, GPU_TOKENS = 512, 16384  # of one forward and backward pass


def usual_tokens(device: torch.device, settings: TuningSettings) -> int:
    """Tokens of one pass where nothing else is known."""
    return settings.tokens_at_once or (GPU_TOKENS if device.type == "cuda" else CPU_TOKENS)


class Gradients:
    """Calls give a step's mean loss and leave its gradient in the model.

    `tokens` and `spare` are the size of a part and whether activations are worked out twice; both may change when
    memory runs out, and `events` has a line for each time. `asked` and `due` say whether any process wants to stop
    or to save, as of the last step.
    """

    def __init__(
        self,
        model: Any,
        lesson: Lesson,
        settings: TuningSettings,
        *,
        tokens: int = 0,
        spare: bool = False,
        team: Team = ALONE,
    ) -> None:
        self._model, self._lesson, self._team = model, lesson, team
        self._parts = [part for part in model.parameters() if part.requires_grad]
        self._noise = EmbeddingNoise(model, settings.neftune)
        self.tokens = tokens or usual_tokens(model.device, settings)
        self.spare = False
        if spare:
            self.spare_memory()
        self.events: list[dict[str, Any]] = []
        self.asked = self.due = False

    def __call__(self, pairs: Sequence[Encoded], step: int, *, asked: bool = False, due: bool = False) -> float:
        self._model.train()
        count, mine = sum(pair.counted for pair in pairs), self._team.share(pairs)
        while True:
            before = random_states(self._model.device)
            mean, failed = self._add_up(mine, count)
            told = [mean or 0.0, float(mean is None), float(asked), float(due)]
            loss, short, wish, wants = self._team.sum_gradients(self._parts, told)
            self.asked, self.due = wish > 0, wants > 0
            if not short:
                return loss
            self._forget()
            free_unused(self._model.device)
            self._make_smaller(failed, step)
            set_random_states(before, self._model.device)

    def spare_memory(self) -> bool:
        """Keep fewer activations from now on; False where the model cannot."""
        self.spare = self.spare or self._lesson.spare_memory(True)
        return self.spare

    def part_loss(self, part: Sequence[Encoded], count: int, *, counts: bool = True) -> float:
        """One part's share of the mean loss; its gradient is added to what is there. Both 0 if it does not count."""
        batch = self._lesson.collate(part)
        with self._noise.on(batch), self._team.hearing():
            loss, _ = self._lesson.loss(batch)
            (loss * int(counts) / count).backward()  # type: ignore[no-untyped-call]
        return float(loss.detach()) * int(counts) / count

    def _add_up(self, mine: Sequence[Encoded], count: int) -> tuple[float | None, Sequence[Encoded]]:
        """The mean loss over this process' pairs; None, and the part it happened with, where memory ran out."""
        self._forget()
        mean, part = 0.0, list(mine[:1])
        try:
            pieces = self._lesson.pieces(mine, self.tokens)
            for part, counts in self._team.in_step(pieces, self._lesson.train, self._model.device):
                mean += self.part_loss(part, count, counts=counts)
        except (RuntimeError, MemoryError) as error:
            # Where weights are shared out the others wait inside the model: they cannot begin the step again.
            if self._team.shards or not is_out_of_memory(error):
                raise
            return None, part
        return mean, ()

    def _make_smaller(self, failed: Sequence[Encoded], step: int) -> None:
        """Half the tokens at once, or fewer activations; OutOfRoom where neither is left."""
        size = min(self.tokens, sum(len(pair.ids) for pair in failed)) if failed else self.tokens
        told = [float(len(failed) or 2**30), float(size)]
        pairs, size = (int(least) for least in self._team.least(told, self._model.device))
        if pairs > 1:
            self.tokens = max(1, size // 2)
            happened = f"parts of {self.tokens} tokens from here on"
        elif not self.spare and self.spare_memory():
            happened = "activations are worked out twice from here on"
        else:
            raise OutOfRoom(
                f"memory ran out at step {step + 1} with one pair at a time. Lower [tuning] max_tokens, "
                "choose a smaller base, or close other programs"
            )
        self.events.append({"step": step + 1, "what": "memory ran out", "then": happened})

    def _forget(self) -> None:
        for part in self._parts:
            part.grad = None


def random_states(device: torch.device) -> list[torch.Tensor]:
    """The random generators' states: the CPU's, and the device's where it has one."""
    return [torch.get_rng_state(), *([torch.cuda.get_rng_state(device)] if device.type == "cuda" else [])]


def set_random_states(states: Sequence[torch.Tensor], device: torch.device) -> None:
    torch.set_rng_state(states[0])
    if device.type == "cuda" and len(states) > 1:
        torch.cuda.set_rng_state(states[1], device)
