"""A base model in memory, on its device, and its tokenizer."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer, BitsAndBytesConfig

from tamiz.errors import InputError, MissingExtra, SettingsError
from tamiz.settings import TuningSettings
from tuning.models import BaseModel
from tuning.quiet import quiet_libraries
from tuning.trust import code_refusal

__all__ = ["best_dtype", "check_quantise", "find_device", "load_base", "training_dtype"]

Task = Literal["causal", "classify"]
# Of the change at changed words: what is foretold before them moves by 0.39 to 0.70 of it in MiniLM, by none in Gemma
# and SmolLM2, in float32 and bfloat16.
LEAK = 0.02


def find_device(wanted: str) -> torch.device:
    """The device of [tuning] device; auto takes a GPU if there is one. SettingsError if it is not there."""
    mps = torch.backends.mps.is_available()
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "mps" if mps else "cpu")
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": mps}
    if not there[wanted]:
        raise SettingsError(
            f'[tuning] device is "{wanted}", which torch {torch.__version__} does not find here. '
            'Give "auto" or "cpu", or install the torch build for it (docs/how-to/gpu.md)'
        )
    return torch.device(wanted)


def best_dtype(device: torch.device, task: Task) -> torch.dtype:
    """The type of the frozen weights: bfloat16 where it is faster on this machine, else float32.

    An encoder is small and its head is trained in full, so a classifier stays in float32.
    """
    if task == "classify" or device.type == "mps":
        return torch.float32
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    return torch.bfloat16 if _bfloat16_is_faster() else torch.float32


def training_dtype(device: torch.device, settings: TuningSettings) -> torch.dtype:
    """The type of the base's weights in a run: `best_dtype`, but float32 where some of those weights learn.

    An update of a bfloat16 weight is mostly smaller than the next number that bfloat16 has, and is lost.
    """
    if settings.method == "full" or (settings.lora.modules_to_save and settings.quantise == "no"):
        return torch.float32
    return best_dtype(device, settings.task)


def check_quantise(quantise: str, device: torch.device) -> None:
    """SettingsError or MissingExtra where a base cannot be held in 4 bits."""
    if quantise == "no":
        return
    if device.type != "cuda":
        raise SettingsError(
            f'[tuning] quantise is "{quantise}", and this run is on {device.type}: QLoRA needs a CUDA GPU '
            '(docs/how-to/gpu.md). Give quantise = "no"; on a CPU a base in bfloat16 is the frugal one'
        )
    for package in ("bitsandbytes", "accelerate"):
        if find_spec(package) is None:
            raise MissingExtra(f'[tuning] quantise = "{quantise}"', "qlora", package)


def load_base(
    base: BaseModel,
    task: Task,
    labels: Sequence[str] | None = None,
    *,
    device: torch.device,
    dtype: torch.dtype,
    quantise: str = "no",
) -> tuple[Any, Any]:
    """The model, with its weights in `dtype` on `device` and in evaluation mode, and its tokenizer.

    With quantise "4bit" its linear layers are held in NF4, and computed in `dtype`. InputError when its files are
    broken or its architecture cannot do the task; SettingsError or MissingExtra where 4 bits cannot be had.
    """
    check_quantise(quantise, device)
    if base.folder is None:
        raise InputError(f"the base model {base.name} is not installed. See: tamiz models")
    options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": base.own_code}
    try:
        with quiet_libraries():
            tokenizer = AutoTokenizer.from_pretrained(base.folder, **options)
            model = _load_model(base.folder, task, labels, dtype, {**options, **_in_bits(quantise, device, dtype)})
    except (OSError, ValueError, KeyError, SafetensorError, RuntimeError) as error:
        if "trust_remote_code" in str(error):  # a tokenizer that transformers has no class for
            raise InputError(code_refusal(base.name, "tokenizer_config.json")) from error
        first = str(error).strip().split("\n")[0]
        raise InputError(f"{base.name} cannot be loaded ({first}). Install it again, or see: tamiz models") from error
    _set_padding(model, tokenizer, task, base.name)
    if task == "causal" and model.get_output_embeddings() is not None:
        model.get_output_embeddings().register_forward_pre_hook(_in_one_piece)
    model = (model if quantise != "no" else model.to(device)).eval()
    if task == "causal":
        _check_causal(model, base.name)
    return model, tokenizer


@torch.no_grad()
def _check_causal(model: Any, name: str) -> None:
    """InputError where a word changes what the model foretells before it: it reads both ways, as encoders do.

    Measured, for neither a configuration's is_decoder nor an architecture's name tells it of every model.
    """
    count = int(model.get_input_embeddings().num_embeddings)
    ids = torch.tensor([[(100 + 7 * place) % count for place in range(8)]], device=model.device)
    other = torch.cat([ids[:, :4], (ids[:, 4:] + count // 2) % count], dim=1)
    with quiet_libraries():  # one by one: rows of a batch may be rounded differently
        before, after = (model(input_ids=words).logits[0].float() for words in (ids, other))
    moved = (before - after).abs().amax(-1)
    if float(moved[:4].max()) > LEAK * float(moved[4:].max()):
        raise InputError(
            f"{name} is an encoder: it sees the words after the one it is to foretell, so it cannot learn to answer. "
            'Set task = "classify" for it, or choose another base (tamiz models)'
        )


def _in_bits(quantise: str, device: torch.device, dtype: torch.dtype) -> dict[str, Any]:
    """What transformers wants to be told for QLoRA: NF4, with the scales quantised too, straight on the device."""
    if quantise == "no":
        return {}
    how = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )
    return {"quantization_config": how, "device_map": {"": device}}


def _load_model(
    folder: Path, task: Task, labels: Sequence[str] | None, dtype: torch.dtype, options: dict[str, Any]
) -> Any:
    options = {**options, "dtype": dtype, "use_safetensors": True}
    if task == "causal":
        return AutoModelForCausalLM.from_pretrained(folder, **options)
    names = dict(enumerate(labels or ()))
    numbers = {label: n for n, label in names.items()}
    return AutoModelForSequenceClassification.from_pretrained(
        folder,
        num_labels=len(names),
        id2label=names,
        label2id=numbers,
        ignore_mismatched_sizes=True,  # a base that was a classifier before gets a new head
        **options,
    )


def _set_padding(model: Any, tokenizer: Any, task: Task, name: str) -> None:
    if task == "causal" and tokenizer.eos_token_id is None:
        raise InputError(
            f'{name} has no end-of-sequence token, so it cannot answer and stop. For an encoder set task = "classify"'
        )
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
    model.config.pad_token_id = tokenizer.pad_token_id


def _in_one_piece(head: torch.nn.Module, states: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    """The head's input without gaps. A frozen head would be copied for every answer of a batch otherwise:
    torch multiplies a slice of (16, length, width) as 16 products, which took 5 GB and 25 seconds (Gemma 3 270M).
    """
    return tuple(part.contiguous() for part in states)


def _bfloat16_is_faster() -> bool:
    """Whether products of the size that a small model's layers make take less time in bfloat16.

    The best of many short turns, taken in alternation, so that other work on the machine tips no scale.
    """
    best = {torch.bfloat16: math.inf, torch.float32: math.inf}
    factors = {dtype: (torch.ones(128, 640, dtype=dtype), torch.ones(2048, 640, dtype=dtype)) for dtype in best}
    for _ in range(40):
        for dtype, (states, weight) in factors.items():
            begun = time.perf_counter()
            torch.nn.functional.linear(states, weight)
            best[dtype] = min(best[dtype], time.perf_counter() - begun)
    return best[torch.bfloat16] < 0.8 * best[torch.float32]
