"""What stands in a text letter by letter: addresses, e-mails, telephone numbers, commands, paths, settings, codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from curation.synthesis.gates.findings import Fault

__all__ = ["Mark", "find_marks", "missing_marks", "without_marks"]

_URL = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'«»“”]+|(?<![\w@/.-])(?:[a-z0-9-]+\.)+[a-z]{2,24}/[^\s<>\"'«»“”]*", re.IGNORECASE
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DOMAIN = re.compile(r"(?<![\w@/.-])(?:[a-z0-9-]+\.)+[a-z]{2,24}(?![\w@-])", re.IGNORECASE)
_PHONE = re.compile(
    r"(?<![\w.,/-])(?:\+\d{1,3}[ .-]?)?(?:\(\d{1,4}\)[ .-]?)?\d{2,4}(?:[ .-]\d{2,4}){2,5}(?![\w/-])(?!,\d)"
)
_TICKED = re.compile(r"`([^`\n]{1,300})`")
_PATH = re.compile(r"(?<![\w/.])(?:~|\.{1,2})?(?:/[\w.@+-]+){2,}/?|(?<!\w)[A-Za-z]:\\[\w\\.-]+")
_OPTION = re.compile(r"(?<![\w-])--?[A-Za-z][\w-]*(?:=[\w./-]+)?")
_SETTING = re.compile(
    r"(?<![\w.])(?=[A-Za-z\d.]{0,60}_)[\w.]{2,120}(?:\s?=\s?[\w./-]{1,120})?|(?<![\w.])[A-Za-z][\w.]{0,60}\s?=\s?[\w./-]{1,120}"
)
# X-Orla-Key, NV-218, WPA2, F22, IPX4: letters with digits, or capitals joined by hyphens; not 5GB and not 24h.
_CODE = re.compile(
    r"(?<![\w-])(?!(?:[Uu]nder|[Oo]ver|[Ss]ub|[Mm]id|[Pp]re|[Pp]ost)-?\d)(?=[A-Za-z-]*\d)[A-Za-z]+[A-Za-z\d-]*\d[A-Za-z\d-]*(?![\w-])|(?<![\w-])[A-Z]\w*(?:-[A-Z]\w*)+(?![\w-])"
)
_SHELL = re.compile(
    r"(?<![\w/-])(?:sudo |apt(?:-get)? |dnf |yum |brew |npm |npx |pip3? |git |docker |kubectl |systemctl |curl |"
    r"chmod |ssh )"
    r"[\w./=@:-]+(?: [\w./=@:-]+){0,6}"
)
_DOTTED_FILE = re.compile(r"(?<![\w.])\.[a-z][a-z0-9]{1,4}(?!\w)")
_END = ".,;:!?)]}»”\"'"
Kind = Literal["address", "command"]


@dataclass(frozen=True, slots=True)
class Mark:
    kind: Kind
    start: int
    end: int
    text: str
    form: str  # that in which two are compared


def _address(text: str) -> str:
    bare = unicodedata.normalize("NFKC", text).casefold().rstrip(_END)
    return re.sub(r"^(?:https?://)?(?:www\.)?|/$", "", bare)


def _command(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip(" " + _END).casefold()


def _code(text: str) -> str:
    return text.casefold().replace("-", "").replace(" ", "")


_RULES = (
    ("address", _EMAIL, _address), ("address", _URL, _address), ("address", _DOMAIN, _address),
    ("command", _TICKED, lambda text: _command(text.strip("`"))), ("command", _PATH, _command),
    ("command", _SHELL, _command),
    ("command", _SETTING, _command), ("command", _OPTION, _command), ("command", _DOTTED_FILE, _command),
    ("address", _PHONE, lambda text: re.sub(r"\D", "", text)), ("command", _CODE, _code),
)  # fmt: skip


def find_marks(text: str) -> list[Mark]:
    """The marks of a text in order; what is part of a longer one is not told again."""
    taken = bytearray(len(text))
    found = []
    for kind, pattern, form in _RULES:
        for match in pattern.finditer(text):
            start, end = match.span()
            end -= len(match[0]) - len(match[0].rstrip(_END if kind == "address" else ".,;:"))
            if start < end and not any(taken[start:end]):
                shape = form(text[start:end])
                if pattern is _PHONE and not 7 <= len(shape) <= 15:
                    continue
                taken[start:end] = b"\x01" * (end - start)
                found.append(Mark(kind, start, end, text[start:end], shape))  # type: ignore[arg-type]
    return sorted(found, key=lambda mark: mark.start)


def without_marks(text: str, marks: list[Mark]) -> str:
    """The text with spaces in the place of its marks."""
    for mark in marks:
        text = f"{text[: mark.start]}{' ' * (mark.end - mark.start)}{text[mark.end :]}"
    return text


def missing_marks(marks: list[Mark], source: str) -> Iterator[Fault]:
    """The marks of an answer that are not in its source."""
    flat = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", source)).casefold().replace("`", "")
    close, digits = re.sub(r"[\s-]", "", flat), re.sub(r"\D", "", flat)
    for mark in marks:
        shape = mark.form
        here = re.search(rf"(?<![\w.@]){re.escape(shape)}(?![\w@])", flat)
        code = shape in close if mark.kind == "command" else shape.isdigit() and shape in digits
        if (
            here
            or code
            or (mark.kind == "address" and _address(flat).find(shape) >= 0 and "/" not in shape and "@" not in shape)
        ):
            continue
        kind = "address_not_in_source" if mark.kind == "address" else "command_not_in_source"
        yield Fault(kind=kind, field="answer", start=mark.start, end=mark.end, what=mark.text, confidence=0.95)
