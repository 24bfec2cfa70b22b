"""Whether a question that a model worded anew still asks the same.

By rule alone: numbers, names and negations stand, nothing is asked besides, and enough of its words are those of the
question, or mean the same. That the sense is the same to a hair is left to the judge (`tamiz synth --judge`) and to
people.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

from curation.synthesis.told import new_facts, same_words
from curation.synthesis.wording.kept import facts_stand, names_in
from curation.synthesis.wording.wordlists import words
from tamiz.records import Pair

__all__ = ["asks_another_thing"]

STEM = 5  # letters
SHARED = 0.34  # of the question's longer words in the new one
ROOM = 80  # characters by which a wording may be longer than twice the question
_AND_ASKS = re.compile(
    r"\b(?:y|o|e|and|or|also) (?:(?:a|con|de|desde|en|hasta|para|por) )?"
    r"(?:cómo|cuándo|cuánt[oa]s?|cuál(?:es)?|dónde|qué|quién(?:es)?|how|what|when|where|which|who|why)\b",
    re.IGNORECASE,
)


def asks_another_thing(pair: Pair, text: str, lang: str) -> str:
    """Why a wording is no other wording of the pair's question, "" where it may be one."""
    question = pair.question
    if same_words(text, question):
        return "the question is worded as it was"
    if why := new_facts(text, question):
        return why
    if not facts_stand(question, text, names_in(question)):
        return "a number, name or negation of the question was changed"
    if len(text) > 2 * len(question) + ROOM:
        return "the wording is far longer than the question"
    if text.count("?") > max(1, question.count("?")) or (_AND_ASKS.search(text) and not _AND_ASKS.search(question)):
        return "the wording asks for something besides"
    return "" if _is_about(question, text, lang) else "the wording is about something else"


def _is_about(question: str, text: str, lang: str) -> bool:
    """Whether enough of the question's words stand in the new one; all do of a question without longer words."""
    asked = _senses(question, lang)
    return len(asked & _senses(text, lang)) >= SHARED * len(asked)


def _senses(text: str, lang: str) -> set[str]:
    """The longer words, by how they begin; words that mean the same are one."""
    small = words(f"keywords.small_{lang}")
    found = (word for word in re.findall(r"[^\W_]{3,}", text.casefold()) if word not in small)
    return {_alike().get(stem, stem) for stem in map(_stem, found)}


def _stem(word: str) -> str:
    bare = unicodedata.normalize("NFKD", word)
    return "".join(sign for sign in bare if not unicodedata.combining(sign))[:STEM]


@cache
def _alike() -> dict[str, str]:
    text = (files("curation.synthesis.wording") / "alike.toml").read_text(encoding="utf-8")
    groups = (group.split() for group in tomllib.loads(text)["alike"])
    return {_stem(word): _stem(group[0]) for group in groups for word in group}
