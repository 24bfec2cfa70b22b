"""What a crawl of one source has to know, in light modules only: a process is started with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tamiz.settings import CrawlSettings, SourceSettings

__all__ = ["Plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The source, where things are, and when to stop.

    `archive` begins the names of the archives of this run, `worker` is who leases addresses; `ended` are
    workers that left something unfinished. `max_pages` counts across runs until the source is started over,
    `limit` counts this run; 0 is no limit.
    """

    source: SourceSettings
    crawl: CrawlSettings
    pages: Path
    languages: tuple[str, ...]
    archive: str
    max_pages: int
    limit: int = 0
    worker: str = ""
    ended: tuple[str, ...] = ()

    @property
    def agent(self) -> str:
        """Who asks, as servers are told."""
        from crawlers.settings import user_agent

        return user_agent(self.crawl.contact)
