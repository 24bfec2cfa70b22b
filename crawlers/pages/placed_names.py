"""Finds who wrote the posts of a page whose markup names nothing in words that are known, by where names stand."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from crawlers.pages.dom import Document, Element
from crawlers.pages.platforms.byline import shape
from crawlers.pages.render import squeeze
from crawlers.pages.thread_wording import NEEDS, PROBLEM
from crawlers.pages.wording import asks

__all__ = ["placed_names", "title_seeks_help"]

_AN_ARTICLE = 300  # letters of paragraphs before the posts, which are then comments on them
_TITLE = 3  # words of a link that is the title of something else
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# A short line without a punctuation mark that divides or ends what is said.
_NAME = re.compile(r"@?[^\W\d_][\w.'’-]{1,24}(?: [\w.'’-]{1,20}){0,2}(?<![.])")


def title_seeks_help(title: str) -> bool:
    """Whether a title asks or names a problem."""
    return bool(asks(title) or PROBLEM.search(title) or NEEDS.search(title))


def placed_names(document: Document, parts: Sequence[Sequence[Element]], stamps: Sequence[Element]) -> list[Element]:
    """The name-like line that stands once in every part, marked up alike; [] where the parts do not look like posts.

    Posts are siblings that are built alike, each with its top element first. Their names are not all
    the same but for a number: those are labels and counts; ranks and places repeat more than names do.
    What has a title of its own is no post but an entry of a list, and what stands below an article is
    a comment on it.
    """
    tops = [elements[0] for elements in parts]
    if len({(shape(top), top.getparent()) for top in tops}) > 1 or _letters_before(document, tops[0]) >= _AN_ARTICLE:
        return []
    if sum(map(_titled, parts)) > len(parts) / 2:
        return []
    seen = [_kinds(elements, stamp) for elements, stamp in zip(parts, stamps, strict=True)]
    best: list[Element] = []
    most = 1
    for kind in seen[0]:
        found = [kinds[kind][0] for kinds in seen if len(kinds.get(kind, ())) == 1]
        names = [squeeze(str(element.text_content())) for element in found]
        if len(found) < len(parts) or not all(map(_NAME.fullmatch, names)):
            continue
        told_apart = len({re.sub(r"\d+", "", name) for name in names}) > 1
        if told_apart and len(set(names)) > most:
            best, most = found, len(set(names))
    return best


def _kinds(elements: Sequence[Element], stamp: Element) -> dict[str, list[Element]]:
    """The elements beside the date, by their shape and in order."""
    of_stamp = {stamp, *stamp.iterancestors(), *stamp.iterdescendants()}
    kinds: dict[str, list[Element]] = defaultdict(list)
    for element in elements:
        if element not in of_stamp:
            kinds[shape(element)].append(element)
    return kinds


def _titled(elements: Sequence[Element]) -> bool:
    """Whether the first heading or link of a part reads like a title."""
    first = next((e for e in elements if e.tag in _HEADINGS or e.tag == "a"), None)
    return first is not None and len(first.text_content().split()) >= _TITLE


def _letters_before(document: Document, top: Element) -> int:
    """How much text the paragraphs before an element have."""
    before = [e for e in document.elements() if e.tag == "p" and document.leave[e] < document.enter[top]]
    return sum(len(squeeze(str(e.text_content()))) for e in before)
