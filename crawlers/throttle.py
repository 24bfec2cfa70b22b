"""The pace of a crawl: Scrapy's AutoThrottle, never faster than robots.txt and the server ask for."""

from __future__ import annotations

import time
from collections import Counter
from email.utils import parsedate_to_datetime
from typing import Any

from scrapy import Request, signals
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached

from crawlers.answers import status_words

__all__ = [
    "LONGEST_RETRY_AFTER",
    "PoliteThrottle",
    "asked_to_wait",
    "retry_after_seconds",
    "too_busy",
]

SLOW_DOWN = (429, 503)
LONGEST_RETRY_AFTER = 900.0  # seconds; a site that asks for more is left for another run
BUSY_RETRIES = 4  # of an address that is answered with Retry-After or 429
LEAST_BACKOFF = 0.5  # seconds, doubled for each answer in a row that says no time
SLOWEST_AFTER_429 = 60.0


def retry_after_seconds(value: str, now: float) -> float:
    """How long a Retry-After header asks to wait, from seconds or a date; 0 if it does not say.

    >>> retry_after_seconds("120", now=0.0)
    120.0
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return 0.0


def asked_to_wait(response: Response) -> float:
    """The seconds for which a busy server's answer asks; a date is counted from the server's own clock."""
    if response.status not in SLOW_DOWN:
        return 0.0
    asked, date = (_header(response, name) for name in ("Retry-After", "Date"))
    return retry_after_seconds(asked, retry_after_seconds(date, 0.0) or time.time())


def too_busy(response: Response) -> str:
    """What a busy server asks, in words; "" for any other answer."""
    seconds = asked_to_wait(response)
    if response.status != 429 and not seconds:
        return ""
    asked = f", asks to wait {_duration(seconds)}" if seconds else ""
    return f"{status_words(response.status)}{asked}"


def _duration(seconds: float) -> str:
    """A time as people say it.

    >>> _duration(7200)
    '2 hours'
    """
    units = ((86400, "days"), (3600, "hours"), (60, "minutes"))
    size, unit = next(((size, unit) for size, unit in units if seconds >= 2 * size), (1, "seconds"))
    return f"{min(seconds / size, 9999):.0f} {unit}"


def _header(response: Response, name: str) -> str:
    return (response.headers.get(name) or b"").decode("latin-1")


class PoliteThrottle(AutoThrottle):
    """AutoThrottle that also applies Crawl-delay, which Scrapy parses and ignores, and Retry-After."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._floors: dict[str, float] = {}  # the least delay by host, from robots.txt and 429 answers
        self._busy: Counter[str] = Counter()  # busy answers in a row, by host
        crawler.signals.connect(self._robots_parsed, signal=signals.robots_parsed)

    def _robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        host = urlparse_cached(request).hostname or ""
        asked = robotparser.crawl_delay(self._agent) or 0.0
        self._floors[host] = max(self._floors.get(host, 0.0), asked)
        slot = self.crawler.engine.downloader.slots.get(host)
        if slot is not None:
            slot.delay = max(slot.delay, self._floors[host])

    def _response_downloaded(self, response: Response, request: Request, spider: Any) -> None:
        super()._response_downloaded(response, request, spider)
        key = request.meta.get("download_slot", "")
        slot = self.crawler.engine.downloader.slots.get(key)
        if slot is None:
            return
        if response.status not in SLOW_DOWN:
            if self._busy.pop(key, 0):
                self._tell("pace", slot.delay)
            return
        self._busy[key] += 1
        self._slow_down(slot, key, response, request)

    def _slow_down(self, slot: Slot, host: str, response: Response, request: Request) -> None:
        """Let nothing out to this host for as long as it asks, or for longer with each busy answer."""
        asked, ours = asked_to_wait(response), "address" in request.meta
        if asked > LONGEST_RETRY_AFTER:
            request.meta["dont_retry"] = True
        last = request.meta.get("dont_retry") or request.meta.get("retry_times", 0) >= BUSY_RETRIES
        if ours and last and (reason := too_busy(response)):
            self._tell("pause", reason)  # at once, before the next request is on its way
            return
        if response.status == 429:
            slower = min(max(slot.delay, LEAST_BACKOFF) * 2, SLOWEST_AFTER_429)
            self._floors[host] = max(self._floors.get(host, 0.0), slower)
            slot.delay = max(slot.delay, self._floors[host])
        if (asked or response.status == 429) and not request.meta.get("dont_obey_robotstxt"):
            request.meta["max_retry_times"] = BUSY_RETRIES
        times = 2 if response.status == 429 else 2 ** self._busy[host]  # the delay itself has grown after a 429
        pause = asked or min(max(slot.delay, LEAST_BACKOFF) * times, LONGEST_RETRY_AFTER)
        slot.delay = max(slot.delay, 0.001)  # a slot without a delay looks at no clock
        slot.lastseen = max(slot.lastseen, time.monotonic() + pause - slot.delay)
        self._tell("pace", pause)

    def _tell(self, what: str, value: object) -> None:
        """Let the source's crawl know, where there is one, and through it other processes that crawl this host."""
        crawl = getattr(self.crawler.spider, "crawl", None)
        if crawl is not None:
            getattr(crawl, what)(value)

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        super()._adjust_delay(slot, latency, response)
        host = urlparse_cached(response).hostname or ""
        slot.delay = max(slot.delay, self._floors.get(host, 0.0))
