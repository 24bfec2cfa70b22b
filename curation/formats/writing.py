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
from tamiz.records import Pair, Split

__all__ = ["Written", "write_formats"]

LEFT_OUT = "left_out.jsonl"
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
            if "/" not in name and not facts["lines"].get("train"):
                yield f"{name} has no line for training" + (
                    ": no reviewer's edit of these pairs changed an answer" if name == "dpo" else ""
                )
        if self.formats.get("kto", {}).get("undesirable", {}).get("train") == 0:
            yield "kto has no undesirable answer for training: no reviewer edited an answer or rejected one as wrong"


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
            continue
        not_used = [one for one in preferences.not_used if name == "kto" or (name == "dpo" and one.edited)]
        items = {part: _items(name, parts[part], preferences, part) for part in PARTS}
        _write_lines(folder, name, items, written, not_used)
        if name in ("dpo", "kto"):
            also = {part: _items(f"{name}/sharegpt", parts[part], preferences, part) for part in PARTS}
            _write_lines(folder, f"{name}/sharegpt", also, written)
    if "kto" in names:
        written.formats["kto"]["undesirable"] = {part: len(preferences.unwanted[part]) for part in PARTS}
    written.files |= write_configs(folder, written.formats, version=version, config=config)
    return written


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
    folder: Path, name: str, items: Mapping[Split, Items], written: Written, not_used: Sequence[NotUsed] = ()
) -> None:
    (folder / name).mkdir()
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
        path = f"{name}/{part}.{ending}"
        (folder / path).write_bytes(_as_list(lines) if ending == "json" else _as_lines(lines))
        written.files[path] = counts[part] = len(lines)
    if left_out:
        (folder / name / LEFT_OUT).write_bytes(_as_lines(left_out))
        written.files[f"{name}/{LEFT_OUT}"] = len(left_out)
    reasons = Counter(line["reason"] for line in left_out)
    written.formats[name] = {"lines": counts, "left_out": dict(sorted(reasons.items()))}


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
