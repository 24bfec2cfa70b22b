"""Bodies that are not HTML, nor of another type that the spider names, are not downloaded: the headers decide."""

from __future__ import annotations

from typing import Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Headers

__all__ = ["HtmlOnly", "media_type"]

READ = ("text/html", "application/xhtml+xml", "")  # "" is a server that does not say


def media_type(content_type: str) -> str:
    """The type without its parameters.

    >>> media_type("Text/HTML; charset=utf-8")
    'text/html'
    """
    return content_type.partition(";")[0].strip().lower()


class HtmlOnly:
    """Stops a page's download after its headers when it is of no wanted type; robots.txt and redirects pass."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls()
        crawler.signals.connect(extension.headers_received, signal=signals.headers_received)
        return extension

    def headers_received(self, headers: Headers, request: Request, spider: Spider) -> None:
        if request.meta.get("dont_obey_robotstxt") or headers.get("Location"):
            return
        declared = headers.get("Content-Type") or b""
        if media_type(declared.decode("latin-1")) not in getattr(spider, "media_types", READ):
            raise StopDownload(fail=False)  # an error page is still counted and retried by its status
