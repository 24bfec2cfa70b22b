"""What a page's machinery did to a text, found with its exact place and what the text was meant to be.

Broken encodings, entities, control and zero-width characters, tags, icon words, lines that belong to the
page. What the text marks as code is left alone, but for characters that nobody can see.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from typing import Any

from curation.edits import Edit, apply_edits, code_parts, compose, limited
from curation.repairs import (
    find_boilerplate,
    find_composed,
    find_control,
    find_encoding,
    find_entities,
    find_icons,
    find_markup,
    find_prefix,
    find_whitespace,
)
from tamiz.records import Finding, Pair
from tamiz.settings import CurationSettings

__all__ = ["CleanStep", "clean_text"]

ROUNDS = 12
VERSION = 1  # of what is looked for; pairs are looked at again when it grows

Pass = Callable[[str], list[Edit]]

_BACKTICKS = re.compile(r"```.*?```|(?<!`)`[^`\n]+`(?!`)", re.DOTALL)


def clean_text(
    text: str,
    *,
    markdown: str = "",
    is_answer: bool = True,
    lines: Sequence[re.Pattern[str]] = (),
    repeated: Set[str] = frozenset(),
) -> list[Edit]:
    """The edits that clean this text, in order, for the text as it is. Cleaning the result finds nothing.

    `markdown` tells what is code in it; `lines` are patterns of whole lines to take out of an answer,
    `repeated` are last lines that many answers of its source end in.

    >>> clean_text("Pulsa <b>Guardar</b>.\\u200b")
    [Edit(start=6, end=9, after='', kind='markup', confidence=0.95, note=''), \
Edit(start=16, end=20, after='', kind='markup', confidence=0.95, note=''), \
Edit(start=21, end=22, after='', kind='control', confidence=1.0, note='')]
    """
    codes = code_parts(markdown)
    passes: list[tuple[Pass, bool]] = [
        (find_encoding, True),
        (find_control, False),
        (find_entities, True),
        (find_markup, True),
        (find_icons, True),
    ]
    if is_answer:
        passes.append((lambda current: find_boilerplate(current, lines, repeated), True))
    else:
        passes.append((find_prefix, True))
    passes += [(find_whitespace, True), (find_composed, False)]
    plan: list[Edit] = []
    for _ in range(ROUNDS):
        current, changed = apply_edits(text, plan), False
        for find, spares_code in passes:
            edits = [edit for edit in find(current) if current[edit.start : edit.end] != edit.after]
            if spares_code and edits:
                kept = _code_places(current, codes)
                edits = [
                    edit for edit in edits if not any(edit.start < end and start < edit.end for start, end in kept)
                ]
            if edits:
                plan = compose(plan, limited(current, edits))
                current = apply_edits(text, plan)
                changed = True
        if not changed:
            break
    return [edit for edit in plan if text[edit.start : edit.end] != edit.after]


def _code_places(text: str, codes: Sequence[str]) -> list[tuple[int, int]]:
    places = [match.span() for match in _BACKTICKS.finditer(text)]
    for code in codes:
        head, tail = (r"(?<!\w)" if code[0].isalnum() else ""), (r"(?!\w)" if code[-1].isalnum() else "")
        places += [match.span() for match in re.finditer(head + re.escape(code) + tail, text)]
    return places


class CleanStep:
    """Findings of kinds encoding, control, entity, markup, icon, boilerplate and whitespace, each with its repair.

    Two kinds propose nothing: lost_characters (U+FFFD stands where a character was) and nothing_left
    (the whole answer would be taken out).
    """

    name = "clean"

    def __init__(self, settings: CurationSettings) -> None:
        self._settings = settings.clean
        self._own = [re.compile(pattern) for pattern in settings.clean.boilerplate]
        self._repeated: dict[str, frozenset[str]] = {}

    @property
    def settings(self) -> dict[str, Any]:
        repeated = {source: sorted(lines) for source, lines in self._repeated.items()}
        return {"version": VERSION, "boilerplate": self._settings.boilerplate, "repeated": repeated}

    def learn(self, pairs: Iterable[Pair]) -> None:
        """Count the last lines of each source's answers."""
        counts: dict[str, Counter[str]] = {}
        for pair in pairs:
            _, line_break, last = pair.answer.rpartition("\n")
            if line_break and 3 <= len(last.strip()) <= 200:
                counts.setdefault(pair.source, Counter())[last.strip()] += 1
        least = self._settings.boilerplate_repeats
        found = {source: frozenset(line for line, n in lines.items() if n >= least) for source, lines in counts.items()}
        self._repeated = {source: lines for source, lines in found.items() if lines}

    def look(self, batch: Sequence[Pair]) -> Iterator[Finding]:
        for pair in batch:
            yield from self._look_at(pair, "question", pair.question, clean_text(pair.question, is_answer=False))
            repeated = self._repeated.get(pair.source, frozenset())
            edits = clean_text(pair.answer, markdown=pair.answer_markdown, lines=self._own, repeated=repeated)
            yield from self._look_at(pair, "answer", pair.answer, edits)

    def _look_at(self, pair: Pair, field: str, text: str, edits: Sequence[Edit]) -> Iterator[Finding]:
        if not apply_edits(text, edits).strip():
            note = f"cleaning would leave nothing of the {field}"
            yield Finding(pair=pair.id, step=self.name, kind="nothing_left", field=field, end=len(text), note=note)
            return
        for edit in edits:
            before = text[edit.start : edit.end]
            yield Finding(
                pair=pair.id,
                step=self.name,
                kind=edit.kind,
                field=field,
                start=edit.start,
                end=edit.end,
                before=before,
                after=edit.after,
                confidence=edit.confidence,
                note=edit.note,
            )
        if "\ufffd" in apply_edits(text, edits):
            place = text.find("\ufffd")
            note = "a character was lost before the page was read; only a person can tell which"
            span = (place, place + 1) if place >= 0 else (0, 0)
            yield Finding(
                pair=pair.id, step=self.name, kind="lost_characters", field=field, start=span[0], end=span[1], note=note
            )
