"""Real crawls, by Scrapy in its worker process, of a web site on loopback."""

from __future__ import annotations

import gzip
import itertools
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crawlers.archive import read_body
from tamiz.cli import cli
from tamiz.errors import InputError, SettingsError

HTML = "text/html; charset=utf-8"


@pytest.fixture
def small(site: Any) -> Any:
    """Three pages: a start page and two FAQ pages with two questions each."""
    site.faq("/", links=("/wifi", "/factura"))
    site.faq("/wifi", "¿Cómo cambio la clave del wifi?", "¿Cómo reinicio el router?", links=("/",))
    site.faq("/factura", "¿Cuándo llega la factura?", "¿Cómo pago la factura?", links=("/wifi#precio",))
    return site


def test_a_crawl_keeps_pages_pairs_and_bytes(small: Any, bench: Callable[..., Any]) -> None:
    work = bench()
    report = work.crawl()
    assert (report.pages, report.new_pairs, report.known_pairs, report.waiting) == (3, 4, 0, 0)
    assert sum(report.without_pairs.values()) == 1
    pair = next(stored.pair for stored in work.store.pairs() if "clave" in stored.pair.question)
    assert (pair.url, pair.group, pair.source, pair.lang, pair.kind) == (
        *(f"{small.url}/wifi",) * 2,
        *("ayuda", "es", "faq"),
    )
    page = work.store.page(pair.page)
    assert page.robots == "no robots.txt (404)"
    body, content_type = read_body(work.project, page)
    assert body.decode() == small.pages["/wifi"]
    assert content_type == HTML


def test_a_finished_source_is_fetched_again_and_adds_only_what_is_new(small: Any, bench: Callable[..., Any]) -> None:
    work = bench()
    work.crawl()
    archives = {path.name: path.stat().st_size for path in work.project.pages.iterdir()}
    again = work.crawl()
    assert (again.pages, again.new_pairs, again.known_pairs, work.store.count_pages()) == (3, 0, 4, 3)
    assert {path.name: path.stat().st_size for path in work.project.pages.iterdir()} == archives
    small.faq("/wifi", "¿Cómo cambio la clave del wifi?", "¿Cómo apago el wifi de noche?")
    changed = work.crawl()
    assert (changed.new_pairs, work.store.count_pages()) == (1, 4)


def test_robots_txt_is_honoured(small: Any, bench: Callable[..., Any]) -> None:
    small.pages["/robots.txt"] = (200, {"Content-Type": "text/plain"}, "User-agent: tamiz\nDisallow: /factura\n")
    work = bench()
    report = work.crawl()
    assert "/factura" not in small.paths()
    assert dict(report.refused) == {"robots.txt": 1}
    assert {page.robots for page in work.store.pages()} == {"allowed by robots.txt"}


def test_a_robots_txt_that_fails_forbids_everything(small: Any, bench: Callable[..., Any]) -> None:
    small.pages["/robots.txt"] = (503, {"Content-Type": "text/plain"}, "sorry")
    with pytest.raises(InputError, match=r"left for now: robots\.txt answered 503"):
        bench().crawl()
    assert set(small.paths()) == {"/robots.txt"}


def test_crawl_delay_and_contact_are_applied(small: Any, bench: Callable[..., Any]) -> None:
    small.pages["/robots.txt"] = (200, {"Content-Type": "text/plain"}, "User-agent: *\nCrawl-delay: 0.4\n")
    bench(contact="ayuda@example.org").crawl()
    times = [asked.at for asked in small.asked]
    assert min(later - sooner for sooner, later in itertools.pairwise(times)) > 0.38
    assert all(re.fullmatch(r"tamiz/[\d.]+ \(\+ayuda@example\.org\)", asked.agent) for asked in small.asked)


def test_delay_is_the_least_time_between_requests_and_one_runs_at_a_time(small: Any, bench: Callable[..., Any]) -> None:
    bench(delay_seconds=0.3).crawl()
    times = [asked.at for asked in small.asked]
    assert min(later - sooner for sooner, later in itertools.pairwise(times)) > 0.28


