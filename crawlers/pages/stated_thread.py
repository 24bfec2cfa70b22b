"""A thread that a page states as JSON-LD: a DiscussionForumPosting with its comments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from crawlers.pages.dom import Document
from crawlers.pages.platforms.facts import shared_name
from crawlers.pages.render import squeeze
from crawlers.pages.schema import plain_and_markdown
from crawlers.pages.thread_dates import iso_date
from crawlers.pages.threads import Post, Thread

__all__ = ["stated_thread"]

_KINDS = frozenset({"DiscussionForumPosting"})
_MOST_NODES = 5000


def stated_thread(document: Document) -> Thread | None:
    """The first posting with a text or a headline and at least one comment, or None."""
    for node in _nodes(document):
        types = node.get("@type")
        named = {str(t).rsplit("/", 1)[-1] for t in (types if isinstance(types, list) else [types])}
        comments = node.get("comment")
        replies = [c for c in (comments if isinstance(comments, list) else [comments]) if isinstance(c, dict)]
        title = squeeze(_words(node.get("headline")) or _words(node.get("name")))
        if named.isdisjoint(_KINDS) or not replies or not title:
            continue
        posts = (_post(node, document.url), *(_post(reply, document.url) for reply in replies))
        return Thread(title=title, label="", posts=posts, platform="jsonld", least_votes=2)
    return None


def _nodes(document: Document) -> Iterator[dict[str, Any]]:
    pending: list[Any] = []
    for script in document.root.iter("script"):
        if (script.get("type") or "").split(";")[0].strip().lower() == "application/ld+json":
            try:
                pending.append(json.loads(script.text or "", strict=False))
            except (ValueError, RecursionError):
                continue
    for _ in range(_MOST_NODES):
        if not pending:
            return
        node = pending.pop(0)
        if isinstance(node, dict):
            yield node
            pending.extend(value for key, value in node.items() if key in ("@graph", "mainEntity", "mainEntityOfPage"))
        elif isinstance(node, list):
            pending.extend(node)


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _post(node: dict[str, Any], url: str) -> Post:
    plain, markdown = plain_and_markdown(_words(node.get("text")) or _words(node.get("articleBody")), url)
    author = node.get("author")
    first = author[0] if isinstance(author, list) and author else author
    name = _words(first.get("name")) if isinstance(first, dict) else _words(first)
    votes = node.get("upvoteCount")
    return Post(
        author="" if shared_name(name) else name,
        text=plain,
        markdown=markdown,
        votes=votes if isinstance(votes, int) and not isinstance(votes, bool) else None,
        written_at=iso_date(_words(node.get("datePublished")) or _words(node.get("dateCreated"))),
    )
