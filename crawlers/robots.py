"""robots.txt by RFC 9309: an answer that cannot be had forbids, a file that is not there allows."""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError
from scrapy.http import Request, Response
from scrapy.utils.misc import build_from_crawler
from twisted.internet.defer import Deferred

__all__ = ["RobotsMiddleware"]

FORBID_ALL = b"User-agent: *\nDisallow: /"


class RobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's middleware, which reads error pages as rules, made to follow RFC 9309, section 2.3.1.

    `said` has for each host what its robots.txt was worth, for the page's record; `trouble` has the
    error of a robots.txt that could not be fetched.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.said: dict[str, str] = {}
        self.trouble: dict[str, Exception] = {}

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        status = response.status
        if status >= 500 or status == 429:
            self.said[netloc] = f"robots.txt answered {status}"
            response = response.replace(body=FORBID_ALL)
        elif status >= 400:
            self.said[netloc] = f"no robots.txt ({status})"
            response = response.replace(body=b"")
        else:
            self.said[netloc] = "allowed by robots.txt"
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if isinstance(exc, (CannotResolveHostError, DownloadConnectionRefusedError)):
            super()._robots_error(exc, netloc)  # the page will meet the same, and say so
            return
        self.said[netloc] = "robots.txt could not be read"
        self.trouble[netloc] = exc
        parser = build_from_crawler(self._parserimpl, self.crawler, FORBID_ALL)
        waiting = self._parsers[netloc]
        self._parsers[netloc] = parser
        if isinstance(waiting, Deferred):
            waiting.callback(parser)
