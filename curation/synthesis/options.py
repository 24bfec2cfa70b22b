"""What a user may set for a run of a recipe (`--set NAME=VALUE`), checked where it is read."""

from __future__ import annotations

from collections.abc import Collection

from curation.synthesis.recipe import Material
from tamiz.errors import SettingsError

__all__ = ["choice", "number"]


def number(material: Material, name: str, default: int, *, lowest: int = 1, highest: int = 50) -> int:
    """An option that is a whole number."""
    given = material.options.get(name, "")
    if not given:
        return default
    if not given.isdecimal() or not lowest <= int(given) <= highest:
        raise SettingsError(f"--set {name}={given}: give a whole number from {lowest} to {highest}")
    return int(given)


def choice(material: Material, name: str, allowed: Collection[str], default: str = "") -> str:
    """An option that is one of a few words."""
    given = material.options.get(name, default)
    if given and given not in allowed:
        raise SettingsError(f"--set {name}={given}: give one of {', '.join(sorted(allowed))}")
    return given
