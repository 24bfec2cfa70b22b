"""Why a page has no pairs, and which pages cannot have any: walls against robots, error pages, empty shells."""

from __future__ import annotations

import re

from crawlers.pages.dom import Document
from crawlers.pages.flow import linked_questions
from crawlers.pages.lines import Line
from crawlers.pages.render import squeeze
from crawlers.pages.walls import is_wall_title
from crawlers.pages.wording import asks

__all__ = ["stands_in_for_a_page", "why_none"]

A_WALL = "a wall against robots"
AN_ERROR = "an error page"
A_SHELL = "needs JavaScript"
SHORT = 2500  # characters of text: walls and error pages say no more
VERY_SHORT = 300

_ERROR_TITLE = re.compile(
    r"(?:error\s*)?(?:401|403|404|410|500|502|503)(?:\W+(?:error|(?:page |file )?not found|forbidden|gone|"
    r"internal server error|bad gateway|service (?:temporarily )?unavailable|no encontrad[ao]|"
    r"p[aá]gina no encontrada)\b.*|\s*)|(?:sorry, )?(?:the |this )?page (?:was )?(?:not found|cannot be found)\b.*|"
    r"not found\b.*|p[aá]gina no encontrada\b.*|(?:seite|page) (?:nicht gefunden|introuvable)\b.*|"
    r"oops!?(?:\W.*)?|(?:esta )?p[aá]gina no existe\b.*",
    re.I,
)
_WALL_MARKS = (
    "//*[starts-with(@id, 'challenge-') or starts-with(@id, 'cf-error')]"
    " | //script[contains(@src, '/cdn-cgi/challenge-platform')]"
    " | //*[contains(concat(' ', @class, ' '), ' g-recaptcha ') or contains(concat(' ', @class, ' '), ' h-captcha ')"
    " or contains(concat(' ', @class, ' '), ' cf-turnstile ')]"
)
_SHELL_MARKS = (
    "//body//*[@id='root' or @id='app' or @id='__next' or @id='__nuxt' or @id='___gatsby' or @id='svelte'"
    " or @id='q-app' or self::app-root or @data-reactroot]"
)
_WANTS_SCRIPTS = re.compile(
    r"(?:enable|activ[ae]|habilit[ae]|requires?|need|necesit\w+|requiere|aktivier\w+) .{0,60}\bjavascript\b|"
    r"\bjavascript\b.{0,60}(?:enabled?|required|activad|habilitad|necesari|disabled|desactivad|aktivier)",
    re.I | re.S,
)
_WAITS = re.compile(r"\W*(?:loading|cargando|please wait|un momento|espere|espera)\b.{0,40}", re.I | re.S)


def _length(lines: list[Line]) -> int:
    return sum(len(line.text) for line in lines if not line.furniture)


def stands_in_for_a_page(document: Document, lines: list[Line], title: str) -> str:
    """The reason, where a page is a wall or an error in place of what was asked for; else ""."""
    if _length(lines) > SHORT:
        return ""
    headings = [line.text for line in lines if line.level == 1][:1]
    names = [part for name in (title, *headings) for part in (name, *re.split(r"\s[|–—-]\s", name)) if part]
    if any(_ERROR_TITLE.fullmatch(name.strip(" .!")) for name in names):
        return AN_ERROR
    if any(is_wall_title(name) for name in names) and (
        document.root.xpath(_WALL_MARKS) or not any(asks(line.text) for line in lines if line.level > 2)
    ):
        return A_WALL
    return ""


def why_none(document: Document, lines: list[Line], shown: list[Line]) -> str:
    """The reason for no pairs, from the lines outside of thread lists and from all that are shown."""
    length = _length(lines)
    if length < VERY_SHORT and (shell := _shell(document, lines)):
        return shell
    if not lines:
        return "an empty page"
    if length < 0.6 * _length(shown):
        return "a list of threads"
    if document.root.xpath("//input[@type='password']"):
        return "a login page"
    if linked_questions(lines) >= 3:
        return "a list of links to questions"
    if any(asks(line.text) for line in lines if not line.furniture):
        return "no question has an answer on this page"
    return "no questions on this page" if squeeze(" ".join(line.text for line in lines[:5])) else "an empty page"


def _shell(document: Document, lines: list[Line]) -> str:
    """What a page with next to no text waits for: a captcha to be solved, or scripts to draw it."""
    root = document.root
    if root.xpath(_WALL_MARKS):
        return A_WALL
    if not root.xpath("//script[@src]"):
        return ""
    said = " ".join(squeeze(element.text_content()) for element in root.iter("noscript"))
    said += " ".join(line.text for line in lines)
    waits = all(_WAITS.fullmatch(line.text) for line in lines if not line.furniture)
    if _WANTS_SCRIPTS.search(said) or (waits and root.xpath(_SHELL_MARKS)):
        return A_SHELL
    return ""
