"""Who wrote a post, on pages of no known platform."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawlers.pages.dom import Element
from crawlers.pages.render import squeeze

__all__ = ["author_of", "author_words", "is_furniture", "shape"]

_NAMED = re.compile(
    r"(?:^|[-_ ])(?:(?:post|msg|message|comment|topic)[-_]?)?(?:author|user|username|userlink|nick|nickname|"
    r"nick-name|poster|"
    r"posterlink|member|membername|bigusername|postuser|handle|displayname|display-name|autor|"
    r"usuario)(?:[-_]?(?:name|link|text))?(?:$|[-_ ])",
    re.I,
)
_PROFILE = re.compile(
    r"(?:^|[/?&=_.-])(?:users?|members?|profiles?|people|author|perfil|usuario|mitglied|u|showuser|personal_pages|"
    r"user-dashboard)"
    r"(?:[/=?_.-]|$)|action=profile|uid=\d|user_id=|memberid",
    re.I,
)
_BY = re.compile(
    r"\b(?:(?:posted|submitted|written|started|asked|answered|escrito|publicado|enviado|geschrieben|erstellt|"
    r"post[eé]) )?"
    r"(?:by|por|von|par|da)\s+([^\s,|·»].{0,38}?)(?:\s+(?:on|at|el|am|um|le|il|in|»)\b|\s*[,|·»(]|\s*$)",
    re.I,
)
_FURNITURE = frozenset({"nav", "footer", "select", "option", "script", "style"})


def shape(element: Element) -> str:
    """What elements that are marked up alike have in common: tag and class without numbers and odd or even."""
    words = [
        w for w in (element.get("class") or "").lower().split() if not re.search(r"\d|^(?:odd|even|alt|first|last)$", w)
    ]
    if words:
        return f"{element.tag}.{'.'.join(words[:2])}"
    parent = element.getparent()
    around = "" if parent is None else f"{parent.tag}.{(parent.get('class') or '').lower().split()[:1]}"
    return f"{around}>{element.tag}"


def is_furniture(element: Element) -> bool:
    """Whether an element stands in a part of the page that no post is in."""
    return any(above.tag in _FURNITURE for above in (element, *element.iterancestors()))


def author_of(elements: Sequence[Element], body: Element | None) -> tuple[Element | None, str]:
    """The element that names a post's author and the name; (None, "") where none does.

    schema.org's word for it counts first, then a class, then a link to a profile, then bold print.
    """
    within = set(body.iter()) if body is not None else set()
    named: dict[int, tuple[Element, str]] = {}
    for element in elements:
        if element in within or not isinstance(element.tag, str):
            continue
        rank = _rank(element)
        if rank < 4 and rank not in named and (name := _name(element)):
            named[rank] = (element, name)
    return named[min(named)] if named else (None, "")


def _rank(element: Element) -> int:
    if "author" in (element.get("itemprop") or "").split():
        return 0
    if element.tag not in ("img", "ul", "table", "form") and _NAMED.search(element.get("class") or ""):
        return 1
    if element.tag == "a" and _PROFILE.search(element.get("href") or ""):
        return 2
    return 3 if element.tag in ("b", "strong") else 4


def _name(element: Element) -> str:
    inner = element.xpath(".//*[@itemprop='name']")
    text = squeeze((inner[0] if inner else element).text_content())
    text = re.sub(r"^(?:by|por|von|par|posted by|submitted by|escrito por)\s+", "", text, flags=re.I).strip(" :,»")
    return text if 0 < len(text) <= 40 and re.search(r"\w", text) and not re.search(r"[?!]$|\d{4}", text) else ""


def author_words(text: str) -> str:
    """The name in such words as "Submitted by Ana on 3 May 2014"."""
    found = _BY.search(text)
    return found[1].strip() if found else ""
