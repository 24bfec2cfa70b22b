"""What a run takes: memory, and the versions it ran with."""

from __future__ import annotations

import platform
import resource
import sys
from importlib.metadata import version
from pathlib import Path

import torch

__all__ = ["library_versions", "memory_mb", "peak_memory_mb"]

LIBRARIES = ("torch", "transformers", "peft", "tokenizers", "safetensors", "sacrebleu")


def peak_memory_mb(device: torch.device) -> float:
    """The most memory this process has held so far, in MB: the GPU's on a GPU, else resident memory."""
    if device.type == "cuda":
        return round(torch.cuda.max_memory_allocated(device) / 1e6, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6, 1)  # bytes there, KiB here


def memory_mb(device: torch.device) -> float:
    """The memory this process holds now, in MB: the GPU's on a GPU, else resident memory.

    Where the system does not tell (only Linux does without a further library), the most it has held so far.
    """
    if device.type == "cuda":
        return round(torch.cuda.memory_allocated(device) / 1e6, 1)
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return peak_memory_mb(device)
    return round(pages * resource.getpagesize() / 1e6, 1)


def library_versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
