"""One address is enough: the start page says which platform it is, and that platform's spider does the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawlers.answers import status_words
from crawlers.apis import speaking_api
from crawlers.pages import decode
from crawlers.recognise import recognise
from crawlers.spiders.api import (
    ApiSpider,
    DiscourseSpider,
    HelpCenterSpider,
    RedditSpider,
    StackExchangeSpider,
    json_value,
)
from crawlers.spiders.faq import FaqSpider
from crawlers.spiders.forum import ForumSpider
from crawlers.spiders.site import DOWNLOAD_ERRORS, PageRead, SiteSpider, header
from crawlers.spiders.sitemap import SitemapSpider
from crawlers.timelimit import read_in_time

__all__ = ["SPIDERS", "AutoSpider"]


class AutoSpider(SiteSpider):
    """Hands each page to the spider of its platform, recognised once.

    A run that goes on in the middle recognises it again from the first page or answer it meets, so
    nothing has to be remembered.
    """

    name = "auto"
    media_types: ClassVar[tuple[str, ...]] = ApiSpider.media_types
    handle_httpstatus_list: ClassVar[list[int]] = StackExchangeSpider.handle_httpstatus_list

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._chosen: SiteSpider | None = None

    async def parse(self, response: Response, **_: Any) -> AsyncIterator[PageRead | Request]:  # type: ignore[override]
        speaking = speaking_api(response.url) if json_value(response) is not None else None
        if response.status >= 400 and (speaking is None or speaking.name != "stackexchange"):
            self.fail(response, f"{response.status} Bad Request")
            return
        if self._chosen is None:
            self._chosen = self._spider(speaking.name) if speaking else await self._recognised(response)
        spider = self._chosen
        if isinstance(spider, ApiSpider) and speaking is None:  # a page, where the API has the same and more
            yield PageRead(url=response.url, reading=read_in_time(_text(response), response.url))
            yield Request(_first(spider), meta={"same_level": True})
        elif isinstance(spider, ApiSpider):
            async for output in spider.parse(response):
                yield output
        else:
            for output in spider.parse(response):
                yield output

    def reads_apart(self) -> str:
        return self._chosen.reads_apart() if self._chosen else ""

    async def _recognised(self, response: Response) -> SiteSpider:
        """The spider of the platform that the page was made with; that of its pages where its API gives nothing."""
        headers = {str(name).lower(): value for name, value in response.headers.to_unicode_dict().items()}
        found = recognise(_text(response), response.url, headers)
        spider = self._spider(found.spider)
        trouble = await self._trouble(spider) if isinstance(spider, ApiSpider) else ""
        if not trouble:
            self.tell(found.sentence(response.url))
            return spider
        pages = "faq" if found.spider == "helpcenter" else "forum"
        self.tell(
            f"recognised {found.platform} at {response.url}: its API gives nothing ({trouble}), reading its pages"
        )
        return self._spider(pages)

    async def _trouble(self, spider: ApiSpider) -> str:
        """Why the API cannot be used, or ""."""
        try:
            answer = await self.crawler.engine.download_async(Request(_first(spider)))
        except IgnoreRequest as error:
            return str(error).lower()
        except DOWNLOAD_ERRORS as error:
            return type(error).__name__
        if answer.status != 200:
            return status_words(answer.status)
        return "" if json_value(answer) is not None else "no JSON"

    def _spider(self, name: str) -> SiteSpider:
        spider = SPIDERS[name].from_crawler(
            self.crawler, source=self.source, tell=self.tell, crawl=getattr(self, "crawl", None)
        )
        spider.refused, spider.left_out = self.refused, self.left_out
        return spider


def _first(spider: ApiSpider) -> str:
    return spider.api.first(spider.source.url, spider.source.api)


def _text(response: Response) -> str:
    return decode(response.body, header(response, "Content-Type"))


SPIDERS: dict[str, type[SiteSpider]] = {
    spider.name: spider
    for spider in (
        AutoSpider,
        DiscourseSpider,
        StackExchangeSpider,
        HelpCenterSpider,
        RedditSpider,
        SitemapSpider,
        ForumSpider,
        FaqSpider,
    )
}
