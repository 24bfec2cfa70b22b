"""Adapters that come and go: taken in from another folder, or moved aside with the reason, never lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tamiz.errors import InputError
from tamiz.files import aside, write_whole
from tamiz.records import RunCard, record_dict
from tuning.adapters import Adapter, check_name, find_adapter, read_card
from tuning.trust import NOTHING, Allowed

if TYPE_CHECKING:
    from tuning.models import BaseModel

__all__ = ["REMOVED", "add_adapter", "free_place", "remove_adapter"]

REMOVED = ".removed"  # the folder beside the adapters for those that were taken out
CONFIG, WEIGHTS, CARD = "adapter_config.json", "adapter_model.safetensors", "runcard.json"
PAPERS = ("NOTICE", "GEMMA_TERMS.html", "README.md")
WHOLE = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
         "tokenizer.model", "chat_template.jinja", "vocab.json", "merges.txt")  # fmt: skip
# What a plain LoRA adapter's config may say; whatever else it says must say nothing.
PLAIN_KEYS = {
    "base_model_name_or_path", "bias", "fan_in_fan_out", "inference_mode", "layers_pattern", "layers_to_transform",
    "lora_alpha", "lora_dropout", "modules_to_save", "peft_type", "r", "rank_pattern", "alpha_pattern",
    "target_modules", "task_type", "use_dora", "use_rslora", "exclude_modules",
}  # fmt: skip
IDLE_KEYS = {"peft_version", "revision", "init_lora_weights", "megatron_core", "loftq_config", "qalora_group_size"}
TASKS = {"CAUSAL_LM": "causal", "SEQ_CLS": "classify"}


def add_adapter(source: Path, adapters: Path, name: str, *, base: str = "", allowed: Allowed = NOTHING) -> Adapter:
    """Take in the adapter in `source`: one of tamiz, or LoRA as peft saves it, which `base` names the base of.

    Nothing of it is run, only known files are copied, and an adapter that is there is never replaced. InputError
    says what is wrong with it.
    """
    free_place(adapters, name)
    if not source.is_dir():
        raise InputError(f"{source} is no folder; give the one that holds {CONFIG}")
    own = (source / CARD).is_file()
    card = read_card(source) if own else _card_of_foreign(source, name, base, allowed)
    if own and base and base != card.base:
        raise InputError(f"{source} was made on {card.base}, not on {base}; leave out --base")
    whole = card.settings.get("method") == "full"
    config = None if whole else _checked_config(source, card.base)
    with aside(adapters / name) as folder:
        folder.mkdir()
        weights = sorted(path.name for path in source.glob("*.safetensors")) if whole else [WEIGHTS]
        _copy(source, folder, [*weights, *PAPERS, *(WHOLE if whole else ())])
        if not any(folder.glob("*.safetensors")):
            raise InputError(f"{source} has no {WEIGHTS}; tamiz reads safetensors alone, for a pickle can run code")
        if config is not None:
            (folder / CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        renamed = {**record_dict(card), "name": name}
        (folder / CARD).write_text(json.dumps(renamed, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return find_adapter(adapters, name)


def remove_adapter(adapters: Path, name: str, *, reason: str) -> Path:
    """Move an adapter out of the way, with the reason beside it; the folder that it is in now.

    From there `tamiz adapters add` brings it back.
    """
    adapter = find_adapter(adapters, name)
    if not reason.strip():
        raise InputError("say why it is removed, such as --reason 'trained on the wrong version'")
    now = datetime.now(UTC)
    target = adapters / REMOVED / f"{name}-{now:%Y%m%dT%H%M%S}"
    count = 1
    while target.exists():
        count += 1
        target = adapters / REMOVED / f"{name}-{now:%Y%m%dT%H%M%S}-{count}"
    target.parent.mkdir(exist_ok=True)
    note = {"name": name, "removed_at": now.isoformat(timespec="seconds"), "reason": reason}
    write_whole(adapter.folder / "removed.json", json.dumps(note, ensure_ascii=False, indent=1) + "\n")
    adapter.folder.rename(target)
    return target


def free_place(adapters: Path, name: str) -> Path:
    """Where an adapter of that name would be. InputError when there is something already."""
    place = adapters / check_name(name)
    if place.exists() or place.is_symlink():
        raise InputError(f"{place} is there already. Choose another name, or first: tamiz adapters remove {name}")
    return place


def _copy(source: Path, folder: Path, names: Iterable[str]) -> None:
    for name in names:
        path = source / name
        if path.is_symlink():
            raise InputError(f"{path} is a link; copy what it points to in its place")
        if path.is_file():
            shutil.copyfile(path, folder / name)


def _read_config(source: Path) -> dict[str, Any]:
    path = source / CONFIG
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} cannot be read ({error}). Give the folder of a LoRA adapter") from None
    if not isinstance(values, dict) or values.get("peft_type") != "LORA":
        raise InputError(f"{path} is no LoRA adapter's; tamiz reads LoRA alone")
    return values


def _checked_config(source: Path, base: str) -> dict[str, Any]:
    """The config's plain parts, on this base. InputError for one that needs more than plain LoRA or DoRA."""
    values = _read_config(source)
    for key, value in values.items():
        if key not in PLAIN_KEYS | IDLE_KEYS and value not in (None, False, [], {}, "", 0):
            if isinstance(value, dict) and not any(value.values()):
                continue
            raise InputError(f"{source / CONFIG} sets {key}, which tamiz does not know; it reads plain LoRA alone")
    if values.get("task_type") not in TASKS:
        raise InputError(
            f"{source / CONFIG} is for the task {values.get('task_type')!r}; tamiz knows: {', '.join(TASKS)}"
        )
    kept = {key: value for key, value in values.items() if key in PLAIN_KEYS}
    return {**kept, "base_model_name_or_path": base, "inference_mode": True, "init_lora_weights": True}


