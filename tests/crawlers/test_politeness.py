"""How a crawl treats a site, told from the site's own log of who asked for what and when."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crawlers.bans import blocked_by
from crawlers.pages import read_page
from crawlers.robots import robots_wishes
from crawlers.throttle import retry_after_seconds
from tamiz.cli import cli

HTML = "text/html; charset=utf-8"
PLAIN = "text/plain"
SLACK = 0.2  # seconds by which a server may see two requests nearer than they were due: one crawler of ten sites
# reads their first pages at the same moment, and what was due meanwhile leaves that much later


def fill(site: Any) -> Any:
    """Four pages: a start page and three FAQ pages."""
    site.faq("/", links=("/wifi", "/factura", "/alta"))
    site.faq("/wifi", "¿Cómo cambio la clave del wifi?")
    site.faq("/factura", "¿Cuándo llega la factura?")
    site.faq("/alta", "¿Cómo me doy de alta?")
    return site


@pytest.fixture
def small(site: Any) -> Any:
    return fill(site)


def gaps(asked_of: Any) -> list[float]:
    return [later.at - sooner.at for sooner, later in itertools.pairwise(asked_of.asked)]


def assert_paced(asked_of: Any, delay: float) -> None:
    """No two requests at once, and all together no faster than one in so many seconds."""
    between = gaps(asked_of)
    assert min(between) > delay - SLACK
    assert sum(between) > delay * len(between) - SLACK


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


DELAYS = {
    "fraction": ("User-agent: *\nCrawl-delay: 0.5", 0.5),
    "our-own-group": ("User-agent: tamiz\nCrawl-delay: 0.5\n\nUser-agent: *\nCrawl-delay: 60", 0.5),
    "case-and-comment": ("user-agent: TAMIZ\r\ncrawl-delay:0.5 # por favor\r\n", 0.5),
    "garbage": ("User-agent: *\nCrawl-delay: pronto", 0.0),
    "negative": ("User-agent: *\nCrawl-delay: -5", 0.0),
    "infinite": ("User-agent: *\nCrawl-delay: inf", 0.0),
    "another-robot-s": ("User-agent: otro\nCrawl-delay: 60", 0.0),
}


def unless_known(page: str) -> Callable[[Any], None]:
    """A page that is sent once."""

    def handle(handler: Any) -> None:
        body = page.encode()
        known = handler.headers.get("If-None-Match") == '"1"'
        handler.send_response(304 if known else 200)
        handler.send_header("ETag", '"1"')
        if not known:
            handler.send_header("Content-Type", HTML)
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if not known:
            handler.wfile.write(body)

    return handle


@pytest.fixture(scope="module")
def paced(together: Any) -> dict[str, Any]:
    """Crawls with a delay of their own or of robots.txt's; those of a second run are there as "... again"."""
    mixed = fill(together.site("mixed", delay_seconds=0.5))
    mixed.faq("/", links=("/old", "/wifi", "/missing", "/factura"))
    mixed.pages["/old"] = (301, {"Location": "/alta"}, "")
    answers(mixed, "/factura", (500, {}, "no"))
    changed = fill(together.site("changed", delay_seconds=0.5))
    changed.pages["/wifi"] = unless_known(changed.pages["/wifi"])
    day = fill(together.site("day"))
    day.pages["/robots.txt"] = (200, {"Content-Type": PLAIN}, "User-agent: *\nCrawl-delay: 86400")
    for name, (robots, _) in DELAYS.items():
        fill(together.site(name, timeout_seconds=20.0)).pages["/robots.txt"] = (200, {"Content-Type": PLAIN}, robots)
    first = together.crawl("mixed", "changed", "day", *DELAYS)
    day.pages["/robots.txt"] = (200, {"Content-Type": PLAIN}, "")
    second = together.crawl("changed", "day")
    return first | {f"{name} again": record for name, record in second.items()}


def test_the_delay_lies_between_all_requests_robots_redirects_and_retries_too(paced: dict[str, Any]) -> None:
    mixed = paced["mixed"]
    assert mixed.report.pages == 4
    assert sorted(mixed.paths()) == sorted(
        ["/robots.txt", "/", "/old", "/alta", "/wifi", "/missing", "/factura", "/factura"]
    )
    assert_paced(mixed, 0.5)


