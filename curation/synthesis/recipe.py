"""What a recipe is: it gets one thing to work on and says what to ask a model, or makes pairs itself.

A recipe knows nothing of files, servers, money or the store: it is given its material and a source of chance that
is the same in every run, so that the same material gives the same pairs.

Each recipe is one module of `curation.synthesis.recipes` that holds it as `RECIPE`;
`curation.synthesis.recipes.RECIPES` maps its name to the module's name, so that it is imported when it is asked for.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from tamiz.errors import TamizError
from tamiz.records import Pair, Turn

__all__ = ["Ask", "Left", "Made", "Material", "ModelRecipe", "PlainRecipe", "Recipe", "Takes", "Unusable"]

Takes = Literal["pair", "chunk", "thread", "transcript", "label", "language"]


class Unusable(TamizError):
    """A reply that is no use, though it is JSON; the message says why in a few words ("no quote given").

    The engine asks once more, telling the model this, and keeps the call as failed where that does not help.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One thing that a recipe works on; it is from the training part only.

    `key` is the same in every run: a pair's id, a page's id + "#" + the chunk's number, or a thread's group. `text`
    is the source that a made pair must be grounded in, "" where there is none. `turns` are a thread or transcript.
    `pairs` are the accepted pairs that belong to it: the one pair, those of a thread or transcript in their order,
    those of the page, label or language. `made_from` are the ids of those that it was taken from; a chunk is taken from
    its page, and what a language gives is about none of its pairs: they have none. `read_as` is what
    a chunk's page was read as ("faq", "forum", "none"), and `known` are the traces of the questions and answers that
    were read from it, whatever became of them (see curation.synthesis.told.trace). `largest` is, for a label, how many
    training pairs the largest label of the language has. `tools` is
    the tool list that the run was given, JSON in the OpenAI form; `options` are what the user set for this run
    (`--set persona=hurried`).
    """

    key: str
    text: str
    lang: str
    pair: Pair | None = None
    turns: tuple[Turn, ...] = ()
    page: str = ""
    url: str = ""
    group: str = ""
    label: str = ""
    source: str = ""
    licence: str = ""
    made_from: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()
    read_as: str = ""
    known: frozenset[bytes] = frozenset()
    largest: int = 0
    tools: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a recipe made, before the gates; it becomes a pair of kind "synthetic".

    `quotes` are what the model says it took from the source, `note` says how it was made ("typing noise: keyboard
    neighbour"). `augmentation` marks a changed copy that is for training only, not new content for people to read.
    `refusal` says that the answer honestly refuses: it is held against no source, and may say that it does not know.
    `made_from` are those of the material's pairs that it was made from; empty: all of them.
    """

    question: str
    answer: str
    lang: str
    context: tuple[Turn, ...] = ()
    tools: str = ""
    label: str = ""
    quotes: tuple[str, ...] = ()
    note: str = ""
    augmentation: bool = False
    refusal: bool = False
    made_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Something of a material, or of a reply, that no pair was made of, told in the run's report: `why` names what it
    is, in the plural and without what differs from one to the next ("sections that were read as pairs already")."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What to ask a model: messages in the OpenAI form, and what the reply must look like.

    `schema` is the JSON schema of the reply, an object ({"type": "object", "properties": ..., "required": [...]}).
    `max_tokens` bounds the reply. `tools` are offered to the model only where it should call them itself; the reply is
    {"content": "...", "tool_calls": [{"name": "...", "arguments": {...}}]} then. `prompt` is the text of the prompt
    file before anything was put in; its hash is kept with every pair.
    """

    messages: tuple[Turn, ...]
    schema: Mapping[str, Any]
    max_tokens: int = 512
    tools: tuple[Mapping[str, Any], ...] = ()
    prompt: str = ""
    temperature: float | None = None


class _Named(Protocol):
    """`title` says in one line what comes out, for the list that `tamiz synth` shows."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def languages(self) -> frozenset[str]: ...
    @property
    def takes(self) -> Takes: ...


@runtime_checkable
class PlainRecipe(_Named, Protocol):
    """Makes pairs without a model."""

    def make(self, material: Material, chance: random.Random) -> Sequence[Made | Left]:
        """What this material gives, and what of it was left out; nothing where it does not fit."""
        ...


@runtime_checkable
class ModelRecipe(_Named, Protocol):
    """Asks a model, and reads what it said."""

    def ask(self, material: Material, chance: random.Random) -> Ask | None:
        """What to ask about this material; None where there is nothing to ask."""
        ...

    def read(self, material: Material, reply: Any) -> Sequence[Made | Left]:
        """What the reply gives, which is parsed JSON that fits the schema. Unusable where it is no use."""
        ...


Recipe = PlainRecipe | ModelRecipe
