"""No model at all: replies that follow from the question alone, to try recipes and the engine with.

Every text of the reply is a sentence of the source in the first question, so what is made has words to look at and
its quotes stand in the source; it is no content.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Mapping
from typing import Any

from curation.synthesis.providers.contract import Reply
from curation.synthesis.recipe import Ask

__all__ = ["DeterministicProvider"]

_SENTENCE = re.compile(r"[^\n.!?¿¡]{8,}[.!?]?")
_DATA = re.compile(r"^<<<[^\n]*>>>\n(.*?)\n<<<[^\n]*>>>$", re.DOTALL | re.MULTILINE)  # see curation.synthesis.fence
NOTHING = "No source."


class DeterministicProvider:
    """The same question always gets the same reply, whatever was asked before."""

    name = "deterministic"
    model = "deterministic"
    address = ""
    local = True

    def send(self, ask: Ask, *, temperature: float, seed: int) -> Reply:
        text = "\n".join(turn.content for turn in ask.messages)
        chance = random.Random(hashlib.sha256(f"{seed}\0{text}".encode()).digest())  # noqa: S311  not a secret
        sentences = [found[0].strip() for found in _SENTENCE.finditer(_source(ask))] or [NOTHING]
        if ask.tools:
            said = json.dumps({"content": chance.choice(sentences), "tool_calls": []}, ensure_ascii=False)
        else:
            said = json.dumps(_value(ask.schema, sentences, chance), ensure_ascii=False)
        return Reply(text=said, prompt_tokens=len(text) // 4 + 1, completion_tokens=len(said) // 4 + 1)

    def close(self) -> None:
        """Nothing is open."""


def _source(ask: Ask) -> str:
    """The data of the first question, without the marks around it; all of it where there are no marks."""
    told = next(turn.content for turn in ask.messages if turn.role == "user")
    data = [found[1] for found in _DATA.finditer(told)]
    return "\n".join(data) or told


def _value(schema: Mapping[str, Any], sentences: list[str], chance: random.Random) -> Any:
    """A value that fits a schema, of the kinds of schemas that recipes use."""
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return chance.choice(list(schema["enum"]))
    for several in ("anyOf", "oneOf"):
        if schema.get(several):
            return _value(schema[several][0], sentences, chance)
    kind = schema.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {name: _value(one, sentences, chance) for name, one in schema.get("properties", {}).items()}
    if kind == "array":
        least, most = schema.get("minItems", 1), schema.get("maxItems", 3)
        return [_value(schema.get("items", {}), sentences, chance) for _ in range(max(least, min(2, most)))]
    if kind in ("integer", "number"):
        return int(schema.get("minimum", 0))
    if kind == "boolean":
        return chance.random() < 0.5
    return None if kind == "null" else chance.choice(sentences)[: schema.get("maxLength", 500)]
