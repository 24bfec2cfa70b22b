"""A report as one HTML page that needs nothing else: no script, no address to fetch, every text escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from tuning.report.evidence import Evidence, Part
from tuning.report.intervals import Interval
from tuning.report.markdown import ABOUT, heading, main_parts, side_parts, titled, told
from tuning.report.measures import MEASURES
from tuning.report.plots import intervals
from tuning.report.verdict import LEAST

__all__ = ["Section", "as_page", "facts", "listed", "page", "part_table", "rows_table"]

Section = tuple[str, str]  # a title, and HTML that is safe already

STYLE = """
:root { color-scheme: light dark; --back: #fbfaf8; --card: #fff; --text: #24292f; --soft: #5f6b76; --line: #dfe3e6;
  --first: #8a6d3b; --second: #2f6f8f; --third: #2a7a4b; --fourth: #8f3f7a; --helped: #1f7a45; --unclear: #8a6100;
  --harmed: #b03a2e; }
@media (prefers-color-scheme: dark) { :root { --back: #15181b; --card: #1e2327; --text: #e4e7ea; --soft: #9aa6b0;
  --line: #343b41; --first: #d9b36c; --second: #5fa8cc; --third: #6cc792; --fourth: #d68fc2; --helped: #6cc792;
  --unclear: #e0b04a; --harmed: #f0806f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; } h3 { font-size: 1rem; margin: 1.5rem 0 .35rem; }
.verdict { font-size: 1.1rem; font-weight: 600; overflow-wrap: anywhere; border-left: 4px solid; padding-left: .75rem; }
.helped { color: var(--helped); } .unclear { color: var(--unclear); } .harmed { color: var(--harmed); }
.note, dt, .way { color: var(--soft); } .note { max-width: 46rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 1rem 0; }
dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .88rem; }
th, td { padding: .3rem 1rem .3rem 0; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; }
tbody th { font-weight: 400; } .sure { font-weight: 600; }
article { background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin: .75rem 0;
  padding: .75rem 1rem; break-inside: avoid; }
article h3 { margin: 0 0 .5rem; overflow-wrap: anywhere; }
article b { display: block; color: var(--soft); font-size: .85rem; font-weight: 600; margin-top: .5rem; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
svg { max-width: 100%; height: auto; display: block; margin: .5rem 0 1rem; font: 13px system-ui, sans-serif; }
svg text { fill: var(--text); } svg line { stroke-width: 2; } svg polyline { fill: none; stroke-width: 2; }
svg .axis { stroke: var(--line); stroke-width: 1; } svg .same { stroke: var(--soft); stroke-dasharray: 4 4; }
svg .first { stroke: var(--first); } svg circle.first, svg rect.first { fill: var(--first); }
svg .second { stroke: var(--second); } svg circle.second, svg rect.second { fill: var(--second); }
svg .third { stroke: var(--third); } svg circle.third, svg rect.third { fill: var(--third); }
svg .fourth { stroke: var(--fourth); } svg circle.fourth, svg rect.fourth { fill: var(--fourth); }
svg polyline.first, svg polyline.second, svg polyline.third, svg polyline.fourth { fill: none; }
svg .faint { opacity: .55; }
@media print { body { background: #fff; color: #000; } }
"""
TEXTS = ("question", "truth", "base", "tuned")


def as_page(evidence: Evidence, about: Mapping[str, str], more: Sequence[Section] = ()) -> str:
    """The whole report. `about` are facts of the run, `more` further sections."""
    verdict = evidence.verdict
    parts = [
        f"<h1>{escape(about.get('adapter', 'adapter'))}</h1>",
        f'<p class="verdict {verdict.outcome}">{escape(verdict.line)}</p>',
        "<p>The adapter is recommended.</p>" if verdict.recommended else "",
        f"<p>{escape(evidence.wrong.line())}</p>" if evidence.wrong else "",
        facts(about),
        f'<h2>Before against after</h2><p class="note">{escape(ABOUT)}</p>',
        _plot(evidence.part("test")),
        *(f"<h3>{escape(heading(part))}</h3>{part_table(part)}" for part in main_parts(evidence)),
        _sides(side_parts(evidence)),
        *(f"<h2>{escape(title)}</h2>{body}" for title, body in more),
        _wrong(evidence),
        _worst(evidence),
        "<h2>Left out</h2>" + listed(evidence.left_out or ("Nothing.",)),
    ]
    return page(f"{about.get('adapter', 'adapter')}: {verdict.outcome}", "".join(parts))


def page(title: str, body: str) -> str:
    """A page around HTML that is safe already."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>\n"
    )


def facts(about: Mapping[str, str]) -> str:
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in about.items())
    return f"<dl>{rows}</dl>"


def listed(lines: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def rows_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of plain texts."""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(
        f"<tr><th>{escape(row[0])}</th>" + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:]) + "</tr>"
        for row in rows
    )
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def part_table(part: Part) -> str:
    """Both sides of a part and the change; a change that is sure stands out."""
    few, rows = part.groups < LEAST, []
    for one in part.measures:
        if one.before is None and one.after is None:
            continue
        title, form, way = titled(one.measure, part)
        sure = ' class="sure"' if not few and one.change is not None and (one.change.above or one.change.below) else ""
        cells = [told(side, form, few=few) for side in (one.before, one.after)]
        change = told(one.change, form, change=True, few=few)
        rows.append(
            f"<tr><th>{escape(title)}</th><td>{cells[0]}</td><td>{cells[1]}</td><td{sure}>{change}</td>"
            f'<td class="way">{escape(way)}</td></tr>'
        )
    head = "".join(f"<th>{escape(name)}</th>" for name in ("", *part.sides, "change", ""))
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _plot(part: Part | None) -> str:
    """The measures that are shares, on one scale."""
    if part is None or part.groups < LEAST:
        return ""
    rows: list[tuple[str, Interval, Interval]] = []
    for one in part.measures:
        if one.before is None or one.after is None or one.measure in ("loss", "perplexity", "length"):
            continue
        divided = 100.0 if one.measure == "chrf" else 1.0
        name = "chrF / 100" if one.measure == "chrf" else titled(one.measure, part)[0]
        before, after = (
            Interval(value=side.value / divided, low=side.low / divided, high=side.high / divided)
            for side in (one.before, one.after)
        )
        rows.append((name.split(" (")[0], before, after))
    return intervals(rows, part.sides, "measures with their intervals, before and after")


def _sides(parts: Sequence[Part]) -> str:
    if not parts:
        return ""
    shown = [one.measure for one in parts[0].measures if one.measure in ("loss", "chrf", "token_f1", "accuracy")]
    rows = []
    for part in parts:
        few = part.groups < LEAST
        cells = [told(part.change(name), titled(name, part)[1], change=True, few=few) for name in shown]
        rows.append([part.title, str(part.rows), *cells])
    note = f"Changes from base to tuned; without an interval where there are fewer than {LEAST} groups."
    head = ["", "questions", *(titled(name, parts[0])[0] for name in shown)]
    plot = ""
    if "chrf" in shown:
        some = [
            (part.title, one.before, one.after)
            for part in parts
            for one in part.measures
            if one.measure == "chrf" and one.before is not None and one.after is not None and part.groups >= LEAST
        ]
        plot = intervals(some, parts[0].sides, f"{MEASURES['chrf'].title} by language and label", top=100.0)
    return f'<h2>By language and label</h2>{plot}{rows_table(head, rows)}<p class="note">{escape(note)}</p>'


def _wrong(evidence: Evidence) -> str:
    found = evidence.wrong
    if found is None:
        return ""
    parts = [f"<h2>Fluent but wrong</h2><p>{escape(found.line())}</p>"]
    for one in found.examples:
        slips = "; ".join(f"{slip.kind}: {slip.said} instead of {slip.wanted}" for slip in one.slips)
        texts = {"question": one.question, "reference": one.truth, "answer": one.answer}
        parts.append(article(f"chrF {one.chrf:.1f} · {slips}", texts))
    return "".join(parts)


def _worst(evidence: Evidence) -> str:
    if not evidence.worst:
        return ""
    parts = ["<h2>Worst answers</h2>"]
    for number, row in enumerate(evidence.worst, 1):
        parts.append(article(f"{number}. {_of(row)}", {name: str(row[name]) for name in TEXTS}))
    return "".join(parts)


def article(title: str, texts: Mapping[str, str]) -> str:
    """A card of named texts."""
    shown = "".join(
        f'<b>{escape(name)}</b><p class="text">{escape(text) or "(nothing)"}</p>' for name, text in texts.items()
    )
    return f"<article><h3>{escape(title)}</h3>{shown}</article>"


def _of(row: Mapping[str, Any]) -> str:
    told_of = [f"chrF {row['chrf']:.1f}"] if "chrf" in row else []
    told_of += [str(row[name]) for name in ("lang", "label", "id") if row.get(name)]
    told_of += [f"differs in {', '.join(row['slips'])}"] if row.get("slips") else []
    return " · ".join(told_of)
