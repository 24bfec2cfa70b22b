"""robots.txt by RFC 9309: an answer that cannot be had forbids, a file that is not there allows."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError, IgnoreRequest, StopDownload
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler
from twisted.internet.defer import Deferred

__all__ = ["TOO_SLOW", "RobotsMiddleware", "robots_wishes"]

FORBID_ALL = b"User-agent: *\nDisallow: /"
MAX_BYTES = 500 * 1024  # RFC 9309, section 2.5: what must be read at least; what follows is not
LONGEST_CRAWL_DELAY = 300.0  # seconds, Heritrix's limit as well; a site that asks for more is left alone
TOO_SLOW = "robots.txt asks for"  # how many seconds follows
SECONDS_KEPT = 24 * 3600.0  # section 2.4: no copy is used for longer

_AGENT = re.compile(r"\s*([a-z0-9_*-]+)\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)
# Rules of X-Robots-Tag that have a value of their own, so that their colon ends no agent's name.
_WITH_VALUE = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})


def robots_wishes(headers: Iterable[str], metas: Iterable[str], agent: str = "tamiz") -> frozenset[str]:
    """What a page asks of this robot, from its X-Robots-Tag headers and robots meta tags.

    A header may begin with a robot's name, and speaks to that robot until the next name.

    >>> sorted(robots_wishes(["otherbot: noindex, nofollow", "tamiz: nofollow"], ["NoArchive"]))
    ['noarchive', 'nofollow']
    """
    wishes: set[str] = set()
    for header in headers:
        ours = True
        for part in header.split(","):
            named = _AGENT.fullmatch(part)
            rule = part
            if named and named[1].lower() not in _WITH_VALUE:
                ours, rule = named[1].lower() in (agent, "*"), named[2]
            if ours:
                wishes.add(rule.strip().lower())
    for meta in metas:
        wishes |= {word.strip().lower() for word in meta.split(",")}
    if "none" in wishes:
        wishes |= {"noindex", "nofollow"}
    return frozenset(wishes - {""})


class RobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's middleware, which reads error pages as rules and keeps them for ever, made to follow RFC 9309.

    `said` has for each host what its robots.txt was worth, for the page's record; `trouble` has the
    error of a robots.txt that could not be fetched.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.said: dict[str, str] = {}
        self.trouble: dict[str, Exception] = {}
        self._read_at: dict[str, float] = {}
        self._before: dict[str, tuple[RobotParser, str]] = {}
        self._bytes = 0  # of the robots.txt on its way: there is one request at a time
        self._redirected = False
        self._max_page = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        crawler.signals.connect(self._request_reached, signal=signals.request_reached_downloader)
        crawler.signals.connect(self._bytes_received, signal=signals.bytes_received)

    async def robot_parser(self, request: Request) -> RobotParser | None:
        netloc = urlparse_cached(request).netloc
        read_at = self._read_at.get(netloc)
        parser = self._parsers.get(netloc)
        if read_at is not None and time.monotonic() - read_at > SECONDS_KEPT and not isinstance(parser, Deferred):
            del self._parsers[netloc], self._read_at[netloc]
            if parser is not None:
                self._before[netloc] = (parser, self.said[netloc])
        return await super().robot_parser(request)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        super().process_request_2(rp, request)
        delay = (rp.crawl_delay(self.crawler.settings["ROBOTSTXT_USER_AGENT"]) if rp else None) or 0.0
        if delay > LONGEST_CRAWL_DELAY:
            raise IgnoreRequest(f"{TOO_SLOW} {delay:.0f} seconds between requests")

    def _request_reached(self, request: Request) -> None:
        if request.meta.get("dont_obey_robotstxt"):
            self._bytes = 0
            self._redirected = "redirect_urls" in request.meta
            request.meta["download_maxsize"] = 1 << 40  # a longer file is cut, not given up

    def _bytes_received(self, data: bytes, request: Request) -> None:
        if not request.meta.get("dont_obey_robotstxt"):
            return
        request.meta["download_maxsize"] = self._max_page  # for what it becomes when it is decompressed
        before, self._bytes = self._bytes, self._bytes + len(data)
        if before <= MAX_BYTES < self._bytes:
            raise StopDownload(fail=False)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        self._read_at[netloc] = time.monotonic()
        self.trouble.pop(netloc, None)
        status = response.status
        if status >= 500 or status == 429:
            if self._keep_rules(netloc):
                return
            self.said[netloc] = f"robots.txt answered {status}"
            response = response.replace(body=FORBID_ALL)
        elif status >= 300:
            self.said[netloc] = f"no robots.txt ({status})"
            response = response.replace(body=b"")
        else:
            self.said[netloc] = "allowed by robots.txt"
            response = response.replace(body=_readable(response.body))
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if self._keep_rules(netloc):
            return
        if isinstance(exc, (CannotResolveHostError, DownloadConnectionRefusedError)):
            if not self._redirected:
                super()._robots_error(exc, netloc)  # the page will meet the same, and say so
                return
            self.said[netloc] = "robots.txt leads nowhere"
        else:
            self.said[netloc] = "robots.txt could not be read"
            self.trouble[netloc] = exc
        self._read_at[netloc] = time.monotonic()
        parser = build_from_crawler(self._parserimpl, self.crawler, FORBID_ALL)
        self._answer(netloc, parser)

    def _keep_rules(self, netloc: str) -> bool:
        """Go on with the rules there were, when they cannot be had anew."""
        parser, said = self._before.pop(netloc, (None, ""))
        if parser is None:
            return False
        self.said[netloc] = said
        self._read_at[netloc] = time.monotonic()
        self._answer(netloc, parser)
        return True

    def _answer(self, netloc: str, parser: RobotParser) -> None:
        waiting = self._parsers[netloc]
        self._parsers[netloc] = parser
        if isinstance(waiting, Deferred):
            waiting.callback(parser)


def _readable(body: bytes) -> bytes:
    """The first lines of a robots.txt, whole, up to the limit."""
    if len(body) <= MAX_BYTES:
        return body
    return body[: max(body.rfind(b"\n", 0, MAX_BYTES), 0)]
