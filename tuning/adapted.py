"""A model to tune, and a tuned one read back from disk. Weights are safetensors, never a pickle."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import torch
from peft import PeftModel, get_peft_model, get_peft_model_state_dict
from safetensors import SafetensorError
from safetensors.torch import save_file

from tamiz.errors import InputError
from tamiz.files import ASIDE, aside, sweep_aside
from tamiz.records import Manifest, RunCard, record_dict
from tamiz.settings import LoraSettings, TuningSettings
from tuning.adapters import Adapter, LoadedModel
from tuning.full import free_weights, is_full, save_model, show_base
from tuning.loading import best_dtype, find_device, load_base
from tuning.modelcard import model_card
from tuning.models import GEMMA_NOTICE, PICKLES, BaseModel, find_base, is_gemma
from tuning.quiet import quiet_libraries
from tuning.settings import lora_config
from tuning.starts import keep_starts, kept_weights, onto_base
from tuning.trust import NOTHING, Allowed, allowed_by

__all__ = [
    "DTYPES",
    "WEIGHTS",
    "fresh_adapter",
    "fresh_model",
    "load_adapted",
    "load_alone",
    "put_on",
    "save_adapter",
]

WEIGHTS = "adapter_model.safetensors"
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def fresh_model(
    base: BaseModel, settings: TuningSettings, labels: Sequence[str] = (), *, device: torch.device, dtype: torch.dtype
) -> tuple[Any, Any]:
    """The base ready to learn, with a new adapter or in full, and its tokenizer; the same for the same seed."""
    torch.manual_seed(settings.seed)
    places: dict[str, Any] = {"device": device, "dtype": dtype, "quantise": settings.quantise}
    model, tokenizer = load_base(base, settings.task, labels, **places)
    if settings.method != "full":
        return fresh_adapter(model, settings.task, settings.lora), tokenizer
    free_weights(model)
    return _whole(model, base, settings.task, labels, settings.seed, allowed_by(settings)), tokenizer


def fresh_adapter(model: Any, task: str, settings: LoraSettings) -> Any:
    """The model with a new adapter: only the adapter's weights, in float32, learn."""
    with quiet_libraries():
        config = lora_config(model, task, settings)
        kept = kept_weights(model, config)
        adapted = get_peft_model(model, config)
    keep_starts(adapted, kept)
    return adapted


def _whole(
    model: Any,
    base: BaseModel,
    task: Literal["causal", "classify"],
    labels: Sequence[str],
    seed: int,
    allowed: Allowed = NOTHING,
) -> Any:
    """The model with all its own weights, which can show its base."""

    def original() -> Any:
        found = base if base.installed else find_base(base.name, allowed)
        torch.manual_seed(seed)  # the head of a classifier starts at random
        return load_base(found, task, labels, device=torch.device("cpu"), dtype=model.dtype)[0]

    return show_base(model, original)


def save_adapter(model: Any, card: RunCard, target: Path, base_folder: Path, manifest: Manifest | None = None) -> None:
    """Write adapters/NAME whole: weights, config, run card, model card, and Gemma's notice where the base is one.

    `manifest` is that of the data it learnt from, whose sources and licences the model card names.

    A model that was tuned in full is written as a base model with its tokenizer. An older adapter of that name is
    moved aside only when the new one is complete.
    """
    sweep_aside(target.parent)
    with aside(target) as folder:
        folder.mkdir()
        if is_full(model):
            save_model(model, folder, base_folder)
        else:
            _save_update(model, card.base, folder)
        content = json.dumps(record_dict(card), ensure_ascii=False, indent=1) + "\n"
        (folder / "runcard.json").write_text(content, encoding="utf-8")
        described = model_card(card, manifest, gemma=is_gemma(model.config))
        (folder / "README.md").write_text(described, encoding="utf-8")
        if is_gemma(model.config):
            _add_notice(folder, base_folder)
        if target.exists():
            target.rename(target.parent / f"{ASIDE}{os.getpid()}-before-{target.name}")
    shutil.rmtree(target.parent / f"{ASIDE}{os.getpid()}-before-{target.name}", ignore_errors=True)


def _save_update(model: Any, base: str, folder: Path) -> None:
    """The adapter's weights and config, as peft and what reads its adapters have them."""
    onto_base(model)
    name = model.active_adapter
    weights = get_peft_model_state_dict(model, adapter_name=name)
    save_file({name: part.detach().cpu().contiguous() for name, part in weights.items()}, folder / WEIGHTS)
    config = model.peft_config[name]
    config.base_model_name_or_path = base
    config.inference_mode = True
    config.init_lora_weights, config.eva_config = True, None  # how the update once started is nothing to a loader
    config.save_pretrained(folder)


