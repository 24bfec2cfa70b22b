"""LoRA and full fine-tuning side by side: a table, a picture, and how their answers differ."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuning.report.evidence import Part, compare_answers, compare_labels, compare_losses
from tuning.report.intervals import Draws
from tuning.report.markdown import ABOUT, in_line, part_lines
from tuning.report.page import facts, listed, page, part_table, rows_table
from tuning.report.plots import Bar, bars
from tuning.report.written import PROOF

if TYPE_CHECKING:
    from tuning.methods import Measured, MethodComparison

__all__ = ["methods_markdown", "methods_page", "methods_table", "quality_of"]

SIDES = ("LoRA", "full")
HEAD = ("", *SIDES, "LoRA / full")


def quality_of(lora: Path, full: Path, *, seed: int) -> Part:
    """How the answers of two runs to the same test questions differ, from what their proofs kept."""
    told = [json.loads((run / PROOF).read_bytes()) for run in (lora, full)]
    first, second = (_by_id(one["questions"], one["answers"]["tuned"]) for one in told)
    both = [question for question in told[0]["questions"] if question["id"] in first and question["id"] in second]
    truth = [question["truth"] for question in both]
    draws = _draws(both, seed)
    said = [[of[question["id"]] for question in both] for of in (first, second)]
    sorts = told[0]["task"] == "classify"
    compare = compare_labels if sorts else compare_answers
    losses = [[(float(loss), int(count)) for loss, count in one["losses"]["tuned"]] for one in told]
    measures = compare_losses(losses[0], losses[1], _draws(told[0]["tested"], seed), labels=sorts)
    return Part(
        name="methods",
        title="test split",
        sides=SIDES,
        rows=len(both),
        groups=draws.groups,
        measures=(*measures, *compare(said[0], said[1], truth, draws)),
    )


def methods_table(comparison: MethodComparison) -> list[list[str]]:
    """What both methods took, as rows of text: name, LoRA, full, and the one over the other."""
    lora, full = comparison.lora, comparison.full
    rows = [["trainable parameters", *(f"{one.trainable:,} ({one.share:.2%})" for one in (lora, full))]]
    rows[0].append(_ratio(lora.trainable, full.trainable))
    for title, name, form in (
        ("peak memory in training, MB", "peak_memory_mb", ",.0f"),
        ("seconds a step", "seconds_per_step", ".2f"),
        ("tokens a second", "tokens_per_second", ",.0f"),
        ("saved, MB", "saved_mb", ",.1f"),
    ):
        one, other = getattr(lora, name), getattr(full, name)
        rows.append([title, format(one, form), format(other, form), _ratio(one, other)])
    if lora.load is not None or full.load is not None:
        loads = ["–" if one.load is None else f"{one.load:.1f}" for one in (lora, full)]
        rows.append(["load of the machine", *loads, ""])
    rows.append(["learning rate", f"{lora.learning_rate:g}", f"{full.learning_rate:g}", ""])
    rows.append(["against the base", lora.verdict.split(":")[0], full.verdict.split(":")[0], ""])
    return rows


def methods_markdown(comparison: MethodComparison) -> str:
    rows = [f"| {' | '.join(map(in_line, row))} |" for row in methods_table(comparison)]
    lines = [f"# {_title(comparison)}", "", in_line(comparison.claim()), ""]
    lines += [in_line(comparison.busy()), ""] if comparison.busy() else []
    lines += [f"- {in_line(name)}: {in_line(text)}" for name, text in _about(comparison).items()]
    lines += ["", "## What they took", "", f"| {' | '.join(HEAD)} |", "|---|---|---|---|", *rows, ""]
    lines += [f"## What they brought, {comparison.quality.rows} test questions", "", ABOUT, ""]
    lines += [*part_lines(comparison.quality), "", *(f"- {in_line(line)}" for line in _verdicts(comparison)), ""]
    return "\n".join(lines)


def methods_page(comparison: MethodComparison) -> str:
    body = [
        f"<h1>{escape(_title(comparison))}</h1><p>{escape(comparison.claim())} {escape(comparison.busy())}</p>",
        facts(_about(comparison)),
    ]
    body += ["<h2>What they took</h2>", _picture(comparison), rows_table(HEAD, methods_table(comparison))]
    body += [f"<h2>What they brought, {comparison.quality.rows} test questions</h2>"]
    body += [f'<p class="note">{escape(ABOUT)}</p>', part_table(comparison.quality), listed(_verdicts(comparison))]
    return page(_title(comparison), "".join(body))


def _picture(comparison: MethodComparison) -> str:
    def two(name: str, form: str) -> list[Bar]:
        both: tuple[tuple[str, Measured], ...] = (("LoRA", comparison.lora), ("full", comparison.full))
        return [
            Bar(name=of, value=float(getattr(one, name)), told=format(getattr(one, name), form)) for of, one in both
        ]

    groups = {
        "trainable parameters": two("trainable", ",d"),
        "peak memory in training, MB": two("peak_memory_mb", ",.0f"),
        "seconds a step": two("seconds_per_step", ".2f"),
        "saved, MB": two("saved_mb", ",.1f"),
    }
    return bars(groups, "what LoRA and full fine-tuning took")


def _title(comparison: MethodComparison) -> str:
    return f"LoRA and full fine-tuning on {comparison.dataset_version}"


def _about(comparison: MethodComparison) -> dict[str, str]:
    return {
        "base": comparison.base,
        "measured on": comparison.device,
        "runs": f"{comparison.lora.name}, {comparison.full.name}",
        "memory": "the most that each run's own process held while it trained, Python and its libraries among it",
    }


def _verdicts(comparison: MethodComparison) -> list[str]:
    both = (("LoRA", comparison.lora), ("full", comparison.full))
    return [f"{of} against the base: {one.verdict}" for of, one in both]


def _ratio(one: float, other: float) -> str:
    return f"{one / other:.2f}" if other else "–"


def _by_id(questions: Sequence[Mapping[str, Any]], answers: Sequence[str]) -> dict[str, str]:
    return {question["id"]: answer for question, answer in zip(questions, answers, strict=True)}


def _draws(questions: Sequence[Mapping[str, Any]], seed: int) -> Draws:
    return Draws.of([question["group"] or f"pair {question['id']}" for question in questions], seed=seed)
