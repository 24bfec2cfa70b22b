"""What a reviewer makes of a pair: proposed changes they take over and words they type, as one edited pair."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from curation.edits import apply_findings, usable
from curation.pair_texts import text_of
from tamiz.errors import InputError
from tamiz.records import Finding, Pair, Turn, clean_unicode

if TYPE_CHECKING:
    from curation.review import Card

__all__ = ["REFUSALS", "Draft", "Proposal", "Refused", "Segment", "proposals", "revise", "word_diff"]

Segment = tuple[Literal["equal", "delete", "insert"], str]

CONTEXT = 48  # characters shown on either side of a change
REFUSALS = {
    "empty_question": "the question is empty; write one, or reject the pair",
    "empty_answer": "the answer is empty; write one, or reject the pair",
    "language": "the language is no ISO 639-1 code; give one such as es, or und",
    "overlap": "two of the chosen changes touch the same words; choose one of them",
    "retyped": "a chosen change lies in words that were typed over; untick it or restore the words",
    "reviewer": "the reviewer's name is empty or too long; give one line of up to 60 characters",
    "word": "write the word that should stand there, another one than the word that does",
    "word_gone": "this word is not waiting in any pair any more; look at the list again",
    "too_fast": "that was sooner than anybody can read; look at the pair and decide again",
    "several": "others have given their opinion on this text; accept your edit or reject the pair",
    "cluster_several": "several people decide on this pair; leave it as it is, or decide in the review",
    "nothing_to_undo": "there is no decision of yours left to undo",
}

_WORD = re.compile(r"\s|\w+|[^\w\s]")


class Refused(InputError):
    """What a reviewer asked for cannot be done; `code` is its key in REFUSALS, for a screen's own words."""

    def __init__(self, code: str) -> None:
        super().__init__(REFUSALS[code])
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A finding whose change can be taken over, with the change as words in their surroundings."""

    finding: Finding
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A pair as it stands in a reviewer's fields, the ids of the proposed changes they ticked, and why they reject it.

    Nothing of the reason goes into a pair; it is there so that it is kept with the rest until they decide.
    """

    question: str
    answer: str
    label: str
    lang: str
    chosen: tuple[str, ...] = ()
    reason: str = ""

    @classmethod
    def of(cls, card: Card, chosen: Sequence[str] = ()) -> Draft:
        """The pair of the card as it is, with these changes ticked."""
        pair = card.pair
        return cls(question=pair.question, answer=pair.answer, label=pair.label, lang=pair.lang, chosen=tuple(chosen))


def word_diff(before: str, after: str) -> list[Segment]:
    """What was taken out and put in, in whole words.

    Without the insertions the segments spell `before`, without the deletions `after`.

    >>> word_diff("la cotraseña nueva", "la contraseña nueva")
    [('equal', 'la '), ('delete', 'cotraseña'), ('insert', 'contraseña'), ('equal', ' nueva')]
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    segments: list[Segment] = []
    for op, start, end, new_start, new_end in SequenceMatcher(a=old, b=new).get_opcodes():
        if op == "equal":
            segments.append(("equal", "".join(old[start:end])))
            continue
        if end > start:
            segments.append(("delete", "".join(old[start:end])))
        if new_end > new_start:
            segments.append(("insert", "".join(new[new_start:new_end])))
    return segments


def proposals(pair: Pair, findings: Sequence[Finding]) -> list[Proposal]:
    """The findings whose change fits the pair's text as it is, each as a word diff; the others are left out."""
    fitting = [finding for finding in findings if finding.after is not None and _fits(pair, finding)]
    return [Proposal(finding=finding, segments=tuple(_in_context(pair, finding))) for finding in fitting]


