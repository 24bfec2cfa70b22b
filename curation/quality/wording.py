"""How an answer speaks: insults, coarse words and advertising, found by lists that are data."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from curation.quality.reading import Seen, Text

__all__ = ["abusive", "marketing"]

CLASSES = ("urgency", "call", "claim", "discount")


class Lists(NamedTuple):
    insults: tuple[tuple[re.Pattern[str], float, str], ...]
    selling: dict[str, re.Pattern[str]]
    any_insult: re.Pattern[str]
    any_selling: re.Pattern[str]


@cache
def _lists() -> Lists:
    read = tomllib.loads((files("curation.quality") / "wording.toml").read_text(encoding="utf-8"))
    rude, selling = read["abusive"], read["marketing"]
    aimed_word = rf"{rude['aim']} (?:{'|'.join(rude['aimed_words'])})"
    insults = (
        (_any(rude["aimed"]), 0.95, "an insult or a curse at somebody"),
        (_any([aimed_word]), 0.9, "an insult at somebody"),
        (_any(rude["always"]), 0.85, "an insult"),
        (_any(rude["coarse"]), 0.6, "a coarse word"),
    )
    every = [*rude["aimed"], *rude["always"], *rude["coarse"], *rude["aimed_words"]]
    return Lists(
        insults,
        {name: _any(selling[name]) for name in CLASSES},
        _any(every),
        _any([*selling["urgency"], *selling["call"], *selling["claim"]]),
    )


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)")


def abusive(text: Text, field: Literal["question", "answer"]) -> Iterator[Seen]:
    """The worst of what is said in the text, at its place."""
    lists = _lists()
    if not lists.any_insult.search(text.folded):
        return
    for pattern, sure, note in lists.insults:
        if match := pattern.search(text.folded):
            yield Seen("abusive", field, match.start(), match.end(), sure, note)
            return


def marketing(answer: Text) -> Iterator[Seen]:
    """Sentences that sell, where two kinds of selling words come together; surer where they are the whole answer."""
    lists = _lists()
    if not lists.any_selling.search(answer.folded):
        return
    found: dict[str, None] = {}
    places = []
    words = selling = 0
    for sentence in answer.sentences:
        here = [name for name in CLASSES if lists.selling[name].search(sentence.folded)]
        words += len(sentence.words)
        if here and (here != ["discount"] or sentence.text.endswith("!")):
            found.update(dict.fromkeys(here))
            places.append(sentence)
            selling += len(sentence.words)
    loud = any(sentence.text.endswith("!") for sentence in places)
    strong = [name for name in found if name != "discount"]
    if not strong or len(found) + loud < 2 or (len(strong) < 2 and not loud):
        return
    share = selling / max(1, words)
    sure = 0.9 if share > 0.8 and len(found) + loud >= 3 else 0.7 if share > 0.4 else 0.5
    note = f"it sells: {', '.join(found)}"
    yield Seen("marketing", "answer", places[0].start, places[-1].end, sure, note)
