"""How a crawl treats a site, told from the site's own log of who asked for what and when."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import pytest

from crawlers.bans import blocked_by
from crawlers.robots import robots_wishes
from crawlers.throttle import retry_after_seconds
from tamiz.errors import InputError

HTML = "text/html; charset=utf-8"
PLAIN = "text/plain"
SLACK = 0.03  # seconds by which a server's clock may see two requests nearer than they were sent


@pytest.fixture
def small(site: Any) -> Any:
    """Four pages: a start page and three FAQ pages."""
    site.faq("/", links=("/wifi", "/factura", "/alta"))
    site.faq("/wifi", "¿Cómo cambio la clave del wifi?")
    site.faq("/factura", "¿Cuándo llega la factura?")
    site.faq("/alta", "¿Cómo me doy de alta?")
    return site


def gaps(site: Any) -> list[float]:
    return [later.at - sooner.at for sooner, later in itertools.pairwise(site.asked)]


def answers(site: Any, path: str, *busy: tuple[int, dict[str, str], str]) -> None:
    """Give these answers to the first requests for a page, then the page."""
    page, left = site.pages[path], list(busy)

    def handle(handler: Any) -> None:
        status, headers, body = left.pop(0) if left else (200, {"Content-Type": HTML}, page)
        handler.send_response(status)
        for name, value in ({"Content-Type": HTML} | headers).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body.encode())))
        handler.end_headers()
        handler.wfile.write(body.encode())

    site.pages[path] = handle


# The pace


def test_the_delay_lies_between_all_requests_robots_redirects_and_retries_too(
    small: Any, bench: Callable[..., Any]
) -> None:
    small.faq("/", links=("/old", "/wifi", "/missing", "/factura"))
    small.pages["/old"] = (301, {"Location": "/alta"}, "")
    answers(small, "/factura", (500, {}, "no"))
    work = bench(delay_seconds=0.3)
    assert work.crawl().pages == 4
    assert sorted(small.paths()) == sorted(
        ["/robots.txt", "/", "/old", "/alta", "/wifi", "/missing", "/factura", "/factura"]
    )
    assert min(gaps(small)) > 0.3 - SLACK


def test_a_crawl_again_keeps_the_delay(small: Any, bench: Callable[..., Any]) -> None:
    def unchanged(handler: Any) -> None:
        body = small_page.encode()
        known = handler.headers.get("If-None-Match") == '"1"'
        handler.send_response(304 if known else 200)
        handler.send_header("ETag", '"1"')
        if not known:
            handler.send_header("Content-Type", HTML)
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if not known:
            handler.wfile.write(body)

    small_page = small.pages["/wifi"]
    small.pages["/wifi"] = unchanged
    work = bench(delay_seconds=0.2)
    work.crawl()
    small.asked.clear()
    work.crawl()
    assert len(small.asked) == 5
    assert min(gaps(small)) > 0.2 - SLACK


def test_one_request_is_made_at_a_time(small: Any, bench: Callable[..., Any]) -> None:
    counter, active, most = threading.Lock(), 0, []
    pages = dict(small.pages)

    def slowly(body: str) -> Callable[[Any], None]:
        def handle(handler: Any) -> None:
            nonlocal active
            with counter:
                active += 1
                most.append(active)
            time.sleep(0.1)
            with counter:
                active -= 1
            handler.send_response(200)
            handler.send_header("Content-Type", HTML)
            handler.send_header("Content-Length", str(len(body.encode())))
            handler.end_headers()
            handler.wfile.write(body.encode())

        return handle

    small.pages = {path: slowly(body) for path, body in pages.items()}
    assert bench().crawl().pages == 4
    assert len(most) == 4
    assert max(most) == 1


def test_every_request_says_who_asks_and_whom_to_turn_to(small: Any, bench: Callable[..., Any]) -> None:
    bench(contact="https://ejemplo.example/rastreador").crawl()
    assert small.paths()[0] == "/robots.txt"
    assert len({asked.agent for asked in small.asked}) == 1
    assert small.asked[0].agent.startswith("tamiz/")
    assert small.asked[0].agent.endswith("(+https://ejemplo.example/rastreador)")


@pytest.mark.parametrize(
    ("robots", "least"),
    [
        pytest.param("User-agent: *\nCrawl-delay: 0.3", 0.3, id="fraction"),
        pytest.param("User-agent: tamiz\nCrawl-delay: 0.3\n\nUser-agent: *\nCrawl-delay: 60", 0.3, id="our-own-group"),
        pytest.param("user-agent: TAMIZ\r\ncrawl-delay:0.3 # por favor\r\n", 0.3, id="case-and-comment"),
        pytest.param("User-agent: *\nCrawl-delay: pronto", 0.0, id="garbage"),
        pytest.param("User-agent: *\nCrawl-delay: -5", 0.0, id="negative"),
        pytest.param("User-agent: *\nCrawl-delay: inf", 0.0, id="infinite"),
        pytest.param("User-agent: otro\nCrawl-delay: 60", 0.0, id="another-robot-s"),
    ],
)
def test_crawl_delay_lengthens_the_delay(robots: str, least: float, small: Any, bench: Callable[..., Any]) -> None:
    small.pages["/robots.txt"] = (200, {"Content-Type": PLAIN}, robots)
    assert bench(timeout_seconds=20.0).crawl().pages == 4
    assert min(gaps(small)) > least - SLACK


def test_a_crawl_delay_of_a_day_leaves_the_site_for_now(small: Any, bench: Callable[..., Any]) -> None:
    small.pages["/robots.txt"] = (200, {"Content-Type": PLAIN}, "User-agent: *\nCrawl-delay: 86400")
    work = bench()
    with pytest.raises(InputError, match=r"left for now: robots\.txt asks for 86400 seconds between requests"):
        work.crawl()
    assert set(small.paths()) <= {"/robots.txt"}
    small.pages["/robots.txt"] = (200, {"Content-Type": PLAIN}, "")
    assert work.crawl().pages == 4


# robots.txt


def _robots(status: int, body: bytes | str = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
    content = body.encode() if isinstance(body, str) else body
    return status, {"Content-Type": PLAIN} | headers, content


FORBID = "User-agent: *\nDisallow: /factura\n"
PADDING = "# " + "relleno " * 12 + "\n"


@pytest.mark.parametrize(
    ("answer", "forbidden"),
    [
        pytest.param(_robots(200, FORBID), {"/factura"}, id="plain"),
        pytest.param(_robots(200, b"\xef\xbb\xbf" + FORBID.encode()), {"/factura"}, id="byte-order-mark"),
        pytest.param(_robots(200, FORBID.replace("\n", "\r\n")), {"/factura"}, id="windows-lines"),
        pytest.param(_robots(200, FORBID.replace("\n", "\r")), {"/factura"}, id="old-mac-lines"),
        pytest.param(_robots(200, b"\xff\xfe\x00" + b"\n" + FORBID.encode()), {"/factura"}, id="stray-bytes"),
        pytest.param(_robots(200, "User-agent: *\nDisallow: /*tur*$"), {"/factura"}, id="wildcards"),
        pytest.param(_robots(200, "User-agent: *\nDisallow: /*a\nAllow: /alta"), {"/factura"}, id="longest-rule-wins"),
        pytest.param(
            _robots(200, "User-agent: *\nDisallow: /\n\nUser-agent: tamiz\nDisallow: /wifi"), {"/wifi"}, id="our-group"
        ),
        pytest.param(
            _robots(200, "User-agent: otro\nUser-agent: Tamiz\nDisallow: /wifi\n\nUser-agent: tamiz\nDisallow: /alta"),
            {"/wifi", "/alta"},
            id="groups-of-ours-are-one",
        ),
        pytest.param(_robots(200, "User-agent: tamizador\nDisallow: /"), set(), id="another-s-longer-name"),
        pytest.param(_robots(200, "<!doctype html><title>No</title>"), set(), id="a-web-page"),
        pytest.param(_robots(200, FORBID + PADDING * 8000), {"/factura"}, id="huge"),
        pytest.param(_robots(200, FORBID + PADDING * 90_000), {"/factura"}, id="larger-than-a-page-may-be"),
        pytest.param(
            _robots(200, PADDING * 5500 + "User-agent: *\nDisallow: /"), set(), id="a-rule-past-the-first-500-kib"
        ),
        pytest.param(_robots(404), set(), id="404"),
        pytest.param(_robots(410, FORBID), set(), id="410-with-rules"),
        pytest.param(_robots(401), set(), id="401"),
        pytest.param(_robots(403), set(), id="403"),
        pytest.param(_robots(302), set(), id="a-redirect-to-nowhere"),
        pytest.param(_robots(301, Location="/reglas/robots.txt"), {"/factura"}, id="redirect"),
    ],
)
def test_robots_txt_is_read_by_rfc_9309(
    answer: tuple[int, dict[str, str], bytes], forbidden: set[str], small: Any, bench: Callable[..., Any]
) -> None:
    small.pages["/robots.txt"] = answer
    small.pages["/reglas/robots.txt"] = _robots(200, FORBID)
    report = bench().crawl()
    assert {"/", "/wifi", "/factura", "/alta"} - set(small.paths()) == forbidden
    assert report.refused["robots.txt"] == len(forbidden)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(_robots(500), "robots.txt answered 500", id="500"),
        pytest.param(_robots(503), "robots.txt answered 503", id="503"),
        pytest.param(_robots(429), "robots.txt answered 429", id="429"),
        pytest.param(
            _robots(200, b"\x1f\x8b" + b"a" * 100, **{"Content-Encoding": "gzip"}), "", id="compressed-garbage"
        ),
        pytest.param(lambda handler: handler.connection.close(), "", id="no-answer"),
    ],
)
def test_a_robots_txt_that_cannot_be_had_forbids(
    answer: Any, reason: str, small: Any, bench: Callable[..., Any]
) -> None:
    small.pages["/robots.txt"] = answer
    work = bench()
    try:
        refused = dict(work.crawl().refused)
    except InputError:
        refused = {}
    assert set(small.paths()) == {"/robots.txt"}
    assert refused.get(reason, 1) == 1
    assert not reason or refused == {reason: 1}


def test_a_robots_txt_that_changes_in_mid_crawl_is_read_again(
    small: Any, bench: Callable[..., Any], worker_runs: Callable[[str], None]
) -> None:
    worker_runs("import crawlers.robots as r; r.SECONDS_KEPT = 0.5")
    rules = iter(["", "User-agent: *\nDisallow: /alta"])
    last = "User-agent: *\nDisallow: /alta"

    def changing(handler: Any) -> None:
        body = next(rules, last).encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    small.pages["/robots.txt"] = changing
    report = bench(delay_seconds=0.4).crawl()
    assert small.paths().count("/robots.txt") > 1
    assert "/alta" not in small.paths()
    assert dict(report.refused) == {"robots.txt": 1}


def test_rules_that_cannot_be_had_again_stay_in_force(
    small: Any, bench: Callable[..., Any], worker_runs: Callable[[str], None]
) -> None:
    worker_runs("import crawlers.robots as r; r.SECONDS_KEPT = 0.3")
    first = iter([FORBID])

    def failing(handler: Any) -> None:
        body = next(first, "").encode()
        handler.send_response(200 if body else 500)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    small.pages["/robots.txt"] = failing
    report = bench(delay_seconds=0.2).crawl()
    assert small.paths().count("/robots.txt") > 1
    assert (report.pages, dict(report.refused)) == (3, {"robots.txt": 1})
    assert "/factura" not in small.paths()


# Busy servers


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_waited_for_and_the_page_is_not_lost(
    status: int, form: str, small: Any, bench: Callable[..., Any]
) -> None:
    def busy(handler: Any) -> None:
        small.pages["/wifi"] = page
        handler.send_response_only(status)
        now = time.time()
        handler.send_header("Date", formatdate(now, usegmt=True))
        handler.send_header("Retry-After", "2" if form == "seconds" else formatdate(now + 2, usegmt=True))
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    page, small.pages["/wifi"] = small.pages["/wifi"], busy
    report = bench().crawl()
    assert (report.pages, report.new_pairs, dict(report.failed)) == (4, 3, {})
    first = next(n for n, asked in enumerate(small.asked) if asked.path == "/wifi")
    assert small.asked[first + 1].at - small.asked[first].at > 2 - SLACK


def test_after_a_429_the_pace_stays_slower(small: Any, bench: Callable[..., Any]) -> None:
    answers(small, "/wifi", (429, {"Retry-After": "1"}, ""))
    assert bench(delay_seconds=0.1).crawl().pages == 4
    late = [asked.at for asked in small.asked][small.paths().index("/wifi") + 1 :]
    assert min(later - sooner for sooner, later in itertools.pairwise(late)) > 0.9


@pytest.mark.parametrize(
    ("status", "retry_after"), [(429, "7200"), (503, "9" * 400), (503, "Fri, 01 Jan 2100 00:00:00 GMT")]
)
def test_a_site_that_asks_for_too_long_is_left_for_the_next_run(
    status: int, retry_after: str, small: Any, bench: Callable[..., Any]
) -> None:
    answers(small, "/wifi", (status, {"Retry-After": retry_after}, ""))
    work = bench()
    report = work.crawl()
    assert small.paths()[-1] == "/wifi", small.paths()
    assert (report.pages, dict(report.failed), dict(report.refused)) == (1, {}, {})
    assert report.waiting == 3
    assert str(status) in report.unreachable[0]
    assert "asks to wait" in report.unreachable[0]
    assert small.paths() == ["/robots.txt", "/", "/wifi"]
    assert (work.crawl().pages, len(work.questions())) == (3, 3)


def test_a_site_that_says_429_again_and_again_is_asked_ever_more_slowly_then_left(
    small: Any, bench: Callable[..., Any], worker_runs: Callable[[str], None]
) -> None:
    worker_runs("import crawlers.throttle as t; t.LEAST_BACKOFF = 0.05")
    small.pages["/wifi"] = (429, {"Content-Type": HTML}, "más despacio")
    report = bench().crawl()
    asked = [asked.at for asked in small.asked if asked.path == "/wifi"]
    waits = [later - sooner for sooner, later in itertools.pairwise(asked)]
    assert len(asked) == 5
    assert all(later > 1.5 * sooner for sooner, later in itertools.pairwise(waits))
    assert (report.pages, report.waiting) == (1, 3)
    assert "429" in report.unreachable[0]


# Guards


CHALLENGE = (
    "<html><head><title>Just a moment...</title></head><body><script>window._cf_chl_opt={}</script></body></html>"
)


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        pytest.param(403, {"cf-mitigated": "challenge"}, CHALLENGE, id="cloudflare"),
        pytest.param(200, {}, CHALLENGE, id="cloudflare-that-says-200"),
        pytest.param(403, {}, "<title>Access Denied</title><p>Reference #18.2", id="access-denied"),
        pytest.param(403, {}, "<title>x</title><div class='g-recaptcha'>", id="captcha"),
    ],
)
def test_a_site_that_keeps_robots_out_is_not_hammered(
    status: int, headers: dict[str, str], body: str, site: Any, bench: Callable[..., Any]
) -> None:
    site.faq("/", links=tuple(f"/{n}" for n in range(12)))
    for n in range(12):
        site.pages[f"/{n}"] = (status, {"Content-Type": HTML} | headers, body)
    work = bench()
    report = work.crawl()
    assert len(site.paths()) <= 2 + 3 + 1  # one may be on its way when the third is judged
    assert (report.pages, report.waiting) == (1, 12)
    assert "robots are kept out" in report.unreachable[0]
    for n in range(12):
        site.faq(f"/{n}", f"¿Cómo configuro el aparato número {n}?")
    assert (work.crawl().pages, len(work.questions())) == (12, 12)


def test_a_guard_at_one_page_is_counted_and_the_crawl_goes_on(small: Any, bench: Callable[..., Any]) -> None:
    small.pages["/wifi"] = (403, {"Content-Type": HTML}, CHALLENGE)
    report = bench().crawl()
    assert report.pages == 3
    assert dict(report.refused) == {"robots are kept out by Cloudflare (403)": 1}


@pytest.mark.parametrize(
    ("status", "body", "guard"),
    [
        pytest.param(
            200, b"<title>Access denied: what now?</title><p>Solve the captcha.", "", id="help-about-captchas"
        ),
        pytest.param(403, b"<title>403 Forbidden</title><h1>Forbidden</h1>", "", id="plain-403"),
        pytest.param(404, b"<title>Not found</title>", "", id="404"),
        pytest.param(
            200, b"<script src=/_Incapsula_Resource?x></script>" + b"<p>texto</p>" * 5000, "", id="let-through"
        ),
        pytest.param(200, b"<html><script src=/_Incapsula_Resource?x></script></html>", "Imperva", id="imperva"),
        pytest.param(403, b'<script src="https://geo.captcha-delivery.com/c.js"></script>', "DataDome", id="datadome"),
        pytest.param(200, b'<script id="anubis_challenge" type="application/json">{}</script>', "Anubis", id="anubis"),
        pytest.param(522, b"<title>x | 522: Connection timed out</title><div id=cf-wrapper>", "", id="origin-is-down"),
    ],
)
def test_a_guard_is_known_by_its_own_marks(status: int, body: bytes, guard: str) -> None:
    assert blocked_by(status, {}, body) == guard


# What pages ask


@pytest.mark.parametrize(
    ("headers", "metas", "kept", "followed"),
    [
        pytest.param({}, '<meta name="robots" content="noindex">', False, True, id="noindex"),
        pytest.param({}, '<meta name="ROBOTS" content="NOFOLLOW">', True, False, id="nofollow"),
        pytest.param({}, '<meta name=robots content="none">', False, False, id="none"),
        pytest.param({}, '<meta name="tamiz" content="noindex">', False, True, id="to-us"),
        pytest.param({}, '<meta name="googlebot" content="none">', True, True, id="to-another-robot"),
        pytest.param(
            {}, '<meta name=robots content="index"><meta name=robots content="noindex">', False, True, id="two"
        ),
        pytest.param({}, '<meta name="robots" content="all, max-snippet:-1">', True, True, id="all"),
        pytest.param({"X-Robots-Tag": "noindex, nofollow"}, "", False, False, id="header"),
        pytest.param({"X-Robots-Tag": "otherbot: noindex, nofollow"}, "", True, True, id="header-to-another-robot"),
        pytest.param({"X-Robots-Tag": "otherbot: none, tamiz: nofollow"}, "", True, False, id="header-to-two-robots"),
        pytest.param({"X-Robots-Tag": "Tamiz: NoIndex"}, "", False, True, id="header-to-us"),
        pytest.param({"X-Robots-Tag": "unavailable_after: 1 Jan 2100"}, "", True, True, id="header-with-a-date"),
    ],
)
def test_what_a_page_asks_of_robots_is_done(
    headers: dict[str, str], metas: str, kept: bool, followed: bool, site: Any, bench: Callable[..., Any]
) -> None:
    site.faq("/", "¿Cómo cambio la clave del wifi?", links=("/further",))
    page = site.pages["/"].replace("<title>", f"{metas}<title>")
    site.pages["/"] = (200, {"Content-Type": HTML} | headers, page)
    site.faq("/further", "¿Cómo reinicio el router?")
    work = bench()
    report = work.crawl()
    assert ("/further" in site.paths()) is followed
    assert report.refused["the page asks not to be indexed"] == (0 if kept else 1)
    assert ("¿Cómo cambio la clave del wifi?" in work.questions()) is kept


@pytest.mark.parametrize(
    ("headers", "metas", "wishes"),
    [
        ([], [], set()),
        (["noindex", "otherbot: nofollow"], [], {"noindex"}),
        (["otherbot: noindex"], ["nofollow"], {"nofollow"}),
        (["*: noindex"], [], {"noindex"}),
        (["max-snippet: 20, noindex"], [], {"max-snippet: 20", "noindex"}),
        ([], [" NONE "], {"none", "noindex", "nofollow"}),
    ],
)
def test_wishes_are_those_said_to_all_or_to_us(headers: list[str], metas: list[str], wishes: set[str]) -> None:
    assert robots_wishes(headers, metas) == wishes


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 30 ", 30.0),
        ("Thu, 01 Jan 1970 00:01:00 GMT", 60.0),
        ("Wed, 31 Dec 1969 23:00:00 GMT", 0.0),
        ("-5", 0.0),
        ("²", 0.0),
        ("soon", 0.0),
        ("", 0.0),
        ("Thu, 99 Foo 0000 99:99:99 GMT", 0.0),
    ],
)
def test_retry_after_is_read_from_seconds_and_dates(value: str, seconds: float) -> None:
    assert retry_after_seconds(value, now=0.0) == seconds