def _card_of_foreign(source: Path, name: str, base: str, allowed: Allowed) -> RunCard:
    """A card for an adapter that tamiz did not make: it says what the files say, and has no scores."""
    from safetensors import SafetensorError, safe_open

    from tuning.models import find_base

    values = _read_config(source)
    stated = base or str(values.get("base_model_name_or_path") or "")
    if not stated:
        raise InputError(f"{source / CONFIG} names no base model; name it: --base MODEL (see tamiz models)")
    if values.get("task_type") == "SEQ_CLS":
        raise InputError(f"{source} is a classifier without its labels' names; tamiz takes in those it made itself")
    try:
        with safe_open(source / WEIGHTS, framework="numpy") as weights:
            trainable = sum(_size(weights.get_slice(key).get_shape()) for key in weights.keys())  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise InputError(f"{source / WEIGHTS} cannot be read ({error}); tamiz reads safetensors alone") from None
    found = find_base(stated, allowed)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return RunCard(
        name=name,
        task="causal",
        base=stated,
        base_origin=found.origin,
        base_licence=found.licence,
        dataset_version="",
        dataset_hash="",
        started_at=now,
        finished_at=now,
        seed=0,
        device="",
        settings={**_settings(values, found), "added_from": source.name},
        versions={"peft": str(values.get("peft_version") or ""), "tamiz's peft": version("peft")},
        parameters={"trainable": trainable, "total": trainable},
        cost=dict.fromkeys(("seconds", "training_seconds", "steps", "tokens", "peak_memory_mb"), 0.0),
        curves={},
        results={},
    )


def _settings(values: dict[str, Any], base: BaseModel) -> dict[str, Any]:
    """The settings that the config tells of, and the type of weights that the base is saved in, or a faster one."""
    from dataclasses import asdict

    import torch

    from tamiz.settings import LoraSettings, TuningSettings
    from tuning.loading import best_dtype
    from tuning.models import read_config

    lora = LoraSettings(
        r=int(values.get("r") or 8),
        alpha=int(values.get("lora_alpha") or 8),
        rslora=bool(values.get("use_rslora")),
        dora=bool(values.get("use_dora")),
    )
    config = read_config(base.folder, base.name) if base.folder else {}
    short = str(config.get("dtype") or config.get("torch_dtype")) in ("bfloat16", "float16")
    dtype = best_dtype(torch.device("cpu"), "causal") if short else torch.float32
    wanted = TuningSettings(base=base.name, lora=lora)
    return {**asdict(wanted), "dtype": str(dtype).removeprefix("torch."), "labels": []}


def _size(shape: list[int]) -> int:
    size = 1
    for part in shape:
        size *= part
    return size
