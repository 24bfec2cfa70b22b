"""Several adapters of one base as one new adapter."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import torch
from torch.nn.functional import pad

from tamiz.errors import InputError
from tamiz.records import RunCard
from tuning.adapted import put_on, save_adapter
from tuning.adapters import Adapter, find_adapter, load_adapter
from tuning.models import find_base
from tuning.quiet import quiet_libraries
from tuning.registry import free_place
from tuning.targets import layer_size
from tuning.trust import NOTHING, Allowed

__all__ = ["How", "merge_adapters"]

How = Literal["linear", "ties", "dare-linear", "dare-ties"]

# peft's forms of these that work on the updates themselves. Its "linear" and "ties" work on the A and B matrices
# apart, whose product then has terms that are in no adapter ("a very rough approximation", says its documentation).
FORMS: dict[How, str] = {
    "linear": "cat",
    "ties": "ties_svd",
    "dare-linear": "dare_linear_svd",
    "dare-ties": "dare_ties_svd",
}


OF_ONE_RUN = ("run_key", "added_from", "reasons", "start")  # settings that say nothing of a mixture


def merge_adapters(
    adapters: Path,
    names: Sequence[str],
    into: str,
    *,
    how: How = "linear",
    weights: Sequence[float] = (),
    density: float = 0.5,
    rank: int | None = None,
    seed: int = 13,
    allowed: Allowed = NOTHING,
) -> Adapter:
    """Save one adapter made of several under the name `into`; those stay as they are.

    linear is the exact weighted sum of their updates (its rank is the sum of theirs). ties keeps each update's
    largest share (`density`) and lets the signs vote, dare-* keeps a random share, scaled up; both are then brought
    back to `rank` (default: the sum of the ranks, or what the widest layer has). Weights are 1 over their number where
    none are given.
    """
    place = free_place(adapters, into)
    parts = _checked(adapters, names, weights, density)
    shares = [float(weight) for weight in weights] or [1 / len(parts)] * len(parts)
    loaded = load_adapter(parts[0], device="cpu", allowed=allowed)
    inner = ["default", *(f"part{n}" for n in range(1, len(parts)))]
    for adapter, name in zip(parts[1:], inner[1:], strict=True):
        put_on(loaded.model, adapter, beside=name)
    configs = [loaded.model.peft_config[name] for name in inner]
    _check_configs(parts, configs)
    most = _new_rank(loaded.model, configs, rank)
    for config in configs:
        config.use_rslora = False  # its scale is in the layers already; the new adapter's is 1
    options: dict[str, Any] = {} if how == "linear" else {"density": density, "svd_rank": most}
    if how != "linear":
        options["svd_full_matrices"] = False
    with quiet_libraries(), torch.random.fork_rng():
        torch.manual_seed(seed)
        loaded.model.add_weighted_adapter(inner, shares, "merged", combination_type=FORMS[how], **options)
    _fill_up(loaded.model, loaded.model.peft_config["merged"].r)
    loaded.model.set_adapter("merged")
    for name in inner:
        loaded.model.delete_adapter(name)
    about = {"from": list(names), "weights": shares, "how": how, "seed": seed}
    about |= {} if how == "linear" else {"density": density}
    card = _card(parts, into, about, loaded.model)
    save_adapter(loaded.model, card, place, find_base(card.base, allowed).folder or place)
    return find_adapter(adapters, into)


def _checked(adapters: Path, names: Sequence[str], weights: Sequence[float], density: float) -> list[Adapter]:
    if len(names) < 2 or len(set(names)) < len(names):
        raise InputError("name two adapters or more to merge, each once")
    if weights and len(weights) != len(names):
        raise InputError(f"{len(weights)} weights were given for {len(names)} adapters; give one each")
    for name, weight in zip(names, weights, strict=False):
        if not math.isfinite(weight):
            raise InputError(f"the weight of {name} is {weight}; give a number, such as 0.5")
    if not 0 < density < 1:
        raise InputError(f"density is {density}; give a share above 0 and below 1, such as 0.5")
    parts = [find_adapter(adapters, name) for name in names]
    first = parts[0].card
    for adapter in parts:
        if adapter.card.task != "causal" or adapter.card.settings.get("method") == "full":
            raise InputError(f"{adapter.name} is no adapter that answers; only such can be merged")
        if adapter.card.base != first.base:
            raise InputError(
                f"{adapter.name} is on {adapter.card.base}, {parts[0].name} on {first.base}: no common base"
            )
    return parts


def _check_configs(parts: Sequence[Adapter], configs: Sequence[Any]) -> None:
    for adapter, config in zip(parts, configs, strict=True):
        if config.use_dora:
            raise InputError(f"{adapter.name} uses DoRA, whose update cannot be added to others; train it without")
        if config.modules_to_save or config.bias != "none":
            raise InputError(f"{adapter.name} has whole modules of its own, which cannot be merged; train it without")


def _new_rank(model: Any, configs: Sequence[Any], rank: int | None) -> int:
    """The rank to bring a mixture back to: no layer has more than its smaller side."""
    layers = [layer_size(part.get_base_layer()) for part in model.modules() if getattr(part, "lora_A", None)]
    most = max((min(size) for size in layers), default=0)
    wanted = rank or sum(max(config.r, *config.rank_pattern.values(), 0) for config in configs)
    if rank and most and rank > most:
        raise InputError(f"rank is {rank}, and the widest layer that gets an update has rank {most} at most; give less")
    return min(wanted, most or wanted)


def _fill_up(model: Any, rank: int) -> None:
    """Give every layer's update the rank that the config says, with rows and columns of 0, as "cat" does.

    peft cuts a layer's decomposition at what it has, and would not load it again. One rank throughout also keeps the
    mixture loadable by what knows no ranks by layer, such as vLLM.
    """
    for name, part in model.named_parameters():
        if ".lora_A.merged." in name:
            part.data = pad(part.data, (0, 0, 0, rank - part.shape[0]))
        elif ".lora_B.merged." in name:
            part.data = pad(part.data, (0, rank - part.shape[1]))


def _card(parts: Sequence[Adapter], name: str, about: dict[str, Any], model: Any) -> RunCard:
    """The first one's card, with what was merged and without scores or verdict: nothing was proved of the mixture."""
    first = parts[0].card
    versions = list(dict.fromkeys(adapter.card.dataset_version for adapter in parts))
    hashes = list(dict.fromkeys(adapter.card.dataset_hash for adapter in parts))
    about = {**about, "data": hashes}
    one = hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    config = model.peft_config["merged"]
    kept = {key: value for key, value in first.settings.items() if key not in OF_ONE_RUN}
    lora = {**kept.get("lora", {}), "r": config.r, "alpha": config.lora_alpha, "rank_pattern": {}, "alpha_pattern": {}}
    lora |= {"rslora": False, "init": "default"}
    trainable = sum(part.numel() for key, part in model.named_parameters() if ".merged." in key)
    return replace(
        first,
        name=name,
        dataset_version="+".join(versions),
        dataset_hash=one,
        started_at=now,
        finished_at=now,
        settings={**kept, "lora": lora, "merged": about},
        parameters={**first.parameters, "trainable": trainable},
        cost=dict.fromkeys(("seconds", "training_seconds", "steps", "tokens", "peak_memory_mb"), 0.0),
        curves={},
        results={},
        samples=(),
        proof={},
    )
