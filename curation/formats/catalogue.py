"""The formats of an export by name: what each is, how its files end, and the type of every column.

Without types a loader guesses them from one file and fails on the next, where a column that was empty in train holds
something in test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from curation.formats import alpaca, chat, json, openai, prompt_completion, sharegpt
from tamiz.records import Pair

__all__ = ["CATALOGUE", "JSON", "TEXT", "Feature", "Format"]

Feature = dict[str, Any]  # as dataset hubs write one in YAML
TEXT: Feature = {"dtype": "string"}
JSON: Feature = {"dtype": "json"}  # a tool's parameters and arguments are of any form
MESSAGE = [
    {"name": "role", **TEXT},
    {"name": "content", **TEXT},
    {"name": "tool_calls", **JSON},
    {"name": "tool_call_id", **TEXT},
]
SAID = [{"name": "from", **TEXT}, {"name": "value", **TEXT}]
TOOLS: Feature = {"name": "tools", **JSON}
ID: Feature = {"name": "id", **TEXT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """`about` is told in the dataset card; `ending` is that of PART.ending, "" for a folder of other files.

    `line` gives a pair's line without its id, where a line is made of a pair alone.
    """

    about: str
    ending: str
    features: tuple[Feature, ...] = ()
    line: Callable[[Pair], dict[str, Any]] | None = None


def _texts(*names: str) -> tuple[Feature, ...]:
    return tuple({"name": name, **TEXT} for name in names)


def _messages(*names: str) -> tuple[Feature, ...]:
    return tuple({"name": name, "list": MESSAGE} for name in names)


CATALOGUE: Mapping[str, Format] = {
    "json": Format(
        about="question and answer",
        ending="json",
        features=_texts("question", "answer", "id"),
        line=json.line,
    ),
    "chat": Format(
        about="messages with tools, the arguments of calls as objects: for chat templates, TRL, Axolotl",
        ending="jsonl",
        features=(*_messages("messages"), TOOLS, ID),
        line=chat.line,
    ),
    "hf": Format(about="a Hugging Face datasets folder", ending=""),
    "openai": Format(
        about="messages with tools as OpenAI's fine-tuning API takes them, arguments as text",
        ending="jsonl",
        features=(*_messages("messages"), TOOLS, ID),
        line=openai.line,
    ),
    "sharegpt": Format(
        about="conversations with tools as LLaMA-Factory reads them",
        ending="jsonl",
        features=({"name": "conversations", "list": SAID}, *_texts("tools", "id")),
        line=sharegpt.line,
    ),
    "alpaca": Format(
        about="instruction, input (empty) and output",
        ending="jsonl",
        features=_texts("instruction", "input", "output", "id"),
        line=alpaca.line,
    ),
    "prompt-completion": Format(
        about="prompt and completion, both as messages: for TRL",
        ending="jsonl",
        features=(*_messages("prompt", "completion"), TOOLS, ID),
        line=prompt_completion.line,
    ),
    "dpo": Format(
        about="preferences in pairs, from what reviewers edited: prompt, chosen, rejected",
        ending="jsonl",
        features=(*_messages("prompt", "chosen", "rejected"), TOOLS, ID, *_texts("rejected_id")),
    ),
    "kto": Format(
        about="answers one by one with label true or false, from what reviewers accepted, edited and rejected",
        ending="jsonl",
        features=(*_messages("prompt", "completion"), TOOLS, {"name": "label", "dtype": "bool"}, ID),
    ),
    "parquet": Format(about="one table with every field of a pair", ending="parquet"),
}
