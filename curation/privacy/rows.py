"""Personal data in the rows of a table, with no project: what `tamiz privacy` does to a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.privacy.kinds import KINDS
from curation.privacy.masks import NOBODY, Masked, find_in_texts, mask_texts
from curation.privacy.own import OwnContacts
from tamiz.errors import InputError

__all__ = ["MaskedRows", "mask_rows"]

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedRows:
    """The rows with their changes, in their order; how many were masked by kind; and, for who asks, what was."""

    rows: list[dict[str, Any]]
    kinds: dict[str, int]
    kept: int
    map: list[dict[str, Any]]

    def __repr__(self) -> str:
        return f"MaskedRows({len(self.rows)} rows)"


def mask_rows(
    rows: Sequence[Row],
    *,
    fields: Sequence[str] = ("question", "answer"),
    lang: str = "und",
    kinds: Collection[str] = KINDS.keys(),
    own: OwnContacts = NOBODY,
    at_least: float = 0.6,
    show_originals: bool = False,
) -> MaskedRows:
    """The rows with personal data masked in these fields, the same way all over a row; all of it in `changes`.

    A change is {field, start, before, after, rule, confidence, applied}; `before` has a dot for each character,
    unless `show_originals`. What is below `at_least` or the company's own is listed and left.
    """
    _need(rows, fields)
    masked_rows: list[dict[str, Any]] = []
    counts: Counter[str] = Counter()
    kept, told = 0, []
    for number, row in enumerate(rows):
        texts = {field: value for field in fields if isinstance(value := row.get(field), str)}
        found = find_in_texts(texts, lang, kinds=kinds, own=own, json_fields=lambda _: False)
        sure = [one for one in found if one.personal.confidence >= at_least]
        changes = [
            _change(texts[one.field], one, one.personal.confidence >= at_least, show_originals)
            for one in sorted(found, key=lambda one: (list(texts).index(one.field), one.personal.start))
        ]
        masked_rows.append({**row, **mask_texts(texts, sure), "changes": changes})
        counts.update(one.personal.kind for one in sure if not one.own)
        kept += sum(one.own for one in found)
        told += [_entry(number, texts[one.field], one) for one in sure if not one.own]
    return MaskedRows(rows=masked_rows, kinds=dict(sorted(counts.items())), kept=kept, map=told)


def _change(text: str, one: Masked, sure: bool, show_originals: bool) -> dict[str, Any]:
    before = text[one.personal.start : one.personal.end]
    return {
        "field": one.field,
        "start": one.personal.start,
        "before": before if show_originals else "•" * len(before),
        "after": None if one.own else one.mask,
        "rule": "company_contact" if one.own else one.personal.kind,
        "confidence": one.personal.confidence,
        "applied": sure and not one.own,
    }


def _entry(number: int, text: str, one: Masked) -> dict[str, Any]:
    personal = one.personal
    place = {"row": number, "field": one.field, "start": personal.start}
    return {**place, "mask": one.mask, "kind": personal.kind, "value": text[personal.start : personal.end]}


def _need(rows: Sequence[Row], fields: Sequence[str]) -> None:
    columns = {name for row in rows for name in row}
    missing = [field for field in fields if field not in columns]
    if rows and missing:
        raise InputError(f"there is no column {missing[0]!r}; the columns are: {', '.join(sorted(map(str, columns)))}")
