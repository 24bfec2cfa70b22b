"""A report as Markdown. Texts of pairs stand in fences that nothing in them can close; short ones are escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tuning.report.evidence import Evidence, Part
from tuning.report.intervals import Interval, told_ends
from tuning.report.measures import LABEL_LOSS, LOSS, MEASURES, macro_f1
from tuning.report.verdict import LEAST

__all__ = ["ABOUT", "as_markdown", "fenced", "heading", "in_line", "main_parts", "part_lines", "side_parts", "titled"]
__all__ += ["told", "told_lines"]

SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&$@]|:(?=//)|(?<=www)\.)", re.IGNORECASE)  # in a line; addresses make links
ORDER = ("test", "mistyped", "price mistyped", "reworded", "price reworded", "unanswerable", "majority")
ABOUT = "Intervals are of 95 %, from resampling the questions by group; a change whose interval holds 0 is not sure."


def as_markdown(evidence: Evidence, about: Mapping[str, str], more: Sequence[tuple[str, Sequence[str]]] = ()) -> str:
    """The whole report. `about` are facts of the run, `more` further sections of lines that are Markdown already."""
    parts = [f"# {in_line(about.get('adapter', 'adapter'))}", "", f"**Verdict: {in_line(evidence.verdict.line)}**", ""]
    if evidence.verdict.recommended:
        parts += ["The adapter is recommended.", ""]
    if evidence.wrong is not None:
        parts += [in_line(evidence.wrong.line()), ""]
    parts += [f"- {in_line(name)}: {in_line(text)}" for name, text in about.items()]
    parts += ["", "## Before against after", "", ABOUT, ""]
    for part in main_parts(evidence):
        parts += [f"### {in_line(heading(part))}", "", *part_lines(part), ""]
    rest = side_parts(evidence)
    if rest:
        parts += ["## By language and label", "", *_summary(rest), ""]
    for title, lines in more:
        parts += [f"## {in_line(title)}", "", *lines, ""]
    parts += _wrong(evidence) + _worst(evidence)
    parts += ["## Left out", "", *([f"- {in_line(one)}" for one in evidence.left_out] or ["Nothing."]), ""]
    return "\n".join(parts)


def main_parts(evidence: Evidence) -> list[Part]:
    """The parts that are told in full, in the order of the report."""
    named = {part.name: part for part in evidence.parts}
    general = [part for part in evidence.parts if part.name.startswith("general")]
    return [*(named[name] for name in ORDER if name in named), *general]


def side_parts(evidence: Evidence) -> list[Part]:
    return [part for part in evidence.parts if part.name.startswith(("language ", "label "))]


def heading(part: Part) -> str:
    questions = "question" if part.rows == 1 else "questions"
    independent = "" if part.groups == part.rows else f" in {part.groups} groups"
    return f"{part.title} ({part.rows} {questions}{independent})"


def titled(measure: str, part: Part) -> tuple[str, str, str]:
    """The title of a part's measure, its format and which way is better."""
    found = MEASURES[measure] if measure in MEASURES else macro_f1()
    found = LABEL_LOSS if found is LOSS and part.labels else found
    return found.title, found.form, found.way


def told(value: Interval | None, form: str, *, change: bool = False, few: bool = False) -> str:
    """A figure with its interval; without one where the questions are too few for it."""
    if value is None:
        return "–"
    ends = (value.value, value.low, value.high)
    one, low, high = told_ends(*ends, "+" + form) if change else (format(end, form) for end in ends)
    return one if few else f"{one} ({low} to {high})"


def in_line(text: str) -> str:
    """A text in one line that is no Markdown and no HTML."""
    shown = "".join(letter if letter.isprintable() else " " for letter in " ".join(text.split()))
    return SPECIAL.sub(r"\\\1", shown)


def fenced(text: str) -> list[str]:
    """A text as it is, in a fence longer than any in it."""
    shown = "".join(letter if letter.isprintable() or letter in "\n\t" else "�" for letter in text)
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", shown or "(nothing)", fence]


def part_lines(part: Part) -> list[str]:
    """Both sides of a part and the change, as a table."""
    before, after = (in_line(side) for side in part.sides)
    rows = [f"| | {before} | {after} | change | |", "|---|---|---|---|---|"]
    few = part.groups < LEAST
    for one in part.measures:
        if one.before is None and one.after is None:
            continue
        title, form, way = titled(one.measure, part)
        cells = [told(one.before, form, few=few), told(one.after, form, few=few)]
        rows.append(f"| {title} | {' | '.join(cells)} | {told(one.change, form, change=True, few=few)} | {way} |")
    return rows


def told_lines(part: Part) -> list[str]:
    """The same for a terminal, a measure a line."""
    few, rows = part.groups < LEAST, []
    for one in part.measures:
        if one.before is not None or one.after is not None:
            title, form, way = titled(one.measure, part)
            sides = [told(side, form, few=few) for side in (one.before, one.after)]
            rows.append([title, *sides, told(one.change, form, change=True, few=few), way])
    rows = [["", *part.sides, "change", ""], *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _summary(parts: Iterable[Part]) -> list[str]:
    rows: list[str] = []
    for part in parts:
        shown = [one for one in part.measures if one.measure in ("loss", "chrf", "token_f1", "accuracy")]
        if not rows:
            rows = ["| | questions | " + " | ".join(titled(one.measure, part)[0] for one in shown) + " |"]
            rows.append("|---|---|" + "---|" * len(shown))
        few = part.groups < LEAST
        cells = [told(one.change, titled(one.measure, part)[1], change=True, few=few) for one in shown]
        rows.append(f"| {in_line(part.title)} | {part.rows} | {' | '.join(cells)} |")
    return [*rows, "", f"Changes from base to tuned; without an interval where there are fewer than {LEAST} groups."]


def _wrong(evidence: Evidence) -> list[str]:
    found = evidence.wrong
    if found is None:
        return []
    lines = ["## Fluent but wrong", "", in_line(found.line()), ""]
    lines += ["These are rules, not a reading: see docs/how-to/proof.md.", ""]
    for number, one in enumerate(found.examples, 1):
        slips = "; ".join(f"{slip.kind}: {slip.said} instead of {slip.wanted}" for slip in one.slips)
        lines += [f"{number}. chrF {one.chrf:.1f}, {in_line(slips)}", "", *fenced(one.question), ""]
        lines += ["reference:", "", *fenced(one.truth), "", "answer:", "", *fenced(one.answer), ""]
    return lines


def _worst(evidence: Evidence) -> list[str]:
    if not evidence.worst:
        return []
    lines = ["## Worst answers", ""]
    for number, row in enumerate(evidence.worst, 1):
        lines += [f"### {number}. {in_line(_of(row))}", ""]
        for name in ("question", "truth", "base", "tuned"):
            lines += [f"{name}:", "", *fenced(str(row[name])), ""]
    return lines


def _of(row: Mapping[str, Any]) -> str:
    facts = [f"chrF {row['chrf']:.1f}"] if "chrf" in row else []
    facts += [str(row[name]) for name in ("lang", "label", "id") if row.get(name)]
    facts += [f"differs in {', '.join(row['slips'])}"] if row.get("slips") else []
    return ", ".join(facts)
