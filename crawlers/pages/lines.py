"""A page as the lines a reader sees, each with its place and its standing (heading, bold, link)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree  # type: ignore[import-untyped]

from crawlers.pages.dom import BLOCKS, HIDDEN, Document, Element, Span, classes
from crawlers.pages.furniture import furniture
from crawlers.pages.render import is_noise, squeeze

__all__ = ["Line", "read_lines"]

BOLD = 7  # the level of a line that is bold throughout, below all six headings
PLAIN = 9
_BOLD_TAGS = frozenset({"b", "strong"})
_BOLD_CLASS = re.compile(r" (?:bold|strong|negrita|fw-bold|font-weight-bold|font-bold) ")
_WEIGHT = re.compile(r"font-weight:\s*(bold|bolder|normal|lighter|[1-9]00)")
_HEAVY = frozenset({"bold", "bolder", "600", "700", "800", "900"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a page. `level` is 1-6 for headings, BOLD, or PLAIN; `linked` is the share in links.

    `element` is the innermost block that holds it, `fragment` whether its links lead into this page
    and `away` whether they lead to others.
    """

    text: str
    span: Span
    level: int
    linked: float
    fragment: bool
    away: bool
    furniture: bool
    code: bool
    element: Element


def _heading_level(element: Element) -> int:
    tag = element.tag
    if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
        return int(tag[1])
    if element.get("role") == "heading":
        level = element.get("aria-level") or "2"
        return int(level) if level in "123456" else 2
    return 0


class _Marks(NamedTuple):
    """What an open element means for the lines in it."""

    hidden: bool
    block: bool
    level: int
    link: bool
    bold: bool | None
    furniture: bool


@dataclass(slots=True, kw_only=True)
class _Reader:
    document: Document
    ids: frozenset[str]
    frames: frozenset[Element]
    lines: list[Line] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    start: int = 0
    end: int = 0
    bold: int = 0
    bold_length: int = 0
    linked_length: int = 0
    fragment: bool = False
    away: bool = False
    length: int = 0
    open_furniture: int = 0
    open_hidden: int = 0
    open_code: int = 0
    marks: list[_Marks] = field(default_factory=list)
    bolds: list[bool] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    blocks: list[Element] = field(default_factory=list)

    def text(self, text: str | None, place: int) -> None:
        if not text or self.open_hidden:
            return
        size = len(text.split())
        if size and not self.parts:
            self.start = place
        if self.parts or size:
            self.parts.append(text)
        if size:
            self.end = place + 1
            self.length += size
            self.bold_length += size if self.bolds and self.bolds[-1] else 0
            if self.links:
                self.linked_length += size
                self.fragment = self.fragment or self.links[-1] == "fragment"
                self.away = self.away or self.links[-1] == "away"

    def flush(self) -> None:
        words = squeeze("".join(self.parts))
        if words and self.blocks:
            level = self.headings[-1] if self.headings else 0
            if not level:
                level = BOLD if self.bold_length == self.length else PLAIN
            self.lines.append(
                Line(
                    text=words,
                    span=(self.start, self.end),
                    level=level,
                    linked=self.linked_length / max(1, self.length),
                    fragment=self.fragment,
                    away=self.away,
                    furniture=self.open_furniture > 0,
                    code=self.open_code > 0,
                    element=self.blocks[-1],
                )
            )
        self.parts.clear()
        self.length = self.bold_length = self.linked_length = 0
        self.fragment = self.away = False

    def split_after_bold_question(self) -> None:
        # "<p><b>Why?</b> Because.</p>": the question ends where the bold ends.
        bold_only = self.length and self.bold_length == self.length and not (self.bolds and self.bolds[-1])
        if bold_only and not self.headings and re.search(r"[?？][\s)\"”»]*$", "".join(self.parts)):
            self.flush()

    def ends_a_sentence(self) -> bool:
        last = next((part.rstrip() for part in reversed(self.parts) if not part.isspace()), "")
        return last.endswith((".", "!", "?", ":", "…", ")"))

    def asks_after_a_sentence(self, element: Element) -> bool:
        # "<p>So it is. <b>And why not?</b> Because.</p>": the next question begins where the bold begins.
        if self.headings or not self.length or not self.ends_a_sentence():
            return False
        words = squeeze(element.text_content())
        return words.endswith("?") and words.count(" ") >= 2 and (words[0] == "¿" or words[0].isupper())

    def open(self, element: Element) -> None:
        tag = element.tag
        marks = _Marks(
            hidden=tag in HIDDEN or is_noise(element),
            block=tag in BLOCKS or "-" in tag,
            level=_heading_level(element),
            link=tag == "a" and bool(element.get("href")),
            bold=_is_bold(element),
            furniture=element in self.frames,
        )
        self.marks.append(marks)
        self.open_hidden += marks.hidden
        if marks.block:
            self.flush()
            self.blocks.append(element)
        elif (tag == "br" and not self.headings) or (marks.bold and self.asks_after_a_sentence(element)):
            self.flush()
        if marks.level:
            self.headings.append(marks.level)
        if marks.link:
            self.links.append(_leads(element.get("href").strip(), self.ids))
        if marks.bold is not None:
            self.bolds.append(marks.bold)
        self.open_furniture += marks.furniture
        self.open_code += tag == "pre"

    def close(self, element: Element) -> None:
        marks = self.marks.pop()
        if marks.block:
            self.flush()
            self.blocks.pop()
        if marks.level:
            self.headings.pop()
        if marks.link:
            self.links.pop()
        if marks.bold is not None:
            self.bolds.pop()
        self.open_furniture -= marks.furniture
        self.open_code -= element.tag == "pre"
        self.open_hidden -= marks.hidden
        self.split_after_bold_question()


def _leads(href: str, ids: frozenset[str]) -> str:
    if href.partition("#")[2] in ids:
        return "fragment"
    # "#" and "page#" lead to no place: such a link only opens something
    return "" if href.startswith("#") or href.endswith("#") or href.lower().startswith("javascript:") else "away"


def _is_bold(element: Element) -> bool | None:
    """Whether an element makes its text bold, or (False) no longer bold; None where it changes nothing."""
    style = (element.get("style") or "").lower()
    if "font-weight" in style and (weight := _WEIGHT.search(style)):
        return weight[1] in _HEAVY
    if element.tag in _BOLD_TAGS or element.tag in ("th", "dt"):
        return True
    return True if _BOLD_CLASS.search(classes(element)) else None


def read_lines(document: Document) -> list[Line]:
    """Every visible line of the page, in order; a heading is one line even where it is broken."""
    reader = _Reader(document=document, ids=frozenset(document.by_id()), frames=furniture(document))
    for event, element in etree.iterwalk(document.root, events=("start", "end")):
        if event == "start":
            reader.open(element)
            reader.text(element.text, document.enter[element] + 1)
        else:
            reader.close(element)
            reader.text(element.tail, document.leave[element] + 1)
    reader.flush()
    return reader.lines
