"""What follows from the settings and the model: which layers get an update, and how the learning rate goes."""

from __future__ import annotations

import math
from typing import Any

from peft import LoraConfig, TaskType
from torch import nn
from transformers.pytorch_utils import Conv1D

from tamiz.errors import SettingsError
from tamiz.settings import LoraSettings

__all__ = ["classifier_heads", "find_targets", "learning_rate", "lora_config"]

# Query and value projections of encoders, by the names their architectures use.
QUERY_VALUE = {"query", "value", "q_lin", "v_lin", "query_proj", "value_proj", "q_proj", "v_proj", "in_proj", "Wqkv"}


def find_targets(model: Any, task: str) -> tuple[str, ...]:
    """The names of the modules that get an update, found by looking at the model.

    A causal model gets one on every linear layer of its blocks (GPT-2's Conv1D is one), never on the
    head: measured, query and value alone learn far less. An encoder that classifies gets one on query
    and value, for its head is trained beside them.
    """
    inside = _block_layers(model)
    if task == "classify":
        chosen = [name for name in inside if name.rsplit(".", 1)[-1] in QUERY_VALUE]
        inside = chosen or inside
    if not inside:
        kind = type(model).__name__
        raise SettingsError(f"{kind} has no linear layers to adapt; name some in [tuning.lora] targets")
    return tuple(sorted({name.rsplit(".", 1)[-1] for name in inside}))


def classifier_heads(model: Any) -> tuple[str, ...]:
    """The modules that are trained and saved in full: those on top of the encoder, which start untrained.

    BERT's pooler is one of them, for many encoders come without its weights.
    """
    body = model.base_model_prefix
    tops = [name for name, part in model.named_children() if name != body and any(True for _ in part.parameters())]
    pooler = getattr(getattr(model, body, None), "pooler", None)
    return (*tops, "pooler") if pooler is not None else tuple(tops)


def lora_config(model: Any, task: str, settings: LoraSettings) -> LoraConfig:
    """The adapter's recipe; SettingsError when a wanted target is not in the model."""
    targets = settings.targets or find_targets(model, task)
    endings = {name.rsplit(".", 1)[-1] for name in _linear_layers(model)}
    for target in targets:
        if target.rsplit(".", 1)[-1] not in endings:
            raise SettingsError(
                f"[tuning.lora] targets names {target!r}, no linear layer of this model; give some of: "
                f"{', '.join(sorted(endings))}, or leave it out"
            )
    return LoraConfig(
        task_type=TaskType.SEQ_CLS if task == "classify" else TaskType.CAUSAL_LM,
        r=settings.r,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=list(targets),
        modules_to_save=list(classifier_heads(model)) if task == "classify" else None,
        fan_in_fan_out=any(type(part) is Conv1D for part in model.modules()),
    )


def learning_rate(step: int, steps: int, *, peak: float, warmup_share: float) -> float:
    """The rate of step 0, 1, ...: a straight rise over the share, then half a cosine down to zero.

    >>> [round(learning_rate(step, 10, peak=1.0, warmup_share=0.2), 2) for step in (0, 1, 2, 6, 9)]
    [0.5, 1.0, 1.0, 0.5, 0.04]
    """
    rise = math.ceil(steps * warmup_share)
    if step < rise:
        return peak * (step + 1) / rise
    return peak * 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, steps - rise)))


def _linear_layers(model: Any) -> list[str]:
    return [name for name, part in model.named_modules() if isinstance(part, nn.Linear | Conv1D)]


def _block_layers(model: Any) -> list[str]:
    """Linear layers inside the repeated blocks: their path has a block's number in it."""
    return [name for name in _linear_layers(model) if any(part.isdigit() for part in name.split("."))]
