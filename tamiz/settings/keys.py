"""How a setting is written down and how a wrong one is refused."""

from __future__ import annotations

from dataclasses import Field, field
from typing import Any

from tamiz.errors import SettingsError

__all__ = ["is_own", "key", "require"]


def key(default: Any, doc: str, *, own: bool = False) -> Any:
    """A setting: its default and what it means, in one sentence.

    An `own` one is what the program notes beside the settings: no key of tamiz.toml, and no two settings differ by it.
    """
    metadata = {"doc": doc, "own": own}
    if isinstance(default, dict):
        return field(default_factory=default.copy, metadata=metadata)
    return field(default=default, compare=not own, metadata=metadata)


def is_own(of: Field[Any]) -> bool:
    """Whether a field is the program's own note, not a key of tamiz.toml."""
    return bool(of.metadata.get("own"))


def require(ok: bool, where: str, value: object, advice: str) -> None:
    """Refuse a value, naming the key, the value and what to give instead."""
    if not ok:
        raise SettingsError(f"{where} is {value!r}; {advice}")
