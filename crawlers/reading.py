"""Reading a fetched page with a spider, away from Scrapy's engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml.etree import LxmlError  # type: ignore[import-untyped]
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse

from crawlers.answers import Answer, Read
from crawlers.extract import READER_FAULTS as FAULTS
from crawlers.pages import Reading
from crawlers.spiders.auto import SPIDERS
from crawlers.spiders.site import SiteSpider
from tamiz.settings import SourceSettings

__all__ = ["READER_FAULTS", "PageReader"]

READER_FAULTS = (*FAULTS, LxmlError, IgnoreRequest)


class PageReader:
    """Gives pages to spiders that need nothing but the page; `crawl` takes what they say beside it."""

    def __init__(self, source: SourceSettings, tell: Callable[[str], None], crawl: Any) -> None:
        self._source = source
        self._tell = tell
        self._crawl = crawl
        self._spiders: dict[str, SiteSpider] = {}

    def read(self, answer: Answer, spider: str) -> Read | None:
        """What a spider makes of a page; None when it says nothing of it."""
        headers: dict[str, list[str]] = {}
        for name, value in answer.headers:
            headers.setdefault(name, []).append(value)
        response = HtmlResponse(
            answer.final_url,
            status=answer.status,
            headers=headers,
            body=answer.body,
            request=Request(answer.address.url, meta={"address": answer.address}),
        )
        reading: Reading | None = None
        links: list[tuple[str, bool]] = []
        reader = self._spider(spider)
        for output in reader.parse(response):
            if isinstance(output, Request):
                links.append((output.url, bool(output.meta.get("same_level"))))
            else:
                reading = output.reading
        return Read(reading=reading, links=links, left_out=reader.take_left_out()) if reading else None

    def _spider(self, name: str) -> SiteSpider:
        if name not in self._spiders:
            self._spiders[name] = SPIDERS[name](source=self._source, tell=self._tell, crawl=self._crawl)
        return self._spiders[name]
