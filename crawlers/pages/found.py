"""What a reader hands back: the pairs of one page, or why there are none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from tamiz.records import Turn

__all__ = ["Block", "FoundPair", "PageKind", "Reading", "author_mark"]

PageKind = Literal["faq", "forum", "none"]


def author_mark(name: str, url: str) -> str:
    """A hash that is the same for one author of one site and says nothing else; "" for no name.

    >>> author_mark("Ana", "https://foro.example/t/1") == author_mark("Ana", "https://foro.example/t/2")
    True
    """
    if not name:
        return ""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return hashlib.sha256(f"author of\0{host}\0{name}".encode(errors="replace")).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPair:
    """One question with its answer, as it stands on a page.

    `question` and `answer` are plain text, `answer_markdown` keeps lists, links, code and tables;
    its links are absolute and http, https or mailto. `label` is the section, board or tag,
    `pattern` the rule that found it, `position` its order in the page from 0. `accepted` and
    `votes` are what a forum states, or None. `confidence` is a share; `reason` says why this reply
    of a thread was chosen. `author` is the `author_mark` of who answered, `written_at` when (ISO 8601).
    `context` are the earlier turns of a dialogue. `url` is the pair's own address where a page (such
    as an API's answer) holds several threads or articles, else "".
    """

    question: str
    answer: str
    answer_markdown: str
    label: str
    pattern: str
    position: int
    accepted: bool | None = None
    votes: int | None = None
    confidence: float = 1.0
    reason: str = ""
    author: str = ""
    written_at: str = ""
    context: tuple[Turn, ...] = ()
    url: str = ""

    def __post_init__(self) -> None:
        if not self.question or not self.answer:
            missing = "question" if not self.question else "answer"
            raise ValueError(f"the {missing} at position {self.position} is empty; a pair needs both")
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"confidence is {self.confidence}; give a share from 0 to 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A stretch of a page that a reader looked at as a question or as an answer, kept or dropped, and why.

    `text` is the question of a help page or the post of a thread, `pattern` the rule that saw it.
    """

    text: str
    pattern: str
    kept: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything that was read from one page.

    `reason` says why there are no pairs, and is None where there are. `lang` is an ISO 639-1 code
    and `licence` an address, both "" where the page does not state them. `dialogues` are its threads
    as conversations of several turns, each a pair with its context. `blocks` are all that the readers
    looked at, in the page's order; those of a help page that were kept are its pairs. `nofollow` says
    that it asks for its links not to be followed.
    """

    kind: PageKind
    reason: str | None
    lang: str = ""
    title: str = ""
    pairs: tuple[FoundPair, ...] = ()
    licence: str = ""
    noindex: bool = False
    nofollow: bool = False
    dialogues: tuple[FoundPair, ...] = ()
    blocks: tuple[Block, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.pairs) == (self.reason is not None):
            raise ValueError("a reading has either pairs or a reason why there are none")
