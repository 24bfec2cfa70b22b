"""tamiz in somebody else's Scrapy project: one line in its settings, run with `scrapy crawl` against loopback."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from itemadapter import ItemAdapter
from scrapy.settings import Settings

from crawlers.addon import PairItem
from crawlers.archive import read_body
from tamiz.addon import TamizAddon
from tamiz.project import Project
from tamiz.store import Store

SPIDER = """
import scrapy

class HelpSpider(scrapy.Spider):
    name = "help"
    start_urls = ["START"]

    def parse(self, response):
        yield {"title": response.css("title::text").get()}
        yield from response.follow_all(css="nav a")
"""


@pytest.fixture
def scrapy_project(tmp_path: Path, site: Any) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A Scrapy project with one spider of its own; called with lines for its settings, it crawls."""
    site.faq("/", "¿Cómo cambio la clave del wifi?", links=("/dos", "/secreto"))
    site.faq("/dos", "¿Cómo pago la factura?", "¿Cuándo llega la factura?")
    folder = tmp_path / "theirs"
    (folder / "theirs").mkdir(parents=True)
    (folder / "scrapy.cfg").write_text("[settings]\ndefault = theirs.settings\n")
    (folder / "theirs" / "__init__.py").write_text("")
    (folder / "theirs" / "spiders.py").write_text(SPIDER.replace("START", f"{site.url}/"))

    def crawl(*lines: str) -> subprocess.CompletedProcess[str]:
        settings = ['BOT_NAME = "theirs"', 'SPIDER_MODULES = ["theirs.spiders"]', 'LOG_LEVEL = "WARNING"', *lines]
        (folder / "theirs" / "settings.py").write_text("\n".join(settings) + "\n")
        command = [sys.executable, "-m", "scrapy", "crawl", "help", "-O", "out.jsonl"]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)

    return crawl


ADDON = 'ADDONS = {"tamiz.addon.TamizAddon": 500}'
HERE = 'TAMIZ_PRIVATE_HOSTS = ["127.0.0.1"]'


def rows(tmp_path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (tmp_path / "theirs" / "out.jsonl").read_text().splitlines()]


def test_one_line_brings_pairs_into_the_feed(scrapy_project: Any, tmp_path: Path, site: Any) -> None:
    done = scrapy_project(ADDON, HERE, "DOWNLOAD_DELAY = 0.0", "AUTOTHROTTLE_ENABLED = False")
    assert done.returncode == 0, done.stderr
    found = rows(tmp_path)
    assert sorted(row["question"] for row in found if "question" in row) == [
        "¿Cuándo llega la factura?",
        "¿Cómo cambio la clave del wifi?",
        "¿Cómo pago la factura?",
    ]
    assert [row["title"] for row in found if "title" in row] == ["Ayuda", "Ayuda"]  # what the spider says itself
    assert {row["url"] for row in found if "question" in row} == {f"{site.url}/", f"{site.url}/dos"}
    assert not (tmp_path / "theirs" / "tamiz.db").exists()


def test_pages_and_pairs_go_to_the_project(scrapy_project: Any, tmp_path: Path) -> None:
    project = tmp_path / "ours"
    project.mkdir()
    (project / "tamiz.toml").write_text('[[sources]]\nname = "help"\nurl = "https://a.example/"\nlicence = "CC0"\n')
    lines = (ADDON, HERE, f'TAMIZ_PROJECT = "{project}"', "DOWNLOAD_DELAY = 0.0", "AUTOTHROTTLE_ENABLED = False")
    for _ in range(2):  # a second crawl adds nothing
        done = scrapy_project(*lines)
        assert done.returncode == 0, done.stderr
    opened = Project.open(project)
    with Store.open(opened.store_url) as store:
        pairs = [stored.pair for stored in store.pairs()]
        assert len(pairs) == 3
        assert {(pair.source, pair.licence, pair.lang) for pair in pairs} == {("help", "CC0", "es")}
        page = store.page(pairs[0].page)
        body, _ = read_body(opened, page)
        assert pairs[0].question in body.decode()
        assert page.robots == "no robots.txt (404)"


def test_its_manners_come_with_it(scrapy_project: Any, site: Any) -> None:
    robots = "User-agent: tamiz\nDisallow: /secreto\nCrawl-delay: 0.5\n"
    site.pages["/robots.txt"] = (200, {"Content-Type": "text/plain"}, robots)
    site.faq("/secreto", "¿Cuál es el secreto?")
    done = scrapy_project(ADDON, HERE, 'TAMIZ_CONTACT = "ana@example.org"', "DOWNLOAD_DELAY = 0.0")
    assert done.returncode == 0, done.stderr
    assert sorted(site.paths()) == ["/", "/dos", "/robots.txt"]
    times = [asked.at for asked in site.asked]
    assert min(later - sooner for sooner, later in itertools.pairwise(times)) > 0.48
    assert all(asked.agent.endswith("(+ana@example.org)") for asked in site.asked)


def test_private_addresses_are_refused_unless_named(scrapy_project: Any, site: Any) -> None:
    done = scrapy_project(ADDON)
    assert done.stderr.count("127.0.0.1 has a private address and is not fetched") == 1, done.stderr
    assert "add it to TAMIZ_PRIVATE_HOSTS" in done.stderr
    assert "Traceback" not in done.stderr
    assert site.asked == []


def test_a_wrong_project_is_said_and_nothing_is_fetched(scrapy_project: Any, tmp_path: Path, site: Any) -> None:
    done = scrapy_project(ADDON, HERE, f'TAMIZ_PROJECT = "{tmp_path}"')
    assert "has no tamiz.toml. Run: tamiz init" in done.stderr
    assert site.asked == []


def test_what_a_project_sets_stays() -> None:
    settings = Settings({"DOWNLOAD_DELAY": 7.0, "USER_AGENT": "theirs"}, priority="project")
    TamizAddon().update_settings(settings)
    assert (settings.getfloat("DOWNLOAD_DELAY"), settings["USER_AGENT"]) == (7.0, "theirs")
    assert settings.getbool("ROBOTSTXT_OBEY")
    assert settings["DNS_RESOLVER"] == "crawlers.resolver.PublicResolver"


def test_manners_can_be_left_alone() -> None:
    settings = Settings({"TAMIZ_POLITE": False}, priority="project")
    TamizAddon().update_settings(settings)
    assert not settings.getbool("ROBOTSTXT_OBEY")


def test_items_are_plain_dataclasses() -> None:
    item = ItemAdapter(PairItem(question="¿Qué?", answer="Eso."))
    item["question"] = "¿Quién?"
    assert item.asdict()["question"] == "¿Quién?"
