"""Pages drawn in a browser first, for sources that ask for it: scrapy-playwright, fenced in."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page
from playwright.async_api import Request as BrowserRequest
from playwright.async_api import TimeoutError as PlaywrightTimeout
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http import Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler  # type: ignore[import-untyped]
from scrapy_playwright.page import PageMethod  # type: ignore[import-untyped]

from crawlers.addresses import canonical_address
from crawlers.apis import speaking_api
from crawlers.gate import Gate
from crawlers.resolver import refused_hosts
from crawlers.transport import LimitedHandler
from tamiz.errors import InputError

__all__ = ["BrowserHandler", "BrowserPages", "browser_settings", "not_needed"]

SECONDS_TO_SETTLE = 5.0  # after the page is loaded, for what its scripts still fetch
SECONDS_TO_CLOSE = 5.0
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_NOT_NEEDED = frozenset({"image", "media", "font", "texttrack", "eventsource", "manifest", "ping", "other"})
_ERRORS = {
    "private address": CannotResolveHostError,
    "unknown host": CannotResolveHostError,
    "connection refused": DownloadConnectionRefusedError,
}


def browser_settings(timeout_seconds: float) -> dict[str, Any]:
    """Scrapy's settings for a source whose pages are drawn; InputError where there is no browser."""
    handler = "crawlers.browser.BrowserHandler"
    return {
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        "PLAYWRIGHT_LAUNCH_OPTIONS": _launch_options(),
        "PLAYWRIGHT_ABORT_REQUEST": "crawlers.browser.not_needed",
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": timeout_seconds * 1000,
        "DOWNLOAD_HANDLERS": {"data": None, "file": None, "ftp": None, "s3": None, "http": handler, "https": handler},
    }


def _launch_options() -> dict[str, Any]:
    options: dict[str, Any] = {
        # Chromium refuses to run as root with its sandbox.
        "chromium_sandbox": os.geteuid() != 0,
        # Neither of them goes through a proxy.
        "args": ["--disable-quic", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp"],
    }
    own = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    if next(own.glob("chromium*"), None) is None:
        found = next(filter(None, map(shutil.which, _BROWSERS)), None)
        if found is None:
            raise InputError("javascript = true needs a browser, and there is none; run: playwright install chromium")
        options["executable_path"] = found
    return options


def not_needed(request: BrowserRequest) -> bool:
    """Whether the text of a page does not change without this."""
    return request.resource_type in _NOT_NEEDED or urlsplit(request.url).scheme not in ("http", "https")


async def settled(page: Page) -> None:
    """Wait until the page's scripts fetch nothing more, or for long enough."""
    with suppress(PlaywrightTimeout):
        await page.wait_for_load_state("networkidle", timeout=SECONDS_TO_SETTLE * 1000)


class BrowserPages:
    """Downloader middleware: the frontier's pages go to the browser, robots.txt and JSON APIs do not.

    A page that ends elsewhere, by its server or its scripts, has to end inside the source.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        if "address" not in request.meta or speaking_api(request.url) is not None:
            return
        request.meta.update(
            playwright=True,
            playwright_page_methods=[PageMethod(settled)],
            playwright_context_kwargs={"service_workers": "block", "accept_downloads": False},
        )

    def process_response(self, request: Request, response: Response) -> Response:
        final = canonical_address(response.url)
        if "playwright" not in response.flags or final == canonical_address(request.url):
            return response
        scope = self._crawler.spider.scope  # type: ignore[union-attr]
        if not final or not scope.same_site(final):
            raise IgnoreRequest(f"leads to {urlsplit(response.url).hostname or 'no page'}")
        if refusal := scope.refusal(final):
            raise IgnoreRequest(f"leads to an address that is {refusal}")
        return response


class BrowserHandler(ScrapyPlaywrightDownloadHandler, LimitedHandler):  # type: ignore[misc]
    """scrapy-playwright behind the gate, with our limits and in Scrapy's words."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._max_bytes: int = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._seconds: float = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._gate = Gate(crawler.settings.getlist("PRIVATE_HOSTS"), self._max_bytes)

    async def _launch(self) -> None:
        await self._gate.start()
        # Chromium would go past a proxy for loopback, if it were not told.
        proxy = {"server": f"http://127.0.0.1:{self._gate.port}", "bypass": "<-loopback>"}
        self.config.launch_options["proxy"] = proxy
        await super()._launch()

    async def _close(self) -> None:
        with suppress(TimeoutError, PlaywrightError):
            await asyncio.wait_for(super()._close(), SECONDS_TO_CLOSE)
        self._gate.close()

    async def download_request(self, request: Request) -> Response:
        if not request.meta.get("playwright"):
            return await super().download_request(request)
        host = urlsplit(request.url).hostname or ""
        self._gate.trouble.pop(host, None)
        try:
            most = self._seconds + SECONDS_TO_SETTLE + 5.0
            response: Response = await asyncio.wait_for(super().download_request(request), most)
        except (PlaywrightTimeout, TimeoutError) as error:
            raise DownloadTimeoutError(f"{request.url} was not drawn in time") from error
        except PlaywrightError as error:
            self._raise_trouble(host)
            raise DownloadFailedError(str(error).partition("\n")[0]) from error
        self._raise_trouble(host)
        if len(response.body) > self._max_bytes:
            raise DownloadCancelledError(f"{request.url} is larger than DOWNLOAD_MAXSIZE")
        return response

    def _raise_trouble(self, host: str) -> None:
        trouble = self._gate.trouble.pop(host, "")
        if trouble == "private address":
            refused_hosts.add(host)
        if trouble:
            raise _ERRORS[trouble](f"{host}: {trouble}")
