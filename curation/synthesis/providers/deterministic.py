"""No model at all: replies that follow from the question alone, to try recipes and the engine with.

Every reply is made of the data in the question: its sentences, and its own question with words around it. So what is
made passes what recipes ask of a reply, has words to look at, and its quotes stand in the source; it is no content.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from curation.synthesis.providers.contract import Reply
from curation.synthesis.providers.schema_values import value_of
from curation.synthesis.recipe import Ask

__all__ = ["DeterministicProvider"]

_DATA = re.compile(r"^<<<[^\n]*>>>\n(.*?)\n<<<[^\n]*>>>$", re.DOTALL | re.MULTILINE)  # see curation.synthesis.fence
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_ROLE = re.compile(r"^(?:user|assistant): ")
LEAST = 3  # words of a sentence
NOTHING = "No source."
# What goes around a question or answer, and what is said where nothing of the source will do.
SAID: Mapping[str, Mapping[str, Any]] = {
    "es": {
        "questions": (
            "Hola, una pregunta: {}", "Buenos días. {}", "Tengo una duda: {}", "Una consulta: {}", "{} Gracias.",
            "Perdón, {}", "Buenas tardes: {}", "Por favor, {}", "Hola. {} Un saludo.", "Quería saber esto: {}",
        ),
        "answer": "Con gusto: {}", "about": "¿Qué conviene saber de esto: {}?", "yes": "Así es: {}",
        "missing": "desde cuándo es así", "unknown": "¿Desde cuándo es así esto: {}?",
        "not_known": "No tengo información sobre desde cuándo es así.",
        "more": "¿Qué ocurre exactamente?", "hint": "Piensa en lo que ya sabes. ¿Por dónde empezarías?",
        "attempt": "Diría que tiene que ver con {}.", "right": "Vas por buen camino: {}",
        "wish": "Hola, necesito ayuda con esto: {}.", "facts": "Mis datos: {}.",
        "asks": "Claro. ¿Cuáles son los datos?",
        "result": {"estado": "listo"}, "done": "El estado es: listo.",
    },
    "en": {
        "questions": (
            "Hi, a question: {}", "Good morning. {}", "I was wondering: {}", "Quick question: {}", "{} Thanks.",
            "Sorry, {}", "Good afternoon: {}", "Please, {}", "Hello. {} Kind regards.", "I would like to know this: {}",
        ),
        "answer": "Happy to help: {}", "about": "What should I know about this: {}?", "yes": "That is right: {}",
        "missing": "since when it is so", "unknown": "Since when is this so: {}?",
        "not_known": "I do not have information on since when it is so.",
        "more": "What happens exactly?", "hint": "Think of what you know already. Where would you begin?",
        "attempt": "I would say it has to do with {}.", "right": "You are on the right track: {}",
        "wish": "Hello, I need help with this: {}.", "facts": "My details: {}.",
        "asks": "Sure. What are the details?",
        "result": {"status": "done"}, "done": "The status is: done.",
    },
}  # fmt: skip


class DeterministicProvider:
    """The same question always gets the same reply, whatever was asked before."""

    name = "deterministic"
    model = "deterministic"
    address = ""
    local = True

    def send(self, ask: Ask, *, temperature: float, seed: int) -> Reply:
        text = "\n".join(turn.content for turn in ask.messages)
        chance = random.Random(hashlib.sha256(f"{seed}\0{text}".encode()).digest())  # noqa: S311  not a secret
        source = _Source.of(ask, chance)
        if ask.tools:
            said = json.dumps({"content": chance.choice(source.sentences), "tool_calls": []}, ensure_ascii=False)
        else:
            said = json.dumps(source.reply(ask.schema), ensure_ascii=False)
        return Reply(text=said, prompt_tokens=len(text) // 4 + 1, completion_tokens=len(said) // 4 + 1)

    def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True)
class _Source:
    """The data of the first question, without the marks around it; all of it where there are no marks.

    `blocks` are in their order: a page or thread, or a question and what was answered.
    """

    blocks: tuple[str, ...]
    is_topic: bool
    said: Mapping[str, Any]
    root: Mapping[str, Any]
    chance: random.Random

    @classmethod
    def of(cls, ask: Ask, chance: random.Random) -> _Source:
        told = next(turn.content for turn in ask.messages if turn.role == "user")
        blocks = tuple(found[1] for found in _DATA.finditer(told)) or (told,)
        return cls(blocks, "{{topic}}" in ask.prompt, SAID["es" if "<<<DATOS" in told else "en"], ask.schema, chance)

    @cached_property
    def sentences(self) -> Sequence[str]:
        """Of the last block: a question comes before what answers it."""
        return _sentences(self.blocks[-1])

    def reply(self, schema: Mapping[str, Any]) -> Any:
        """An object of the kinds that recipes ask for; any other value by its schema."""
        named = schema.get("properties", {})
        if schema.get("type") != "object" or not named:
            return value_of(schema, self.sentences, self.chance)
        told = self._told(named)
        return {name: told[name] if name in told else self._member(one) for name, one in named.items()}

    def _member(self, schema: Mapping[str, Any]) -> Any:
        if schema.get("type") == "array":
            least, most = schema.get("minItems", 1), schema.get("maxItems", 3)
            return [self.reply(schema.get("items", {})) for _ in range(max(least, min(2, most)))]
        return self.reply(schema)

    def _told(self, named: Mapping[str, Any]) -> dict[str, Any]:
        """What is said in the members of a reply, told by their names."""
        names, said, whole = set(named), self.said, self.blocks[-1].strip()
        if "questions" in names:
            many = named["questions"].get("maxItems", 3)
            return {"questions": [one.format(self._asked()) for one in said["questions"][:many]]}
        if "arguments" in names:
            return self._call(named)
        if names == {"question"}:
            return {"question": self.chance.choice(said["questions"]).format(self._asked())}
        if names == {"answer"}:
            return {"answer": said["answer"].format(whole)}
        if "missing" in names:
            unknown = said["unknown"].format(self._topic(self.sentences))
            return {"missing": said["missing"], "question": unknown, "answer": said["not_known"]}
        if "hint" in names:
            attempt = said["attempt"].format(self._topic(_sentences(self.blocks[0])))
            return {"hint": said["hint"], "attempt": attempt, "answer": said["right"].format(whole)}
        if "turns" in names:
            first, last = self.sentences[0], self.sentences[-1]
            second = self.sentences[1] if len(self.sentences) > 2 else said["questions"][0].format(first)
            both = zip(("user", "assistant") * 2, (first, said["more"], second, last), strict=True)
            return {"turns": [{"role": role, "content": text} for role, text in both], "quotes": [last]}
        if {"question", "answer", "quotes"} <= names:
            sentence = self.chance.choice(self.sentences)
            answer = said["yes"].format(sentence) if sentence == whole else sentence
            return {"question": said["about"].format(self._topic([sentence])), "answer": answer, "quotes": [sentence]}
        return {}

    def _call(self, named: Mapping[str, Any]) -> dict[str, Any]:
        """A call of a tool: every argument is told by the customer, where one is missing only when asked."""
        said = self.said
        arguments = value_of(named["arguments"], ["Ana", "Luz"], self.chance, root=self.root)
        told = ", ".join(f"{name} {value}" for name, value in _leaves(arguments))
        wish = said["wish"].format(re.sub(r"\d", "", self._topic(self.sentences)))
        facts = said["facts"].format(told) if told else ""
        if "gives" in named:
            asked = {"question": wish, "asks": said["asks"], "gives": facts or said["yes"].format(wish)}
        else:
            asked = {"question": f"{wish} {facts}".strip()}
        return {**asked, "arguments": arguments, "result": said["result"], "answer": said["done"]}

    def _asked(self) -> str:
        """The question of the first block: all of it, or of a topic what stands before its answer."""
        asked = self.blocks[0].strip()
        first = re.match(r"[^\n?]*\?|[^\n]+", asked)
        return first[0] if self.is_topic and first else asked

    def _topic(self, sentences: Sequence[str]) -> str:
        """Some words of a sentence, in their order."""
        words = re.findall(r"[^\W\d_]{3,}", self.chance.choice(sentences))
        return " ".join(words[:6]) or NOTHING


def _sentences(text: str) -> list[str]:
    found = [_ROLE.sub("", one.strip()) for one in _SENTENCE.split(text)]
    return [one for one in found if len(re.findall(r"\w+", one)) >= LEAST] or [text.strip() or NOTHING]


def _leaves(value: Any, name: str = "") -> list[tuple[str, Any]]:
    """The texts and numbers in a value, with the names of what holds them."""
    if isinstance(value, dict):
        return [leaf for key, one in value.items() for leaf in _leaves(one, key)]
    if isinstance(value, list):
        return [leaf for one in value for leaf in _leaves(one, name)]
    return [] if value is None or isinstance(value, bool) else [(name, value)]
