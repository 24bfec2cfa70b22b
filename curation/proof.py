"""The proof that no two parts of a split share anything: what was compared, and what was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from curation.alike import Alike
from curation.asked import question_text
from curation.stratify import PARTS
from curation.ties import TEXTS, own_ties
from tamiz.errors import TamizError
from tamiz.records import Pair, Split
from tamiz.settings import NearSettings
from tamiz.wording import plural

__all__ = ["Leak", "Proof", "SplitError", "leaks", "prove"]

BORDERS: tuple[tuple[Split, Split], ...] = (("test", "train"), ("validation", "train"), ("test", "validation"))
NAMED = 5


class SplitError(TamizError):
    """Two parts of a split share a group or nearly the same text. This is an error of tamiz."""


class Leak(NamedTuple):
    """Two pairs, by place, of different parts, with nearly the same question or answer."""

    text: str
    one: int
    other: int
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was compared: groups of how many pairs, and every question and answer across parts, at this threshold."""

    pairs: int
    groups: int
    compared: int
    threshold: float
    ngram: int
    shared_groups: int = 0
    near_duplicates: int = 0

    def line(self) -> str:
        """The proof, for people."""
        return (
            f"proved: {self.shared_groups} of {plural(self.groups, 'group')} in two parts, {self.near_duplicates} "
            f"near-duplicates among {plural(self.compared, 'comparison')} across parts "
            f"({self.ngram}-grams, similarity {self.threshold} and more)"
        )


def leaks(texts: Mapping[str, Alike], where: Sequence[Split | None]) -> Iterator[Leak]:
    """All nearly same texts across parts, by the places of the pairs; a pair that is in no part is not looked at."""
    places = {part: [n for n, here in enumerate(where) if here == part] for part in PARTS}
    for name in TEXTS:
        for one, other in BORDERS:
            for left, right, similarity in texts[name].across(places[one], places[other]):
                yield Leak(name, left, right, similarity)


def prove(
    parts: Mapping[Split, Sequence[Pair]], groups: Mapping[str, str], near: NearSettings, *, by_author: bool = False
) -> Proof:
    """Compare all parts anew, from the pairs alone; SplitError names the pairs that may not be apart."""
    pairs = [pair for part in PARTS for pair in parts[part]]
    where: list[Split | None] = [part for part in PARTS for _ in parts[part]]
    _no_shared_groups(pairs, where, groups, by_author)
    texts = {
        "question": Alike([question_text(pair) for pair in pairs], near),
        "answer": Alike([pair.answer for pair in pairs], near),
    }
    found = [
        f"pairs {pairs[leak.one].id} ({where[leak.one]}) and {pairs[leak.other].id} ({where[leak.other]}) have nearly "
        f"the same {leak.text} ({leak.similarity:.2f})"
        for leak in leaks(texts, where)
    ]
    if found:
        more = f"; and {len(found) - NAMED:,} more" if len(found) > NAMED else ""
        raise SplitError(f"near-duplicates in two parts of the split: {'; '.join(found[:NAMED])}{more}. {REPORT}")
    sizes = [len(parts[part]) for part in PARTS]
    across = (sum(sizes) ** 2 - sum(size**2 for size in sizes)) // 2
    return Proof(
        pairs=len(pairs),
        groups=len({groups[pair.id] for pair in pairs}),
        compared=len(TEXTS) * across,
        threshold=near.threshold,
        ngram=near.ngram,
    )


REPORT = "This is an error of tamiz, and nothing was written: please report it"


def _no_shared_groups(
    pairs: Sequence[Pair], where: Sequence[Split | None], groups: Mapping[str, str], by_author: bool
) -> None:
    """SplitError for a group, page, thread, family or author that two parts hold."""
    first: dict[tuple[str, str], int] = {}
    for place, pair in enumerate(pairs):
        named = [("group", groups[pair.id]), *own_ties(pair, by_author=by_author)]
        named += [("origin", origin) for origin in (pair.id, *pair.made_from)]
        for one in named:
            before = first.setdefault(one, place)
            if where[before] != where[place]:
                them = f"pairs {pairs[before].id} ({where[before]}) and {pair.id} ({where[place]})"
                raise SplitError(f"{them} share a group, the same {one[0]}, in two parts of the split. {REPORT}")
