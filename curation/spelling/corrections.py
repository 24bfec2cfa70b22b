"""What a spelling engine is shown and what it proposes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

__all__ = ["Correction", "CorrectionKind", "Engine", "Text"]

CorrectionKind = Literal["accent", "spelling", "grammar", "style"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text to check.

    `lang` is its language as an ISO 639-1 code; a sentence that is plainly in another one of the project's
    languages is checked in that. `kept` are spans (start, end in characters) that no proposal may touch, such as
    code. `author` is who wrote it ("" unknown): their own habit decides on accents.
    """

    text: str
    lang: str
    kept: tuple[tuple[int, int], ...] = ()
    author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One proposal: the characters `start` to `end` of the text, `before`, would become `after`.

    `after` is None where the engine sees a mistake and knows no remedy. `kind` is accent where before and after
    differ by accents only. `confidence` is the share of such proposals that turn out right; from 0.9 on one may be
    applied unseen. `alternatives` are further candidates, the likeliest first. `rule` names the engine's rule.
    """

    start: int
    end: int
    before: str
    after: str | None
    kind: CorrectionKind
    rule: str
    engine: str
    confidence: float
    note: str = ""
    alternatives: tuple[str, ...] = ()


class Engine(Protocol):
    """An engine learns the corpus once, then checks texts of it; the order of texts changes nothing."""

    @property
    def name(self) -> str:
        """ "embedded" or "languagetool"."""

    @property
    def versions(self) -> Mapping[str, str]:
        """What its answers depend on: its own version, dictionaries, server; they go into the run's report."""

    def learn(self, texts: Iterable[Text]) -> None:
        """Count words over the corpus; replaces what was learnt before."""

    def check(self, texts: Sequence[Text]) -> list[list[Correction]]:
        """The proposals for each text, in order of start, none overlapping."""

    def close(self) -> None:
        """Let go of servers and files, whatever happened."""
