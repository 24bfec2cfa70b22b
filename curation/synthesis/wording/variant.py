"""A question in other words, and the sentences that go around one."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["PLACES", "Variant", "wrapped", "wrappers"]


@dataclass(frozen=True, slots=True)
class Variant:
    """The question in other words. `style` says how: a form of address (tú, usted, vos, vosotros, ustedes), formal,
    informal, plain, fragment or keywords; `place` is where it is said so (es-AR), "" where everywhere."""

    text: str
    style: str
    place: str = ""


PLACES = {"vos": "es-AR", "vosotros": "es-ES", "ustedes": "es-MX"}


@cache
def wrappers() -> dict[str, dict[str, list[str]]]:
    """What can be said around a question, by language and register (see wrappers.toml)."""
    text = (files("curation.synthesis.wording") / "wrappers.toml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, list[str]]] = tomllib.loads(text)
    return loaded


def wrapped(table: str, *, leave: frozenset[str] = frozenset(), **parts: str) -> list[Variant]:
    """The sentences of a table with its parts put in, but not in the registers to leave out."""
    return [
        Variant(_put(template, parts), style, PLACES.get(style, ""))
        for style, templates in wrappers()[table].items()
        if style not in leave
        for template in templates
    ]


def _put(template: str, parts: dict[str, str]) -> str:
    """Texts go in by replacing, never by format(): a question may hold braces."""
    for name, text in parts.items():
        before, mark, after = template.partition("{" + name + "}")
        if mark:
            return before + text + after
    return template
