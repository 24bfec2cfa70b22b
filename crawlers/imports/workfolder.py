"""Disk for the time of an import."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tamiz.files import ASIDE
from tamiz.project import Project

__all__ = ["work_folder"]


@contextmanager
def work_folder(project: Project) -> Iterator[Path]:
    """A folder in the project's for the time of an import; opening the project sweeps what a killed one left."""
    project.folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{ASIDE}{os.getpid()}-import-", dir=project.folder))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
