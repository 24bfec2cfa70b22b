"""What follows from the settings and the model: the adapter's recipe, who learns how fast, and how the rate goes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from peft import EvaConfig, LoraConfig, TaskType
from transformers.pytorch_utils import Conv1D

from tamiz.errors import SettingsError
from tamiz.settings import LoraSettings, TuningSettings
from tamiz.settings.tuning import ALL_LINEAR, QUERY_VALUE
from tuning.presets import CUT_RANK
from tuning.sharding import is_shared_out
from tuning.targets import block_lists, chosen_targets, classifier_heads, endings, layer_size, linear_layers

__all__ = ["cut_ranks", "learning_rate", "lora_config", "parameter_groups", "within_ranks"]

# peft's own words for how an update starts. EVA keeps every rank: other ranks are rank_pattern's to give.
INITS: dict[str, bool | str] = {
    "default": True,
    "gaussian": "gaussian",
    "pissa": "pissa",
    "olora": "olora",
    "eva": "eva",
}


def lora_config(model: Any, task: str, settings: LoraSettings) -> LoraConfig:
    """The adapter's recipe; SettingsError where a name, a rank or a start does not fit the model."""
    targets = chosen_targets(model, task, settings.targets)
    layers, patterns = _layers(model, settings.layers)
    turned = any(type(part) is Conv1D for part in model.modules())
    if turned and settings.init == "olora":
        raise SettingsError('[tuning.lora] init is "olora", which peft cannot do for Conv1D (GPT-2); give "pissa"')
    saved = [*_modules_to_save(model, settings), *(classifier_heads(model) if task == "classify" else ())]
    _check_ranks(model, targets, layers, settings)
    ranks, alphas = _within_ranks(model, targets, settings)
    return LoraConfig(
        task_type=TaskType.SEQ_CLS if task == "classify" else TaskType.CAUSAL_LM,
        r=settings.r,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=list(targets),
        layers_to_transform=layers,
        layers_pattern=patterns,
        modules_to_save=list(dict.fromkeys(saved)) or None,
        init_lora_weights=INITS[settings.init],  # type: ignore[arg-type]
        eva_config=EvaConfig(rho=1.0) if settings.init == "eva" else None,
        use_rslora=settings.rslora,
        use_dora=settings.dora,
        rank_pattern=ranks,
        alpha_pattern=alphas,
        fan_in_fan_out=turned,
    )


def within_ranks(model: Any, settings: TuningSettings) -> TuningSettings:
    """The settings with the reasons why some layers' updates have less than the rank that was asked for."""
    cut = cut_ranks(model, settings)
    return replace(settings, reasons=(*settings.reasons, *cut)) if cut else settings


def cut_ranks(model: Any, settings: TuningSettings) -> tuple[str, ...]:
    """A line for each rank below `lora.r` that the layers' size forced, and no pattern asked for."""
    if settings.method == "full":
        return ()
    names: dict[int, list[str]] = {}
    for name, rank in sorted(model.peft_config["default"].rank_pattern.items()):
        if name not in settings.lora.rank_pattern and rank < settings.lora.r:
            names.setdefault(rank, []).append(name)
    return tuple(
        f"{CUT_RANK}{', '.join(some)} = {rank}: the highest rank that fits there; lora.r is {settings.lora.r}"
        for rank, some in sorted(names.items())
    )


def parameter_groups(model: Any, settings: TuningSettings) -> list[dict[str, Any]]:
    """The parameters that learn, for an optimiser: no decay on biases and norms, LoRA+'s ratio on the B matrices.

    Every group has its `ratio`: its rate is the schedule's times that. The order follows the model's. What is shared
    out among processes has groups of its own: an optimiser takes no mixture.
    """
    ratio = settings.lora.loraplus if settings.method != "full" else 1.0
    groups: dict[tuple[float, float, bool], list[Any]] = {}
    for name, part in model.named_parameters():
        if part.requires_grad:
            times = ratio if "lora_B" in name else 1.0
            decay = settings.weight_decay if part.ndim > 1 else 0.0
            groups.setdefault((times, decay, is_shared_out(part)), []).append(part)
    return [
        {"params": parts, "ratio": times, "weight_decay": decay, "lr": settings.learning_rate * times}
        for (times, decay, _), parts in groups.items()
    ]


def learning_rate(
    step: int, steps: int, *, peak: float, warmup_share: float, schedule: str = "cosine", decay_share: float = 0.2
) -> float:
    """The rate of step 0, 1, ...: a straight rise over the share, then as the schedule has it.

    cosine and linear fall to zero; wsd (warm-up, stable, decay) stays at its peak and falls over the last
    `decay_share` of the steps as 1 - sqrt, which ends lower than a line does (Hägele et al., 2024).

    >>> [round(learning_rate(step, 10, peak=1.0, warmup_share=0.2), 2) for step in (0, 1, 2, 6, 9)]
    [0.5, 1.0, 1.0, 0.5, 0.04]
    >>> [round(learning_rate(n, 10, peak=1.0, warmup_share=0.2, schedule="wsd"), 2) for n in (1, 7, 8, 9)]
    [1.0, 1.0, 1.0, 0.29]
    """
    rise = math.ceil(steps * warmup_share)
    if step < rise:
        return peak * (step + 1) / rise
    place = (step - rise) / max(1, steps - rise)
    if schedule == "cosine":
        return peak * 0.5 * (1 + math.cos(math.pi * place))
    if schedule == "linear":
        return peak * (1 - place)
    if schedule == "wsd":
        fall = max(1, math.ceil(steps * decay_share))
        return peak * (1 - math.sqrt(max(0, step - (steps - fall)) / fall))
    return peak


