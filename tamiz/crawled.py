"""What became of fetched addresses, written at once: pages, pairs, links, repeats, and what changed since last time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import sqlalchemy as sa

from tamiz import schema
from tamiz.changes import SAME, Change, write_changes
from tamiz.database import insert_new
from tamiz.records import Page, Pair
from tamiz.store import Added, PageReading, insert_pairs

__all__ = ["Address", "Became", "Fetched", "Outcome", "Result", "add_addresses", "settle"]

Outcome = Literal["done", "failed", "refused"]
REACHED = "reached by a redirect"  # an address that is done because another one led to it
NOTHING = Added(new=(), known=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address to fetch, and how many links away from the start it was found.

    `key` is the same for all ways to write the address, where it is not the address itself. `etag`,
    `last_modified` and `content_hash` are those of the page that was last found here.
    """

    url: str
    depth: int
    key: str = ""
    etag: str = ""
    last_modified: str = ""
    content_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A page that was fetched, what was read from it, and the addresses to go on with.

    `final` is the key of the page's own address; `canonical` that of another one which the page names
    as its own, else ""; `pairs_hash` is the same for the same questions and answers.
    """

    page: Page
    reading: PageReading
    pairs: tuple[Pair, ...] = ()
    links: tuple[Address, ...] = ()
    final: str = ""
    canonical: str = ""
    pairs_hash: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What the request for an address gave: a page, or the reason for none.

    `links` are the addresses of a page that was not kept. `gone` says that the page is there no more.
    """

    url: str
    outcome: Outcome
    reason: str = ""
    fetched: Fetched | None = None
    links: tuple[Address, ...] = ()
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """What a result meant for the store: a page that is new, changed, unchanged, the same as another, or gone.

    Of the pairs that were `added`, `replacing` have the place of one that `changed`.
    """

    page: Literal["", "new", "changed", "unchanged", "same", "gone"] = ""
    added: Added = NOTHING
    changed: int = 0
    gone: int = 0
    replacing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A page that is kept, as its address has it."""

    url: str
    key: str
    page: str
    canonical: str
    pairs_hash: str
    final_url: str
    content_hash: str


def add_addresses(
    connection: sa.Connection, source: str, addresses: Iterable[Address], *, at: str, state: str = "waiting"
) -> int:
    """Add addresses that are not there yet; how many were new."""
    rows = [
        {
            "source": source,
            "url": address.url,
            "key": address.key or address.url,
            "host": urlsplit(address.url).hostname or "",
            "depth": address.depth,
            "state": state,
            "reason": REACHED if state == "done" else "",
            "leased_by": "",
            "leased_until": 0.0,
            "tries": 0,
            "added_at": at,
            "page": "",
            "bytes": 0,
            "canonical": "",
            "pairs_hash": "",
        }
        for address in addresses
    ]
    if not rows:
        return 0
    insert = insert_new(connection.dialect.name, schema.crawl_url).returning(schema.crawl_url.c.seq)
    return len(connection.execute(insert, rows).all())


def settle(connection: sa.Connection, source: str, results: Sequence[Result], *, at: str) -> list[Became]:
    """Write what became of some addresses, inside the caller's transaction."""
    before = _before(connection, source, [result.url for result in results])
    kept = _kept(connection, source, [result.fetched for result in results if result.fetched])
    kinds: list[tuple[str, str]] = []  # what a page became, and the address that it repeats
    updates = []
    for result in results:
        known = before.get(result.url)
        kind, twin = _kind(result, known, kept)
        kinds.append((kind, twin.url if twin else ""))
        updates.append(_update(result, kind, twin, known))
        if result.fetched and not twin:
            kept = [one for one in kept if one.url != result.url] + [_as_kept(result.url, result.fetched)]
    stay = [
        result.fetched for result, (kind, _) in zip(results, kinds, strict=True) if result.fetched and kind != "same"
    ]
    new = _write_pages(connection, source, stay, at)
    _write_addresses(connection, source, results, updates, at)
    changes = [_change(result, kind, before.get(result.url)) for result, (kind, _) in zip(results, kinds, strict=True)]
    moved = write_changes(connection, source, changes, new, at=at)
    became = []
    for result, (kind, _), (changed, gone, replacing) in zip(results, kinds, moved, strict=True):
        ids = [pair.id for pair in result.fetched.pairs] if result.fetched and kind != "same" else []
        mine = tuple(one for one in dict.fromkeys(ids) if one in new)
        new -= set(mine)
        added = Added(new=mine, known=len(ids) - len(mine))
        became.append(Became(page=kind, added=added, changed=changed, gone=gone, replacing=replacing))  # type: ignore[arg-type]
    return became


