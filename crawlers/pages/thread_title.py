"""What a page is called without the name of its site, and whether it says that it belongs to a forum."""

from __future__ import annotations

import re

from crawlers.pages.dom import Document
from crawlers.pages.render import squeeze

__all__ = ["page_title", "speaks_of_forum"]

_FORUM = re.compile(
    r"forum|schema.org/question|foro(?:s|\b|[-_/])|\bhilo|thread|topic|viewtopic|message.?board|discuss|diskuss|\bboard|community/|"
    r"comunidad|"
    r"questions?/|/q/|/t/\d|/talk/|/posts/|\bposting|read\.php",
    re.I,
)
_CUT = re.compile(r"\s+[-–—|•·»:]+\s+|\s*::\s*|\s*\|\s*")


def page_title(document: Document) -> str:
    """The main heading that the page's title repeats, else the title up to the name of the site."""
    stated = [squeeze(e.text_content()) for e in document.root.xpath("//head/title")[:1]]
    stated += document.root.xpath("//meta[@property='og:title']/@content")[:1]
    wanted = " ".join(stated).lower()
    for path in ("//h1", "//h2", "//h3"):
        for heading in document.root.xpath(path)[:20]:
            words = squeeze(heading.text_content())
            if len(words) > 3 and words.lower() in wanted and words.lower() != _CUT.split(wanted)[-1]:
                return words
    parts = [part for part in _CUT.split(stated[0]) if part] if stated else []
    return max(parts[:2], key=len) if parts else ""


def speaks_of_forum(document: Document) -> bool:
    """Whether address, title, breadcrumb or the classes of the body name a forum, a thread or a discussion."""
    root = document.root
    said = [
        document.url,
        *root.xpath("//link[@rel='canonical']/@href"),
        *root.xpath("//meta[@property='og:url']/@content"),
    ]
    said = [re.sub(r"^\w+://[^/]*", "", address) for address in said]
    said += [squeeze(e.text_content()) for e in root.xpath("//head/title")[:1]]
    said += [f"{e.get('class') or ''} {e.get('id') or ''}" for e in root.xpath("//body | //body/*")[:30]]
    said += root.xpath("//@itemtype[contains(., 'Question') or contains(., 'DiscussionForumPosting')]")[:1]
    said += [squeeze(e.text_content()) for e in root.xpath("//*[contains(@class, 'readcrumb')]")[:2]]
    return any(_FORUM.search(text) for text in said if text)
