"""What one person's edit teaches about other pairs: the same change, offered wherever the same words stand.

(a) a change that a step had proposed and the person took over: where the step found the same elsewhere;
(b) a change that the person typed themselves: wherever the words before it stand, as the index of words finds them.

An offer is carried out as one decision about many pairs and taken back as one. Changes that are too short or too
common to be the same everywhere are not offered, and it is said why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from curation.edits import apply_findings, usable
from curation.revise import word_diff
from tamiz.browse import page
from tamiz.bulk import Done
from tamiz.bulkedit import edit_many, same_finding
from tamiz.errors import InputError
from tamiz.facets import found_pairs
from tamiz.filters import Filter
from tamiz.moves import OPEN_STATES
from tamiz.records import Finding, Pair, SealedPair, Verdict
from tamiz.store import Store, StoredPair

__all__ = ["NOT_OFFERED", "Change", "NotOffered", "Offer", "WhyNot", "apply_offer", "offers", "typed_changes"]

Field = Literal["question", "answer"]
WhyNot = Literal["short", "number", "common", "long"]
NOT_OFFERED: dict[WhyNot, str] = {
    "short": "too short to mean the same everywhere",
    "number": "only numbers or signs, which differ from pair to pair",
    "common": "its words stand in too many pairs to be looked through",
    "long": "too long for a change of words",
}
FIELDS: tuple[Field, ...] = ("question", "answer")
FEWEST_LETTERS = 4
LONGEST = 300  # characters
MOST_WORDS = 20
MOST_PAIRS = 2_000  # that an offer changes
MOST_HITS = 20_000  # pairs with the words, anywhere in them, that are looked through
EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Words of one field that became others; `before` are whole words."""

    field: Field
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A change that can be made in other open pairs as well.

    `finding` is the kind of the finding it comes from, "" for words typed by hand. `pairs` are those it would change,
    as they were when it was offered; `more` that there are others beyond MOST_PAIRS.
    """

    change: Change
    finding: str
    pairs: tuple[StoredPair, ...]
    edited: tuple[Pair, ...]
    more: bool = False

    @property
    def examples(self) -> tuple[tuple[Pair, Pair], ...]:
        """Some of the pairs, before and after."""
        return tuple((stored.pair, made) for stored, made in zip(self.pairs, self.edited, strict=True))[:EXAMPLES]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOffered:
    """A change that is not offered, and why."""

    change: Change
    why: WhyNot


def offers(store: Store, original: Pair, edited: Pair, by: str) -> tuple[list[Offer], list[NotOffered]]:
    """What can be done elsewhere after this person has edited a pair, and what of it is not offered.

    The changes that a step had proposed come first; words typed by hand that a proposal covers are not offered twice.
    """
    offered: list[Offer] = []
    refused: list[NotOffered] = []
    changes = typed_changes(original, edited)
    for finding in _taken(store, original, changes):
        found = same_finding(store, finding, limit=MOST_PAIRS + 1)
        offer = _offer(_change_of(finding), found, by, finding=finding.kind)
        offered += [offer] if offer.pairs else []
    covered = {(offer.change.before.strip(), offer.change.after.strip()) for offer in offered}
    for change in changes:
        if (change.before, change.after) in covered:
            continue
        why = _unsafe(store, change)
        if why is not None:
            refused.append(NotOffered(change=change, why=why))
            continue
        offer = _offer(change, _standing_in(store, change, {original.id, edited.id}), by)
        offered += [offer] if offer.pairs else []
    return offered, refused


def apply_offer(store: Store, offer: Offer, by: str) -> Done:
    """Make the change in all pairs of the offer that are still as they were; taken back with BulkDesk.take_back."""
    if not offer.pairs:
        raise InputError("no pair is left in which this change could be made")
    change = offer.change
    reason = f"{change.before} > {change.after}"
    verdicts = [
        Verdict(pair=s.pair.id, version=s.version, decision="edit", by=by, reason=reason, edited=made)
        for s, made in zip(offer.pairs, offer.edited, strict=True)
    ]
    told = {"before": change.before, "after": change.after, "field": change.field}
    return edit_many(store, verdicts, by, chosen=told | ({"finding": offer.finding} if offer.finding else {}))


def typed_changes(original: Pair, edited: Pair) -> list[Change]:
    """Which words became which, field by field; words that were only put in stand for no others.

    >>> pair = Pair(question="La cotraseña?", answer="Sí", lang="es", url="", kind="faq", group="g")
    >>> [(one.before, one.after) for one in typed_changes(pair, replace(pair, question="La contraseña?"))]
    [('cotraseña', 'contraseña')]
    """
    changes: list[Change] = []
    for field in FIELDS:
        for before, after in _replaced(getattr(original, field), getattr(edited, field)):
            changes.append(Change(field=field, before=before, after=after))
    return list(dict.fromkeys(changes))


def _replaced(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Neighbouring replacements as one, where only spaces are between them."""
    out, into = "", ""
    for op, text in [*word_diff(before, after), ("equal", ".")]:
        if op == "equal" and (text.strip() or not (out or into)):
            if out.strip() and out.strip() != into.strip():
                yield out.strip(), into.strip()
            out, into = "", ""
            continue
        out += text if op != "insert" else ""
        into += text if op != "delete" else ""


