"""Who wrote a help page and when, where the page states it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crawlers.pages.dom import Document
from crawlers.pages.furniture import in_furniture
from crawlers.pages.lines import Line
from crawlers.pages.render import squeeze
from crawlers.pages.schema import is_kind, name_of, stated_nodes
from crawlers.pages.thread_dates import iso_date

__all__ = ["Authorship", "read_authorship"]

_PAGES = ("FAQPage", "QAPage", "TechArticle", "HowTo", "Article", "BlogPosting", "NewsArticle", "WebPage")
_CHANGED_NAMES = (
    "article:modified_time og:updated_time og:article:modified_time datemodified last-modified lastmod revised "
    "dcterms.modified dc.date.modified dc.date.updated"
)
_MADE_NAMES = (
    "article:published_time og:article:published_time datepublished pubdate date dcterms.created dcterms.issued "
    "dc.date.created dc.date.issued dc.date parsely-pub-date"
)
_CHANGED = frozenset(_CHANGED_NAMES.split())
_MADE = frozenset(_MADE_NAMES.split())
_STAMP = re.compile(
    r"\W*(?:(?:this )?(?:page|article) )?(?:was )?(?:last )?(?:modified|updated|edited|changed|reviewed)(?: on)?\b\W*|"
    r"\W*(?:[uú]ltima (?:actualizaci[oó]n|modificaci[oó]n|revisi[oó]n)|actualizado|modificado)(?: (?:el|en))?\b\W*|"
    r"\W*(?:zuletzt (?:aktualisiert|ge[aä]ndert)|stand)(?: am)?\b\W*",
    re.I,
)
LONGEST_STAMP = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorship:
    """`author` is a name, for `author_mark` alone; `written_at` the last change (ISO 8601), else the first day."""

    author: str
    written_at: str


def read_authorship(document: Document, lines: list[Line]) -> Authorship:
    """What a page says of itself: in JSON-LD, in its meta tags, in time elements, in a line "Last updated: ..."."""
    nodes = [node for node, _ in stated_nodes(document)]
    metas = list(_metas(document))
    dates = (*_stated_dates(nodes), *_meta_dates(metas), *_shown_dates(document, lines))
    return Authorship(
        author=next((name for name in (_stated_author(nodes), *_named_authors(document, metas)) if name), ""),
        written_at=next((day for day in map(iso_date, dates) if day), ""),
    )


def _stated_dates(nodes: list[dict[str, Any]]) -> Iterator[str]:
    for key in ("dateModified", "datePublished"):
        for kind in _PAGES:
            for node in nodes:
                if is_kind(node, kind) and isinstance(node.get(key), str):
                    yield node[key]


def _stated_author(nodes: list[dict[str, Any]]) -> str:
    for kind in _PAGES:
        for node in nodes:
            if is_kind(node, kind) and (name := name_of(node.get("author"), nodes)):
                return name
    return ""


def _metas(document: Document) -> Iterator[tuple[str, str]]:
    for meta in document.root.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        yield name.strip().lower(), (meta.get("content") or "").strip()


def _meta_dates(metas: list[tuple[str, str]]) -> Iterator[str]:
    for names in (_CHANGED, _MADE):
        yield from (content for name, content in metas if name in names)


def _named_authors(document: Document, metas: list[tuple[str, str]]) -> Iterator[str]:
    yield from (content for name, content in metas if name in ("author", "dc.creator", "dcterms.creator"))
    for element in document.root.xpath("//*[@rel='author' or @itemprop='author']"):
        if not in_furniture(document, element) and len(name := squeeze(element.text_content())) <= LONGEST_STAMP:
            yield name


def _shown_dates(document: Document, lines: list[Line]) -> Iterator[str]:
    for mark in ("dateModified", "datePublished"):
        for element in document.root.xpath(f"//*[@itemprop='{mark}']"):
            yield element.get("datetime") or element.get("content") or squeeze(element.text_content())
    for line in lines:
        if len(line.text) <= LONGEST_STAMP and (stamp := _STAMP.match(line.text)):
            yield line.text[stamp.end() :]
    times = {time.get("datetime") for time in document.root.iter("time") if time.get("datetime")}
    if len(times) == 1:  # several are those of comments, or of a list of articles
        yield times.pop()
