"""Crawls of what is on disk: WARC files, folders of saved pages, MHTML. None makes a request."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawlers.extract import extract
from crawlers.saved import list_saved
from crawlers.sources import choose_sources
from tamiz.errors import InputError, SettingsError


def page(*questions: str, head: str = "") -> str:
    items = "".join(
        f"<details><summary>{q}</summary><p>Entra en los ajustes y sigue los pasos de {q}</p></details>"
        for q in questions
    )
    return (
        f"<html lang=es><head><title>Ayuda</title>{head}</head><body><h1>Preguntas frecuentes</h1>{items}</body></html>"
    )


def warc(
    path: Path, *pages: tuple[str, bytes], encoding: str = "", kind: str = "text/html", status: str = "200 OK"
) -> None:
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=path.suffix == ".gz")
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "test"}))
        for url, body in pages:
            headers = [("Content-Type", kind), *([("Content-Encoding", encoding)] if encoding else [])]
            answer = StatusAndHeaders(status, headers, protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(url, "response", BytesIO(body), len(body), http_headers=answer)
            )


@pytest.fixture
def saved(bench: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """A project whose only source is a path, with an address or without."""

    def make(path: str, url: str = "", **settings: Any) -> Any:
        given = {"name": "saved", "url": url, "spider": "archive", "path": path, "allow_private": False}
        return bench(source=given | settings.pop("source", {}), **settings)

    return make


@pytest.mark.parametrize("name", ["old.warc.gz", "old.warc"])
def test_a_warc_file_gives_the_pairs_of_its_pages(
    saved: Callable[..., Any], tmp_path: Path, site: Any, name: str
) -> None:
    first, second = (
        ("https://a.example/1", page("¿Cómo cambio la clave?")),
        ("https://b.example/2", page("¿Cómo pago?")),
    )
    warc(tmp_path / name, *((url, html.encode()) for url, html in (first, second)))
    work = saved(name)
    report = work.crawl()
    assert (report.pages, report.new_pairs, site.asked) == (2, 2, [])
    assert {stored.pair.url for stored in work.store.pairs()} == {"https://a.example/1", "https://b.example/2"}
    assert extract(work.project, work.store).known_pairs == 2


def test_allow_and_url_choose_the_pages_of_a_large_archive(saved: Callable[..., Any], tmp_path: Path) -> None:
    urls = ("https://a.example/ayuda/1", "https://a.example/blog/1", "https://b.example/ayuda/2")
    warc(tmp_path / "cc.warc.gz", *((url, page(f"¿Cómo uso {url[-1]}?").encode()) for url in urls))
    report = saved("cc.warc.gz", "https://a.example/ayuda/").crawl()
    assert report.pages == 1
    assert report.said == ("left out 2 pages that are not the source's, by its url, allow and deny",)


def test_the_last_capture_of_an_address_counts(saved: Callable[..., Any], tmp_path: Path) -> None:
    bodies = (page("¿Cómo era antes?").encode(), page("¿Cómo es ahora?").encode())
    warc(tmp_path / "two.warc.gz", *(("https://a.example/1", body) for body in bodies))
    work = saved("two.warc.gz")
    work.crawl()
    assert work.questions() == ["¿Cómo es ahora?"]


def test_compressed_bodies_are_read_and_bombs_are_cut(saved: Callable[..., Any], tmp_path: Path) -> None:
    bodies = (gzip.compress(page("¿Cómo cambio la clave?").encode()), gzip.compress(bytes(50_000_000)))
    named = zip(("https://a.example/1", "https://a.example/2"), bodies, strict=True)
    warc(tmp_path / "packed.warc.gz", *named, encoding="gzip")
    report = saved("packed.warc.gz", max_page_mb=1.0).crawl()
    assert report.new_pairs == 1
    assert dict(report.failed) == {"too large": 1}


def test_what_is_no_page_is_left_in_the_archive(saved: Callable[..., Any], tmp_path: Path) -> None:
    warc(tmp_path / "a.warc.gz", ("https://a.example/1.pdf", b"%PDF"), kind="application/pdf")
    warc(tmp_path / "b.warc.gz", ("https://a.example/gone", page("¿Cómo era?").encode()), status="404 Not Found")
    (tmp_path / "both").mkdir()
    for name in ("a.warc.gz", "b.warc.gz"):
        (tmp_path / name).rename(tmp_path / "both" / name)
    assert saved("both").crawl().pages == 0


def test_a_damaged_archive_names_the_file(saved: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "bad.warc.gz").write_bytes(gzip.compress(b"this is no record\r\n\r\n" * 50))
    with pytest.raises(InputError, match=r"bad\.warc\.gz is damaged"):
        saved("bad.warc.gz").crawl()


@pytest.mark.parametrize("name", ["old.warc.gz", "old.warc"])
def test_an_archive_that_is_cut_off_gives_its_whole_pages_and_says_so(
    saved: Callable[..., Any], tmp_path: Path, name: str
) -> None:
    urls = [f"https://a.example/{n}" for n in range(3)]
    warc(tmp_path / name, *((url, page(f"¿Cómo uso el modelo {url[-1]}?").encode()) for url in urls))
    whole = (tmp_path / name).read_bytes()
    begins = [found.offset for found in list_saved(tmp_path / name, "", 10**6) if not isinstance(found, str)]
    assert len(begins) == 3
    for cut in [*(begins[2] + n for n in range(1, 60)), *range(begins[2] + 60, len(whole) - 4, 7)]:
        (tmp_path / name).write_bytes(whole[:cut])
        first, second, said = list_saved(tmp_path / name, "", 10**6)
        assert [first.url, second.url] == urls[:2], cut
        assert said == f"the last record of {name}: the file is cut off at byte {cut:,}"
    report = saved(name).crawl()
    assert (report.pages, len(report.said)) == (2, 1)
    assert report.said[0].startswith(f"left out the last record of {name}: the file is cut off at byte ")


HEADS = {
    "canonical": '<link rel="canonical" href="https://a.example/es/wifi">',
    "browser": "<!-- saved from url=(0027)https://a.example/es/wifi -->",
    "httrack": "<!-- Mirrored from a.example/es/wifi by HTTrack Website Copier/3.x -->",
    "og": '<meta property="og:url" content="https://a.example/es/wifi">',
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_a_saved_page_says_where_it_is_from(saved: Callable[..., Any], tmp_path: Path, head: str) -> None:
    (tmp_path / "pages-of-old" / "es").mkdir(parents=True)
    (tmp_path / "pages-of-old" / "es" / "x.html").write_text(page("¿Cómo cambio la clave?", head=head))
    work = saved("pages-of-old")
    work.crawl()
    assert [stored.pair.url for stored in work.store.pairs()] == ["https://a.example/es/wifi"]


def test_a_page_without_an_address_takes_that_of_its_place(saved: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "old" / "es").mkdir(parents=True)
    (tmp_path / "old" / "es" / "más wifi.html").write_text(page("¿Cómo cambio la clave?"))
    work = saved("old", "https://a.example/")
    work.crawl()
    assert [stored.pair.url for stored in work.store.pairs()] == ["https://a.example/es/m%C3%A1s%20wifi.html"]
    assert saved("old", source={"name": "nowhere"}).crawl().said == (
        "left out es/más wifi.html: states no address; give the source a url",
    )


def test_mhtml_is_read(saved: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "one.mhtml").write_text(
        "From: <Saved by Blink>\nSnapshot-Content-Location: https://a.example/wifi\nMIME-Version: 1.0\n"
        'Content-Type: multipart/related; type="text/html"; boundary="x"\n\n--x\nContent-Type: text/html\n'
        "Content-Transfer-Encoding: 8bit\nContent-Location: https://a.example/wifi\n\n"
        f"{page('¿Cómo cambio la clave?')}\n--x--\n"
    )
    work = saved("one.mhtml")
    work.crawl()
    assert [stored.pair.url for stored in work.store.pairs()] == ["https://a.example/wifi"]


def test_links_and_pipes_in_a_folder_are_not_followed(saved: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "secret.html").write_text(page("¿Cuál es el secreto?"))
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "a.html").symlink_to(tmp_path / "secret.html")
    (folder / "sub").symlink_to(tmp_path)
    os.mkfifo(folder / "b.html")
    (folder / "c.html").write_text(page("¿Cómo cambio la clave?"))
    work = saved("old", "https://a.example/")
    report = work.crawl()
    assert work.questions() == ["¿Cómo cambio la clave?"]
    assert sum("no regular file" in said for said in report.said) == 2


def test_an_archive_that_was_stopped_goes_on_and_then_adds_nothing(saved: Callable[..., Any], tmp_path: Path) -> None:
    urls = [f"https://a.example/{n}" for n in range(6)]
    warc(tmp_path / "six.warc.gz", *((url, page(f"¿Cómo uso el modelo {url[-1]}?").encode()) for url in urls))
    work = saved("six.warc.gz")
    first, second, third = work.crawl(limit=2), work.crawl(), work.crawl()
    assert (first.new_pairs, second.new_pairs, third.new_pairs, third.pages) == (2, 4, 0, 6)


def test_a_path_can_be_crawled_without_a_source(bench: Callable[..., Any], tmp_path: Path) -> None:
    warc(tmp_path / "old.warc.gz", ("https://a.example/1", page("¿Cómo cambio la clave?").encode()))
    assert bench().crawl(sources=[str(tmp_path / "old.warc.gz")]).new_pairs == 1


def test_what_is_no_archive_says_what_to_do(bench: Callable[..., Any], tmp_path: Path) -> None:
    work = bench()
    (tmp_path / "mail.mbox").write_text("From a")
    with pytest.raises(InputError, match=rf"tamiz import {tmp_path}/mail\.mbox"):
        choose_sources(work.project, [str(tmp_path / "mail.mbox")])
    with pytest.raises(InputError, match="is not there"):
        choose_sources(work.project, [str(tmp_path / "no.warc")])
    with pytest.raises(SettingsError, match="did you mean ayuda"):
        choose_sources(work.project, ["ayudas"])


def test_an_empty_folder_says_what_could_lie_there(saved: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    said = saved("old").crawl().said
    assert said == (f"{tmp_path}/old holds no pages; .warc, .warc.gz, .html, .mhtml and .json files are read there",)


@pytest.mark.parametrize(
    "url", ["http://ana:geheim@a.example/", "https://geheim@a.example/x?y=@", "http://ana:g@heim@a.example"]
)
def test_an_address_with_a_password_is_refused_without_saying_it(bench: Callable[..., Any], url: str) -> None:
    with pytest.raises(InputError, match=r"name or a password is not fetched; give that of a\.example ") as refused:
        choose_sources(bench().project, url=url)
    assert "heim" not in str(refused.value)
