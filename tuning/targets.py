"""Which modules of a model learn, found by how the model is built: blocks, attention, query and value, heads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn
from transformers.pytorch_utils import Conv1D

from tamiz.errors import SettingsError
from tamiz.settings.tuning import ALL_LINEAR, QUERY_VALUE

__all__ = [
    "block_lists",
    "chosen_targets",
    "classifier_heads",
    "endings",
    "find_targets",
    "layer_size",
    "linear_layers",
    "query_value_layers",
]

STATE_SPACE = {"mamba", "mamba2", "falcon_mamba", "falcon_h1", "nemotron_h"}  # as peft has them


def find_targets(model: Any, task: str) -> tuple[str, ...]:
    """The names of the modules that get an update where none are named.

    A causal model gets one on every linear layer of its blocks (GPT-2's Conv1D is one), never on the
    head: measured, query and value alone learn far less. An encoder that classifies gets one on query
    and value, for its head is trained beside them; where none can be told apart, on every linear layer.
    """
    inside = [name for name in _block_layers(model) if name.rsplit(".", 1)[-1] not in _refused(model)]
    if task == "classify":
        inside = query_value_layers(model) or inside
    if not inside:
        kind = type(model).__name__
        raise SettingsError(f"{kind} has no linear layers to adapt; name some in [tuning.lora] targets")
    return endings(inside)


def chosen_targets(model: Any, task: str, wanted: Sequence[str]) -> tuple[str, ...]:
    """[tuning.lora] targets as names of modules. SettingsError for a name that is no linear layer of the model."""
    if tuple(wanted) == (ALL_LINEAR,):
        return find_targets(model, "causal")
    if tuple(wanted) == (QUERY_VALUE,):
        found = query_value_layers(model)
        if not found:
            advice = f'name some, or give "{ALL_LINEAR}"; it has: {", ".join(endings(linear_layers(model)))}'
            raise SettingsError(f'[tuning.lora] targets is "{QUERY_VALUE}", and no attention shows them; {advice}')
        return endings(found)
    there = linear_layers(model)
    for target in wanted:
        if target.rsplit(".", 1)[-1] in _refused(model):
            raise SettingsError(
                f"[tuning.lora] targets names {target!r}, whose weight a {model.config.model_type} model uses without "
                f'calling the layer: an update on it would do nothing. Leave it out, or give "{ALL_LINEAR}"'
            )
        if not any(name == target or name.endswith(f".{target}") for name in there):
            raise SettingsError(
                f"[tuning.lora] targets names {target!r}, no linear layer of this model; give some of: "
                f"{', '.join(endings(there))}, or leave it out"
            )
    return tuple(wanted) or find_targets(model, task)


def query_value_layers(model: Any) -> list[str]:
    """Query and value projections by their full names: of every attention, the layers called q... and v....

    An attention that makes query, key and value in one product (GPT-2's c_attn, ModernBERT's Wqkv) gives that
    product: the one layer in it that gives out more than it takes in.
    """
    found: list[str] = []
    layers = dict(_linear(model))
    for attention in _attentions(model):
        inside = [name for name in layers if name.startswith(f"{attention}.")]
        apart = [name for name in inside if _is_query_or_value(name.rsplit(".", 1)[-1])]
        found += apart or [name for name in inside if _widens(layers[name])]
    return found


def classifier_heads(model: Any) -> tuple[str, ...]:
    """The modules that are trained and saved in full: those on top of the encoder, which start untrained.

    BERT's pooler is one of them, for many encoders come without its weights.
    """
    body = model.base_model_prefix
    tops = [name for name, part in model.named_children() if name != body and any(True for _ in part.parameters())]
    pooler = getattr(getattr(model, body, None), "pooler", None)
    return (*tops, "pooler") if pooler is not None else tuple(tops)


def block_lists(model: Any) -> dict[str, int]:
    """The model's lists of blocks by the last part of their name ("layers", "h", "layer"), and how many blocks each."""
    found: dict[str, int] = {}
    for name in _block_layers(model):
        parts = name.split(".")
        place = next(place for place, part in enumerate(parts) if part.isdigit())
        found[parts[place - 1]] = max(found.get(parts[place - 1], 0), int(parts[place]) + 1)
    return found


def linear_layers(model: Any) -> list[str]:
    """Full names of the linear layers; GPT-2's Conv1D is one."""
    return [name for name, _ in _linear(model)]


def layer_size(layer: Any) -> tuple[int, int]:
    """How many numbers a layer takes in and gives out; weights in 4 bits lie packed and have another shape."""
    if isinstance(layer, Conv1D):
        return layer.nx, layer.nf
    return int(layer.in_features), int(layer.out_features)


def endings(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({name.rsplit(".", 1)[-1] for name in names}))


def _refused(model: Any) -> frozenset[str]:
    """Layers that peft takes no update on: Mamba's kernels use their weights without calling them."""
    kind = getattr(getattr(model, "config", None), "model_type", "")
    return frozenset({"out_proj", "conv1d"} if kind in STATE_SPACE else ())


def _linear(model: Any) -> list[tuple[str, Any]]:
    return [(name, part) for name, part in model.named_modules() if isinstance(part, nn.Linear | Conv1D)]


def _block_layers(model: Any) -> list[str]:
    """Linear layers inside the repeated blocks: their path has a block's number in it."""
    return [name for name in linear_layers(model) if any(part.isdigit() for part in name.split("."))]


def _attentions(model: Any) -> list[str]:
    """The innermost modules inside blocks that are called attention, by name or by class, and hold linear layers."""
    named = [
        name
        for name, part in model.named_modules()
        if any(piece.isdigit() for piece in name.split("."))
        and ("att" in name.rsplit(".", 1)[-1].lower() or "attention" in type(part).__name__.lower())
        and not isinstance(part, nn.Linear | Conv1D)
        and any(isinstance(inner, nn.Linear | Conv1D) for inner in part.modules())
        and not name.rsplit(".", 1)[-1].isdigit()
    ]
    return [name for name in named if not any(other.startswith(f"{name}.") for other in named)]


def _is_query_or_value(name: str) -> bool:
    """Whether q_proj, query, v_lin, to_q or wv, not qkv_proj or query_key_value."""
    first = name.lower().removeprefix("to_").removeprefix("w").lstrip("_")
    fused = "qkv" in first or ("query" in first and "value" in first)
    return not fused and first[:1] in {"q", "v"}


def _widens(layer: Any) -> bool:
    taken, given = layer_size(layer)
    return given > taken
