"""What a run takes: memory, and the versions it ran with."""

from __future__ import annotations

import platform
import resource
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import torch

__all__ = ["library_versions", "memory_mb", "peak_memory_mb", "reset_peak"]

LIBRARIES = ("torch", "transformers", "peft", "tokenizers", "safetensors", "sacrebleu")


def peak_memory_mb(device: torch.device) -> float:
    """The most memory this process has held so far, in MB: the GPU's on a GPU, else resident memory.

    After `reset_peak` it is the most since then, where the system can forget.
    """
    if device.type == "cuda":
        return round(torch.cuda.max_memory_allocated(device) / 1e6, 1)
    try:  # getrusage tells a program that a large one has started of that one's memory
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return round(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024 / 1e6, 1)
    except (OSError, ValueError, StopIteration):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return round(peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6, 1)  # bytes there, KiB here


def reset_peak(device: torch.device) -> float:
    """Forget the peak, where the system can; what it was."""
    before = peak_memory_mb(device)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    else:
        with suppress(OSError):  # only Linux has it
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return before


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
