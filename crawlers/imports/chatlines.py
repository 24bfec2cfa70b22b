"""How the lines of a chat are written: where the speaker, the time and the text stand."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from crawlers.imports.conversation import is_agent_word
from crawlers.imports.stamps import DayOrder, Stamp, read_stamp
from tamiz.rows import text_lines

__all__ = ["DIRECTION", "ChatLine", "ChatProfile", "header_of", "parse_line", "profile_chat"]

LONGEST_NAME = 60
LONGEST_HEADER = 200
KEPT_NAMES = 50_000  # candidates counted for unstamped files
# Marks of direction that WhatsApp puts before stamps and notes.
DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SPEAKER = re.compile(
    rf"(?:[-–—•*>]{{1,5}}\s{{1,5}})?(?P<name>(?:[^:\n]|(?<=\d):(?=\d\d)){{1,{LONGEST_NAME}}}?)\s{{0,5}}[:：](?:\s|$)(?P<text>.*)",
    re.S,
)
_RULE = re.compile(r"\s*(?:={3,}|-{3,}|\*{3,}|#{1,6}(?=\s)|_{3,}|~{3,}|\f)(?P<title>.*?)[=\-*#_~]*\s*$")
_HEADER = re.compile(
    r"\s*(?:conversation|conversaci[oó]n|chat|ticket|case|caso|incidencia|session|sesi[oó]n|transcript|transcripci[oó]n)"
    r"\s*(?:id|n[.º°o]*|number|n[uú]mero|started|iniciad[oa])?\s*[:#]?\s*(?=\S*\d)[#\w][\w./:\-]*\s*(?:[|(\[–-].*)?$",
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
    headings: bool = False  # name and time stand on a line of their own, above the text

    @property
    def by_stamp(self) -> bool:
        return self.stamped >= 2 and self.stamped >= 0.5 * (self.stamped + self.unstamped)

    @property
    def is_chat(self) -> bool:
        """Whether most of it is what people say to each other."""
        said = sum(self.names.values())
        often = self.by_stamp or said >= 0.25 * self.lines
        if self.headings:
            return said >= 2 and said >= 0.1 * self.lines
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
class ChatLine:
    """A line of a chat; `name` is "" where it begins no message."""

    stamp: Stamp | None
    name: str
    text: str


def profile_chat(path: Path) -> ChatProfile:
    """Read a file to know how it is written: with names before the texts, or above them."""
    beside = _profile(path, headings=False)
    if sum(beside.names.values()) >= 0.5 * beside.stamped and beside.names:
        return beside
    above = _profile(path, headings=True)
    return above if sum(above.names.values()) > sum(beside.names.values()) else beside


def _profile(path: Path, *, headings: bool) -> ChatProfile:
    profile = ChatProfile(headings=headings)
    blank = True
    for _, raw in text_lines(path):
        if not raw.strip():
            blank = True
            continue
        line = parse_line(raw, headings=headings)
        if header_of(raw) is not None:
            blank = True
            continue
        profile.lines += 1
        if line.stamp:
            profile.whatsapp += bool(_WHATSAPP.match(DIRECTION.sub("", raw)))
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


def header_of(raw: str) -> str | None:
    """The title or number in a line that stands above a conversation; None for any other line."""
    if len(raw) > LONGEST_HEADER:
        return None
    rule = _RULE.match(raw)
    return rule["title"].strip() if rule else raw.strip() if _HEADER.match(raw) else None


def parse_line(raw: str, *, headings: bool) -> ChatLine:
    """A line's stamp, speaker and text; with `headings` only a line of a name and a time has a speaker."""
    line = DIRECTION.sub("", raw).replace("\u202f", " ").replace("\xa0", " ").rstrip("\r\n")
    stamp, rest = read_stamp(line)
    if headings:
        return _heading(line, stamp, rest.strip())
    found = _SPEAKER.match(rest.lstrip())
    if not found:
        return ChatLine(stamp, "", rest.strip())
    name, text = found["name"].strip(), found["text"].strip()
    inner, after = read_stamp(name, at_end=True)  # "Ana (09:14): ..."
    if inner and not stamp:
        stamp, name = inner, after.strip()
    return ChatLine(stamp, name, text) if _may_speak(name, bool(stamp)) else ChatLine(stamp, "", rest.strip())


def _heading(line: str, stamp: Stamp | None, rest: str) -> ChatLine:
    """ "Ana Q  9:14 AM" or "[9:14] Ana Q"; anything else is text."""
    if stamp is None and len(line) <= LONGEST_HEADER:
        stamp, rest = read_stamp(line, at_end=True)
    name = rest.strip(" ,|-–—")
    return ChatLine(stamp, name, "") if stamp and _may_speak(name, False) else ChatLine(None, "", line.strip())


def _may_speak(name: str, stamped: bool) -> bool:
    if not name or not re.search(r"\w", name):
        return False
    if stamped:
        return True
    words = name.split()
    if len(words) > 4 or words[0].casefold() in _NO_SPEAKER or re.search(r"[.,;!?¿¡()/]$|https?$", name):
        return False
    return name[0].isupper() or name[0] in "+@[<" or is_agent_word(name) is not None
