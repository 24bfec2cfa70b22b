"""Base against adapters on the test questions: scores, and answers side by side."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tamiz.errors import InputError
from tamiz.files import write_whole
from tamiz.progress import Job
from tuning.adapters import LoadedModel, find_adapter, load_adapter, settings_of
from tuning.card import ABOUT, side_by_side, table
from tuning.data import Dataset, check_sizes, read_export
from tuning.seen import seen_note
from tuning.train import Silence
from tuning.trust import NOTHING, Allowed

if TYPE_CHECKING:
    from tuning.proof import Proof
    from tuning.report.intervals import Interval

__all__ = ["Comparison", "compare", "write_comparison"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Scores by model, and one row a question: id, lang, url, question, truth and each model's answer by its name.

    `intervals` are those of the scores, where they have one. `trainable` maps an adapter to the number of parameters
    that its training changed. `notes` says where the comparison is not fair, such as an adapter that has learnt from
    the questions that it is asked.
    """

    dataset_version: str
    scores: dict[str, dict[str, float]]
    intervals: dict[str, dict[str, Interval]]
    rows: tuple[dict[str, str], ...]
    trainable: dict[str, int]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [f"test split of {self.dataset_version}", self.table(), side_by_side(self.rows), *self.notes]
        return "\n\n".join(part for part in parts if part)

    def table(self) -> str:
        """The scores by model, with their intervals."""
        return table(self.scores, self.intervals)


def compare(
    export: Path,
    adapters: Path,
    names: Sequence[str] = (),
    *,
    limit: int = 40,
    device: str = "auto",
    report: Job | None = None,
    allowed: Allowed = NOTHING,
) -> Comparison:
    """Every named adapter (the newest, when none is named) against its base on the export's test split.

    At most `limit` questions are answered; the loss is over all. InputError when an adapter is named twice, or
    adapters that answer and adapters that label are named together.
    """
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise InputError(f"{', '.join(twice)} is named more than once; name each adapter once")
    data = read_export(export)
    check_sizes(data)
    chosen = [find_adapter(adapters, name) for name in names] or [find_adapter(adapters)]
    if len({adapter.card.task for adapter in chosen}) > 1:
        raise InputError("an adapter that answers and one that labels cannot be compared; name adapters of one kind")
    from tuning.quiet import quiet_libraries
    from tuning.report.scored import intervals_of

    scores: dict[str, dict[str, float]] = {}
    intervals: dict[str, dict[str, Interval]] = {}
    rows: dict[str, dict[str, str]] = {}
    for adapter in chosen:
        base = f"base {adapter.card.base}"
        loaded = load_adapter(adapter, device=device, allowed=allowed)
        with quiet_libraries():
            proof = _prove(loaded, data, limit, report or Silence(), with_base=base not in scores)
        names_here = {"base": base, "tuned": adapter.name}
        for model, metrics in proof.results.items():
            scores[names_here.get(model, model)] = metrics
        for model, ends in intervals_of(proof, adapter.card.task, adapter.card.seed).items():
            intervals[names_here.get(model, model)] = ends
        for sample in proof.samples(limit):
            row = rows.setdefault(sample["id"], {})
            row.update({names_here.get(field, field): text for field, text in sample.items()})
    return Comparison(
        dataset_version=data.manifest.version,
        scores=scores,
        intervals=intervals,
        rows=tuple(rows.values()),
        trainable={adapter.name: adapter.card.parameters["trainable"] for adapter in chosen},
        notes=tuple(note for adapter in chosen if (note := seen_note(adapter.card, data, export.parent))),
    )


def write_comparison(comparison: Comparison, folder: Path, *, at: str) -> Path:
    """Keep the comparison as FOLDER/NAME.json, for people to look at and to vote on; the file.

    The name says what it holds: the dataset version and a hash of questions and answers. So another file never
    takes the place of one that was voted on, and the same comparison made again is the same file.
    """
    items = [
        {
            **{name: text for name, text in row.items() if name in ABOUT},
            "answers": {name: text for name, text in row.items() if name not in ABOUT},
        }
        for row in comparison.rows
    ]
    digest = hashlib.sha256(json.dumps(items, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:10]
    name = f"{comparison.dataset_version}-{digest}"
    target = folder / f"{name}.json"
    if not target.exists():
        about: dict[str, Any] = {
            "name": name,
            "made_at": at,
            "dataset_version": comparison.dataset_version,
            "models": [*comparison.scores],
            "scores": comparison.scores,
            "intervals": {
                model: {measure: [one.low, one.high] for measure, one in ends.items()}
                for model, ends in comparison.intervals.items()
            },
            "trainable": comparison.trainable,
            "notes": comparison.notes,
            "items": items,
        }
        write_whole(target, json.dumps(about, ensure_ascii=False, indent=1) + "\n")
    return target


def _prove(loaded: LoadedModel, data: Dataset, limit: int, report: Job, *, with_base: bool) -> Proof:
    from tuning.lessons import make_lesson
    from tuning.proof import prove

    settings = replace(settings_of(loaded.card), eval_answers=limit)
    labels = [str(label) for label in loaded.card.settings.get("labels", ())]
    lesson = make_lesson(loaded.model, loaded.tokenizer, data, labels, settings, loaded.model.device)
    return prove(loaded.model, loaded.tokenizer, lesson, data.test, labels, settings, report, with_base=with_base)
