"""Units of measure and of money by their names, in Spanish and English."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from functools import cache
from importlib.resources import files

__all__ = ["MONEY", "Unit", "time_factor", "unit_pattern", "units"]

Unit = tuple[str, float]  # what it measures, and the factor to the first unit of that
MONEY = frozenset({"euro", "pound", "dollar", "peso", "sol"})


@cache
def units() -> dict[str, tuple[Unit, ...]]:
    """The units that each name may mean."""
    read = tomllib.loads((files("curation.synthesis.gates") / "units.toml").read_text(encoding="utf-8"))
    named: defaultdict[str, list[Unit]] = defaultdict(list)
    for measured, table in read.items():
        for factor, names in _flat(table).items():
            for name in names.split(", "):
                named[name].append((measured, float(factor)))
    return {name: tuple(found) for name, found in named.items()}


def _flat(table: dict[str, object]) -> dict[str, str]:
    """The factors of a table; TOML reads the key 0.01 as one table in another."""
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": str(names) for inner, names in value.items()}
        else:
            flat[key] = str(value)
    return flat


@cache
def unit_pattern() -> str:
    """A regular expression of all names, the longest first."""
    import re

    return "|".join(re.escape(name) for name in sorted(units(), key=len, reverse=True))


def time_factor(name: str) -> Unit | None:
    """The unit of time of this name."""
    return next((unit for unit in units().get(name, ()) if unit[0] in ("time", "months")), None)
