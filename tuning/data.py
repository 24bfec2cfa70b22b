"""An export read for training: the manifest, its splits, and nothing that changed since it was written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from tamiz.errors import InputError, TooFewPairs
from tamiz.files import file_sha256
from tamiz.records import Manifest, Split, Turn

__all__ = ["Dataset", "Example", "Preferred", "check_labels", "check_sizes", "read_export", "way_to_fill"]

SPLITS = get_args(Split)
LEAST_TRAIN = 8  # below this there is nothing to learn from; one batch of the default size


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What training needs of a pair: the question with its earlier turns, the answer and where it came from.

    Pairs of one `group` (a page, a thread) are no independent witnesses; "" is a group of its own.
    """

    id: str
    question: str
    answer: str
    lang: str
    label: str = ""
    url: str = ""
    context: tuple[Turn, ...] = ()
    tools: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferred:
    """What a reviewer's edit says: to this question, the pair's answer rather than the one that stood there."""

    pair: Example
    rejected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One export: its manifest and its three splits; `preferences` by split are read for preference tuning alone."""

    manifest: Manifest
    train: tuple[Example, ...]
    validation: tuple[Example, ...]
    test: tuple[Example, ...]
    preferences: Mapping[str, tuple[Preferred, ...]] = field(default_factory=dict)


def read_export(folder: Path) -> Dataset:
    """The export in `folder`, checked against its manifest.

    InputError if the folder is no export, or a file is missing, damaged or changed.
    """
    manifest = _read_manifest(folder)
    return Dataset(
        manifest=manifest,
        train=_read_split(folder, manifest, "train"),
        validation=_read_split(folder, manifest, "validation"),
        test=_read_split(folder, manifest, "test"),
    )


def check_sizes(data: Dataset) -> None:
    """TooFewPairs unless there is something to train on and something to prove it with."""
    version, train, test = data.manifest.version, len(data.train), len(data.test)
    if train < LEAST_TRAIN:
        raise TooFewPairs(
            f"{version} has {train} training pairs; tuning needs at least {LEAST_TRAIN}, and a hundred or more "
            "teach something. Accept (tamiz review) or bring in more (tamiz crawl, tamiz import), then tamiz export"
        )
    if not test:
        raise TooFewPairs(
            f"{version} has {train} training pairs and an empty test split, so nothing could prove the adapter. "
            f"{way_to_fill(data, 'test')}"
        )


def way_to_fill(data: Dataset, split: Split) -> str:
    """What fills an empty test or validation split: its cause as the manifest tells it, and the next move."""
    manifest = data.manifest
    share = manifest.settings.get("export", {}).get(split)
    groups, usual = manifest.proof.get("groups"), f"Set [export] {split} to a share such as 0.1"
    if share == 0:
        return f"{usual}, then: tamiz export"
    others = "Accept pairs of other pages and on other things, then: tamiz export"
    if share and groups is not None and groups < len(SPLITS):
        lie = "one group" if groups == 1 else f"{groups} groups"
        alike = "pairs that are alike, or of one page or thread, stay together"
        return f"[export] {split} is {share:g}, but all pairs lie in {lie} ({alike}). {others}"
    if share:
        why = next((note for note in manifest.notes if note.startswith(f"{split} has 0 ")), "too few pairs for it")
        return f"[export] {split} is {share:g}: {why}. Raise it, or accept pairs of other pages, then: tamiz export"
    return f"{usual} where it is 0; where it is not, too few groups of pairs are there. {others}"


def check_labels(data: Dataset) -> tuple[str, ...]:
    """The labels a classifier learns, sorted; TooFewPairs when there are fewer than two."""
    labels = tuple(sorted({example.label for example in data.train if example.label}))
    labelled = sum(bool(example.label) for example in data.train)
    how = "Labels come from FAQ sections, tags and boards, or from a label column: tamiz import FILE; see tamiz review"
    if len(labels) < 2:
        found = f"only the label {labels[0]!r}" if labels else "no labels"
        raise TooFewPairs(
            f'task = "classify" needs two labels or more; {data.manifest.version} has {found} on {labelled} of '
            f"{len(data.train)} training pairs. {how}"
        )
    if labelled < LEAST_TRAIN:
        raise TooFewPairs(
            f"{data.manifest.version} has a label on {labelled} of {len(data.train)} training pairs; a classifier "
            f"needs at least {LEAST_TRAIN}. {how}"
        )
    if not any(example.label for example in data.test):
        raise TooFewPairs(f"no test pair of {data.manifest.version} has a label, so nothing could be proved. {how}")
    return labels


def _read_manifest(folder: Path) -> Manifest:
    path = folder / "manifest.json"
    try:
        values = json.loads(path.read_bytes())
        return Manifest.from_dict(values)
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"{folder} has no manifest.json, so it is no export. Run: tamiz export") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{path} cannot be read as a manifest ({error}). Make a new version: tamiz export") from None


def _read_split(folder: Path, manifest: Manifest, split: Split) -> tuple[Example, ...]:
    name = f"pairs/{split}.jsonl"
    if name not in manifest.files:
        return ()
    path = folder / name
    if not path.is_file():
        raise InputError(f"{path} is in the manifest but not there. Make a new version: tamiz export")
    if file_sha256(path) != manifest.files[name].get("sha256"):
        raise InputError(
            f"{path} was changed after it was exported (its SHA-256 is not the manifest's). "
            "Correct the pairs in tamiz review and make a new version: tamiz export"
        )
    lines = path.read_text(encoding="utf-8").split("\n")  # not splitlines: JSON text may hold U+2028
    return tuple(_example(line, path, number) for number, line in enumerate(lines, 1) if line.strip())


def _example(line: str, path: Path, number: int) -> Example:
    try:
        row: dict[str, Any] = json.loads(line)
        context = tuple(
            Turn(**{k: v for k, v in turn.items() if k in Turn.__slots__}) for turn in row.get("context") or ()
        )
        return Example(
            id=row["id"],
            question=row["question"],
            answer=row["answer"],
            lang=row["lang"],
            label=row.get("label") or "",
            url=row.get("url") or "",
            context=context,
            tools=row.get("tools") or "",
            group=row.get("group") or "",
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}, line {number} is no pair ({error!r}). Make a new version: tamiz export") from None
