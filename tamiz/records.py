"""The records that pass between the rooms: Page -> Pair -> Finding -> Verdict -> Manifest -> RunCard.

All are frozen and keyword-only, and refuse nonsense at birth. Times are ISO 8601 in UTC
("2026-01-31T09:30:00+00:00"), hashes are lower-case hexadecimal, shares are 0 to 1.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import unicodedata
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, Self, TypeVar, get_args

__all__ = [
    "FOR_INFORMATION",
    "FOR_PEOPLE",
    "KEPT_STEP",
    "PRIVACY_STEP",
    "STEPS_FOR_PEOPLE",
    "SYNTHESIS_STEPS",
    "TRAINING_STEP",
    "WHENCE_PREFERENCES",
    "Decision",
    "Finding",
    "Manifest",
    "Page",
    "Pair",
    "PairKind",
    "RunCard",
    "SealedPair",
    "Split",
    "Turn",
    "Verdict",
    "clean_unicode",
    "record_dict",
    "turns_before_answer",
]

PairKind = Literal["faq", "forum", "transcript", "table", "synthetic"]
Decision = Literal["accept", "reject", "edit", "skip"]
Split = Literal["train", "validation", "test"]
T = TypeVar("T")

# Kinds of findings that only people act on: no written rule applies or rejects by them. Some steps find nothing else.
FOR_PEOPLE = frozenset({"same_meaning", "same_question", "contradiction", "cannot_learn", "learnt_at_once"})
SYNTHESIS_STEPS = ("gates", "judge")  # which look at made pairs when they are made, or when a judge is asked
STEPS_FOR_PEOPLE = frozenset({"meaning", "training"})
# Kinds that only tell why something was left as it is: a pair with them has nothing left open.
FOR_INFORMATION = frozenset({"company_contact"})

# The step that finds personal data, and the one under which it is kept that a person lets some of it stand.
PRIVACY_STEP = "privacy"
KEPT_STEP = "kept"

# What an export without preferences says, and who is to train on it.
WHENCE_PREFERENCES = (
    "They come from review: every answer that a person edits makes one, the new answer over the old. "
    "Edit answers in tamiz review, then: tamiz export --format dpo"
)
# The step under which stands what a training run could not learn, or knew at once.
TRAINING_STEP = "training"

# NUL cannot be stored in PostgreSQL text, a lone surrogate not in UTF-8; a byte-order mark is no text.
_FORBIDDEN = re.compile("[\x00\ud800-\udfff\ufeff]")


_FIELD = re.compile("(?:question|answer|answer_markdown|label|tools|context [1-9][0-9]{0,5}(?:, tool_calls)?)?")


def clean_unicode(text: str) -> str:
    """The same text in NFC, without what no database or file can hold (NUL, lone surrogates, BOM).

    >>> clean_unicode("cafe\\u0301\\x00")
    'café'
    """
    return unicodedata.normalize("NFC", _FORBIDDEN.sub("", text))


def _digest(*parts: object) -> str:
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def record_dict(record: Any) -> dict[str, Any]:
    """A record as plain JSON types, with its derived `id` first where it has one."""
    values = asdict(record)
    return {"id": record.id, **values} if hasattr(record, "id") else values


def _from_dict(cls: type[T], values: dict[str, Any]) -> T:
    names = {f.name for f in fields(cls)}  # type: ignore[arg-type]
    return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if k in names})


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}; it must be one of {', '.join(allowed)}")


def _share(name: str, value: float | None) -> None:
    if value is not None and not (math.isfinite(value) and 0 <= value <= 1):
        raise ValueError(f"{name} is {value}; give a share from 0 to 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One fetched page. Its bytes lie in the archive at `archive`, byte `archive_offset`.

    `source` is the name of its source in tamiz.toml; `content_hash` is the SHA-256 of the body;
    `robots` says what allowed the fetch; `licence` is what the page states, or ""; `etag` and
    `last_modified` are the headers to ask with whether it has changed.
    """

    url: str
    final_url: str
    fetched_at: str
    status: int
    content_type: str
    content_hash: str
    source: str
    archive: str = ""
    archive_offset: int = 0
    robots: str = ""
    licence: str = ""
    etag: str = ""
    last_modified: str = ""

    @property
    def id(self) -> str:
        return _digest("page", self.source, self.final_url, self.content_hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """An earlier turn of a dialogue, in the OpenAI form: role, content, and any tool calls as JSON text."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: str = ""
    tool_call_id: str = ""


def turns_before_answer(context: tuple[Turn, ...], question: str) -> tuple[Turn, ...]:
    """Everything up to a pair's answer, in order: the earlier turns and the question.

    Where the turns end with what a tool returned, and the last thing the user said in them is the very question, the
    answer follows that result and the question is not said twice.

    >>> turns = (Turn(role="user", content="Is it up?"), Turn(role="tool", content="yes"))
    >>> [turn.role for turn in turns_before_answer(turns, "Is it up?")]
    ['user', 'tool']
    >>> [turn.role for turn in turns_before_answer(turns, "Since when?")]
    ['user', 'tool', 'user']
    """
    said = [turn.content.strip() for turn in context if turn.role == "user"]
    if context and context[-1].role == "tool" and said and said[-1] == question.strip():
        return context
    return (*context, Turn(role="user", content=question))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One question with its answer, as found at one place.

    `lang` is an ISO 639-1 code, or "und" when it is not known; `url` is where a reader can check it.
    `label` is a category or intent (FAQ section, tag, board). `pattern` and `position` say where in
    the page it stood. `group` names what must not be torn apart in a split: the page, thread or
    file. `reason` says why this answer of a thread was chosen, `confidence` how sure that is.
    `author` is a hash of who answered, never the name; `written_at` is when, in ISO 8601, or "".
    `made_from` are the ids of the pairs it replaces; `made_by` is the step, rule or person.

    The id is a hash of text and place, so importing the same thing twice adds nothing.
    """

    question: str
    answer: str
    lang: str
    url: str
    kind: PairKind
    group: str
    source: str = ""
    context: tuple[Turn, ...] = ()
    tools: str = ""
    answer_markdown: str = ""
    label: str = ""
    pattern: str = ""
    position: int = 0
    accepted: bool | None = None
    votes: int | None = None
    confidence: float = 1.0
    reason: str = ""
    author: str = ""
    written_at: str = ""
    page: str = ""
    licence: str = ""
    made_from: tuple[str, ...] = ()
    made_by: str = ""

    def __post_init__(self) -> None:
        for name in ("question", "answer", "answer_markdown", "label"):
            object.__setattr__(self, name, clean_unicode(getattr(self, name)).strip())
        turns = tuple(t if isinstance(t, Turn) else Turn(**t) for t in self.context)
        object.__setattr__(self, "context", turns)
        if not self.question or not self.answer:
            missing = "question" if not self.question else "answer"
            raise ValueError(f"the {missing} is empty (from {self.url or 'an unknown place'})")
        if not re.fullmatch(r"[a-z]{2,3}", self.lang):
            raise ValueError(f"lang is {self.lang!r}; give an ISO 639-1 code such as es, or und")
        _one_of("kind", self.kind, get_args(PairKind))
        _share("confidence", self.confidence)

    @property
    def id(self) -> str:
        turns = [asdict(turn) for turn in self.context]
        text = (self.question, self.answer, turns, self.tools)
        return _digest("pair", text, self.kind, self.url, self.group, list(self.made_from))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        return _from_dict(cls, values)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPair(Pair):
    """A pair whose texts were taken away once a masked pair stood in its place: they are empty.

    Its id is the one that it had with its texts.
    """

    known_as: str

    def __post_init__(self) -> None:
        """Nothing is asked of texts that are not there."""

    @property
    def id(self) -> str:
        return self.known_as


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a step saw in a pair. Steps propose; they never edit and never drop.

    `field` is the pair's field ("question", "answer") or "" for the whole pair; what has to be found wherever it
    is, such as personal data, is found in the other texts too ("answer_markdown", "label", "tools", "context 1",
    "context 1, tool_calls"). `start` and `end` count characters (code points) in it. `after` is the proposed text for
    that span, or None when nothing is proposed. `witness` is the pair it duplicates, or the rule that matched.
    """

    pair: str
    step: str
    kind: str
    field: str = ""
    start: int = 0
    end: int = 0
    before: str = ""
    after: str | None = None
    confidence: float = 1.0
    witness: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if not _FIELD.fullmatch(self.field):
            raise ValueError(f"field is {self.field!r}; it must be question, answer, another text of a pair, or empty")
        if not 0 <= self.start <= self.end:
            raise ValueError(f"the span {self.start}-{self.end} runs backwards or starts before the text")
        _share("confidence", self.confidence)

    @property
    def id(self) -> str:
        return _digest("finding", *(getattr(self, f.name) for f in fields(self)))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        return _from_dict(cls, values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A decision about one version of a pair, by a person ("person:ana") or a written rule ("rule:NAME").

    `version` is the version of the pair that was seen. `edited` is the pair to put in its place: with
    "edit" it stays to be decided, with "accept" it is accepted at once. The store keeps verdicts as
    events, with the time, and never changes one.
    """

    pair: str
    version: int
    decision: Decision
    by: str
    reason: str = ""
    edited: Pair | None = None

    def __post_init__(self) -> None:
        _one_of("decision", self.decision, get_args(Decision))
        if not re.match(r"(person|rule):.", self.by):
            raise ValueError(f"a verdict is by {self.by!r}; it must be by person:NAME or rule:NAME")
        if self.decision == "edit" and self.edited is None:
            raise ValueError("an edit needs the edited pair")
        if self.edited is not None and (
            self.decision not in ("edit", "accept") or self.pair not in self.edited.made_from
        ):
            raise ValueError("an edited pair goes with edit or accept, and names the pair it is made from")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One immutable dataset version, as written to exports/vNNN/manifest.json.

    `files` maps a path inside the folder to its SHA-256 and rows; `splits` maps train, validation
    and test to their number of pairs; `left_out` maps a reason to the number of pairs left out for
    it; `content_hash` covers pairs, splits, settings and formats, so the same input gives the same.
    `notes` say what of the split could not be as asked for; `proof` what was compared to show that no
    two parts share anything; `siblings` how many test pairs have a sibling in train, here and in a
    random split of the same pairs; `balance` how the pairs are spread (see curation.balance);
    `privacy` what personal data was looked for and what passed, by kind (see curation.gate); `formats` how many
    lines each format has by part, and how many pairs it could not hold, by reason; `synthetic` how many pairs
    were made and not found, by recipe and by model (see curation.synthetic).
    """

    version: str
    content_hash: str
    created_at: str
    tamiz_version: str
    seed: int
    splits: dict[str, int]
    files: dict[str, dict[str, Any]]
    settings: dict[str, Any]
    languages: dict[str, int]
    kinds: dict[str, int]
    labels: dict[str, int]
    sources: dict[str, dict[str, Any]]
    left_out: dict[str, int]
    notes: tuple[str, ...] = ()
    proof: dict[str, Any] = field(default_factory=dict)
    siblings: dict[str, Any] = field(default_factory=dict)
    balance: dict[str, Any] = field(default_factory=dict)
    privacy: dict[str, Any] = field(default_factory=dict)
    formats: dict[str, Any] = field(default_factory=dict)
    synthetic: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        return _from_dict(cls, values)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCard:
    """What one training run did: runs/NAME/runcard.json.

    `parameters` has trainable and total; `cost` has seconds, steps, tokens and peak_memory_mb;
    `curves` has lists of {step, loss} by split; `results` has "base" and "tuned" metrics on the
    test split; `samples` are the answers side by side. `proof` has the verdict (helped, unclear or harmed),
    its line, whether the adapter is recommended, and the changes with their intervals.
    """

    name: str
    task: str
    base: str
    base_origin: str
    base_licence: str
    dataset_version: str
    dataset_hash: str
    started_at: str
    finished_at: str
    seed: int
    device: str
    settings: dict[str, Any]
    versions: dict[str, str]
    parameters: dict[str, int]
    cost: dict[str, float]
    curves: dict[str, list[dict[str, float]]]
    results: dict[str, dict[str, float]]
    samples: tuple[dict[str, str], ...] = field(default=())
    proof: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        return _from_dict(cls, values)
