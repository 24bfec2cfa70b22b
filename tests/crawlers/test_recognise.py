"""Platforms are known by what their pages say of themselves, and by nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from crawlers.recognise import recognise
from crawlers.spiders.auto import SPIDERS

URL = "https://a.example/"


def html(head: str = "", body: str = "<body>") -> str:
    return f"<!DOCTYPE html><html lang=es><head>{head}</head>{body}<p>Hola</p></body></html>"


def generator(text: str) -> str:
    return html(f'<meta content="{text}" name="generator">')


PAGES = {
    "Discourse": (generator("Discourse 3.5.0.beta1 - https://github.com/discourse/discourse"), "discourse"),
    "Stack Exchange": (html('<link href="https://cdn.sstatic.net/Sites/unix/favicon.ico">'), "stackexchange"),
    "Zendesk": (html('<link href="//static.zdassets.com/hc/assets/application.css">'), "helpcenter"),
    "Reddit": (html(body="<body><shreddit-app page=x></shreddit-app>"), "reddit"),
    "phpBB": (html(body='<body id="phpbb" class="nojs">'), "forum"),
    "vBulletin": (generator("vBulletin 4.2.5"), "forum"),
    "XenForo": ('<html id="XF" lang="es"><body></body></html>', "forum"),
    "SMF": (html(body="<body><script>var smf_scripturl = 'x';</script>"), "forum"),
    "MyBB": (html("<script>var my_post_key = 'a';</script>"), "forum"),
    "Invision Community": (html(body='<body class="ipsApp ipsApp_front">'), "forum"),
    "FluxBB": (html(body='<body><div id="punindex" class="pun">'), "forum"),
    "Kunena": (html(body='<body><div id="kunena" class="layout">'), "forum"),
    "Flarum": (html(body='<body><div id="flarum-content">'), "forum"),
    "NodeBB": (html('<script src="/assets/nodebb.min.js"></script>'), "forum"),
    "Intercom": (html('<link href="https://static.intercomassets.com/assets/x.css">'), "faq"),
    "Docusaurus": (generator("Docusaurus v3.1"), "faq"),
    "MediaWiki": (generator("MediaWiki 1.43"), "faq"),
    "WordPress": (generator("WordPress 6.9"), "faq"),
}


@pytest.mark.parametrize(("page", "spider"), PAGES.values(), ids=PAGES)
def test_a_platform_is_known_by_its_page(page: str, spider: str, request: pytest.FixtureRequest) -> None:
    found = recognise(page, URL)
    assert (found.platform, found.spider) == (request.node.callspec.id, spider)
    assert spider in SPIDERS


def test_headers_tell_it_as_well() -> None:
    assert recognise(html(), URL, {"x-discourse-route": "list/latest"}).platform == "Discourse"
    assert recognise(html(), URL, {"x-zendesk-origin-server": "x"}).spider == "helpcenter"


@pytest.mark.parametrize(
    "text",
    [
        "<p>Nuestro foro usa Discourse, antes phpBB y vBulletin.</p>",
        '<p>generator: "Discourse"</p>',
        "<a href='https://www.discourse.org/'>Discourse</a> <a href='https://www.reddit.com/r/x'>Reddit</a>",
        "<a href='https://stackoverflow.com/questions/1'>aquí</a> <a href='https://support.zendesk.com/'>Zendesk</a>",
    ],
)
def test_a_page_that_speaks_of_a_platform_is_not_made_with_it(text: str) -> None:
    assert recognise(html(body=f"<body>{text}"), URL).platform == ""


def test_an_unknown_platform_is_read_by_its_address() -> None:
    assert recognise(html(), "https://a.example/foro/").spider == "forum"
    assert recognise(html(), "https://a.example/ayuda/").spider == "faq"
    said = recognise(html(), "https://a.example/foro/").sentence("https://a.example/foro/")
    assert said == (
        "no known platform at https://a.example/foro/: following its boards and threads (its address is a forum's)"
    )


@pytest.mark.parametrize(
    "piece",
    [
        *("<meta ", "<body class='", "<meta name=generator content='", 'Powered by <a href="', "<html ", "<body "),
        *("<meta name" + " " * 400, "<meta name=generator content" + " " * 300, "//a.assets" + "1" * 500, "//a.a-a.a-"),
        *("src='.insided.com/", "simplemachines.org", "id='", "//assets", "<body " + "class='" * 50),
    ],
)
def test_a_page_built_to_keep_it_busy_is_read_in_time(piece: str) -> None:
    started = time.process_time()
    assert recognise(piece * 100_000, URL).platform == ""
    assert time.process_time() - started < 3


def test_one_url_is_enough(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/", "¿Cómo cambio la clave?", links=("/ucp.php?mode=login", "/dos"))
    site.pages["/"] = site.pages["/"].replace("<body>", '<body id="phpbb">')
    site.faq("/dos", "¿Cómo pago?")
    work = bench()
    report = work.crawl(url=f"{site.url}/", allow_private=True)
    assert report.said == (f"recognised phpBB at {site.url}/ (by its markup): following its boards and threads",)
    assert "/ucp.php?mode=login" not in site.paths()
    assert report.pages == 2
