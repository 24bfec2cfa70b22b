"""Addresses of pages: one form for each, and which of them belong to a source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from w3lib.url import safe_url_string

from tamiz.settings import SourceSettings

__all__ = ["Scope", "canonical_address", "looks_like_forum", "next_page", "thread_address"]

# Parameters that name the visitor, the campaign that brought him or the order of a list, never the page.
_NO_PAGE = re.compile(
    r"utm_\w+|sid|s|phpsessid|jsessionid|sessionid|session_id|aspsessionid\w*|fbclid|gclid|mc_cid|mc_eid|_ga|ref_src"
    r"|sort|sortby|sort_by|order|orderby|order_by|sk|sd|dir|hilit|highlight",
    re.IGNORECASE,
)
_PAGE_NUMBER = re.compile(r"start|page|pag|pagina|offset", re.IGNORECASE)
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#]*", re.IGNORECASE)
_SESSION_VALUE = re.compile(r"[0-9a-f]{16,}", re.IGNORECASE)  # `s=` is a session in vBulletin, a search elsewhere
_NOT_PAGES = re.compile(
    r"\.(?:7z|avi|bmp|bz2|css|csv|docx?|exe|flv|gif|gz|ico|iso|jpe?g|js|m4[av]|mkv|mov|mp[34]|mpe?g|ogg|png|pptx?|rar"
    r"|rss|svg|tar|tiff?|ttf|wav|webm|webp|woff2?|xlsx?|zip)$",
    re.IGNORECASE,
)
_FORUM = re.compile(
    r"/(?:foros?|forums?|community|comunidad|board|discuss(?:ion)?s?|viewforum\.php|viewtopic\.php|showthread\.php"
    r"|forumdisplay\.php)(?:[/?.]|$)|^(?:foros?|forums?|community|comunidad|discuss|discourse)\.",
    re.IGNORECASE,
)


def canonical_address(url: str) -> str:
    """The same address without fragment, session, tracking and sort parameters; "" if it is none we fetch.

    >>> canonical_address("HTTP://Foro.Example:80/viewtopic.php?t=5&sid=0123456789abcdef#p123")
    'http://foro.example/viewtopic.php?t=5'
    >>> canonical_address("mailto:ayuda@example.org")
    ''
    """
    try:
        parts = urlsplit(safe_url_string(url.strip()))
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.rstrip(".")
    usual = {"http": 80, "https": 443}[parts.scheme]
    netloc = host if port in (None, usual) else f"{host}:{port}"
    path = _SESSION_IN_PATH.sub("", parts.path) or "/"
    return urlunsplit((parts.scheme, netloc, path, _page_parameters(parts.query), ""))


def _page_parameters(query: str) -> str:
    """The query without what names no page; left as it was written if nothing had to go."""
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not _names_no_page(name, value)]
    return query if len(kept) == len(pairs) else urlencode(kept)


def _names_no_page(name: str, value: str) -> bool:
    if name.lower() == "s":
        return _SESSION_VALUE.fullmatch(value) is not None
    return _NO_PAGE.fullmatch(name) is not None


def thread_address(url: str) -> str:
    """The address that all pages of a thread share.

    >>> thread_address("https://foro.example/viewtopic.php?t=5&start=10")
    'https://foro.example/viewtopic.php?t=5'
    """
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not _PAGE_NUMBER.fullmatch(name)]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(kept), ""))


def next_page(url: str, link: str) -> bool:
    """Whether `link` is another page of the list or thread at `url`."""
    return link != url and thread_address(link) == thread_address(url)


def looks_like_forum(url: str) -> bool:
    """Whether an address is that of a forum, by its words.

    >>> looks_like_forum("https://example.org/foro/viewforum.php?f=2")
    True
    >>> looks_like_forum("https://example.org/ayuda/")
    False
    """
    parts = urlsplit(url)
    return _FORUM.search(parts.path) is not None or _FORUM.search(parts.hostname or "") is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which addresses belong to a source: its host, its folder (unless `allow` is given), its patterns.

    `host` is without a leading "www."; http and https are the same site, another port is not.
    """

    host: str
    port: int | None
    folder: str
    allow: tuple[re.Pattern[str], ...] = ()
    deny: tuple[re.Pattern[str], ...] = ()

    @classmethod
    def of(cls, source: SourceSettings) -> Scope:
        parts = urlsplit(canonical_address(source.url))
        return cls(
            host=_bare(parts.hostname or ""),
            port=parts.port,
            folder=parts.path.rpartition("/")[0] + "/",
            allow=tuple(re.compile(pattern) for pattern in source.allow),
            deny=tuple(re.compile(pattern) for pattern in source.deny),
        )

    def same_site(self, url: str) -> bool:
        parts = urlsplit(url)
        return _bare(parts.hostname or "") == self.host and parts.port == self.port

    def refusal(self, url: str) -> str:
        """Why an address is not fetched, or "" if it is."""
        if not self.same_site(url):
            return "another site"
        path = urlsplit(url).path
        if _NOT_PAGES.search(path):
            return "not a page, by its ending"
        if any(pattern.search(url) for pattern in self.deny):
            return "denied by tamiz.toml"
        if self.allow:
            return "" if any(pattern.search(url) for pattern in self.allow) else "not allowed by tamiz.toml"
        return "" if unquote(path).startswith(unquote(self.folder)) else "outside the source's folder"


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")
