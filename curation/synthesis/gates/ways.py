"""Menus and ways that an answer exchanges for others: another label before the same one, the post for the telephone.

Each of the words may stand somewhere in the source, or mean there something else ("post" is to send); so the words
alone do not show it.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from curation.quality.reading import fold
from curation.synthesis.gates.findings import Fault
from curation.synthesis.gates.reading import Told

__all__ = ["other_paths", "other_ways"]

_PATH = re.compile(r"[^\s.,;:()«»“”\"'>→][^.,;:()«»“”\"'>→\n]{0,60}(?: ?[>→»] ?[^.,;:()«»“”\"'>→\n]{1,40})+")
_STEP = re.compile(r" ?[>→»] ?")
_BY = {"en": r"(?:by|via|through|in|with|using|over)", "es": r"(?:por|mediante|vía|via|con|en|a través de|a traves de)"}
SURE = 0.85


def other_paths(answer: Told, source: Told) -> Iterator[Fault]:
    """Labels of a menu that stand in the source before another label than here: "Payments > Block"."""
    known = [[fold(step) for step in _steps(match[0])] for match in _PATH.finditer(source.text)]
    for match in _PATH.finditer(answer.text):
        steps = _steps(match[0])
        for one, after in itertools.pairwise(steps):
            label, next_label = fold(one).split()[-1], fold(after).split()[0]
            above = [row[:n] for row in known for n, step in enumerate(row) if n and step.split()[0] == next_label]
            if above and not any(label in step.split() for row in above for step in row):
                word = one.split()[-1]
                start = match.start() + match[0].index(one) + one.rindex(word)
                yield Fault(
                    kind="name_not_in_source", field="answer", start=start, end=start + len(word), what=word,
                    confidence=SURE,
                )  # fmt: skip


def other_ways(answer: Told, source: Told, asked: Told) -> Iterator[Fault]:
    """A way of writing or paying that the source has another of: "by post" where it says by telephone."""
    lang = answer.lexicon.lang
    linked = any(mark.kind == "address" and "@" not in mark.text and not mark.form.isdigit() for mark in source.marks)
    said, texts = fold(answer.plain), [fold(source.text) + (" web" if linked else ""), fold(asked.text)]
    for ways in _ways()[lang]:
        there = [n for n, way in enumerate(ways) if way.search(texts[0])]
        for n, way in enumerate(ways):
            by = re.compile(
                rf"\b{_BY[lang]} (?:the |our |your |a |an |el |la |su |tu |nuestra |nuestro )?({way.pattern})"
            )
            match = by.search(said)
            if match and there and n not in there and not way.search(texts[1]):
                start, end = match.span(1)
                yield Fault(
                    kind="foreign_fact", field="answer", start=start, end=end, what=answer.text[start:end],
                    confidence=SURE,
                )  # fmt: skip


def _steps(path: str) -> list[str]:
    return [step.strip() for step in _STEP.split(path) if step.strip()]


@cache
def _ways() -> dict[str, tuple[tuple[re.Pattern[str], ...], ...]]:
    """The ways of each language, as groups of which one is no other."""
    read = tomllib.loads((files("curation.synthesis.gates") / "words.toml").read_text(encoding="utf-8"))
    return {
        lang: tuple(
            tuple(
                re.compile(rf"\b(?:{'|'.join(fold(one.strip()) for one in way.split(','))})\b")
                for way in row.split("/")
            )
            for row in read[lang]["ways"]
        )
        for lang in read
    }
