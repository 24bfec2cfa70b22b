"""What `tamiz synth` tells people of a run, of a judge's, and of the ledger."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tamiz.cli.show import counted, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curation.synthesis.gates.calibration import Calibrated
    from curation.synthesis.report import SynthReport
    from tamiz.synthledger import Spent

__all__ = ["agreement_lines", "agreement_rows", "judging_lines", "report_lines", "spent_line"]


def report_lines(report: SynthReport) -> list[str]:
    """A run, for people."""
    lines = []
    if report.divided:
        lines.append(f"the split comes first: {plural(report.divided, 'pair')} got a part, for good")
    lines.append(f"worked on {report.materials - report.not_asked:,} of {report.materials:,} in the training part")
    lines += counted(report.left_out, "left out: ")
    if report.wrong and report.provider and not report.asked:
        return lines  # the error says it all
    lines += call_lines(report)
    lines.append(f"{plural(report.made, 'new pair')}, {report.clean:,} in which no gate found anything")
    lines += counted(report.found)
    if report.known:
        lines.append(f"{plural(report.known, 'pair was', 'pairs were')} there already")
    if report.empty:
        lines.append(f"{report.empty:,} without a question or an answer, and left out")
    if report.accepted:
        lines.append(f"accepted as augmentation: {report.accepted:,}")
    if new := report.made - report.accepted:
        lines.append(
            f"{plural(new, 'pair is', 'pairs are')} new: tamiz curate has the steps look, and brings them to review"
        )
    return [*lines, *stopped_lines(report)]


def judging_lines(report: SynthReport) -> list[str]:
    """A run of a judge, for people."""
    lines = [f"judged {report.materials - report.not_asked:,} of {report.materials:,} made pairs that wait"]
    lines += [*counted(report.left_out, "left out: "), *call_lines(report)]
    rejected = report.made - report.clean
    lines.append(f"{plural(report.made, 'new verdict')}: {report.clean:,} accept, {rejected:,} reject")
    lines += counted(report.found, "broken: ")
    return [*lines, *stopped_lines(report)]


def call_lines(report: SynthReport) -> list[str]:
    """The calls of a run; none where no model was asked."""
    if not report.provider:
        return []
    lines = []
    lines.append(f"asked {report.asked:,} = ok {report.ok:,} + failed {report.failed:,} ({report.model})")
    lines += counted(report.failures)
    if report.left_open:
        lines.append(f"not answered: {plural(report.left_open, 'call')}; the next run asks them first of all")
    if report.answered_before:
        lines.append(f"answered in earlier runs: {report.answered_before:,}")
    if report.failed_before:
        lines.append(f"failed in earlier runs and not asked again: {report.failed_before:,}")
    cost = "price unknown" if report.usd is None else f"${report.usd:,.4f}"
    lines.append(f"{report.prompt_tokens:,} tokens out, {report.completion_tokens:,} back, {cost}")
    return lines


def stopped_lines(report: SynthReport) -> list[str]:
    """Why it ended early; what is wrong is told as an error, not among the results."""
    return [f"stopped: {report.stopped}"] if report.stopped and not report.wrong else []


def spent_line(one: Spent) -> str:
    waiting = f", {one.pending:,} not answered" if one.pending else ""
    tokens = f"{one.prompt_tokens:,} tokens out, {one.completion_tokens:,} back"
    asked = one.ok + one.failed
    return f"asked {asked:,} = ok {one.ok:,} + failed {one.failed:,}{waiting}; {tokens}, ${one.usd:,.4f}"


def agreement_rows(told: Sequence[Calibrated]) -> list[dict[str, Any]]:
    """How far judges agree with people, for scripts; recipe and model are "" for all together."""
    return [{**asdict(one), "trusted": one.trusted} for one in told]


def agreement_lines(told: Sequence[Calibrated]) -> list[str]:
    """The same for people."""
    if not told:
        return ["agreement with people: none of the judged pairs was decided by a person yet"]
    lines = ["agreement with people (kappa, 95% interval):"]
    for one in told:
        kappa = "no kappa" if one.kappa is None else f"kappa {one.kappa:.2f}"
        inside = "" if one.low is None or one.high is None else f" ({one.low:.2f} to {one.high:.2f})"
        why = {"too_few": ", too few pairs for an interval", "one_answer": ", one of them always says the same"}
        name = f"{one.recipe} by {one.model}" if one.recipe else "all"
        trust = "trusted" if one.trusted else "not trusted"
        missed = f"let through {one.let_through:,}, held back {one.held_back:,}"
        lines.append(f"  {name}: {plural(one.pairs, 'pair')}, {kappa}{inside}{why.get(one.why, '')}; {missed}; {trust}")
    return lines
