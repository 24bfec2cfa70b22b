"""Whether a package answers as the adapter that was evaluated: the same questions, greedy, word for word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from tuning.adapters import LoadedModel
from tuning.answers import answer_batch, stop_ids
from tuning.data import Example
from tuning.prompts import encode_prompt

__all__ = ["Asked", "Sameness", "asked_of", "proved_gguf", "proved_merged"]

MOST = 10  # questions
LLAMA = "llama-cpp-python is not installed, so llama.cpp was not asked. Run: pip install llama-cpp-python"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Prompts, and what the adapter answered to them in the type of weights (`dtype`) that it was evaluated in.

    `exact` are its answers in float32. Runtimes round in other places than torch does in bfloat16, so those are what
    another one can be held to.
    """

    prompts: tuple[tuple[int, ...], ...] = ()
    answers: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    most: int = 0
    dtype: str = "float32"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sameness:
    """How many of the answers are the adapter's as it was evaluated, in `dtype`, and how many are its exact ones.

    `note` says why none were compared, or what was tried before.
    """

    same: int = 0
    exact: int = 0
    asked: int = 0
    dtype: str = "float32"
    note: str = ""

    @property
    def agrees(self) -> bool:
        """Whether no answer differs, from those that were evaluated or from the exact ones; so it is of none asked."""
        return self.asked in (self.same, self.exact)

    def __str__(self) -> str:
        if not self.asked:
            return self.note
        return self._told() + (f". {self.note}" if self.note else "")

    def _told(self) -> str:
        if self.same == self.asked:
            return f"all {self.asked} answers are those of the adapter as it was evaluated, in {self.dtype}"
        if self.exact == self.asked:
            return (
                f"all {self.asked} answers are those of the adapter in float32; {self.asked - self.same} of them read "
                f"otherwise when it was evaluated in {self.dtype}, whose rounding tips the balance between words that "
                "are nearly as likely"
            )
        differ = (
            f"{self.asked - self.same} of {self.asked} answers differ from those of the adapter as it was evaluated"
        )
        exactly = "" if self.dtype == "float32" else f", {self.asked - self.exact} from those that it gives in float32"
        return f"{differ}, in {self.dtype}{exactly}"


def asked_of(loaded: LoadedModel, questions: Sequence[tuple[str, str]]) -> Asked:
    """The adapter's answers to (question, language), made together as the proof makes them.

    Its weights are float32 afterwards.
    """
    card = loaded.card
    limit, most = int(card.settings.get("max_tokens", 512)), int(card.settings.get("max_new_tokens", 120))
    prompts = []
    for question, lang in questions[:MOST]:
        example = Example(id="a sample", question=question, answer="", lang=lang)
        prompts.append(tuple(encode_prompt(example, loaded.tokenizer, max_tokens=limit)))
    if not prompts:
        return Asked()
    dtype = str(card.settings.get("dtype", "float32"))
    answers = exact = answer_batch(loaded.model, loaded.tokenizer, prompts, max_new_tokens=most)
    if dtype != "float32":
        exact = answer_batch(loaded.model.float(), loaded.tokenizer, prompts, max_new_tokens=most)
    return Asked(prompts=tuple(prompts), answers=tuple(answers), exact=tuple(exact), most=most, dtype=dtype)


def proved_merged(folder: Path, asked: Asked, device: torch.device, *, own_code: bool = False) -> Sameness:
    """Ask the merged model as it lies on the disk, with the code of its base where that runs already."""
    from tuning.loading import load_base
    from tuning.models import find_base
    from tuning.packages.merged import saved_dtype
    from tuning.trust import Allowed

    base = find_base(str(folder), Allowed(code=(str(folder),) if own_code else ()))
    model, tokenizer = load_base(base, "causal", device=device, dtype=saved_dtype(folder))
    return _compared(asked, lambda prompts: answer_batch(model, tokenizer, prompts, max_new_tokens=asked.most))


def proved_gguf(file: Path, asked: Asked, model: Any, tokenizer: Any, *, lora: Path | None = None) -> Sameness:
    """Ask llama.cpp, where it is installed, with the very tokens of the prompts."""
    if find_spec("llama_cpp") is None:
        return Sameness(note=LLAMA)
    Llama = import_module("llama_cpp").Llama  # noqa: N806  a class; only those who installed it have its types

    stops = set(stop_ids(model, tokenizer))
    longest = max(map(len, asked.prompts), default=0) + asked.most + 1
    beside = {"lora_path": str(lora)} if lora else {}
    llama = Llama(str(file), n_ctx=longest, logits_all=False, verbose=False, **beside)
    try:
        return _compared(asked, lambda prompts: [_said(llama, one, stops, tokenizer, asked.most) for one in prompts])
    finally:
        llama.close()


def _said(llama: Any, prompt: Sequence[int], stops: set[int], tokenizer: Any, most: int) -> str:
    llama.reset()
    made: list[int] = []
    for token in llama.generate(list(prompt), temp=0.0, top_k=1, repeat_penalty=1.0):
        if token in stops:
            break
        made.append(token)
        if len(made) == most:
            break
    text: str = tokenizer.decode(made, skip_special_tokens=True)
    return text.strip()


def _compared(asked: Asked, answers: Callable[[Sequence[Sequence[int]]], list[str]]) -> Sameness:
    if not asked.prompts:
        return Sameness(note="its card has no questions, so no answers were compared")
    said = answers(asked.prompts)
    same, exact = (
        sum(one == other for one, other in zip(said, wanted, strict=True)) for wanted in (asked.answers, asked.exact)
    )
    return Sameness(same=same, exact=exact, asked=len(said), dtype=asked.dtype)
