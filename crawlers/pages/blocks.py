"""What became of every block that a reader looked at: kept or dropped, each once, with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field

from crawlers.pages.candidates import Candidate
from crawlers.pages.dom import Span
from crawlers.pages.found import Block

__all__ = ["Ledger"]

_WHY_KEPT = {
    "microdata": "schema.org microdata names question and answer",
    "rdfa": "RDFa names question and answer",
    "jsonld": "stated as JSON-LD",
    "details": "the summary opens the answer",
    "checkbox": "a checkbox opens the answer",
    "aria": "a control opens the answer",
    "button": "a button opens the answer",
    "class-pair": "class names say question and answer",
    "dl": "a term with its definition",
    "label-qa": "labels say question and answer",
    "table": "a row of question and answer",
    "heading": "a heading with the text below it",
    "bold": "a bold line with the text below it",
    "paragraph": "a line that asks with the text below it",
    "list-item": "an item of a list of problems",
    "article": "the title of a help article with its body",
}
AT_THE_END = 1 << 40  # behind every place of a page: what stands in no visible place


@dataclass(slots=True)
class Ledger:
    """Blocks by rule and place. A block that was kept stays kept, however often it is offered again."""

    _seen: dict[tuple[Span, str], Block] = field(default_factory=dict)

    def keep(self, candidate: Candidate) -> None:
        self._settle(candidate, kept=True, reason=_WHY_KEPT[candidate.pattern])

    def drop(self, candidate: Candidate, reason: str) -> None:
        if (candidate.place, candidate.pattern) not in self._seen:
            self._settle(candidate, kept=False, reason=reason)

    def withdraw(self, candidate: Candidate, reason: str) -> None:
        """Drop what was kept."""
        self._settle(candidate, kept=False, reason=reason)

    def state(self, text: str, *, dropped: str = "") -> None:
        """Settle a question that stands in JSON-LD, in no place of the page."""
        place = (AT_THE_END + len(self._seen), AT_THE_END)
        self._seen[place, "jsonld"] = Block(
            text=text, pattern="jsonld", kept=not dropped, reason=dropped or _WHY_KEPT["jsonld"]
        )

    def _settle(self, candidate: Candidate, *, kept: bool, reason: str) -> None:
        self._seen[candidate.place, candidate.pattern] = Block(
            text=candidate.question, pattern=candidate.pattern, kept=kept, reason=reason
        )

    def blocks(self) -> tuple[Block, ...]:
        return tuple(block for _, block in sorted(self._seen.items(), key=lambda item: item[0]))
