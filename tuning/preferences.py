"""Reviewers' edits as preferences: read from an export's dpo files, and as tokens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tamiz.errors import InputError, SettingsError, TooFewPairs
from tamiz.files import file_sha256
from tamiz.records import WHENCE_PREFERENCES
from tamiz.settings import TuningSettings
from tuning.adapters import Adapter
from tuning.data import Dataset, Example, Preferred
from tuning.prompts import Encoded, encode_pair

__all__ = [
    "Preference",
    "check_preferences",
    "check_start",
    "encode_preferences",
    "preference_files",
    "with_preferences",
]

LEAST = 8  # as for pairs: below this there is nothing to learn from
PARTS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference(Encoded):
    """A question with two answers as token ids; `ids` are both texts one after the other, for their length.

    `better` and `worse` are the question with one answer each, the same up to `answer_start`.
    """

    better: Encoded
    worse: Encoded

    @property
    def counted(self) -> int:
        """One term of the loss."""
        return 1


def preference_files(data: Dataset) -> dict[str, str]:
    """The SHA-256 of each file of preferences that the manifest names, by part."""
    files = data.manifest.files
    return {part: str(files[_name(part)].get("sha256")) for part in PARTS if _name(part) in files}


def with_preferences(data: Dataset, folder: Path) -> Dataset:
    """The dataset with the preferences of its export; InputError where their files are not there or were changed, and
    TooFewPairs where there were none to be written."""
    named, version = preference_files(data), data.manifest.version
    if not named and "dpo" in data.manifest.formats:
        raise TooFewPairs(f"{version} has no preferences: when it was made there were none yet. {WHENCE_PREFERENCES}")
    if not named:
        raise InputError(
            f"{version} was exported without preferences. Make a version that has them: tamiz export --format dpo"
        )
    found = {part: _read(folder / _name(part), sha256, _by_id(data, part)) for part, sha256 in named.items()}
    return replace(data, preferences=dict.fromkeys(PARTS, ()) | found)


def check_preferences(data: Dataset) -> None:
    """TooFewPairs unless there are enough edits to learn from."""
    count, version = len(data.preferences.get("train", ())), data.manifest.version
    if count < LEAST:
        there = f"{count} of them" if count else "none of them"
        raise TooFewPairs(
            f"preference tuning learns from answers that reviewers changed; {version} has {there} for training, and it "
            f"takes at least {LEAST}. {WHENCE_PREFERENCES}. To learn from the accepted answers instead, leave out "
            "--method dpo"
        )


def check_start(start: Adapter, settings: TuningSettings) -> None:
    """InputError or SettingsError where preference tuning cannot start from this adapter."""
    card = start.card
    if card.task != "causal" or card.settings.get("method") == "full":
        kind = "labels" if card.task != "causal" else "was tuned in full"
        raise InputError(f"{start.name} {kind}; preference tuning starts from a LoRA adapter that answers, or the base")
    if "base" in settings.given and settings.base != card.base:
        raise SettingsError(
            f"[tuning] base is {settings.base!r}, and the adapter {start.name} stands on {card.base!r}: leave base out"
        )


def encode_preferences(
    preferences: Sequence[Preferred], tokenizer: Any, *, max_tokens: int
) -> tuple[list[Preference], int]:
    """The preferences as tokens, and how many are left out because both answers are the same once they are cut."""
    found = []
    for one in preferences:
        better, worse = _both(one, tokenizer, max_tokens)
        if better.ids != worse.ids:
            found.append(
                Preference(
                    ids=better.ids + worse.ids,
                    answer_start=better.answer_start,
                    cut=better.cut or worse.cut,
                    better=better,
                    worse=worse,
                )
            )
    return found, len(preferences) - len(found)


def _both(one: Preferred, tokenizer: Any, max_tokens: int) -> tuple[Encoded, Encoded]:
    """The two texts with the same prompt; earlier turns go where they fit beside one answer and not the other."""
    for example in (one.pair, replace(one.pair, context=())):
        pair = [
            encode_pair(said, tokenizer, max_tokens=max_tokens)
            for said in (example, replace(example, answer=one.rejected))
        ]
        start = min(encoded.answer_start for encoded in pair)
        if pair[0].ids[:start] == pair[1].ids[:start]:
            break
    else:
        raise InputError(
            f"pair {one.pair.id}: the question is cut differently beside its two answers. Raise [tuning] max_tokens"
        )
    short = example.context != one.pair.context
    better, worse = (Encoded(ids=p.ids, answer_start=start, cut=p.cut or short) for p in pair)
    return better, worse


def _name(part: str) -> str:
    return f"dpo/{part}.jsonl"


def _by_id(data: Dataset, part: str) -> dict[str, Example]:
    return {example.id: example for example in getattr(data, part)}


def _read(path: Path, sha256: str, pairs: dict[str, Example]) -> tuple[Preferred, ...]:
    again = "Make a new version: tamiz export --again --format dpo"
    if not path.is_file():
        raise InputError(f"{path} is in the manifest but not there. {again}")
    if file_sha256(path) != sha256:
        raise InputError(f"{path} was changed after it was exported (its SHA-256 is not the manifest's). {again}")
    lines = path.read_text(encoding="utf-8").split("\n")
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                row = json.loads(line)
                answers = [row[name][0]["content"] for name in ("chosen", "rejected")]
                pair = replace(pairs[row["id"]], answer=answers[0])
            except (ValueError, KeyError, TypeError, IndexError) as error:
                raise InputError(
                    f"{path}, line {number} is no preference of this version ({error!r}). {again}"
                ) from None
            found.append(Preferred(pair=pair, rejected=answers[1]))
    return tuple(found)
