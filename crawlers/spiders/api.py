"""Platforms that answer in JSON: Discourse, Stack Exchange, Zendesk, Reddit."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response

from crawlers.addresses import canonical_address
from crawlers.apis import APIS, Lead, missing_posts
from crawlers.pages import Reading, decode, read_json
from crawlers.robots import robots_wishes
from crawlers.spiders.site import DOWNLOAD_ERRORS, HTML_TYPES, PageRead, SiteSpider, header

__all__ = ["ApiSpider", "DiscourseSpider", "HelpCenterSpider", "RedditSpider", "StackExchangeSpider", "json_value"]

JSON_TYPES = ("application/json", "text/json", "application/x-json")
LONGEST_BACKOFF = 900.0  # seconds; an API that asks for more is left for another run


def json_value(response: Response) -> Any:
    """What an answer says in JSON, or None where it is none."""
    try:
        return json.loads(decode(response.body, header(response, "Content-Type")))
    except (ValueError, RecursionError):
        return None


class ApiSpider(SiteSpider):
    """Reads a platform's API from its first address on, with the same manners as pages."""

    media_types: ClassVar[tuple[str, ...]] = (*HTML_TYPES, *JSON_TYPES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.api = APIS[self.name]

    async def parse(self, response: Response, **_: Any) -> AsyncIterator[PageRead | Request]:  # type: ignore[override]
        value = json_value(response)
        if value is None:
            reason = f"no JSON, so not the API of {self.api.platform}"
            yield PageRead(url=response.url, reading=Reading(kind="none", reason=reason))
            return
        body = await self.whole(response, value)
        text = decode(response.body, header(response, "Content-Type")) if body is None else body.decode()
        wishes = robots_wishes((tag.decode("latin-1") for tag in response.headers.getlist("X-Robots-Tag")), ())
        reading = read_json(text, response.url)
        if "noindex" in wishes:
            reading = Reading(kind="none", reason="the page asks not to be indexed", noindex=True)
        yield PageRead(url=response.url, reading=reading, body=body)
        for request in self.follow(value, response.url):
            yield request

    async def whole(self, response: Response, value: Any) -> bytes | None:
        """The answer with what belongs to it from further ones, or None where it is whole."""
        return None

    def follow(self, value: Any, url: str) -> Iterator[Request]:
        """All answers are as near to the start as their list, so that a list is read before the next one."""
        for lead in self.api.leads(value, url, self.source.url):
            if self._wanted(lead, url):
                yield Request(lead.url, meta={"same_level": True})

    def _wanted(self, lead: Lead, url: str) -> bool:
        address = canonical_address(lead.url)
        start = canonical_address(self.api.first(self.source.url, self.source.api))
        if not address or _host(address) not in (_host(start), _host(canonical_address(url))):
            return False
        refusal = self._pattern_refusal(lead.page) if lead.page else ""
        if refusal:
            self.refuse(lead.page, refusal)
        return not refusal

    def _pattern_refusal(self, page: str) -> str:
        if any(pattern.search(page) for pattern in self.scope.deny):
            return "denied by tamiz.toml"
        allow = self.scope.allow
        return "not allowed by tamiz.toml" if allow and not any(pattern.search(page) for pattern in allow) else ""


def _host(url: str) -> str:
    return url.split("/", 3)[2]


class DiscourseSpider(ApiSpider):
    name = "discourse"

    async def whole(self, response: Response, value: Any) -> bytes | None:
        """A long topic with all its posts; without those of a part that could not be had."""
        parts = missing_posts(value, response.url)
        for address in parts:
            part = await self._part(address)
            if part is None:
                break
            value["post_stream"]["posts"] += part
        return json.dumps(value, ensure_ascii=False).encode() if parts else None

    async def _part(self, address: str) -> list[Any] | None:
        try:
            answer = await self.crawler.engine.download_async(Request(address))
        except DOWNLOAD_ERRORS:
            return None
        value = json_value(answer) if answer.status == 200 else None
        stream = value.get("post_stream") if isinstance(value, dict) else None
        posts = stream.get("posts") if isinstance(stream, dict) else None
        return posts if isinstance(posts, list) else None


class StackExchangeSpider(ApiSpider):
    """Reads the Stack Exchange API, which says how much it still gives and when to wait."""

    name = "stackexchange"
    handle_httpstatus_list: ClassVar[list[int]] = [400]  # its errors are JSON with the reason

    async def parse(self, response: Response, **_: Any) -> AsyncIterator[PageRead | Request]:  # type: ignore[override]
        value = json_value(response)
        said = value if isinstance(value, dict) else {}
        if response.status >= 400 and said.get("error_name") != "throttle_violation":
            self.fail(response, f"the API answered: {said.get('error_message', 'Bad Request')}"[:200])
            return
        if response.status >= 400:
            self.pause(f"the API asks to come back later ({str(said.get('error_message'))[:200]})")
            return
        async for output in super().parse(response):
            yield output
        self._rest(response, said)

    def _rest(self, response: Response, said: dict[str, Any]) -> None:
        """Wait as long as the answer asks, and end where the day's quota is used up."""
        if said.get("quota_remaining") == 0:
            self.pause("the API's quota of requests for today is used up")
        seconds = said.get("backoff")
        if not isinstance(seconds, int) or seconds <= 0:
            return
        if seconds > LONGEST_BACKOFF:
            self.pause(f"the API asks to wait {seconds} seconds")
        slot = self.crawler.engine.downloader.slots.get(response.meta.get("download_slot", ""))
        if slot is not None:
            slot.delay = max(slot.delay, 0.001)  # a slot without a delay looks at no clock
            slot.lastseen = max(slot.lastseen, time.monotonic() + seconds - slot.delay)


class HelpCenterSpider(ApiSpider):
    name = "helpcenter"


class RedditSpider(ApiSpider):
    name = "reddit"
