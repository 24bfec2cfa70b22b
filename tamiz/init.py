"""A new project: a folder with a commented tamiz.toml."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from tamiz.errors import InputError
from tamiz.files import write_whole

__all__ = ["TEMPLATES", "init_project"]

TEMPLATES = ("support-es", "support-en")


def init_project(folder: Path, template: str) -> Path:
    """Write the template's tamiz.toml into `folder`; InputError if there is one already."""
    path = folder / "tamiz.toml"
    if path.exists():
        raise InputError(f"{path} is there already. Edit it, or give another folder: tamiz init OTHER")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be made ({error.strerror}). Give another folder.") from None
    text = files("tamiz").joinpath("templates", f"{template}.toml").read_text(encoding="utf-8")
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.resolve().name).strip("-") or "my-support"
    write_whole(path, text.replace("{name}", name))
    return path
