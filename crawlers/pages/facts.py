"""What a page states about itself: language, title, licence, whether it may be indexed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawlers.pages.dom import Document, classes, safe_link
from crawlers.pages.render import squeeze
from crawlers.pages.wording import is_faq_word

__all__ = ["Facts", "read_facts"]

_BODY_OF_FAQS = re.compile(
    r" (?!(?:has|no|not|with|without|hide)[-_])(?:[\w-]*[-_])?"
    r"(?:faqs?|preguntas[-_]frecuentes|frequently[-_]asked[-_]questions)"
    r"(?:[-_](?:page|template|archive|category|categoria|php|default|\d+))* "
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`faq` says whether title, address or main heading speak of frequent questions, `faq_section` whether one below
    the main heading does.
    """

    lang: str
    title: str
    licence: str
    noindex: bool
    faq: bool
    faq_section: bool


def _language(document: Document) -> str:
    root = document.root
    stated = [root.get("lang"), root.get("xml:lang"), root.get("{http://www.w3.org/XML/1998/namespace}lang")]
    stated += root.xpath("//body/@lang")[:1]
    for meta in root.iter("meta"):
        name = (meta.get("http-equiv") or meta.get("property") or meta.get("name") or "").lower()
        if name in ("content-language", "language", "og:locale", "dc.language", "dcterms.language"):
            stated.append(meta.get("content"))
    for value in stated:
        found = re.match(r"\s*([a-zA-Z]{2})(?:[-_][\w-]+)?\s*(?:,|$)", value or "")
        if found:
            return found[1].lower()
    return ""


def _title(document: Document) -> str:
    for path in ("//head/title", "//title", "//h1"):
        for element in document.root.xpath(path)[:1]:
            if words := squeeze(element.text_content()):
                return words
    return ""


def _licence(document: Document) -> str:
    for element in document.root.iter("a", "link"):
        stated = "license" in (element.get("rel") or "").lower().split()
        if stated and (link := safe_link(element.get("href") or "", document.url)):
            return link
    return ""


def _noindex(document: Document) -> bool:
    """Whether a meta tag for every robot, or for this one, asks for it."""
    robots = [m for m in document.root.iter("meta") if (m.get("name") or "").strip().lower() in ("robots", "tamiz")]
    wishes = {word.strip().lower() for meta in robots for word in (meta.get("content") or "").split(",")}
    return not wishes.isdisjoint(("noindex", "none"))


def _speaks_of_questions(document: Document, title: str) -> bool:
    path = re.sub(r"^\w+://[^/]*", "", document.url)
    return any(is_faq_word(text) for text in (title, path)) or _headed_as_faq(document, "h1") or _is_of_faqs(document)


def _is_of_faqs(document: Document) -> bool:
    """Whether the body's class says so, as content management systems do: page-faq, tax-faq-category."""
    body = document.root.find(".//body")
    return body is not None and bool(_BODY_OF_FAQS.search(classes(body)))


def _headed_as_faq(document: Document, *tags: str) -> bool:
    headings = [squeeze(e.text_content()) for e in document.root.iter(*tags)][:40]
    return any(is_faq_word(text) for text in headings if len(text) < 120)


def read_facts(document: Document) -> Facts:
    """Read them once; every reader of the page shares them."""
    title = _title(document)
    return Facts(
        lang=_language(document),
        title=title,
        licence=_licence(document),
        noindex=_noindex(document),
        faq=_speaks_of_questions(document, title),
        faq_section=_headed_as_faq(document, "h2", "h3"),
    )
