"""Several processes on one run: each takes its share of a step's pairs, and their gradients are summed.

torchrun and `accelerate launch` tell each process its number and where the others are; `tamiz tune --processes N`
does the same on one machine. The sum is taken over the trained weights alone, which are few beside a frozen base,
after the last part of a step: so an optimiser step is the one that a single process would have taken. With
[tuning] parallel = "fsdp" each process keeps a part of the blocks' weights alone (tuning/sharding.py).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from tamiz.errors import EngineError
from tuning.launch import team_size
from tuning.prompts import Encoded
from tuning.sharding import is_shared_out

__all__ = ["ALONE", "PeerLost", "Team", "joined_team"]

T = TypeVar("T")
TRANSPORTS = ("gloo", "nccl")  # one of them names itself in the error of a lost connection
BUCKET = 2**24  # numbers that are summed in one go
PATIENCE = timedelta(minutes=30)  # for the slowest process of a step
PROOF = timedelta(days=7)  # the others wait while the first one proves and saves


class PeerLost(EngineError):
    """Another process of this run has ended or cannot be reached."""


class Team:
    """The processes of one run, seen from one of them. A team of one agrees with itself at no cost.

    `shards` says that the model's weights are shared out among them.
    """

    def __init__(
        self, rank: int = 0, size: int = 1, *, on_machine: int = 1, talk: Any = None, shards: bool = False
    ) -> None:
        self.rank, self.size, self.on_machine, self.shards = rank, size, on_machine, shards
        self._talk = talk  # the group for what is said beside numbers; it has patience

    @property
    def is_first(self) -> bool:
        """Whether this is the process that writes: checkpoints, curves, the card."""
        return self.rank == 0

    def share(self, pairs: Sequence[Encoded]) -> list[Encoded]:
        """This process' part of the pairs: the longest first, each to whom has least to do."""
        if self.size == 1:
            return list(pairs)
        loads, mine = [0] * self.size, []
        for index in sorted(range(len(pairs)), key=lambda n: (-len(pairs[n].ids), n)):
            whom = min(range(self.size), key=lambda rank: (loads[rank], rank))
            loads[whom] += len(pairs[index].ids)
            mine += [pairs[index]] if whom == self.rank else []
        return mine

    def in_step(
        self, parts: Iterable[list[Encoded]], filler: Sequence[Encoded], device: torch.device
    ) -> Iterator[tuple[list[Encoded], bool]]:
        """The parts, each with True.

        Where the weights are shared out, a process can run the model only together with the others: those with fewer
        parts are given the shortest pair of `filler` with False, whose result does not count.
        """
        if not self.shards:
            yield from ((part, True) for part in parts)
            return
        mine = list(parts)
        most = -int(self.least([-len(mine)], device)[0])
        yield from ((part, True) for part in mine)
        for _ in range(most - len(mine)):
            yield [min(filler, key=lambda pair: len(pair.ids))], False

    def sum_gradients(self, parts: Sequence[Tensor], told: Sequence[float]) -> list[float]:
        """Add up everyone's gradients in place, and what everyone told; the sums of the latter.

        FSDP2 has summed those of what is shared out on the way back.
        """
        if self.size == 1:
            return list(told)
        device = parts[0].device
        parts = [part for part in parts if not is_shared_out(part)]
        flat = [(p.grad if p.grad is not None else torch.zeros_like(p)).reshape(-1).float() for p in parts]
        numbers = torch.cat([*flat, torch.tensor(list(told), device=device)])
        for first in range(0, len(numbers), BUCKET):
            self._together(dist.all_reduce, numbers[first : first + BUCKET])
        start = 0
        for part in parts:
            part.grad = numbers[start : start + part.numel()].view_as(part).to(part.dtype)
            start += part.numel()
        return [float(value) for value in numbers[start:].tolist()]

    def sum(self, values: Sequence[float], device: torch.device) -> list[float]:
        """The sums of what everyone tells."""
        return self._reduced(values, device, dist.ReduceOp.SUM)

    def least(self, values: Sequence[float], device: torch.device) -> list[float]:
        """The least of what everyone tells, place by place."""
        return self._reduced(values, device, dist.ReduceOp.MIN)

    def _reduced(self, values: Sequence[float], device: torch.device, how: Any) -> list[float]:
        if self.size == 1:
            return list(values)
        numbers = torch.tensor(list(values), dtype=torch.float64, device=device)
        self._together(dist.all_reduce, numbers, how)
        return [float(value) for value in numbers.tolist()]

    def spread(self, tensors: Mapping[str, Tensor]) -> None:
        """Give every process the first one's numbers, in place; all have the same names and shapes.

        What is shared out was spread before.
        """
        if self.size == 1:
            return
        for part in tensors.values():
            if not is_shared_out(part):
                self._together(dist.broadcast, part.detach(), 0)

    def told_by_first(self, value: T) -> T:
        """What the first process has, in every process: plain values, no tensors. The others wait, days if need be."""
        if self.size == 1:
            return value
        box: list[Any] = [value]
        self._together(dist.broadcast_object_list, box, 0, self._talk)
        told: T = box[0]
        return told

    def tensors_of_first(self, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """The first process' tensors in every process, on the CPU; what the others give is left aside."""
        if self.size == 1:
            return tensors
        shapes = self.told_by_first([(name, tuple(part.shape), part.dtype) for name, part in tensors.items()])
        for name, shape, dtype in shapes:
            part = tensors[name].cpu() if self.is_first else torch.empty(shape, dtype=dtype)
            self._together(dist.broadcast, part, 0, self._talk)
            tensors[name] = part
        return tensors

    def gathered(self, part: Tensor) -> list[Tensor]:
        """Everyone's tensor, in the order of the processes; on the CPU."""
        if self.size == 1:
            return [part]
        boxes: list[Any] = [None] * self.size
        self._together(dist.all_gather_object, boxes, part.cpu(), self._talk)
        return boxes

    def _together(self, work: Callable[..., Any], *arguments: Any) -> None:
        try:
            work(*arguments)
        except RuntimeError as error:  # torch's errors of a lost connection are RuntimeErrors
            raise self._lost(error) from error

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """PeerLost where another process is lost inside the block: FSDP2 talks while the model is worked out."""
        try:
            yield
        except RuntimeError as error:
            lost = isinstance(error, dist.DistError) or any(word in str(error).lower() for word in TRANSPORTS)
            if not (self.shards and lost):
                raise
            raise self._lost(error) from error

    def _lost(self, error: RuntimeError) -> PeerLost:
        first = str(error).strip().split("\n")[0]
        return PeerLost(f"one of the {self.size} processes of this run was lost ({first[:200]})")


ALONE = Team()


@contextmanager
def joined_team(wanted: str, *, shards: bool = False) -> Iterator[Team]:
    """The team that the environment tells of, for as long as the block lasts; `wanted` is [tuning] device.

    On CUDA each process of a machine takes the GPU of its number, and they talk through NCCL; else through gloo.
    """
    size = team_size()
    if size == 1:
        yield ALONE
        return
    local = int(os.environ.get("LOCAL_RANK", "0"))
    on_gpu = wanted in ("auto", "cuda") and torch.cuda.is_available()
    if on_gpu:
        if local >= torch.cuda.device_count():
            raise EngineError(
                f"process {local} of this machine has no GPU: there are {torch.cuda.device_count()}. "
                'Start fewer processes, or give [tuning] device = "cpu"'
            )
        torch.cuda.set_device(local)
    try:
        dist.init_process_group("nccl" if on_gpu else "gloo", timeout=PATIENCE)
    except (RuntimeError, ValueError) as error:
        first = str(error).strip().split("\n")[0]
        raise PeerLost(f"the {size} processes of this run do not find each other ({first[:200]})") from error
    try:
        on_machine = int(os.environ.get("LOCAL_WORLD_SIZE", str(size)))
        talk = dist.new_group(backend="gloo", timeout=PROOF)
        yield Team(dist.get_rank(), size, on_machine=1 if on_gpu else on_machine, talk=talk, shards=shards)
    finally:
        dist.destroy_process_group()
