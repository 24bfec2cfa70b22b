"""Where pages come from, and how they are fetched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from tamiz.errors import SettingsError
from tamiz.settings.keys import key, require

__all__ = ["CrawlSettings", "SourceSettings", "source_name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlSettings:
    contact: str = key("", "A mail address or page that a site's owner can turn to; part of the user agent.")
    delay_seconds: float = key(1.0, "Least time between two requests to one host; Crawl-delay can only lengthen it.")
    max_pages: int = key(1000, "Stop a source after this many pages.")
    max_depth: int = key(6, "Follow links at most this many steps away from a source's address.")
    max_page_mb: float = key(8.0, "Give up on a page whose body is larger than this, in megabytes.")
    max_mb: int = key(0, "Stop a source after this many megabytes of bodies; 0: no limit.")
    max_minutes: float = key(0.0, "Stop a source after this time, to go on in the next run; 0: no limit.")
    timeout_seconds: float = key(30.0, "Give up on a request after this time.")

    def __post_init__(self) -> None:
        require(0 <= self.delay_seconds <= 3600, "[crawl] delay_seconds", self.delay_seconds, "give 0 to 3600")
        require(self.max_pages > 0, "[crawl] max_pages", self.max_pages, "give at least 1")
        require(self.max_depth >= 0, "[crawl] max_depth", self.max_depth, "give 0 (the start page only) or more")
        require(0 < self.max_page_mb <= 256, "[crawl] max_page_mb", self.max_page_mb, "give above 0 and up to 256")
        require(self.timeout_seconds > 0, "[crawl] timeout_seconds", self.timeout_seconds, "give more than 0")
        require(self.max_mb >= 0, "[crawl] max_mb", self.max_mb, "give 0 (no limit) or more")
        require(self.max_minutes >= 0, "[crawl] max_minutes", self.max_minutes, "give 0 (no limit) or more")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # such as http://[
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    name: str = key("", "A short name; `tamiz crawl NAME` fetches this source alone.")
    url: str = key("", "Where to start.")
    spider: Literal[
        "auto", "faq", "forum", "discourse", "stackexchange", "helpcenter", "reddit", "sitemap", "archive"
    ] = key("auto", "How the source is read; auto recognises its platform and says which.")
    api: str = key("", "Where the platform's API is, when it is not where it usually is.")
    path: str = key("", "For archive: a WARC file, or a folder of saved pages; no request is made.")
    threads: Literal["pairs", "dialogues", "both"] = key(
        "pairs", "What a forum thread becomes: a question with its best answer, a dialogue of several turns, or both."
    )
    javascript: bool = key(False, "Draw the pages in a browser first; needs the extra js.")
    allow: tuple[str, ...] = key((), "Regular expressions; when given, only addresses that match one are fetched.")
    deny: tuple[str, ...] = key((), "Regular expressions; addresses that match one are not fetched.")
    max_pages: int = key(0, "This source's own limit of pages; 0 takes the one of [crawl].")
    licence: str = key("", "The licence of the site's texts, where you know it; pages that state one keep theirs.")
    allow_private: bool = key(False, "Allow loopback and private addresses (your own machine or network).")

    def __post_init__(self) -> None:
        good_name = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", self.name) is not None
        require(good_name, "[[sources]] name", self.name, "give letters, digits, - and _, such as help-center")
        good_url = _is_web_address(self.url) or (self.url == "" and self.path != "")
        require(good_url, f"[[sources]] {self.name}: url", self.url, "give an http or https address")
        good_api = self.api == "" or _is_web_address(self.api)
        require(good_api, f"[[sources]] {self.name}: api", self.api, "give an http or https address")
        good_path = (self.path != "") == (self.spider == "archive")
        advice = 'give it with spider = "archive", and only then'
        require(good_path, f"[[sources]] {self.name}: path", self.path, advice)
        for pattern in (*self.allow, *self.deny):
            try:
                re.compile(pattern)
            except re.error as error:
                where = f"[[sources]] {self.name}: allow or deny"
                raise SettingsError(f"{where} has {pattern!r}, no regular expression ({error}); mend it") from None


def source_name(url: str) -> str:
    """The name of a source for an address that tamiz.toml does not name: its host.

    >>> source_name("https://ayuda.example:8443/faq")
    'ayuda.example-8443'
    """
    return re.sub(r"[^A-Za-z0-9._-]+", "-", urlsplit(url).netloc).strip("-.")[:64]
