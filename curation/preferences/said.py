"""What people said of answers, read from the history: edits that put another answer in its place, and rejections.

Only people count. An edit by a step, a rule or a decision on a word in all pairs says nothing of an answer, nor does an
edit in which somebody only took over what steps had proposed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from curation.chat_notes import CHAT, NOTHING
from tamiz.records import KEPT_STEP, PRIVACY_STEP, Finding, Pair, SealedPair, Split
from tamiz.store import Event, Store
from tamiz.worddecisions import ACTION as WORD_ACTION

__all__ = ["NotUsed", "Unwanted", "edits_of", "rejections", "taken_over"]

SEALED = "the answer before held personal data and is sealed"
MASKED = "the answer before held personal data"
NO_ANSWER = "there was no answer before"
SAME = "the answer was not changed"
STEPS = "it only took over what steps proposed"
NO_REASON = "rejected without a reason"
OTHER_REASON = "rejected for a reason that says nothing of the answer ([export] kto_reasons)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwanted:
    """An answer that a person did not let stand, which pair `id` gave. `pair` asks for it: the accepted pair that took
    its place (`edited`), or the rejected pair itself."""

    id: str
    pair: Pair
    answer: str
    edited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUsed:
    """What people said of pair `id` and is no preference; `why` continues "left out: "."""

    id: str
    part: Split
    why: str
    edited: bool


def edits_of(store: Store, parts: Mapping[Split, Sequence[Pair]]) -> Iterator[tuple[Split, Unwanted | NotUsed]]:
    """What the edits that led to these pairs put aside, in the order of the pairs, the last edit of each first.

    An answer is preferred to every one that a person edited on the way to it, so that it stands for what came between.
    """
    edits = {event.makes: event for event in store.events() if event.move == "edit" and event.makes}
    found = [(part, pair, edit) for part, pairs in parts.items() for pair in pairs for edit in _way(pair.id, edits)]
    wanted = sorted({name for _, _, edit in found for name in (edit.pair, edit.makes)})
    stored = {name: one.pair for name, one in store.pairs_by_id(wanted).items()}
    findings = store.findings(sorted({edit.pair for _, _, edit in found}))
    for part, pair, edit in found:
        before, after = stored[edit.pair], stored[edit.makes]
        why = _no_preference(pair, before, after, findings[edit.pair])
        if why:
            yield part, NotUsed(id=edit.pair, part=part, why=why, edited=True)
        else:
            yield part, Unwanted(id=edit.pair, pair=pair, answer=before.answer, edited=True)


def rejections(store: Store, reasons: Collection[str]) -> Iterator[Unwanted | NotUsed]:
    """Pairs that a person rejected: for one of these reasons, or for none that counts. By id."""
    last = {event.pair: event for event in store.events() if event.to_state == "rejected"}
    pairs = [stored.pair for stored in store.pairs("rejected")]
    for pair in sorted(pairs, key=lambda pair: pair.id):
        event = last.get(pair.id)
        if event is None or not event.actor.startswith("person:"):
            continue
        why = SEALED if isinstance(pair, SealedPair) else NO_ANSWER if _is_nothing(pair) else ""
        why = why or (NO_REASON if not event.reason else "" if event.reason in reasons else OTHER_REASON)
        if why:
            yield NotUsed(id=pair.id, part="train", why=why, edited=False)
        else:
            yield Unwanted(id=pair.id, pair=pair, answer=pair.answer, edited=False)


def _way(pair: str, edits: Mapping[str, Event]) -> Iterator[Event]:
    """The edits by people that led to this pair, the last one first."""
    seen = set()
    while pair in edits and pair not in seen:
        seen.add(pair)
        edit = edits[pair]
        if edit.actor.startswith("person:") and not edit.action.startswith(WORD_ACTION):
            yield edit
        pair = edit.pair


def _no_preference(chosen: Pair, before: Pair, after: Pair, findings: Iterable[Finding]) -> str:
    """Why an edit says nothing of the answer before it; "" where it does."""
    if isinstance(before, SealedPair):
        return SEALED
    if _is_nothing(before):
        return NO_ANSWER
    words = before.answer.split()
    if words in (chosen.answer.split(), after.answer.split()):
        return SAME
    of_answer = [finding for finding in findings if finding.field == "answer" and finding.after is not None]
    masked = [one for one in of_answer if one.step == PRIVACY_STEP]
    if any(before.answer.count(one.before) > chosen.answer.count(one.before) for one in masked if one.before):
        return MASKED
    return STEPS if taken_over(before.answer, after.answer, of_answer) else ""


def _is_nothing(pair: Pair) -> bool:
    return pair.source == CHAT and pair.answer == NOTHING


def taken_over(before: str, after: str, findings: Iterable[Finding]) -> bool:
    """Whether `after` is `before` with some of these proposed changes made, and nothing else.

    >>> one = Finding(pair="p", step="s", kind="k", field="answer", start=3, end=7, before="cava", after="casa")
    >>> taken_over("La cava", "La casa", [one]), taken_over("La cava", "La casa azul", [one])
    (True, False)
    """
    changes: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for one in findings:
        if one.step != KEPT_STEP and one.after is not None and before[one.start : one.end] == one.before:
            changes[one.start].append((one.end, one.after))
    ends = {end for many in changes.values() for end, _ in many}
    places = sorted({0, len(before), *changes, *ends})
    reached: dict[int, set[int]] = defaultdict(set)
    reached[0].add(0)
    for number, place in enumerate(places):
        waiting = list(reached.pop(place, ()))
        known = set(waiting)
        following = places[number + 1] if number + 1 < len(places) else place
        while waiting:
            at = waiting.pop()
            if place == len(before) and at == len(after):
                return True
            if following > place and after.startswith(before[place:following], at):
                reached[following].add(at + following - place)
            for end, text in changes.get(place, ()):
                if after.startswith(text, at):
                    there = at + len(text)
                    if end > place:
                        reached[end].add(there)
                    elif there not in known:  # an insertion
                        known.add(there)
                        waiting.append(there)
    return False
