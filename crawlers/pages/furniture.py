"""Which elements are the site's own frame: navigation, footer, sidebar, cookie notice, contents."""

from __future__ import annotations

import re
from itertools import islice

from lxml import etree  # type: ignore[import-untyped]

from crawlers.pages.dom import Document, Element, classes, has_text

__all__ = ["furniture", "in_furniture", "is_consent_notice"]

LONGEST_HEADER = 600  # characters in the paragraphs of a site's header
LEAST_PAGE = 200  # characters, links not counted: what holds less does not hold a page
MOST_WEIGHED = 20  # elements of a page of which it is found out how much of the page they hold
_ROLES = frozenset({"navigation", "menu", "menubar", "banner", "contentinfo", "search", "complementary"})
_NEVER = frozenset({"body", "html", "main", "article", "form", "h1", "h2", "h3", "h4", "h5", "h6"})
# "no-sidebar" and "has-navbar" tell how a page is laid out; the element that says so is a box around all of it.
_LAYOUT = re.compile(
    r" (?:(?:has|have|no|not|with|without|hide|show|sin|con|is)[-_][\w-]+|"
    r"[\w-]+[-_](?:none|no|off|layout|enabled|disabled))"
    r"(?= )"
)
_CLASS = re.compile(
    r" (?:[\w-]*(?:navbar|breadcrumb|cookie|sidebar|site-footer|site-header|mainmenu|main-menu|megamenu|offcanvas)"
    r"[\w-]*|catlinks|printfooter|navfooter|navheader|"
    r"toc|[\w-]+-toc|toc-[\w-]+|table-of-contents|menu|nav|footer|related-posts|comments) "
)
_CONSENT = re.compile(
    r" (?:[\w-]*[-_])?cookies?[-_]*(?:banner|notice|consent|bar|popup|modal|law|alert|message|overlay|warning|aviso)"
    r"(?:[-_][\w-]*)? "
)
_BESIDE = re.compile(r"cookie|footer|comments|related")  # what may say more than a page and is not the page
_PROSE = etree.XPath(
    ".//text()[not(ancestor::a or ancestor::script or ancestor::style or ancestor::noscript or ancestor::template"
    " or ancestor::select or ancestor::button or ancestor::svg)]"
)


def in_furniture(document: Document, element: Element) -> bool:
    """Whether an element belongs to the site's frame, or is a part of it."""
    frames = furniture(document)
    return element in frames or any(parent in frames for parent in element.iterancestors())


def is_consent_notice(document: Document, element: Element) -> bool:
    """Whether an element asks for consent to cookies, wherever on the page it was put."""
    marks = _marks(element)
    return "cookie" in marks and bool(_CONSENT.search(marks)) and element in furniture(document)


def furniture(document: Document) -> frozenset[Element]:
    """The elements of a page that are the site's frame. None of them holds the page itself, whatever it is called."""
    found: frozenset[Element] = document.once("furniture", _furniture)
    return found


def _furniture(document: Document) -> frozenset[Element]:
    frames = [element for element in document.elements() if _is_called_so(element)]
    holding = _holding_the_page(document, [frame for frame in frames if frame.tag != "header"])
    return frozenset(frame for frame in frames if frame not in holding)


def _is_called_so(element: Element) -> bool:
    tag = element.tag
    if tag in ("nav", "footer", "aside"):
        return True
    if tag == "header":
        parent = element.getparent()
        return parent is not None and bool(parent.tag == "body") and not _never_closed(element)
    if tag in _NEVER:
        return False
    if (element.get("role") or "").lower() in _ROLES:
        return True
    marks = _marks(element)
    return marks != "   " and bool(_CLASS.search(marks)) and bool(_CLASS.search(_LAYOUT.sub(" ", marks)))


def _marks(element: Element) -> str:
    return classes(element) + (element.get("id") or "").lower() + " "


def _never_closed(header: Element) -> bool:
    """Whether a header holds the paragraphs of the whole page."""
    return (
        header.find(".//main") is not None
        or sum(len(paragraph.text_content()) for paragraph in header.iter("p")) > LONGEST_HEADER
    )


def _holding_the_page(document: Document, frames: list[Element]) -> set[Element]:
    """Those around <main>; in it, or where none is, those with the main heading or next to all of the prose."""
    root = document.root
    page = next((e for e in root.xpath("//main | //*[@role='main']") if has_text(e)), root)
    holding = {frame for frame in frames if page is not root and document.contains(frame, page)}
    inner = (frame for frame in frames if document.contains(page, frame) and has_text(frame, LEAST_PAGE))
    long = list(islice(inner, MOST_WEIGHED))
    if not long:
        return holding
    heading = next((h for h in page.iter("h1") if has_text(h) and "cookie" not in h.text_content().lower()), None)
    whole = _prose(page)
    for frame in long:
        within = heading is not None and document.contains(frame, heading)
        if not within and (frame.tag == "footer" or _BESIDE.search(_marks(frame))):
            continue
        prose = _prose(frame)
        if prose >= LEAST_PAGE and prose >= (0.5 if within else 0.8) * whole:
            holding.add(frame)
    return holding


def _prose(element: Element) -> int:
    return sum(len(text.strip()) for text in _PROSE(element))
