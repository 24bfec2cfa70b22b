"""What the commands share: opening the project, and printing for people or for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tamiz.wording import plural

if TYPE_CHECKING:
    from tamiz.project import Project
    from tamiz.store import Store

__all__ = ["as_json", "counted", "opened", "plain", "plural", "show"]

as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Project, Store]]:
    """The project and its store, open while the block runs."""
    from tamiz.project import Project
    from tamiz.store import Store

    project = Project.open(folder)
    with Store.open(project.store_url, vault=project.vault) as store:
        yield project, store


def show(result: Any, *, as_json: bool, lines: Iterable[str], then: str = "") -> None:
    """Print a result for people, with what to run next, or as JSON for scripts."""
    if as_json:
        click.echo(json.dumps(plain(result), ensure_ascii=False, indent=2))
        return
    for line in lines:
        click.echo(line)
    if then:
        click.echo(f"Next: {then}")


def plain(value: Any) -> Any:
    """Records and counters as JSON types; a key of several parts is joined by a colon."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {": ".join(key) if isinstance(key, tuple) else str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def counted(counts: Mapping[str, int], word: str = "") -> list[str]:
    """One indented line for each counted thing, the most frequent first."""
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [f"  {count:>6,}  {word}{name}" for name, count in rows]
