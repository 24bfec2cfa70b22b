"""Bytes to text, as browsers do, and the same on every machine."""

from __future__ import annotations

from w3lib.encoding import html_to_unicode

__all__ = ["decode"]


def _utf8_or_western(body: bytes) -> str:
    # The whole guess: text that is not UTF-8 and says nothing is Windows-1252, browsers' default
    # for the languages read here. A statistical guess would change with the packages installed.
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def decode(body: bytes, content_type: str = "") -> str:
    """The text of a page: by byte-order mark, then the header, then its meta tag, then UTF-8 or Windows-1252.

    >>> decode("¿Qué es?".encode("cp1252"))
    '¿Qué es?'
    >>> decode(b"\\x93Hola\\x94", "text/html; charset=iso-8859-1")
    '“Hola”'
    """
    _, text = html_to_unicode(content_type or None, body, auto_detect_fun=_utf8_or_western)
    return text
