"""Chats written down as text: "speaker: text" with or without times, and WhatsApp's exports."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crawlers.imports.conversation import Conversation, Message, is_agent_word
from crawlers.imports.stamps import DayOrder, Stamp, hours_between, read_stamp
from crawlers.imports.systemlines import is_system_line, without_media
from tamiz.rows import text_lines

__all__ = ["ChatProfile", "chat_conversations", "profile_chat"]

LONGEST_NAME = 60
KEPT_NAMES = 50_000  # candidates counted for unstamped files
LARGEST_MESSAGE = 100_000  # characters; what follows is cut off
# Marks of direction that WhatsApp puts before stamps and notes.
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SPEAKER = re.compile(
    rf"\s*(?:[-–—•*>]+\s+)?(?P<name>(?:[^:\n]|(?<=\d):(?=\d\d)){{1,{LONGEST_NAME}}}?)\s*[:：](?:\s+|$)(?P<text>.*)",
    re.S,
)
_RULE = re.compile(r"\s*(?:={3,}|-{3,}|\*{3,}|#{1,6}(?=\s)|_{3,}|~{3,}|\f)(?P<title>.*?)[=\-*#_~]*\s*$")
_HEADER = re.compile(
    r"\s*(?:conversation|conversaci[oó]n|chat|ticket|case|caso|incidencia|session|sesi[oó]n|transcript|transcripci[oó]n)"
    r"\s*(?:id|n[.º°o]*|number|n[uú]mero|started|iniciad[oa])?\s*[:#]?\s*[#\w][\w./:\-]*\s*(?:[|(\[–-].*)?$",
    re.I,
)
_WHATSAPP = re.compile(r"\[?\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4},? \d{1,2}:\d\d[^\]\n]{0,14}?(?: - |\] )")
# Words that stand before a colon inside a message and are no speaker.
_WORDS_THAT_NAME_NOBODY = (
    "http https ftp nota note notas notes ps pd aviso importante important warning error atención ejemplo example "
    "asunto subject fecha date hora time re fwd rv de from para to cc tel teléfono phone email correo web url "
    "solución solution respuesta answer pregunta question dirección address total precio price contraseña "
    "password"
)
_NO_SPEAKER = frozenset(_WORDS_THAT_NAME_NOBODY.split())


@dataclass(slots=True)
class ChatProfile:
    """How a chat file is written, told from all of its lines."""

    stamped: int = 0
    unstamped: int = 0
    dated: int = 0
    names: Counter[str] = field(default_factory=Counter)
    order: DayOrder = field(default_factory=DayOrder)
    joined: int = 0  # messages that follow another without a blank line
    parted: int = 0  # messages that follow a blank line
    first: str = ""  # who speaks first
    lines: int = 0
    whatsapp: int = 0

    @property
    def by_stamp(self) -> bool:
        return self.stamped >= 2 and self.stamped >= 0.5 * (self.stamped + self.unstamped)

    @property
    def is_chat(self) -> bool:
        """Whether most of it is what people say to each other."""
        said = sum(self.names.values())
        often = self.by_stamp or said >= 0.25 * self.lines
        return said >= 2 and often and len(self.names) > 1 and (self.by_stamp or bool(self.speakers()))

    @property
    def taken_for(self) -> str:
        return "WhatsApp export" if self.whatsapp > 0.5 * self.stamped > 0 else "chat"

    def speakers(self) -> frozenset[str]:
        """The names before a colon that are speakers: called as one, or seen more than once.

        All of them where nearly every line has one.
        """
        if sum(self.names.values()) >= 0.8 * self.lines:
            return frozenset(self.names)
        return frozenset(name for name, times in self.names.items() if times > 1 or is_agent_word(name) is not None)


@dataclass(frozen=True, slots=True)
class _Line:
    stamp: Stamp | None
    name: str
    text: str


def profile_chat(path: Path) -> ChatProfile:
    """Read a file once to know how it is written."""
    profile = ChatProfile()
    blank = True
    for _, raw in text_lines(path):
        line = _parse(raw)
        if not raw.strip():
            blank = True
            continue
        if _RULE.match(raw) or _HEADER.match(raw):
            blank = True
            continue
        profile.lines += 1
        if line.stamp:
            profile.whatsapp += bool(_WHATSAPP.match(_DIRECTION.sub("", raw)))
            profile.stamped += 1
            profile.dated += line.stamp.day is not None
            profile.order.see(line.stamp)
        elif line.name:
            profile.unstamped += 1
        if line.name and (len(profile.names) < KEPT_NAMES or line.name in profile.names):
            profile.names[line.name] += 1
            profile.first = profile.first or line.name
            profile.parted += blank
            profile.joined += not blank
        blank = False
    return profile


def _parse(raw: str) -> _Line:
    """A line's stamp, speaker and text; name "" where nobody speaks."""
    line = _DIRECTION.sub("", raw).replace("\u202f", " ").replace("\xa0", " ").rstrip("\r\n")
    stamp, rest = read_stamp(line)
    found = _SPEAKER.match(rest)
    if not found:
        return _Line(stamp, "", rest.strip())
    name, text = found["name"].strip(), found["text"].strip()
    inner, after = read_stamp(name, at_end=True)  # "Ana (09:14): ..."
    if inner and not stamp:
        stamp, name = inner, after.strip()
    return _Line(stamp, name, text) if _may_speak(name, bool(stamp)) else _Line(stamp, "", rest.strip())


def _may_speak(name: str, stamped: bool) -> bool:
    if not name or not re.search(r"\w", name):
        return False
    if stamped:
        return True
    words = name.split()
    if len(words) > 4 or words[0].casefold() in _NO_SPEAKER or re.search(r"[.,;!?¿¡()/]$|https?$", name):
        return False
    return name[0].isupper() or name[0] in "+@[<" or is_agent_word(name) is not None


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
        found = _parse(raw)
        begins = bool(found.stamp) if self.profile.by_stamp else found.name in self.speakers
        if not begins:
            title = self._header(raw)
            if is_system_line(found.text, named=False):
                self.left_out["system messages"] += 1
            elif title is not None:
                yield from self._next(title)
            elif self.dropping:
                self.left_out["lines of system messages"] += 1
            elif self.speaker:
                self.parts.append(_DIRECTION.sub("", raw).strip())
            else:
                self.left_out["lines before the first message"] += 1
            self.blank = False
            return
        if self._parted(found):
            yield from self._next(self.key if not self.messages else "")
        self._begin(number, found)
        self.blank = False

    def _header(self, raw: str) -> str | None:
        """The id in a line that begins a conversation, or None."""
        rule = _RULE.match(raw)
        if rule:
            return rule["title"].strip() if len(rule["title"]) < 200 else None
        return raw.strip() if len(raw) < 120 and _HEADER.match(raw) and (self.blank or not self.messages) else None

    def _parted(self, line: _Line) -> bool:
        if self.stamp and line.stamp:
            silent = hours_between(self.stamp, line.stamp, self.profile.order)
            if silent is not None and silent > self.gap_hours:
                return True
        if is_agent_word(line.name) != is_agent_word(self.profile.first):
            return False
        dated = self.profile.dated > 0.5 * self.profile.stamped and self.profile.by_stamp
        return self.blank and not dated and self.profile.joined > 0 and self.profile.parted > 1 and bool(self.speaker)

    def _begin(self, number: int, line: _Line) -> None:
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
