"""Reads a Reddit post with its comments from the JSON of its address."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from crawlers.pages.forum import thread_pairs
from crawlers.pages.found import Reading
from crawlers.pages.fragments import fragment_texts, iso_time, stated_address, text_of, whole
from crawlers.pages.render import squeeze
from crawlers.pages.threads import Post, Thread

__all__ = ["reddit_reading"]

_GONE = ("[deleted]", "[removed]", "[ Removed by Reddit ]")


def reddit_reading(value: Any, url: str = "") -> Reading | None:
    """The pair of a post as /comments/ID.json gives it; None for JSON of another kind.

    What was deleted or removed, and what a moderator's robot pinned, is left out.
    """
    if isinstance(value, dict) and value.get("kind") == "Listing":
        return Reading(kind="none", reason="a list of threads")
    listings = value if isinstance(value, list) else []
    if len(listings) != 2 or not all(isinstance(part, dict) and part.get("kind") == "Listing" for part in listings):
        return None
    asked = next((data for kind, data in _children(listings[0]) if kind == "t3"), None)
    if asked is None:
        return Reading(kind="none", reason="a list of threads")
    address = stated_address(asked.get("permalink"), url, same_site=True)
    if _gone(asked, "selftext"):
        return Reading(kind="none", reason="the opening post was deleted")
    comments = [data for data in _comments(listings[1]) if not _gone(data, "body") and not _pinned(data)]
    comments.sort(key=lambda data: iso_time(data.get("created_utc")))
    thread = Thread(
        title=squeeze(html.unescape(text_of(asked.get("title")))),
        label=html.unescape(text_of(asked.get("link_flair_text")) or text_of(asked.get("subreddit"))),
        posts=(_post(asked, "selftext", address), *(_post(data, "body", address) for data in comments)),
        platform="reddit",
        least_votes=2,  # everyone begins with his own vote
    )
    pair, dialogue, reason = thread_pairs(thread, address)
    return Reading(
        kind="forum",
        reason=None if pair else reason,
        title=thread.title,
        pairs=(replace(pair, url=address),) if pair else (),
        dialogues=(replace(dialogue, url=address),) if dialogue else (),
    )


def _children(listing: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    data = listing.get("data") if isinstance(listing, dict) else None
    children = data.get("children") if isinstance(data, dict) else None
    for child in children if isinstance(children, list) else ():
        if isinstance(child, dict) and isinstance(child.get("data"), dict):
            yield text_of(child.get("kind")), child["data"]


def _comments(listing: Any) -> Iterator[dict[str, Any]]:
    """All comments, at whatever depth; a stack, because hostile answers nest deep."""
    waiting = [listing]
    while waiting:
        for kind, data in _children(waiting.pop()):
            if kind == "t1":
                yield data
                waiting.append(data.get("replies"))


def _gone(data: dict[str, Any], field: str) -> bool:
    return data.get(field) in _GONE or bool(data.get("removed_by_category"))


def _pinned(data: dict[str, Any]) -> bool:
    return data.get("stickied") is True and bool(data.get("distinguished"))


def _post(data: dict[str, Any], field: str, address: str) -> Post:
    """A post's HTML where the answer has it, else its Markdown as it is."""
    written = text_of(data.get(f"{field}_html"))
    plain = markdown = html.unescape(text_of(data.get(field))).strip()
    if written:
        plain, markdown = fragment_texts(html.unescape(written) if written.startswith("&lt;") else written, address)
    author = text_of(data.get("author"))
    return Post(
        author="" if author in _GONE else author,
        text=plain,
        markdown=markdown,
        votes=whole(data.get("score")),
        staff=data.get("distinguished") in ("moderator", "admin"),
        written_at=iso_time(data.get("created_utc")),
        depth=whole(data.get("depth")) or 0,
    )
