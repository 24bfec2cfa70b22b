"""Pieces of HTML inside JSON, as text."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from crawlers.pages.dom import TooComplex, parse, safe_link
from crawlers.pages.render import render

__all__ = ["fragment_texts", "iso_time", "stated_address", "text_of", "whole"]


def fragment_texts(html: str, url: str) -> tuple[str, str]:
    """A fragment as plain text and as Markdown; both "" where it has none or was built to choke a parser.

    >>> fragment_texts("<p>Pulsa <b>Reiniciar</b>.</p>", "https://example.org/")
    ('Pulsa Reiniciar.', 'Pulsa **Reiniciar**.')
    """
    try:
        document = parse(f"<div>{html}</div>", url)
    except TooComplex:
        return "", ""
    if document is None:
        return "", ""
    span = document.inside(document.root)
    plain = render(document, span, document.root)
    return plain, re.sub(r"\n{3,}", "\n\n", render(document, span, document.root, markdown=True))


def text_of(value: Any) -> str:
    """A JSON value that should be text; "" for anything else."""
    return value if isinstance(value, str) else ""


def stated_address(value: Any, url: str, *, same_site: bool = False) -> str:
    """The http or https address that an answer states for a part of itself, else the answer's own.

    `same_site` takes only addresses of the answer's own site.

    >>> stated_address("/r/ayuda/comments/x1/", "https://foro.example/x1.json", same_site=True)
    'https://foro.example/r/ayuda/comments/x1/'
    >>> stated_address("javascript:alert(1)", "https://foro.example/x1.json")
    'https://foro.example/x1.json'
    """
    link = safe_link(text_of(value), url) if value else ""
    if not link.startswith(("http://", "https://")):
        return url
    return url if same_site and urlsplit(link)[:2] != urlsplit(url)[:2] else link


def whole(value: Any) -> int | None:
    """A JSON value that should be a whole number; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def iso_time(value: Any) -> str:
    """Seconds since 1970 or an ISO 8601 time, as ISO 8601 in UTC; "" for anything else.

    >>> iso_time(1325376000), iso_time("2012-01-01T01:00:00+01:00"), iso_time(None)
    ('2012-01-01T00:00:00+00:00', '2012-01-01T00:00:00+00:00', '')
    """
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value, UTC)
        else:
            return ""
        return moment.astimezone(UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return ""
