"""One dial: what a run wants, derived from how much there is to learn and how large the base is."""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from tamiz.errors import InputError
from tamiz.settings import LoraSettings, TuningSettings
from tamiz.settings.tuning import ALL_LINEAR, QUERY_VALUE
from tuning.data import Dataset
from tuning.models import find_base
from tuning.trust import allowed_by

__all__ = ["CUT_RANK", "Facts", "count_parameters", "derive", "facts_of", "is_given"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known before anything is loaded: training pairs, about how many tokens, the size of the base."""

    pairs: int
    tokens: int
    parameters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dial:
    """One position. An epoch more is only worth it while the pairs read in all stay under `most_pairs`."""

    rank: int
    epochs: float
    most_pairs: int
    most_tokens: int


DIALS = {
    "quick": _Dial(rank=8, epochs=2.0, most_pairs=10_000, most_tokens=2_000_000),
    "balanced": _Dial(rank=16, epochs=4.0, most_pairs=40_000, most_tokens=20_000_000),
    "best": _Dial(rank=32, epochs=8.0, most_pairs=160_000, most_tokens=80_000_000),
}
# The rate measured for Gemma 3 270M; larger models want less, by about the root of their size. Full fine-tuning
# wants a tenth of what LoRA wants (Schulman et al., LoRA Without Regret, 2025).
RATE, RATE_AT, LEAST_RATE, FULL_SHARE = 1e-3, 270e6, 1e-4, 0.1
DPO_SHARE = 0.1  # preferences move a model that answers already; at the full rate it forgets how to
BATCHES = ((2_000, 8), (20_000, 16), (math.inf, 32))  # up to so many pairs, so many a step
STEP_TOKENS = 8_192  # longer pairs make smaller batches
CHARACTERS = 4  # of a token, about: pairs are counted before the base's tokenizer is there
CUT_RANK = "lora.r of "  # begins the reason why layers have less than lora.r
TARGETS = {
    "causal": {"quick": ALL_LINEAR, "balanced": ALL_LINEAR, "best": ALL_LINEAR},
    "classify": {"quick": QUERY_VALUE, "balanced": QUERY_VALUE, "best": ALL_LINEAR},
}


def derive(settings: TuningSettings, facts: Facts) -> TuningSettings:
    """The settings with what [tuning] preset derives, and `reasons` for each; what was given stays.

    >>> facts = Facts(pairs=104, tokens=9_000, parameters=268_000_000)
    >>> derived = derive(TuningSettings(preset="balanced"), facts)
    >>> derived.epochs, derived.learning_rate, derived.batch_size, derived.lora.r
    (4.0, 0.001, 8, 16)
    >>> derive(TuningSettings(preset="quick", epochs=3.0), facts).reasons[0]
    'epochs = 3: given'
    """
    wanted = {**_of_the_run(settings, facts), **_of_the_update(settings)}
    kept: dict[str, dict[str, Any]] = {"run": {}, "lora": {}}
    reasons = []
    for name, (value, why) in wanted.items():
        where, field = ("lora", name.removeprefix("lora.")) if name.startswith("lora.") else ("run", name)
        holder = settings.lora if where == "lora" else settings
        if is_given(holder, field):
            reasons.append(f"{name} = {_shown(getattr(holder, field))}: given")
            continue
        if value != (TARGETS[settings.task]["balanced"],):  # else it is what no targets mean
            kept[where][field] = value
        reasons.append(f"{name} = {_shown(value)}: {why}")
    lora = replace(settings.lora, **kept["lora"])
    return replace(settings, **kept["run"], lora=lora, reasons=tuple(reasons))


def is_given(settings: TuningSettings | LoraSettings, name: str) -> bool:
    """Whether a key was set: it stands in tamiz.toml or among the options, or is not what it is by default."""
    default = next(field.default for field in fields(settings) if field.name == name)
    return name in settings.given or getattr(settings, name) != default


def facts_of(data: Dataset, settings: TuningSettings) -> Facts:
    """The facts of this run; the base is fetched or converted if it is not in a folder yet."""
    characters = sum(len(pair.question) + len(pair.answer) for pair in data.train)
    base = find_base(settings.base, allowed_by(settings))
    parameters = count_parameters(base.folder) if base.folder else 0
    return Facts(pairs=len(data.train), tokens=characters // CHARACTERS, parameters=parameters)


def count_parameters(folder: Path) -> int:
    """How many numbers a base's safetensors hold, from the heads of the files alone."""
    total = 0
    for path in folder.glob("*.safetensors"):
        with path.open("rb") as file:
            start = file.read(8)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            head = _table(file.read(min(length, path.stat().st_size)), path)
        total += sum(math.prod(part["shape"]) for name, part in head.items() if name != "__metadata__")
    return total


def _table(text: bytes, path: Path) -> dict[str, Any]:
    try:
        head = json.loads(text)
    except ValueError as error:
        raise InputError(f"{path} is no whole safetensors file ({error}). Install the model again") from None
    return head if isinstance(head, dict) else {}


def _of_the_run(settings: TuningSettings, facts: Facts) -> dict[str, tuple[Any, str]]:
    dial = DIALS[settings.preset]
    pairs, tokens = max(1, facts.pairs), max(1, facts.tokens)
    epochs = min(dial.epochs, dial.most_pairs / pairs, dial.most_tokens / tokens)
    epochs = dial.epochs if epochs == dial.epochs else max(0.1, round(epochs, 1))
    batch = next(size for most, size in BATCHES if pairs <= most)
    while batch > 1 and batch * tokens / pairs > STEP_TOKENS:
        batch //= 2
    rate = min(RATE, max(LEAST_RATE, RATE * math.sqrt(RATE_AT / max(1, facts.parameters))))
    share = {"full": FULL_SHARE, "dpo": DPO_SHARE}.get(settings.method, 1.0)
    rate = float(f"{rate * share:.0e}")
    size = f"{facts.parameters / 1e6:,.0f}M parameters"
    than = "a tenth of what LoRA wants, " if share < 1 else ""
    seen = f"{facts.pairs:,} pairs, about {facts.tokens:,} tokens"
    return {
        "epochs": (epochs, f"{settings.preset}, for {seen}"),
        "learning_rate": (rate, f"{than}for a base of {size}"),
        "batch_size": (batch, f"for {facts.pairs:,} pairs of about {tokens // pairs} tokens"),
    }


def _of_the_update(settings: TuningSettings) -> dict[str, tuple[Any, str]]:
    if settings.method == "full":
        return {}
    rank = settings.lora.r if is_given(settings.lora, "r") else DIALS[settings.preset].rank
    targets = TARGETS[settings.task][settings.preset]
    found: dict[str, tuple[Any, str]] = {
        "lora.r": (rank, settings.preset),
        "lora.alpha": (2 * rank, "twice the rank"),
    }
    found["lora.targets"] = ((targets,), f"{settings.preset}, for task {settings.task}")
    return found


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
