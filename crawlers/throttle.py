"""The pace of a crawl: Scrapy's AutoThrottle, never faster than robots.txt and the server ask for."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any

from scrapy import Request, signals
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached

__all__ = ["PoliteThrottle", "retry_after_seconds"]

SLOW_DOWN = (429, 503)
LONGEST_RETRY_AFTER = 900.0  # seconds; a page that wants more is left for another crawl


def retry_after_seconds(value: str, now: float) -> float:
    """How long a Retry-After header asks to wait, from seconds or a date; 0 if it does not say.

    >>> retry_after_seconds("120", now=0.0)
    120.0
    """
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return 0.0


class PoliteThrottle(AutoThrottle):
    """AutoThrottle that also applies Crawl-delay, which Scrapy parses and ignores, and Retry-After."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._floors: dict[str, float] = {}
        crawler.signals.connect(self._robots_parsed, signal=signals.robots_parsed)

    def _robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        host = urlparse_cached(request).hostname or ""
        self._floors[host] = max(self._floors.get(host, 0.0), robotparser.crawl_delay(self._agent) or 0.0)
        slot = self.crawler.engine.downloader.slots.get(host)
        if slot is not None:
            slot.delay = max(slot.delay, self._floors[host])

    def _response_downloaded(self, response: Response, request: Request, spider: Any) -> None:
        super()._response_downloaded(response, request, spider)
        slot = self.crawler.engine.downloader.slots.get(request.meta.get("download_slot", ""))
        if slot is not None and response.status in SLOW_DOWN:
            header = response.headers.get("Retry-After") or b""
            asked = retry_after_seconds(header.decode("latin-1"), time.time())
            slot.delay = max(slot.delay, min(asked, LONGEST_RETRY_AFTER))

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        super()._adjust_delay(slot, latency, response)
        host = urlparse_cached(response).hostname or ""
        slot.delay = max(slot.delay, self._floors.get(host, 0.0))
