"""Whether what `pip install 'tamiz[tune]'` brings is here, asked before anything heavy is imported."""

from __future__ import annotations

import os
from importlib.util import find_spec

from tamiz.errors import MissingExtra

__all__ = ["need_tune_extra"]

PACKAGES = ("torch", "transformers", "peft", "safetensors", "huggingface_hub", "gguf", "sacrebleu")


def need_tune_extra(what: str = "tamiz tune") -> None:
    """Raise MissingExtra naming the first library that is not installed; make torch's threads good neighbours.

    Threads that wait spin by default: with other work on two cores one training step took 32 seconds,
    and 4 with sleeping threads. torch reads this when it is first imported, so it is set before.

    >>> need_tune_extra("tamiz chat")
    """
    for package in PACKAGES:
        if find_spec(package) is None:
            raise MissingExtra(what, "tune", package)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
