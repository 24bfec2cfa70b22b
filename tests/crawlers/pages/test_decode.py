"""The same bytes give the same text on every machine."""

from __future__ import annotations

import sys

import pytest

from crawlers.pages import decode

SPANISH = "¿Qué es? – “Sí”"


@pytest.mark.parametrize(
    ("body", "header"),
    [
        pytest.param(SPANISH.encode(), "", id="UTF-8 that says nothing"),
        pytest.param(SPANISH.encode("cp1252"), "", id="Windows-1252 that says nothing"),
        pytest.param(SPANISH.encode("cp1252"), "text/html; charset=iso-8859-1", id="header says Latin-1"),
        pytest.param(SPANISH.encode(), "text/html; charset=UTF-8", id="header"),
        pytest.param(b"\xef\xbb\xbf" + SPANISH.encode(), "text/html; charset=cp1252", id="mark beats header"),
        pytest.param(SPANISH.encode("utf-16"), "", id="UTF-16 mark"),
    ],
)
def test_text_is_decoded_as_browsers_do(body: bytes, header: str) -> None:
    assert decode(body, header) == SPANISH


def test_the_meta_tag_is_believed() -> None:
    head = '<meta charset="windows-1251">'
    assert decode(head.encode() + "Как".encode("cp1251")) == head + "Как"


@pytest.mark.parametrize("name", ["utf-16", "UTF-16LE"])
def test_a_meta_tag_that_says_utf16_means_utf8(name: str) -> None:
    page = f'<meta charset="{name}">{SPANISH}'
    assert decode(page.encode()) == page


def test_a_header_that_says_utf16_is_believed() -> None:
    assert decode(SPANISH.encode("utf-16-le"), "text/html; charset=utf-16le") == SPANISH


def test_no_statistical_guess_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("chardet", "cchardet", "charset_normalizer"):
        monkeypatch.setitem(sys.modules, name, None)
    assert decode("Größe".encode("cp1252")) == "Größe"
