"""A tokenizer as GGUF holds it: tokens with their kinds, merges or scores, and the name of how text is split."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from gguf import TokenType

from tamiz.errors import InputError

__all__ = ["Vocabulary", "read_vocabulary"]

LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
# How a byte-level tokenizer splits text before it merges, and llama.cpp's name for it.
SPLITS: dict[tuple[tuple[str, Any], ...], str] = {
    (("ByteLevel", True),): "gpt-2",
    (("Digits", True), ("ByteLevel", True)): "smollm",
    (("Split", LLAMA3), ("ByteLevel", False)): "llama-bpe",
    (("Split", QWEN2), ("ByteLevel", False)): "qwen2",
}
WAY_OUT = "Package it as merged, and let llama.cpp's own converter read that"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What GGUF's tokenizer.* keys hold. `scores` are for kind "llama" (SentencePiece), `merges` for "gpt2"."""

    kind: str
    split: str
    tokens: list[str]
    types: list[int]
    merges: list[str] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    starts: bool = False
    space_first: bool = False


def read_vocabulary(tokenizer: Any, size: int) -> Vocabulary:
    """The tokenizer's vocabulary, filled up to the `size` of the embeddings.

    InputError where it works in a way that llama.cpp has no name for: a packaged model that reads text in
    another way would not be the one that was evaluated.
    """
    inner = json.loads(tokenizer.backend_tokenizer.to_str())
    model = inner["model"]
    if model["type"] != "BPE":
        raise InputError(
            f"the base's tokenizer is of the kind {model['type']}, which GGUF is not written for. {WAY_OUT}"
        )
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    tokens, types = _tokens(tokenizer, model["vocab"], size, bytes_named=bool(model.get("byte_fallback")))
    starts = tokenizer("a")["input_ids"][:1] == [tokenizer.bos_token_id]
    if model.get("byte_fallback"):
        ranks = _ranks(model["merges"])
        return Vocabulary(
            kind="llama",
            split="default",
            tokens=tokens,
            types=types,
            scores=[-float(ranks.get(token, 0)) for token in tokens],
            starts=starts,
            space_first=_space_first(inner),
        )
    return Vocabulary(kind="gpt2", split=_split(inner), tokens=tokens, types=types, merges=merges, starts=starts)


def _tokens(tokenizer: Any, vocab: dict[str, int], size: int, *, bytes_named: bool) -> tuple[list[str], list[int]]:
    by_number = {number: token for token, number in vocab.items()}
    added = tokenizer.added_tokens_decoder
    tokens, types = [], []
    for number in range(max(size, len(tokenizer))):
        if number in added:
            token = str(added[number])
            kind = TokenType.CONTROL if added[number].special else TokenType.USER_DEFINED
            if number == tokenizer.unk_token_id and bytes_named:
                kind = TokenType.UNKNOWN
        elif number in by_number:
            token = by_number[number]
            byte = bytes_named and len(token) == 6 and token.startswith("<0x") and token.endswith(">")
            kind = TokenType.BYTE if byte else TokenType.NORMAL
        else:
            token, kind = f"[PAD{number}]", TokenType.UNUSED
        tokens.append(token)
        types.append(int(kind))
    return tokens, types


def _ranks(merges: list[Any]) -> dict[str, int]:
    """When each token is first made: SentencePiece's scores fall in that order."""
    ranks: dict[str, int] = {}
    for rank, merge in enumerate(merges, 1):
        left, right = merge.split(" ", 1) if isinstance(merge, str) else merge
        ranks.setdefault(left + right, rank)
    return ranks


def _space_first(inner: dict[str, Any]) -> bool:
    """Whether a space is put before the text, as Llama 2 has it and Gemma has not."""
    normalizers = _steps(inner.get("normalizer"), "normalizers")
    splitters = _steps(inner.get("pre_tokenizer"), "pretokenizers")
    prepended = any(step["type"] == "Prepend" for step in normalizers)
    return prepended or any(s["type"] == "Metaspace" and s.get("prepend_scheme") != "never" for s in splitters)


def _split(inner: dict[str, Any]) -> str:
    """llama.cpp's name of how a byte-level tokenizer splits text."""
    normalizers = [step["type"] for step in _steps(inner.get("normalizer"), "normalizers")]
    steps: list[tuple[str, Any]] = []
    for step in _steps(inner.get("pre_tokenizer"), "pretokenizers"):
        kind = step["type"]
        what = {
            "ByteLevel": step.get("use_regex", True),
            "Digits": step.get("individual_digits"),
            "Split": (step.get("pattern") or {}).get("Regex"),
        }.get(kind)
        steps.append((kind, what))
        if step.get("add_prefix_space"):
            steps.append((kind, "add_prefix_space"))
    name = SPLITS.get(tuple(steps))
    if name is None or set(normalizers) - {"NFC"}:
        raise InputError(f"the base's tokenizer splits text in a way that GGUF is not written for here. {WAY_OUT}")
    return name


def _steps(step: Any, name: str) -> list[dict[str, Any]]:
    if not step:
        return []
    return list(step[name]) if step["type"] == "Sequence" else [step]
