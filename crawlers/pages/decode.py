"""Bytes to text, as browsers do, and the same on every machine."""

from __future__ import annotations

from w3lib.encoding import html_body_declared_encoding, html_to_unicode, http_content_type_encoding, read_bom

__all__ = ["decode"]


def _utf8_or_western(body: bytes) -> str:
    # The whole guess: text that is not UTF-8 and says nothing is Windows-1252, browsers' default
    # for the languages read here. A statistical guess would change with the packages installed.
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _claims_utf16(body: bytes, content_type: str) -> bool:
    # Whoever can read that meta tag byte by byte does not read UTF-16: the HTML standard takes it for UTF-8.
    mark, _ = read_bom(body)
    stated = http_content_type_encoding(content_type or None)
    declared = html_body_declared_encoding(body) or ""
    return mark is None and stated is None and declared.startswith("utf-16")


def decode(body: bytes, content_type: str = "") -> str:
    """The text of a page: by byte-order mark, then the header, then its meta tag, then UTF-8 or Windows-1252.

    >>> decode("¿Qué es?".encode("cp1252"))
    '¿Qué es?'
    >>> decode(b"\\x93Hola\\x94", "text/html; charset=iso-8859-1")
    '“Hola”'
    """
    if _claims_utf16(body, content_type):
        content_type = "text/html; charset=utf-8"
    _, text = html_to_unicode(content_type or None, body, auto_detect_fun=_utf8_or_western)
    return text
