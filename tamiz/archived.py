"""What lies in the archives of fetched pages (WARC, ISO 28500), read; crawlers.archive writes them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from tamiz.errors import InputError, MissingExtra
from tamiz.project import Project
from tamiz.records import Page

__all__ = ["ArchivedPage", "read_archive", "read_body", "read_page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedPage:
    """A response as it lies in an archive."""

    url: str
    fetched_at: str
    status: int
    content_type: str
    body: bytes
    offset: int
    headers: tuple[tuple[str, str], ...] = ()
    asked: str = ""
    robots: str = ""
    spider: str = ""


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
                    headers=tuple(record.http_headers.headers),
                    asked=record.rec_headers.get_header("Tamiz-Asked") or "",
                    robots=record.rec_headers.get_header("Tamiz-Robots") or "",
                    spider=record.rec_headers.get_header("Tamiz-Spider") or "",
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
    return read_page(project.pages, page)


def read_page(folder: Path, page: Page) -> tuple[bytes, str]:
    """The same, from the folder of the archives."""
    path = folder / Path(page.archive).name
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