def test_a_crawl_again_keeps_the_delay(paced: dict[str, Any]) -> None:
    again = paced["changed again"]
    assert len(again.asked) == 5
    assert_paced(again, 0.5)


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
    assert small.paths() == ["/robots.txt", "/", "/wifi", "/factura", "/alta"]
    assert len({asked.agent for asked in small.asked}) == 1
    assert small.asked[0].agent.startswith("tamiz/")
    assert small.asked[0].agent.endswith("(+https://ejemplo.example/rastreador)")


@pytest.mark.parametrize("name", DELAYS)
def test_crawl_delay_lengthens_the_delay(name: str, paced: dict[str, Any]) -> None:
    least = DELAYS[name][1]
    assert paced[name].report.pages == 4
    assert_paced(paced[name], least)
    assert max(gaps(paced[name])) < least + 5


def test_a_crawl_delay_of_a_day_leaves_the_site_for_now(paced: dict[str, Any]) -> None:
    (said,) = paced["day"].report.unreachable
    assert "left for now: robots.txt asks for 86400 seconds between requests" in said
    assert set(paced["day"].paths()) <= {"/robots.txt"}
    assert paced["day again"].report.pages == 4


# robots.txt


def _robots(status: int, body: bytes | str = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
    content = body.encode() if isinstance(body, str) else body
    return status, {"Content-Type": PLAIN} | headers, content


FORBID = "User-agent: *\nDisallow: /factura\n"
PADDING = "# " + "relleno " * 12 + "\n"


RULES: dict[str, tuple[Any, set[str]]] = {
    "plain": (_robots(200, FORBID), {"/factura"}),
    "byte-order-mark": (_robots(200, b"\xef\xbb\xbf" + FORBID.encode()), {"/factura"}),
    "windows-lines": (_robots(200, FORBID.replace("\n", "\r\n")), {"/factura"}),
    "old-mac-lines": (_robots(200, FORBID.replace("\n", "\r")), {"/factura"}),
    "stray-bytes": (_robots(200, b"\xff\xfe\x00" + b"\n" + FORBID.encode()), {"/factura"}),
    "wildcards": (_robots(200, "User-agent: *\nDisallow: /*tur*$"), {"/factura"}),
    "longest-rule-wins": (_robots(200, "User-agent: *\nDisallow: /*a\nAllow: /alta"), {"/factura"}),
    "our-group": (_robots(200, "User-agent: *\nDisallow: /\n\nUser-agent: tamiz\nDisallow: /wifi"), {"/wifi"}),
    "groups-of-ours-are-one": (
        _robots(200, "User-agent: otro\nUser-agent: Tamiz\nDisallow: /wifi\n\nUser-agent: tamiz\nDisallow: /alta"),
        {"/wifi", "/alta"},
    ),
    "another-s-longer-name": (_robots(200, "User-agent: tamizador\nDisallow: /"), set()),
    "a-web-page": (_robots(200, "<!doctype html><title>No</title>"), set()),
    "huge": (_robots(200, FORBID + PADDING * 8000), {"/factura"}),
    "larger-than-a-page-may-be": (_robots(200, FORBID + PADDING * 90_000), {"/factura"}),
    "a-rule-past-the-first-500-kib": (_robots(200, PADDING * 5500 + "User-agent: *\nDisallow: /"), set()),
    "404": (_robots(404), set()),
    "410-with-rules": (_robots(410, FORBID), set()),
    "401": (_robots(401), set()),
    "403": (_robots(403), set()),
    "a-redirect-to-nowhere": (_robots(302), set()),
    "redirect": (_robots(301, Location="/reglas/robots.txt"), {"/factura"}),
}
NOT_TO_BE_HAD: dict[str, tuple[Any, str]] = {
    "500": (_robots(500), "robots.txt answered 500"),
    "503": (_robots(503), "robots.txt answered 503"),
    "429": (_robots(429), "robots.txt answered 429"),
    "compressed-garbage": (_robots(200, b"\x1f\x8b" + b"a" * 100, **{"Content-Encoding": "gzip"}), "robots.txt: "),
    "no-answer": (lambda handler: handler.connection.close(), "connection lost"),
}


@pytest.fixture(scope="module")
def ruled(together: Any) -> dict[str, Any]:
    """A crawl for each robots.txt; busy servers are asked again soon."""
    for name, (answer, _) in (RULES | NOT_TO_BE_HAD).items():
        site = fill(together.site(f"robots-{name}"))
        site.pages |= {"/robots.txt": answer, "/reglas/robots.txt": _robots(200, FORBID)}
    names = [f"robots-{name}" for name in (*RULES, *NOT_TO_BE_HAD)]
    records = together.crawl(*names, code="import crawlers.throttle as t; t.LEAST_BACKOFF = 0.05")
    return {name.removeprefix("robots-"): record for name, record in records.items()}


@pytest.mark.parametrize("name", RULES)
def test_robots_txt_is_read_by_rfc_9309(name: str, ruled: dict[str, Any]) -> None:
    forbidden = RULES[name][1]
    assert {"/", "/wifi", "/factura", "/alta"} - set(ruled[name].paths()) == forbidden
    assert ruled[name].report.refused["robots.txt"] == len(forbidden)


@pytest.mark.parametrize("name", NOT_TO_BE_HAD)
def test_a_robots_txt_that_cannot_be_had_forbids(name: str, ruled: dict[str, Any]) -> None:
    report = ruled[name].report
    assert set(ruled[name].paths()) == {"/robots.txt"}
    assert NOT_TO_BE_HAD[name][1] in report.unreachable[0]
    assert (dict(report.refused), dict(report.failed), report.waiting) == ({}, {}, 1)


def in_turn(*robots: str) -> Callable[[Any], None]:
    """A robots.txt that is another one each time it is asked for; one that is empty cannot be had."""
    left = list(robots)

    def handle(handler: Any) -> None:
        body = (left.pop(0) if len(left) > 1 else left[0]).encode()
        handler.send_response(200 if body else 500)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return handle


@pytest.fixture(scope="module")
def hurried(together: Any) -> dict[str, Any]:
    """Crawls in which robots.txt is read again soon."""
    changing = fill(together.site("changing", delay_seconds=0.4))
    changing.pages["/robots.txt"] = in_turn("# nothing", "User-agent: *\nDisallow: /alta")
    failing = fill(together.site("failing", delay_seconds=0.4))
    failing.pages["/robots.txt"] = in_turn(FORBID, "")
    return together.crawl("changing", "failing", code="import crawlers.robots as r; r.SECONDS_KEPT = 0.5")


def test_a_robots_txt_that_changes_in_mid_crawl_is_read_again(hurried: dict[str, Any]) -> None:
    changing = hurried["changing"]
    assert changing.paths().count("/robots.txt") > 1
    assert "/alta" not in changing.paths()
    assert dict(changing.report.refused) == {"robots.txt": 1}


def test_rules_that_cannot_be_had_again_stay_in_force(hurried: dict[str, Any]) -> None:
    failing = hurried["failing"]
    assert failing.paths().count("/robots.txt") > 1
    assert (failing.report.pages, dict(failing.report.refused)) == (3, {"robots.txt": 1})
    assert "/factura" not in failing.paths()


# Busy servers


LATER = {
    "7200": (429, "7200"),
    "of-400-digits": (503, "9" * 400),
    "far-date": (503, "Fri, 01 Jan 2100 00:00:00 GMT"),
}


def busy_once(site: Any, status: int, form: str) -> Callable[[Any], None]:
    """Two seconds of rest are asked for, then the page is there."""
    page = site.pages["/wifi"]

    def handle(handler: Any) -> None:
        site.pages["/wifi"] = page
        handler.send_response_only(status)
        now = time.time()
        handler.send_header("Date", formatdate(now, usegmt=True))
        handler.send_header("Retry-After", "2" if form == "seconds" else formatdate(now + 2, usegmt=True))
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return handle


@pytest.fixture(scope="module")
def busy(together: Any) -> dict[str, Any]:
    """Crawls of servers that are busy for a while; what a second run does is there as "... again"."""
    names = []
    for status, form in itertools.product((429, 503), ("seconds", "date")):
        names.append(f"{form}-{status}")
        site = fill(together.site(names[-1]))
        site.pages["/wifi"] = busy_once(site, status, form)
    slower = fill(together.site("slower", delay_seconds=0.1))
    answers(slower, "/wifi", (429, {"Retry-After": "1"}, ""))
    for name, (status, retry_after) in LATER.items():
        answers(fill(together.site(name)), "/wifi", (status, {"Retry-After": retry_after}, ""))
    fill(together.site("always-429")).pages["/wifi"] = (429, {"Content-Type": HTML}, "más despacio")
    first = together.crawl(*names, "slower", *LATER)
    second = together.crawl(*LATER, "always-429", code="import crawlers.throttle as t; t.LEAST_BACKOFF = 0.1")
    always = second.pop("always-429")
    return first | {"always-429": always} | {f"{name} again": record for name, record in second.items()}


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_waited_for_and_the_page_is_not_lost(status: int, form: str, busy: dict[str, Any]) -> None:
    record = busy[f"{form}-{status}"]
    assert (record.report.pages, record.report.new_pairs, dict(record.report.failed)) == (4, 3, {})
    first = record.paths().index("/wifi")
    assert record.asked[first + 1].at - record.asked[first].at > 2 - SLACK


def test_after_a_429_the_pace_stays_slower(busy: dict[str, Any]) -> None:
    slower = busy["slower"]
    assert slower.report.pages == 4
    late = [asked.at for asked in slower.asked][slower.paths().index("/wifi") + 1 :]
    assert min(later - sooner for sooner, later in itertools.pairwise(late)) > 0.9


@pytest.mark.parametrize("name", LATER)
def test_a_site_that_asks_for_too_long_is_left_for_the_next_run(name: str, busy: dict[str, Any]) -> None:
    first, second = busy[name], busy[f"{name} again"]
    report = first.report
    assert (report.pages, dict(report.failed), dict(report.refused)) == (1, {}, {})
    assert report.waiting == 3
    assert str(LATER[name][0]) in report.unreachable[0]
    assert "asks to wait" in report.unreachable[0]
    assert first.paths() == ["/robots.txt", "/", "/wifi"]
    assert (second.report.pages, len(second.questions)) == (3, 3)


def test_a_site_that_says_429_again_and_again_is_asked_ever_more_slowly_then_left(busy: dict[str, Any]) -> None:
    record = busy["always-429"]
    asked = [asked.at for asked in record.asked if asked.path == "/wifi"]
    waits = [later - sooner for sooner, later in itertools.pairwise(asked)]
    assert len(asked) == 5
    assert all(later > 1.5 * sooner for sooner, later in itertools.pairwise(waits))
    assert (record.report.pages, record.report.waiting) == (1, 3)
    assert "429" in record.report.unreachable[0]


# Guards


CHALLENGE = (
    "<html><head><title>Just a moment...</title></head><body><script>window._cf_chl_opt={}</script></body></html>"
)


GUARDS: dict[str, tuple[int, dict[str, str], str]] = {
    "cloudflare": (403, {"cf-mitigated": "challenge"}, CHALLENGE),
    "cloudflare-that-says-200": (200, {}, CHALLENGE),
    "access-denied": (403, {}, "<title>Access Denied</title><p>Reference #18.2"),
    "captcha": (403, {}, "<title>x</title><div class='g-recaptcha'>"),
}


@pytest.fixture(scope="module")
def guarded(together: Any) -> dict[str, Any]:
    """Crawls of sites that keep robots out of most pages, and let them in the second time ("... again")."""
    for name, (status, headers, body) in GUARDS.items():
        site = together.site(name)
        site.faq("/", links=tuple(f"/{n}" for n in range(12)))
        site.pages |= {f"/{n}": (status, {"Content-Type": HTML} | headers, body) for n in range(12)}
    once = fill(together.site("guard-at-one"))
    once.pages["/wifi"] = (403, {"Content-Type": HTML}, CHALLENGE)
    first = together.crawl(*GUARDS, "guard-at-one")
    for name in GUARDS:
        for n in range(12):
            together.sites[name].faq(f"/{n}", f"¿Cómo configuro el aparato número {n}?")
    return first | {f"{name} again": record for name, record in together.crawl(*GUARDS).items()}


@pytest.mark.parametrize("name", GUARDS)
def test_a_site_that_keeps_robots_out_is_not_hammered(name: str, guarded: dict[str, Any]) -> None:
    first, second = guarded[name], guarded[f"{name} again"]
    assert len(first.paths()) <= 2 + 3 + 1  # one may be on its way when the third is judged
    assert (first.report.pages, first.report.waiting) == (1, 12)
    assert "robots are kept out" in first.report.unreachable[0]
    assert (second.report.pages, len(second.questions)) == (12, 12)


def test_a_guard_at_one_page_is_counted_and_the_crawl_goes_on(guarded: dict[str, Any]) -> None:
    report = guarded["guard-at-one"].report
    assert report.pages == 3
    assert dict(report.refused) == {"robots are kept out by Cloudflare (403)": 1}


@pytest.mark.parametrize(
    "title",
    [
        *("Just a moment...", "Un momento…", "Un momento&hellip;", "Access to this page has been denied"),
        *("Acceso denegado", "Pardon Our Interruption", "¿Eres un robot?", "Verificación de seguridad", "Robot Check"),
    ],
)
def test_walls_are_known_by_one_list_of_titles_while_fetching_and_reading(title: str) -> None:
    html = f"<html><head><title>{title}</title></head><body><p>Espera.</p></body></html>"
    assert blocked_by(403, {}, html.encode()) == "a guard"
    assert blocked_by(200, {}, html.encode()) == ""
    assert read_page(html, "https://ayuda.example/").reason == "a wall against robots"


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


WISHES: dict[str, tuple[dict[str, str], str, bool, bool]] = {
    "noindex": ({}, '<meta name="robots" content="noindex">', False, True),
    "nofollow": ({}, '<meta name="ROBOTS" content="NOFOLLOW">', True, False),
    "none": ({}, '<meta name=robots content="none">', False, False),
    "to-us": ({}, '<meta name="tamiz" content="noindex">', False, True),
    "to-another-robot": ({}, '<meta name="googlebot" content="none">', True, True),
    "two": ({}, '<meta name=robots content="index"><meta name=robots content="noindex">', False, True),
    "all": ({}, '<meta name="robots" content="all, max-snippet:-1">', True, True),
    "header": ({"X-Robots-Tag": "noindex, nofollow"}, "", False, False),
    "header-to-another-robot": ({"X-Robots-Tag": "otherbot: noindex, nofollow"}, "", True, True),
    "header-to-two-robots": ({"X-Robots-Tag": "otherbot: none, tamiz: nofollow"}, "", True, False),
    "header-to-us": ({"X-Robots-Tag": "Tamiz: NoIndex"}, "", False, True),
    "header-with-a-date": ({"X-Robots-Tag": "unavailable_after: 1 Jan 2100"}, "", True, True),
    "preview-size": ({}, '<meta name="robots" content="max-image-preview:none">', True, True),
}


@pytest.fixture(scope="module")
def wished(together: Any) -> dict[str, Any]:
    """A crawl for each wish of a start page."""
    for name, (headers, metas, _, _) in WISHES.items():
        site = together.site(f"wish-{name}")
        site.faq("/", "¿Cómo cambio la clave del wifi?", links=("/further",))
        page = site.pages["/"].replace("<title>", f"{metas}<title>")
        site.pages["/"] = (200, {"Content-Type": HTML} | headers, page)
        site.faq("/further", "¿Cómo reinicio el router?")
    records = together.crawl(*(f"wish-{name}" for name in WISHES))
    return {name.removeprefix("wish-"): record for name, record in records.items()}


@pytest.mark.parametrize("name", WISHES)
def test_what_a_page_asks_of_robots_is_done_and_counted(name: str, wished: dict[str, Any]) -> None:
    _, _, kept, followed = WISHES[name]
    record = wished[name]
    assert ("/further" in record.paths()) is followed
    assert record.report.refused["the page asks not to be indexed"] == (0 if kept else 1)
    assert ("¿Cómo cambio la clave del wifi?" in record.questions) is kept
    assert record.report.nofollow == (0 if followed else 1)


def test_the_command_says_how_many_pages_asked_for_their_links_not_to_be_followed(site: Any, tmp_path: Path) -> None:
    site.faq("/", "¿Cómo pago?", links=("/further",))
    site.pages["/"] = (200, {"Content-Type": HTML, "X-Robots-Tag": "nofollow"}, site.pages["/"])
    (tmp_path / "tamiz.toml").write_text("[crawl]\ndelay_seconds = 0\n", encoding="utf-8")
    command = ["--project", str(tmp_path), "crawl", f"{site.url}/", "--allow-private"]
    said = CliRunner().invoke(cli, command, catch_exceptions=False).output
    assert "       1  pages ask for their links not to be followed, and are obeyed" in said.splitlines()


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
