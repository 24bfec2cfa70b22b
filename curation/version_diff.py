"""What two dataset versions differ in: pairs that came, went, and were changed, and none that moved to another part."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.dataset_versions import Version, read_lines
from curation.stratify import PARTS
from tamiz.errors import InputError
from tamiz.records import Split

__all__ = ["Change", "Difference", "Place", "difference", "row_at"]

# What makes a pair another one for whoever trains on it: all but where and when it was found.
SHOWN = ("question", "answer", "context", "tools", "label", "lang", "answer_markdown")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pair stands: its part, and the byte of that part's file where its line begins."""

    part: Split
    byte: int
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A pair of the older version that another stands for in the newer one (or the same, with another label)."""

    before: Place
    after: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """From an older version to a newer one. `moved` are pairs in both that have another part, which only a new
    split of everything (tamiz export --resplit) does."""

    added: tuple[Place, ...]
    removed: tuple[Place, ...]
    changed: tuple[Change, ...]
    moved: tuple[Change, ...]
    same: int


def difference(old: Version, new: Version, ancestry: Mapping[str, Sequence[str]]) -> Difference:
    """Compare two versions. `ancestry` says what pairs were made from (tamiz.splitparts.ancestry): an edited pair
    has another id than its original, and is told as a change of it. InputError for files that cannot be read."""
    before, after = _places(old), _places(new)
    gone = {pair: before[pair] for pair in before if pair not in after}
    came = {pair: after[pair] for pair in after if pair not in before}
    both = [Change(before=before[pair], after=after[pair]) for pair in before if pair in after]
    changed = [change for change in both if change.before.digest != change.after.digest]
    for pair in list(came):
        origin = _origin(pair, gone, ancestry)
        if origin:
            changed.append(Change(before=gone.pop(origin), after=came.pop(pair)))
    moved = [change for change in (*both, *changed) if change.before.part != change.after.part]
    return Difference(
        added=tuple(came.values()),
        removed=tuple(gone.values()),
        changed=tuple(changed),
        moved=tuple(dict.fromkeys(moved)),
        same=len(both) - sum(change.before.digest != change.after.digest for change in both),
    )


def row_at(version: Version, place: Place) -> dict[str, Any]:
    """The pair that stands at a place, read by itself."""
    path = version.folder / "pairs" / f"{place.part}.jsonl"
    try:
        with path.open("rb") as file:
            file.seek(place.byte)
            row = json.loads(file.readline())
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}). Export again, or bring that file back") from None
    return dict(row)


def _places(version: Version) -> dict[str, Place]:
    return {
        str(row["id"]): Place(part, byte, _digest(row)) for part in PARTS for byte, row in read_lines(version, part)
    }


def _digest(row: Mapping[str, Any]) -> bytes:
    text = json.dumps([row.get(name) for name in SHOWN], ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=12).digest()


def _origin(pair: str, gone: Mapping[str, Place], ancestry: Mapping[str, Sequence[str]]) -> str:
    """The nearest pair that has gone and that this one was made from, over any number of edits; "" for none."""
    waiting, seen = list(ancestry.get(pair, ())), {pair}
    while waiting:
        origin = waiting.pop(0)
        if origin in gone:
            return origin
        if origin not in seen:
            seen.add(origin)
            waiting += ancestry.get(origin, ())
    return ""
