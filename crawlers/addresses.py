"""Addresses of pages: one form for each, and which of them belong to a source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit, urlunsplit

from w3lib.url import safe_url_string

from tamiz.settings import SourceSettings

__all__ = [
    "REMEMBERED",
    "Scope",
    "address_key",
    "canonical_address",
    "linked_address",
    "looks_like_forum",
    "named_canonical",
    "next_page",
    "says_the_same",
    "thread_address",
]

REMEMBERED = 50_000  # addresses whose forms are kept at hand

# Parameters that name the visitor, the campaign that brought him or the order of a list, never the page.
_NO_PAGE = re.compile(
    r"utm_\w+|sid|s|phpsessid|jsessionid|sessionid|session_id|aspsessionid\w*|fbclid|gclid|mc_cid|mc_eid|_ga|ref_src"
    r"|sort|sortby|sort_by|order|orderby|order_by|sk|sd|dir|hilit|highlight|print|printable|printer_friendly"
    r"|answertab",
    re.IGNORECASE,
)
# Parameters that jump to a post of the thread that the rest of the address names, or print it.
_JUMPS = re.compile(
    r"goto=(?:newpost|lastpost|post)|view=(?:print|unread|newpost|getnewpost|getlastpost|findpost|viewpoll)"
    r"|action=(?:lastpost|newpost)|do=(?:find|get)\w*comment"
    r"|st=0|lq=1|noredirect=1",  # phpBB: posts of any age; Stack Exchange: how the visitor came
    re.IGNORECASE,
)
_VIEW_OF_TOPIC = re.compile(r"((?:^|[&;])topic=\d+\.\d+)(?:;(?:all|topicseen))+(?=[&;]|$)")  # SMF
_POST_OF_THREAD = {"p": "t", "pid": "tid", "comment": "do"}  # phpBB and vBulletin, MyBB, Invision
_FIRST_PAGE = re.compile(r"(?:start|offset)=0|(?:page|pag|pagina)=0", re.IGNORECASE)
_FIRST_PAGE_OF_FORUM = re.compile(r"(?:page|pag|pagina)=1", re.IGNORECASE)  # elsewhere it may be the second
_THREAD_PATH = re.compile(
    r"/(?:showthread|forumdisplay|viewtopic|viewforum)\.php$|/(?:threads?|forums?|t)/", re.IGNORECASE
)
# Paths of a thread from one of its posts on, or of a list's first page, and what they are without that.
_PATHS = (
    (re.compile(r"^(.*/threads/[^/]*\.?\d+/)(?:post-\d+|latest|unread|page-1)/?$"), r"\1"),  # XenForo
    (re.compile(r"^(.*/t/[^/]*[^/\d][^/]*/\d+)/\d+$"), r"\1"),  # Discourse
    (re.compile(r"^(.*/topic/\d+/[^/]+)/\d+$"), r"\1"),  # NodeBB
    (re.compile(r"^(.*/d/\d+-[^/]+)/\d+$"), r"\1"),  # Flarum
    (re.compile(r"^(.*/discussion/\d+/[^/]+)/p1$"), r"\1"),  # Vanilla
    (re.compile(r"^(.*/thread-\d+)-page-1(\.html?)$"), r"\1\2"),  # MyBB
    (re.compile(r"^(.*/)page[/-]1/?$"), r"\1"),
)
# Paths that name a thread by its number, whatever words stand beside it.
_NUMBERED = (
    (re.compile(r"^(.*/t/)[^/]*[^/\d][^/]*/(\d+)$"), r"\1\2"),
    (re.compile(r"^(.*/threads/)[^/]*\.(\d+)$"), r"\1\2"),
    (re.compile(r"^(.*/questions/\d+)/[^/]+$"), r"\1"),
)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp)$", re.IGNORECASE)
_LINK = re.compile(r"<link\b[^<>]{1,2000}>", re.IGNORECASE)
_REL = re.compile(r"""\brel\s*=\s*["']?\s*canonical\b""", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.IGNORECASE)
_HEAD = 200_000  # characters in which a page says what its address is
_PAGE_NUMBER = re.compile(r"start|page|pag|pagina|offset", re.IGNORECASE)
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#]*", re.IGNORECASE)
# The usual form of a session, taken out before anything is looked up: it differs from page to page.
_SESSION_AT_ONCE = re.compile(r"([?&])(?:sid|phpsessid)=[0-9a-z]{16,64}(&|$)", re.IGNORECASE)
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
    """The same address without fragment, session, tracking and sort parameters, jumps to a post of the
    thread it names, and the number of a first page; "" if it is none we fetch.

    >>> canonical_address("HTTP://Foro.Example:80/viewtopic.php?t=5&sid=0123456789abcdef#p123")
    'http://foro.example/viewtopic.php?t=5'
    >>> canonical_address("mailto:ayuda@example.org")
    ''
    """
    return _canonical(_without_session(url))


@lru_cache(maxsize=REMEMBERED)  # the same links stand on page after page
def _canonical(url: str) -> str:
    try:
        parts = urlsplit(safe_url_string(url))
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.rstrip(".")
    usual = {"http": 80, "https": 443}[parts.scheme]
    netloc = host if port in (None, usual) else f"{host}:{port}"
    path = _SESSION_IN_PATH.sub("", parts.path) or "/"
    for form, plain in _PATHS:
        path = form.sub(plain, path)
    return urlunsplit((parts.scheme, netloc, path, _page_parameters(parts.query, path), ""))


