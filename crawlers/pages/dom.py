"""A parsed page with a place for every piece of text, so that an answer can be any stretch of it.

Places count the starts and ends of elements in document order. An answer is a Span of places: what
lies between two headings is a Span even where the headings are wrapped in boxes of their own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree  # type: ignore[import-untyped]
from lxml import html as lxml_html

__all__ = [
    "BLOCKS", "HIDDEN", "Document", "Element", "Span", "TooComplex", "classes", "has_text", "numbered", "parse",
    "safe_link",
]  # fmt: skip

Element = Any  # lxml ships no types; every element of this package is an lxml.html.HtmlElement
Span = tuple[int, int]

MAX_CHARACTERS = 10_000_000  # of markup: pages with pictures inside reach some millions
MAX_TEXT = 1_500_000
MAX_ELEMENTS = 50_000
MAX_ATTRIBUTES = 3000  # of one tag: libxml2 compares each with all before it
MAX_ALL_ATTRIBUTES = 400_000
MAX_WORDS_OF_TAG = 40_000  # quotes not looked at: Discourse keeps whole topics as JSON in one attribute
MANY_CHILDREN = 50
MAX_DEPTH = 200  # libxml2 cuts a page off at 255, and Python stops at 1000 calls within calls

# XML 1.0 cannot hold these, and lxml refuses or truncates a str that has them.
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{80000,}")
_ATTRIBUTE = r"""[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+)?)?+"""
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE)
# Comments and raw text first, so that a "<" or a quote in a script is not taken for a tag's.
_TAG = re.compile(
    rf"<!--.*?(?:-->|\Z)|<(script|style|textarea|title|xmp|iframe)\b.*?(?:</\1|\Z)|"
    rf"<([a-z](?:[^\s/>]*+)(?:[\s/]++|{_ATTRIBUTE})*+)",
    re.I | re.S,
)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*>", re.I)

_BLOCKS = (
    "address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol "
    "optgroup option p pre search section summary table tbody td tfoot th thead title tr ul"
)
BLOCKS = frozenset(_BLOCKS.split())
_HIDDEN = (
    "script style template noscript head svg math iframe object embed canvas audio video select textarea "
    "input map area link meta"
)
HIDDEN = frozenset(_HIDDEN.split())


def safe_link(href: str, base: str) -> str:
    """An absolute http, https or mailto address, or "" for anything else.

    >>> safe_link("../help", "https://example.org/a/b/")
    'https://example.org/a/help'
    >>> safe_link("java\\nscript:alert(1)", "https://example.org/")
    ''
    """
    cleaned = re.sub(r"[\x00-\x20\x7f]", "", href.strip()) if ":" in href[:40] else href.strip()
    try:
        link = urljoin(base, cleaned)
        parts = urlsplit(link)
    except ValueError:  # such as an unclosed bracket of an IPv6 address
        return ""
    if parts.scheme not in ("http", "https", "mailto") or not (parts.netloc or parts.path):
        return ""
    if parts.scheme != "mailto" and not parts.netloc:
        return ""
    return re.sub(r"[\s()<>\[\]\\`\"]", lambda m: "".join(f"%{b:02X}" for b in m[0].encode()), link)


class TooComplex(ValueError):
    """A page that would take too long, or would be cut off by the parser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A page's tree. `enter` and `leave` are the places where each element starts and ends."""

    root: Element
    url: str
    enter: dict[Element, int]
    leave: dict[Element, int]
    _rows: dict[Element, tuple[list[Element], list[int], list[int]]] = field(default_factory=dict)
    _known: dict[str, Any] = field(default_factory=dict)

    def once(self, name: str, read: Callable[[Document], Any]) -> Any:
        """What `read` says of this document, asked once however many readers want to know."""
        if name not in self._known:
            self._known[name] = read(self)
        return self._known[name]

    def children(self, element: Element, span: Span) -> Iterator[Element]:
        """The children that reach into a span, tail text included; quick for one among thousands."""
        if element not in self._rows:  # looked up first: lxml counts children one by one for len()
            if len(element) < MANY_CHILDREN:
                return iter(element)
            row = list(element)
            self._rows[element] = (row, [self.enter[e] for e in row], [self.leave[e] + 1 for e in row])
        row, enters, leaves = self._rows[element]
        return iter(row[bisect_left(leaves, span[0]) : bisect_left(enters, span[1])])

    def inside(self, element: Element) -> Span:
        """The stretch from an element's start to its end."""
        return self.enter[element], self.leave[element]

    def after(self, element: Element) -> int:
        """The place just behind an element: that of its tail text."""
        return self.leave[element] + 1

    def contains(self, outer: Element, inner: Element) -> bool:
        return self.enter[outer] <= self.enter[inner] and self.leave[inner] <= self.leave[outer]

    def elements(self) -> Iterator[Element]:
        return iter(self.enter)

    def by_id(self) -> dict[str, Element]:
        """Elements by id; the first one wins, as in browsers."""
        found: dict[str, Element] = {}
        for element in self.enter:
            name = element.get("id") or (element.get("name") if element.tag == "a" else None)
            if name:
                found.setdefault(name, element)
        return found


