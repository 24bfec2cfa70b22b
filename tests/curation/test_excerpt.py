"""Where a pair stands in its archived page, as plain text."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from curation.excerpt import excerpt_of, mark
from curation.pagetext import decode_page, page_paragraphs
from tamiz.records import Page
from tamiz.store import PageReading

PAGE = """<html><head><title>No</title><style>p{}</style></head><body><nav>Inicio</nav>
<h1>Ayuda</h1><p>Uno.</p><p>Dos.</p><p>Tres.</p><h2>¿Cómo reinicio <b>el router</b>?</h2>
<p>Pulsa el botón <i>durante</i> diez segundos.</p><script>alert("no")</script><p>Luego espera dos minutos enteros.</p>
<p>Cuatro.</p><p>Cinco.</p><p>Seis.</p><p>Siete.</p></body></html>"""
QUESTION, ANSWER = (
    "¿Cómo reinicio el router?",
    "Pulsa el botón durante diez segundos.\nLuego espera dos minutos enteros.",
)


def archived(folder, body: bytes, content_type: str = "text/html; charset=utf-8") -> None:
    answer = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n\r\n".encode() + body
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2026-01-31T09:30:00Z\r\n"
        "WARC-Target-URI: https://a.example/faq\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(answer)}\r\n\r\n"
    )
    folder.mkdir(exist_ok=True)
    (folder / "a.warc.gz").write_bytes(gzip.compress(head.encode() + answer + b"\r\n\r\n"))


@pytest.fixture
def pair(store, make_pair):
    page = Page(
        url="https://a.example/faq",
        final_url="https://a.example/faq",
        fetched_at="2026-01-31T09:30:00Z",
        status=200,
        content_type="text/html",
        content_hash="h",
        source="ayuda",
        archive="a.warc.gz",
        archive_offset=0,
    )
    made = make_pair(1, question=QUESTION, answer=ANSWER, page=page.id)
    store.add_page(page, [made], PageReading(page=page.id, kind="faq", reason="", found=1))
    return made


def test_question_and_answer_are_marked_in_the_paragraphs_around_them(store, pair, tmp_path):
    archived(tmp_path / "pages", PAGE.encode())
    found = excerpt_of(store, tmp_path / "pages", pair)
    assert found.paragraphs == (
        (("text", "Uno."),),
        (("text", "Dos."),),
        (("text", "Tres."),),
        (("question", QUESTION),),
        (("answer", "Pulsa el botón durante diez segundos."),),
        (("answer", "Luego espera dos minutos enteros."),),
        (("text", "Cuatro."),),
        (("text", "Cinco."),),
        (("text", "Seis."),),
    )
    assert (found.missing, found.fetched_at) == ("", "2026-01-31T09:30:00Z")


def test_an_edited_pair_is_found_by_the_words_of_its_original(store, pair, tmp_path):
    archived(tmp_path / "pages", PAGE.encode())
    made = replace(pair, answer="Otra cosa del todo.", made_from=(pair.id,), made_by="person:reviewer-1")
    store.add_pairs([made], "person:reviewer-1")
    kinds = {kind for parts in excerpt_of(store, tmp_path / "pages", made).paragraphs for kind, _ in parts}
    assert kinds == {"text", "question", "answer"}


def test_an_archive_that_is_gone_is_said_with_its_name(store, pair, tmp_path):
    found = excerpt_of(store, tmp_path / "nowhere", pair)
    assert (found.missing, found.paragraphs) == ("no_archive", ())
    assert "a.warc.gz" in found.note


def test_a_pair_of_no_page_has_no_excerpt(store, pair, tmp_path):
    assert excerpt_of(store, tmp_path, replace(pair, page="")).missing == "no_page"


def test_a_page_without_these_words_says_so(store, pair, tmp_path):
    archived(tmp_path / "other", b"<p>Nada que ver</p>")
    assert excerpt_of(store, tmp_path / "other", pair).missing == "not_found"


def test_a_question_and_its_answer_in_one_paragraph_are_told_apart():
    found = mark(["Antes. Vale, ¿llueve mucho? Sí, bastante. Fin."], ["¿Llueve mucho?"], ["Sí, bastante."])
    assert found == (
        (
            ("text", "Antes. Vale, ¿"),
            ("question", "llueve mucho"),
            ("text", "? "),
            ("answer", "Sí, bastante"),
            ("text", ". Fin."),
        ),
    )


def test_a_word_of_the_menu_that_the_answer_has_too_is_not_marked():
    page = ["Router", "Precios", *["Otro"] * 20, "¿Qué es esto de aquí?", "El router es un aparato con luces."]
    marked = [
        text for parts in mark(page, ["¿Qué es esto de aquí?"], [page[-1]]) for kind, text in parts if kind != "text"
    ]
    assert marked == page[-2:]


def test_far_paragraphs_between_the_marked_ones_become_a_gap():
    page = [
        "¿Por qué no carga la página?",
        *[f"Ruido {n}." for n in range(10)],
        "Porque el servidor estaba caído ayer.",
    ]
    shown = mark(page, [page[0]], [page[-1]])
    assert [parts[0][0] for parts in shown] == [
        "question",
        "text",
        "text",
        "text",
        "gap",
        "text",
        "text",
        "text",
        "answer",
    ]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param("<p>Añil</p>".encode("latin-1"), "text/html; charset=iso-8859-1", id="the header"),
        pytest.param('<meta charset="windows-1252"><p>Añil</p>'.encode("cp1252"), "text/html", id="a meta tag"),
        pytest.param("<p>Añil</p>".encode(), "", id="utf-8"),
        pytest.param("<p>Añil</p>".encode("cp1252"), "", id="neither"),
        pytest.param("<p>Añil</p>".encode("utf-8-sig"), "text/html; charset=latin-1", id="a byte-order mark"),
        pytest.param("<p>Añil</p>".encode(), "text/html; charset=nonsense", id="an unknown name"),
    ],
)
def test_a_page_is_decoded_as_browsers_do(body, content_type):
    assert page_paragraphs(decode_page(body, content_type)) == ["Añil"]
