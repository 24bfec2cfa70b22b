"""Text without markup as a page: paragraphs, and lines that ask at their head."""

from __future__ import annotations

import re
from html import escape

from crawlers.pages.wording import asks, leads_as_question

__all__ = ["asking_paragraphs", "paragraphs_as_html", "text_as_html"]

MOST_LINES = 3  # of a question that is broken at the margin
LONGEST_QUESTION = 300
LONGEST_TITLE = 100
FULL_LINE = 45  # characters: a line as long goes on in the next one


def asking_paragraphs(text: str) -> int:
    """How many paragraphs of a text begin with a question."""
    return sum(1 for paragraph in _paragraphs(text) if _question_lines(paragraph))


def text_as_html(text: str) -> str:
    """A page of the text; its first line is the title where it does not ask."""
    first = text.strip().split("\n", 1)[0].strip()
    title = first if len(first) <= LONGEST_TITLE and not asks(first) else ""
    return f"<html><head><title>{escape(title)}</title></head><body>{paragraphs_as_html(text)}</body></html>"


def paragraphs_as_html(text: str) -> str:
    """The paragraphs, what they ask at their head in bold."""
    parts = []
    for lines in _paragraphs(text):
        at = _question_lines(lines)
        head = f"<b>{escape(' '.join(lines[:at]))}</b><br>" if at else ""
        parts.append(f"<p>{head}{_joined(lines[at:])}</p>")
    return "\n".join(parts)


def _paragraphs(text: str) -> list[list[str]]:
    blocks = re.split(r"\n[^\S\n]*\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    return [lines for block in blocks if (lines := [line.strip() for line in block.split("\n") if line.strip()])]


def _question_lines(lines: list[str]) -> int:
    """How many of a paragraph's first lines are its question."""
    for at in range(1, min(MOST_LINES, len(lines)) + 1):
        head = " ".join(lines[:at])
        if len(head) > LONGEST_QUESTION:
            return 0
        if head.endswith(("?", "？")):
            return at if leads_as_question(head) else 0
    return 0


def _joined(lines: list[str]) -> str:
    html = ""
    for before, line in zip([None, *lines], lines, strict=False):
        glue = "" if before is None else " " if len(before) >= FULL_LINE else "<br>"
        html += glue + escape(line)
    return html
