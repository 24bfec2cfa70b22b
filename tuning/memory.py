"""How much memory a run may take, and what it looks like when there is none left."""

from __future__ import annotations

import gc
import os
import resource
import sys
from pathlib import Path

import torch

from tuning.cost import memory_mb

__all__ = ["free_unused", "is_out_of_memory", "limit_mb"]

# What torch's CPU allocator and oneDNN say in a plain RuntimeError.
SAID = ("can't allocate memory", "not enough memory", "bad allocation", "bad_alloc", "out of memory")
ONEDNN = ("could not create a memory", "could not create a primitive")
CGROUPS = (
    ("/sys/fs/cgroup", "memory.max", "memory.current"),
    ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
)
USABLE = 0.92  # of what is free: other programs breathe, and a GPU's memory is never free in one piece


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of torch or Python says that memory ran out."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(words in text for words in (*SAID, *ONEDNN))


def free_unused(device: torch.device) -> None:
    """Give back what is no longer in use, before the same is tried in smaller parts."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()


def limit_mb(device: torch.device, *, given: int = 0, sharing: int = 1) -> float:
    """The memory that this process may hold in all, in MB: what it has and its share of what is free.

    On a CPU it is the least of the machine's free memory, the container's limit and the process' own limit;
    `given` is taken where it is less. `sharing` processes of one run are on this machine.
    """
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        held = torch.cuda.memory_reserved(device)
        found = (held + free * USABLE) / 1e6
    else:
        free_mb = min((room for room in (_machine(), _container(), _process()) if room is not None), default=None)
        found = float("inf") if free_mb is None else memory_mb(device) + free_mb * USABLE / sharing
    return min(found, given) if given else found


def _machine() -> float | None:
    """Free memory of the machine in MB, with what the system only caches."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration):
        names = ("SC_PHYS_PAGES", "SC_PAGE_SIZE")
        return os.sysconf(names[0]) * os.sysconf(names[1]) / 1e6 if set(names) <= set(os.sysconf_names) else None


def _container() -> float | None:
    """What a control group leaves of its limit."""
    for folder, limit, used in CGROUPS:
        try:
            most = Path(folder, limit).read_text(encoding="ascii").strip()
            if most != "max" and int(most) < 2**60:
                return (int(most) - int(Path(folder, used).read_text(encoding="ascii"))) / 1e6
        except (OSError, ValueError):
            continue
    return None


def _process() -> float | None:
    """What `ulimit -v` leaves this process."""
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    if most == resource.RLIM_INFINITY or not sys.platform.startswith("linux"):
        return None
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return (most - pages * resource.getpagesize()) / 1e6
