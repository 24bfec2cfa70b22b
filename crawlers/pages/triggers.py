"""Buttons and clickable titles that open what stands behind them, and tell only a script."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from crawlers.pages.candidates import MAX_CANDIDATES, Candidate, shape
from crawlers.pages.controls import behind, make, question_part
from crawlers.pages.dom import Document, Element
from crawlers.pages.render import squeeze

__all__ = ["triggers"]

_CLICKS = frozenset(
    {"onclick", "x-on:click", "v-on:click", "ng-click", "data-accordion", "data-toggle", "data-accordion-target"}
)
LOOKED_AT = 300  # elements of a panel that are searched for further triggers
_SENDS = frozenset({"submit", "reset"})


def _clickable(element: Element) -> bool:
    tag = element.tag
    if tag == "button":
        return (element.get("type") or "").lower() not in _SENDS
    if tag == "a":
        href = element.get("href")
        to_nowhere = href is not None and (
            href.strip() in ("", "#", "#!") or href.strip().lower().startswith("javascript:")
        )
        return to_nowhere and _alone(element)
    if tag in ("body", "form", "input", "label", "option", "select", "td", "tr", "img"):
        return False
    return element.get("role") == "button" or not _CLICKS.isdisjoint(element.keys())


def _alone(element: Element) -> bool:
    """Whether no words stand directly beside an element: it is not a link in a sentence."""
    before = element.getprevious()
    parent = element.getparent()
    beside = before.tail if before is not None else parent.text if parent is not None else ""
    return not (beside or "").strip() and not (element.tail or "").strip()


def triggers(document: Document) -> Iterator[Candidate]:
    """Each with the next element that has text, unless that is clickable too: then it is a row of buttons."""
    clickable = [element for element in document.elements() if _clickable(element)]
    known = set(clickable)
    for trigger in clickable[:MAX_CANDIDATES]:
        panel = behind(document, trigger) if squeeze(trigger.text_content()) else None
        if panel is None or panel in known or panel.tag in ("nav", "form"):
            continue
        kind = shape(trigger)
        if not any(child in known and shape(child) == kind for child in islice(panel.iterdescendants(), LOOKED_AT)):
            yield make(document, question_part(trigger), panel, pattern="button", confidence=0.8)
