"""What a user may set for a run (`--set NAME=VALUE`): declared by each recipe, and checked before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from curation.synthesis.recipe import Material, Recipe
from curation.synthesis.toolbox import read_tools
from tamiz.errors import InputError, SettingsError
from tamiz.records import clean_unicode

__all__ = ["Choice", "Count", "Option", "Text", "check_wishes", "options_of"]

SHOWN = 60  # characters of a value that is told again


class Option(Protocol):
    """`takes` says in a few words what can be given, `about` what it does."""

    @property
    def name(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def takes(self) -> str: ...

    def fault(self, value: str) -> str:
        """Why this cannot be given, as what to give instead; "" where it can."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A whole number."""

    name: str
    about: str
    default: int
    lowest: int = 1
    highest: int = 50

    @property
    def takes(self) -> str:
        return f"{self.lowest} to {self.highest}; otherwise {self.default}"

    def fault(self, value: str) -> str:
        good = value.isascii() and value.isdecimal() and len(value) < 10 and self.lowest <= int(value) <= self.highest
        return "" if good else f"give a whole number from {self.lowest} to {self.highest}"

    def of(self, material: Material) -> int:
        """What the run was told, or the default."""
        return int(_given(self, material) or self.default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of a few words. Where each language has words of its own, those at the same place mean the same."""

    name: str
    about: str
    words: Mapping[str, tuple[str, ...]]
    otherwise: str = "by lot, for each pair"

    @property
    def takes(self) -> str:
        groups = " | ".join(", ".join(words) for words in self.words.values())
        return f"{groups}; otherwise {self.otherwise}"

    def fault(self, value: str) -> str:
        every = sorted({word for words in self.words.values() for word in words})
        return "" if value in every else f"give one of {', '.join(every)}"

    def of(self, material: Material, default: str) -> str:
        """What the run was told, in the material's language; the default where it was told nothing, or where this
        language has nothing that means the same."""
        given = _given(self, material)
        own = self.words.get(material.lang, self.words.get("", ()))
        if not given or given in own:
            return given or default
        others = next(words for words in self.words.values() if given in words)
        return own[others.index(given)] if len(own) == len(others) else default


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Words of the user's own, in one line."""

    name: str
    about: str
    longest: int
    example: str

    @property
    def takes(self) -> str:
        return f"up to {self.longest} characters, such as '{self.example}'"

    def fault(self, value: str) -> str:
        clean = clean_unicode(value).strip()
        good = 0 < len(clean) <= self.longest and "\n" not in clean
        return "" if good else f"give up to {self.longest} characters in one line, such as '{self.example}'"

    def of(self, material: Material) -> str:
        """What the run was told, or nothing."""
        return clean_unicode(_given(self, material)).strip()


@runtime_checkable
class _Settable(Protocol):
    @property
    def options(self) -> tuple[Option, ...]: ...


@runtime_checkable
class _WithTools(Protocol):
    @property
    def calls_tools(self) -> bool: ...


def options_of(recipe: Recipe) -> tuple[Option, ...]:
    """What may be set for a recipe; nothing where it declares nothing."""
    return recipe.options if isinstance(recipe, _Settable) else ()


def check_wishes(recipe: Recipe, options: Mapping[str, str], tools: str) -> None:
    """SettingsError where the recipe does not know an option, or not that value; InputError where it needs a tool
    list and there is none, or there is one and it calls no tools."""
    known = {one.name: one for one in options_of(recipe)}
    for name, value in options.items():
        told = f"--set {name}={value[:SHOWN]}"
        if name not in known:
            there = f"it knows {', '.join(known)}" if known else "it takes none"
            raise SettingsError(f"{told}: the recipe {recipe.name} has no option {name!r}; {there}")
        if why := known[name].fault(value):
            raise SettingsError(f"{told}: {why}")
    if isinstance(recipe, _WithTools):
        if not tools:
            raise InputError(
                f"the recipe {recipe.name} needs a tool list: tamiz synth {recipe.name} --tools tools.json"
            )
        read_tools(tools)
    elif tools:
        raise InputError(f"the recipe {recipe.name} calls no tools; --tools is for the recipe toolcalls")


def _given(option: Option, material: Material) -> str:
    given = material.options.get(option.name, "")
    if given and (why := option.fault(given)):
        raise SettingsError(f"--set {option.name}={given[:SHOWN]}: {why}")
    return given
