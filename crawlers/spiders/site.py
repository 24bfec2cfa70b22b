"""What the spiders share: read the page, then follow its links inside the source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self
from urllib.parse import urljoin, urlsplit

from parsel import Selector
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached

from crawlers.addresses import REMEMBERED, Scope, canonical_address, linked_address, next_page
from crawlers.htmlonly import READ as HTML_TYPES
from crawlers.pages import Reading, decode
from crawlers.robots import robots_wishes
from crawlers.sources import start_address
from crawlers.timelimit import read_in_time
from tamiz.settings import SourceSettings

__all__ = ["DOWNLOAD_ERRORS", "FOLLOWED", "HTML_TYPES", "PageRead", "SiteSpider", "header", "join"]

MOST_REFUSED = 200
FOLLOWED = "@href and not(contains(concat(' ', @rel, ' '), ' nofollow '))"  # of the links of a page, as XPath
# What a request of a spider's own can end with; those of the frontier are the scheduler's.
DOWNLOAD_ERRORS = (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    OSError,
)
TOO_COMPLEX = "too complex"  # read_page's reason for a page built to choke a parser


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead:
    """The item of a page: where it is and what was read from it; `body` where it was put together of several."""

    url: str
    reading: Reading
    body: bytes | None = None


class SiteSpider(Spider):
    """Reads every page of a source. Subclasses say which links are worth following, and in which order.

    `media_types` are those whose bodies are downloaded. `tell` takes a sentence for whoever started the
    crawl. `refused` has why links were not followed, by address, up to a number that a person would read;
    `left_out` counts them all, by reason; `rules` are what robots.txt says, by host and port.
    """

    media_types: ClassVar[tuple[str, ...]] = HTML_TYPES

    def __init__(
        self,
        url: str = "",
        source: SourceSettings | None = None,
        tell: Callable[[str], None] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.source = source or SourceSettings(name="page", url=url)
        self.scope = Scope.of(self.source)
        self.start_urls = [start_address(self.source)]
        self.tell: Callable[[str], None] = tell or self.logger.info
        self.refused: dict[str, str] = {}
        self._judged: dict[str, bool] = {}  # the same links stand on page after page
        self.left_out: Counter[str] = Counter()
        self.rules: dict[str, RobotParser] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.robots_parsed, signal=signals.robots_parsed)
        return spider

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        self.rules[urlparse_cached(request).netloc] = robotparser

    def parse(self, response: Response, **_: Any) -> Iterator[PageRead | Request]:
        html = decode(response.body, header(response, "Content-Type"))
        reading = read_in_time(html, response.url)
        if reading.reason == TOO_COMPLEX:  # a parser could take hours over its links as well
            yield PageRead(url=response.url, reading=reading)
            return
        page = Selector(text=html, type="html")
        wishes = _robots_wishes(response, page)
        if reading.noindex or "noindex" in wishes:
            asked = "the page asks not to be indexed"
            reading = Reading(kind="none", reason=asked, lang=reading.lang, title=reading.title, noindex=True)
        stays = "nofollow" in wishes
        yield PageRead(url=response.url, reading=replace(reading, nofollow=True) if stays else reading)
        if not stays:
            yield from self.follow_links(response, page)

    def follow_links(self, response: Response, page: Selector) -> Iterator[Request]:
        """A request for each address worth following, once, the most promising first."""
        here = canonical_address(response.url)
        base = join(response.url, page.xpath("//base/@href").get(default="")) or response.url
        hrefs = page.xpath(f"//a[{FOLLOWED}]/@href").getall()
        addresses = dict.fromkeys(linked_address(base, href) for href in hrefs)
        wanted = [url for url in addresses if url and self._allowed_before(url)]
        for url in sorted(wanted, key=self.rank):
            yield Request(url, meta={"same_level": next_page(here, url)})

    def _allowed_before(self, url: str) -> bool:
        if url not in self._judged:
            if len(self._judged) >= REMEMBERED:
                self._judged.clear()
            self._judged[url] = self.allowed(url)
        return self._judged[url]

    def allowed(self, url: str) -> bool:
        """Whether an address belongs to the source and is worth a request; if not, why is kept."""
        refusal = self.scope.refusal(url) or ("" if self.worth(url) else "leads to no questions")
        if refusal:
            self.refuse(url, refusal)
        return not refusal

    def refuse(self, url: str, reason: str) -> None:
        self.left_out[reason] += 1
        if len(self.refused) < MOST_REFUSED:
            self.refused.setdefault(url, reason)

    def take_left_out(self) -> Counter[str]:
        """How many links were not followed since this was last asked, by reason; each link counts once."""
        taken = Counter(self.left_out)
        self.left_out.clear()
        return taken

    def pause(self, reason: str) -> None:
        """Leave what waits for another run, where there is a crawl that can."""
        crawl = getattr(self, "crawl", None)
        if crawl is not None:
            crawl.pause(reason)

    def fail(self, response: Response, reason: str) -> None:
        """Say why an answer was not read that Scrapy would have let through."""
        crawl = getattr(self, "crawl", None)
        if crawl is not None:
            crawl.fail(response.meta["address"].url, "failed", reason)

    def reads_apart(self) -> str:
        """The name of a spider that reads this one's pages and needs nothing but the page; "" if none does."""
        return self.name if type(self).parse is SiteSpider.parse else ""

    def worth(self, url: str) -> bool:
        """Whether a page of the source can have pairs or lead to some."""
        return True

    def rank(self, url: str) -> int:
        """Lower comes first among the links of a page."""
        return 0


def join(base: str, href: str) -> str:
    """The address that `href` means on a page at `base`; "" for none, such as http://[not-an-ip/ or port 99999."""
    try:
        joined = urljoin(base, href.strip())
        _ = urlsplit(joined).port
    except ValueError:
        return ""
    return joined


def header(response: Response, name: str) -> str:
    return (response.headers.get(name) or b"").decode("latin-1")


def _robots_wishes(response: Response, page: Selector) -> frozenset[str]:
    """What the page asks of robots, in its headers and its meta tags."""
    name = "normalize-space(translate(@name, 'ROBTSAMIZ', 'robtsamiz'))"
    metas = page.xpath(f"//meta[{name}='robots' or {name}='tamiz']/@content").getall()
    return robots_wishes((tag.decode("latin-1") for tag in response.headers.getlist("X-Robots-Tag")), metas)
