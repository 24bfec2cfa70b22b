"""Masks that are the same for the same thing all over a pair: <PHONE_1> here is <PHONE_1> there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from curation.edits import Edit, apply_edits
from curation.pair_texts import is_json, texts_of, with_texts
from curation.privacy.find import find_personal
from curation.privacy.folding import MASK
from curation.privacy.kinds import KINDS
from curation.privacy.own import OwnContacts
from curation.privacy.personal import Personal
from tamiz.records import Pair

__all__ = ["Masked", "find_in_texts", "mask_texts", "masked_pair"]

AGAIN_LENGTH = 5  # shorter ones may be anything where they are said again
AGAIN_MOST = 100
NOBODY = OwnContacts()

Found: TypeAlias = tuple[str, Personal]


@dataclass(frozen=True, slots=True)
class Masked:
    """Personal data in the text `field`, with its mask; `own`: it is the company's, and is left."""

    field: str
    personal: Personal
    mask: str
    own: bool = False


def find_in_texts(
    texts: Mapping[str, str],
    lang: str,
    *,
    kinds: Collection[str] = KINDS.keys(),
    own: OwnContacts = NOBODY,
    json_fields: Callable[[str], bool] = is_json,
) -> list[Masked]:
    """What is personal in these texts of one pair, with masks that are the same for the same value.

    What one text tells is found in the others, too, where nothing beside it tells what it is. New masks are
    numbered after those that the texts hold already.
    """
    found = [(field, one) for field, text in texts.items() for one in find_personal(text, lang) if one.kind in kinds]
    if not found:
        return []
    found += _said_again(texts, found)
    masks = _masks(found, texts.values())
    result = []
    for field, one in found:
        mine = own.has(one.kind, one.value)
        mask = masks[one.kind, one.value]
        if json_fields(field):
            mask = _inside_json(texts[field], one, mask)
        result.append(Masked(field, one, mask, own=mine))
    return result


def mask_texts(texts: Mapping[str, str], found: Iterable[Masked]) -> dict[str, str]:
    """The texts with these masks in the place of what they mask; what is the company's own stays."""
    edits: dict[str, list[Edit]] = {field: [] for field in texts}
    for one in sorted(found, key=lambda one: one.personal.start):
        if not one.own:
            edits[one.field].append(Edit(one.personal.start, one.personal.end, one.mask, one.personal.kind))
    return {field: apply_edits(text, edits[field]) for field, text in texts.items()}


def masked_pair(
    pair: Pair, by: str, *, kinds: Collection[str] = KINDS.keys(), own: OwnContacts = NOBODY, at_least: float = 0.0
) -> Pair:
    """The pair with all personal data of these kinds masked in every text, or the same pair where there is none.

    The new pair names the one that it is made from.
    """
    texts = dict(texts_of(pair))
    found = find_in_texts(texts, pair.lang, kinds=kinds, own=own)
    masked = mask_texts(texts, [one for one in found if one.personal.confidence >= at_least])
    return pair if masked == texts else replace(with_texts(pair, masked), made_from=(pair.id,), made_by=by)


def _masks(found: Sequence[Found], texts: Iterable[str]) -> dict[tuple[str, str], str]:
    """The mask of each (kind, value). A first name alone is the same person as the one full name it begins."""
    names = {one.value for _, one in found if one.kind == "name"}
    numbers: dict[str, int] = {}
    for text in texts:
        for match in MASK.finditer(text):
            numbers[match["name"]] = max(numbers.get(match["name"], 0), int(match["number"]))
    masks: dict[tuple[str, str], str] = {}
    for _, one in found:
        key = (one.kind, _whole_name(one.value, names) if one.kind == "name" else one.value)
        if key not in masks:
            name = KINDS[one.kind].mask
            numbers[name] = numbers.get(name, 0) + 1
            masks[key] = f"<{name}_{numbers[name]}>"
        masks[one.kind, one.value] = masks[key]
    return masks


def _whole_name(name: str, names: Collection[str]) -> str:
    longer = [other for other in names if other.startswith(name + " ")]
    return longer[0] if len(longer) == 1 else name


def _said_again(texts: Mapping[str, str], found: Sequence[Found]) -> Iterator[Found]:
    """The same words elsewhere, where they were not found by themselves."""
    said: dict[str, Personal] = {}
    for field, one in found:
        words = texts[field][one.start : one.end]
        if len(words) >= AGAIN_LENGTH and re.search(r"[\d\s@]", words) and len(said) < AGAIN_MOST:
            said.setdefault(words, one)
    if not said:
        return
    longest_first = sorted(said, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w])(?:{'|'.join(map(re.escape, longest_first))})(?![\w])")
    for field, text in texts.items():
        taken = [(one.start, one.end) for place, one in found if place == field]
        for match in pattern.finditer(text):
            start, end = match.span()
            if not any(start < other_end and other_start < end for other_start, other_end in taken):
                yield field, replace(said[match[0]], start=start, end=end, note="found elsewhere in the pair")


def _inside_json(text: str, one: Personal, mask: str) -> str:
    """The mask, in quotes where it stands for a bare number: the text has to stay JSON."""
    if not _is_valid(text) or _is_valid(text[: one.start] + mask + text[one.end :]):
        return mask
    return f'"{mask}"'


def _is_valid(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
