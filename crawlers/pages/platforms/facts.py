"""What a post says of itself beside its text: its date, its votes, whether staff wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from crawlers.pages.dom import Element
from crawlers.pages.render import squeeze
from crawlers.pages.thread_dates import iso_date, says_when

__all__ = ["post_number", "quoted_numbers", "said_by_staff", "shared_name", "spoken_date", "stamp_text", "vote_count"]

_SHARED = re.compile(
    r"\[?(?:guest|anonymous|anon|unregistered|deleted(?: user| member)?|former member|removed|"
    r"invitad[oa]|an[oó]nim[oa]|usuario (?:eliminado|borrado)|visitante|gast|gelöscht\w*|ehemalig\w* \w+|"
    r"invité|anonyme|ospite|convidado)\]?",
    re.I,
)
_STAFF = re.compile(
    r"(?:(?:global|super|forum|community|site|team|senior|lead)[ -])?"
    r"(?:moderat(?:or|eur|ore)|moderador(?:a|es)?|administrat(?:or|eur|ore)|administrador(?:a|es)?|admin|"
    r"staff(?: member)?|"
    r"support(?: team| staff| agent)?|community manager|employee|developer|maintainer|collaborator|owner|"
    r"soporte(?: t[eé]cnico)?|equipo|empleado|team ?mitglied|mitarbeiter(?:in)?|betreuer|équipe|suporte)",
    re.I,
)
_DATED = (
    "datetime",
    "date",
    "data-time",
    "data-timestamp",
    "data-date",
    "ts",
    "created-timestamp",
    "created",
    "content",
    "title",
)
_NO_DATES = frozenset({"img", "a", "input", "link", "meta", "html", "body"})
# Who is quoted, as a link to the post: in the quote's head and not in the words that it repeats.
_QUOTE_LINKS = (
    ".//blockquote//cite//a/@href | .//cite//a/@href | .//blockquote/preceding-sibling::*[1]//a/@href | "
    ".//*[contains(@class, 'quoteheader') or contains(@class, 'bbcode_postedby') or contains(@class, 'attribution')]"
    "//a/@href"
)
_POST_LINK = re.compile(r"(?:#(?:p|post|pid|msg|comment|entry)[-_]?|[?&;](?:p|pid|id)=|/posts?[-/])(\d+)(?:\D|$)", re.I)
_SHORT = 90  # characters of a text that says when a post was written and nothing else
_LONGEST = 200  # characters of a text that says when a post was written


def shared_name(name: str) -> bool:
    """Whether a name is no name of one person: guests and deleted members share theirs."""
    return bool(_SHARED.fullmatch(name))


def post_number(element: Element) -> str:
    """The number of a post on its platform, from the attribute that names it; "" where it has none."""
    said = [element.get(name) or "" for name in ("id", "data-content", "data-pid", "data-post-id")]
    said += element.xpath("./descendant::*[@id][position() <= 3]/@id")
    return next((found[1] for text in said if (found := re.search(r"(?:^|[a-z]|[-_])(\d+)$", text, re.I))), "")


def quoted_numbers(body: Element) -> Iterator[str]:
    """The numbers of the posts that a post quotes, where its quotes say so or link to them."""
    yield from body.xpath(".//aside[contains(@class, 'quote')]/@data-post")
    yield from (found[1] for text in body.xpath(".//@data-source") if (found := re.match(r"post:\s*(\d+)", text)))
    for link in body.xpath(_QUOTE_LINKS):
        if found := _POST_LINK.search(link):
            yield found[1]


def vote_count(values: Sequence[Element | str]) -> int | None:
    """The first number of the given attributes and elements; 1.2k is 1200.

    >>> vote_count(["", "1.2k"]), vote_count(["Score: -3"]), vote_count([])
    (1200, -3, None)
    """
    for value in values:
        text = value if isinstance(value, str) else value.text_content()
        found = re.search(r"([-−]?\d{1,9})(?:[.,](\d))?\s?(k\b)?", text, re.I)
        if found:
            number = int(found[1].replace("−", "-"))
            return number * 1000 + int(found[2] or 0) * 100 if found[3] else number
    return None


def said_by_staff(element: Element, body: Element) -> bool:
    """Whether a short text beside the post's body, such as the rank below a name, speaks of staff."""
    return any(len(text) < 40 and _STAFF.fullmatch(text.strip(" ()[]★·")) for text in _texts(element, body))


def spoken_date(element: Element, body: Element, scope: Sequence[Element | str], posts: frozenset[Element]) -> str:
    """The text or attribute that says when a post was written; "" for none.

    `scope` is where to look first, the rest of the post but its body comes after; the posts inside
    of it speak for themselves.
    """
    for place in scope:
        said = place if isinstance(place, str) else next(_said(place, body, posts), "") or squeeze(place.text_content())
        if _has_date(said):
            return said
    return next((text for text in _said(element, body, posts) if _has_date(text)), "")


def stamp_text(element: Element) -> str:
    """What an element itself says of a date, in an attribute or in its own words; "" for nothing."""
    for name in _DATED:
        value = element.get(name)
        if value and element.tag not in _NO_DATES and _says_when(name, value, element) and iso_date(value):
            return str(value)
    words = squeeze(" ".join([element.text or "", *(child.tail or "" for child in element)]))
    if 3 < len(words) <= _SHORT and any(c.isdigit() for c in words) and says_when(words):
        whole = squeeze(str(element.text_content()))
        return whole if len(whole) <= _LONGEST else words
    return ""


def _has_date(text: str) -> bool:
    # A slashed date that could be read in two ways is a date too: others of the page may tell how.
    return bool(
        0 < len(text) <= _LONGEST and (iso_date(text) or re.search(r"\b\d{1,2}[/-]\d{1,2}[/-](?:19|20)\d\d", text))
    )


def _said(element: Element, body: Element, posts: frozenset[Element]) -> Iterator[str]:
    """Attributes that hold dates, then the texts of a post outside of its body, in order."""
    for inner in _outside(element, body, posts):
        if inner.tag in ("img", "a", "input", "link") and not inner.get("datetime"):
            continue
        yield from (value for name in _DATED if (value := inner.get(name)) and _says_when(name, value, inner))
    for inner in _outside(element, body, posts):
        # A whole short element at once: "Posted on <b>3</b> May 2014" is one date.
        if len(squeeze(inner.text_content())) <= _LONGEST and inner.tag not in ("script", "style"):
            yield squeeze(inner.text_content())


def _says_when(name: str, value: str, element: Element) -> bool:
    if name == "content":
        return "date" in (element.get("itemprop") or "").lower()
    return len(value) <= _LONGEST and any(c.isdigit() for c in value)


def _outside(element: Element, body: Element, posts: frozenset[Element]) -> Iterator[Element]:
    """The post and what is inside of it, but its body and other posts."""
    pending = [element]
    while pending:
        inner = pending.pop()
        if inner is body or (inner in posts and inner is not element) or not isinstance(inner.tag, str):
            continue
        yield inner
        pending.extend(reversed(inner))


def _texts(element: Element, body: Element) -> Iterator[str]:
    for inner in _outside(element, body, frozenset()):
        yield from (squeeze(text) for text in (inner.text, inner.tail) if text and text.strip())