def test_what_is_no_page_is_counted_by_reason(site: Any, bench: Callable[..., Any]) -> None:
    links = ("/gone", "/broken", "/tarifas.pdf", "/locked", "/big", "/bomb", "/loop", "/away", "/slow", "/logo.png")
    site.faq("/", links=links)
    site.pages |= {
        "/broken": (500, {"Content-Type": HTML}, "no"),
        "/tarifas.pdf": (200, {"Content-Type": "application/pdf"}, b"%PDF" + bytes(50_000)),
        "/locked": (403, {"Content-Type": HTML}, "no"),
        "/big": (200, {"Content-Type": HTML}, b"a" * 1_500_000),
        "/bomb": (200, {"Content-Type": HTML, "Content-Encoding": "gzip"}, gzip.compress(bytes(50_000_000))),
        "/loop": (302, {"Location": "/loop?again"}, ""),
        "/loop?again": (302, {"Location": "/loop"}, ""),
        "/away": (302, {"Location": "http://otra.example/"}, ""),
        "/slow": lambda handler: time.sleep(3),
    }
    report = bench(max_page_mb=1.0, timeout_seconds=1.0).crawl()
    assert dict(report.refused) == {
        "not HTML: application/pdf": 1,
        "403 Forbidden": 1,
        "leads to otra.example": 1,
    }
    assert dict(report.failed) == {
        "404 Not Found": 1,
        "500 Internal Server Error": 1,
        "too large": 2,
        "redirects without end": 1,
        "timeout": 1,
    }
    assert site.paths().count("/broken") == 3
    assert "/logo.png" not in site.paths()
    assert report.pages == 1


def test_a_redirect_is_followed_once_and_remembered(small: Any, bench: Callable[..., Any]) -> None:
    small.faq("/", links=("/old", "/new", "/older"))
    small.pages["/old"] = small.pages["/older"] = (301, {"Location": "/new"}, "")
    small.faq("/new", "¿Cómo cambio de tarifa?")
    work = bench()
    report = work.crawl()
    assert report.pages == 2
    assert small.paths().count("/new") == 1
    assert {page.final_url for page in work.store.pages()} == {f"{small.url}/", f"{small.url}/new"}


