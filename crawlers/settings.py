"""Polite Scrapy settings. `scrapy crawl faq -a url=...` uses this module as it is; `tamiz crawl` adds tamiz.toml.

What Scrapy's own defaults leave open is closed here: file: and ftp: addresses, unverified certificates,
consoles, environment proxies, private addresses, and the size of what a compressed body becomes.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from crawlers.addresses import canonical_address
from tamiz import __version__
from tamiz.errors import MissingExtra
from tamiz.settings import CrawlSettings, SourceSettings

__all__ = ["drawing_settings", "private_hosts", "scrapy_settings", "user_agent"]


def user_agent(contact: str) -> str:
    """Who we are, and whom to turn to.

    >>> user_agent("ayuda@example.org")
    'tamiz/0.1.0 (+ayuda@example.org)'
    """
    return f"tamiz/{__version__} (+{contact})" if contact else f"tamiz/{__version__} (no contact given)"


BOT_NAME = "tamiz"
SPIDER_MODULES = ["crawlers.spiders"]
USER_AGENT = user_agent("")

ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "tamiz"
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_MAX_DELAY = 600.0  # a longer Crawl-delay or Retry-After still holds, see throttle.py
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0.0  # the delay is the least time between two requests, not the average
CONCURRENT_REQUESTS = 1  # one site a process; what is in flight when it is killed is fetched twice
CONCURRENT_REQUESTS_PER_DOMAIN = 1

DEPTH_LIMIT = CrawlSettings().max_depth
CLOSESPIDER_PAGECOUNT = CrawlSettings().max_pages
DOWNLOAD_MAXSIZE = int(CrawlSettings().max_page_mb * 1_000_000)  # also holds while decompressing
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = CrawlSettings().timeout_seconds
URLLENGTH_LIMIT = 2000
REDIRECT_MAX_TIMES = 5
RETRY_TIMES = 2
RETRY_EXCEPTIONS = [  # not timeouts, refused connections and unknown hosts: asking again does not help
    "scrapy.exceptions.DownloadFailedError",
    "scrapy.exceptions.ResponseDataLossError",
    "twisted.internet.error.ConnectionDone",
    "twisted.internet.error.ConnectionLost",
]
RETRY_GIVE_UP_LOG_LEVEL = "INFO"

DOWNLOAD_HANDLERS = {
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
    "http": "crawlers.transport.LimitedHandler",
    "https": "crawlers.transport.LimitedHandler",
}
DOWNLOAD_VERIFY_CERTIFICATES = True
DNS_RESOLVER = "crawlers.resolver.PublicResolver"
PRIVATE_HOSTS: tuple[str, ...] = ()  # hosts that may have private addresses
HTTPPROXY_ENABLED = False  # a proxy would dial for us, past the check of the address
COOKIES_ENABLED = False
REFERER_ENABLED = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
MEMUSAGE_ENABLED = False
STATS_DUMP = False
LOG_LEVEL = "WARNING"

DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
    "Accept-Language": "es,en;q=0.8,*;q=0.5",
}
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawlers.robots.RobotsMiddleware": 100,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "crawlers.redirects.Refreshes": 580,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "crawlers.redirects.Redirects": 600,
}
EXTENSIONS = {
    "scrapy.extensions.throttle.AutoThrottle": None,
    "crawlers.throttle.PoliteThrottle": 0,
    "crawlers.htmlonly.HtmlOnly": 0,
}
FEED_EXPORT_ENCODING = "utf-8"


def private_hosts(source: SourceSettings) -> tuple[str, ...]:
    """The hosts that may have private addresses: the source's own, if it says so; a redirect of it leads no further.

    >>> private_hosts(SourceSettings(name="wiki", url="http://wiki.home:8080/", allow_private=True))
    ('wiki.home', 'www.wiki.home')
    """
    if not source.allow_private:
        return ()
    host = (urlsplit(canonical_address(source.url)).hostname or "").removeprefix("www.")
    api = urlsplit(source.api).hostname
    return (host, f"www.{host}", *((api,) if api else ()))


def scrapy_settings(crawl: CrawlSettings, *, private: Sequence[str] = ()) -> dict[str, Any]:
    """This module's settings with those of tamiz.toml, for a crawl that keeps its state in the store."""
    module = sys.modules[__name__]
    values = {name: getattr(module, name) for name in dir(module) if name.isupper()}
    return values | {
        "PRIVATE_HOSTS": tuple(private),
        "USER_AGENT": user_agent(crawl.contact),
        "AUTOTHROTTLE_START_DELAY": crawl.delay_seconds,
        "DOWNLOAD_DELAY": crawl.delay_seconds,
        "DOWNLOAD_MAXSIZE": int(crawl.max_page_mb * 1_000_000),
        "DOWNLOAD_TIMEOUT": crawl.timeout_seconds,
        "DEPTH_LIMIT": 0,  # depth and pages are counted in the frontier, across runs
        "CLOSESPIDER_PAGECOUNT": 0,
        "SCHEDULER": "crawlers.scheduler.FrontierScheduler",
        "SPIDER_MIDDLEWARES": {"crawlers.commit.CommitMiddleware": 10},
        "LOG_ENABLED": False,
        "LOG_INSTALL_ROOT_HANDLER": False,
    }


def drawing_settings(source: SourceSettings, crawl: CrawlSettings) -> dict[str, Any]:
    """What is different for a source whose pages a browser draws first; nothing for the others."""
    if not source.javascript:
        return {}
    if find_spec("scrapy_playwright") is None:
        raise MissingExtra(f"{source.name}: javascript = true", "js", "scrapy_playwright")
    from crawlers.browser import browser_settings

    pages = {"crawlers.browser.BrowserPages": 950}  # the last before the download, after robots.txt and retries
    return browser_settings(crawl.timeout_seconds) | {"DOWNLOADER_MIDDLEWARES": DOWNLOADER_MIDDLEWARES | pages}
