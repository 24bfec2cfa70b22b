"""Write docs/reference/ from the program itself: the commands from their --help, the settings from their classes.

usage: python docs/generate.py [--check]      --check writes nothing and fails when a page is out of date
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import click

from tamiz.cli import cli
from tamiz.cli.exits import EXITS
from tamiz.settings import Settings
from tamiz.settings.keys import is_own

REFERENCE = Path(__file__).parent / "reference"
NOTE = "<!-- Made by docs/generate.py; change the program, not this page. -->\n"


def commands() -> str:
    parts = [NOTE, "# Commands\n", f"```\n{help_of(cli, 'tamiz')}\n```\n"]
    for name, command in sorted(cli.commands.items()):
        parts.append(f"## tamiz {name}\n\n```\n{help_of(command, f'tamiz {name}')}\n```\n")
        for of, part in sorted(command.commands.items() if isinstance(command, click.Group) else ()):
            parts.append(f"### tamiz {name} {of}\n\n```\n{help_of(part, f'tamiz {name} {of}')}\n```\n")
    parts.append(
        "## Exit codes\n\n| code | meaning |\n|---|---|\n" + "".join(f"| {n} | {what} |\n" for n, what in EXITS)
    )
    return "\n".join(parts)


def help_of(command: click.Command, name: str) -> str:
    with click.Context(command, info_name=name, max_content_width=100, terminal_width=100) as context:
        return command.get_help(context)


def settings() -> str:
    parts = [NOTE, "# Settings\n", "Every key of `tamiz.toml`, with its default.\n"]
    for title, cls in sections(Settings, ""):
        parts.append(f"## {title}\n\n| key | default | meaning |\n|---|---|---|")
        hints = get_type_hints(cls)
        for field in dataclasses.fields(cls):
            if "doc" in field.metadata and not is_own(field):
                parts.append(row(field, hints[field.name]))
        parts.append("")
    return "\n".join(parts)


def row(field: dataclasses.Field[Any], hint: Any) -> str:
    choices = get_args(hint) if get_origin(hint) is Literal else ()
    doc = field.metadata["doc"]
    if choices:
        doc += f" One of {', '.join(f'`{choice}`' for choice in choices)}."
    default = "{}" if get_origin(hint) is dict else toml(field.default)
    return f"| `{field.name}` | `{default}` | {doc} |"


def toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def sections(cls: type, path: str) -> Iterator[tuple[str, type]]:
    """Every table of tamiz.toml: its heading as it is written there, and its class."""
    for name, hint in get_type_hints(cls).items():
        many, named = get_origin(hint) is tuple, get_origin(hint) is dict
        inner = get_args(hint)[int(named)] if many or named else hint
        if dataclasses.is_dataclass(inner) and isinstance(inner, type):
            table = (f"{path}.{name}" if path else name) + (".NAME" if named else "")
            yield (f"[[{table}]]" if many else f"[{table}]"), inner
            yield from sections(inner, table)


def main() -> int:
    stale = []
    for name, text in (("commands.md", commands()), ("settings.md", settings())):
        path = REFERENCE / name
        if "--check" not in sys.argv:
            REFERENCE.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    if stale:
        sys.stdout.write(f"out of date: {', '.join(stale)}. Run: python docs/generate.py\n")
    return len(stale)


if __name__ == "__main__":
    sys.exit(main())
