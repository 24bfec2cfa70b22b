"""A source added to tamiz.toml, with every comment and every line of it kept."""

from __future__ import annotations

import json
import os
import re
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tamiz.errors import SettingsError
from tamiz.files import aside
from tamiz.settings.reading import Settings, read_settings
from tamiz.settings.sources import SourceSettings

if TYPE_CHECKING:
    from tamiz.store import Store

__all__ = ["add_source"]

_OPENING = re.compile(r"^[ \t]*\[\[[ \t]*sources[ \t]*\]\]", re.M)
_TABLE = re.compile(r"^[ \t]*\[", re.M)


def add_source(folder: Path, values: Mapping[str, str | int], *, store: Store, by: str) -> SourceSettings:
    """Write a [[sources]] block with these keys into the project's tamiz.toml; the source as it is now.

    The block stands behind the other sources, else at the end. The file is replaced only by one that the settings'
    reader takes and in which nothing else has changed; SettingsError says what is wrong, and the file stays as it was.
    NotPermitted when `by` may not manage.
    """
    from tamiz.people import permit

    permit(store, by, "manage")
    before = read_settings(folder)
    path = folder / "tamiz.toml"
    if path.is_symlink():
        raise SettingsError(f"{path} is a link; add the source to the file that it points to")
    text = path.read_bytes().decode("utf-8-sig")
    ending = "\r\n" if "\r\n" in text else "\n"
    lines = ["[[sources]]", *(f"{name} = {_toml(value)}" for name, value in values.items())]
    block = ending.join(lines) + ending
    for at in (_behind_sources(text), len(text)):  # a text that only looks like a table may mislead the first
        new = _insert(text, at, block, ending)
        source = _added(folder, new, before)
        if source is not None:
            break
    else:
        raise SettingsError(
            f"{path} cannot take a [[sources]] block where its sources are written otherwise; add it there"
        )
    with aside(path) as temporary:
        temporary.write_bytes(new.encode())
        shutil.copymode(path, temporary)
        if path.read_bytes().decode("utf-8-sig") != text:
            raise SettingsError(
                f"{path} was changed by somebody else in this moment; look at it and add the source again"
            )
    return source


def _toml(value: str | int) -> str:
    """A value as TOML writes it: its basic strings have JSON's escapes, and one more."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _behind_sources(text: str) -> int:
    """Where the last [[sources]] block ends: before the comment that stands above the next table."""
    found = list(_OPENING.finditer(text))
    if not found:
        return len(text)
    following = _TABLE.search(text, found[-1].end())
    if following is None:
        return len(text)
    lines = text[: following.start()].splitlines(keepends=True)
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return sum(map(len, lines))


def _insert(text: str, at: int, block: str, ending: str) -> str:
    before, behind = text[:at], text[at:]
    if before and not before.endswith("\n"):
        before += ending
    return f"{before}{ending if before.strip() else ''}{block}{behind}"


def _added(folder: Path, text: str, before: Settings) -> SourceSettings | None:
    """The source that this text of tamiz.toml has more than the settings had; None where anything else differs.

    SettingsError for a source that cannot be: its own words say why.
    """
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    probe = folder / f".writing-{os.getpid()}-probe"
    probe.mkdir()
    try:
        (probe / "tamiz.toml").write_text(text, encoding="utf-8", newline="")
        after = read_settings(probe)
    finally:
        shutil.rmtree(probe)
    added = [source for source in after.sources if source not in before.sources]
    if len(added) != 1 or replace(after, sources=()) != replace(before, sources=()):
        return None
    return added[0]
