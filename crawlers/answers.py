"""What passes between the process that fetches and the one that reads and commits."""

from __future__ import annotations

import os
import signal
import socket
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from http import HTTPStatus
from pathlib import Path
from typing import Any

from crawlers.archive import ArchivedPage
from crawlers.pages import Reading
from tamiz.frontier import Address

__all__ = [
    "BLOCKED",
    "KILLED",
    "UNREACHABLE",
    "Answer",
    "Counts",
    "Read",
    "ended_workers",
    "recovered_answer",
    "status_words",
    "was_killed",
    "worker_name",
]

UNREACHABLE = ("unknown host", "connection refused", "connection lost", "timeout", "private address", "certificate")
BLOCKED = "robots are kept out"  # by whom follows
KILLED = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGHUP, -signal.SIGINT)  # exit codes that are no fault of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered to the request for an address of the frontier.

    `archive` and `offset` say where its bytes lie already; "" where they are not kept yet.
    """

    address: Address
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    content_type: str
    body: bytes
    robots: str
    archive: str = ""
    offset: int = 0

    def header(self, name: str) -> str:
        """The value of a header, or ""."""
        return next((value for known, value in self.headers if known.lower() == name.lower()), "")


def recovered_answer(page: ArchivedPage, address: Address, archive: str) -> Answer:
    """The answer that an ended worker had archived and not committed."""
    return Answer(
        address=address,
        final_url=page.url,
        status=page.status,
        headers=page.headers,
        content_type=page.content_type,
        body=page.body,
        robots=page.robots,
        archive=archive,
        offset=page.offset,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a spider made of a page; `links` are (address, same level), `left_out` counts others by reason."""

    reading: Reading
    links: Sequence[tuple[str, bool]]
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True, kw_only=True)
class Counts:
    """What a run has done so far.

    `pages` were fetched: of those fetched before `unchanged` and `changed` ones. `gone` pages are there no more.
    `nofollow` pages asked for their links not to be followed, which was done. `left_out` links were not taken.
    """

    pages: int = 0
    new_pairs: int = 0
    replacing_pairs: int = 0
    known_pairs: int = 0
    changed_pairs: int = 0
    gone_pairs: int = 0
    unchanged: int = 0
    changed: int = 0
    gone: int = 0
    repeated: int = 0
    nofollow: int = 0
    megabytes: float = 0.0
    waiting: int = 0
    without_pairs: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        values = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: dict(value) if isinstance(value, Counter) else value for name, value in values}


def status_words(status: int) -> str:
    """An HTTP status with its name, where it has one.

    >>> status_words(429), status_words(599)
    ('429 Too Many Requests', '599')
    """
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def was_killed(source: str, code: int) -> str:
    """The sentence for a crawl one of whose processes ended with such a code.

    >>> was_killed("faq", -15)
    'the crawl of faq was killed (SIGTERM). What was fetched is kept; to go on, run the same command again.'
    """
    why = ", as when memory runs out" if -code == signal.SIGKILL else ""
    name = signal.Signals(-code).name
    return (
        f"the crawl of {source} was killed ({name}{why}). What was fetched is kept; "
        "to go on, run the same command again."
    )


def worker_name() -> str:
    """This process, by host, number and start, so that another one can tell whether it has ended."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def ended_workers(workers: Sequence[str]) -> list[str]:
    """Those of this host whose process is gone."""
    mine = [name.rsplit(":", 2) for name in workers if name.startswith(f"{socket.gethostname()}:")]
    return [":".join(parts) for parts in mine if _started(int(parts[1])) != parts[2]]


def _started(pid: int) -> str:
    """When a process started, in clock ticks since the machine did; "" if there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return "" if Path("/proc/self").exists() else _alive(pid)
    state, *fields = stat.rpartition(")")[2].split()
    return "" if state == "Z" else fields[18]  # proc(5): starttime is field 22, a zombie has ended


def _alive(pid: int) -> str:
    """Where there is no /proc: "alive" or ""."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "alive"
    return "alive"
