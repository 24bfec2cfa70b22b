"""Prompts: text files that people can read and change, one for each recipe and language, and how they are filled.

A file is the system's message, a line "---", and the user's message. `{{name}}` is where something goes in: words of
ours, or text of others, which only goes in as data (see curation.synthesis.fence).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from curation.synthesis.fence import as_data, without_planted
from curation.synthesis.recipe import Ask, Material
from curation.synthesis.told import enough, workable
from tamiz.errors import InputError
from tamiz.records import Turn

__all__ = ["asked", "asked_about", "prompt_text"]

_PLACE = re.compile(r"\{\{([a-z_]+)\}\}")


@cache
def prompt_text(recipe: str, lang: str) -> str:
    """The prompt file of a recipe as it is shipped; InputError where there is none in this language."""
    file = files("curation.synthesis") / "prompts" / f"{recipe}.{lang}.txt"
    if not file.is_file():
        raise InputError(f"the recipe {recipe!r} has no prompt in {lang!r}")
    return file.read_text(encoding="utf-8")


def asked(
    recipe: str,
    lang: str,
    schema: Mapping[str, Any],
    *,
    data: Mapping[str, str],
    words: Mapping[str, str] | None = None,
    max_tokens: int = 512,
    temperature: float | None = None,
) -> Ask:
    """What to ask: the recipe's prompt with its places filled.

    `data` is text of others: each goes in between its own marks, without the sentences in it that speak to a model.
    `words` are ours (a persona, a number). A place without a value, or a value without a place, is a mistake.
    """
    text = prompt_text(recipe, lang)
    words = words or {}
    clean = {name: without_planted(value) for name, value in data.items()}
    values: dict[str, str] = dict(words)
    for name, value in clean.items():
        values[name] = as_data(value, lang, beside=[other for key, other in clean.items() if key != name])
    places = set(_PLACE.findall(text))
    if places != set(values):
        raise ValueError(f"the prompt {recipe}.{lang}.txt has the places {sorted(places)}, given are {sorted(values)}")
    system, _, user = _PLACE.sub(lambda place: values[place[1]], text).partition("\n---\n")
    return Ask(
        messages=(Turn(role="system", content=system.strip()), Turn(role="user", content=user.strip())),
        schema=schema,
        max_tokens=max_tokens,
        prompt=text,
        temperature=temperature,
    )


def asked_about(
    recipe: str,
    material: Material,
    schema: Mapping[str, Any],
    *,
    words: Mapping[str, str] | None = None,
    max_tokens: int = 512,
    explained: bool = True,
) -> Ask | None:
    """What to ask about a pair, which goes in as question and answer; None about a turn of a dialogue, which needs the
    turns before it, and where more is to be `explained` from an answer that says too little."""
    pair = material.pair
    if not workable(pair) or pair.context or (explained and not enough(pair.answer)):
        return None
    data = {"question": pair.question, "answer": pair.answer}
    return asked(recipe, material.lang, schema, data=data, words=words, max_tokens=max_tokens)
