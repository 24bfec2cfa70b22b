"""How an update starts other than at nothing: PiSSA and OLoRA move part of the base into it, EVA looks at the pairs.

PiSSA and OLoRA change the base they are put on, so what they learn would fit no other copy of it. `onto_base` turns
them into a plain update of the base as it was: W + BA - B0A0 is an update of twice the rank.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from peft import LoraConfig, initialize_lora_eva_weights
from peft.tuners.lora import LoraLayer
from torch import Tensor, nn

from tuning.prompts import Encoded
from tuning.quiet import quiet_libraries
from tuning.targets import linear_layers

__all__ = ["MOVING", "keep_starts", "kept_weights", "learnt_count", "onto_base", "start_from_pairs"]

MOVING = ("pissa", "olora")  # the starts that change the base
NAME = "default"  # peft's name of the one adapter
EVA_PAIRS, EVA_AT_ONCE = 64, 8


def kept_weights(model: Any, config: LoraConfig) -> dict[str, Tensor]:
    """Copies of the weights that PiSSA or OLoRA is about to change; none for other starts.

    peft can add the moved part back, but in bfloat16 that rounds: the base of the proof would be another one.
    """
    if config.init_lora_weights not in MOVING:
        return {}
    targets = tuple(config.target_modules or ())
    layers = dict(model.named_modules())
    names = [name for name in linear_layers(model) if any(name == t or name.endswith(f".{t}") for t in targets)]
    return {name: layers[name].weight.detach().cpu().clone() for name in names}


def keep_starts(adapted: Any, weights: dict[str, Tensor]) -> None:
    """Note in an adapted model where its update started, for `onto_base`."""
    if weights:
        layers = _layers(adapted)
        adapted.started = {
            name: (
                weights[name],
                layer.lora_A[NAME].weight.detach().clone(),
                layer.lora_B[NAME].weight.detach().clone(),
            )
            for name, layer in layers.items()
        }


def onto_base(adapted: Any) -> None:
    """Put the base's own weights back and make the update a plain one of twice the rank that says the same.

    Nothing is done to updates that left the base alone. It is called once training is over.
    """
    started = adapted.__dict__.pop("started", None)
    if started is None:
        return
    adapted.learnt = learnt_count(adapted)
    for name, layer in _layers(adapted).items():
        weight, first_a, first_b = started[name]
        base = layer.get_base_layer().weight
        base.data = weight.to(base.device, base.dtype)
        layer.lora_A[NAME] = _linear(torch.cat([layer.lora_A[NAME].weight.data, first_a]))
        layer.lora_B[NAME] = _linear(torch.cat([layer.lora_B[NAME].weight.data, -first_b], dim=1))
        layer.r[NAME] *= 2
        layer.lora_alpha[NAME] = _grown(layer.lora_alpha[NAME], adapted.peft_config[NAME])
    config = adapted.peft_config[NAME]
    config.lora_alpha = _grown(config.lora_alpha, config)
    config.alpha_pattern = {key: _grown(alpha, config) for key, alpha in config.alpha_pattern.items()}
    config.r *= 2
    config.rank_pattern = {key: 2 * rank for key, rank in config.rank_pattern.items()}
    config.init_lora_weights = True


def learnt_count(model: Any) -> int:
    """How many numbers were learnt: those of the update as it was trained."""
    learnt: int | None = model.__dict__.get("learnt")
    return learnt if learnt is not None else sum(part.numel() for part in model.parameters() if part.requires_grad)


def start_from_pairs(adapted: Any, pairs: Sequence[Encoded], pad_id: int) -> None:
    """EVA: start the A matrices along the directions in which the layers' inputs of some training pairs vary most.

    Every layer keeps its rank, for a run that is taken up again has to find the same shapes. Nothing is done for
    other starts.
    """
    config = getattr(adapted, "peft_config", {}).get(NAME)
    if config is None or config.init_lora_weights != "eva":
        return
    some = sorted(pairs[:EVA_PAIRS], key=lambda pair: len(pair.ids))
    batches = [_padded(some[n : n + EVA_AT_ONCE], pad_id, adapted.device) for n in range(0, len(some), EVA_AT_ONCE)]
    with quiet_libraries():
        initialize_lora_eva_weights(adapted, batches, forward_fn=_through_body, show_progress_bar=False)


def _through_body(adapted: Any, inputs: dict[str, Tensor]) -> Any:
    """The blocks alone: scores of every word at every place would take most of the memory, and are not looked at."""
    return adapted.get_base_model().base_model(**inputs)


def _padded(pairs: Sequence[Encoded], pad_id: int, device: torch.device) -> dict[str, Tensor]:
    longest = max(len(pair.ids) for pair in pairs)
    ids = torch.tensor([[*pair.ids, *[pad_id] * (longest - len(pair.ids))] for pair in pairs])
    mask = torch.tensor([[1] * len(pair.ids) + [0] * (longest - len(pair.ids)) for pair in pairs])
    return {"input_ids": ids.to(device), "attention_mask": mask.to(device)}


def _layers(adapted: Any) -> dict[str, Any]:
    """The adapted layers by the names that they have in the base."""
    modules = adapted.get_base_model().named_modules()
    return {name: part for name, part in modules if isinstance(part, LoraLayer)}


def _linear(weight: Tensor) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias=False, device="meta")
    layer.weight = nn.Parameter(weight.contiguous())
    return layer


def _grown(alpha: float, config: LoraConfig) -> float:
    """The alpha that scales an update of twice the rank as `alpha` did; rsLoRA divides by the rank's square root."""
    return alpha * math.sqrt(2) if config.use_rslora else 2 * alpha
