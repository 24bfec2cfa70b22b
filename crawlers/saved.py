"""Pages that are on disk already: WARC files, folders of saved pages, MHTML. No request is made.

What these files say is hostile: bodies are cut at the limit while they are decompressed, links out of
the folder are not followed, and no name in them becomes a path.
"""

from __future__ import annotations

import email
import email.policy
import os
import re
import shlex
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Self
from urllib.parse import quote, urljoin

from crawlers.addresses import canonical_address
from crawlers.pages import decode
from tamiz.errors import InputError, MissingExtra

__all__ = ["SavedAnswer", "SavedPage", "check_path", "list_saved", "read_saved"]

WARC = (".warc", ".warc.gz")
HTML = (".html", ".htm", ".xhtml")
MHTML = (".mht", ".mhtml")
JSON = (".json",)
MAIL = (".mbox", ".eml")
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+?)\s*-->", re.IGNORECASE)
_LINK = re.compile(r"<link\b[^>]*>|<meta\b[^>]*>", re.IGNORECASE)
_CANONICAL = re.compile(r"\brel\s*=\s*[\"']?canonical\b", re.IGNORECASE)
_OG_URL = re.compile(r"\bproperty\s*=\s*[\"']?og:url\b", re.IGNORECASE)
_ADDRESS = re.compile(r"\b(?:href|content)\s*=\s*(?:\"([^\"]+)\"|'([^']+)'|([^\s>]+))", re.IGNORECASE)
_HTTRACK = re.compile(r"<!--\s*Mirrored from (\S+) by HTTrack", re.IGNORECASE)
HEAD_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """A page on disk: its address, the file, and in a WARC file the byte at which its record begins."""

    url: str
    path: Path
    offset: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedAnswer:
    """What the server answered when the page was saved, as far as the file says."""

    status: int
    fetched_at: str
    headers: tuple[tuple[str, str], ...]
    content_type: str
    body: bytes


def check_path(path: Path) -> None:
    """InputError with the way out for what is no archive."""
    if not path.exists():
        raise InputError(f"{path} is not there; give a WARC file or a folder of saved pages")
    if path.is_dir() or path.name.lower().endswith((*WARC, *HTML, *MHTML)):
        return
    if path.suffix.lower() in MAIL:
        raise InputError(f"{path} is mail, not pages; run: tamiz import {shlex.quote(str(path))}")
    raise InputError(
        f"{path} is no archive of pages; give a .warc, .warc.gz, .html or .mhtml file, or a folder of them"
    )


def list_saved(path: Path, base: str, max_bytes: int) -> Iterator[SavedPage | str]:
    """Every page there is, in the order of the file names; a sentence for each that cannot be used.

    `base` is the address that the folder stands for; pages that state their own keep it.
    """
    if not path.is_dir():
        yield from _list_file(path, path.parent, base, max_bytes)
        return
    for folder, folders, names in os.walk(path, followlinks=False):
        folders.sort()
        for name in sorted(names):
            file = Path(folder, name)
            if file.name.lower().endswith((*WARC, *HTML, *MHTML, *JSON)):
                yield from _list_file(file, path, base, max_bytes)


def _list_file(file: Path, root: Path, base: str, max_bytes: int) -> Iterator[SavedPage | str]:
    shown = file.relative_to(root)
    if file.is_symlink() or not file.is_file():
        yield f"{shown}: a link or no regular file"
    elif file.name.lower().endswith(WARC):
        yield from _list_warc(file, shown)
    elif file.stat().st_size > max_bytes:
        yield f"{shown}: too large"
    else:
        answer = read_saved(SavedPage(url="", path=file), max_bytes)
        stated = _stated_address(decode(answer.body[:HEAD_CHARACTERS], answer.content_type), answer.headers)
        url = stated or (canonical_address(urljoin(base, quote(shown.as_posix()))) if base else "")
        yield SavedPage(url=url, path=file) if url else f"{shown}: states no address; give the source a url"


def _stated_address(head: str, headers: tuple[tuple[str, str], ...]) -> str:
    """The address a saved page gives of itself: in its headers, in the note of who saved it, as canonical."""
    stated = [value for name, value in headers if name == "Content-Location"]
    for pattern in (_SAVED_FROM, _HTTRACK):
        if found := pattern.search(head):
            stated.append(found[1] if "//" in found[1] else f"https://{found[1]}")
    for sign in (_CANONICAL, _OG_URL):
        for tag in _LINK.findall(head):
            if sign.search(tag) and (found := _ADDRESS.search(tag)):
                stated.append(found[1] or found[2] or found[3])
    return next(filter(None, map(canonical_address, stated)), "")


def read_saved(page: SavedPage, max_bytes: int) -> SavedAnswer:
    """The page's bytes. InputError when they are too many, or not what the file's name says."""
    if page.offset >= 0:
        with page.path.open("rb") as file:
            file.seek(page.offset)
            for record in _records(file, page.path):
                return _answer(record, max_bytes, page.url)
        raise InputError(f"{page.path} has no record at byte {page.offset} any more; run the crawl again")
    body = page.path.read_bytes()
    saved = datetime.fromtimestamp(page.path.stat().st_mtime, UTC).isoformat(timespec="seconds")
    if page.path.name.lower().endswith(MHTML):
        body, content_type, address = _mhtml(body)
        headers: tuple[tuple[str, str], ...] = (("Content-Type", content_type), ("Content-Location", address))
        return SavedAnswer(status=200, fetched_at=saved, headers=headers, content_type=content_type, body=body)
    return SavedAnswer(status=200, fetched_at=saved, headers=(), content_type="", body=body)


