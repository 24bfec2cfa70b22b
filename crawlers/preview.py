"""What a crawl would fetch: only the start page, robots.txt and sitemaps are asked for, and nothing is kept."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from crawlers.sources import choose_sources, most_pages
from tamiz.errors import InputError
from tamiz.frontier import Frontier
from tamiz.project import Project
from tamiz.settings import SourceSettings, StoreSettings
from tamiz.store import Store

__all__ = ["Preview", "look_ahead", "preview"]

MOST_SHOWN = 20
MOST_CHARACTERS = 200  # of a link that is shown as it was written


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the first page of a source led to.

    `addresses` are the first to be fetched, in order; `found` counts all. `refused` has some links that
    would not be followed with their reasons, `left_out` counts all by reason, `refused_by_robots` those
    that robots.txt forbids;
    `waiting` addresses are left from an earlier run and would come first.
    """

    source: str
    start: str
    robots: str = ""
    said: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    found: int = 0
    refused: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    refused_by_robots: tuple[str, ...] = ()
    trouble: tuple[str, ...] = ()
    waiting: int = 0
    delay_seconds: float = 0.0
    max_pages: int = 0
    max_depth: int = 0


def preview(
    project: Project, store: Store, names: Sequence[str] = (), *, url: str | None = None, allow_private: bool = False
) -> list[Preview]:
    """Look at each source in a store that is thrown away; the project's own is only read."""
    chosen = choose_sources(project, names, url=url, allow_private=allow_private)
    return [_preview(project, store, source) for source in chosen]


def _preview(project: Project, store: Store, source: SourceSettings) -> Preview:
    from crawlers.run import crawl_source
    from crawlers.sources import start_address

    if source.spider == "archive":
        raise InputError(f"{source.name} is on disk already: no request is made, so there is nothing to preview")
    waiting = Frontier(store, source.name).counts().get("waiting", 0)
    with tempfile.TemporaryDirectory(prefix="tamiz-preview-") as folder:
        aside = Project(folder=Path(folder), settings=replace(project.settings, store=StoreSettings()))
        with Store.open(aside.store_url) as thrown_away:
            heard = crawl_source(aside, thrown_away, source, limit=1, dry=True)
            pages = list(thrown_away.pages())
            counts: Counter[str] = Counter(heard.counts.get("refused", {})) + Counter(heard.counts.get("failed", {}))
            trouble = [f"the start page: {reason}" for reason in counts]
            ahead = heard.ahead
            refused, left_out = _refused(aside, source, pages)
            refused |= ahead.get("refused", {})
            left_out = left_out or Counter(refused.values())
            return Preview(
                source=source.name,
                start=start_address(source),
                robots=pages[0].robots if pages else "",
                said=tuple(heard.said),
                addresses=tuple(ahead.get("addresses", ())),
                found=ahead.get("found", 0),
                refused=dict(list(refused.items())[:MOST_SHOWN]),
                left_out=left_out,
                refused_by_robots=tuple(ahead.get("refused_by_robots", ())),
                trouble=tuple(trouble) + ((f"the site: {heard.unreachable}",) if heard.unreachable else ()),
                waiting=waiting,
                delay_seconds=max(project.settings.crawl.delay_seconds, ahead.get("crawl_delay", 0.0)),
                max_pages=most_pages(source, project.settings.crawl),
                max_depth=project.settings.crawl.max_depth,
            )


def _refused(project: Project, source: SourceSettings, pages: Sequence[Any]) -> tuple[dict[str, str], Counter[str]]:
    """Why links of the start page would not be followed, read from its kept bytes: some, and how many by reason."""
    from scrapy.http import HtmlResponse

    from crawlers.archive import read_body
    from crawlers.pages import decode
    from crawlers.recognise import recognise
    from crawlers.spiders.auto import SPIDERS

    for page in pages[:1]:
        body, content_type = read_body(project, page)
        response = HtmlResponse(page.final_url, body=body, headers={"Content-Type": content_type})
        html = decode(body, content_type)
        auto = recognise(html, page.final_url).spider
        spider = SPIDERS[auto if source.spider == "auto" else source.spider](source=source, tell=lambda text: None)
        if spider.reads_apart():
            for _ in spider.parse(response):
                continue
            apart = _not_followed(html, page.final_url)
            return apart | spider.refused, spider.left_out + Counter(apart.values())
    return {}, Counter()


def _not_followed(html: str, url: str) -> dict[str, str]:
    """The links of a page that no spider looks at: those it asks not to follow, and those to no page of the web."""
    from parsel import Selector

    from crawlers.addresses import linked_address
    from crawlers.spiders.site import FOLLOWED, join

    page = Selector(text=html, type="html")
    base = join(url, page.xpath("//base/@href").get(default="")) or url
    followed = {linked_address(base, href) for href in page.xpath(f"//a[{FOLLOWED}]/@href").getall()}
    found = {}
    for href in page.xpath("//a/@href").getall():
        address = linked_address(base, href)
        if address and address not in followed:
            found[address] = "rel=nofollow"
        elif not address:
            scheme = re.match(r"\s*([a-z][a-z0-9+.-]{0,20}):", href, re.IGNORECASE)
            shown = quote(href.strip()[:MOST_CHARACTERS], safe="/:?&=#%;,@+()!~*$'")  # nothing in it moves the cursor
            found[shown] = f"{scheme[1].lower()}: is not fetched" if scheme else "no address of a page"
    return found


def look_ahead(
    store_url: str, source: SourceSettings, rules: Mapping[str, Any], agent: str, refused: Mapping[str, str]
) -> dict[str, Any]:
    """In the worker: the next addresses in order, apart from those that robots.txt forbids.

    `rules` are Scrapy's robots parsers by host and port, `refused` what the spider itself has left out.
    """
    with Store.open(store_url) as store:
        frontier = Frontier(store, source.name)
        found = frontier.counts().get("waiting", 0)
        upcoming = [address.url for address in frontier.upcoming(10 * MOST_SHOWN)]
    allowed = [url for url in upcoming if (parser := rules.get(_netloc(url))) is None or parser.allowed(url, agent)]
    delays = [parser.crawl_delay(agent) or 0.0 for parser in rules.values()]
    return {
        "addresses": allowed[:MOST_SHOWN],
        "found": found,
        "refused": dict(refused),
        "refused_by_robots": [url for url in upcoming if url not in set(allowed)][:MOST_SHOWN],
        "crawl_delay": max(delays, default=0.0),
    }


def _netloc(url: str) -> str:
    return url.split("/", 3)[2]
