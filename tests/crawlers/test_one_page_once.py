"""No page twice: the addresses that sites give to one page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawlers.run import crawl
from tamiz.project import Project
from tamiz.store import Store


def with_canonical(html: str, address: str, note: str = "") -> str:
    return html.replace("<title>", f'<link rel="canonical" href="{address}"><title>{note}')


def test_a_page_counts_once_under_its_canonical_address(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/", links=("/p?id=1&from=list", "/p?id=1&from=search"))
    site.faq("/p?id=1", "¿Cómo cambio la clave del wifi?")
    for way in ("list", "search"):
        site.pages[f"/p?id=1&from={way}"] = with_canonical(site.pages["/p?id=1"], "/p?id=1", way)
    work = bench()
    report = work.crawl()
    assert (report.pages, report.new_pairs, report.repeated) == (2, 1, 1)
    assert next(work.store.pairs()).pair.url == f"{site.url}/p?id=1"
    assert "/p?id=1" not in site.paths()


def test_another_address_counts_once_where_the_same_pairs_stand(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/", links=("/tema/5", "/imprimir/5"))
    site.faq("/tema/5", "¿Cómo cambio la clave del wifi?", links=("/",))
    site.faq("/imprimir/5", "¿Cómo cambio la clave del wifi?")
    site.pages["/imprimir/5"] = with_canonical(site.pages["/imprimir/5"], "/tema/5")
    report = bench().crawl()
    assert (report.pages, report.new_pairs, report.repeated) == (2, 1, 1)


@pytest.mark.parametrize(
    "canonical",
    [
        pytest.param("/", id="the-start-page-on-every-page"),
        pytest.param("https://otra.example/", id="another-site"),
        pytest.param("javascript:alert(1)", id="no-page"),
        pytest.param("/p", id="nothing-that-tells-pages-apart"),
        pytest.param("http://[bad", id="no-address"),
    ],
)
def test_a_wrong_canonical_address_loses_no_page(canonical: str, site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/", links=tuple(f"/p?id={n}" for n in range(3)))
    for n in range(3):
        site.faq(f"/p?id={n}", f"¿Cómo configuro el aparato número {n}?")
        site.pages[f"/p?id={n}"] = with_canonical(site.pages[f"/p?id={n}"], canonical)
    work = bench()
    report = work.crawl()
    assert (report.pages, report.new_pairs, report.repeated) == (4, 3, 0)
    assert {page.final_url for page in work.store.pages()} == {f"{site.url}{path}" for path in site.pages}


def test_pages_of_a_list_that_name_the_first_as_canonical_are_all_read(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/", links=("/l?c=2", "/l?c=2&start=10"))
    site.faq("/l?c=2", "¿Cómo cambio la clave del wifi?")
    site.faq("/l?c=2&start=10", "¿Cómo reinicio el router?")
    site.pages["/l?c=2&start=10"] = with_canonical(site.pages["/l?c=2&start=10"], "/l?c=2")
    assert bench().crawl().new_pairs == 2


def test_the_ways_to_write_an_address_are_asked_once(site: Any, bench: Callable[..., Any]) -> None:
    ways = ("/wifi/", "/wifi", "/wifi/index.html", "/wifi?start=0", "/wifi/page/1/", "/wifi?print=1", "/wifi?b=&a=")
    site.faq("/", links=(*ways, "/wifi?a=&b="))
    for way in ways:
        site.faq(way, f"¿Cómo cambio la clave {len(way)}?")
    bench().crawl()
    assert site.paths() == ["/robots.txt", "/", "/wifi/", "/wifi?b=&a="]


def test_reading_in_one_process_gives_the_same(site: Any, bench: Callable[..., Any], tmp_path: Path) -> None:
    site.faq("/", links=("/wifi", "/copia", "/nada", "/privado", "/viejo"))
    site.faq("/wifi", "¿Cómo cambio la clave del wifi?", "¿Cómo reinicio el router?", links=("/nada?x=1",))
    site.pages["/copia"] = site.pages["/wifi"]
    site.pages["/viejo"] = (301, {"Location": "/wifi"}, "")
    site.faq("/privado", "¿Cómo entro?")
    site.pages["/privado"] = site.pages["/privado"].replace("<title>", '<meta name=robots content="noindex"><title>')
    settings = bench().project.settings
    results = []
    for apart in (True, False):
        project = Project(folder=tmp_path / f"apart-{apart}", settings=settings)
        project.folder.mkdir()
        with Store.open(project.store_url) as store:
            report = crawl(project, store, apart=apart)
            pages = sorted((page.url, page.final_url, page.content_hash) for page in store.pages())
            pairs = sorted(one.pair.id for one in store.pairs())
        counts = (report.pages, report.repeated, report.refused, report.failed, report.without_pairs)
        results.append((counts, pages, pairs))
    assert results[0] == results[1]
    assert len(results[0][2]) == 2
