"""What the spiders share: read the page, then follow its links inside the source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from parsel import Selector
from scrapy import Request, Spider
from scrapy.http import Response

from crawlers.addresses import Scope, canonical_address, next_page
from crawlers.pages import Reading, decode, read_page
from crawlers.robots import robots_wishes
from tamiz.settings import SourceSettings

__all__ = ["PageRead", "SiteSpider"]

TOO_COMPLEX = "too complex"  # read_page's reason for a page built to choke a parser


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead:
    """The item of a page: where it is and what was read from it."""

    url: str
    reading: Reading


class SiteSpider(Spider):
    """Reads every page of a source. Subclasses say which links are worth following, and in which order."""

    def __init__(self, url: str = "", source: SourceSettings | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        given = source or SourceSettings(name="page", url=url)
        self.scope = Scope.of(given)
        self.start_urls = [canonical_address(given.url)]

    def parse(self, response: Response, **_: Any) -> Iterator[PageRead | Request]:
        html = decode(response.body, _header(response, "Content-Type"))
        reading = read_page(html, response.url)
        if reading.reason == TOO_COMPLEX:  # a parser could take hours over its links as well
            yield PageRead(url=response.url, reading=reading)
            return
        page = Selector(text=html, type="html")
        wishes = _robots_wishes(response, page)
        if reading.noindex or "noindex" in wishes:
            asked = "the page asks not to be indexed"
            reading = Reading(kind="none", reason=asked, lang=reading.lang, title=reading.title, noindex=True)
        yield PageRead(url=response.url, reading=reading)
        if "nofollow" not in wishes:
            yield from self.follow_links(response, page)

    def follow_links(self, response: Response, page: Selector) -> Iterator[Request]:
        """A request for each address worth following, once, the most promising first."""
        here = canonical_address(response.url)
        base = urljoin(response.url, page.xpath("//base/@href").get(default=""))
        hrefs = page.xpath("//a[@href][not(contains(concat(' ', @rel, ' '), ' nofollow '))]/@href").getall()
        addresses = dict.fromkeys(canonical_address(_join(base, href)) for href in hrefs)
        wanted = [url for url in addresses if url and not self.scope.refusal(url) and self.worth(url)]
        for url in sorted(wanted, key=self.rank):
            yield Request(url, meta={"same_level": next_page(here, url)})

    def worth(self, url: str) -> bool:
        """Whether a page of the source can have pairs or lead to some."""
        return True

    def rank(self, url: str) -> int:
        """Lower comes first among the links of a page."""
        return 0


def _join(base: str, href: str) -> str:
    try:
        return urljoin(base, href.strip())
    except ValueError:  # such as http://[not-an-ip/
        return ""


def _header(response: Response, name: str) -> str:
    return (response.headers.get(name) or b"").decode("latin-1")


def _robots_wishes(response: Response, page: Selector) -> frozenset[str]:
    """What the page asks of robots, in its headers and its meta tags."""
    name = "normalize-space(translate(@name, 'ROBTSAMIZ', 'robtsamiz'))"
    metas = page.xpath(f"//meta[{name}='robots' or {name}='tamiz']/@content").getall()
    return robots_wishes((tag.decode("latin-1") for tag in response.headers.getlist("X-Robots-Tag")), metas)
