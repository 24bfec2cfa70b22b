"""The lists of words that rewording goes by; they are data (words.toml)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

__all__ = ["words"]


@cache
def _lists() -> dict[str, dict[str, str]]:
    text = (files("curation.synthesis.wording") / "words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def words(name: str) -> frozenset[str]:
    """One list, by section and name ("kept.numbers")."""
    section, _, key = name.partition(".")
    return frozenset(_lists()[section][key].split())
