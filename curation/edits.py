"""Changes to a text as data: found, composed, and applied to a pair without losing the original."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from curation.pair_texts import text_of, texts_of, with_texts
from tamiz.records import Finding, Pair
from tamiz.worddecisions import WORD_KINDS

__all__ = ["Edit", "apply_edits", "apply_findings", "code_parts", "compose", "usable"]

MOST_EDITS = 200  # of one pass on one text; more become one edit over all of them


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace text[start:end] by `after`. Of two composed edits, `kind` and `confidence` are the first one's."""

    start: int
    end: int
    after: str
    kind: str
    confidence: float = 1.0
    note: str = ""


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """The text with these edits made; they are in order and do not overlap."""
    parts, last = [], 0
    for edit in edits:
        parts += [text[last : edit.start], edit.after]
        last = edit.end
    return "".join([*parts, text[last:]])


def limited(text: str, edits: Sequence[Edit]) -> Sequence[Edit]:
    """The same edits, or one over all of them where they are too many to be looked at one by one."""
    if len(edits) <= MOST_EDITS:
        return edits
    start, end = edits[0].start, edits[-1].end
    inner = [replace(edit, start=edit.start - start, end=edit.end - start) for edit in edits]
    note = f"{len(edits)} changes of this kind"
    after = apply_edits(text[start:end], inner)
    return [replace(edits[0], start=start, end=end, after=after, note=note)]


def compose(first: Sequence[Edit], later: Sequence[Edit]) -> list[Edit]:
    """One list of edits of the original that does what `first` and then `later` (of the text after `first`) do."""
    result = list(first)
    for edit in reversed(later):
        result = _compose_one(result, edit)
    return result


def _compose_one(plan: Sequence[Edit], edit: Edit) -> list[Edit]:
    """Add one edit of the present text; edits of the plan that it touches become one with it."""
    before: list[Edit] = []
    touched: list[Edit] = []
    after: list[Edit] = []
    shift = shift_before = 0  # present place minus original place
    text, cursor = "", -1
    for old in plan:
        start, end = old.start + shift, old.start + shift + len(old.after)
        shift += len(old.after) - (old.end - old.start)
        if end <= edit.start:
            before.append(old)
            shift_before = shift
        elif start >= edit.end:
            after.append(old)
        else:
            if cursor < 0:
                text, cursor = old.after[: max(0, edit.start - start)], edit.start
            touched.append(old)
            tail = old.after[max(0, edit.end - start) :] if end > edit.end else ""
            shift_touched, end_touched = shift, end
    if not touched:
        moved = replace(edit, start=edit.start - shift_before, end=edit.end - shift_before)
        return [*before, moved, *after]
    start = min(touched[0].start, edit.start - shift_before)
    end = touched[-1].end if end_touched >= edit.end else edit.end - shift_touched
    return [*before, replace(touched[0], start=start, end=end, after=text + edit.after + tail), *after]


def code_parts(markdown: str) -> list[str]:
    """What the Markdown calls code: fenced blocks and spans between backticks, longest first."""
    fenced = [found["code"] for found in _FENCE.finditer(markdown)]
    spans = [found["code"].strip() for found in _SPAN.finditer(_FENCE.sub(" ", markdown))]
    parts = {part.strip("\n") for part in (*fenced, *spans)}
    return sorted((part for part in parts if len(part.strip()) > 1), key=lambda part: (-len(part), part))


_FENCE = re.compile(r"^(?P<fence>`{3,}+|~{3,}+)[^\n`]*\n(?P<code>.*?)^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL)
_ADDRESS = re.compile(r"(?<=\])\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)")  # of a link: no words to be spelt
_SPAN = re.compile(r"(?<!`)(?P<ticks>`{1,3})(?!`)(?P<code>[^\n]+?)(?<!`)(?P=ticks)(?!`)")


def usable(pair: Pair, findings: Iterable[Finding]) -> list[Finding]:
    """The findings that propose a change of this very text, in order, without any that overlap.

    Of two that overlap the more confident one stays, then the one that starts first, then the longer one.
    """
    fitting = [
        finding
        for finding in findings
        if finding.field
        and finding.after is not None
        and finding.after != finding.before
        and text_of(pair, finding.field)[finding.start : finding.end] == finding.before
    ]
    fitting.sort(key=lambda f: (-f.confidence, f.start, -f.end, f.kind, f.id))
    kept: list[Finding] = []
    for finding in fitting:
        if not any(_overlap(finding, other) for other in kept):
            kept.append(finding)
    return sorted(kept, key=lambda f: (f.field, f.start, f.end))


def _overlap(one: Finding, other: Finding) -> bool:
    if one.field != other.field:
        return False
    same_point = one.start == other.start and one.end == other.end
    return same_point or (one.start < other.end and other.start < one.end)


def apply_findings(pair: Pair, findings: Iterable[Finding], by: str) -> Pair:
    """The pair with the proposed changes made, or the same pair where none can be made.

    The new pair names the one it is made from, which stays as it is. A change that would leave a
    field empty is not made. `by` is a rule, a step or a person. The Markdown of the answer is changed in the
    same places; where these cannot be told, it is written anew from the plain answer.
    """
    changes = usable(pair, findings)
    texts = dict(texts_of(pair))
    for field, text in texts_of(pair):
        mine = [Edit(f.start, f.end, f.after or "", f.kind) for f in changes if f.field == field]
        changed = apply_edits(text, mine)
        texts[field] = changed if changed.strip() else text
    if pair.answer_markdown and texts.get("answer", "") != pair.answer:
        there = {f.after for f in changes if f.field == "answer_markdown"}  # changed in both, each in its place
        mine = [Edit(f.start, f.end, f.after or "", f.kind) for f in changes if f.field == "answer"]
        mine = [edit for edit in mine if edit.after not in there]
        if mine:
            texts["answer_markdown"] = _change_markdown(texts["answer_markdown"], pair.answer, texts["answer"], mine)
    made = with_texts(pair, texts)
    return pair if made == pair else replace(made, made_from=(pair.id,), made_by=by)


def _change_markdown(markdown: str, text: str, changed: str, edits: Sequence[Edit]) -> str:
    """The Markdown with the same changes, each in the place that corresponds, or made from the plain text."""
    if markdown == text:
        return changed
    for edit in reversed(edits):
        before = text[edit.start : edit.end]
        seen = _ADDRESS.sub(lambda m: " " * len(m[0]), markdown) if edit.kind in WORD_KINDS else markdown
        if before and seen.count(before) == text.count(before):
            place = _nth(seen, before, text.count(before, 0, edit.start))
            markdown = markdown[:place] + edit.after + markdown[place + len(before) :]
        elif edit.kind != "whitespace":
            return _as_markdown(changed, code_parts(markdown))
    return markdown


def _nth(text: str, part: str, number: int) -> int:
    place = text.find(part)
    for _ in range(number):
        place = text.find(part, place + len(part))
    return place


def _as_markdown(text: str, codes: Sequence[str]) -> str:
    """The plain text, with what was marked as code marked again."""
    if not codes:
        return text
    pattern = re.compile("|".join(re.escape(code) for code in codes))
    return pattern.sub(lambda m: f"\n```\n{m[0]}\n```\n" if "\n" in m[0] else f"`{m[0]}`", text)
