"""Whether a page is a later one of its thread: there the question is missing, so no reply can answer it."""

from __future__ import annotations

import re

from crawlers.pages.dom import Document
from crawlers.pages.platforms.platform import select
from crawlers.pages.render import squeeze

__all__ = ["goes_on", "is_later_address", "is_later_page"]

_LATER = re.compile(
    r"[?&;](?:start|limitstart|offset)=[1-9]"
    r"|[?&;](?:page|p|pg|seite|pagina|pid_page)=(?:[2-9]|\d{2,})(?:[&;#]|$)"
    r"|[/_-]page[-/]?(?:[2-9]|\d{2,})(?:\b|$)"
    r"|[?;]topic[=,]\d+\.(?:[1-9]\d*)(?:[;&#]|$)"
    r"|/p(?:[2-9]|\d{2,})/?(?:[?#]|$)",
    re.I,
)
_PAGE_NUMBERS = (
    "//*[contains(@class, 'agin') or contains(@class, 'agenav') or contains(@class, 'ageNav') or contains(@class, "
    "'pagelink')"
    " or contains(@class, 'PageNav') or contains(@class, 'pages') or contains(@class, 'NumberedPager')]"
)
_CURRENT = (
    ".//*[@aria-current='page' or self::strong or self::b or contains(@class, 'current') or contains(@class, "
    "'active') or "
    "contains(@class, 'selected') or contains(@class, 'Highlight') or contains(@class, 'pageselect')]"
)


def is_later_address(url: str) -> bool:
    """Whether an address is that of a thread's second page or a later one.

    >>> is_later_address("https://foro.example/viewtopic.php?t=9&start=20")
    True
    """
    return bool(_LATER.search(url))


def is_later_page(document: Document) -> bool:
    """Whether a page says so of itself: by its canonical address or the page number it shows as the current one."""
    own = document.root.xpath("//link[@rel='canonical']/@href")[:1]
    if own and is_later_address(own[0]):
        return True
    for numbers in select(document.root, _PAGE_NUMBERS):
        current = [squeeze(e.text_content()) for e in select(numbers, _CURRENT)]
        shown = [int(text) for text in current if re.fullmatch(r"\d{1,5}", text)]
        if shown:
            return min(shown) > 1
    return False


def goes_on(document: Document) -> bool:
    """Whether a thread has pages after this one: the page names a next one or lists its number."""
    if document.root.xpath("//link[@rel='next'] | //a[@rel='next']"):
        return True
    numbers = select(document.root, _PAGE_NUMBERS)
    links = [squeeze(link.text_content()) for place in numbers for link in place.iter("a")]
    return any(re.fullmatch(r"[2-9]|[1-9]\d{1,4}", text) for text in links)
