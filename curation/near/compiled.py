"""The one place that knows whether numba is here.

`compiled` makes a kernel of a function, once for each type of its arguments, and keeps it on disk for the next
process. Where numba is missing, or TAMIZ_PLAIN=1 asks for it, the function stays as it is and HAS_NUMBA is False:
the plain paths are taken instead, and small kernels run interpreted.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["HAS_NUMBA", "compiled", "parallel", "prange"]

Function = TypeVar("Function", bound=Callable[..., Any])

try:
    if os.environ.get("TAMIZ_PLAIN") == "1":
        raise ImportError("TAMIZ_PLAIN=1")
    import numba  # type: ignore[import-untyped]

    HAS_NUMBA = True
    prange: Any = numba.prange

    def compiled(function: Function) -> Function:
        """A kernel for one thread that lets go of the interpreter's lock."""
        kernel: Function = numba.njit(cache=True, nogil=True)(function)
        return kernel

    def parallel(function: Function) -> Function:
        """A kernel whose prange loops run on all threads."""
        kernel: Function = numba.njit(cache=True, nogil=True, parallel=True)(function)
        return kernel

except ImportError:
    HAS_NUMBA = False
    prange = range

    def compiled(function: Function) -> Function:
        return function

    def parallel(function: Function) -> Function:
        return function
