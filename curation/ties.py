"""What binds pairs together, so that one part of a split has to hold them all.

A tie is a thing that pairs share: a page, a thread, an origin, an author, a text. Texts that are nearly the
same are tied to each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from curation.alike import Alike
from curation.asked import question_text
from tamiz.records import Pair, Split
from tamiz.settings import NearSettings

__all__ = ["TEXTS", "Near", "Ties", "find_ties", "own_ties"]

TEXTS = ("question", "answer")
CROWD = 200  # different texts that are connected; n texts all alike would make n * n / 2 ties
Near = tuple[int, int, float]  # two ties of nearly the same texts, and their similarity
Named = tuple[str, str]  # the kind of a tie, and which


@dataclass(slots=True)
class Ties:
    """The ties of each pair, by number; `names` has their kind and name, `near` which texts are nearly the same."""

    pairs: Sequence[Pair]
    ids: list[str]
    of: list[tuple[int, ...]]
    names: list[Named]
    texts: dict[str, Alike]
    near: dict[int, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    numbers: dict[Named, int] = field(default_factory=dict)

    def add_near(self, one: int, other: int, similarity: float) -> None:
        self.near[one][other] = self.near[other][one] = similarity

    def text_tie(self, name: str, place: int) -> int:
        """The tie of this pair's question or answer."""
        return self.numbers[name, str(self.texts[name].same[place])]


def find_ties(
    pairs: Sequence[Pair],
    near: NearSettings,
    *,
    by_author: bool = False,
    ancestry: Mapping[str, tuple[str, ...]] | None = None,
    parts: Mapping[str, Split] | None = None,
    more: Mapping[str, Sequence[Named]] | None = None,
) -> Ties:
    """The ties of these pairs. `ancestry` has what pairs were made from that are not among them, `more` other ties.

    Where very many texts are connected, all of their pairs get one tie, in the place of one for every two of
    them; not where that would bring pairs of different `parts` together.
    """
    texts = {
        "question": Alike([question_text(pair) for pair in pairs], near),
        "answer": Alike([pair.answer for pair in pairs], near),
    }
    origins = {**(ancestry or {}), **{pair.id: pair.made_from for pair in pairs if pair.made_from}}
    known = [(parts or {}).get(pair.id) for pair in pairs]
    compared = {name: _connected(texts[name], known) for name in TEXTS}
    ties = Ties(pairs=pairs, ids=[pair.id for pair in pairs], of=[], names=[], texts=texts)
    for place, pair in enumerate(pairs):
        named = [*own_ties(pair, by_author=by_author), *(more or {}).get(pair.id, ())]
        named += [("origin", one) for one in _family(pair.id, origins)]
        for name in TEXTS:
            named.append((name, str(texts[name].same[place])))
            if place in compared[name].crowd:
                named.append((f"crowd of like {name}s", str(compared[name].crowd[place])))
        numbers = []
        for one in named:
            number = ties.numbers.setdefault(one, len(ties.names))
            if number == len(ties.names):
                ties.names.append(one)
            numbers.append(number)
        ties.of.append(tuple(dict.fromkeys(numbers)))
    for name in TEXTS:
        for left, right, similarity in texts[name].within(compared[name].apart):
            ties.add_near(ties.text_tie(name, left), ties.text_tie(name, right), similarity)
    return ties


class _Connected(NamedTuple):
    """Pairs, by place, whose texts are to be compared one by one, and the crowd that others are in."""

    apart: list[int]
    crowd: dict[int, int]


def _connected(texts: Alike, known: Sequence[Split | None]) -> _Connected:
    members: dict[int, list[int]] = defaultdict(list)
    for place, first in enumerate(texts.components()):
        members[first].append(place)
    found = _Connected([], {})
    for first, places in members.items():
        distinct = len({texts.same[place] for place in places})
        if distinct > CROWD and len({known[place] for place in places} - {None}) < 2:
            found.crowd.update(dict.fromkeys(places, first))
        elif distinct > 1:
            found.apart.extend(places)
    return found


def own_ties(pair: Pair, *, by_author: bool) -> Iterator[Named]:
    """What a pair's own fields bind it by: its thread or chunk, its page, and its author where that is asked for."""
    yield "thread or chunk", f"{pair.source} {pair.group}"
    if pair.page:
        yield "page", pair.page
    elif pair.kind == "table" and pair.url.startswith(("http://", "https://")):
        yield "page", pair.url.partition("#")[0]
    if by_author and pair.author:
        yield "author", f"{pair.source} {pair.author}"


def _family(pair: str, origins: Mapping[str, tuple[str, ...]]) -> dict[str, None]:
    """The pair, and all it was made from, also by way of others."""
    found = {pair: None}
    waiting = [pair]
    while waiting:
        for origin in origins.get(waiting.pop(), ()):
            if origin not in found:
                found[origin] = None
                waiting.append(origin)
    return found
