"""Who answered and when, from what a help page states."""

from __future__ import annotations

import pytest

from crawlers.pages import FoundPair, read_page
from crawlers.pages.found import author_mark

URL = "https://ayuda.example/faq"
DETAILS = "<details><summary>¿Cómo pago?</summary><p>Con tarjeta.</p></details>"


def pair(head: str = "", body: str = DETAILS) -> FoundPair:
    html = (
        f"<html lang=es><head><title>Preguntas frecuentes</title>{head}</head><body><main>{body}</main></body></html>"
    )
    (found,) = read_page(html, URL).pairs
    return found


@pytest.mark.parametrize(
    ("head", "body", "day"),
    [
        pytest.param(
            '<meta property="article:published_time" content="2020-01-02T10:00:00+01:00">'
            '<meta property="article:modified_time" content="2024-03-05T08:30:00+01:00">',
            "",
            "2024-03-05T07:30:00+00:00",
            id="article:modified_time",
        ),
        pytest.param(
            '<script type="application/ld+json">{"@graph": [{"@type": "WebPage", "datePublished": "2019-05-06",'
            ' "dateModified": "2023-11-20T00:00:00Z"}]}</script>',
            "",
            "2023-11-20T00:00:00+00:00",
            id="JSON-LD",
        ),
        pytest.param("", '<time datetime="2022-07-08">8 de julio</time>', "2022-07-08", id="the one time element"),
        pytest.param(
            "", '<time datetime="2022-07-08"></time><time datetime="2022-07-09"></time>', "", id="several time elements"
        ),
        pytest.param(
            "", '<span itemprop="dateModified" content="2021-02-03">ayer</span>', "2021-02-03", id="microdata"
        ),
        pytest.param("", "<p>Última actualización: 3 de mayo de 2024</p>", "2024-05-03", id="a line of text"),
        pytest.param("", "<p>Last updated on March 4, 2023</p>", "2023-03-04", id="a line of English text"),
        pytest.param('<meta name="date" content="someday">', "", "", id="no date at all"),
    ],
)
def test_a_pair_has_the_date_that_its_page_states(head: str, body: str, day: str) -> None:
    assert pair(head, DETAILS + body).written_at == day


@pytest.mark.parametrize(
    ("head", "body", "name"),
    [
        pytest.param('<meta name="author" content="Equipo de Soporte">', "", "Equipo de Soporte", id="meta"),
        pytest.param("", '<p>Por <a rel="author" href="/a">Marta</a></p>', "Marta", id="rel=author"),
        pytest.param(
            '<script type="application/ld+json">{"@graph": [{"@type": "Article", "author": {"@id": "#m"}},'
            ' {"@type": "Person", "@id": "#m", "name": "Marta"}]}</script>',
            "",
            "Marta",
            id="JSON-LD by reference",
        ),
    ],
)
def test_a_pair_has_the_mark_of_its_author_and_never_the_name(head: str, body: str, name: str) -> None:
    found = pair(head, DETAILS + body)
    assert found.author == author_mark(name, URL)
    assert name not in found.author


def test_an_answer_in_json_ld_has_its_own_author_and_date() -> None:
    found = pair(
        '<meta name="author" content="Editor"><script type="application/ld+json">{"@type": "FAQPage", "mainEntity":'
        '[{"@type": "Question", "name": "¿Cómo pago?", "acceptedAnswer": {"@type": "Answer", "text": "Con tarjeta.",'
        ' "author": {"name": "Marta"}, "dateCreated": "2020-01-31"}}]}</script>',
        "<p>Bienvenida.</p>",
    )
    assert (found.author, found.written_at) == (author_mark("Marta", URL), "2020-01-31")


def test_a_page_that_states_nothing_gives_neither() -> None:
    assert (pair().author, pair().written_at) == ("", "")
