"""Dialogues in which the agent calls a tool: choose, call, read the result, answer; or sees that none is needed."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from curation.synthesis.options import Choice, Option
from curation.synthesis.prompting import asked
from curation.synthesis.recipe import Ask, Made, Material, Takes, Unusable
from curation.synthesis.schemas import under
from curation.synthesis.told import TEXT, luck, no_new_facts, object_of, same_words, text_of, usable, workable
from curation.synthesis.toolbox import Tool, call_turns, read_tools, to_be_told, wrong_call
from tamiz.errors import InputError
from tamiz.records import Turn

__all__ = ["CASES", "RECIPE", "Case", "ToolCalls"]

Case = Literal["call", "missing", "none"]
CASES: tuple[Case, ...] = ("call", "missing", "none")
CASE = Choice(name="case", about="one of the three cases for all pairs", words={"": CASES})
ANYTHING: Mapping[str, Any] = {"type": "object"}


@dataclass(frozen=True, slots=True)
class ToolCalls:
    """Arguments fit the tool's JSON schema and are told by the customer; the answer says what the tool returned.

    Three cases, told apart by the material: a call; an argument that is missing, which the agent asks for first; and
    a question that needs no tool. `case` of the run takes one of them for all.
    """

    name: str = "toolcalls"
    title: str = "tool-calling dialogues from a tool list: call, missing argument, no tool needed"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "pair"
    options: tuple[Option, ...] = (CASE,)
    calls_tools: bool = True

    def ask(self, material: Material, chance: random.Random) -> Ask | None:
        """Ask for one dialogue with one tool, or for the question that needs none."""
        pair = material.pair
        if not workable(pair) or pair.context:
            return None
        case, tool = self._case(material)
        topic = f"{pair.question}\n\n{pair.answer}"
        told = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
        words = {"tool": json.dumps(told, ensure_ascii=False, indent=1)}
        if case == "none":
            words = {"tools": json.dumps([one.name for one in read_tools(material.tools)])}
        elif case == "missing":
            words["argument"] = self._missing(material, tool)
        return asked(
            f"{self.name}-{case}",
            material.lang,
            _schema(case, tool),
            data={"topic": topic},
            words=words,
            max_tokens=900,
        )

    def read(self, material: Material, reply: Any) -> Sequence[Made]:
        """The dialogue as a pair: its turns before, the customer's last words, the agent's answer."""
        case, tool = self._case(material)
        if material.pair is None:
            raise Unusable("there is no topic")
        if case == "none":
            return self._without(material, reply)
        customer = [text_of(reply, "question")]
        turns = [Turn(role="user", content=customer[0])]
        if case == "missing":
            asks, gives = text_of(reply, "asks"), text_of(reply, "gives")
            if not asks.endswith("?"):
                raise Unusable("the agent does not ask for what is missing")
            if _tells(customer[0], reply["arguments"].get(self._missing(material, tool))):
                raise Unusable("the first message tells the argument that should be missing")
            turns += [Turn(role="assistant", content=asks), Turn(role="user", content=gives)]
            customer.append(gives)
        answer = text_of(reply, "answer")
        self._check(tool, reply, "\n".join(customer), answer)
        turns += [Turn(**cast("Any", one)) for one in call_turns(tool, reply["arguments"], reply["result"])]
        # The answer follows the tool's result, so the customer's last words stand in the turns already: where they
        # are the question as well, they are told once (see tamiz.records.turns_before_answer).
        made = Made(
            question=customer[-1],
            answer=answer,
            lang=material.lang,
            context=tuple(turns),
            tools=material.tools,
            label=material.label,
            note=f"tools: {case}, {tool.name}",
        )
        return usable(material, [made], source=f"{material.text}\n{json.dumps(reply['result'], ensure_ascii=False)}")

    def _check(self, tool: Tool, reply: Any, told: str, answer: str) -> None:
        if wrong := wrong_call((tool,), tool.name, reply["arguments"]):
            raise Unusable(f"the arguments do not fit: {wrong}")
        for name, value in sorted(to_be_told(tool, reply["arguments"]), key=lambda one: one[0]):
            if not _tells(told, value):
                raise Unusable(f"the customer does not tell an argument: {name}")
        if not reply["result"]:
            raise Unusable("the tool returns nothing")
        result = json.dumps(reply["result"], ensure_ascii=False)
        no_new_facts(answer, result, told)
        if not _speaks_of(answer, reply["result"]):
            raise Unusable("the answer does not say what the tool returned")

    def _without(self, material: Material, reply: Any) -> Sequence[Made]:
        """A question that the pair's answer answers, with the tools at hand and none called."""
        pair = material.pair
        question = text_of(reply, "question")
        if pair is None or same_words(question, pair.question):
            raise Unusable("the question is worded as it was")
        no_new_facts(question, material.text)
        made = Made(
            question=question,
            answer=pair.answer,
            lang=material.lang,
            tools=material.tools,
            label=pair.label,
            note="tools: none needed",
        )
        return usable(material, [made])

    def _case(self, material: Material) -> tuple[Case, Tool]:
        """Which of the three, with which tool: the same when asking and when reading."""
        if not material.tools:
            raise InputError("the recipe toolcalls needs a tool list: tamiz synth toolcalls --tools tools.json")
        tools = read_tools(material.tools)
        lot = luck(material, self.name)
        drawn = lot.choices(CASES, weights=(3, 1, 1))[0]
        case = cast("Case", CASE.of(material, drawn))
        fitting = [tool for tool in tools if tool.required] if case == "missing" else list(tools)
        if not fitting:
            return "call", lot.choice(list(tools))
        return case, lot.choice(fitting)

    def _missing(self, material: Material, tool: Tool) -> str:
        return luck(material, f"{self.name} missing").choice(tool.required)


def _schema(case: Case, tool: Tool) -> dict[str, Any]:
    """What the reply must look like; the arguments as the tool wants them."""
    if case == "none":
        return object_of(question=TEXT)
    arguments = {**ANYTHING, **under(tool.parameters, "#/properties/arguments")}
    members: dict[str, Mapping[str, Any]] = {"question": TEXT}
    if case == "missing":
        members |= {"asks": TEXT, "gives": TEXT}
    return object_of(**members, arguments=arguments, result=ANYTHING, answer=TEXT)


def _tells(told: str, value: Any) -> bool:
    """Whether a value stands in what was said: a number as digits, a text by most of its longer words."""
    if value is None or isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        plain = f"{value:g}"
        return plain in re.sub(r"(?<=\d)[. ](?=\d{3})", "", told) or plain.replace(".", ",") in told
    text = str(value).casefold()
    if text in told.casefold():
        return True
    numbers = {int(one) for one in re.findall(r"\d+", told)}
    parts = [int(one) for one in re.findall(r"\d+", text)]
    if parts and re.fullmatch(r"[\d\s:/.,TZ+-]+", str(value)):  # 2026-05-03 is told as "3 de mayo"
        return any(part in numbers for part in parts)
    words = re.findall(r"[^\W_]{3,}", text)
    said = set(re.findall(r"[^\W_]{3,}", told.casefold()))
    return bool(words) and sum(word in said for word in words) >= max(1, 0.6 * len(words))


def _speaks_of(answer: str, result: Any) -> bool:
    """Whether something that the tool returned stands in the answer."""
    values: list[Any] = [result]
    while values:
        value = values.pop()
        if isinstance(value, Mapping):
            values += value.values()
        elif isinstance(value, list):
            values += value
        elif isinstance(value, bool) or value is None:
            return True  # "it is active": said in words of its own
        elif _tells(answer, value):
            return True
    return False


RECIPE = ToolCalls()
