"""Reads the posts of a thread from a page, by the paths of the platform that made it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from crawlers.pages.dom import Document, Element
from crawlers.pages.platforms.boards import BOARDS
from crawlers.pages.platforms.communities import COMMUNITIES
from crawlers.pages.platforms.facts import (
    post_number,
    quoted_numbers,
    said_by_staff,
    shared_name,
    spoken_date,
    vote_count,
)
from crawlers.pages.platforms.platform import Platform, class_path, select
from crawlers.pages.platforms.state import looks_solved, pointed_at
from crawlers.pages.render import render, squeeze
from crawlers.pages.thread_dates import iso_dates
from crawlers.pages.thread_wording import BACK_TO, CITED, TITLE_FRAME, without_signature
from crawlers.pages.threads import Post, Thread
from crawlers.pages.verdict import stays_thanked

__all__ = ["PLATFORMS", "find_thread", "noise_path"]

PLATFORMS = (*COMMUNITIES, *BOARDS)
_TITLE_SIGNS = ".//span{label or label-append or prefix} | .//*{topic-state or ipsBadge}"


def find_thread(document: Document) -> Thread | None:
    """The thread of the first platform whose posts are on the page, or None."""
    marks = _marks(document)
    for platform in PLATFORMS:
        if marks.isdisjoint(platform.signs):
            continue
        elements = select(document.root, platform.post)
        solution = pointed_at(document, elements)
        posts = _posts(document, platform, elements, solution.post)
        title = _first(document, platform.title) if posts else None
        if title is None:
            continue
        return Thread(
            title=_title(document, title),
            label=BACK_TO.sub("", _label(document, platform.label)),
            posts=posts,
            platform=platform.name,
            marks=platform.marks,
            judges=platform.judges,
            solved=bool(select(document.root, platform.solved)) or looks_solved(title, elements),
            least_votes=platform.least_votes,
            marked_elsewhere=solution.elsewhere and not any(post.accepted for post in posts[1:]),
        )
    return None


def noise_path(name: str) -> str:
    """The path of what is no part of a post on the platform of that name."""
    return class_path(next(platform.noise for platform in PLATFORMS if platform.name == name))


def _marks(document: Document) -> frozenset[str]:
    """Every class, id and tag of the page."""
    found: set[str] = set()
    for element in document.elements():
        found.add(element.tag)
        found.add(element.get("id") or "")
        found.update((element.get("class") or "").split())
    return frozenset(found)


def _first(document: Document, paths: str) -> Element | None:
    """The first element of the first path that has any text."""
    for path in paths.split(" | ") if paths else []:
        for element in select(document.root, path):
            if _title(document, element):
                return element
    return None


def _title(document: Document, element: Element) -> str:
    signs = frozenset(select(element, _TITLE_SIGNS)) - {element}
    words = squeeze(render(document, document.inside(element), element, skip=signs)).strip("»> ")
    return TITLE_FRAME.sub("", words)


def _label(document: Document, paths: str) -> str:
    stated = select(document.root, paths) if "/@" in paths else []
    if stated:
        return squeeze(str(stated[0]))
    element = _first(document, paths)
    return "" if element is None else _title(document, element)


def _posts(
    document: Document, platform: Platform, elements: list[Element], solution: Element | None
) -> tuple[Post, ...]:
    """The posts in order. Those inside another post, as comments below it, reply to that post."""
    places = frozenset(elements)
    found: dict[Element, Post] = {}
    bodies: set[Element] = set()
    dates: list[str] = []
    for element in elements:
        body = next((b for b in _own(element, select_first(element, platform.body), places)), None)
        if body is None or body in bodies:
            continue
        bodies.add(body)
        post = _post(document, platform, element, body, places)
        above = [found[a] for a in element.iterancestors() if a in found]
        if above:
            post = replace(post, depth=len(above), quoted=(*post.quoted, above[0].author))
        found[element] = replace(post, accepted=post.accepted or element is solution)
        dates.append(spoken_date(element, body, select(element, platform.date), places))
    dated = [replace(p, written_at=day) for p, day in zip(found.values(), iso_dates(dates), strict=True)]
    return tuple(_once(dated))


def select_first(element: Element, paths: str) -> list[Element]:
    """What the first path that finds anything finds."""
    return next((found for path in paths.split(" | ") if (found := select(element, path))), [])


def _own(element: Element, found: list[Any], places: frozenset[Element]) -> list[Any]:
    """Those elements and strings that belong to this post and to none inside of it."""
    kept = []
    for one in found:
        start = one.getparent() if hasattr(one, "is_attribute") else one  # lxml's strings know their element
        nearest = start if start in places else next((a for a in start.iterancestors() if a in places), None)
        if nearest is None or nearest is element or nearest in element.iterancestors():
            kept.append(one)
    return kept


def _post(document: Document, platform: Platform, element: Element, body: Element, places: frozenset[Element]) -> Post:
    skip = frozenset(e for e in select(body, platform.noise) if not isinstance(e, str))
    for block in select(body, platform.code):
        block.tag = "pre"
    span = document.inside(body)
    named = [_text(a) for path in platform.author.split(" | ") for a in _own(element, select(element, path), places)]
    author = next(filter(None, named), "")
    cited = [CITED.split(_text(c))[0].strip(" @") for c in select(body, platform.cite)]
    below = [_text(t) for t in _own(element, select(element, platform.thanks), places)]
    return Post(
        author="" if shared_name(author) else author,
        text=without_signature(render(document, span, body, skip=skip)),
        markdown=without_signature(render(document, span, body, markdown=True, skip=skip)),
        votes=vote_count(_own(element, select(element, platform.votes), places)),
        accepted=bool(_own(element, select(element, platform.accepted), places)),
        staff=bool(_own(element, select(element, platform.staff), places)) or said_by_staff(element, body),
        quoted=tuple(filter(None, cited)),
        number=post_number(element),
        quoted_numbers=tuple(quoted_numbers(body)),
        thanked=stays_thanked(below),
    )


def _text(found: Element | str) -> str:
    return squeeze(found if isinstance(found, str) else found.text_content())


def _once(posts: list[Post]) -> list[Post]:
    """The posts without copies, such as the solution that some platforms repeat below the question."""
    last = {(p.author, p.text): n for n, p in enumerate(posts)}
    accepted = {(p.author, p.text) for p in posts if p.accepted and p.text}
    kept = [p for n, p in enumerate(posts) if n == 0 or not p.text or last[p.author, p.text] == n]
    return [replace(p, accepted=True) if n and (p.author, p.text) in accepted else p for n, p in enumerate(kept)]
