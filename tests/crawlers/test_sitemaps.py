"""Sitemaps: what is read of them, which addresses look like support, and crawls that begin with one."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from crawlers.sitemaps import MAX_ENTRIES, read_sitemap, support_score

XML = "application/xml"
URLSET = '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'
INDEX = '<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</sitemapindex>'


def urlset(*urls: str) -> str:
    return URLSET.format("".join(f"<url><loc>{url}</loc><priority>0.5</priority></url>" for url in urls))


def index(*urls: str) -> str:
    return INDEX.format("".join(f"<sitemap><loc> {url}\n</loc></sitemap>" for url in urls))


def test_pages_and_indexes_are_told_apart_and_pictures_left_out() -> None:
    picture = '<image:image xmlns:image="http://x"><image:loc>https://a.example/x.png</image:loc></image:image>'
    body = URLSET.format(f"<url><loc>https://a.example/1</loc>{picture}</url>").encode()
    assert read_sitemap(body).pages == ("https://a.example/1",)
    assert read_sitemap(index("https://a.example/s.xml").encode()).sitemaps == ("https://a.example/s.xml",)


def test_a_list_of_lines_and_gzip_are_read() -> None:
    assert read_sitemap(b"https://a.example/1\nhttps://a.example/2\n").pages == (
        "https://a.example/1",
        "https://a.example/2",
    )
    assert read_sitemap(gzip.compress(urlset("https://a.example/1").encode())).pages == ("https://a.example/1",)


def test_a_torn_sitemap_gives_what_it_has() -> None:
    assert read_sitemap(urlset("https://a.example/1", "https://a.example/2").encode()[:-60]).pages[:1] == (
        "https://a.example/1",
    )


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]><urlset><url><loc>&a9;</loc></url></urlset>"
)


@pytest.mark.parametrize(
    ("body", "trouble"),
    [
        pytest.param(LAUGHS.encode(), "it declares entities", id="billion-laughs"),
        pytest.param(
            b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><urlset><url><loc>&e;</loc></url></urlset>',
            "it declares entities",
            id="external-entity",
        ),
        pytest.param(gzip.compress(bytes(60 * 1024 * 1024)), "too large", id="bomb"),
        pytest.param(gzip.compress(b"<urlset>" + b"<a/>" * 3_000_000 + b"</urlset>"), "too large", id="tags"),
        pytest.param(b"\x1f\x8bnot gzip", "no sitemap", id="broken-gzip"),
        pytest.param(b"<html><body>Not found</body></html>", "no addresses", id="html"),
        pytest.param(b"", "no sitemap", id="empty"),
    ],
)
def test_what_is_no_sitemap_is_refused(body: bytes, trouble: str) -> None:
    tracemalloc.start()
    read = read_sitemap(body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (read.trouble, read.pages) == (trouble, ())
    assert peak < 200_000_000


def test_entries_are_capped() -> None:
    body = urlset(*(f"https://a.example/{n}" for n in range(MAX_ENTRIES + 10))).encode()
    assert len(read_sitemap(body).pages) == MAX_ENTRIES


@pytest.mark.parametrize(
    "url",
    [
        *("/faq", "/preguntas-frecuentes/pagos", "/ayuda/cambiar-clave", "/support/articles/12", "/hc/es/articles/1"),
        *("/hilfe/konto", "/aide/paiement", "/ajuda/conta", "/assistenza/fattura", "/kb/12", "/como-cambiar-la-clave"),
    ],
)
def test_support_is_known_by_its_words(url: str) -> None:
    assert support_score(f"https://a.example{url}") > 0


@pytest.mark.parametrize("url", ["/", "/blog/verano", "/productos/silla", "/comida", "/aviso-legal", "/tienda/ofertas"])
def test_other_pages_are_not_taken_for_support(url: str) -> None:
    assert support_score(f"https://a.example{url}") <= 0


def test_a_faq_comes_before_a_help_page_and_that_before_a_guide() -> None:
    scores = [support_score(f"https://a.example{path}") for path in ("/ayuda/faq", "/ayuda/x", "/guia/x")]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


def test_a_crawl_takes_what_looks_like_support_from_an_index(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/", links=("/suelto",))
    site.faq("/faq", "¿Cómo pago?", links=("/suelto",))
    site.faq("/ayuda/clave", "¿Cómo cambio la clave?")
    shown = [f"{site.url}{path}" for path in ("/tienda/1", "/ayuda/clave", "/faq", "/blog/1")]
    second = gzip.compress(urlset("https://b.example/faq", *shown[2:]).encode())
    site.pages |= {
        "/robots.txt": (200, {"Content-Type": "text/plain"}, f"User-agent: *\nSitemap: {site.url}/s/index.xml\n"),
        "/s/index.xml": (200, {"Content-Type": XML}, index(f"{site.url}/s/1.xml", f"{site.url}/s/2.xml.gz")),
        "/s/1.xml": (200, {"Content-Type": XML}, urlset(*shown[:2])),
        "/s/2.xml.gz": (200, {"Content-Type": "application/x-gzip"}, second),
    }
    work = bench(source={"spider": "sitemap"})
    report = work.crawl()
    asked = site.paths()
    assert asked[asked.index("/s/2.xml.gz") + 1 :] == ["/faq", "/ayuda/clave"]
    assert report.new_pairs == 2
    assert report.said == (
        "2 of the 5 addresses in the sitemaps are taken; 2 left out: does not look like support; "
        "1 left out: another site; to take more, give allow patterns in tamiz.toml",
    )
    assert dict(report.left_out) == {"does not look like support": 2, "another site": 1}


def test_allow_takes_pages_of_a_sitemap_that_do_not_look_like_support(site: Any, bench: Callable[..., Any]) -> None:
    for path in ("/faq", "/p/1"):
        site.faq(path, f"¿Cómo pago con {path}?")
    listed = urlset(*(f"{site.url}{path}" for path in ("/faq", "/p/1", "/q/2")))
    site.pages["/sitemap.xml"] = (200, {"Content-Type": XML}, listed)
    report = bench(f"{site.url}/sitemap.xml", source={"spider": "sitemap", "allow": ["/faq", "/p/"]}).crawl()
    assert report.new_pairs == 2
    assert report.said == ("2 of the 3 addresses in the sitemaps are taken; 1 left out: not allowed by tamiz.toml",)


def test_a_sitemap_can_be_the_source_and_lead_nowhere_else(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/p/1", "¿Cómo pago?")
    site.pages["/sitemap.xml"] = (200, {"Content-Type": "text/xml"}, urlset(f"{site.url}/p/1", "file:///etc/passwd"))
    report = bench(f"{site.url}/sitemap.xml", source={"spider": "sitemap"}).crawl()
    assert (report.new_pairs, report.pages) == (1, 2)
    assert report.said[0].endswith("are taken; 1 left out: no address of a page")


def test_an_index_without_end_is_cut(site: Any, bench: Callable[..., Any]) -> None:
    class Endless(dict[str, Any]):
        def get(self, path: str, default: Any = None) -> Any:
            if path.startswith("/s"):
                links = (f"{site.url}/s{path.removeprefix('/sitemap.xml')}-{n}.xml" for n in range(20))
                return (200, {"Content-Type": XML}, index(*links))
            return super().get(path, default)

    site.pages = Endless(site.pages)
    site.faq("/", "¿Cómo pago?")
    report = bench(source={"spider": "sitemap"}).crawl()
    assert len(site.paths()) < 110
    assert any("100 files are the limit" in said for said in report.said)


def test_a_site_without_a_sitemap_says_so(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/", "¿Cómo pago?")
    report = bench(source={"spider": "sitemap"}).crawl()
    assert f"{site.url}/sitemap.xml was not read: it answered 404" in report.said
    assert report.new_pairs == 1


def test_a_sitemap_on_another_site_is_left_out_and_named(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/", "¿Cómo pago?")
    robots = "User-agent: *\nSitemap: https://b.example/sitemap.xml\n"
    site.pages["/robots.txt"] = (200, {"Content-Type": "text/plain"}, robots)
    report = bench(source={"spider": "sitemap"}).crawl()
    assert "https://b.example/sitemap.xml was not read: it is on another site" in report.said


def test_a_sitemap_that_moved_is_read_there_unless_that_is_another_site(
    site: Any, bench: Callable[..., Any], internet: Callable[..., Any]
) -> None:
    net = internet(b_example=[["93.184.215.15"]])
    site.faq("/", "¿Cómo pago?")
    site.faq("/ayuda/clave", "¿Cómo cambio la clave?")
    stated = ("/moved.xml", "/away.xml", "/round.xml", "/file.xml")
    robots = "".join(f"Sitemap: {path}\n" for path in stated)
    site.pages |= {
        "/robots.txt": (200, {"Content-Type": "text/plain"}, robots),
        "/moved.xml": (301, {"Location": "/s/1.xml"}, ""),
        "/s/1.xml": (200, {"Content-Type": XML}, urlset(f"{net.site}/ayuda/clave")),
        "/away.xml": (302, {"Location": "http://b.example/sitemap.xml"}, ""),
        "/round.xml": (302, {"Location": "/round.xml"}, ""),
        "/file.xml": (302, {"Location": "file:///etc/passwd"}, ""),
    }
    report = bench(f"{net.site}/", source={"allow_private": False, "spider": "sitemap"}).crawl()
    assert net.dialled() == {net.public}
    assert "/ayuda/clave" in site.paths()
    assert report.new_pairs == 2
    assert f"{net.site}/away.xml was not read: it leads to b.example" in report.said
    assert f"{net.site}/round.xml was not read: it redirects without end" in report.said
    assert f"{net.site}/file.xml was not read: it leads to no page" in report.said
    assert site.paths().count("/round.xml") == 6
