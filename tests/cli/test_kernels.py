"""Few pairs are compared without waiting for a compiler."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import os, sys
from tamiz.cli.kernels import spare_compiling
if "{before}":
    os.environ["TAMIZ_PLAIN"] = "{before}"
spare_compiling({pairs})
from curation.near.compiled import HAS_NUMBA
print(HAS_NUMBA)
"""


@pytest.mark.parametrize(
    ("pairs", "before", "compiled"),
    [
        pytest.param(300, "", False, id="few pairs"),
        pytest.param(300, "0", True, id="few pairs, compiled on request"),
        pytest.param(300_000, "", True, id="many pairs"),
        pytest.param(300_000, "1", False, id="many pairs, plain on request"),
    ],
)
def test_kernels_are_compiled_where_it_pays(pairs: int, before: str, compiled: bool) -> None:
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(pairs=pairs, before=before)], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == str(compiled)