def linked_address(base: str, href: str) -> str:
    """The canonical address of a link on the page at `base`; "" if it is none we fetch.

    >>> linked_address("http://foro.example/viewforum.php?f=2", "./viewtopic.php?t=5&sid=0123456789abcdef#p9")
    'http://foro.example/viewtopic.php?t=5'
    """
    plain = _without_session(href)
    folder, slash, _ = base.partition("?")[0].partition("#")[0].rpartition("/")
    whole = plain[:1] in ("", "?") or folder.count("/") < 2  # nothing of the page's own address may be left out
    return _linked(base if whole else folder + slash, plain)


@lru_cache(maxsize=REMEMBERED)
def _linked(base: str, href: str) -> str:
    try:
        return canonical_address(urljoin(base, href))
    except ValueError:  # such as http://[not-an-ip/
        return ""


def _without_session(url: str) -> str:
    return _SESSION_AT_ONCE.sub(lambda found: found[1] if found[2] else "", url.partition("#")[0].strip())


def _page_parameters(query: str, path: str) -> str:
    """The query without what names no page; left as it was written if nothing had to go."""
    query = _VIEW_OF_TOPIC.sub(r"\1", query)
    pairs = parse_qsl(query, keep_blank_values=True)
    names = {name.lower() for name, _ in pairs}
    kept = [(name, value) for name, value in pairs if not _names_no_page(name, value, path, names)]
    return query if len(kept) == len(pairs) else urlencode(kept)


def _names_no_page(name: str, value: str, path: str, names: set[str]) -> bool:
    lower, whole = name.lower(), f"{name}={value}"
    if lower == "s":
        return _SESSION_VALUE.fullmatch(value) is not None
    if _NO_PAGE.fullmatch(name) or _JUMPS.fullmatch(whole) or _FIRST_PAGE.fullmatch(whole):
        return True
    if lower in _POST_OF_THREAD and value.isdigit():
        return _POST_OF_THREAD[lower] in names
    return _FIRST_PAGE_OF_FORUM.fullmatch(whole) is not None and _THREAD_PATH.search(path) is not None


@lru_cache(maxsize=REMEMBERED)
def address_key(url: str) -> str:
    """What all ways to write an address have in common; not an address to ask for.

    Scheme, "www.", a slash or an index file at the end and the order of parameters make no difference, nor
    do the words beside a thread's number.

    >>> address_key("https://www.foro.example/t/mi-router/12/") == address_key("http://foro.example/t/12")
    True
    """
    parts = urlsplit(canonical_address(url))
    path = _INDEX.sub("", parts.path).rstrip("/")
    for form, numbered in _NUMBERED:
        path = form.sub(numbered, path)
    pairs = sorted(parse_qsl(parts.query, keep_blank_values=True))
    if path.endswith("/viewtopic.php") and any(name == "t" for name, _ in pairs):
        pairs = [(name, value) for name, value in pairs if name != "f"]  # phpBB: the board, said again
    return f"{_bare(parts.netloc)}{path or '/'}{'?' + urlencode(pairs) if pairs else ''}"


def named_canonical(html: str, url: str) -> str:
    """The address that a page gives as its own (rel=canonical), or "" where it gives none, or several."""
    found = set()
    for link in _LINK.finditer(html, 0, _HEAD):
        href = _HREF.search(link[0])
        if href and _REL.search(link[0]):
            try:
                found.add(canonical_address(urljoin(url, unescape(href[1] or href[2] or href[3] or "").strip())))
            except ValueError:  # such as http://[not-an-ip/
                continue
    return found.pop() if len(found) == 1 else ""


def says_the_same(url: str, canonical: str) -> bool:
    """Whether a canonical address is that of the page but for parameters that may well be superfluous.

    Not where nothing is left that could tell one page from the next, nor without the number of the page: both
    are common mistakes.

    >>> says_the_same("https://a.example/v?t=5&from=list", "https://a.example/v?t=5")
    True
    >>> says_the_same("https://a.example/v?t=5&start=10", "https://a.example/v?t=5")
    False
    """
    if address_key(url) == address_key(canonical):
        return True
    mine, other = urlsplit(address_key(url)), urlsplit(address_key(canonical))
    has, named = dict(parse_qsl(mine.query)), dict(parse_qsl(other.query))
    dropped = [name for name in has if name not in named]
    kept = bool(named) and all(has.get(name) == value for name, value in named.items())
    return mine.path == other.path and kept and not any(_PAGE_NUMBER.fullmatch(name) for name in dropped)


@lru_cache(maxsize=REMEMBERED)
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
        if refusal := self.pattern_refusal(url):
            return refusal
        if self.allow:
            return ""
        return "" if unquote(path).startswith(unquote(self.folder)) else "outside the source's folder"

    def pattern_refusal(self, url: str) -> str:
        """Why `allow` and `deny` are against an address, or ""."""
        if any(pattern.search(url) for pattern in self.deny):
            return "denied by tamiz.toml"
        allowed = not self.allow or any(pattern.search(url) for pattern in self.allow)
        return "" if allowed else "not allowed by tamiz.toml"


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")