def _before(connection: sa.Connection, source: str, urls: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The page that was last kept for each address, where there is one."""
    u, p = schema.crawl_url.c, schema.page.c
    query = sa.select(u.url, p.id, p.final_url, p.content_hash, p.etag, p.last_modified)
    joined = query.join_from(schema.crawl_url, schema.page, p.id == u.page)
    where = joined.where(u.source == source, u.url.in_(urls), ~u.reason.startswith(SAME, autoescape=True))
    return {row["url"]: dict(row) for row in connection.execute(where).mappings()}


def _kept(connection: sa.Connection, source: str, fetched: Sequence[Fetched]) -> list[_Kept]:
    """Pages kept in this round that one of these may repeat: by body, address, canonical address or pairs."""
    if not fetched:
        return []
    u, p = schema.crawl_url.c, schema.page.c
    query = sa.select(u.url, u.key, u.page, u.canonical, u.pairs_hash, p.final_url, p.content_hash)
    joined = query.join_from(schema.crawl_url, schema.page, p.id == u.page)
    mine = joined.where(u.source == source, p.source == source, u.state == "done", u.reason == "")
    alike = [
        mine.where(p.content_hash.in_({one.page.content_hash for one in fetched})),
        mine.where(p.final_url.in_({one.page.final_url for one in fetched})),
        mine.where(u.key.in_({key for one in fetched for key in (one.final, one.canonical) if key})),
        mine.where(u.pairs_hash.in_({one.pairs_hash for one in fetched} - {""}), u.pairs_hash != ""),
    ]
    return [_Kept(**row) for row in connection.execute(sa.union(*alike)).mappings()]


def _as_kept(url: str, fetched: Fetched) -> _Kept:
    page = fetched.page
    return _Kept(
        url=url,
        key=fetched.final or page.final_url,
        page=page.id,
        canonical=fetched.canonical,
        pairs_hash=fetched.pairs_hash,
        final_url=page.final_url,
        content_hash=page.content_hash,
    )


def _kind(result: Result, known: dict[str, Any] | None, kept: Sequence[_Kept]) -> tuple[str, _Kept | None]:
    fetched = result.fetched
    if fetched is None:
        return ("gone" if result.gone and known is not None else ""), None
    twin = next((one for one in kept if one.url != result.url and _repeats(fetched, one)), None)
    if twin is not None:
        return "same", twin
    if known is None:
        return "new", None
    return ("unchanged" if known["id"] == fetched.page.id else "changed"), None


def _repeats(fetched: Fetched, other: _Kept) -> bool:
    """Whether a page is one that is kept already: the same body; or the same address by its own or the
    other's word, unless what was read from them speaks against it.

    Only pairs can speak for two addresses that do not look alike: too many pages call the start page
    their canonical address.
    """
    if fetched.page.content_hash == other.content_hash:
        return True
    same_pairs = fetched.pairs_hash == other.pairs_hash
    if fetched.page.final_url == other.final_url:
        return same_pairs or not fetched.pairs_hash
    named = {fetched.canonical, fetched.final} & {other.canonical, other.key} - {""}
    return bool(named) and same_pairs and bool(fetched.pairs_hash)


def _update(result: Result, kind: str, twin: _Kept | None, known: dict[str, Any] | None) -> dict[str, Any]:
    fetched = result.fetched
    values = {"url": result.url, "state": result.outcome, "reason": result.reason, "bytes": 0}
    values |= {"page": known["id"] if known else "", "canonical": "", "pairs_hash": ""}
    if fetched is not None:
        values |= {"page": fetched.page.id, "bytes": fetched.size}
        values |= {"canonical": fetched.canonical, "pairs_hash": fetched.pairs_hash}
    if twin is not None:
        values |= {"page": twin.page, "reason": f"{SAME}{twin.url}", "pairs_hash": ""}
    return {f"b_{name}": value for name, value in values.items()}


def _change(result: Result, kind: str, known: dict[str, Any] | None) -> Change:
    fetched = result.fetched
    if fetched is None or kind == "same":
        return Change(kind=kind, before=known if kind else None)
    page = fetched.page
    values = {"page": page.id, "etag": page.etag, "last_modified": page.last_modified}
    return Change(kind=kind, before=known, pairs=fetched.pairs, **values)


def _write_pages(connection: sa.Connection, source: str, fetched: Sequence[Fetched], at: str) -> set[str]:
    """Write pages, readings and pairs; the ids of the pairs that are new."""
    if not fetched:
        return set()
    pages = [{"id": one.page.id, **asdict(one.page)} for one in fetched]
    connection.execute(insert_new(connection.dialect.name, schema.page, "id"), pages)
    connection.execute(sa.insert(schema.reading), [{"at": at, **asdict(one.reading)} for one in fetched])
    pairs = [pair for one in fetched for pair in one.pairs]
    return set(insert_pairs(connection, pairs, at=at, actor=f"source:{source}").new)


def _write_addresses(
    connection: sa.Connection, source: str, results: Sequence[Result], updates: Sequence[dict[str, Any]], at: str
) -> None:
    """Write the state of each address, the address where its page was found, and the addresses to go on with."""
    u = schema.crawl_url
    reached = {
        one.final or one.page.final_url: Address(url=one.page.final_url, depth=0, key=one.final)
        for result in results
        if (one := result.fetched) and one.page.final_url != result.url
    }
    names = ("state", "reason", "bytes", "page", "canonical", "pairs_hash")
    values = {name: sa.bindparam(f"b_{name}") for name in names} | {"leased_by": "", "leased_until": 0.0}
    update = sa.update(u).where(u.c.source == source, u.c.url == sa.bindparam("b_url")).values(**values)
    connection.execute(update, list(updates))
    add_addresses(connection, source, reached.values(), at=at, state="done")
    if reached:
        waits = sa.update(u).where(u.c.source == source, u.c.key.in_(reached), u.c.state == "waiting")
        connection.execute(waits.values(state="done", reason=REACHED))
    links: dict[str, Address] = {}
    for result in results:
        for link in (*result.links, *(result.fetched.links if result.fetched else ())):
            links.setdefault(link.key or link.url, link)
    add_addresses(connection, source, links.values(), at=at)
