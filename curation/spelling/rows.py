"""Spelling in the rows of a table, with no project: what `tamiz spell` does to a file."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.edits import Edit, apply_edits
from curation.spelling.checker import Checked, Checker
from curation.spelling.corrections import Correction, Text
from curation.spelling.dictionaries import languages
from tamiz.errors import InputError
from tamiz.language import UNKNOWN, guess_language

__all__ = ["AUTO", "AUTO_LANGUAGES", "SpelledRows", "spell_rows"]

AUTO = "auto"
SLICE = 5_000  # texts that are checked at once
AUTO_LANGUAGES = ("es", "en", "pt", "fr", "de", "it", "ca")  # that are told apart where no language is given
_UNSEEN = re.compile("[\x00\ud800-\udfff\ufeff]")  # what no dictionary or server can be asked about
_KINDS = ("accent", "spelling")  # grammar and style are for people

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpelledRows:
    """The rows with their changes, in their order; how many texts were in which language, and which were refused."""

    rows: list[dict[str, Any]]
    languages: dict[str, int]
    not_checked: dict[str, int]


def spell_rows(
    rows: Sequence[Row],
    checker: Checker,
    *,
    fields: Sequence[str] = ("question", "answer"),
    lang: str = AUTO,
    at_least: float = 0.9,
    watch: Callable[[int, str], object] = lambda done, note: None,
) -> SpelledRows:
    """The rows with their spelling corrected in these fields, and every proposal in `changes`.

    All rows are learnt first: what they use often is a word of theirs. A change is {field, start, before, after,
    rule, engine, kind, confidence, applied}; `start` counts characters of the text as it came, in NFC. Those of
    spelling and accents from `at_least` on are applied; a cell in which none is keeps what it had, to the byte.
    InputError where no engine here checks `lang`; `watch` is told how many texts are done, and what takes long.
    """
    _need(rows, fields)
    cells = [
        (number, field, unicodedata.normalize("NFC", value))
        for number, row in enumerate(rows)
        for field in fields
        if isinstance(value := row.get(field), str) and value.strip()
    ]
    texts = [Text(text=_UNSEEN.sub(" ", text), lang=_language(text, lang)) for _, _, text in cells]
    checker.learn(texts, lambda note: watch(0, note))
    lacking = checker.lacking(sorted({text.lang for text in texts}))
    if lang in lacking:
        raise InputError(
            f"nothing here can check the language {lang!r}; there are dictionaries of {', '.join(languages())}. Name "
            "another one, or a LanguageTool that knows it"
        )
    spelled: list[dict[str, Any]] = [{**row, "changes": []} for row in rows]
    spoken: Counter[str] = Counter()
    troubles: Counter[str] = Counter()
    for (number, field, text), shown, checked in zip(cells, texts, _checked(checker, texts, watch), strict=True):
        spoken[shown.lang] += 1
        if trouble := checked.trouble or (_unknown(shown.lang) if shown.lang in lacking else ""):
            troubles[trouble] += 1
        changed, changes = _spell(text, checked, at_least)
        spelled[number]["changes"] += [{"field": field, **change} for change in changes]
        if changed != text:
            spelled[number][field] = changed
    return SpelledRows(rows=spelled, languages=dict(spoken), not_checked=dict(troubles))


def _checked(checker: Checker, texts: Sequence[Text], watch: Callable[[int, str], object]) -> Iterator[Checked]:
    for start in range(0, len(texts), SLICE):
        watch(start, "")
        yield from checker.check(texts[start : start + SLICE])


def _unknown(lang: str) -> str:
    return "its language could not be told" if lang == UNKNOWN else f"there is no dictionary of the language {lang}"


def _spell(text: str, checked: Checked, at_least: float) -> tuple[str, list[dict[str, Any]]]:
    applied = [
        found
        for found in checked.corrections
        if found.after is not None and found.kind in _KINDS and found.confidence >= at_least
    ]
    edits = [Edit(found.start, found.end, found.after or "", found.kind) for found in applied]
    return apply_edits(text, edits), [_change(found, found in applied) for found in checked.corrections]


def _change(found: Correction, applied: bool) -> dict[str, Any]:
    return {
        "start": found.start,
        "before": found.before,
        "after": found.after,
        "rule": found.rule,
        "engine": found.engine,
        "kind": found.kind,
        "confidence": found.confidence,
        "applied": applied,
    }


def _language(text: str, lang: str) -> str:
    return guess_language(text, AUTO_LANGUAGES) if lang == AUTO else lang


def _need(rows: Sequence[Row], fields: Sequence[str]) -> None:
    columns = {name for row in rows for name in row}
    missing = [field for field in fields if field not in columns]
    if rows and missing:
        raise InputError(f"there is no column {missing[0]!r}; the columns are: {', '.join(sorted(map(str, columns)))}")
