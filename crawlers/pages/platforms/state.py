"""Whether a page marks its thread as solved, and to which post it points as the solution."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawlers.pages.dom import Document, Element
from crawlers.pages.platforms.platform import select
from crawlers.pages.render import squeeze
from crawlers.pages.thread_wording import SOLVED_WORD, TO_SOLUTION

__all__ = ["looks_solved", "pointed_at"]

_SOLVED_CLASS = re.compile(
    r"(?:^|[-_ ])(?:(?:is-?)?solved|(?:is-?)?resolved|(?:is-?)?answered|solucionado|resuelto|geloest)(?:$|[-_ ])", re.I
)
_NOT_SOLVED_CLASS = re.compile(r"(?:un|not[-_]?|no[-_])(?:re)?(?:solved|answered)", re.I)
_LEVELS = 3  # how far above its title a thread's own signs can stand
_MOST = 60  # elements around a title; where there are more it is the page's frame
_LINKS = "//a[contains(@href, '#') or contains(@href, 'omment=')]"
_SIGN = re.compile(r"solved|solution|accepted|best-?answer|answer-field|chosen-answer", re.I)


def looks_solved(title: Element, posts: Sequence[Element]) -> bool:
    """Whether a sign or a word beside the title says that the thread is solved."""
    places = frozenset(posts)
    top = title
    for above in list(title.iterancestors())[:_LEVELS]:
        inner = list(above.iterdescendants())
        if len(inner) > _MOST or any(e in places for e in inner) or above in places:
            break
        top = above
    return any(_is_sign(element) for element in top.iter())


def _is_sign(element: Element) -> bool:
    marks = element.get("class") or ""
    if _SOLVED_CLASS.search(marks) and not _NOT_SOLVED_CLASS.search(marks):
        return True
    if len(element) or not isinstance(element.tag, str) or element.tag in ("script", "style", "option"):
        return False
    words = squeeze(element.text or element.get("title") or element.get("alt") or "")
    return 0 < len(words) < 30 and bool(SOLVED_WORD.fullmatch(words))


def pointed_at(document: Document, posts: Sequence[Element]) -> Element | None:
    """The post that a link outside of it, such as the sign beside the thread's title, calls the solution."""
    if len(posts) < 2:
        return None
    ids = {name: post for post in posts for name in (post.get("id"), post.get("data-content")) if name}
    numbers = {found[0]: post for name, post in ids.items() if (found := re.search(r"\d+$", name))}
    for link in select(document.root, _LINKS):
        if not _leads_to_solution(link):
            continue
        href = link.get("href")
        number = re.search(r"(?:#\D*|omment=)(\d+)$", href)
        post = ids.get(href.rpartition("#")[2], numbers.get(number[1]) if number else None)
        within = set(link.iterancestors())
        if post is not None and post is not posts[0] and within.isdisjoint(posts[1:]):
            return post
    return None


def _leads_to_solution(link: Element) -> bool:
    if TO_SOLUTION.fullmatch(squeeze(link.text_content())) or _SIGN.search(link.get("class") or ""):
        return True
    return any(_SIGN.search(above.get("class") or "") for above in list(link.iterancestors())[:2])