def _layers(model: Any, wanted: tuple[int, ...]) -> tuple[list[int] | None, list[str] | None]:
    """The blocks to adapt as peft wants them: numbers from 0, and the names of the lists that they are in."""
    if not wanted:
        return None, None
    lists = block_lists(model)
    count = max(lists.values(), default=0)
    for number in wanted:
        if not -count <= number < count:
            raise SettingsError(f"[tuning.lora] layers names block {number}; this model has 0 to {count - 1}")
    return sorted({number % count for number in wanted}), list(lists)


def _modules_to_save(model: Any, settings: LoraSettings) -> list[str]:
    """Full names: peft takes every module whose name ends so, and "norm" would be each block's input_layernorm too."""
    names = [name for name, _ in model.named_modules() if name]
    for wanted in settings.modules_to_save:
        if not any(name == wanted or name.endswith(f".{wanted}") for name in names):
            tops = sorted({name.rsplit(".", 1)[-1] for name, part in model.named_modules() if name and _is_leaf(part)})
            raise SettingsError(
                f"[tuning.lora] modules_to_save names {wanted!r}, no module of this model; there are: {', '.join(tops)}"
            )
    return [n for n in names if any(n == w or n.endswith(f".{w}") for w in settings.modules_to_save)]


def _is_leaf(part: Any) -> bool:
    return not any(True for _ in part.children()) and any(True for _ in part.parameters())


def _check_ranks(model: Any, targets: tuple[str, ...], layers: list[int] | None, settings: LoraSettings) -> None:
    """SettingsError for a pattern that names no target, and for a rank that a target's weight does not have."""
    names = [name for name in linear_layers(model) if any(name == t or name.endswith(f".{t}") for t in targets)]
    for table, pattern in (("rank_pattern", settings.rank_pattern), ("alpha_pattern", settings.alpha_pattern)):
        for key in pattern:
            if not any(_matches(key, name, table) for name in names):
                there = ", ".join(endings(names))
                raise SettingsError(f"[tuning.lora.{table}] names {key!r}, which gets no update; give some of: {there}")
    parts = dict(model.named_modules())
    for name in names:
        blocks = [int(piece) for piece in name.split(".") if piece.isdigit()]
        if layers is not None and not set(blocks[:1]) & set(layers):
            continue
        rank, most = _rank_of(name, settings.rank_pattern, settings.r), min(layer_size(parts[name]))
        asked = _is_named(settings) or any(_matches(key, name, "rank_pattern") for key in settings.rank_pattern)
        if rank > most and asked:
            raise SettingsError(
                f"[tuning.lora] r is {rank}, and {name} has rank {most} at most; give less, or in "
                f"[tuning.lora.rank_pattern] {name.rsplit('.', 1)[-1]} = {most}"
            )


def _within_ranks(
    model: Any, targets: tuple[str, ...], settings: LoraSettings
) -> tuple[dict[str, int], dict[str, float]]:
    """rank_pattern and alpha_pattern, with what layers that nobody named have at most, scaled as the others are.

    Mamba's dt_proj has a sixteenth of the model's width.
    """
    ranks: dict[str, int] = dict(settings.rank_pattern)
    alphas: dict[str, float] = dict(settings.alpha_pattern)
    if _is_named(settings):
        return ranks, alphas
    parts = dict(model.named_modules())
    names = [name for name in linear_layers(model) if any(name == t or name.endswith(f".{t}") for t in targets)]
    for ending in endings(names):
        own = [name for name in names if name.rsplit(".", 1)[-1] == ending]
        most = min(min(layer_size(parts[name])) for name in own)
        if most < settings.r and not any(_matches(key, own[0], "rank_pattern") for key in settings.rank_pattern):
            share = most / settings.r
            ranks[ending] = most
            alphas.setdefault(ending, settings.alpha * (math.sqrt(share) if settings.rslora else share))
    return ranks, alphas


def _is_named(settings: LoraSettings) -> bool:
    """Whether somebody named the layers, rather than what they are to be."""
    return bool(settings.targets) and settings.targets not in ((ALL_LINEAR,), (QUERY_VALUE,))


def _rank_of(name: str, pattern: Mapping[str, int], usual: int) -> int:
    return next((rank for key, rank in pattern.items() if _matches(key, name, "rank_pattern")), usual)


def _matches(key: str, name: str, table: str) -> bool:
    """As peft reads its patterns: a name's end, whole parts of it, or a regular expression."""
    try:
        return re.match(rf"(.*\.)?({key})$", name) is not None
    except re.error as error:
        raise SettingsError(f"[tuning.lora.{table}] {key!r} is no regular expression ({error}); give a name") from None
