"""A help centre's article as pairs: each heading that asks for something, with the text under it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from curation.synthesis.fence import planted
from curation.synthesis.recipe import Left, Made, Material, Takes
from curation.synthesis.told import trace
from curation.synthesis.wording.titles import is_helpless, question_of

__all__ = ["RECIPE", "Article", "sections"]

LEAST_WORDS = 12  # of the text under a heading
MOST_CHARACTERS = 1200
LEAST_HEADING = 3  # words: "Log in" and "Search" are buttons
# How forums head a message; what stands there is somebody's question, not an article.
_MESSAGE = re.compile(
    r"^(?:mensaje por|message by|post(?:ed)? by|by) .{1,60}$|\d+ (?:mensajes|posts|replies|respuestas) •|» ",
    re.I | re.M,
)
_SENTENCE = re.compile(r"\w\W{0,3}[.!:](?:\s|[»\")]|$)")
_SIGN = re.compile(r"^[AR][:.] +(?=\S)")  # "A: Your invoice ..." under "Q: When ..."


@dataclass(frozen=True, slots=True)
class Article:
    """The heading becomes the customer's question, the text under it is the answer as it stands."""

    name: str = "article"
    title: str = "headings of help pages with the text under them, as questions and answers"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "chunk"

    def make(self, material: Material, chance: random.Random) -> Sequence[Made | Left]:
        """A pair for each section that is whole, and was not read as a pair from its page already."""
        if material.read_as == "forum" or any(pair.kind in ("forum", "transcript") for pair in material.pairs):
            return [Left(why="parts of threads, which are no articles")]
        known = material.known | {trace(text) for pair in material.pairs for text in (pair.question, pair.answer)}
        made: list[Made | Left] = []
        for heading, question, answer in sections(material.text, material.lang):
            if {trace(heading), trace(question), trace(answer)} & known:
                made.append(Left(why="sections that were read as pairs already"))
                continue
            if why := _no_answer(heading, answer):
                made.append(Left(why=why))
                continue
            known |= {trace(question), trace(answer)}
            made.append(
                Made(
                    question=question,
                    answer=answer,
                    lang=material.lang,
                    label=material.label,
                    quotes=(answer,),
                    note=f"article: {heading.strip(' ¶#')}",
                )
            )
        return made


def _no_answer(heading: str, answer: str) -> str:
    """What a section is instead of an answer, "" where it is one."""
    if _MESSAGE.search(answer):
        return "messages of threads"
    if not _SENTENCE.search(answer):
        return "lists of links and titles"
    if planted(answer):
        return "sections that speak to a model"
    told = len(re.findall(r"\w+", answer))
    if told < LEAST_WORDS or answer.endswith("?") or len(heading.split()) < LEAST_HEADING:
        return "sections that say too little"
    return "sections that are too long for an answer" if len(answer) > MOST_CHARACTERS else ""


def sections(text: str, lang: str) -> Iterator[tuple[str, str, str]]:
    """Heading, question and answer of each section of a chunk. The last one only if its text comes to an end.

    What offers more help, or asks how helpful the page is, ends a section with all that follows.
    """
    paragraphs = [one.strip() for one in text.split("\n\n") if one.strip()]
    starts = [
        (at, question)
        for at, one in enumerate(paragraphs)
        if not one.endswith((".", ":", ";", ",")) and (question := question_of(one, lang))
    ]
    ends = [*(at for at, _ in starts), len(paragraphs)][1:]
    for (at, question), after in zip(starts, ends, strict=True):
        body = _SIGN.sub("", _body(list(takewhile(lambda one: not is_helpless(one), paragraphs[at + 1 : after]))))
        if body and (after < len(paragraphs) or body.endswith((".", "!", "»", '"', ")"))):
            yield paragraphs[at], question, body


def _body(paragraphs: Sequence[str]) -> str:
    """What belongs to the heading: up to a line that is a heading of another kind."""
    kept: list[str] = []
    for at, one in enumerate(paragraphs):
        heading = len(one) < 80 and not re.search(r"[.:;,!?»)]$", one)
        before = kept[-1] if kept else ""
        if (
            heading
            and kept
            and not before.endswith(":")
            and at + 1 < len(paragraphs)
            and len(paragraphs[at + 1]) > len(one)
        ):
            break
        kept.append(one)
    return "\n".join(kept)


RECIPE = Article()
