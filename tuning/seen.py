"""Whether a model has learnt from the very questions that it is judged on, as far as the files here can tell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tamiz.errors import InputError
from tamiz.records import RunCard
from tuning.data import Dataset, Example, read_export

__all__ = ["named_ids", "seen_note", "seen_questions"]

NAMED = 5  # ids


@dataclass(frozen=True, slots=True, kw_only=True)
class _Learnt:
    """The pairs of the dataset versions that an adapter learnt from, and of which there are no files here."""

    pairs: tuple[Example, ...]
    missing: bool


def seen_questions(train: Sequence[Example], test: Sequence[Example]) -> tuple[Example, ...]:
    """The test pairs that are among the training pairs: by id, or by the words of the question and of what came before.

    >>> asked = Example(id="1", question="¿Cuánto tarda?", answer="Un día.", lang="es")
    >>> other = Example(id="2", question="cuánto  TARDA", answer="Dos días.", lang="es")
    >>> [pair.id for pair in seen_questions([asked], [other])]
    ['2']
    """
    ids, asked = {pair.id for pair in train}, {_words(pair) for pair in train} - {()}
    return tuple(pair for pair in test if pair.id in ids or _words(pair) in asked)


def named_ids(pairs: Sequence[Example]) -> str:
    """The ids of some of them, and how many more there are."""
    more = f" and {len(pairs) - NAMED} more" if len(pairs) > NAMED else ""
    return ", ".join(pair.id for pair in pairs[:NAMED]) + more


def seen_note(card: RunCard, data: Dataset, exports: Path) -> str:
    """What a reader of the scores of `card`'s adapter on the test split of `data` must know; "" for nothing.

    The versions that it learnt from are looked for in the folder `exports`, by the hash of their content.
    """
    here, test = data.manifest.version, data.test
    learnt = _learnt(card, data, exports)
    seen = seen_questions(learnt.pairs, test)
    own = card.dataset_hash == data.manifest.content_hash
    about = card.dataset_version or "data that is not on record"
    if seen:
        among = "its own training pairs" if own else f"the training pairs of {about}"
        found = f"{len(seen)} of the {len(test)} test questions of {here} are among {among} ({named_ids(seen)})"
        then = "tamiz export" if own else f"tamiz compare {card.name} --dataset {card.dataset_version}"
        return (
            f"WARNING: {card.name} has learnt what it is asked: {found}. Its scores say little about new questions. "
            f"{'Make a version whose splits are apart' if own else 'Compare on the version it was trained on'}: {then}"
        )
    if learnt.missing:
        return (
            f"{card.name} was trained on {about}, whose files are not here: questions of {here}'s test split may have "
            "been in its training."
        )
    return "" if own else f"{card.name} was trained on {about}; none of its training pairs is in {here}'s test split."


def _learnt(card: RunCard, data: Dataset, exports: Path) -> _Learnt:
    """A merged adapter learnt from the versions of all its parts."""
    wanted = list(card.settings.get("merged", {}).get("data") or [card.dataset_hash])
    found = {data.manifest.content_hash: data.train} if data.manifest.content_hash in wanted else {}
    for place in sorted(exports.glob("*/manifest.json")) if len(found) < len(set(wanted)) else ():
        try:
            other = read_export(place.parent)
        except InputError:  # damaged: it is not what was learnt from
            continue
        if other.manifest.content_hash in wanted:
            found[other.manifest.content_hash] = other.train
    pairs = tuple(pair for train in found.values() for pair in train)
    return _Learnt(pairs=pairs, missing=len(found) < len(set(wanted)))


def _words(pair: Example) -> tuple[str, ...]:
    """The words of the question and of what came before it, without case, signs or white space; () for none."""
    said = " ".join([*(turn.content for turn in pair.context), pair.question])
    return tuple(re.findall(r"\w+", unicodedata.normalize("NFKC", said).casefold()))
