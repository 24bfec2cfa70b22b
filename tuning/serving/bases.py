"""Many adapters in memory, each base once: which one speaks is said with every call."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

from tamiz.errors import InputError
from tamiz.records import RunCard
from tamiz.settings import TuningSettings
from tuning.adapted import put_on
from tuning.adapters import Adapter, load_adapter, load_untuned
from tuning.trust import NOTHING, Allowed

__all__ = ["PLAIN", "LoadedBase", "Speaker", "load_speakers"]

PLAIN = "__base__"  # peft's own word for a row that no adapter changes
FIRST = "default"  # peft's name of the first adapter


@dataclass(slots=True)
class LoadedBase:
    """A base in memory with its adapters. `batches` says whether several dialogues can be gone on with at once."""

    model: Any
    tokenizer: Any
    batches: bool
    speaking: str = FIRST

    @property
    def adapted(self) -> bool:
        return hasattr(self.model, "peft_config")

    @torch.no_grad()
    def forward(self, names: Sequence[str], **inputs: Any) -> Any:
        """The model's output on a batch whose rows are each spoken by the adapter of that name, or by PLAIN."""
        if not self.adapted:
            return self.model(**inputs)
        if len(set(names)) > 1:
            return self.model(**inputs, adapter_names=list(names))
        with self._alone(names[0]):
            return self.model(**inputs)

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        if name == PLAIN:
            with self.model.disable_adapter():
                yield
            return
        if name != self.speaking:
            self.model.set_adapter(name, inference_mode=True)
            self.speaking = name
        yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """What can be asked by name: an adapter on its base, a model tuned in full, or a base as it is.

    `inner` is its name on the base; `mixes` says whether it can share a batch with other adapters.
    """

    name: str
    base: LoadedBase = field(repr=False)
    card: RunCard = field(repr=False)
    inner: str = FIRST
    mixes: bool = True

    @property
    def labels(self) -> bool:
        """Whether it tells a label in place of an answer."""
        return self.card.task == "classify"


def load_speakers(
    adapters: Sequence[Adapter],
    device: str = "auto",
    *,
    untuned: TuningSettings | None = None,
    allowed: Allowed = NOTHING,
) -> dict[str, Speaker]:
    """The adapters by name, in the order given; those of one base and one type of weights share it in memory.

    `untuned` adds [tuning] base itself, under the name "base".
    """
    there: dict[tuple[str, ...], LoadedBase] = {}
    speakers: dict[str, Speaker] = {}
    for adapter in adapters:
        speakers[adapter.name] = _speaker(adapter, device, there, allowed)
    if untuned is not None:
        if "base" in speakers:
            raise InputError('an adapter is named "base", as the base itself would be. Leave out --base')
        shared = next((s for s in speakers.values() if s.card.base == untuned.base and s.base.adapted), None)
        if shared is not None and not shared.labels:
            speakers["base"] = Speaker(name="base", base=shared.base, card=shared.card, inner=PLAIN)
        else:
            loaded = load_untuned(untuned, device=device)
            plain = LoadedBase(model=loaded.model, tokenizer=loaded.tokenizer, batches=_batches(loaded.model))
            speakers["base"] = Speaker(name="base", base=plain, card=loaded.card)
    return speakers


def _speaker(adapter: Adapter, device: str, there: dict[tuple[str, ...], LoadedBase], allowed: Allowed) -> Speaker:
    card = adapter.card
    key = _shared_base(card)
    base = there.get(key)
    if base is None or not key:
        loaded = load_adapter(adapter, device=device, allowed=allowed)
        batches = card.task != "classify" and _batches(loaded.model)
        base = there[key] = LoadedBase(model=loaded.model, tokenizer=loaded.tokenizer, batches=batches)
        inner = FIRST
    else:
        inner = f"adapter{len(base.model.peft_config)}"  # a module's name: an adapter's own may hold a point
        put_on(base.model, adapter, beside=inner)
        base.model.eval()
    return Speaker(name=adapter.name, base=base, card=card, inner=inner, mixes=_mixes(base, inner))


def _shared_base(card: RunCard) -> tuple[str, ...]:
    """What two adapters must have in common to share a base; nothing where one has to stand alone."""
    if card.task == "classify" or card.settings.get("method") == "full":
        return ()
    return (card.base, str(card.settings.get("dtype")), str(card.settings.get("quantise", "no")))


def _mixes(base: LoadedBase, inner: str) -> bool:
    """Whether peft can run the adapter beside others in one batch: not with DoRA, nor with modules of its own."""
    if not base.adapted:
        return False
    config = base.model.peft_config[inner]
    return not config.use_dora and not config.modules_to_save


@torch.no_grad()
def _batches(model: Any) -> bool:
    """Whether the model remembers in keys and values alone, one after the other, and can be told the positions.

    Else (Mamba and its like, ALiBi) dialogues are gone on with one at a time.
    """
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    if "position_ids" not in inspect.signature(inner.forward).parameters:
        return False
    seen = model(input_ids=torch.zeros(1, 1, dtype=torch.long, device=model.device), use_cache=True)
    layers = getattr(getattr(seen, "past_key_values", None), "layers", ())
    plain = all(type(layer) in (DynamicLayer, DynamicSlidingWindowLayer) and layer.is_initialized for layer in layers)
    return bool(layers) and plain
