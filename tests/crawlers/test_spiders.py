"""The spiders on their own: which links they hand on, and what they do with pages meant to hurt."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse

from crawlers.spiders.auto import SPIDERS
from crawlers.spiders.faq import FaqSpider
from crawlers.spiders.forum import ForumSpider
from crawlers.spiders.site import PageRead

REPOSITORY = Path(__file__).parents[2]


def links(spider: FaqSpider | ForumSpider, *hrefs: str, base: str = "", url: str = "https://a.example/") -> list[str]:
    anchors = "".join(f'<a href="{href}">x</a>' for href in hrefs)
    page = HtmlResponse(url, body=f"<html><head>{base}</head><body>{anchors}</body></html>".encode())
    return [out.url for out in spider.parse(page) if isinstance(out, Request)]


def test_links_are_taken_once_and_promising_ones_first() -> None:
    spider = FaqSpider(url="https://a.example/")
    hrefs = ("/about", "faq/1", "/faq/1#two", " /faq/2 ", "http://[broken/", "javascript:void(0)", "//a.example/help")
    found = links(spider, *hrefs)
    assert found == [f"https://a.example/{path}" for path in ("faq/1", "faq/2", "help", "about")]


def test_the_base_of_a_page_counts() -> None:
    spider = FaqSpider(url="https://a.example/")
    assert links(spider, "one", base='<base href="/docs/">') == ["https://a.example/docs/one"]


@pytest.mark.parametrize(
    "around",
    [
        *("/ucp.php?mode=login", "/search.php?keywords=x", "/posting.php?mode=reply&t=5", "/memberlist.php"),
        *("/viewtopic.php?p=9", "/viewtopic.php?t=5&view=next"),
        *(
            "/u/ana",
            "/login",
            "/index.php?action=profile;u=1",
            "/search?q=x",
            "/misc.php?do=whoposted",
        ),
    ],
)
def test_a_forum_s_pages_around_posts_are_left_out(around: str) -> None:
    assert links(ForumSpider(url="https://a.example/"), around) == []


def test_p_beside_id_is_a_page_of_the_thread() -> None:
    page = "/viewtopic.php?id=5&p=2"  # FluxBB; phpBB's p is one of the thread's posts
    assert links(ForumSpider(url="https://a.example/"), page) == [f"https://a.example{page}"]


@pytest.mark.parametrize(
    "topic", ["/viewtopic.php?t=5", "/t/topic/207", "/threads/router.12/", "/showthread.php?t=1", "/foro/tema/7"]
)
def test_a_forum_s_topics_come_before_its_boards(topic: str) -> None:
    found = links(ForumSpider(url="https://a.example/"), "/viewforum.php?f=2", topic)
    assert found == [f"https://a.example{topic}", "https://a.example/viewforum.php?f=2"]


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<div>" * 300_000, id="nested-tags"),
        pytest.param("<p " + " ".join(f"a{n}=1" for n in range(300_000)) + ">", id="attributes"),
        pytest.param("<p>" + "palabra " * 900_000, id="text"),
        pytest.param("".join(f"<a href=/{n}>x</a>" for n in range(155_000)), id="links"),
    ],
)
def test_a_page_built_to_choke_a_parser_is_given_up_quickly(html: str) -> None:
    started = time.process_time()
    out = list(FaqSpider(url="https://a.example/").parse(HtmlResponse("https://a.example/", body=html.encode())))
    assert time.process_time() - started < 5
    assert isinstance(out[0], PageRead)
    assert out[0].reading.reason == "too complex"
    assert len(out) == 1


def test_scrapy_s_own_command_lists_the_spiders() -> None:
    listing = [sys.executable, "-m", "scrapy", "list"]
    said = subprocess.run(listing, cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.split() == sorted(SPIDERS)
