"""tamiz.toml into settings: unknown keys and wrong types are refused, with the right ones."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from tamiz.errors import NoProject, SettingsError
from tamiz.settings.curation import CurationSettings
from tamiz.settings.judge import JudgeSettings
from tamiz.settings.keys import is_own, require
from tamiz.settings.project import ExportSettings, ProjectSettings, ReviewSettings, StoreSettings
from tamiz.settings.serving import ServingSettings
from tamiz.settings.sources import CrawlSettings, SourceSettings
from tamiz.settings.synthesis import SynthesisSettings
from tamiz.settings.tuning import TuningSettings

__all__ = ["Settings", "read_settings"]

S = TypeVar("S")


MOVED = {
    "curation.length": "its limits are by kind of pair now: move them to [curation.quality.faq], "
    "[curation.quality.forum], [curation.quality.transcript], [curation.quality.table] or [curation.quality.synthetic]"
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything in tamiz.toml."""

    project: ProjectSettings = ProjectSettings()
    store: StoreSettings = StoreSettings()
    crawl: CrawlSettings = CrawlSettings()
    sources: tuple[SourceSettings, ...] = ()
    curation: CurationSettings = CurationSettings()
    review: ReviewSettings = ReviewSettings()
    synthesis: SynthesisSettings = SynthesisSettings()
    export: ExportSettings = ExportSettings()
    tuning: TuningSettings = TuningSettings()
    judge: JudgeSettings = JudgeSettings()
    serving: ServingSettings = ServingSettings()

    def __post_init__(self) -> None:
        names = [source.name for source in self.sources]
        twice = next((name for name in names if names.count(name) > 1), "")
        require(not twice, "[[sources]] name", twice, "give every source a name of its own")


def read_settings(folder: Path) -> Settings:
    """The checked settings of the project in `folder`; NoProject or SettingsError if that cannot be."""
    path = folder / "tamiz.toml"
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise NoProject(folder) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML in UTF-8 ({error}). Mend that line.") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}). Check the file's rights.") from None
    return _build(Settings, values, "")


def _build(cls: type[S], values: Mapping[str, Any], where: str) -> S:
    """A settings dataclass from a TOML table, refusing unknown keys and wrong types."""
    hints = get_type_hints(cls)
    known = {f.name: f for f in fields(cls) if not is_own(f)}  # type: ignore[arg-type]
    for name in values:
        if name not in known:
            moved = MOVED.get(f"{where}.{name}")
            if moved is not None:
                raise SettingsError(f"tamiz.toml has a table [{where}.{name}]; {moved}")
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            advice = f"did you mean {near[0]}?" if near else f"use one of: {', '.join(known)}"
            raise SettingsError(f"tamiz.toml has an unknown key {_label(where, name)}; {advice}")
    built = {name: _value(hints[name], value, where, name) for name, value in values.items()}
    for name, f in known.items():
        if name not in built and f.default is MISSING and f.default_factory is MISSING:
            raise SettingsError(f"tamiz.toml lacks {_label(where, name)}; add it")
    if "given" in hints:
        built["given"] = tuple(built)
    return cls(**built)


def _label(where: str, name: str) -> str:
    return f"[{where}] {name}" if where else f"[{name}]"


def _value(hint: Any, value: Any, where: str, name: str) -> Any:
    label = _label(where, name)
    if is_dataclass(hint) and isinstance(hint, type):
        table = f"{where}.{name}" if where else name
        require(isinstance(value, dict), label, value, f"write it as a table: [{table}]")
        return _build(hint, value, table)
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        advice = f"write it as tables: [[{name}]]" if is_dataclass(inner) else 'give a list, such as ["a", "b"]'
        require(isinstance(value, list), label, value, advice)
        return tuple(_value(inner, item, where, name) for item in value)
    if get_origin(hint) is dict:
        require(isinstance(value, dict), label, value, f"write it as a table: [{where}.{name}]")
        return {inner: _value(get_args(hint)[1], item, f"{where}.{name}", inner) for inner, item in value.items()}
    if get_origin(hint) is Literal:
        return _literal(get_args(hint), value, label)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    good = isinstance(value, hint) and not (hint is int and isinstance(value, bool))
    names = {str: "text in quotes", int: "a whole number", float: "a number", bool: "true or false"}
    require(good, label, value, f"give {names[hint]}")
    return value


def _literal(allowed: tuple[Any, ...], value: Any, where: str) -> Any:
    if value not in allowed:
        near = difflib.get_close_matches(str(value), [str(item) for item in allowed], n=1, cutoff=0.4)
        hint = f" (did you mean {near[0]}?)" if near else ""
        require(False, where, value, f"give one of: {', '.join(map(str, allowed))}{hint}")
    return value
