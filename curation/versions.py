"""The dataset versions of a project, as they lie in its exports folder."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from curation.stratify import PARTS
from tamiz.errors import InputError
from tamiz.project import Project
from tamiz.records import Manifest, Split

__all__ = ["newest_export", "newest_parts", "next_version", "version_names"]


def newest_export(project: Project) -> Manifest | None:
    """The manifest of the latest version, or None before the first."""
    versions = version_names(project)
    if not versions:
        return None
    path = project.exports / versions[-1] / "manifest.json"
    try:
        return Manifest.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"{path} cannot be read as a manifest ({error}). Move that folder away and export again"
        ) from None


def newest_parts(project: Project) -> dict[str, Split]:
    """The part of every pair of the newest version, as its files say."""
    versions = version_names(project)
    if not versions:
        return {}
    folder = project.exports / versions[-1] / "pairs"
    paths = {part: folder / f"{part}.jsonl" for part in PARTS}
    try:
        lines = {part: path.read_text(encoding="utf-8").split("\n") for part, path in paths.items()}
        return {str(json.loads(line)["id"]): part for part, many in lines.items() for line in many if line}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder} cannot be read ({error}). Move that version away and export again") from None


def next_version(project: Project) -> str:
    """The name of the version after the newest one: v001, v002, ..."""
    versions = version_names(project)
    return f"v{int(versions[-1][1:]) + 1 if versions else 1:03d}"


def version_names(project: Project) -> list[str]:
    """The names of the versions that lie in the project, the newest last, whether they can be read or not."""
    found: Iterator[Path] = project.exports.glob("v*") if project.exports.is_dir() else iter(())
    names = [path.name for path in found if re.fullmatch(r"v\d{3,}", path.name)]
    return sorted(names, key=lambda name: int(name[1:]))
