"""What a run takes: memory, and the versions it ran with."""

from __future__ import annotations

import platform
import resource
import sys
from importlib.metadata import version

import torch

__all__ = ["library_versions", "peak_memory_mb"]

LIBRARIES = ("torch", "transformers", "peft", "tokenizers", "safetensors", "sacrebleu")


def peak_memory_mb(device: torch.device) -> float:
    """The most memory this process has held so far, in MB: the GPU's on a GPU, else resident memory."""
    if device.type == "cuda":
        return round(torch.cuda.max_memory_allocated(device) / 1e6, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6, 1)  # bytes there, KiB here


def library_versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
