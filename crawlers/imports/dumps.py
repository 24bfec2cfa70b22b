"""What the dumps of Stack Exchange and Reddit have in common: threads put together on the disk, and their pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from crawlers.imports.buckets import Buckets
from crawlers.imports.report import Frame
from crawlers.imports.streams import read_lines
from crawlers.pages.found import FoundPair, Reading
from tamiz.progress import progress
from tamiz.records import Pair

__all__ = ["found_pairs", "sort_into_buckets"]

MEGABYTE = 1 << 20


def sort_into_buckets(
    files: Sequence[Path], buckets: Buckets, take: Callable[[Path, int, bytes | None], None]
) -> Buckets:
    """Read every line of the files, showing how far it is in megabytes; `take` puts them into the buckets."""
    total = sum(path.stat().st_size for path in files)
    before = 0
    with progress("sorting the dump (MB)", total=total // MEGABYTE + 1) as job:
        for path in files:
            read_lines(
                path,
                lambda number, line, path=path: take(path, number, line),  # type: ignore[misc]
                lambda at, before=before: job.update((before + at) // MEGABYTE),  # type: ignore[misc]
            )
            before += path.stat().st_size
    return buckets


def found_pairs(reading: Reading, frame: Frame, place: str) -> Iterator[Pair]:
    """The pairs of a thread; its address is the one the reader gave it."""
    for found in reading.pairs:
        yield _pair(found, reading, frame)
    if not reading.pairs:
        frame.tally.refuse(place, reading.reason or "no pair")


def _pair(found: FoundPair, reading: Reading, frame: Frame) -> Pair:
    return Pair(
        question=found.question,
        answer=found.answer,
        answer_markdown=found.answer_markdown,
        context=found.context,
        lang=frame.language(f"{found.question}\n{found.answer}"),
        url=found.url,
        kind="forum",
        group=found.url,
        source=f"file:{frame.file}",
        label=found.label or frame.options.label,
        pattern=f"{found.pattern} dump",
        accepted=found.accepted,
        votes=found.votes,
        confidence=found.confidence,
        reason=found.reason,
        author=found.author,
        written_at=found.written_at,
        licence=reading.licence or frame.options.licence,
    )
