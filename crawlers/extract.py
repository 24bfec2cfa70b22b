"""Pairs again, without the network: from stored pages, or from saved files with no project at all."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tamiz.errors import InputError, MissingExtra
from tamiz.progress import progress
from tamiz.project import Project
from tamiz.store import Store

if TYPE_CHECKING:
    from crawlers.pages import Reading

__all__ = ["ExtractReport", "extract", "extract_files", "need_readers", "page_bytes", "read_safely"]

# What a fault in a reader looks like; a page nobody has thought of must not cost the other ten thousand.
READER_FAULTS = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
LARGEST_FILE = 64_000_000  # bytes; no page is that long


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractReport:
    """What reading the stored pages again gave. `damaged` are sentences about pages whose bytes are missing."""

    pages: int = 0
    new_pairs: int = 0
    known_pairs: int = 0
    without_pairs: Counter[str] = field(default_factory=Counter)
    damaged: tuple[str, ...] = ()
    seconds: float = 0.0


def extract(project: Project, store: Store) -> ExtractReport:
    """Read every stored page again, in its newest version, and add the pairs that are new."""
    need_readers()
    from crawlers.archive import read_body
    from crawlers.pages import decode
    from crawlers.pairs import page_pairs, page_reading

    started = time.monotonic()
    new = known = pages = 0
    without: Counter[str] = Counter()
    damaged: list[str] = []
    newest = {(page.source, page.final_url): page.id for page in store.pages()}
    sources = {source.name: source for source in project.settings.sources}
    with progress("reading stored pages", total=len(newest)) as job:
        for page in store.pages():
            if newest[page.source, page.final_url] != page.id:
                continue
            try:
                body, content_type = read_body(project, page)
            except InputError as error:
                damaged.append(str(error))
                continue
            reading = read_safely(decode(body, content_type), page.final_url)
            source = sources.get(page.source)
            pairs = page_pairs(
                page,
                reading,
                languages=project.settings.project.languages,
                licence=source.licence if source else "",
                threads=source.threads if source else "pairs",
            )
            added = store.add_reading(page_reading(page, reading), pairs, actor=f"source:{page.source}")
            pages, new, known = pages + 1, new + len(added.new), known + added.known
            if not pairs:
                without[reading.reason or "no pairs"] += 1
            job.update(pages, note=f"{new} new pairs")
    return ExtractReport(
        pages=pages,
        new_pairs=new,
        known_pairs=known,
        without_pairs=without,
        damaged=tuple(damaged),
        seconds=time.monotonic() - started,
    )


def extract_files(paths: Sequence[Path], url: str = "") -> Iterator[dict[str, Any]]:
    """One row for each saved page, as `tamiz extract --jsonl` prints it; a file that cannot be read has its reason.

    `url` is the address of a single file: InputError when it is given with more.
    """
    need_readers()
    if url and len(paths) > 1:
        raise InputError(f"--url is the address of one file, but {len(paths)} were given; leave it out or give one")
    for path in paths:
        yield _read_file(Path(path), url)


def _read_file(path: Path, url: str) -> dict[str, Any]:
    from crawlers.pages import Reading, decode

    trouble = ""
    try:
        body = page_bytes(path)
    except OSError as error:
        trouble, body = f"cannot be read: {(error.strerror or str(error)).lower()}", b""
    except InputError as error:
        trouble, body = str(error), b""
    reading = Reading(kind="none", reason=trouble) if trouble else read_safely(decode(body), url)
    pairs = [asdict(pair) | {"licence": reading.licence} for pair in reading.pairs]
    return {"file": path.name, "kind": reading.kind, "reason": reading.reason, "pairs": pairs}


def read_safely(html: str, url: str) -> Reading:
    """The reading of a page; one that a reader trips over or that takes too long has that as its reason."""
    from crawlers.pages import Reading
    from crawlers.timelimit import read_in_time

    try:
        return read_in_time(html, url)
    except READER_FAULTS as fault:
        return Reading(kind="none", reason=f"could not be read: {type(fault).__name__}")


def page_bytes(path: Path) -> bytes:
    """The bytes of a page; InputError with the reason when they cannot be one."""
    if path.is_dir():
        raise InputError("a folder; give the files in it")
    if path.stat().st_size > LARGEST_FILE:
        raise InputError("too large")
    body = path.read_bytes()
    if not body.strip():
        raise InputError("empty file")
    text_marks = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")
    if b"\x00" in body[:4096] and not body.startswith(text_marks):
        raise InputError("a binary file, not HTML")
    return body


def need_readers() -> None:
    import importlib.util

    for library in ("lxml", "w3lib", "extruct"):
        if importlib.util.find_spec(library) is None:
            raise MissingExtra("tamiz extract", "crawl", library)
