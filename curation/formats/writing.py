"""The folders of a version's formats: a line for every pair that a format can hold, and a list of the others.

Nothing is left out in silence: FORMAT/left_out.jsonl has the id, the part and the reason of every pair that the
format cannot hold, and the manifest counts them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curation.formats import dpo, kto
from curation.formats.catalogue import CATALOGUE
from curation.formats.configs import write_configs
from curation.formats.turns import CannotHold
from curation.preferences.gathering import Preferences
from curation.preferences.said import NotUsed
from curation.stratify import PARTS
from tamiz.extras import needs_extra
from tamiz.records import WHENCE_PREFERENCES, Pair, Split

__all__ = ["Written", "write_formats"]

LEFT_OUT = "left_out.jsonl"
PREFERENCES = {
    "dpo": f"dpo was not written: there are no preferences yet. {WHENCE_PREFERENCES}",
    "kto": "kto was not written: there are no undesirable answers yet. They come from review: answers that a person "
    "edits, and pairs rejected for a reason of [export] kto_reasons. Then: tamiz export --format kto",
}
Line = dict[str, Any]
Items = Sequence[tuple[str, Callable[[], Line]]]  # the id of each thing to write, and how to make its line


@dataclass(slots=True)
class Written:
    """Files by path with their rows, and by format how many lines each part has and how many were left out, by why."""

    files: dict[str, int] = field(default_factory=dict)
    formats: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)

    def notes(self) -> Iterator[str]:
        """What has to be said of formats in which nothing is left to train on."""
        for name, facts in self.formats.items():
            if name in PREFERENCES and not any(facts["lines"].values()):
                yield PREFERENCES[name]
            elif "/" not in name and not facts["lines"].get("train"):
                yield f"{name} has no line for training"
            elif name == "kto" and not facts["undesirable"].get("train"):
                yield "kto has no undesirable answer for training, only for other parts"


def write_formats(
    folder: Path,
    names: Sequence[str],
    parts: Mapping[Split, Sequence[Pair]],
    rows: Mapping[Split, Sequence[dict[str, Any]]],
    preferences: Preferences,
    *,
    version: str,
    config: str,
) -> Written:
    """Write these formats into a version's folder, which will have the name `version`.

    `rows` are the full records of the pairs; `config` begins the name of each configuration in the dataset card.
    """
    written = Written()
    for name in names:
        if name in ("hf", "parquet"):
            _write_table(folder, name, rows, written)
        elif name in PREFERENCES:
            _write_preferences(folder, name, parts, preferences, written)
        else:
            _write_lines(folder, name, {part: _items(name, parts[part], preferences, part) for part in PARTS}, written)
    written.files |= write_configs(folder, written.formats, version=version, config=config)
    return written


def _write_preferences(
    folder: Path, name: str, parts: Mapping[Split, Sequence[Pair]], preferences: Preferences, written: Written
) -> None:
    """What people preferred in both forms; where they preferred nothing there is no file but that of what says nothing.

    No part has an empty file either: a trainer that is given one stops, or learns from the half that is there.
    """
    said = {part: preferences.edits(part) if name == "dpo" else preferences.unwanted[part] for part in PARTS}
    not_used = [one for one in preferences.not_used if name == "kto" or one.edited]
    some = any(said.values())
    for form in (name, f"{name}/sharegpt") if some else (name,):
        items = {part: _items(form, parts[part], preferences, part) if some else () for part in PARTS}
        _write_lines(folder, form, items, written, not_used if form == name else (), empty=False)
    if name == "kto":
        written.formats[name]["undesirable"] = {part: len(many) for part, many in said.items()}


def _items(name: str, pairs: Sequence[Pair], preferences: Preferences, part: Split) -> Items:
    if name.startswith("dpo"):
        of_edit = dpo.sharegpt_line if "/" in name else dpo.line
        return [(one.id, lambda one=one: of_edit(one)) for one in preferences.edits(part)]  # type: ignore[misc]
    if name.startswith("kto"):
        of_answer = kto.sharegpt_line if "/" in name else kto.line
        found = kto.answers(list(pairs), list(preferences.unwanted[part]))
        return [(one[0], lambda one=one: of_answer(one)) for one in found]  # type: ignore[misc]
    of_pair = CATALOGUE[name].line
    assert of_pair is not None
    return [(pair.id, lambda pair=pair: {**of_pair(pair), "id": pair.id}) for pair in pairs]  # type: ignore[misc]


def _write_lines(
    folder: Path,
    name: str,
    items: Mapping[Split, Items],
    written: Written,
    not_used: Sequence[NotUsed] = (),
    *,
    empty: bool = True,
) -> None:
    """One file for each part, `empty` ones too, and one for what is left out."""
    ending = CATALOGUE[name.partition("/")[0]].ending
    left_out: list[Line] = [{"id": one.id, "part": one.part, "reason": one.why} for one in not_used]
    counts: dict[str, int] = {}
    for part in PARTS:
        lines: list[Line] = []
        for pair, make in items[part]:
            try:
                lines.append(make())
            except CannotHold as why:
                left_out.append({"id": pair, "part": part, "reason": str(why)})
        counts[part] = len(lines)
        if lines or empty:
            content = _as_list(lines) if ending == "json" else _as_lines(lines)
            _write(folder, f"{name}/{part}.{ending}", content, len(lines), written)
    if left_out:
        _write(folder, f"{name}/{LEFT_OUT}", _as_lines(left_out), len(left_out), written)
    reasons = Counter(line["reason"] for line in left_out)
    written.formats[name] = {"lines": counts, "left_out": dict(sorted(reasons.items()))}


def _write(folder: Path, path: str, content: bytes, rows: int, written: Written) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(content)
    written.files[path] = rows


def _as_lines(lines: Iterable[Line]) -> bytes:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def _as_list(lines: Sequence[Line]) -> bytes:
    """One JSON list with an item on each line, so that a line can be named."""
    text = ",\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    return f"[\n{text}\n]\n".encode() if lines else b"[]\n"


def _write_table(folder: Path, name: str, rows: Mapping[Split, Sequence[Line]], written: Written) -> None:
    with needs_extra(f"Writing {name}", "curate"):
        from curation.formats.table import write_hf, write_parquet

    write = write_hf if name == "hf" else write_parquet
    written.files |= {f"{name}/{path}": count for path, count in write(folder / name, rows).items()}
    written.formats[name] = {"lines": {part: len(rows[part]) for part in PARTS}, "left_out": {}}
