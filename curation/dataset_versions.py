"""The dataset versions of a project for people to look at: what each holds, how two differ, and what has come since.

A version never changes, so what is read of one may be kept. One that cannot be read is named with the reason, and
the others are read all the same.
"""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from curation.stratify import PARTS
from curation.versions import version_names
from tamiz.errors import InputError
from tamiz.project import Project
from tamiz.records import Manifest, Split
from tamiz.splitparts import accepted_ids
from tamiz.store import Store

__all__ = ["BY", "Freshness", "Unreadable", "Version", "freshness", "part_counts", "read_lines", "versions", "zip_to"]

BY = ("lang", "label", "source", "kind")
WHOLE = 1 << 20  # bytes of a text that is read in one piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version that can be read. `files` are the sizes in bytes by path inside `folder`, `missing` those that are
    in the manifest and not there."""

    manifest: Manifest
    folder: Path
    files: Mapping[str, int]
    missing: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def pairs(self) -> int:
        return sum(self.manifest.splits.values())

    @property
    def size(self) -> int:
        return sum(self.files.values())

    def card(self) -> str:
        """The dataset card's Markdown, "" where the file is not there; the YAML header is left out."""
        try:
            with (self.folder / "README.md").open(encoding="utf-8", errors="replace") as file:
                text = file.read(WHOLE)
        except OSError:
            return ""
        if text.startswith("---\n"):
            text = text.partition("\n---\n")[2] or text
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A folder that has a version's name and is none: half-copied, broken, not to be opened."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """What an export now would bring in and leave out, against the newest version."""

    version: str
    added: int
    removed: int

    @property
    def stale(self) -> bool:
        return bool(self.added or self.removed)


def versions(project: Project) -> list[Version | Unreadable]:
    """Every version of the project, the newest first."""
    return [_version(project.exports / name) for name in reversed(version_names(project))]


def part_counts(version: Version) -> dict[Split, dict[str, Counter[str]]]:
    """How many pairs each part has, by language, label, source and kind; InputError for files that are no pairs."""
    counts: dict[Split, dict[str, Counter[str]]] = {part: {name: Counter() for name in BY} for part in PARTS}
    for part in PARTS:
        for _, row in read_lines(version, part):
            for name, counter in counts[part].items():
                counter[str(row.get(name, ""))] += 1
    return counts


def read_lines(version: Version, part: Split) -> Iterator[tuple[int, dict[str, Any]]]:
    """The pairs of a part with the byte where each begins, a line at a time."""
    path = version.folder / "pairs" / f"{part}.jsonl"
    place = 0
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    row = json.loads(line)
                    if not isinstance(row, dict) or "id" not in row:
                        raise ValueError(f"line {number} is no pair")
                    yield place, row
                place += len(line)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path} cannot be read ({reason}). Export again, or bring that file back") from None


def freshness(project: Project, store: Store) -> Freshness | None:
    """How far the accepted pairs have gone on since the newest version that can be read; None before the first."""
    newest = next((one for one in versions(project) if isinstance(one, Version)), None)
    if newest is None:
        return None
    held = {str(row["id"]) for part in PARTS for _, row in read_lines(newest, part)}
    held |= _undivided(newest)
    now = accepted_ids(store)
    return Freshness(version=newest.name, added=len(now - held), removed=len(held - now))


def zip_to(version: Version, file: IO[bytes]) -> None:
    """Write the whole version as a zip archive, in a folder of its name."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(version.files):
            archive.write(version.folder / path, f"{version.name}/{path}")


def _version(folder: Path) -> Version | Unreadable:
    try:
        if folder.is_symlink() or not folder.is_dir():
            raise ValueError("it is no folder of its own")
        manifest = Manifest.from_dict(json.loads((folder / "manifest.json").read_bytes()))
        _check(manifest)
        files = {path.relative_to(folder).as_posix(): path.stat().st_size for path in _files(folder)}
    except FileNotFoundError:
        return Unreadable(name=folder.name, reason="it has no manifest.json, so it was not copied whole")
    except OSError as error:
        return Unreadable(name=folder.name, reason=f"{error.filename or folder}: {error.strerror}")
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        return Unreadable(name=folder.name, reason=f"its manifest.json cannot be read ({error})")
    missing = tuple(sorted(path for path in manifest.files if path not in files))
    return Version(manifest=manifest, folder=folder, files=files, missing=missing)


def _check(manifest: Manifest) -> None:
    """ValueError unless the parts of the manifest that are shown are what they should be."""
    tables = ("splits", "files", "settings", "languages", "kinds", "labels", "sources", "left_out")
    for name in tables:
        if not isinstance(getattr(manifest, name), dict):
            raise ValueError(f"{name} is no table")
    for name in ("splits", "languages", "kinds", "labels", "left_out"):
        if not _are_counts(getattr(manifest, name)):
            raise ValueError(f"{name} has something else than counts")
    for name, facts in manifest.formats.items():
        if not isinstance(facts, dict) or not all(_are_counts(facts.get(of)) for of in ("lines", "left_out")):
            raise ValueError(f"formats has no counts of {name}")
    if made := manifest.synthetic:
        share, copies = made.get("share_of_train"), made.get("changed_copies")
        good = isinstance(share, int | float) and isinstance(copies, int)
        if not good or not all(_are_counts(made.get(of)) for of in ("pairs", "recipes", "models")):
            raise ValueError("synthetic has something else than counts and a share")


def _are_counts(found: object) -> bool:
    return isinstance(found, dict) and all(isinstance(count, int) for count in found.values())


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _undivided(version: Version) -> set[str]:
    """Pairs that were accepted and could not be divided: they are known to this version."""
    try:
        with (version.folder / "left_out.jsonl").open("rb") as file:
            return {str(row.get("pair", row.get("id", ""))) for row in map(json.loads, file) if isinstance(row, dict)}
    except (OSError, ValueError):
        return set()
