"""How a setting is written down and how a wrong one is refused."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from tamiz.errors import SettingsError

__all__ = ["key", "require"]


def key(default: Any, doc: str) -> Any:
    """A setting: its default and what it means, in one sentence."""
    return field(default=default, metadata={"doc": doc})


def require(ok: bool, where: str, value: object, advice: str) -> None:
    """Refuse a value, naming the key, the value and what to give instead."""
    if not ok:
        raise SettingsError(f"{where} is {value!r}; {advice}")