def _mhtml(body: bytes) -> tuple[bytes, str, str]:
    """The first HTML part of a page saved as one file, its type and its address."""
    message: Any = email.message_from_bytes(body, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            address = str(part.get("Content-Location") or message.get("Snapshot-Content-Location") or "")
            return part.get_payload(decode=True) or b"", str(part.get("Content-Type", "text/html")), address
    return b"", "text/html", ""


# WARC


def _list_warc(file: Path, shown: Path) -> Iterator[SavedPage | str]:
    """The pages of a WARC file; where it ends within its last record, a sentence instead of that one."""
    with file.open("rb") as opened:
        records = _records(opened, file)
        page: SavedPage | None = None  # held back until the next record shows that it is whole
        for record in records:
            if page is not None:
                yield page
            page = None
            url = canonical_address(record.rec_headers.get_header("WARC-Target-URI") or "")
            if record.rec_type == "response" and url and record.http_headers is not None and _is_page(record):
                page = SavedPage(url=url, path=file, offset=records.offset())
        if page is not None and page.offset != records.torn_at:
            yield page
        if records.torn_at is not None:
            yield f"the last record of {shown}: the file is cut off at byte {file.stat().st_size:,}"


def _is_page(record: Any) -> bool:
    declared = (record.http_headers.get_header("Content-Type") or "").lower()
    good = not declared or declared.startswith(("text/html", "application/xhtml", "application/json"))
    return good and record.http_headers.get_statuscode() == "200"


def _records(file: BinaryIO, path: Path) -> _Records:
    try:
        from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtra("Reading WARC files", "crawl", "warcio") from None
    return _Records(ArchiveIterator(file), path)


class _Records:
    """An iterator over records whose faults name the file; in the end `torn_at` is where one that is cut off begins."""

    def __init__(self, records: Any, path: Path) -> None:
        self._records, self._path = records, path
        self._last: tuple[Any, int] | None = None
        self.torn_at: int | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        from warcio.exceptions import ArchiveLoadFailed  # type: ignore[import-untyped]

        begins = self._records.offset
        try:
            begins = self._end_of_last()
            record = next(self._records)
        except StopIteration:
            for record, at in [(None, begins), *([self._last] if self._last else ())]:
                if _is_torn(self._path, at, record):
                    self.torn_at = at
            raise
        except (ArchiveLoadFailed, EOFError, OSError, ValueError, AttributeError) as error:
            if _is_torn(self._path, begins, None):  # a head without its end: warcio trips over what is missing
                self.torn_at = begins
                raise StopIteration from None
            said = str(error).strip().partition("\n")[0]
            raise InputError(f"{self._path} is damaged ({said}); try: warcio recompress {self._path.name}") from None
        self._last = (record, begins)
        return record

    def _end_of_last(self) -> int:
        """Where the next record begins."""
        if self._last is not None:
            self._records.read_to_end()
        return int(self._records.offset)

    def offset(self) -> int:
        return int(self._records.get_record_offset())


def _is_torn(path: Path, offset: int, record: Any) -> bool:
    """Whether the file ends within what begins at a byte: a gzip member, the record that was read, or a head."""
    with path.open("rb") as file:
        file.seek(offset)
        if (start := file.read(2)) and b"\x1f\x8b".startswith(start):
            file.seek(offset)
            return not _member_ends(file)
        if record is not None:
            return getattr(record.raw_stream, "limit", 1) > 0  # without a length in its head there is no limit
        head = start + file.read(HEAD_CHARACTERS)
    whole = len(head) > HEAD_CHARACTERS or b"\r\n\r\n" in head
    return bool(head) and not whole and (head.startswith(b"WARC/") or b"WARC/".startswith(head))


def _member_ends(file: BinaryIO) -> bool:
    gzip = zlib.decompressobj(wbits=31)
    try:
        while not gzip.eof and (block := gzip.unconsumed_tail or file.read(1 << 16)):
            gzip.decompress(block, 1 << 20)
    except zlib.error:
        return True  # damaged, which is another matter
    return gzip.eof


def _answer(record: Any, max_bytes: int, url: str) -> SavedAnswer:
    parts, size = [], 0
    stream = record.content_stream()  # decompresses as it is read
    while block := stream.read(1 << 16):
        parts.append(block)
        size += len(block)
        if size > max_bytes:
            raise InputError(f"{url}: too large")
    headers = tuple((str(name), str(value)) for name, value in record.http_headers.headers)
    return SavedAnswer(
        status=int(record.http_headers.get_statuscode()),
        fetched_at=record.rec_headers.get_header("WARC-Date") or "",
        headers=headers,
        content_type=record.http_headers.get_header("Content-Type") or "",
        body=b"".join(parts),
    )
