"""The bytes of fetched pages, in WARC files (ISO 28500): one file for each run, a record is synced before it counts."""

from __future__ import annotations

import base64
import glob
import hashlib
import os
import re
import uuid
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tamiz import __version__
from tamiz.archived import ArchivedPage, read_archive, read_body, read_page

__all__ = ["ArchiveWriter", "ArchivedPage", "read_archive", "read_body", "read_page", "sync_archive", "unfinished"]

# The body is kept as read, after decompression: these headers would no longer be true.
_UNTRUE = {"content-encoding", "transfer-encoding", "content-length"}
_LINE_ENDS = re.compile(r"[\r\n\0]+")


class ArchiveWriter:
    """Appends responses to a WARC file, which is made with the first of them."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"{name}.warc.gz"
        self._file: int | None = None
        self._unsynced = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.sync()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def write(
        self,
        *,
        url: str,
        fetched_at: str,
        status: int,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        agent: str,
        asked: str = "",
        robots: str = "",
        spider: str = "",
    ) -> tuple[str, int]:
        """Append request and response; the file's name and the byte at which the response begins.

        They are safe from a power cut after sync(), from the end of this process at once. `asked` is the
        address that was asked for, `robots` what allowed it and `spider` who can read it, so that a page can be
        committed from here.
        """
        if self._file is None:
            self._file = self._create()
        records = _records(
            url, fetched_at, status, headers, body, agent, {"asked": asked, "robots": robots, "spider": spider}
        )
        offset = os.lseek(self._file, 0, os.SEEK_END)
        view = memoryview(records)
        while view:
            view = view[os.write(self._file, view) :]
        self._unsynced = True
        return self._path.name, offset

    def sync(self) -> None:
        """Bring what was written to the disk."""
        if self._file is not None and self._unsynced:
            os.fsync(self._file)
            self._unsynced = False

    def _create(self) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        folder = os.open(self._path.parent, os.O_RDONLY)
        os.fsync(folder)  # or the name may be gone after a power cut
        os.close(folder)
        content = f"software: tamiz/{__version__}\r\nformat: WARC File Format 1.0\r\n".encode()
        given = {"WARC-Filename": self._path.name, "Content-Type": "application/warc-fields"}
        os.write(file, _record("warcinfo", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", given, content))
        return file


def sync_archive(path: Path) -> None:
    """Bring to the disk what another process has written."""
    file = os.open(path, os.O_RDWR)
    os.fsync(file)
    os.close(file)


def _record(kind: str, date: str, given: dict[str, str], content: bytes) -> bytes:
    """A record as a gzip member of its own."""
    digest = base64.b32encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()
    fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid4()}>",
        "WARC-Date": date,
        **given,
        "WARC-Block-Digest": f"sha1:{digest}",
        "Content-Length": str(len(content)),
    }
    head = "".join(f"{name}: {_LINE_ENDS.sub(' ', value)}\r\n" for name, value in fields.items() if value)
    gzip = zlib.compressobj(6, wbits=31)
    return gzip.compress(f"WARC/1.0\r\n{head}\r\n".encode() + content + b"\r\n\r\n") + gzip.flush()


def _records(
    url: str,
    fetched_at: str,
    status: int,
    headers: Sequence[tuple[str, str]],
    body: bytes,
    agent: str,
    notes: dict[str, str],
) -> bytes:
    """A response record and its request record."""
    date = f"{fetched_at[:19]}Z"
    kept = [(name, value) for name, value in headers if name.isascii() and name.lower() not in _UNTRUE]
    lines = [f"{name}: {_LINE_ENDS.sub(' ', value)}\r\n" for name, value in [*kept, ("Content-Length", str(len(body)))]]
    answer = f"HTTP/1.1 {status} -\r\n{''.join(lines)}\r\n".encode("utf-8", "replace") + body
    digest = base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()
    given = {"WARC-Target-URI": url, "Content-Type": "application/http; msgtype=response"}
    extra = {f"Tamiz-{name.title()}": value for name, value in notes.items()}
    response = _record("response", date, given | {"WARC-Payload-Digest": f"sha1:{digest}"} | extra, answer)
    parts = urlsplit(url)
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    question = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: {agent}\r\n\r\n"
    given |= {"Content-Type": "application/http; msgtype=request"}
    return response + _record("request", date, given, question.encode())


def unfinished(
    folder: Path, source: str, pids: Sequence[str], committed_to: Callable[[str], int]
) -> Iterator[tuple[str, ArchivedPage]]:
    """What processes that have ended wrote for a source behind the last page that was committed, with its file."""
    for pid in pids:
        for path in sorted(folder.glob(f"{glob.escape(source)}-*-{pid}*.warc.gz")):
            last = committed_to(path.name)
            yield from (
                (path.name, page) for page in read_archive(path, max(last, 0)) if page.spider and page.offset > last
            )
