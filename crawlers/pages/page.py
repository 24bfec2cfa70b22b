"""Reads any page: JSON of a known interface, a thread where its markup shows one, else a help page."""

from __future__ import annotations

from crawlers.pages.dom import TooComplex, parse
from crawlers.pages.faq import faq_reading, no_pairs, unmarked
from crawlers.pages.forum import thread_reading
from crawlers.pages.found import Reading
from crawlers.pages.interfaces import read_json

__all__ = ["read_page"]


def read_page(html: str, url: str = "") -> Reading:
    """The pairs of a page of unknown kind; of kind "none" with the reason where it has none."""
    if html.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return read_json(html, url)
    try:
        document = parse(html, url)
        if document is None:
            return unmarked(html, url)
    except TooComplex:
        return no_pairs("too complex")
    return thread_reading(document) or faq_reading(document)