def _taken(store: Store, original: Pair, changes: Sequence[Change]) -> list[Finding]:
    """The findings about the original whose change the edit has made, one for each wording."""
    standing = store.findings([original.id])[original.id]
    made = {(change.field, change.before, change.after) for change in changes}
    taken: dict[tuple[object, ...], Finding] = {}
    for finding in usable(original, standing):
        change = _change_of(finding)
        before, after = change.before.strip(), change.after.strip()
        if finding.field in FIELDS and any(
            field == finding.field and _contains(old, before) and _contains(new, after) for field, old, new in made
        ):
            taken.setdefault((finding.step, finding.kind, finding.before, finding.after), finding)
    return list(taken.values())


def _contains(text: str, words: str) -> bool:
    return not words or re.search(_pattern(words), text) is not None


def _change_of(finding: Finding) -> Change:
    field: Field = "question" if finding.field == "question" else "answer"
    return Change(field=field, before=finding.before, after=finding.after or "")


def _unsafe(store: Store, change: Change) -> WhyNot | None:
    words = re.findall(r"\w+", change.before)
    letters = sum(letter.isalpha() for letter in change.before)
    if len(change.before) > LONGEST or len(words) > MOST_WORDS:
        return "long"
    if not letters:
        return "number"
    if letters < FEWEST_LETTERS or (not change.after and len(words) < 3):
        return "short"
    return "common" if found_pairs(store, _phrase(change.before), MOST_HITS) is None else None


def _standing_in(store: Store, change: Change, besides: set[str]) -> list[tuple[StoredPair, Finding]]:
    """Every place in open pairs where the words before the change stand, whole, letter by letter."""
    pattern = re.compile(_pattern(change.before))
    chosen = Filter(text=_phrase(change.before), states=OPEN_STATES)
    places: list[tuple[StoredPair, Finding]] = []
    after, pairs = None, 0
    while pairs <= MOST_PAIRS:
        found = page(store, chosen, order="oldest", after=after, size=500, patience=5)
        for stored in found.pairs:
            if stored.pair.id in besides or isinstance(stored.pair, SealedPair):
                continue
            mine = [(stored, one) for one in _findings(stored.pair, change, pattern)]
            places += mine
            pairs += bool(mine)
        if found.after is None:
            break
        after = found.after
    return places


def _findings(pair: Pair, change: Change, pattern: re.Pattern[str]) -> Iterator[Finding]:
    text = getattr(pair, change.field)
    there = [m.span() for m in re.finditer(_pattern(change.after), text)] if change.before in change.after else []
    for found in pattern.finditer(text):
        if any(start <= found.start() and found.end() <= end for start, end in there):
            continue  # it reads as changed already
        span = {"start": found.start(), "end": found.end(), "before": found[0], "after": change.after}
        yield Finding(pair=pair.id, step="person", kind="wording", field=change.field, **span)  # type: ignore[arg-type]


def _pattern(words: str) -> str:
    return r"(?<!\w)" + re.escape(words) + r"(?!\w)"


def _phrase(words: str) -> str:
    return '"' + words.replace('"', " ") + '"'


def _offer(change: Change, found: Sequence[tuple[StoredPair, Finding]], by: str, *, finding: str = "") -> Offer:
    by_pair: dict[str, tuple[StoredPair, list[Finding]]] = {}
    for stored, one in found:
        by_pair.setdefault(stored.pair.id, (stored, []))[1].append(one)
    pairs, edited = [], []
    for stored, places in by_pair.values():
        made = apply_findings(stored.pair, places, by)
        if made is not stored.pair:
            pairs.append(stored)
            edited.append(made)
    more = len(pairs) > MOST_PAIRS
    return Offer(
        change=change,
        finding=finding,
        pairs=tuple(pairs[:MOST_PAIRS]),
        edited=tuple(edited[:MOST_PAIRS]),
        more=more,
    )
