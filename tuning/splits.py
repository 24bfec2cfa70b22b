"""How a GGUF's byte-level tokenizer splits text before it merges, where transformers reads the file otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tamiz.errors import InputError

__all__ = ["split_as", "split_of"]

# llama.cpp's names (src/llama-vocab.cpp): those that split as GPT-2 does, and those that take each digit apart first.
AS_GPT2 = frozenset({"default", "gpt-2", "mpt", "olmo", "jais", "phi-2", "trillion", "granite-docling"})
DIGITS_APART = frozenset({"smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"})


def split_of(gguf: Path) -> str:
    """The name in tokenizer.ggml.pre of a byte-level tokenizer; "" for one of another kind, or without a name."""
    from tuning.ggufs import QuickReader

    fields = QuickReader(gguf).fields
    kind, split = (fields.get(f"tokenizer.ggml.{name}") for name in ("model", "pre"))
    if kind is None or kind.contents() != "gpt2" or split is None:
        return ""
    return str(split.contents())


def split_as(tokenizer: Any, split: str) -> None:
    """Let a tokenizer that transformers read from a GGUF split text as `split` says.

    transformers gives every name that it does not know GPT-2's split, with which "1.\\n\\n2." has other tokens in
    SmolLM2 than it learnt. InputError for a name that is known neither there nor here.
    """
    from tokenizers import pre_tokenizers

    inner = tokenizer.backend_tokenizer
    if split in DIGITS_APART:
        inner.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
        )
    elif split and split not in AS_GPT2 and isinstance(inner.pre_tokenizer, pre_tokenizers.ByteLevel):
        raise InputError(
            f"this GGUF splits text as {split!r}, which neither transformers nor tamiz knows, so the model would read "
            "other tokens than it learnt. Choose another base: tamiz models"
        )
