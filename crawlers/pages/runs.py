"""Questions that run on into their answers: "¿Es gratis? Sí, todo." in one paragraph, item or cell."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from lxml import html as lxml_html  # type: ignore[import-untyped]

from crawlers.pages.dom import BLOCKS, Document, Element, numbered
from crawlers.pages.furniture import in_furniture
from crawlers.pages.plaintext import asking_paragraphs, paragraphs_as_html
from crawlers.pages.render import squeeze
from crawlers.pages.wording import asks, asks_with_a_word, is_call_to_action, tidy_question

__all__ = ["parted"]

LONGEST = 4000  # characters of one question with its answer
LEAST_OF_A_LIST = 2
LEAST_ELSEWHERE = 3  # where nothing says that the page lists questions
_TAGS = ("p", "li", "td", "div")
_INLINE = frozenset({"b", "strong", "span", "font", "em", "i", "u", "big"})
_BOLD = frozenset({"b", "strong"})
_RUN = re.compile(
    r"(?P<question>[^?？]{6,250}[?？])(?P<close>[)\"”»]?)\s*(?P<answer>[^\s?¿].*)",
    re.S,
)
_SENTENCE_ENDS = re.compile(r"\w{3}[.!]\s+[A-ZÁÉÍÓÚÑÄÖÜ¿]")


@dataclass(slots=True)
class _Family:
    """Blocks of one tag in one place: those that run on, those that only ask, and how many there are."""

    runs: list[Element] = field(default_factory=list)
    bare: list[Element] = field(default_factory=list)
    size: int = 0


def parted(document: Document, *, is_faq: bool, has_section: bool, found: int) -> Document | None:
    """The page with such questions set in bold, so that they end where their answers begin; None where there are none.

    The page's own tree is changed. `found` is how many pairs were read already: then items and cells, which may
    belong to their answers, stay as they are.
    """
    changed = False
    for family in _families(document, _TAGS if not found else ("p", "div"), is_faq=is_faq or has_section).values():
        if _is_list(family, is_faq=is_faq, has_section=has_section, found=found):
            changed = [_part(element) for element in family.runs].count(True) > 0 or changed
            if is_faq:
                changed = [_embolden(element) for element in family.bare].count(True) > 0 or changed
    if is_faq and not found:
        changed = _open_preformatted(document) or changed
    return numbered(document) if changed else None


def _families(document: Document, tags: tuple[str, ...], *, is_faq: bool) -> dict[tuple[Element, str], _Family]:
    families: dict[tuple[Element, str], _Family] = defaultdict(_Family)
    for element in document.root.iter(*tags):
        if any(child.tag in BLOCKS for child in element.iterdescendants()):
            continue
        text = " ".join(" ".join(element.itertext()).split())
        if not text:
            continue
        family = families[_place(element), element.tag]
        family.size += 1
        if "?" not in text and "？" not in text:
            continue
        if len(text) <= LONGEST and _runs_on(text, is_faq=is_faq):
            family.runs.append(element)
        elif text.endswith("?") and element.tag == "p" and _is_question(text, is_faq=is_faq):
            family.bare.append(element)
    return families


def _place(element: Element) -> Element:
    """The box of an element and its like: that of the rows for a cell, that of the boxes for the only thing in one."""
    parent = element.getparent()
    if parent is None:
        return element
    up = parent.tag == "tr" or (parent.tag == "div" and element.getnext() is None and element.getprevious() is None)
    return parent.getparent() if up and parent.getparent() is not None else parent


def _runs_on(text: str, *, is_faq: bool) -> bool:
    found = _RUN.fullmatch(text)
    if found is None or not re.search(r"\w", found["answer"]):
        return False
    return _is_question(found["question"], is_faq=is_faq)


def _is_question(text: str, *, is_faq: bool) -> bool:
    question = tidy_question(text)
    return (
        (is_faq or asks_with_a_word(question))
        and asks(question)
        and not _SENTENCE_ENDS.search(question)
        and not is_call_to_action(question)
    )


def _is_list(family: _Family, *, is_faq: bool, has_section: bool, found: int) -> bool:
    """Whether so many of its members run on that they are a list of questions, and no words of an offer."""
    runs, members = len(family.runs), len(family.runs) + len(family.bare)
    if is_faq:
        return runs >= (LEAST_OF_A_LIST if not found else LEAST_ELSEWHERE) and members >= 0.5 * family.size
    if has_section:
        return runs >= LEAST_OF_A_LIST and runs >= 0.9 * family.size and not found
    return runs >= LEAST_ELSEWHERE and runs == family.size and not found


def _part(element: Element) -> bool:
    """Set the question in bold, and what follows it not; False where the markup parts them already."""
    holder = element
    while (inner := _first_inline(holder)) is not None:
        holder = inner
    end = _end_of_question(holder)
    if end is None:
        return False
    at, before, after = end
    head, rest = holder[:at], holder[at:]
    if holder.tag in _BOLD and holder is not element:
        outer, holder.tail = holder.tail or "", None
        for child in reversed(rest):
            holder.addnext(child)
        holder.tail = f" {after}" + ("" if rest else outer)
        if rest:
            rest[-1].tail = (rest[-1].tail or "") + outer
        if head:
            head[-1].tail = before
        else:
            holder.text = before
        return True
    bold = _bold_around(holder, head)
    if head:
        head[-1].tail = before
    else:
        bold.text = before
    bold.tail = f" {after}"
    return True


def _first_inline(holder: Element) -> Element | None:
    """The inline element that a block begins with, where it holds all of it or the question and more."""
    first = holder[0] if len(holder) and holder[0].tag in _INLINE and not _words(holder.text) else None
    if first is None or (len(holder) == 1 and not _words(first.tail)):
        return first
    words = squeeze(first.text_content())
    return first if "?" in words and not words.endswith("?") else None


def _end_of_question(holder: Element) -> tuple[int, str, str] | None:
    """Behind how many children the question ends, and the text on both sides of its end; None where bold ends it."""
    texts = [holder.text or "", *(child.tail or "" for child in holder)]
    for at, text in enumerate(texts):
        if found := re.search(r"[?？][)\"”»]?", text):
            return at, text[: found.end()], text[found.end() :]
        inner = squeeze(holder[at].text_content()) if at < len(holder) else ""
        if "?" in inner or "？" in inner:
            whole = inner.endswith(("?", "？")) and holder[at].tag not in _BOLD
            return (at + 1, "", holder[at].tail or "") if whole else None
    return None


def _bold_around(holder: Element, children: list[Element]) -> Element:
    """A new bold element at the start of another, with its first text and these children."""
    bold = holder.makeelement("b")
    bold.text, holder.text = holder.text, None
    for child in children:
        bold.append(child)
    holder.insert(0, bold)
    return bold


def _embolden(paragraph: Element) -> bool:
    if any(True for _ in paragraph.iter("b", "strong")):
        return False
    _bold_around(paragraph, list(paragraph))
    return True


def _open_preformatted(document: Document) -> bool:
    """Make paragraphs of preformatted text that is a list of questions."""
    texts = {block: block.text_content() for block in document.root.iter("pre") if not in_furniture(document, block)}
    asking = {block: count for block, text in texts.items() if (count := asking_paragraphs(text))}
    if sum(asking.values()) < LEAST_OF_A_LIST:
        return False
    for block in asking:
        box = lxml_html.fragment_fromstring(paragraphs_as_html(texts[block]), create_parent="div")
        box.tail = block.tail
        block.getparent().replace(block, box)
    return True


def _words(text: str | None) -> bool:
    return bool(text and text.strip())
