"""An adapter's update put into its base's weights: a whole model that needs neither peft nor tamiz."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from tuning.adapters import LoadedModel
from tuning.quiet import quiet_libraries

__all__ = ["merge_into_base", "save_merged", "saved_dtype"]


def merge_into_base(loaded: LoadedModel) -> Any:
    """The plain model with the adapter's update in its weights, in float32; a model tuned in full as it is.

    The sum is made in float32 whatever the base was held in: a small update is lost in a rounded sum.
    """
    model = loaded.model
    if not hasattr(model, "peft_config"):
        return model.float()
    with quiet_libraries():
        plain = model.float().merge_and_unload(safe_merge=True)
    head, words = plain.get_output_embeddings(), plain.get_input_embeddings()
    if head is not None and not torch.equal(head.weight, words.weight):
        plain.config.tie_word_embeddings = False  # the head was trained as a module of its own
    return plain


def save_merged(plain: Any, tokenizer: Any, folder: Path, *, dtype: torch.dtype, template: str) -> None:
    """Write the model as safetensors with its tokenizer, whose chat template writes what the model was taught."""
    with quiet_libraries():
        plain.to(dtype).save_pretrained(folder)
        kept = tokenizer.chat_template
        tokenizer.chat_template = template or None
        try:
            tokenizer.save_pretrained(folder)
        finally:
            tokenizer.chat_template = kept


def saved_dtype(folder: Path) -> torch.dtype:
    """The type of the weights in a merged folder."""
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, framework="pt") as weights:
            for name in weights.keys():  # noqa: SIM118  no dictionary
                dtype: torch.dtype = weights.get_tensor(name).dtype
                return dtype
    return torch.float32