def load_adapted(adapter: Adapter, device: str, allowed: Allowed = NOTHING) -> LoadedModel:
    """The adapter on its base, or the model that was tuned in full, on the device, ready to answer."""
    card = adapter.card
    task: Literal["causal", "classify"] = "classify" if card.task == "classify" else "causal"
    labels = card.settings.get("labels") or ()
    dtype = DTYPES.get(str(card.settings.get("dtype")), torch.float32)
    place = find_device(device)
    if card.settings.get("method") == "full":
        whole = find_base(str(adapter.folder), allowed)
        model, tokenizer = load_base(whole, task, labels, device=place, dtype=dtype)
        model = _whole(model, BaseModel(name=card.base, origin="", licence=""), task, labels, card.seed, allowed)
        return LoadedModel(model=model, tokenizer=tokenizer, card=card)
    _check_files(adapter)  # before the base is loaded, which takes a while
    base = find_base(card.base, allowed)
    bits = str(card.settings.get("quantise", "no")) if place.type == "cuda" else "no"
    model, tokenizer = load_base(base, task, labels, device=place, dtype=dtype, quantise=bits)
    return LoadedModel(model=put_on(model, adapter).eval(), tokenizer=tokenizer, card=card)


def put_on(model: Any, adapter: Adapter, *, beside: str = "") -> Any:
    """The adapter on its base; `beside` puts it next to those that are there, under that name, not yet in force.

    InputError when its weights are pickled, broken, or made for another base.
    """
    _check_files(adapter)
    try:
        with quiet_libraries():
            if not beside:
                return PeftModel.from_pretrained(model, str(adapter.folder), local_files_only=True)
            model.load_adapter(str(adapter.folder), adapter_name=beside, local_files_only=True)
    except (SafetensorError, RuntimeError, ValueError, KeyError, TypeError) as error:
        lines = [line.strip() for line in str(error).split("\n") if line.strip()] or [type(error).__name__]
        said = next((line for line in lines if not line.endswith(":")), lines[0])  # torch's first line is a heading
        raise InputError(
            f"the adapter {adapter.name} cannot be put on {adapter.card.base} ({said.rstrip('.')}). {_again(adapter)}"
        ) from error
    return model


def _again(adapter: Adapter) -> str:
    """How an adapter came to be, as the command that makes it anew."""
    merged = adapter.card.settings.get("merged")
    if merged:
        names = shlex.join(map(str, merged["from"]))
        how = shlex.quote(str(merged["how"]))
        return f"Merge it again under another name: tamiz adapters merge {names} --how {how} --into NAME"
    if adapter.card.settings.get("added_from"):
        return "Add it again, on the base that it was made for: tamiz adapters add FOLDER --base MODEL --name NAME"
    return f"Make it again: tamiz tune {adapter.name}"


def load_alone(settings: TuningSettings, device: str, allowed: Allowed = NOTHING) -> LoadedModel:
    """A base without an adapter. Its card is that of no run: it says which base it is, and has no scores."""
    base, place = find_base(settings.base, allowed), find_device(device)
    dtype = best_dtype(place, "causal")
    model, tokenizer = load_base(base, "causal", device=place, dtype=dtype)
    card = RunCard(
        name="base",
        task="causal",
        base=settings.base,
        base_origin=base.origin,
        base_licence=base.licence,
        dataset_version="",
        dataset_hash="",
        started_at="",
        finished_at="",
        seed=settings.seed,
        device=str(place),
        settings=asdict(settings),
        versions={},
        parameters={"trainable": 0, "total": sum(part.numel() for part in model.parameters())},
        cost={},
        curves={},
        results={},
    )
    return LoadedModel(model=model, tokenizer=tokenizer, card=card)


def _check_files(adapter: Adapter) -> None:
    """InputError unless the adapter's folder holds its config, and its weights as safetensors."""
    folder = adapter.folder
    if (folder / WEIGHTS).is_file() and (folder / "adapter_config.json").is_file():
        return
    pickled = sorted(path.name for path in folder.iterdir() if path.suffix in PICKLES)
    reason = f"has {pickled[0]}, a pickle, which can run code when it is opened" if pickled else f"has no {WEIGHTS}"
    raise InputError(f"{folder} {reason}; tamiz reads safetensors alone. {_again(adapter)}")


def _add_notice(folder: Path, base_folder: Path) -> None:
    made = "This adapter was made from a Gemma model: it holds changes to that model's weights.\n"
    (folder / "NOTICE").write_text(GEMMA_NOTICE + made, encoding="utf-8")
    terms = base_folder / "GEMMA_TERMS.html"
    if terms.is_file():
        shutil.copyfile(terms, folder / terms.name)
