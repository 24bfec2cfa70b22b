"""The one place that knows whether numba is here.

`compiled` makes a kernel of a function, once for each type of its arguments, and keeps it on disk for the next
process. Where numba is missing, or TAMIZ_PLAIN=1 asks for it, the function stays as it is and HAS_NUMBA is False:
the plain paths are taken instead, and small kernels run interpreted.

Kernels let go of the interpreter's lock, so that Python's own threads run them side by side.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import platformdirs

__all__ = ["HAS_NUMBA", "compiled"]

Function = TypeVar("Function", bound=Callable[..., Any])

try:
    if os.environ.get("TAMIZ_PLAIN") == "1":
        raise ImportError("TAMIZ_PLAIN=1")
    import numba

    HAS_NUMBA = True
except ImportError:
    HAS_NUMBA = False


@functools.cache
def _folder() -> str:
    """Where kernels are kept: another folder for every state of their sources.

    numba sees a change of a kernel's own file, and none of the kernels that it calls.
    """
    sources = [path.read_bytes() for path in sorted(Path(__file__).parent.rglob("*.py"))]
    name = hashlib.sha256(b"\0".join(sources)).hexdigest()[:16]
    return str(platformdirs.user_cache_path("tamiz") / "kernels" / name)


def compiled(function: Function) -> Function:
    """A kernel for one thread."""
    if not HAS_NUMBA:
        return function
    from numba.core import config

    before = config.CACHE_DIR  # type: ignore[attr-defined]
    config.CACHE_DIR = before or _folder()  # type: ignore[attr-defined]
    kernel: Any
    try:
        kernel = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # there is no folder that can be written to
        kernel = numba.njit(nogil=True)(function)
    finally:
        config.CACHE_DIR = before  # type: ignore[attr-defined]
    return kernel  # type: ignore[no-any-return]
