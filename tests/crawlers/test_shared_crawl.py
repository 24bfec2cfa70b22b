"""Several processes that crawl at the same time: they share the work, and each host has its peace."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tamiz.store import Store

CRAWL = """
import sys
from pathlib import Path
from crawlers.run import crawl
from tamiz.project import Project
from tamiz.store import Store
project = Project.open(Path(sys.argv[1]))
with Store.open(project.store_url) as store:
    print(crawl(project, store, sys.argv[2:]).pages)
"""
DELAY = 0.15
PAGES = 12


@pytest.fixture
def many(site: Any) -> Any:
    for folder in ("a", "b"):
        site.faq(f"/{folder}/", links=tuple(f"/{folder}/{n}" for n in range(PAGES)))
        for n in range(PAGES):
            site.faq(f"/{folder}/{n}", f"¿Cómo configuro el aparato {folder} número {n}?")
    return site


def crawl_together(folder: Path, site: Any, store_url: str, *sources: tuple[str, ...]) -> list[int]:
    """Run one process for each tuple of sources at the same time; how many pages each fetched."""
    toml = f'[store]\nurl = "{store_url}"\n[crawl]\ndelay_seconds = {DELAY}\n'
    for name in ("a", "b"):
        toml += f'[[sources]]\nname = "{name}"\nurl = "{site.url}/{name}/"\nspider = "faq"\nallow_private = true\n'
    (folder / "tamiz.toml").write_text(toml)
    Store.open(store_url).close()
    commands = [[sys.executable, "-c", CRAWL, str(folder), *names] for names in sources]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for command in commands]
    said = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0] * len(running)
    return [int(text) for text in said]


def shortest_pause(site: Any) -> float:
    times = sorted(asked.at for asked in site.asked)
    return min(later - sooner for sooner, later in itertools.pairwise(times))


def test_two_crawls_of_one_source_share_its_pages(many: Any, store_url: str, tmp_path: Path) -> None:
    pages = crawl_together(tmp_path, many, store_url, ("a",), ("a",))
    assert sum(pages) == PAGES + 1
    fetched = Counter(path for path in many.paths() if path != "/robots.txt")
    assert fetched == Counter({path: 1 for path in many.pages if path.startswith("/a/")})
    assert shortest_pause(many) > DELAY * 0.85  # the server sees them a little apart from when they were sent


def test_two_sources_of_one_host_keep_the_host_s_pace(many: Any, tmp_path: Path) -> None:
    store_url = f"sqlite:///{tmp_path / 'tamiz.db'}"
    assert crawl_together(tmp_path, many, store_url, ("a",), ("b",)) == [PAGES + 1, PAGES + 1]
    assert shortest_pause(many) > DELAY * 0.85  # the server sees them a little apart from when they were sent
