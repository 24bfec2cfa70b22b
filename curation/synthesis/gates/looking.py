"""All gates that are rules, on one pair."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from curation.synthesis.gates.findings import Fault, finding_of
from curation.synthesis.gates.grounding import ungrounded
from curation.synthesis.gates.novelty import Novelty
from curation.synthesis.gates.planting import STRAY_CONTACT, follows_planted, planted_contacts, speaks_to_model
from curation.synthesis.gates.quotes import missing_quotes
from curation.synthesis.gates.reading import told
from curation.synthesis.gates.standing import not_standing_alone
from tamiz.records import Finding, Pair

__all__ = ["look"]


def look(
    pair: Pair,
    source_text: str,
    quotes: Sequence[str],
    near: Novelty | None,
    *,
    augmentation: bool = False,
    refusal: bool = False,
    accepted: Collection[str] = (),
) -> list[Finding]:
    """What the gates find in a made pair; an empty list where it passes all of them.

    `source_text` is what the answer must be grounded in; "" where a recipe has no source (grounding is not asked
    then). `quotes` are what the model says it took from the source. `near` knows the pairs that this one must not
    repeat; None leaves that out. An `augmentation` may be near the pairs it was made from, not others.
    A `refusal` is meant to be one, and may say that it does not know. `accepted` are answers that people accepted:
    one that is repeated as it stands has its addresses from there, however little its source says of them.
    """
    faults = _faults(pair, source_text, quotes, near, augmentation, refusal)
    repeated = pair.answer in accepted
    return [finding_of(pair, fault) for fault in faults if not (repeated and fault.kind == STRAY_CONTACT)]


def _faults(
    pair: Pair, source_text: str, quotes: Sequence[str], near: Novelty | None, augmentation: bool, refusal: bool
) -> Iterator[Fault]:
    if source_text.strip():
        yield from missing_quotes(quotes, source_text)
        yield from ungrounded(pair, source_text)
        yield from _planted(pair, source_text)
    else:
        yield from speaks_to_model(pair.answer)
    yield from not_standing_alone(pair, augmentation=augmentation, refusal=refusal)
    if near is not None:
        yield from near.repeated(pair, augmentation=augmentation)


def _planted(pair: Pair, source_text: str) -> Iterator[Fault]:
    """What was put into the source for models, told once: the address, or else the whole."""
    answer, source, asked = (told(text, pair.lang) for text in (pair.answer, source_text, pair.question))
    found = list(planted_contacts(answer, source, asked)) or list(follows_planted(answer, source))
    yield from found or speaks_to_model(pair.answer)
