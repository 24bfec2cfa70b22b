"""What is sent for a material, how it is known in the ledger, and how it is asked once more."""

from __future__ import annotations

import hashlib
import json
import random
import re
from dataclasses import asdict, replace

from curation.synthesis.providers.contract import Provider
from curation.synthesis.recipe import Ask
from tamiz.records import Turn, clean_unicode
from tamiz.settings.synthesis import SynthesisSettings
from tamiz.synthledger import Call, Question

__all__ = [
    "BYTES_AT_MOST",
    "USELESS",
    "asked_again",
    "chance_of",
    "longest_again",
    "one_line",
    "prompt_hash",
    "question_of",
    "temperature_of",
]

USELESS = "unusable reply: "  # how the reasons begin for which a call is asked once more
TOLD = 4000  # characters of a useless reply that the model is shown again
LONGEST_REASON = 400
BYTES_AT_MOST = 8  # of a token, on average over a reply: words of English have 5, without what goes before them
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
AGAIN = {
    "es": "Esa respuesta no sirve: {why}. Responde otra vez, solo con JSON que cumpla este esquema: {schema}",
    "en": "That reply is no use: {why}. Reply again, with JSON only, which fits this schema: {schema}",
}


def question_of(
    ask: Ask, provider: Provider, settings: SynthesisSettings, *, recipe: str, material: str, again: int = 0
) -> Question:
    """The question as the ledger knows it: by the hash of all that is sent, and to whom."""
    to = {"provider": provider.name, "model": provider.model, "address": provider.address}
    sent = {
        "messages": [asdict(turn) for turn in ask.messages],
        "schema": ask.schema,
        "tools": ask.tools,
        "max_tokens": ask.max_tokens,
        "temperature": temperature_of(ask, settings),
        "seed": settings.seed,
    }
    text = json.dumps([to, sent], sort_keys=True, ensure_ascii=False)
    request = hashlib.sha256(text.encode()).hexdigest()
    return Question(request=request, recipe=recipe, material=material, prompt=prompt_hash(ask), again=again, **to)


def asked_again(ask: Ask, call: Call, lang: str) -> Ask:
    """The same question with the useless reply, what is wrong with it, and more room where it was cut off."""
    return _again(ask, call.reply[:TOLD], call.why.removeprefix(USELESS), lang)


def _again(ask: Ask, said: str, why: str, lang: str) -> Ask:
    form = json.dumps(ask.schema, ensure_ascii=False, sort_keys=True)
    told = AGAIN.get(lang, AGAIN["en"]).format(why=why, schema=form)
    most = ask.max_tokens * 2 if why.startswith("cut off") else ask.max_tokens
    if said:
        turns = (*ask.messages, Turn(role="assistant", content=said), Turn(role="user", content=told))
    else:  # servers take no empty turns, and templates no two of one role in a row
        *before, last = ask.messages
        turns = (*before, replace(last, content=f"{last.content}\n\n{told}"))
    return replace(ask, messages=turns, max_tokens=most)


def longest_again(ask: Ask, lang: str) -> Ask:
    """The most that asking once more can come to: after a reply that was as long as may be and was cut off."""
    said = "x" * min(TOLD, BYTES_AT_MOST * ask.max_tokens)
    why = "cut off: ".ljust(LONGEST_REASON, "x")
    return _again(ask, said, why, lang)


def one_line(why: str) -> str:
    """A reason without line ends and without what a terminal would act on: part of it may be the server's words."""
    text = " ".join(_CONTROL.sub(" ", clean_unicode(why)).split())
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 1] + "…"


def chance_of(seed: int, recipe: str, key: str) -> random.Random:
    """The source of chance of one material, the same in every run."""
    return random.Random(f"{seed}:{recipe}:{key}")  # noqa: S311  not a secret


def temperature_of(ask: Ask, settings: SynthesisSettings) -> float:
    return settings.temperature if ask.temperature is None else ask.temperature


def prompt_hash(ask: Ask) -> str:
    """A hash of the prompt file that a question was made of."""
    return hashlib.sha256(ask.prompt.encode()).hexdigest()[:12] if ask.prompt else ""