def revise(pair: Pair, findings: Sequence[Finding], draft: Draft, *, by: str) -> Pair | None:
    """The pair that the draft makes of this one, or None when it changes nothing.

    A chosen change is made where its words are now, wherever typing has moved them. Refused when
    the question or the answer is empty, or when chosen changes and typed words stand in each
    other's way.
    """
    texts: dict[str, Any] = {}
    for name in ("question", "answer"):
        chosen = [finding for finding in findings if finding.id in draft.chosen and finding.field == name]
        texts[name] = clean_unicode(_changed(getattr(pair, name), getattr(draft, name), chosen)).strip()
        if not texts[name]:
            raise Refused(f"empty_{name}")
    if not re.fullmatch("[a-z]{2,3}", draft.lang):
        raise Refused("language")
    label = pair.label if draft.label == pair.label else " ".join(clean_unicode(draft.label).split())
    values = {**texts, "label": label, "context": _context(pair, findings, draft, by)}
    markdown = _markdown(pair, findings, draft, by)
    if draft.answer == _in_browser(pair.answer):
        values["answer_markdown"] = markdown
    if draft.lang == pair.lang and all(getattr(pair, name) == value for name, value in values.items()):
        return None
    if texts["answer"] != pair.answer:
        values["answer_markdown"] = markdown
    return dataclasses.replace(pair, **values, lang=draft.lang, made_from=(pair.id,), made_by=by)


def _markdown(pair: Pair, findings: Sequence[Finding], draft: Draft, by: str) -> str:
    """The answer's Markdown with the chosen changes, or "" for words typed by hand, which it cannot follow."""
    if draft.answer != _in_browser(pair.answer):
        return ""
    return _as_chosen(pair, findings, draft, by, ("answer", "answer_markdown")).answer_markdown


def _context(pair: Pair, findings: Sequence[Finding], draft: Draft, by: str) -> tuple[Turn, ...]:
    """The earlier turns with the chosen changes; nobody types in them."""
    fields = tuple({finding.field for finding in findings if finding.field.startswith("context")})
    return _as_chosen(pair, findings, draft, by, fields).context


def _as_chosen(pair: Pair, findings: Sequence[Finding], draft: Draft, by: str, fields: Sequence[str]) -> Pair:
    chosen = [finding for finding in findings if finding.id in draft.chosen and finding.field in fields]
    if len(usable(pair, chosen)) < len(chosen):  # it would leave one of them out
        raise Refused("overlap")
    return apply_findings(pair, chosen, by)


def _fits(pair: Pair, finding: Finding) -> bool:
    text = text_of(pair, finding.field)
    there = text[finding.start : finding.end] == finding.before and finding.end <= len(text)
    return bool(finding.field) and there and finding.after != finding.before


def _in_context(pair: Pair, finding: Finding) -> list[Segment]:
    text = text_of(pair, finding.field)
    start = _word_edge(text, max(finding.start - CONTEXT, 0), -1)
    end = _word_edge(text, min(finding.end + CONTEXT, len(text)), 1)
    while 0 < start < finding.start and text[start].isspace():
        start += 1
    while finding.end < end < len(text) and text[end - 1].isspace():
        end -= 1
    changed = text[start : finding.start] + (finding.after or "") + text[finding.end : end]
    segments = word_diff(text[start:end], changed)
    before: list[Segment] = [("equal", "… ")] if start > 0 else []
    after: list[Segment] = [("equal", " …")] if end < len(text) else []
    return [*before, *segments, *after]


def _word_edge(text: str, place: int, step: int) -> int:
    """The nearest place from here on, within a long word's length, that is not inside a word."""
    for _ in range(24):
        if not 0 < place < len(text) or not (text[place - 1].isalnum() and text[place].isalnum()):
            break
        place += step
    return place


def _changed(original: str, typed: str, chosen: Sequence[Finding]) -> str:
    """The typed text with the chosen changes made in it."""
    text = original if typed == _in_browser(original) else typed
    spans = sorted((*_moved(finding, original, text), finding.after or "") for finding in chosen)
    for (first, end, _), (start, last, _) in pairwise(spans):
        if start < end or (first, end) == (start, last):
            raise Refused("overlap")
    for start, end, after in reversed(spans):
        text = text[:start] + after + text[end:]
    return text


def _in_browser(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")  # a text area has no other line ends


def _moved(finding: Finding, original: str, typed: str) -> tuple[int, int]:
    """Where the words of the finding are in the typed text; Refused when they are not there any more."""
    if original == typed:
        return finding.start, finding.end
    old, new = 0, 0
    for op, text in word_diff(original, typed):
        if op == "equal" and old <= finding.start and finding.end <= old + len(text):
            return new + finding.start - old, new + finding.end - old
        old += len(text) if op != "insert" else 0
        new += len(text) if op != "delete" else 0
    if finding.before.strip() and typed.count(finding.before) == 1:
        start = typed.index(finding.before)
        return start, start + len(finding.before)
    raise Refused("retyped")
