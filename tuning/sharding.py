"""FSDP2: the weights of a model's blocks shared out among the processes of a run, and put together block by block.

Each process keeps its part of every block; a block is whole only while it is worked out, in each process at once.
What lies outside the blocks (embeddings, the head) stays whole in every process, for our loss reads the head itself;
so does a LoRA update, which is small and whose gradients the team sums as it does without FSDP2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor

from tamiz.errors import SettingsError
from tuning.full import is_full
from tuning.targets import linear_layers

__all__ = ["clip_gradients", "is_shared_out", "own", "share_of", "shared_out", "whole"]


def shared_out(model: Any, processes: int) -> Any:
    """The model, whose blocks' weights are from now on shared out among the processes; all of them have to call it.

    SettingsError where no blocks are found in it.
    """
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    blocks = _blocks(base)
    if not blocks:
        raise SettingsError(
            f'[tuning] parallel is "fsdp", and {type(base).__name__} has no blocks to share out; give "ddp"'
        )
    mesh = init_device_mesh(base.device.type, (processes,))
    inside = {part for block in blocks for part in block.parameters()}
    kept = {part for part in base.parameters() if part not in inside}
    if not is_full(model):
        kept |= {part for part in inside if part.requires_grad}
    for block in blocks:
        fully_shard(block, mesh=mesh, ignored_params=kept)
    body = _body(base)
    if body is not None and all(any(block is part for part in body.modules()) for block in blocks):
        fully_shard(body, mesh=mesh, ignored_params=kept)  # it holds nothing, and fetches a block ahead of its turn
        blocks.append(body)
    for part in blocks:  # sums, as the team takes them of what is not shared out; gloo knows no means
        part.set_gradient_divide_factor(1.0)
        part.set_force_sum_reduction_for_comms(True)
    return model


def is_shared_out(part: Tensor) -> bool:
    """Whether a process holds its part of these numbers alone."""
    return isinstance(part, DTensor)


def own(part: Tensor) -> Tensor:
    """The numbers that this process holds: its part, or all where they are not shared out."""
    return part.to_local() if isinstance(part, DTensor) else part


def share_of(numbers: Tensor, part: Tensor) -> Tensor:
    """Of whole numbers, which every process has, what belongs to `part`."""
    if not isinstance(part, DTensor):
        return numbers.to(part.device)
    return distribute_tensor(numbers.to(part.device), part.device_mesh, part.placements, src_data_rank=None)


def whole(numbers: Tensor, part: Tensor) -> Tensor:
    """Numbers that belong to `part`, put together from all processes, which have to call it together."""
    if not isinstance(part, DTensor):
        return numbers
    if not isinstance(numbers, DTensor):
        shape: dict[str, Any] = {"shape": part.shape, "stride": part.stride()}
        numbers = DTensor.from_local(
            numbers.to(part.device), part.device_mesh, part.placements, run_check=False, **shape
        )
    return numbers.full_tensor()


def clip_gradients(parts: Sequence[Tensor], squares: Any, most: float) -> float:
    """Scale the gradients down to the norm `most`, and their norm before.

    `squares` sums over the processes the squares of what is shared out; torch's own way takes no mixture of both kinds.
    """
    found = [0.0, 0.0]
    for part in parts:
        if part.grad is not None:
            found[is_shared_out(part)] += float(own(part.grad).double().square().sum())
    norm = float((found[0] + squares([found[1]])[0]) ** 0.5)
    if norm > most:
        for part in parts:
            if part.grad is not None:
                own(part.grad).mul_(most / (norm + 1e-6))  # as torch.nn.utils.clip_grad_norm_ has it
    return norm


def _blocks(base: Any) -> list[Any]:
    """The repeated blocks: the outermost modules with a number for a name that hold linear layers."""
    names = []
    for name in linear_layers(base):
        parts = name.split(".")
        place = next((place for place, part in enumerate(parts) if part.isdigit()), None)
        if place is not None:
            names.append(".".join(parts[: place + 1]))
    modules = dict(base.named_modules())
    return [modules[name] for name in dict.fromkeys(names)]


def _body(base: Any) -> Any:
    """What holds the blocks and is called for every loss; None where it cannot be told."""
    decoder = base.get_decoder() if hasattr(base, "get_decoder") else None
    body = decoder if decoder is not None else getattr(base, base.base_model_prefix, None)
    return None if body is base or not isinstance(body, nn.Module) else body
