"""Full fine-tuning: every weight learns, and what is saved is a whole model, to stand beside an adapter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer

from tuning.quiet import quiet_libraries

__all__ = ["free_weights", "is_full", "save_model", "show_base"]


def free_weights(model: Any) -> None:
    """Every weight learns."""
    for part in model.parameters():
        part.requires_grad_(True)


def show_base(model: Any, original: Callable[[], Any]) -> Any:
    """The model, whose disable_adapter() shows the base as an adapter's does.

    `original` loads the base again, so that nothing of it lies in memory while the model is trained.
    """
    model.disable_adapter = partial(_base_instead, model, original)
    return model


def is_full(model: Any) -> bool:
    """Whether the model was tuned in full: it has no adapter."""
    return not hasattr(model, "peft_config")


def save_model(model: Any, folder: Path, base_folder: Path) -> None:
    """The whole model as safetensors with its tokenizer: a folder that is a base model, too."""
    with quiet_libraries():
        model.save_pretrained(folder)
        AutoTokenizer.from_pretrained(base_folder, local_files_only=True).save_pretrained(folder)


@contextmanager
def _base_instead(model: Any, original: Callable[[], Any]) -> Iterator[None]:
    """The base's weights in the model for as long as the block lasts; no random number is used up for it."""
    tuned = {name: part.detach().cpu().clone() for name, part in model.state_dict().items()}
    with torch.random.fork_rng():
        weights = original().state_dict()
    model.load_state_dict(weights)
    del weights
    try:
        yield
    finally:
        model.load_state_dict(tuned)
