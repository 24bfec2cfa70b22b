"""The report of duplicates and contamination: one page of HTML with no script, no link and nothing from the network.

The rows are strangers' texts: all are escaped, control characters and those that turn the direction of writing are
shown by their number, and each stands in an element of its own that no other text can leave.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.contaminated_file import Contaminated
from curation.guards import QUESTION_LEEWAY, explain_difference
from curation.near.texts import normal
from curation.removal_sample import DECIDED_ANEW, RowShown, Sample, Section
from curation.report_style import STYLE
from curation.word_changes import word_spans
from tamiz.errors import InputError
from tamiz.files import write_whole
from tamiz.settings import NearSettings
from tamiz.wording import plural

if TYPE_CHECKING:
    from curation.dedupe_file import Deduped

__all__ = ["ReportSettings", "contamination_page", "removal_page", "shown_text", "write_contamination_page"]

LONGEST = 3_000  # characters of a text that are shown
BOILERPLATE_SHOWN = 20
SHOWN = 100
NEAR_NOTE = "The least similar first: look here whether too much was removed."
# Controls, half characters, and what turns the direction of the text after it or is not seen at all.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
    "|[\U000e0000-\U000e007f]"
)
_WORDS = re.compile(r"\S+|\s+")
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings:
    """What a result was found with."""

    near: NearSettings
    fields: tuple[str, str]
    keep: Sequence[str] = ()
    against: Sequence[Path] = ()


def shown_text(text: Any) -> str:
    """A stranger's text as inert HTML; what cannot be seen is shown by its number.

    >>> shown_text("<b>\\u202eno")
    '&lt;b&gt;<span class="unseen">U+202E</span>no'
    """
    cut = str(text)[:LONGEST].replace("\r\n", "\n")
    escaped = html.escape(cut)
    more = "" if len(str(text)) <= LONGEST else f' <span class="unseen">{len(str(text)) - LONGEST:,} more</span>'
    return _UNSEEN.sub(lambda found: f'<span class="unseen">U+{ord(found[0]):04X}</span>', escaped) + more


def removal_page(
    result: Deduped, sample: Sample, source: Path, settings: ReportSettings, contaminated: Contaminated | None
) -> str:
    """What was removed from a file and why, with the kept row beside, and what people should look at."""
    against = sum(result.against.values())
    funnel = [("rows seen", result.seen), ("could not be read", -result.malformed)]
    funnel += [("repeat rows of the other files", -against)] if settings.against else []
    funnel += [("exact copies", -result.exact), ("near copies", -result.near), ("rows kept", result.kept)]
    body = [
        f"<p class=lead>{_name(source)}: of {plural(result.seen, 'row')} {result.kept:,} "
        f"{'is' if result.kept == 1 else 'are'} kept.</p>",
        _funnel(funnel, result.seen),
        _settings(settings),
        _thresholds(result),
        _repeats(sample, contaminated) if contaminated is not None else "",
        _boilerplate(contaminated) if contaminated is not None else "",
        _removed("Near copies", NEAR_NOTE, sample, sample.near),
        _removed("Exact copies", "The same question and answer in normal form.", sample, sample.exact),
        _contradictions(sample),
        _variants(sample),
    ]
    return _page(f"Duplicates in {source.name}", body)


def contamination_page(found: Contaminated, settings: ReportSettings) -> str:
    """Which rows of a file repeat rows of other files."""
    shown = found.shown(SHOWN)
    counts = found.found.counts()
    funnel = [("rows seen", found.seen), *((f"repeat {_what(rule)}", -count) for rule, count in counts.items())]
    groups = [
        _beside(
            RowShown(one.name, one.question, one.answer, found.evidence(one.repeat.row)),
            RowShown(f"{one.other.name}, {one.other.file}", one.other.question, one.other.answer),
            heads=("here", "there"),
        )
        for one in shown
    ]
    verdict = plural(len(found.found), "row repeats", "rows repeat") if len(found.found) else "No row repeats"
    body = [
        f"<p class=lead>{verdict} one of {', '.join(_name(path) for path in settings.against)}.</p>",
        _funnel(funnel, found.seen),
        _settings(settings),
        _section("Rows that repeat", "", groups, len(shown), len(found.found)),
        _boilerplate(found),
    ]
    return _page(f"Contamination of {found.source.name}", body)


def write_contamination_page(path: Path, found: Contaminated, against: Sequence[Path], near: NearSettings) -> None:
    """Write the page of a check; InputError where it would take the place of a file that was read."""
    if any(path.exists() and path.samefile(read) for read in (found.source, *against)):
        raise InputError(f"{path} is read and would be written; give another name for the report")
    settings = ReportSettings(near=near, fields=found.fields, against=against)
    try:
        write_whole(path, contamination_page(found, settings))
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}). Check the folder and its rights") from None


def _page(title: str, body: Iterable[str]) -> str:
    text = PAGE.format(title=shown_text(title), style=STYLE, body="\n".join(part for part in body if part))
    return text.encode("utf-8", "replace").decode()


def _name(value: Any) -> str:
    return f"<bdi>{shown_text(value)}</bdi>"


def _what(rule: str) -> str:
    return {"pair": "question and answer", "question": "a question", "answer": "an answer"}[rule]


def _funnel(steps: Sequence[tuple[str, int]], seen: int) -> str:
    rows = []
    for name, count in steps:
        share = abs(count) / seen if seen else 0.0
        sign = "−" if count < 0 else ""
        bar = f'<td class=bar><span class="{"less" if count < 0 else "all"}" style="width:{share:.2%}"></span></td>'
        rows.append(f"<tr><th>{name}</th><td class=n>{sign}{abs(count):,}</td><td class=n>{share:.1%}</td>{bar}</tr>")
    return f'<table class="funnel">{"".join(rows)}</table>'


def _settings(settings: ReportSettings) -> str:
    near, fields = settings.near, " and ".join(_name(name) for name in settings.fields if name)
    said = [
        f"Columns {fields}, compared apart: both at least {near.threshold} similar (Jaccard similarity of character "
        f"{near.ngram}-grams), and no number, code, negation or replaced word that makes them different."
    ]
    if settings.keep:
        said.append(f"Of copies the best is kept, by {_name(', '.join(settings.keep))}, then the first.")
    if settings.against:
        said.append(f"Compared with {', '.join(_name(path) for path in settings.against)}.")
    return f"<p class=settings>{' '.join(said)}</p>"


def _thresholds(result: Deduped) -> str:
    at, seen = result.at, result.seen
    if not at:
        return ""
    estimated = result.kept + result.exact + result.near > DECIDED_ANEW
    note = "<p class=note>Above the first, at least so many: of so long a file it is not decided anew.</p>"
    head = "".join(f"<th>{threshold:g}</th>" for threshold in at)
    cells = "".join(f"<td>{count:,}<br><small>{count / max(1, seen):.1%}</small></td>" for count in at.values())
    rows = f"<tr><th>threshold</th>{head}</tr><tr><th>copies</th>{cells}</tr>"
    table = f'<div class=wide><table class="at">{rows}</table></div>'
    return f"<section><h2>At other thresholds</h2>{note if estimated else ''}{table}</section>"


def _section(title: str, note: str, groups: Iterable[str], shown: int, total: int) -> str:
    if not total:
        return ""
    limit = f"<p class=note>The first {shown:,} of {total:,} are shown.</p>" if shown < total else ""
    about = f"<p class=note>{note}</p>" if note else ""
    return f"<section><h2>{title} <small>{total:,}</small></h2>{about}{limit}{''.join(groups)}</section>"


def _removed(title: str, note: str, sample: Sample, section: Section) -> str:
    groups = (_beside(sample.rows[one], sample.rows[other]) for one, other in section.groups)
    return _section(title, note, groups, len(section.groups), section.total)


def _repeats(sample: Sample, contaminated: Contaminated) -> str:
    groups = []
    for (number,) in sample.repeats.groups:
        other = contaminated.others[contaminated.found.repeats[number].other]
        beside = RowShown(f"{other.name}, {other.file}", other.question, other.answer)
        groups.append(_beside(sample.rows[number], beside, heads=("removed", "there")))
    title = "Rows that repeat the other files"
    return _section(title, "Removed from here.", groups, len(groups), sample.repeats.total)


def _boilerplate(contaminated: Contaminated) -> str:
    answers = contaminated.boilerplate()
    note = "So many different questions got these answers that they say nothing about one: no contamination."
    groups = [
        f'<article class="one"><p class=why>{plural(count, "row")}</p>'
        f"<p class=text dir=auto>{shown_text(answer)}</p></article>"
        for answer, count in answers[:BOILERPLATE_SHOWN]
    ]
    return _section("Answers that many share", note, groups, len(groups), len(answers))


def _contradictions(sample: Sample) -> str:
    note = "Nearly the same question, and answers that differ in what counts. Both are kept: people decide."
    groups = []
    for left, right in sample.contradictions.groups:
        one, other = sample.rows[left], sample.rows[right]
        why = explain_difference(one.answer, other.answer, leeway=QUESTION_LEEWAY)
        groups.append(_beside(one, other, why=why, heads=("one", "other")))
    total = sample.contradictions.total
    return _section("Contradictions", note, groups, len(groups), total)


def _variants(sample: Sample) -> str:
    note = "The same question with different answers. All are kept: people decide whether one answer is enough."
    groups = []
    for members in sample.variants.groups:
        rows = [sample.rows[number] for number in members]
        answers = "".join(f"<li><b>{_name(row.name)}</b> <bdi>{shown_text(row.answer)}</bdi></li>" for row in rows)
        question = f"<p class=question dir=auto>{shown_text(rows[0].question)}</p>"
        groups.append(f'<article class="one">{question}<ul>{answers}</ul></article>')
    return _section("Variants", note, groups, len(groups), sample.variants.total)


def _beside(one: RowShown, other: RowShown, *, why: str = "", heads: tuple[str, str] = ("removed", "kept")) -> str:
    """Two rows side by side, the words that differ marked."""
    evidence = one.evidence or {}
    alike = [
        f"{name} {evidence[column]:.2f}"
        for name, column in (("question", "similarity_question"), ("answer", "similarity_answer"))
        if evidence.get(column) is not None
    ]
    facts = [str(evidence.get("rule", "")), *alike, str(evidence.get("why", why))]
    line = " · ".join(f"<bdi>{shown_text(fact)}</bdi>" for fact in facts if fact)
    similar = [not evidence or evidence[column] is not None for column in ("similarity_question", "similarity_answer")]
    sides = _side(heads[0], one, other, similar) + _side(heads[1], other, one, similar)
    return f"<article><p class=why>{line}</p><div class=two>{sides}</div></article>"


def _side(head: str, row: RowShown, other: RowShown, similar: Sequence[bool]) -> str:
    """One row; where its text is not similar to the other's, words in common would say nothing."""
    question = _marked(row.question, other.question) if similar[0] else shown_text(row.question)
    answer = _marked(row.answer, other.answer) if similar[1] else shown_text(row.answer)
    texts = f"<p class=question dir=auto>{question}</p><p class=text dir=auto>{answer}</p>"
    return f'<div class="side {head}"><p class=head>{head} <b>{_name(row.name)}</b></p>{texts}</div>'


def _marked(text: str, other: str) -> str:
    """The text, with the words that the other has not in their place marked; form alone is no difference."""
    tokens = _WORDS.findall(text[:LONGEST])
    words = [(place, normal(token)) for place, token in enumerate(tokens) if not token.isspace()]
    words = [(place, word) for place, word in words if word]
    spans = word_spans([word for _, word in words], [normal(word) for word in other[:LONGEST].split() if normal(word)])
    shown, at = [], 0
    for same, first, last in spans:
        if not same:
            start, stop = words[first][0], words[last - 1][0] + 1
            shown += [shown_text("".join(tokens[at:start])), f"<mark>{shown_text(''.join(tokens[start:stop]))}</mark>"]
            at = stop
    rest = "".join(tokens[at:]) + text[LONGEST:]
    return "".join(shown) + (shown_text(rest) if len(text) <= LONGEST else _cut(tokens[at:], len(text) - LONGEST))


def _cut(tokens: Sequence[str], more: int) -> str:
    return f'{shown_text("".join(tokens))} <span class="unseen">{more:,} more</span>'
