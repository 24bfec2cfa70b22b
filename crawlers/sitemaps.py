"""Sitemaps (sitemaps.org): what a file of theirs lists, and which addresses look like support. Pure."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import unquote, urlsplit

from lxml import etree  # type: ignore[import-untyped]

__all__ = ["Sitemap", "looks_like_sitemap", "read_sitemap", "support_score"]

MAX_BYTES = 50 * 1024 * 1024  # the protocol's own limits
MAX_ENTRIES = 50_000
MAX_TAGS = 2_000_000  # an entry with its dates and languages has up to some dozens

_SURE = re.compile(
    r"(?<![a-z])(?:faqs?|preguntas?(?:[-_ ](?:mas[-_ ])?frecuentes)?|dudas|perguntas[-_ ]frequentes|"
    r"domande[-_ ]frequenti|foire[-_ ]aux[-_ ]questions|questions?|haeufige[-_ ]fragen|"
    r"h[aä]ufig[-_ ]gestellte[-_ ]fragen|fragen|q(?:[-_ ]and[-_ ])?a|"
    r"knowledge[-_ ]?base|kb|help[-_ ]?cent(?:er|re)|centro[-_ ]de[-_ ](?:ayuda|soporte)|hilfe[-_ ]?center|"
    r"centre[-_ ]d[-_ ]?aide|central[-_ ]de[-_ ]ajuda|centro[-_ ]assistenza|troubleshoot\w*|"
    r"solucion[-_ ](?:de[-_ ])?problemas)(?![a-z])",
    re.IGNORECASE,
)
_LIKELY = re.compile(
    r"(?<![a-z])(?:help|support|soporte|ayuda|asistencia|atencion[-_ ]al[-_ ]cliente|hilfe|kundenservice|aide|"
    r"assistance|"
    r"ajuda|suporte|aiuto|supporto|assistenza|hc|how[-_ ]to|howto|como|wie|comment|come|articles?|articulos?|answers?|"
    r"respuestas?|problemas?|problems?|errors?|errores|fehler|customer[-_ ](?:service|care)|forum|foro|community|"
    r"comunidad|topics?|threads?)(?![a-z])",
    re.IGNORECASE,
)
_MAYBE = re.compile(
    r"(?<![a-z])(?:guides?|guias?|manual\w*|handbuch|docs?|documentation|documentacion|tutorial\w*|anleitung\w*|"
    r"instrucciones|instructions|getting[-_ ]started|primeros[-_ ]pasos|contact|contacto)(?![a-z])",
    re.IGNORECASE,
)
_HARDLY = re.compile(
    r"(?<![a-z])(?:blog|news|noticias|nachrichten|actualites|press|prensa|presse|tags?|etiquetas?|categor(?:y|ia|ies)|"
    r"authors?|autor|products?|productos?|produkte?|produits?|prodotti|shop|tienda|store|cart|carrito|checkout|jobs|"
    r"empleo|"
    r"careers|karriere|legal|privacy|privacidad|datenschutz|cookies?|terms|terminos|login|account|cuenta|events?|eventos?)"
    r"(?![a-z])",
    re.IGNORECASE,
)
_DECLARES = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """The addresses of a file: pages, and further sitemaps where it is an index. `trouble` says why it has none."""

    pages: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    trouble: str = ""


def looks_like_sitemap(url: str, body: bytes) -> bool:
    """Whether an answer is a sitemap and no page."""
    if re.search(r"sitemap[^/]*\.(?:xml|txt)(?:\.gz)?$|\.xml\.gz$", urlsplit(url).path, re.IGNORECASE):
        return True
    return _ROOT.search(body[:2000]) is not None


def read_sitemap(body: bytes) -> Sitemap:
    """Read XML or a list of lines, gzipped or not. Declarations of entities are refused, whatever they say."""
    if body[:2] == b"\x1f\x8b":
        body = _gunzip(body)
    if len(body) > MAX_BYTES or body.count(b"<") > MAX_TAGS:
        return Sitemap(trouble="too large")
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        lines = (line.strip() for line in body.decode("utf-8", "replace").splitlines())
        listed = tuple(line for line in lines if re.match(r"https?://\S+$", line))
        return Sitemap(pages=listed[:MAX_ENTRIES], trouble="" if listed else "no sitemap")
    if _DECLARES.search(body):
        return Sitemap(trouble="it declares entities")
    return _read_xml(body)


def _read_xml(body: bytes) -> Sitemap:
    found: dict[str, list[str]] = {"url": [], "sitemap": []}
    settings = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False, "recover": True}
    try:
        for _, element in etree.iterparse(BytesIO(body), tag=("{*}url", "{*}sitemap"), **settings):
            address = (element.findtext("{*}loc") or "").strip()
            if address:
                found[etree.QName(element).localname].append(address)
            element.clear()
            if sum(map(len, found.values())) >= MAX_ENTRIES:
                break
    except etree.XMLSyntaxError:
        if not any(found.values()):
            return Sitemap(trouble="no sitemap")
    trouble = "" if any(found.values()) else "no addresses"
    return Sitemap(pages=tuple(found["url"]), sitemaps=tuple(found["sitemap"]), trouble=trouble)


def _gunzip(body: bytes) -> bytes:
    """The content, cut one byte beyond the limit."""
    try:
        return zlib.decompressobj(wbits=31).decompress(body, MAX_BYTES + 1)
    except zlib.error:
        return b""


def support_score(url: str) -> int:
    """How much an address looks like support, by its words in six languages; above 0 is worth a request.

    >>> support_score("https://a.example/ayuda/preguntas-frecuentes"), support_score("https://a.example/blog/verano")
    (5, -2)
    """
    parts = urlsplit(url)
    path = unquote(parts.path)
    first_label = (parts.hostname or "").split(".")[0]
    score = 3 * bool(_SURE.search(path)) + 2 * bool(_LIKELY.search(path)) + bool(_MAYBE.search(path))
    score += 2 * bool(_SURE.fullmatch(first_label) or _LIKELY.fullmatch(first_label))
    return score - 2 * bool(_HARDLY.search(path))
