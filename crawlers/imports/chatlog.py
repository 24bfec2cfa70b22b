"""Chats written down as text: "speaker: text" with or without times, and WhatsApp's exports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crawlers.imports.chatlines import DIRECTION, ChatLine, ChatProfile, header_of, parse_line
from crawlers.imports.conversation import Conversation, Message, is_agent_word
from crawlers.imports.stamps import Stamp, hours_between
from crawlers.imports.systemlines import is_system_line, without_media
from tamiz.rows import text_lines

__all__ = ["chat_conversations"]

LARGEST_MESSAGE = 100_000  # characters; what follows is cut off


def chat_conversations(
    path: Path, profile: ChatProfile, *, gap_hours: float, left_out: Counter[str]
) -> Iterator[Conversation]:
    """The conversations of a file, parted by headers, blank lines or long silences; notes of the system are counted."""
    builder = _Builder(profile=profile, gap_hours=gap_hours, left_out=left_out)
    for number, raw in text_lines(path):
        yield from builder.line(number, raw)
    yield from builder.end()


@dataclass(slots=True)
class _Builder:
    """Puts lines together to messages, and messages to conversations."""

    profile: ChatProfile
    gap_hours: float
    left_out: Counter[str]
    speakers: frozenset[str] = frozenset()
    messages: list[Message] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    speaker: str = ""
    at: datetime | None = None
    stamp: Stamp | None = None
    key: str = ""
    began: int = 0
    blank: bool = False
    dropping: bool = False

    def __post_init__(self) -> None:
        self.speakers = self.profile.speakers()

    def line(self, number: int, raw: str) -> Iterator[Conversation]:
        if not raw.strip():
            self.blank = True
            self.parts.append("")
            return
        found = parse_line(raw, headings=self.profile.headings)
        begins = self._begins(found)
        if not begins:
            title = self._header(raw)
            if is_system_line(found.text, named=False):
                self.left_out["system messages"] += 1
            elif title is not None:
                yield from self._next(title)
            elif self.dropping:
                self.left_out["lines of system messages"] += 1
            elif self.speaker:
                self.parts.append(DIRECTION.sub("", raw).strip())
            else:
                self.left_out["lines before the first message"] += 1
            self.blank = False
            return
        if self._parted(found):
            yield from self._next(self.key if not self.messages else "")
        self._begin(number, found)
        self.blank = False

    def _begins(self, line: ChatLine) -> bool:
        if self.profile.headings:
            return bool(line.name)
        return bool(line.stamp) if self.profile.by_stamp else line.name in self.speakers

    def _header(self, raw: str) -> str | None:
        """The id in a line that begins a conversation, or None; a word such as "Chat 3" needs a blank line before."""
        header = header_of(raw)
        ruled = not raw.lstrip()[:1].isalnum()
        return header if header is not None and (ruled or self.blank or not self.messages) else None

    def _parted(self, line: ChatLine) -> bool:
        if self.stamp and line.stamp:
            silent = hours_between(self.stamp, line.stamp, self.profile.order)
            if silent is not None and silent > self.gap_hours:
                return True
        if is_agent_word(line.name) != is_agent_word(self.profile.first):
            return False
        dated = self.profile.dated > 0.5 * self.profile.stamped and self.profile.by_stamp
        return self.blank and not dated and self.profile.joined > 0 and self.profile.parted > 1 and bool(self.speaker)

    def _begin(self, number: int, line: ChatLine) -> None:
        self._close_message()
        self.began = self.began or number
        self.stamp = line.stamp or self.stamp
        if not line.name or is_system_line(line.text):
            self.left_out["system messages"] += 1
            self.speaker, self.dropping = "", True
            return
        self.dropping = False
        self.speaker = line.name
        self.at = self.profile.order.time_of(line.stamp) if line.stamp else None
        self.parts = [line.text]

    def _close_message(self) -> None:
        if self.speaker:
            text, media = without_media("\n".join(self.parts).strip()[:LARGEST_MESSAGE])
            self.left_out["media"] += media
            if text:
                self.messages.append(Message(speaker=self.speaker, text=text, at=self.at))
        self.speaker, self.parts = "", []

    def _next(self, key: str) -> Iterator[Conversation]:
        yield from self.end()
        self.key, self.stamp, self.began, self.dropping = key, None, 0, False

    def end(self) -> Iterator[Conversation]:
        self._close_message()
        if self.messages:
            yield Conversation(place=f"line {self.began}", messages=tuple(self.messages), key=self.key)
        self.messages = []
