"""A page as plain paragraphs, for people to look at: no mark-up, no script, nothing that a browser would act on."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser

__all__ = ["decode_page", "page_paragraphs", "stored_paragraphs"]

MOST_CHARACTERS = 3_000_000  # of a page; what comes behind is not read
_SILENT = {"script", "style", "noscript", "template", "svg", "head", "iframe", "object", "select", "math", "textarea"}
_INLINE = {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "dfn", "em", "font", "i", "kbd", "label", "mark"}
_INLINE |= {"q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "img"}
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_STATED = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def decode_page(body: bytes, content_type: str = "") -> str:
    """The text of a page: by byte-order mark, the header, its meta tag, else UTF-8 or Windows-1252.

    >>> decode_page("¿Qué?".encode("cp1252"), "text/html; charset=ISO-8859-1")
    '¿Qué?'
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    stated = _STATED.search(content_type)
    named = stated[1] if stated else ""
    if not named and (found := _CHARSET.search(body[:4096])):
        named = found[1].decode("ascii", "replace")
    for encoding in (_encoding(named), "utf-8"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return body.decode("cp1252", "replace")


def page_paragraphs(markup: str) -> list[str]:
    """The paragraphs of an HTML page in their order, white space as in running text.

    >>> page_paragraphs("<h1>Wifi</h1><p>Uno <b>dos</b><script>evil()</script></p>tres")
    ['Wifi', 'Uno dos', 'tres']
    """
    reader = _Reader()
    reader.feed(markup[:MOST_CHARACTERS])
    reader.close()
    return reader.paragraphs()


def stored_paragraphs(body: bytes, content_type: str) -> list[str]:
    """The paragraphs of a page as it was fetched, be it HTML or the JSON of a platform's interface."""
    text = decode_page(body, content_type)
    if "json" in content_type or text.lstrip()[:1] in ("{", "["):
        return list(_json_paragraphs(text))
    return page_paragraphs(text)


def _json_paragraphs(text: str) -> Iterator[str]:
    """The texts in an answer of a platform's interface, whose values are often HTML themselves."""
    try:
        left = [json.loads(text)]
    except ValueError:
        yield from page_paragraphs(text)
        return
    while left:
        value = left.pop()
        if isinstance(value, str):
            yield from page_paragraphs(value)
        elif isinstance(value, (dict, list)):
            left += reversed(list(value.values()) if isinstance(value, dict) else value)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[list[str]] = [[]]
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silent:
            self._silent += [tag] * (tag == self._silent[0])
        elif tag in _SILENT:
            self._silent = [tag]
        elif tag not in _INLINE:
            self._parts.append([])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _INLINE:
            self._parts.append([])

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[0]:
                self._silent.pop()
        elif tag not in _INLINE:
            self._parts.append([])

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._parts[-1].append(data)

    def paragraphs(self) -> list[str]:
        told = (" ".join("".join(parts).split()) for parts in self._parts)
        return [text for text in told if text]


def _encoding(named: str) -> str:
    """Python's name for it; as browsers do, Latin-1 and ASCII are read as Windows-1252."""
    try:
        name = codecs.lookup(named).name
    except LookupError:
        return "utf-8"
    return "cp1252" if name in ("iso8859-1", "ascii") else name
