"""tamiz for anyone's Scrapy project: polite settings, pairs as items, and the store of a tamiz project."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest, NotConfigured, UsageError
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import load_object

from crawlers import settings as polite
from crawlers.addresses import canonical_address
from crawlers.answers import Answer
from crawlers.archive import ArchiveWriter
from crawlers.commit import answer_of
from crawlers.htmlonly import READ, media_type
from crawlers.pages import Reading, decode
from crawlers.pairs import page_pairs, page_reading
from crawlers.resolver import refused_hosts
from crawlers.robots import RobotsMiddleware, robots_wishes
from crawlers.throttle import PoliteThrottle
from crawlers.timelimit import read_in_time
from tamiz.errors import TamizError
from tamiz.frontier import Address
from tamiz.project import Project
from tamiz.records import Page, Pair
from tamiz.settings import ProjectSettings, SourceSettings, source_name
from tamiz.store import Store

__all__ = ["ExtractionMiddleware", "PairItem", "guard_addresses", "switch_on"]

logger = logging.getLogger(__name__)

READ_AS_PAGES = (*READ, "application/json")
AS_THEY_ARE = (
    "ROBOTSTXT_OBEY",
    "ROBOTSTXT_USER_AGENT",
    "AUTOTHROTTLE_ENABLED",
    "AUTOTHROTTLE_START_DELAY",
    "AUTOTHROTTLE_MAX_DELAY",
    "DOWNLOAD_DELAY",
    "DOWNLOAD_DELAY_JITTER",
    "CONCURRENT_REQUESTS_PER_DOMAIN",
    "DOWNLOAD_MAXSIZE",
    "DOWNLOAD_TIMEOUT",
    "DOWNLOAD_VERIFY_CERTIFICATES",
    "REDIRECT_MAX_TIMES",
    "RETRY_TIMES",
    "HTTPPROXY_ENABLED",
    "TELNETCONSOLE_ENABLED",
    "REMOTE_CONTROL_ENABLED",
)


@dataclass
class PairItem:
    """A question with its answer, as an item: a plain dataclass that any pipeline may change."""

    question: str
    answer: str
    answer_markdown: str = ""
    lang: str = ""
    url: str = ""
    kind: str = ""
    label: str = ""
    source: str = ""
    pattern: str = ""
    position: int = 0
    accepted: bool | None = None
    votes: int | None = None
    confidence: float = 1.0
    reason: str = ""
    author: str = ""
    written_at: str = ""
    licence: str = ""
    context: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, pair: Pair) -> Self:
        values = {name: getattr(pair, name) for name in cls.__dataclass_fields__ if name != "context"}
        return cls(**values, context=[asdict(turn) for turn in pair.context])


def switch_on(settings: BaseSettings) -> None:
    """Set what a project has not set itself; TAMIZ_POLITE = False leaves its manners alone."""
    priority = "addon"
    settings.set_in_component_priority_dict("SPIDER_MIDDLEWARES", ExtractionMiddleware, 10)
    if not settings.getbool("TAMIZ_POLITE", True):
        return
    for name in AS_THEY_ARE:
        settings.set(name, getattr(polite, name), priority=priority)
    guard_addresses(settings)
    settings.set("USER_AGENT", polite.user_agent(settings.get("TAMIZ_CONTACT", "")), priority=priority)
    for scheme, handler in polite.DOWNLOAD_HANDLERS.items():
        settings["DOWNLOAD_HANDLERS"].setdefault(scheme, handler)
    _replace(settings, "DOWNLOADER_MIDDLEWARES", polite.DOWNLOADER_MIDDLEWARES, RobotsMiddleware)
    settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", PrivateAddressMiddleware, 990)
    _replace(settings, "EXTENSIONS", polite.EXTENSIONS, PoliteThrottle)


def guard_addresses(settings: BaseSettings) -> None:
    """Refuse private addresses but those of TAMIZ_PRIVATE_HOSTS, where names become addresses."""
    if settings.getbool("TAMIZ_POLITE", True):
        settings.set("DNS_RESOLVER", polite.DNS_RESOLVER, priority="addon")
        settings.set("PRIVATE_HOSTS", settings.getlist("TAMIZ_PRIVATE_HOSTS"), priority="addon")


def _replace(settings: BaseSettings, name: str, ours: dict[str, int | None], kind: type) -> None:
    """Put our component in the place of Scrapy's, which ours is made from."""
    for path, place in ours.items():
        if place is None:
            settings.set_in_component_priority_dict(name, load_object(path), None)
        elif path == f"{kind.__module__}.{kind.__qualname__}":
            settings.setdefault_in_component_priority_dict(name, kind, place)


