"""What a LanguageTool server noticed, read from its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curation.spelling.languagetool.pieces import Batch

__all__ = ["Match", "read_matches", "software"]

MOST_REPLACEMENTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One thing LanguageTool noticed in a sentence; `start` and `end` count its characters."""

    start: int
    end: int
    rule: str
    issue: str
    category: str
    message: str
    replacements: tuple[str, ...]

    def plain(self) -> list[Any]:
        """As JSON keeps it."""
        known = [self.start, self.end, self.rule, self.issue, self.category, self.message]
        return [*known, list(self.replacements)]

    @classmethod
    def of(cls, values: Sequence[Any]) -> Match:
        """The match of which these are the plain values."""
        start, end, rule, issue, category, message, replacements = values
        return cls(
            start=start,
            end=end,
            rule=rule,
            issue=issue,
            category=category,
            message=message,
            replacements=tuple(replacements),
        )


def read_matches(reply: Any, batch: Batch) -> list[list[Match]]:
    """The matches of each sentence of the batch; TypeError, KeyError or ValueError where the answer is none."""
    found: list[list[Match]] = [[] for _ in batch.sentences]
    for entry in reply["matches"]:
        placed = batch.place(int(entry["offset"]), int(entry["length"]))
        if placed is None:
            continue  # it reaches into another text
        number, start, end = placed
        sentence = batch.sentences[number]
        if any(start < last and first < end for first, last in sentence.hidden):
            continue
        rule = entry["rule"]
        match = Match(
            start=start,
            end=end,
            rule=str(rule["id"]),
            issue=str(rule["issueType"]),
            category=str(rule["category"]["id"]),
            message=str(entry["message"]),
            replacements=tuple(str(one["value"]) for one in entry["replacements"][:MOST_REPLACEMENTS]),
        )
        if _in_place(entry, sentence.text[start:end]):
            found[number].append(match)
    return found


def software(reply: Any) -> str:
    """The server's name, version and build; the same exceptions where the answer does not tell."""
    known = reply["software"]
    return " ".join(str(known[name]) for name in ("name", "version", "buildDate") if known.get(name))


def _in_place(entry: dict[str, Any], said: str) -> bool:
    """Whether the server means these characters: its own words around the match, where it gives them, must agree.

    Its places can be off by some characters next to what is hidden.
    """
    context = entry.get("context")
    if not isinstance(context, dict):
        return True
    words = str(context["text"]).encode("utf-16-le", "surrogatepass")
    start, length = int(context["offset"]), int(context["length"])
    meant = words[2 * start : 2 * (start + length)].decode("utf-16-le", "replace")
    return meant == said
