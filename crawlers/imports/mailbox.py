"""Mail of a support address: mbox files, saved messages and folders of them, thread by thread."""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path
from typing import cast

from crawlers.imports.conversation import Conversation, Message
from crawlers.imports.quoted import own_subject, own_text
from tamiz.errors import InputError

__all__ = ["MailIndex", "index_mail", "mail_conversations", "mail_files"]

LARGEST_MAIL = 64 << 20  # bytes; attachments are passed over, but they lie between the texts
LARGEST_HEADER = 1 << 20
ENDINGS = (".eml", ".mbox", ".mbx")
_BEGINS = re.compile(rb"From [^\r\n]{1,300}\d\d:\d\d[^\r\n]{0,100}\r?\n\Z")
_ID = re.compile(r"<[^<>\s]{1,500}>")
# What mail programs put around the mail they quote, and the line before it.
_QUOTES = (
    "//blockquote[@type='cite' or contains(@class,'gmail_quote')]|//div[contains(@class,'gmail_quote') or "
    "contains(@class,'gmail_attr') or contains(@class,'yahoo_quoted') or contains(@class,'moz-cite-prefix') or "
    "contains(@class,'gmail_signature') or @id='divRplyFwdMsg' or @id='appendonsend']|"
    "//div[@id='divRplyFwdMsg']/following-sibling::*|//div[@id='appendonsend']/following-sibling::*"
)
_AUTOMATIC = re.compile(r"auto[-_]?(?:replied|generated|reply)|bulk|list|junk", re.I)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a mail lies: file, first byte, length."""

    file: int
    start: int
    length: int
    at: datetime | None


@dataclass(slots=True)
class MailIndex:
    """Which mails of some files belong to one thread. Only places and hashes of ids are held, no text."""

    files: tuple[Path, ...]
    places: list[_Place] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    _ids: dict[bytes, int] = field(default_factory=dict)

    def add(self, place: _Place, message: EmailMessage) -> None:
        """Join a mail to those it names in its header, or to those of the same subject where it names none."""
        number = len(self.places)
        self.places.append(place)
        self.parents.append(number)
        own = _header(message, "Message-ID").strip()
        known = [_short(own)] if own else []
        named = _ID.findall(f"{_header(message, 'References')} {_header(message, 'In-Reply-To')}")
        known += [_short(name) for name in named]
        subject = own_subject(_header(message, "Subject")).casefold()
        replies = subject != re.sub(r"\s+", " ", _header(message, "Subject")).strip().casefold()
        if subject and (not named or replies):
            everyone = sorted({*_addresses(message, "From"), *_addresses(message, "To")})
            if not named or not any(mark in self._ids for mark in known):
                known.append(_short(f"{subject}\0{everyone}"))
        for mark in known:
            self._join(number, self._ids.setdefault(mark, number))

    def _root(self, number: int) -> int:
        while self.parents[number] != number:
            self.parents[number] = self.parents[self.parents[number]]
            number = self.parents[number]
        return number

    def _join(self, one: int, other: int) -> None:
        first, second = sorted((self._root(one), self._root(other)))
        self.parents[second] = first

    def threads(self) -> Iterator[list[_Place]]:
        """The mails of each thread in order of their dates."""
        members: dict[int, list[int]] = {}
        for number in range(len(self.places)):
            members.setdefault(self._root(number), []).append(number)
        never = datetime.min.replace(tzinfo=UTC)
        for numbers in members.values():
            yield sorted((self.places[n] for n in numbers), key=lambda p: (p.at or never, p.file, p.start))


def mail_files(folder: Path) -> tuple[Path, ...]:
    """The mails in a folder: .eml and .mbox files, or those of a Maildir."""
    maildir = [file for part in ("cur", "new") if (folder / part).is_dir() for file in (folder / part).iterdir()]
    return tuple(sorted(maildir or (f for f in folder.rglob("*") if f.suffix.lower() in ENDINGS and f.is_file())))


def index_mail(files: Sequence[Path]) -> MailIndex:
    """Read the headers of all mails once; InputError for a file that is missing or holds none."""
    index = MailIndex(files=tuple(files))
    for number, path in enumerate(files):
        try:
            for start, length, head in _mails(path):
                _index_one(index, number, path, start, length, head)
        except OSError as error:
            raise InputError(f"{path} cannot be read ({error.strerror}); check the name and its rights") from None
    if not index.places and not index.refused:
        raise InputError(f"{files[0]} holds no mail that can be read; give an mbox file or saved .eml messages")
    return index


def _index_one(index: MailIndex, number: int, path: Path, start: int, length: int, head: bytes) -> None:
    place = f"{path.name}, byte {start}"
    if length > LARGEST_MAIL:
        index.refused.append((place, f"a mail of {length >> 20} MB; {LARGEST_MAIL >> 20} MB are read"))
        return
    message = _parse(head.partition(b"\n\n")[0].partition(b"\r\n\r\n")[0] + b"\n\n")
    if message is None or not _addresses(message, "From"):
        index.refused.append((place, "no mail with a sender"))
        return
    states = f"{_header(message, 'Auto-Submitted')} {_header(message, 'Precedence')}"
    sender = _addresses(message, "From")[0]
    if _AUTOMATIC.search(states) or message["X-Autoreply"] or re.match(r"mailer-daemon|postmaster", sender):
        index.left_out["automatic mails"] += 1
        return
    index.add(_Place(number, start, length, _date(message)), message)


def mail_conversations(index: MailIndex) -> Iterator[Conversation]:
    """The threads as conversations, each read from its file when its turn comes."""
    for places in index.threads():
        messages: list[Message] = []
        title = key = ""
        for place in places:
            mail = _read(index.files[place.file], place)
            if mail is None:
                index.left_out["mails nested too deep"] += 1
                continue
            text = _body(mail, index.left_out)
            title = title or own_subject(_header(mail, "Subject"))
            key = key or _header(mail, "Message-ID").strip()
            if text:
                messages.append(Message(speaker=_addresses(mail, "From")[0], text=text, at=place.at))
        first = places[0]
        if messages:
            yield Conversation(
                place=f"{index.files[first.file].name}, byte {first.start}",
                messages=tuple(messages), key=key, title=title,
            )  # fmt: skip


def _mails(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """(first byte, length, the bytes up to the body) of each mail; a file without "From " lines is one mail."""
    with path.open("rb") as file:
        if not _BEGINS.match(file.readline(1000)):
            file.seek(0)
            head = file.read(LARGEST_HEADER)
            yield 0, path.stat().st_size, head.replace(b"\r\n", b"\n")
            return
        start, head, in_head, blank = file.tell(), b"", True, False
        while line := file.readline(1 << 20):
            if blank and line.startswith(b"From ") and _BEGINS.match(line):
                yield start, file.tell() - len(line) - start, head
                start, head, in_head = file.tell(), b"", True
            blank = line in (b"\n", b"\r\n")
            in_head = in_head and not blank
            if in_head and len(head) < LARGEST_HEADER:
                head += line
        yield start, file.tell() - start, head


def _parse(content: bytes) -> EmailMessage | None:
    try:
        return cast("EmailMessage", email.message_from_bytes(content, policy=email.policy.compat32.clone()))
    except RecursionError:
        return None


def _read(path: Path, place: _Place) -> EmailMessage | None:
    with path.open("rb") as file:
        file.seek(place.start)
        return _parse(file.read(place.length))


def _header(message: EmailMessage, name: str) -> str:
    """A header decoded; one that is damaged is taken as far as it goes."""
    value = message.get(name)
    if value is None:
        return ""
    parts = []
    for text, charset in email.header.decode_header(str(value)):
        parts.append(_decoded(text, charset) if isinstance(text, bytes) else text)
    return "".join(parts)


def _decoded(content: bytes, charset: str | None) -> str:
    for encoding in (charset or "utf-8", "utf-8"):
        try:
            return content.decode(encoding)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return content.decode("cp1252", errors="replace")


def _addresses(message: EmailMessage, name: str) -> list[str]:
    return [address.casefold() for _, address in getaddresses([_header(message, name)]) if "@" in address]


def _date(message: EmailMessage) -> datetime | None:
    try:
        at = parsedate_to_datetime(_header(message, "Date"))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _body(mail: EmailMessage, left_out: Counter[str]) -> str:
    """What the sender wrote: the plain text, else the HTML as text; attachments are counted."""
    plain: list[str] = []
    markup: list[str] = []
    try:
        for part in mail.walk():
            if part.is_multipart():
                continue
            kind = part.get_content_type()
            if part.get_content_disposition() == "attachment" or kind not in ("text/plain", "text/html"):
                left_out["attachments"] += 1
                continue
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                text = _decoded(content, part.get_content_charset())
                (plain if kind == "text/plain" else markup).append(text)
    except RecursionError:
        left_out["mails nested too deep"] += 1
        return ""
    text = "\n".join(plain).strip() or _rendered(markup)
    own, quoted = own_text(text)
    left_out["quoted mails"] += quoted or bool(not plain and any("quote" in one for one in markup))
    return own


def _rendered(markup: list[str]) -> str:
    from crawlers.imports.markup import html_text  # lxml, which few mails need

    return "\n".join(html_text(one, skip=_QUOTES)[0] for one in markup)


def _short(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="replace")).digest()[:12]
