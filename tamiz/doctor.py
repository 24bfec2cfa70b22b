"""What this machine has and lacks for tamiz, and the command that brings each thing."""

from __future__ import annotations

import platform
import shutil
from dataclasses import dataclass

from tamiz.database import check_sqlite_version, sqlite_module
from tamiz.extras import EXTRAS, missing_modules

__all__ = ["Check", "examine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing: whether it is there, what was found, and how to get it."""

    what: str
    ok: bool
    found: str
    remedy: str = ""


def examine() -> list[Check]:
    """Every check but that of LanguageTool, which is the spelling's; without importing any heavy library."""
    version = sqlite_module().sqlite_version
    warning = check_sqlite_version(tuple(map(int, version.split("."))))
    checks = [
        Check(what="Python", ok=True, found=platform.python_version()),
        Check(what="SQLite", ok=not warning, found=version, remedy=warning),
    ]
    for extra, (purpose, _) in EXTRAS.items():
        missing = missing_modules(extra)
        found = f"{purpose} ({'no ' + ', '.join(missing) if missing else 'installed'})"
        checks.append(Check(what=extra, ok=not missing, found=found, remedy=f"pip install 'tamiz[{extra}]'"))
    java = shutil.which("java")
    checks.append(Check(what="Java", ok=java is not None, found=java or "none", remedy="only LanguageTool needs it"))
    gpu = shutil.which("nvidia-smi")
    remedy = "not needed; see docs/how-to/gpu.md"
    checks.append(Check(what="GPU", ok=gpu is not None, found=gpu or "none", remedy=remedy))
    return checks
