"""Whether a page marks its thread as solved, and to which post it points as the solution."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawlers.pages.dom import Document, Element
from crawlers.pages.platforms.platform import select
from crawlers.pages.render import squeeze
from crawlers.pages.thread_wording import SOLVED_WORD, TO_SOLUTION

__all__ = ["Pointer", "looks_solved", "pointed_at"]

_SOLVED_CLASS = re.compile(
    r"(?:^|[-_ ])(?:(?:is-?)?solved|(?:is-?)?resolved|(?:is-?)?answered|solucionado|resuelto|geloest)(?:$|[-_ ])", re.I
)
_NOT_SOLVED_CLASS = re.compile(r"(?:un|not[-_]?|no[-_])(?:re)?(?:solved|answered)", re.I)
_LEVELS = 3  # how far above its title a thread's own signs can stand
_MOST = 60  # elements around a title; where there are more it is the page's frame
_LINKS = "//a[contains(@href, '#') or contains(@href, 'omment=') or contains(@href, 'post') or contains(@href, '/t/')]"
_POST_NUMBER = re.compile(r"(?:#[^\d#]{0,40}|omment=|/posts?[-/]|[?&;]p=|/t/(?:[^/?#]+/)?\d+/)(\d+)/?$", re.I)
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


@dataclass(frozen=True, slots=True)
class Pointer:
    """The post of this page that is called the solution, or `elsewhere`: it is on another page of the thread."""

    post: Element | None = None
    elsewhere: bool = False


def pointed_at(document: Document, posts: Sequence[Element]) -> Pointer:
    """What a link outside of the replies, such as the sign beside the thread's title, calls the solution."""
    if not posts:
        return Pointer()
    ids = {name: post for post in posts for name in (post.get("id"), post.get("data-content")) if name}
    numbers = {found[0]: post for name, post in ids.items() if (found := re.search(r"\d+$", name))}
    for link in select(document.root, _LINKS):
        within = set(link.iterancestors())
        if not within.isdisjoint(posts[1:]) or not _leads_to_solution(link):
            continue
        href = link.get("href")
        number = _POST_NUMBER.search(href)
        post = ids.get(href.rpartition("#")[2], numbers.get(number[1]) if number else None)
        if post is not None and post is not posts[0]:
            return Pointer(post=post)
        if post is None and number and numbers and _says_solution(link) and _opens(link, posts):
            return Pointer(elsewhere=True)
    return Pointer()


def _says_solution(link: Element) -> bool:
    said = (squeeze(link.text_content()), squeeze(link.get("title") or ""))
    return any(TO_SOLUTION.fullmatch(words) for words in said if words)


def _opens(link: Element, posts: Sequence[Element]) -> bool:
    """Whether a link stands before the replies: below them are lists of other threads."""
    if len(posts) < 2:
        return posts[0] in link.iterancestors()
    first = next(e for e in posts[0].getroottree().iter() if e is link or e is posts[1])
    return first is link


def _leads_to_solution(link: Element) -> bool:
    if _says_solution(link) or _SIGN.search(link.get("class") or ""):
        return True
    return any(_SIGN.search(above.get("class") or "") for above in list(link.iterancestors())[:2])
