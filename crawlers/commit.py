"""Everything a spider yields for one page is handed over together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Self, cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached

from crawlers.bans import blocked_by
from crawlers.htmlonly import media_type
from crawlers.robots import RobotsMiddleware
from crawlers.sourcecrawl import BLOCKED, Answer, SourceCrawl
from crawlers.spiders.site import PageRead, SiteSpider

__all__ = ["CommitMiddleware", "answer_of"]

_NO_ITEMS: tuple[Any, ...] = ()


class CommitMiddleware:
    """Takes a page's item and requests, and hands them to the source's crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def _crawl(self) -> SourceCrawl:
        return cast("SourceCrawl", self._crawler.spider.crawl)  # type: ignore[union-attr]

    def process_spider_input(self, response: Response) -> None:
        headers = {str(name): str(value) for name, value in response.headers.to_unicode_dict().items()}
        if guard := blocked_by(response.status, headers, response.body):
            raise IgnoreRequest(f"{BLOCKED} by {guard} ({response.status})")
        if "download_stopped" in response.flags and response.status < 300:
            declared = (response.headers.get("Content-Type") or b"").decode("latin-1")
            raise IgnoreRequest(f"not HTML: {media_type(declared)}")

    async def process_spider_output(
        self, response: Response, result: AsyncIterator[PageRead | Request]
    ) -> AsyncIterator[Any]:
        read: PageRead | None = None
        links: list[tuple[str, bool]] = []
        async for output in result:
            if isinstance(output, Request):
                links.append((output.url, bool(output.meta.get("same_level"))))
            else:
                read = output
        if not response.meta.get("handed_over"):
            body, reading = (read.body, read.reading) if read is not None else (None, None)
            spider = cast("SiteSpider", self._crawler.spider)
            self._crawl.keep(answer_of(response, self._crawler, body), reading, links, spider.take_left_out())
        for item in _NO_ITEMS:  # an asynchronous generator, as Scrapy wants it, of nothing
            yield item

    def process_spider_exception(self, response: Response, exception: Exception) -> list[Any] | None:
        """A page that a reader trips over is counted, and the crawl goes on."""
        if isinstance(exception, IgnoreRequest):
            return None
        self._crawl.fail(response.meta["address"].url, "failed", f"could not be read: {type(exception).__name__}")
        return []


def answer_of(response: Response, crawler: Crawler, joined: bytes | None = None) -> Answer:
    """What a server answered, without Scrapy; `joined` is the body where it was put together of several."""
    robots = crawler.get_downloader_middleware(RobotsMiddleware)
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    )
    return Answer(
        address=response.meta["address"],
        final_url=response.url,
        status=response.status,
        headers=headers,
        content_type=(response.headers.get("Content-Type") or b"").decode("latin-1"),
        body=response.body if joined is None else joined,
        robots=robots.said.get(urlparse_cached(response).netloc, "") if robots else "",
    )
