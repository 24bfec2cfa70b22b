"""Reads a topic from Discourse's JSON API, which says more than its pages do."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from crawlers.pages.dom import TooComplex, parse
from crawlers.pages.faq import no_pairs
from crawlers.pages.forum import thread_pairs
from crawlers.pages.found import Reading
from crawlers.pages.fragments import iso_time
from crawlers.pages.platforms import noise_path, without_signature
from crawlers.pages.platforms.facts import quoted_numbers
from crawlers.pages.render import render, squeeze
from crawlers.pages.threads import Post, Thread, clean_title

__all__ = ["discourse_reading"]

_LIKE = 2  # Discourse's PostActionType for a like
_REGULAR = 1  # Discourse's Post.types: regular; the others are notes that a topic was closed, moved, ...
_NOISE = noise_path("discourse")


def discourse_reading(topic: Any, url: str = "") -> Reading | None:
    """The pair of a topic as /t/ID.json (or /t/ID/posts.json) gives it; None for JSON of another kind.

    Several pages of one topic's posts can be joined by the caller in `post_stream.posts`.
    """
    if isinstance(topic, dict) and any(name in topic for name in ("topic_list", "category_list", "latest_posts")):
        return no_pairs("a list of threads")
    stream = topic.get("post_stream") if isinstance(topic, dict) else None
    posts = stream.get("posts") if isinstance(stream, dict) else None
    if not isinstance(posts, list):
        return None
    posts = sorted((p for p in posts if isinstance(p, dict)), key=lambda p: _whole(p.get("post_number")) or 0)
    if not posts or _whole(posts[0].get("post_number")) != 1:
        return no_pairs("not the first page of the thread")
    thread = _thread(topic, posts, url)
    address = _address(topic, posts[0], url)
    pair, dialogue, reason = thread_pairs(thread, address)
    return Reading(
        kind="forum", reason=None if pair else reason, title=clean_title(thread.title)[0],
        pairs=(replace(pair, url=address),) if pair else (),
        dialogues=(replace(dialogue, url=address),) if dialogue else (),
    )  # fmt: skip


def _address(topic: dict[str, Any], first: dict[str, Any], url: str) -> str:
    """The topic's page for people, from the address of its JSON."""
    site, found, _ = url.partition("/t/")
    number = _whole(topic.get("id")) or _whole(first.get("topic_id"))
    if not found or number is None:
        return url
    slug = str(topic.get("slug") or first.get("topic_slug") or "")
    return f"{site}/t/{slug}/{number}" if re.fullmatch(r"[\w%-]+", slug) else f"{site}/t/{number}"


def _thread(topic: dict[str, Any], posts: list[dict[str, Any]], url: str) -> Thread:
    title = topic.get("title") or posts[0].get("topic_title") or str(posts[0].get("topic_slug") or "").replace("-", " ")
    tags = topic.get("tags")
    first = tags[0] if isinstance(tags, list) and tags else ""
    label = first.get("name", "") if isinstance(first, dict) else first
    accepted = topic.get("accepted_answer")
    number = _whole(accepted.get("post_number")) if isinstance(accepted, dict) else None
    kept = [p for p in posts if _whole(p.get("post_type") or _REGULAR) == _REGULAR and not p.get("hidden")]
    kept = [p for p in kept if not p.get("deleted_at") and not p.get("user_deleted")]
    return Thread(
        title=squeeze(str(title)),
        label=str(label),
        posts=tuple(_post(p, number, url) for p in kept),
        platform="discourse",
        marks=True,
        least_votes=2,
        marked_elsewhere=number is not None and all(p.get("post_number") != number for p in posts),
    )


def _post(post: dict[str, Any], accepted: int | None, url: str) -> Post:
    text, markdown, quoted, numbers = _cooked(str(post.get("cooked") or ""), url)
    actions = post.get("actions_summary")
    likes = (
        [a.get("count") for a in actions if isinstance(a, dict) and a.get("id") == _LIKE]
        if isinstance(actions, list)
        else []
    )
    is_accepted = post.get("accepted_answer") is True or (accepted is not None and post.get("post_number") == accepted)
    return Post(
        author=str(post.get("username") or post.get("user_id") or ""),
        text=text,
        markdown=markdown,
        votes=_whole(likes[0]) if likes else 0,
        accepted=is_accepted,
        staff=any(post.get(name) is True for name in ("staff", "moderator", "admin")),
        written_at=iso_time(post.get("created_at")),
        quoted=quoted,
        number=str(_whole(post.get("post_number")) or ""),
        quoted_numbers=numbers,
    )


def _cooked(cooked: str, url: str) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    """The text, the Markdown, and whom and which posts it quotes."""
    try:
        document = parse(f"<div>{cooked}</div>", url)
    except TooComplex:
        document = None
    if document is None:
        return "", "", (), ()
    skip = frozenset(document.root.xpath(_NOISE))
    quoted = tuple(document.root.xpath("//aside/@data-username"))
    numbers = tuple(quoted_numbers(document.root))
    span = document.inside(document.root)
    plain = render(document, span, document.root, skip=skip)
    markdown = render(document, span, document.root, markdown=True, skip=skip)
    return without_signature(plain), without_signature(re.sub(r"\n{3,}", "\n\n", markdown)), quoted, numbers


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
