"""The pages that a site's sitemaps list, those that look like support first."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import AsyncIterator
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from scrapy import Request
from scrapy.http import Response

from crawlers.addresses import canonical_address
from crawlers.pages import Reading
from crawlers.sitemaps import looks_like_sitemap, read_sitemap, support_score
from crawlers.spiders.site import DOWNLOAD_ERRORS, HTML_TYPES, PageRead, SiteSpider, header, join

__all__ = ["SitemapSpider"]

MOST_FILES = 100
MOST_LISTED = 200_000
DEEPEST_INDEX = 3
SHOWN = "/:?&=#%;,@+()!~*$'[]"  # of an address that is none; the rest could move a terminal's cursor
UNLIKELY = "does not look like support"
MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)
XML_TYPES = ("application/xml", "text/xml", "application/gzip", "application/x-gzip", "text/plain")


class SitemapSpider(SiteSpider):
    """Reads robots.txt's sitemaps, else /sitemap.xml, or the sitemap that the source names; links are not followed."""

    name = "sitemap"
    media_types: ClassVar[tuple[str, ...]] = (*HTML_TYPES, *XML_TYPES, "application/octet-stream")

    async def parse(self, response: Response, **_: Any) -> AsyncIterator[PageRead | Request]:  # type: ignore[override]
        is_sitemap = looks_like_sitemap(response.url, response.body)
        if is_sitemap:
            yield PageRead(url=response.url, reading=Reading(kind="none", reason="a sitemap"))
        else:
            for output in super().parse(response):
                if isinstance(output, PageRead):
                    yield output
        if response.url in self.start_urls or is_sitemap:
            first = (response.url, response.body) if is_sitemap else None
            for url in self._chosen(await self._listed(response.url, first)):
                yield Request(url)

    async def _listed(self, start: str, first: tuple[str, bytes] | None) -> list[str]:
        """The pages of all sitemaps, as far as the limits go."""
        # "Sitemap:" lines, which Protego reads and Scrapy's interface leaves out
        stated = [url for parser in self.rules.values() for url in getattr(getattr(parser, "rp", None), "sitemaps", ())]
        named = [(join(start, url), 0) for url in stated or ("/sitemap.xml",)]
        waiting = deque([(first[0], 0)] if first else named)
        seen: set[str] = set()
        pages: dict[str, None] = {}
        while waiting and len(seen) < MOST_FILES and len(pages) < MOST_LISTED:
            url, depth = waiting.popleft()
            if url in seen or depth > DEEPEST_INDEX:
                continue
            seen.add(url)
            if not self.scope.same_site(url):
                self.tell(f"{url[:200]} was not read: it is on another site")
                continue
            body = first[1] if first and url == first[0] else await self._body(url)
            sitemap = read_sitemap(body)
            if sitemap.trouble and body:
                self.tell(f"{url} was not read: {sitemap.trouble}")
            pages |= dict.fromkeys(sitemap.pages)
            waiting += [(join(url, further), depth + 1) for further in sitemap.sitemaps]
        if waiting:
            self.tell(f"{len(waiting)} more sitemaps of {start} were left out: {MOST_FILES} files are the limit")
        return list(pages)[:MOST_LISTED]

    async def _body(self, url: str) -> bytes:
        """The bytes of a sitemap; none when it cannot be had, which is said. Redirects stay on the source's site."""
        asked = url
        for _ in range(MOST_REDIRECTS + 1):
            try:
                answer = await self.crawler.engine.download_async(Request(asked, meta={"dont_redirect": True}))
            except DOWNLOAD_ERRORS as error:
                self.tell(f"{url} was not read: {str(error) or type(error).__name__}")
                return b""
            if answer.status == 200:
                body: bytes = answer.body
                return body
            location = header(answer, "Location") if answer.status in REDIRECTS else ""
            if not location:
                self.tell(f"{url} was not read: it answered {answer.status}")
                return b""
            asked = canonical_address(join(asked, location))
            if not asked or not self.scope.same_site(asked):
                self.tell(f"{url} was not read: it leads to {urlsplit(asked).hostname or 'no page'}")
                return b""
        self.tell(f"{url} was not read: it redirects without end")
        return b""

    def _chosen(self, listed: list[str]) -> list[str]:
        """Those that look like support, the surest first; all, where none does or `allow` says which."""
        forms = dict.fromkeys(canonical_address(url) or quote(url[:200], safe=SHOWN) for url in listed)
        reasons = {url: self._refusal(url) for url in forms}
        mine = [url for url in forms if not reasons[url]]
        scores = {url: support_score(url) for url in mine}
        likely = (not self.scope.allow and [url for url in mine if scores[url] > 0]) or mine
        unlikely = dict.fromkeys(set(mine) - set(likely), UNLIKELY)
        for url, reason in (reasons | unlikely).items():
            if reason:
                self.refuse(url, reason)
        left_out = Counter(filter(None, (reasons | unlikely).values()))
        why = "".join(f"; {count:,} left out: {reason}" for reason, count in left_out.most_common())
        how = "; to take more, give allow patterns in tamiz.toml" if unlikely else ""
        self.tell(f"{len(likely):,} of the {len(forms):,} addresses in the sitemaps are taken{why}{how}")
        return sorted(likely, key=lambda url: -scores[url])

    def _refusal(self, url: str) -> str:
        """Why an address of a sitemap is not taken, or ""."""
        return self.scope.refusal(url) if canonical_address(url) else "no address of a page"
