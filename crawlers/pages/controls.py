"""Questions that open their answer: details, accordions, buttons, checkboxes; and dl, tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawlers.pages.candidates import IN_FURNITURE, Candidate, near_faq, question_of, shape
from crawlers.pages.dom import Document, Element, Span, has_text
from crawlers.pages.furniture import in_furniture
from crawlers.pages.render import one_line, squeeze
from crawlers.pages.wording import asks

__all__ = ["behind", "controls", "definition_lists", "details", "make", "question_part", "tables"]


def make(
    document: Document,
    asking: Element,
    top: Element,
    *,
    pattern: str,
    answer: Span | None = None,
    until: int | None = None,
    explicit: bool = False,
    confidence: float = 0.9,
    dropped: str = "",
) -> Candidate:
    """A candidate whose question is the element `asking` and whose answer lies in `top`."""
    if not dropped and in_furniture(document, asking):
        dropped = IN_FURNITURE
    return Candidate(
        question=question_of(one_line(document, asking, until=until)),
        place=(document.enter[asking], document.leave[asking] if until is None else until),
        answer=answer or document.inside(top),
        top=top,
        pattern=pattern,
        family=f"{pattern} {shape(asking)}",
        explicit=explicit,
        near_faq=near_faq(asking),
        confidence=confidence,
        dropped=dropped,
    )


def details(document: Document) -> Iterator[Candidate]:
    """`<details><summary>question</summary>answer</details>`."""
    for box in document.root.iter("details"):
        summary = box.find("summary")
        if summary is not None:
            span = (document.after(summary), document.leave[box])
            why = "a group of questions" if _groups(summary) else ""
            yield make(document, summary, box, pattern="details", answer=span, confidence=0.95, dropped=why)


def _groups(summary: Element) -> bool:
    """Whether a summary that does not ask opens nothing but details of which one asks."""
    if asks(squeeze(summary.text_content())):
        return False
    below = list(summary.itersiblings())
    if len(below) == 1 and below[0].tag in ("div", "section") and not squeeze(below[0].text or ""):
        below = list(below[0])
    said = [element for element in below if has_text(element) or squeeze(element.tail or "")]
    inner = [element.find("summary") for element in said if element.tag == "details"]
    alone = len(inner) == len(said) and not any(squeeze(element.tail or "") for element in (summary, *said))
    return alone and any(one is not None and asks(squeeze(one.text_content())) for one in inner)


def _definitions(term: Element) -> list[Element]:
    """What stands between a term and the next: its dd, or what a careless page put there without one."""
    answers: list[Element] = []
    for sibling in term.itersiblings():
        if sibling.tag == "dt":
            break
        if sibling.tag == "dd" or has_text(sibling):
            answers.append(sibling)
    return answers


def definition_lists(document: Document) -> Iterator[Candidate]:
    """`<dl><dt>question</dt><dd>answer</dd></dl>`, also with a div around each pair; not tables of contents."""
    for term in document.root.iter("dt"):
        answers = _definitions(term)
        holder = term.getparent()
        if not answers or any(True for dd in answers for _ in dd.iter("dt")):
            why = "its definition is a list of terms" if answers else "no definition of its own follows"
            yield make(document, term, holder, pattern="dl", dropped=why)
            continue
        span = (document.enter[answers[0]], document.leave[answers[-1]] + 1)
        yield make(document, term, holder, pattern="dl", answer=span, confidence=0.9)


def _target(element: Element, ids: dict[str, Element]) -> Element | None:
    # What works comes first: a wrong aria-controls goes unnoticed, a wrong target does not open.
    for name in ("data-bs-target", "data-target", "href", "aria-controls"):
        value = (element.get(name) or "").strip()
        if name == "href" and not (value.startswith("#") and _toggles(element)):
            continue
        found = ids.get(value.split()[0].lstrip("#")) if value.split() else None
        if found is not None:
            return found
    return None


def _toggles(element: Element) -> bool:
    kind = (element.get("data-toggle") or element.get("data-bs-toggle") or "").lower()
    return kind == "collapse" or element.get("aria-expanded") is not None


def behind(document: Document, element: Element) -> Element | None:
    """The next element with text behind a trigger or behind the boxes that hold only the trigger."""
    box = element
    for _ in range(4):
        for sibling in box.itersiblings():
            if has_text(sibling):
                return sibling
        parent = box.getparent()
        if parent is None or parent.tag in ("body", "html", "main") or is_row(parent, box):
            return None
        box = parent
    return None


def is_row(parent: Element, child: Element) -> bool:
    """Whether the parent holds more than this child's text, so that climbing further would leave the item."""
    words = len(child.text_content()) if not has_text(child, 1000) else 1000
    return has_text(parent, words + 60)


def _label_panel(document: Document, label: Element, ids: dict[str, Element]) -> Element | None:
    box = ids.get(label.get("for") or "")
    if (
        box is None
        or box.tag != "input"
        or box.get("required") is not None
        or (box.get("type") or "").lower() not in ("checkbox", "radio")
    ):
        return None
    panel = behind(document, label)
    return None if panel is not None and panel.tag in ("label", "input", "button") else panel  # the choices of a form


def controls(document: Document) -> Iterator[Candidate]:
    """Triggers that name their panel (aria-controls, Bootstrap) or stand before it, and checkbox labels."""
    ids = document.by_id()
    for trigger in document.elements():
        if trigger.tag == "label":
            panel, pattern = _label_panel(document, trigger, ids), "checkbox"
        elif trigger.get("role") == "tab" and not asks(squeeze(trigger.text_content())):
            continue
        elif (
            trigger.get("aria-controls")
            or _toggles(trigger)
            or trigger.get("data-bs-target")
            or trigger.get("data-target")
        ):
            panel, pattern = _target(trigger, ids), "aria"
            if panel is None and trigger.get("aria-expanded") is not None:
                panel = behind(document, trigger)
        else:
            continue
        if panel is None and pattern == "checkbox":
            continue  # a label of a form
        asking = question_part(trigger)
        if panel is None:
            yield make(document, asking, trigger, pattern=pattern, dropped="opens nothing on this page")
        elif document.contains(panel, trigger) or document.contains(trigger, panel) or _is_menu(panel):
            yield make(document, asking, panel, pattern=pattern, dropped="opens no answer")
        else:
            yield make(document, asking, panel, pattern=pattern, confidence=0.9)


def _is_menu(panel: Element) -> bool:
    """Whether a panel is navigation; page builders also use <nav> for panels of plain text."""
    return panel.tag == "input" or (panel.tag == "nav" and panel.find(".//a[@href]") is not None)


def question_part(trigger: Element) -> Element:
    """The trigger, or the heading it stands in or beside where the trigger itself is only a sign."""
    if re.search(r"\w{2}", squeeze(trigger.text_content())):
        return trigger
    parent = trigger.getparent()
    return parent if parent is not None else trigger


def tables(document: Document) -> Iterator[Candidate]:
    """Rows of two cells, a question and its answer."""
    for row in document.root.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th") and has_text(cell)]
        if len(cells) == 3 and re.fullmatch(r"\W*\d{1,3}\W*", squeeze(cells[0].text_content())):
            cells = cells[1:]
        if len(cells) != 2 or any(True for cell in cells for _ in cell.iter("table")):
            continue
        if asks(one_line(document, cells[0])) and cells[0].find(".//ul") is None:
            yield make(document, cells[0], cells[1], pattern="table", confidence=0.8)
