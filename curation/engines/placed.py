"""Where the engine works: the settings' paths in their places."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from tamiz.settings import CurationSettings

__all__ = ["placed"]


def placed(settings: CurationSettings, project: Path, engine: Literal["", "local", "ray"] = "") -> CurationSettings:
    """The settings with this engine, if one is given, and with whole paths: relative ones are in the project."""
    ray = settings.ray
    token_file = str(project / Path(ray.token_file).expanduser()) if ray.token_file else ""
    folder = ray.folder or str(project / "work")
    ray = replace(ray, folder=folder, token_file=token_file)
    words = settings.spelling
    glossary = str(project / Path(words.glossary).expanduser()) if words.glossary else ""
    cache = str(project / Path(words.cache or "work/languagetool").expanduser())
    spelling = replace(words, glossary=glossary, cache=cache)
    return replace(settings, ray=ray, spelling=spelling, engine=engine or settings.engine)
