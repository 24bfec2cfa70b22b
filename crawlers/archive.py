"""The bytes of fetched pages, in WARC files (ISO 28500): one file for each run, a record is synced before it counts."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tamiz import __version__
from tamiz.errors import InputError, MissingExtra
from tamiz.project import Project
from tamiz.records import Page

__all__ = ["ArchiveWriter", "ArchivedPage", "read_archive", "read_body"]

# The body is kept as read, after decompression: these headers would no longer be true.
_UNTRUE = {"content-encoding", "transfer-encoding", "content-length"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedPage:
    """A response as it lies in an archive."""

    url: str
    fetched_at: str
    status: int
    content_type: str
    body: bytes
    offset: int


class ArchiveWriter:
    """Appends responses to a WARC file, which is made with the first of them."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"{name}.warc.gz"
        self._file: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def write(
        self, *, url: str, fetched_at: str, status: int, headers: Sequence[tuple[str, str]], body: bytes, agent: str
    ) -> tuple[str, int]:
        """Append request and response and sync them; the file's name and the byte at which the response begins."""
        if self._file is None:
            self._file = self._create()
        records = _records(url, fetched_at, status, headers, body, agent)
        offset = os.lseek(self._file, 0, os.SEEK_END)
        view = memoryview(records)
        while view:
            view = view[os.write(self._file, view) :]
        os.fsync(self._file)
        return self._path.name, offset

    def _create(self) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        folder = os.open(self._path.parent, os.O_RDONLY)
        os.fsync(folder)  # or the name may be gone after a power cut
        os.close(folder)
        writer, out = _writer()
        writer.write_record(writer.create_warcinfo_record(self._path.name, {"software": f"tamiz/{__version__}"}))
        os.write(file, out.getvalue())
        return file


def _writer() -> tuple[Any, BytesIO]:
    try:
        from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtra("tamiz crawl", "crawl", "warcio") from None
    out = BytesIO()
    return WARCWriter(out, gzip=True), out


def _records(
    url: str, fetched_at: str, status: int, headers: Sequence[tuple[str, str]], body: bytes, agent: str
) -> bytes:
    """A response record and its request record, each its own gzip member."""
    from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]

    writer, out = _writer()
    date = {"WARC-Date": f"{fetched_at[:19]}Z"}
    kept = [(name, value) for name, value in headers if name.isascii() and name.lower() not in _UNTRUE]
    answer = StatusAndHeaders(f"{status} -", [*kept, ("Content-Length", str(len(body)))], protocol="HTTP/1.1")
    response = writer.create_warc_record(
        url, "response", payload=BytesIO(body), length=len(body), http_headers=answer, warc_headers_dict=dict(date)
    )
    parts = urlsplit(url)
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    question = StatusAndHeaders(
        f"GET {target} HTTP/1.1", [("Host", parts.netloc), ("User-Agent", agent)], is_http_request=True
    )
    request = writer.create_warc_record(url, "request", http_headers=question, warc_headers_dict=dict(date))
    writer.write_request_response_pair(request, response)
    return out.getvalue()


def read_archive(path: Path, offset: int = 0) -> Iterator[ArchivedPage]:
    """The responses of a WARC file from a byte on; a last record that a killed run left torn is not among them."""
    try:
        from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtra("Reading stored pages", "crawl", "warcio") from None
    for place, member in _whole_members(path, offset):
        for record in ArchiveIterator(BytesIO(member)):
            if record.rec_type == "response" and record.http_headers is not None:
                yield ArchivedPage(
                    url=record.rec_headers.get_header("WARC-Target-URI"),
                    fetched_at=record.rec_headers.get_header("WARC-Date"),
                    status=int(record.http_headers.get_statuscode()),
                    content_type=record.http_headers.get_header("Content-Type", ""),
                    body=record.content_stream().read(),
                    offset=place,
                )


def _whole_members(path: Path, offset: int) -> Iterator[tuple[int, bytes]]:
    """The gzip members of a file, one a record, with their places, as far as they are whole."""
    with path.open("rb") as file:
        while True:
            file.seek(offset)
            gzip, parts = zlib.decompressobj(wbits=31), []
            try:
                while not gzip.eof and (block := file.read(1 << 16)):
                    parts.append(gzip.decompress(block))
            except zlib.error:
                return
            if not gzip.eof:
                return
            yield offset, b"".join(parts)
            offset = file.tell() - len(gzip.unused_data)


def read_body(project: Project, page: Page) -> tuple[bytes, str]:
    """The bytes of a stored page and their content type; InputError if they are not where they should be."""
    path = project.pages / Path(page.archive).name
    try:
        found = next(read_archive(path, page.archive_offset), None)
    except OSError as error:
        raise InputError(
            f"{page.final_url}: its archive {path} cannot be read ({error.strerror}). "
            "Bring the file back from a copy, or fetch the page again: tamiz crawl"
        ) from None
    if found is None:
        raise InputError(
            f"{page.final_url}: {path} is damaged at byte {page.archive_offset}. "
            "Bring the file back from a copy, or fetch the page again: tamiz crawl"
        )
    return found.body, found.content_type or page.content_type
