"""A crawl of pages that are on disk: the same frontier, archive and pairs, without a request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from crawlers.addresses import Scope
from crawlers.pages import Reading, decode
from crawlers.robots import robots_wishes
from crawlers.saved import SavedAnswer, SavedPage, list_saved, read_saved
from crawlers.sourcecrawl import Answer, SourceCrawl
from crawlers.timelimit import read_in_time
from tamiz.errors import InputError
from tamiz.frontier import Address, Frontier
from tamiz.settings import SourceSettings
from tamiz.store import Store

__all__ = ["crawl_saved"]

MOST_TOLD = 20
SEEDED_AT_ONCE = 1000


def crawl_saved(
    store: Store,
    source: SourceSettings,
    crawl: SourceCrawl,
    *,
    max_bytes: int,
    tell: Callable[[str], None],
    stopping: Callable[[], bool] = lambda: False,
) -> None:
    """Read every page at the source's path that its address, `allow` and `deny` let through.

    Of several captures of one address the last counts. A run that was stopped goes on where it stood.
    """
    places = _places(source, max_bytes, tell)
    frontier = Frontier(store, source.name)
    addresses = [Address(url=url, depth=0) for url in places]
    for at in range(0, len(addresses), SEEDED_AT_ONCE):
        frontier.seed(addresses[at : at + SEEDED_AT_ONCE])
    crawl.prepare()
    while not stopping() and (address := crawl.next()) is not None:
        place = places.get(address.url)
        if place is None:
            crawl.fail(address.url, "failed", "no longer at the source's path")
            continue
        try:
            saved = read_saved(place, max_bytes)
        except InputError as error:
            crawl.fail(address.url, "failed", "too large" if str(error).endswith("too large") else str(error))
            continue
        crawl.keep(_answer(address, saved, place.path.name), _reading(saved, address.url), ())


def _places(source: SourceSettings, max_bytes: int, tell: Callable[[str], None]) -> dict[str, SavedPage]:
    """Where each address lies, and a sentence for each file that cannot be used."""
    scope = Scope.of(source)
    places: dict[str, SavedPage] = {}
    unusable = elsewhere = 0
    empty = True
    for found in list_saved(Path(source.path), source.url, max_bytes):
        empty = False
        if isinstance(found, str):
            unusable += 1
            if unusable <= MOST_TOLD:
                tell(f"left out {found}")
        elif _refused(scope, found.url, any_site=not source.url):
            elsewhere += 1
        else:
            places[found.url] = found
    if empty:
        tell(f"{source.path} holds no pages; .warc, .warc.gz, .html, .mhtml and .json files are read there")
    if unusable > MOST_TOLD:
        tell(f"left out {unusable - MOST_TOLD:,} more files")
    if elsewhere:
        tell(f"left out {elsewhere:,} pages that are not the source's, by its url, allow and deny")
    return places


def _refused(scope: Scope, url: str, *, any_site: bool) -> bool:
    if any_site:
        kept = not scope.allow or any(pattern.search(url) for pattern in scope.allow)
        return not kept or any(pattern.search(url) for pattern in scope.deny)
    return bool(scope.refusal(url))


def _reading(saved: SavedAnswer, url: str) -> Reading:
    tags = (value for name, value in saved.headers if name.lower() == "x-robots-tag")
    if "noindex" in robots_wishes(tags, ()):
        return Reading(kind="none", reason="the page asks not to be indexed", noindex=True)
    return read_in_time(decode(saved.body, saved.content_type), url)


def _answer(address: Address, saved: SavedAnswer, file: str) -> Answer:
    return Answer(
        address=address,
        final_url=address.url,
        status=saved.status,
        headers=saved.headers,
        content_type=saved.content_type or "text/html",
        body=saved.body,
        robots=f"from {file}"[:200],
    )
