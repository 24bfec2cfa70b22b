"""Whether the kernels that compare texts are worth compiling in this process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["pairs_at_most", "spare_compiling"]

FEW = 2000  # pairs that are compared in a second or two as they are; compiling takes longer, the first time
LEAST_BYTES = 60  # of a short pair in a table
KERNELS = "curation.near.compiled"


def spare_compiling(pairs: int) -> None:
    """Leave the kernels uncompiled for few pairs; the result is the same. Call it before curation is imported.

    TAMIZ_PLAIN decides where it is set: 1 leaves them as they are, 0 compiles them.
    """
    if pairs <= FEW and KERNELS not in sys.modules:
        os.environ.setdefault("TAMIZ_PLAIN", "1")


def pairs_at_most(*files: Path) -> int:
    """About how many pairs tables of this size can hold; 0 for what cannot be looked at."""
    return sum(path.stat().st_size for path in files if path.is_file()) // LEAST_BYTES
