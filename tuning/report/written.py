"""The files that a run's proof leaves: proof.json for programs, report.md and report.html for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

from tamiz.files import write_whole
from tamiz.records import RunCard
from tuning.card import started_from
from tuning.losses import LOSSES
from tuning.proof import Proof
from tuning.report.evidence import Evidence
from tuning.report.markdown import as_markdown, in_line
from tuning.report.page import as_page, listed
from tuning.report.plots import curves, scatter

__all__ = ["PAGE", "PROOF", "TEXT", "add_section", "read_losses", "write_report"]

PROOF, TEXT, PAGE = "proof.json", "report.md", "report.html"


def write_report(run: Path, card: RunCard, proof: Proof, evidence: Evidence) -> None:
    """Write the report of a run beside its card."""
    kept = {"name": card.name, "task": card.task, **_kept(proof, evidence)}
    write_whole(run / PROOF, json.dumps(kept, ensure_ascii=False, indent=1) + "\n")
    about = _about(card)
    losses = read_losses(run)
    write_whole(run / TEXT, as_markdown(evidence, about, [("Training", _curve_lines(card, losses))]))
    write_whole(run / PAGE, as_page(evidence, about, [("Training", _pictures(card, losses))]))


def add_section(run: Path, key: str, title: str, lines: Sequence[str]) -> None:
    """Add what came later to the end of a run's report: to proof.json under `key`, and to both files for people."""
    told = json.loads((run / PROOF).read_bytes())
    write_whole(run / PROOF, json.dumps({**told, key: list(lines)}, ensure_ascii=False, indent=1) + "\n")
    text = (run / TEXT).read_text(encoding="utf-8").rstrip("\n")
    more = "\n".join(f"- {in_line(line)}" for line in lines)
    write_whole(run / TEXT, f"{text}\n\n## {in_line(title)}\n\n{more}\n")
    page = (run / PAGE).read_text(encoding="utf-8")
    end = page.rindex("</main>")
    write_whole(run / PAGE, f"{page[:end]}<h2>{escape(title)}</h2>{listed(lines)}{page[end:]}")


def read_losses(run: Path) -> list[dict[str, Any]]:
    """The losses of a run's pairs; none where it has none."""
    try:
        lines = (run / LOSSES).read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines if line]


def _kept(proof: Proof, evidence: Evidence) -> dict[str, Any]:
    """Everything that was measured: what two proofs are compared by, and what a reader can check."""
    return {
        "evidence": {**asdict(evidence), "verdict": {**asdict(evidence.verdict), "line": evidence.verdict.line}},
        "results": proof.results,
        "questions": [
            {"id": example.id, "group": example.group, "question": example.question, "truth": truth}
            for example, truth in zip(proof.questions, proof.truth, strict=True)
        ],
        "answers": proof.answers,
        "tested": [{"id": example.id, "group": example.group} for example in proof.tested],
        "losses": proof.losses,
    }


def _about(card: RunCard) -> Mapping[str, str]:
    base, start = f"{card.base} ({card.base_licence})", started_from(card)
    base += f'; "base" below is the adapter {start}, which the run started from' if start else ""
    share = card.parameters["trainable"] / max(1, card.parameters["total"])
    return {
        "adapter": card.name,
        "base": base,
        "dataset": f"{card.dataset_version} {card.dataset_hash[:12]}",
        "trained": f"{card.parameters['trainable']:,} of {card.parameters['total']:,} parameters ({share:.2%}), "
        f"{card.cost['steps']:.0f} steps in {card.cost['training_seconds']:.0f} s, seed {card.seed}, {card.device}",
        "proof": f"{card.cost['seconds'] - card.cost['training_seconds']:.0f} s",
        "finished": card.finished_at,
    }


def _curve_lines(card: RunCard, losses: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = []
    for split, points in card.curves.items():
        if points:
            first, last, least = points[0]["loss"], points[-1]["loss"], min(point["loss"] for point in points)
            lines.append(f"- {split} loss: {first:.3f} at first, {last:.3f} at last, {least:.3f} at best")
    if losses:
        up = sum(row["last"] > row["first"] for row in losses)
        lines.append(f"- {len(losses)} training pairs were measured before and after; the loss of {up} rose")
    return lines or ["No curves."]


def _pictures(card: RunCard, losses: Sequence[Mapping[str, Any]]) -> str:
    drawn = {
        split: [(point["step"], point["loss"]) for point in card.curves.get(split, ())]
        for split in ("train", "validation")
    }
    points = [(float(row["first"]), float(row["last"])) for row in losses]
    return curves(drawn, "loss by step") + scatter(
        points, "loss of each training pair, before and after", across="loss before", up="loss after"
    )
