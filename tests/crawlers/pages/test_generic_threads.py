"""Threads of forums that no row of paths knows, and pages that only look like one."""

from __future__ import annotations

import time

import pytest

from crawlers.pages.dom import parse
from crawlers.pages.generic_thread import generic_thread

TEXT = "Open the rear cover and take the paper out of the printer with both hands."


def entry(number: int, body: str = TEXT, author: str = "", date: str = "3 March 2017") -> str:
    name = author or f"member{number}"
    return f'<div class="entry"><a href="/people/{name}">{name}</a> <i>{date}</i><div class="words">{body}</div></div>'


def page(*entries: str, title: str = "Error 12 - Printer Forum") -> str:
    return f"<html><head><title>{title}</title></head><body><h1>Error 12</h1>{''.join(entries)}</body></html>"


def authors(html: str) -> list[str]:
    document = parse(html)
    thread = generic_thread(document) if document is not None else None
    return [post.author for post in thread.posts] if thread else []


def test_posts_are_what_has_a_date_an_author_and_a_text() -> None:
    document = parse(page(entry(1), entry(2), entry(1)))
    assert document is not None
    thread = generic_thread(document)
    assert thread is not None
    assert [(p.author, p.text, p.written_at) for p in thread.posts] == [
        ("member1", TEXT, "2017-03-03"), ("member2", TEXT, "2017-03-03"), ("member1", TEXT, "2017-03-03"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "html",
    [
        pytest.param(page(entry(1), entry(2), title="Our blog"), id="no forum"),
        pytest.param(page(entry(1)), id="one post"),
        pytest.param(page(entry(1, author="ana"), entry(2, author="ana")), id="one author"),
        pytest.param(page(entry(1, date="soon"), entry(2, date="later")), id="no dates"),
        pytest.param(
            page(entry(1, '<a href="/t/1">Error 12</a>'), entry(2, '<a href="/t/2">Error 13</a>')), id="titles"
        ),
    ],
)
def test_other_pages_are_no_threads(html: str) -> None:
    assert authors(html) == []


def test_a_page_of_very_many_dates_is_read_in_time() -> None:
    started = time.process_time()
    authors(page(*(entry(n) for n in range(4000))))
    authors("<title>forum</title>" + "<div><p>3 May 2014" * 90 + "x" * 1000)
    assert time.process_time() - started < 20


def mensaje(name: str, text: str = TEXT, hour: int = 10, head: str = "") -> str:
    return (
        f'<div class="mensaje">{head}<div class="quien">{name}</div><div class="cuando">'
        f'<time datetime="2024-03-01T{hour}:00">1-3</time></div><div class="texto"><p>{text}</p></div></div>'
    )


def hilo(*posts: str, title: str = "No arranca tras actualizar", before: str = "") -> str:
    head = f"<html><head><title>{title} - Foro</title></head><body>{before}<div class=hilo><h1>{title}</h1>"
    return f"{head}{''.join(posts)}</div></body></html>"


def test_names_are_told_by_their_place_where_no_word_of_the_markup_is_known() -> None:
    html = hilo(mensaje("pepe77"), mensaje("ana_m", "Me pasa lo mismo.", 11), mensaje("Luis Soporte", hour=12))
    assert authors(html) == ["pepe77", "ana_m", "Luis Soporte"]


def test_ranks_repeat_more_than_names_and_are_none() -> None:
    posts = [("Miembro", "pepe77"), ("Miembro", "ana_m"), ("Moderador", "luis")]
    html = hilo(*(mensaje(name, head=f'<div class="rango">{rank}</div>') for rank, name in posts))
    assert authors(html) == ["pepe77", "ana_m", "luis"]


@pytest.mark.parametrize(
    "html",
    [
        pytest.param(hilo(mensaje("Miembro"), mensaje("Miembro")), id="one label"),
        pytest.param(hilo(mensaje("Mensaje 1"), mensaje("Mensaje 2")), id="numbers"),
        pytest.param(hilo(mensaje("No va."), mensaje("¡Hola a todos!")), id="sentences"),
        pytest.param(hilo(mensaje("ana"), mensaje("luis"), title="Novedades de marzo"), id="title that asks nothing"),
        pytest.param(hilo(mensaje("ana"), mensaje("luis"), before=f"<p>{TEXT * 5}</p>"), id="comments on an article"),
        pytest.param(
            hilo(
                mensaje("ana", head="<h3>Se cuelga al imprimir</h3>"), mensaje("luis", head="<h3>Atasco de papel</h3>")
            ),
            id="a list of entries with titles",
        ),
        pytest.param(hilo(mensaje("ana"), f"<section>{mensaje('luis')}</section>"), id="not built alike"),
    ],
)
def test_other_blocks_with_dates_and_short_lines_are_no_posts(html: str) -> None:
    assert authors(html) == []
