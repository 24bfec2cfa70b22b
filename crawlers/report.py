"""What a crawl did, for people and for scripts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tamiz.frontier import Frontier
from tamiz.settings import SourceSettings
from tamiz.store import Store

__all__ = ["CrawlReport", "Heard", "make_report"]

NUMBERS = (
    *("pages", "new_pairs", "replacing_pairs", "known_pairs", "changed_pairs", "gone_pairs"),
    *("unchanged", "changed", "gone", "repeated", "nofollow", "megabytes"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlReport:
    """What a crawl did. The counters give addresses or pages by reason.

    Of the `pages`, those that were fetched in an earlier crawl are `unchanged` or `changed`; `gone` ones are
    not there any more, `repeated` addresses lead to a page that is kept under another. `nofollow` pages ask
    for their links not to be followed, and are obeyed; `left_out` links lead out of the source. Of the pairs
    of earlier crawls, `changed_pairs` have another text now and `gone_pairs` none; each has a finding.
    `new_pairs` are all that the store had not; `replacing_pairs` are those of them that a changed one became.
    `waiting` addresses are left for the next run; `limits` are sentences about the settings that ended it;
    `unreachable` are sentences about sources whose site could not be reached; `said` are sentences about what
    was recognised and chosen; `stopped` says that the user ended the run.
    """

    sources: tuple[str, ...] = ()
    pages: int = 0
    new_pairs: int = 0
    replacing_pairs: int = 0
    known_pairs: int = 0
    changed_pairs: int = 0
    gone_pairs: int = 0
    new_pages: int = 0
    unchanged: int = 0
    changed: int = 0
    gone: int = 0
    repeated: int = 0
    nofollow: int = 0
    megabytes: float = 0.0
    without_pairs: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    seconds: float = 0.0
    limits: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    stopped: bool = False


@dataclass(slots=True, kw_only=True)
class Heard:
    """What a worker has said so far."""

    counts: dict[str, Any] = field(default_factory=dict)
    unreachable: str = ""
    limit: str = ""
    said: list[str] = field(default_factory=list)
    ahead: dict[str, Any] = field(default_factory=dict)
    finished: bool = False
    stopped: bool = False


def make_report(store: Store, results: list[tuple[SourceSettings, Heard]], seconds: float) -> CrawlReport:
    def total(name: str) -> Any:
        return sum(heard.counts.get(name, 0) for _, heard in results)

    def reasons(name: str) -> Counter[str]:
        return sum((Counter(heard.counts.get(name, {})) for _, heard in results), Counter())

    return CrawlReport(
        sources=tuple(source.name for source, _ in results),
        **{name: total(name) for name in NUMBERS},
        new_pages=total("pages") - total("unchanged") - total("changed"),
        without_pairs=reasons("without_pairs"),
        refused=reasons("refused"),
        failed=reasons("failed"),
        left_out=reasons("left_out"),
        waiting=sum(Frontier(store, source.name).counts().get("waiting", 0) for source, _ in results),
        seconds=seconds,
        limits=tuple(_limit(store, source, heard) for source, heard in results if heard.limit),
        unreachable=tuple(_unreachable(source, heard.unreachable) for source, heard in results if heard.unreachable),
        said=tuple(sentence for _, heard in results for sentence in heard.said),
        stopped=any(heard.stopped for _, heard in results),
    )


def _limit(store: Store, source: SourceSettings, heard: Heard) -> str:
    """Which limit ended a source, and the way on."""
    waiting = Frontier(store, source.name).counts().get("waiting", 0)
    if not waiting:
        return f"{source.name}: {heard.limit} was reached with the last page"
    on = "run tamiz crawl again to go on"
    if heard.limit in ("max_pages", "max_mb"):
        where = "its [[sources]]" if heard.limit == "max_pages" and source.max_pages else "[crawl]"
        on = f"raise {heard.limit} under {where} of tamiz.toml and run tamiz crawl again to go on"
    return f"{source.name} stopped at {heard.limit} with {waiting:,} addresses waiting; {on}"


def _unreachable(source: SourceSettings, reason: str) -> str:
    from crawlers.sourcecrawl import UNREACHABLE

    host = urlsplit(source.url).netloc
    if reason not in UNREACHABLE:
        later = "What waits is kept; to go on later, run: tamiz crawl"
        return f"{host} (source {source.name}) was left for now: {reason}. {later}"
    advice = {
        "private address": _private_advice(source) if reason == "private address" else "",
        "unknown host": "Check the address and your network, then run: tamiz crawl",
        "certificate": "Its certificate is not valid; check the address, or ask the site's owner.",
    }
    general = "Check that the site is up and the address right, then run: tamiz crawl"
    return f"{host} (source {source.name}) cannot be reached: {reason}. {advice.get(reason, general)}"


def _private_advice(source: SourceSettings) -> str:
    from crawlers.resolver import is_metadata

    if source.allow_private or is_metadata(urlsplit(source.url).hostname or ""):
        return "Link-local addresses and those where clouds keep keys are never fetched, whatever is set."
    return (
        "If it is your own machine or network, set allow_private = true for it in tamiz.toml, "
        "or add --allow-private where its URL is given on the command line."
    )
