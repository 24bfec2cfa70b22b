"""Questions and answers that labels name: "Q:" and "A:", "P." and "R.", "Pregunta 3:"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from crawlers.pages.boxes import common, own_box
from crawlers.pages.candidates import MAX_CANDIDATES, Candidate, near_faq, question_of
from crawlers.pages.dom import Document, Span
from crawlers.pages.lines import BOLD, Line
from crawlers.pages.wording import ANSWER_LABEL, QUESTION_LABEL

__all__ = ["labelled"]

_BARE_LABEL = re.compile(r"\W{0,3}(?:[QPFAR]|Question|Answer|Pregunta|Respuesta|Frage|Antwort)\s?\d{0,3}\W{0,3}")


def labelled(document: Document, lines: list[Line]) -> Iterator[Candidate]:
    """Lines that begin "Q:", "P.", "Pregunta 3:" with those that begin "A:", "R." below them."""
    usable = _joined([line for line in lines if not line.furniture and not line.code])
    asking = [i for i, line in enumerate(usable) if QUESTION_LABEL.match(line.text)][:MAX_CANDIDATES]
    if not asking:
        return
    top = common(document, [usable[i].element for i in asking])
    for n, i in enumerate(asking):
        last = asking[n + 1] if n + 1 < len(asking) else len(usable)
        between = range(i + 1, last)
        start = next((j for j in between if ANSWER_LABEL.match(usable[j].text)), None)
        if start is None or start - i > 4:
            yield _labelled(usable, i, i + 1, usable[i].span, "no label of an answer follows")
            continue
        head = next((j for j in between if j > start and usable[j].level < BOLD), last)
        end = usable[head].span[0] if head < len(usable) else document.leave[top]
        stop = own_box(document, usable[start], usable, start, top, end) if head == len(usable) else end
        yield _labelled(usable, i, start, (usable[start].span[0], max(stop, usable[start].span[1])))


def _joined(lines: list[Line]) -> list[Line]:
    """The lines; a label that stands alone, as in a cell of its own, is joined to the line behind it."""
    joined: list[Line] = []
    label: Line | None = None
    for line in lines:
        if label is not None:
            text = f"{re.sub(r'[^A-Za-z0-9 ]', '', label.text)}: {line.text}"
            span = line.span if label.text.strip()[:1] in "AR" else (label.span[0], line.span[1])
            line = replace(line, text=text, span=span)
        label = line if label is None and _BARE_LABEL.fullmatch(line.text) else None
        if label is None:
            joined.append(line)
    return [*joined, label] if label is not None else joined


def _labelled(usable: list[Line], i: int, start: int, answer: Span, dropped: str = "") -> Candidate:
    element = usable[i].element
    return Candidate(
        question=question_of(" ".join(line.text for line in usable[i:start])),
        place=(usable[i].span[0], usable[start - 1].span[1]),
        answer=answer,
        top=element.getroottree().getroot(),
        pattern="label-qa",
        family="label-qa",
        explicit=True,
        near_faq=near_faq(element),
        confidence=0.9,
        dropped=dropped,
    )