class PrivateAddressMiddleware:
    """Downloader middleware: says once for each host that its address is private, and how to allow it."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def process_exception(self, request: Request, exception: Exception) -> None:
        host = urlparse_cached(request).hostname or ""
        if not isinstance(exception, CannotResolveHostError) or host not in refused_hosts:
            return
        if host not in self._said:
            self._said.add(host)
            logger.warning(
                "%s has a private address and is not fetched; if it is yours, add it to TAMIZ_PRIVATE_HOSTS", host
            )
        raise IgnoreRequest(f"{host} has a private address")


class ExtractionMiddleware:
    """Spider middleware: each page that reaches a callback also gives its pairs, as items and to the store.

    TAMIZ_PROJECT is the project's folder (none: items only), TAMIZ_SOURCE the name its pages get.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        if not settings.getbool("TAMIZ_EXTRACT", True):
            raise NotConfigured("TAMIZ_EXTRACT is off")
        self._crawler = crawler
        folder = settings.get("TAMIZ_PROJECT", "")
        self._project = Project.open(Path(folder)) if folder else None
        self._source = SourceSettings(name="scrapy", url="http://scrapy.invalid/")
        self._store: Store | None = None
        self._archive: ArchiveWriter | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        try:
            middleware = cls(crawler)
        except TamizError as error:
            raise UsageError(f"TAMIZ_PROJECT: {error}") from None
        crawler.signals.connect(middleware.opened, signal=signals.spider_opened)
        crawler.signals.connect(middleware.closed, signal=signals.spider_closed)
        return middleware

    def opened(self) -> None:
        project, spider = self._project, self._crawler.spider
        name = self._crawler.settings.get("TAMIZ_SOURCE") or getattr(spider, "name", "") or "scrapy"
        known = {source.name: source for source in project.settings.sources} if project else {}
        self._source = known.get(name) or replace(self._source, name=source_name(f"//{name}") or "scrapy")
        if project is not None:
            self._store = Store.open(project.store_url)
            started = self._store.timestamp()[:19].replace("-", "").replace(":", "")
            self._archive = ArchiveWriter(project.pages, f"{self._source.name}-{started}-{os.getpid()}")

    def closed(self) -> None:
        if self._archive is not None:
            self._archive.close()
        if self._store is not None:
            self._store.close()

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """What the spider says, then the page's pairs."""
        async for output in result:
            yield output
        for item in self._items(response):
            yield item

    def _items(self, response: Response) -> Iterator[PairItem]:
        answer = answer_of(_with_address(response), self._crawler)
        if response.status != 200 or media_type(answer.content_type) not in READ_AS_PAGES:
            return
        tags = (value for name, value in answer.headers if name.lower() == "x-robots-tag")
        reading = read_in_time(decode(answer.body, answer.content_type), response.url)
        stats = self._crawler.stats
        if reading.noindex or "noindex" in robots_wishes(tags, ()):
            stats.inc_value("tamiz/pages_that_ask_not_to_be_indexed")
            return
        for pair in self._kept(answer, reading):
            stats.inc_value("tamiz/pairs")
            yield PairItem.of(pair)
        if reading.reason:
            stats.inc_value(f"tamiz/pages_without_pairs/{reading.reason}")

    def _kept(self, answer: Answer, reading: Reading) -> tuple[Pair, ...]:
        """The pairs of a page, committed with it where there is a project; its bytes are safe before that."""
        store, archive, source = self._store, self._archive, self._source
        at = store.timestamp() if store else ""
        page = Page(
            url=answer.address.url,
            final_url=canonical_address(answer.final_url),
            fetched_at=at,
            status=answer.status,
            content_type=answer.content_type,
            content_hash=hashlib.sha256(answer.body).hexdigest(),
            source=source.name,
            robots=answer.robots,
            licence=reading.licence,
        )
        languages = (self._project.settings.project if self._project else ProjectSettings()).languages
        pairs = page_pairs(page, reading, languages=languages, licence=source.licence, threads=source.threads)
        if store is not None and archive is not None:
            if store.page(page.id) is None:
                agent = self._crawler.settings["USER_AGENT"]
                name, offset = archive.write(
                    url=page.final_url,
                    fetched_at=at,
                    status=page.status,
                    headers=answer.headers,
                    body=answer.body,
                    agent=agent,
                )
                archive.sync()
                page = replace(page, archive=name, archive_offset=offset)
            store.add_page(page, pairs, page_reading(page, reading))
        return pairs


def _with_address(response: Response) -> Response:
    """The response as those of a crawl of ours are, whose requests carry their address."""
    first = response.meta.get("redirect_urls", [response.request.url])[0]  # type: ignore[union-attr]
    response.meta.setdefault("address", Address(url=canonical_address(first) or first, depth=0))
    return response