def classes(element: Element) -> str:
    """The class attribute in lower case, between blanks."""
    names = element.get("class")
    return f" {' '.join(names.lower().split())} " if names else "  "


def has_text(element: Element, least: int = 1) -> bool:
    """Whether an element holds at least so many characters (one: not counting blanks); stops reading when it does."""
    seen = 0
    for part in element.itertext():
        seen += len(part) if least > 1 else len(part.strip())
        if seen >= least:
            return True
    return False


def _number(root: Element, url: str) -> Document:
    enter: dict[Element, int] = {}
    leave: dict[Element, int] = {}
    place = depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        place += 2  # an element's text stands at enter + 1, its tail at leave + 1
        if event == "start":
            depth += 1
            enter[element] = place
            if depth > MAX_DEPTH or len(enter) > MAX_ELEMENTS:
                raise TooComplex("the page has too many or too deeply nested tags")
        else:
            depth -= 1
            leave[element] = place
    return Document(root=root, url=url, enter=enter, leave=leave)


def numbered(document: Document) -> Document:
    """The same page with its places counted anew, after its tree was changed."""
    return _number(document.root, document.url)


def parse(html: str, url: str = "") -> Document | None:
    """The page's tree, or None where the text is no HTML at all. Raises TooComplex."""
    if len(html) > MAX_CHARACTERS:
        raise TooComplex("the page is too long")
    text = _XML_DECLARATION.sub("", _NOT_TEXT.sub("", html), count=1)
    _refuse_bombs(text)
    if not re.search(r"<[a-zA-Z!]", text):
        return None
    parser = lxml_html.HTMLParser(remove_comments=True, remove_pis=True)
    try:
        root = lxml_html.document_fromstring(text, parser=parser)
    except etree.ParserError:  # nothing but blanks and comments
        return None
    document = _number(root, url)
    base = root.find(".//base[@href]")
    if base is not None:
        document = Document(root=root, url=_base(url, base.get("href")), enter=document.enter, leave=document.leave)
    if sum(len(part) for part in root.itertext()) - _hidden_length(root) > MAX_TEXT:
        raise TooComplex("the page has too much text")
    return document


def _refuse_bombs(text: str) -> None:
    """Count tags and attributes on the raw text, before a parser spends minutes on them."""
    if any(len(tag[0].split()) > MAX_WORDS_OF_TAG for tag in _LONG_TAG.finditer(text)):
        raise TooComplex("a tag has too many attributes")
    tags = attributes = 0
    for found in _TAG.finditer(text):
        tag = found[2]
        if tag is None:
            continue
        tags += 1
        size = len(_ONE_ATTRIBUTE.findall(tag)) if len(tag) > MAX_ATTRIBUTES else tag.count("=")
        attributes += size
        if tags > MAX_ELEMENTS or size > MAX_ATTRIBUTES or attributes > MAX_ALL_ATTRIBUTES:
            raise TooComplex("the page has too many tags or attributes")


def _base(url: str, href: str) -> str:
    link = safe_link(href, url)
    return link if link.startswith("http") else url


def _hidden_length(root: Element) -> int:
    return sum(len(element.text or "") for element in root.iter("script", "style", "template"))
