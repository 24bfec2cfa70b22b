"""`tamiz crawl --dry-run`: what would be fetched, with hardly a request and nothing kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crawlers.preview import preview
from tamiz.cli import cli
from tamiz.errors import InputError


@pytest.fixture
def help_site(site: Any) -> Any:
    site.faq("/ayuda/", "¿Cómo pago?", links=("/ayuda/uno", "/ayuda/faq", "/ayuda/no", "/otra", "https://b.example/"))
    robots = "User-agent: *\nDisallow: /ayuda/no\nCrawl-delay: 0.25\n"
    site.pages["/robots.txt"] = (200, {"Content-Type": "text/plain"}, robots)
    return site


def test_a_preview_asks_for_the_start_page_alone_and_keeps_nothing(help_site: Any, bench: Callable[..., Any]) -> None:
    work = bench(f"{help_site.url}/ayuda/")
    look = preview(work.project, work.store)[0]
    assert sorted(help_site.paths()) == ["/ayuda/", "/robots.txt"]
    assert look.addresses == tuple(f"{help_site.url}/ayuda/{path}" for path in ("uno", "faq"))
    assert look.refused_by_robots == (f"{help_site.url}/ayuda/no",)
    assert dict(look.refused) == {
        f"{help_site.url}/otra": "outside the source's folder",
        "https://b.example/": "another site",
    }
    assert (look.robots, look.delay_seconds, look.max_pages) == ("allowed by robots.txt", 0.25, 1000)
    assert "no known platform" in look.said[0]
    assert (work.store.count_pages(), list(work.store.pairs()), work.project.pages.exists()) == (0, [], False)


def test_a_preview_names_links_that_no_spider_looks_at(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/", "¿Cómo pago?", links=("/uno", "ftp://b.example/x", "javascript:void(0)", "file:///etc/passwd"))
    more = '<a rel="ugc nofollow" href="/anuncio">a</a><a rel="nofollow" href="/uno">b</a>'
    site.pages["/"] = site.pages["/"].replace("</nav>", f'</nav>{more}<a href="mailto:\x1b[2J">c</a>')
    look = preview(bench().project, bench().store)[0]
    assert dict(look.refused) == {
        "ftp://b.example/x": "ftp: is not fetched",
        "javascript:void(0)": "javascript: is not fetched",
        "file:///etc/passwd": "file: is not fetched",
        f"{site.url}/anuncio": "rel=nofollow",
        "mailto:%1B%5B2J": "mailto: is not fetched",
    }
    assert sum(look.left_out.values()) == 5


def test_a_preview_counts_what_it_does_not_list(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/ayuda/", "¿Cómo pago?", links=tuple(f"/otra/{n}" for n in range(250)))
    work = bench(f"{site.url}/ayuda/")
    look = preview(work.project, work.store)[0]
    assert (len(look.refused), dict(look.left_out)) == (20, {"outside the source's folder": 250})


def test_a_preview_names_the_addresses_of_a_sitemap_that_are_left_out(site: Any, bench: Callable[..., Any]) -> None:
    listed = "".join(f"<url><loc>{url}</loc></url>" for url in (f"{site.url}/faq", f"{site.url}/tienda", "ftp://b/x"))
    site.pages["/sitemap.xml"] = (200, {"Content-Type": "application/xml"}, f"<urlset>{listed}</urlset>")
    work = bench(f"{site.url}/sitemap.xml", source={"spider": "sitemap"})
    look = preview(work.project, work.store)[0]
    assert look.addresses == (f"{site.url}/faq",)
    assert dict(look.refused) == {
        "ftp://b/x": "no address of a page",
        f"{site.url}/tienda": "does not look like support",
    }


def test_a_preview_says_what_an_earlier_run_left(help_site: Any, bench: Callable[..., Any]) -> None:
    work = bench(f"{help_site.url}/ayuda/")
    work.crawl(limit=1)
    before = len(help_site.asked)
    look = preview(work.project, work.store)[0]
    assert look.waiting == 3
    assert len(help_site.asked) == before + 2


def test_a_start_page_that_is_refused_is_said(site: Any, bench: Callable[..., Any]) -> None:
    site.pages["/robots.txt"] = (200, {"Content-Type": "text/plain"}, "User-agent: *\nDisallow: /\n")
    work = bench()
    look = preview(work.project, work.store)[0]
    assert look.trouble == ("the start page: robots.txt",)
    assert look.addresses == ()


def test_an_archive_has_no_preview(bench: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    work = bench(source={"url": "", "spider": "archive", "path": "old"})
    with pytest.raises(InputError, match="no request is made"):
        preview(work.project, work.store)


def test_the_command_prints_it(help_site: Any, tmp_path: Path) -> None:
    (tmp_path / "tamiz.toml").write_text("[crawl]\ndelay_seconds = 0.0\n")
    asked = ["--project", str(tmp_path), "crawl", f"{help_site.url}/ayuda/", "--dry-run", "--allow-private"]
    done = CliRunner().invoke(cli, asked)
    assert done.exit_code == 0, done.output
    assert f"    {help_site.url}/ayuda/uno\n" in done.output
    assert f"    not {help_site.url}/ayuda/no: robots.txt\n" in done.output
    assert "allowed by robots.txt; 0.25 s between requests" in done.output