def test_a_page_in_windows_1252_is_read_right(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/", "¿Cuánto cuesta el envío a España?", "¿Cuándo llegará el router?")
    site.pages["/"] = (200, {"Content-Type": "text/html"}, site.pages["/"].encode("cp1252"))
    work = bench()
    work.crawl()
    assert work.questions() == ["¿Cuánto cuesta el envío a España?", "¿Cuándo llegará el router?"]


def test_sessions_fragments_and_order_are_one_address(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/", links=("/p?id=1&sid=abc", "/p?id=1&PHPSESSID=f00", "/p?id=1&utm_source=x#top", "/p?id=1&sort=asc"))
    site.faq("/p?id=1", "¿Cómo cambio la clave del wifi?")
    assert bench().crawl().pages == 2
    assert site.paths() == ["/robots.txt", "/", "/p?id=1"]


def test_only_the_source_s_host_and_folder_are_fetched(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/ayuda/", links=("/ayuda/wifi", "/tienda", "http://localhost.example/ayuda/", "mailto:a@example.org"))
    site.faq("/ayuda/wifi", "¿Cómo cambio la clave del wifi?", links=("/ayuda/../tienda",))
    assert bench(f"{site.url}/ayuda/").crawl().pages == 2
    assert set(site.paths()) == {"/robots.txt", "/ayuda/", "/ayuda/wifi"}


def test_allow_and_deny_decide(small: Any, bench: Callable[..., Any]) -> None:
    small.faq("/", links=("/wifi", "/factura", "/tienda"))
    report = bench(source={"allow": ("/wifi", "/factura"), "deny": ("factura",)}).crawl()
    assert small.paths() == ["/robots.txt", "/", "/wifi"]
    assert report.left_out == {"denied by tamiz.toml": 1, "not allowed by tamiz.toml": 2}  # of these, one to the start


def test_page_limits_stop_and_go_on(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/", links=tuple(f"/{n}" for n in range(5)))
    for n in range(5):
        site.faq(f"/{n}", f"¿Cómo configuro el aparato número {n}?")
    work = bench(max_pages=5)
    first = work.crawl(limit=2)
    assert (first.pages, first.waiting) == (2, 4)
    second = work.crawl()
    assert (second.pages, second.waiting) == (3, 1)
    assert len(site.paths()) == len(set(site.paths())) + 1  # robots.txt, once a run


@pytest.mark.parametrize(
    ("limit", "named"),
    [
        pytest.param({"max_pages": 3}, "max_pages with .* raise max_pages under .crawl. of tamiz.toml", id="pages"),
        pytest.param({"max_mb": 1}, "max_mb with .* raise max_mb under .crawl. of tamiz.toml", id="megabytes"),
        pytest.param({"max_minutes": 0.0001}, "max_minutes with .* run tamiz crawl again", id="minutes"),
    ],
)
def test_a_limit_ends_a_crawl_and_is_named_with_the_way_on(
    limit: dict[str, Any], named: str, site: Any, bench: Callable[..., Any]
) -> None:
    site.faq("/", links=tuple(f"/{n}" for n in range(100)))
    for n in range(100):
        site.faq(f"/{n}", f"¿Cómo configuro el aparato número {n}?")
        site.pages[f"/{n}"] += f"<!-- {'x' * 40_000} -->"
    work = bench(**limit)
    report = work.crawl()
    assert re.search(named, report.limits[0])
    assert 0 < report.waiting < 101
    more = {name: value * 1000 for name, value in limit.items()}
    assert bench(**more).crawl().waiting == 0
    assert len(work.questions()) == 100
    assert len(set(site.paths())) == len(site.paths()) - 1  # robots.txt, once a run


def test_depth_is_limited(site: Any, bench: Callable[..., Any]) -> None:
    for n in range(5):
        site.faq(f"/{n}", links=(f"/{n + 1}",))
    report = bench(f"{site.url}/0", max_depth=2).crawl()
    assert site.paths() == ["/robots.txt", "/0", "/1", "/2"]
    assert report.left_out == {"deeper than max_depth": 1}


def test_noindex_pages_are_not_kept_and_nofollow_links_not_taken(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/", links=("/secret", "/dead-end", "/header"))
    site.pages["/"] = site.pages["/"].replace("</nav>", '</nav><a rel="ugc nofollow" href="/ad">ad</a>')
    site.faq("/secret", "¿Cómo entro en la zona privada?", links=("/onward",))
    site.pages["/secret"] = site.pages["/secret"].replace("<title>", '<meta name=robots content="noindex"><title>')
    site.faq("/dead-end", "¿Cómo salgo de la zona privada?", links=("/hidden",))
    site.pages["/dead-end"] = site.pages["/dead-end"].replace(
        "<title>", '<meta name="ROBOTS" content="NOFOLLOW"><title>'
    )
    site.faq("/onward", "¿Cómo cambio la clave del wifi?")
    site.faq("/header", "¿Cómo borro la cuenta del router?")
    site.pages["/header"] = (200, {"Content-Type": HTML, "X-Robots-Tag": "noindex"}, site.pages["/header"])
    work = bench()
    report = work.crawl()
    assert sorted(work.questions()) == ["¿Cómo cambio la clave del wifi?", "¿Cómo salgo de la zona privada?"]
    assert report.refused["the page asks not to be indexed"] == 2
    assert not {"/ad", "/hidden"} & set(site.paths())
    assert not any(b"privada" in path.read_bytes() for path in work.project.pages.iterdir() if path.suffix != ".gz")


def test_private_addresses_are_refused_unless_allowed(small: Any, bench: Callable[..., Any]) -> None:
    with pytest.raises(InputError, match=r"private address.*allow_private = true"):
        bench(source={"allow_private": False}).crawl()
    assert small.asked == []


@pytest.mark.parametrize("allowed", [True, False])
def test_no_setting_is_advised_where_clouds_keep_keys(bench: Callable[..., Any], allowed: bool) -> None:
    with pytest.raises(InputError, match=r"private address\. .* never fetched") as refused:
        bench("http://169.254.169.254/", source={"allow_private": allowed}).crawl()
    assert "allow_private" not in str(refused.value)


def test_a_url_of_the_command_line_is_told_of_its_option(small: Any, bench: Callable[..., Any]) -> None:
    with pytest.raises(InputError, match="--allow-private"):
        bench(source={"allow_private": False}).crawl()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        pytest.param("http://127.0.0.1:9/", "connection refused", id="nobody-listens"),
        pytest.param("http://no-such-host.invalid/", "unknown host", id="no-such-host"),
    ],
)
def test_an_unreachable_host_is_named_with_the_next_move(url: str, reason: str, bench: Callable[..., Any]) -> None:
    host = url.split("/")[2]
    with pytest.raises(InputError, match=rf"{re.escape(host)}.*{reason}.*tamiz crawl"):
        bench(url).crawl()


def test_a_site_that_goes_down_keeps_its_addresses_for_the_next_run(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/", links=tuple(f"/{n}" for n in range(12)))
    for n in range(12):
        site.faq(f"/{n}", f"¿Cómo configuro el aparato número {n}?")
    pages = dict(site.pages)
    for n in range(3, 12):
        site.pages[f"/{n}"] = lambda handler: handler.connection.close()
    work = bench()
    report = work.crawl()
    assert (report.pages, report.waiting) == (4, 9)
    assert "connection lost" in report.unreachable[0]
    site.pages = pages
    assert (work.crawl().pages, len(work.questions())) == (9, 12)


def test_why_a_site_was_left_is_said_once(site: Any, tmp_path: Path) -> None:
    site.faq("/", "¿Cómo cambio la clave del wifi?", links=("/dos",))
    site.pages["/dos"] = (429, {"Retry-After": "7200"}, "")
    toml = f'[crawl]\ndelay_seconds = 0.02\n[[sources]]\nname = "a"\nurl = "{site.url}/"\nallow_private = true\n'
    (tmp_path / "tamiz.toml").write_text(toml)
    done = CliRunner().invoke(cli, ["--project", str(tmp_path), "crawl"])
    assert "1 page in " in done.output
    assert f"{done.output} {done.exception}".count("left for now: 429 Too Many Requests, asks to wait 2 hours.") == 1


def test_a_forum_is_read_by_its_topics(site: Any, bench: Callable[..., Any]) -> None:
    links = ("/viewforum.php?f=2&start=25", "/viewtopic.php?t=5&sid=0123456789abcdef", "/viewtopic.php?p=9#p9")
    around = (
        "/ucp.php?mode=login",
        "/memberlist.php?mode=viewprofile&u=2",
        "/posting.php?mode=reply&t=5",
        "/search.php",
    )
    site.faq("/viewforum.php?f=2", links=around + links)
    site.faq("/viewforum.php?f=2&start=25", links=("/viewtopic.php?t=6",))
    site.pages["/viewtopic.php?t=5"] = site.pages["/viewtopic.php?t=6"] = "<html><title>Tema</title><p>Hola.</p></html>"
    bench(f"{site.url}/viewforum.php?f=2", source={"spider": "forum"}, max_depth=1).crawl()
    board = "/viewforum.php?f=2"
    assert site.paths() == ["/robots.txt", board, f"{board}&start=25", *(f"/viewtopic.php?t={n}" for n in (5, 6))]


def test_an_address_that_is_no_source_is_crawled_under_its_host_s_name(small: Any, bench: Callable[..., Any]) -> None:
    work = bench("http://127.0.0.1:9/")
    report = work.crawl(url=f"{small.url}/wifi", allow_private=True)
    assert report.sources == (f"127.0.0.1-{small.url.rpartition(':')[2]}",)
    assert report.new_pairs == 4


def test_an_unknown_source_is_answered_with_the_nearest(bench: Callable[..., Any]) -> None:
    with pytest.raises(SettingsError, match="did you mean ayuda"):
        bench().crawl(sources=["aiuda"])


def test_retry_after_pauses_the_site(site: Any, bench: Callable[..., Any]) -> None:
    def busy(handler: Any) -> None:
        site.faq("/", "¿Cómo cambio la clave del wifi?")
        handler.send_response(503)
        handler.send_header("Retry-After", "1")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    site.pages["/"] = busy
    assert bench().crawl().new_pairs == 1
    first, second = (asked.at for asked in site.asked if asked.path == "/")
    assert second - first > 0.95


def test_a_message_of_a_crashed_worker_is_shown(
    bench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(RuntimeError, match="ended with 1"):
        bench().crawl()
