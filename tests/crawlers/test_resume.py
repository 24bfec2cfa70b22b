"""Crawls that are killed or stopped: nothing committed is lost, at most what was in flight is fetched again."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from crawlers.answers import _started
from crawlers.archive import read_body
from crawlers.sourcecrawl import ended_workers, worker_name
from tamiz.errors import InputError, TamizError
from tamiz.frontier import Frontier

PAGES = 30
CRAWL = """
import json, sys
from pathlib import Path
from crawlers.run import crawl
from tamiz.project import Project
from tamiz.store import Store
project = Project.open(Path(sys.argv[1]))
with Store.open(project.store_url) as store:
    report = crawl(project, store)
print(json.dumps({"stopped": report.stopped, "pages": report.pages}))
"""


@pytest.fixture
def many(site: Any) -> Any:
    site.faq("/", links=tuple(f"/{n}" for n in range(PAGES)))
    for n in range(PAGES):
        site.faq(f"/{n}", f"¿Cómo configuro el aparato número {n}?", links=(f"/{(n + 1) % PAGES}", "/"))
    return site


@contextmanager
def crawling(folder: Path, url: str) -> Iterator[subprocess.Popen[str]]:
    """A crawl as its own process, as from the command line."""
    toml = f'[crawl]\ndelay_seconds = 0.02\n[[sources]]\nname = "ayuda"\nurl = "{url}/"\nallow_private = true\n'
    (folder / "tamiz.toml").write_text(toml)
    command = [sys.executable, "-c", CRAWL, str(folder)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def worker_pids(frontier: Frontier) -> list[int]:
    return [int(name.rsplit(":", 2)[1]) for name in frontier.workers()]


def kill_all_after(pages: int, many: Any, work: Any, folder: Path) -> None:
    """Start a crawl, let it fetch some pages, and kill its worker and its starter at once."""
    frontier = Frontier(work.store, "ayuda")
    before = len(many.asked)
    with crawling(folder, many.url) as process:
        wait_for(lambda: len(many.asked) >= before + pages and bool(frontier.workers()))
        for pid in [*worker_pids(frontier), process.pid]:
            os.kill(pid, signal.SIGKILL)


def test_a_crawl_killed_again_and_again_gets_every_page(many: Any, bench: Callable[..., Any], tmp_path: Path) -> None:
    work = bench()
    for pages in (6, 9, 8):
        kill_all_after(pages, many, work, tmp_path)
        for archive in work.project.pages.iterdir():
            with archive.open("ab") as file:
                file.write(archive.read_bytes()[:300])  # the first half of a record that was not finished
        for page in work.store.pages():
            assert read_body(work.project, page)[0].decode() == many.pages[page.url.removeprefix(many.url)]
    report = work.crawl()
    fetched = Counter(path for path in many.paths() if path != "/robots.txt")
    assert len(fetched) == PAGES + 1
    assert sum(fetched.values()) - len(fetched) <= 6  # at each kill one asked for, and one on its way to the archive
    assert report.pages < PAGES
    assert Frontier(work.store, "ayuda").counts() == {"done": PAGES + 1}
    assert sorted(work.questions()) == sorted(f"¿Cómo configuro el aparato número {n}?" for n in range(PAGES))


def command_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def family(pid: int) -> list[int]:
    """A process and all that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def test_five_kills_at_random_moments_lose_nothing_and_repeat_only_what_was_in_flight(
    many: Any, bench: Callable[..., Any], tmp_path: Path
) -> None:
    work, frontier, moments = bench(), Frontier(bench().store, "ayuda"), random.Random(5)
    for _ in range(5):
        before = len(many.asked)
        with crawling(tmp_path, many.url) as process:
            wait_for(lambda before=before: len(many.asked) > before + 1 and bool(frontier.workers()))  # type: ignore[misc]
            time.sleep(moments.uniform(0.0, 0.15))
            victims = family(process.pid)
            moments.shuffle(victims)
            for pid in victims:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        kept = [one.pair.id for one in work.store.pairs()]
        assert len(kept) == len(set(kept))
    work.crawl()
    fetched = Counter(path for path in many.paths() if path != "/robots.txt")
    assert len(fetched) == PAGES + 1
    assert sum(fetched.values()) - len(fetched) <= 5  # one in flight at each kill
    assert Frontier(work.store, "ayuda").counts() == {"done": PAGES + 1}
    assert [page.url for page in work.store.pages()].count(f"{many.url}/") == work.store.count_pages() - PAGES == 1
    assert sorted(work.questions()) == sorted(f"¿Cómo configuro el aparato número {n}?" for n in range(PAGES))
    for page in work.store.pages():
        assert read_body(work.project, page)[0].decode() == many.pages[page.url.removeprefix(many.url)]


def test_what_was_archived_but_not_committed_is_not_asked_for_again(many: Any, bench: Callable[..., Any]) -> None:
    from crawlers.archive import ArchiveWriter

    work, frontier = bench(source={"spider": "faq"}), Frontier(bench().store, "ayuda")
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as worker:
        name = worker_name().rsplit(":", 2)[0] + f":{worker.pid}:{_started(worker.pid)}"
        frontier.seed([f"{many.url}/{n}" for n in range(3)])
        frontier.lease(name, limit=3, lease_seconds=600)
        with ArchiveWriter(work.project.pages, f"ayuda-20260131T093000-{worker.pid}-fetched") as archive:
            for n in range(2):
                archive.write(
                    url=f"{many.url}/{n}",
                    fetched_at="2026-01-31T09:30:00.000+00:00",
                    status=200,
                    headers=(("Content-Type", "text/html; charset=utf-8"),),
                    body=many.pages[f"/{n}"].encode(),
                    agent="tamiz",
                    asked=f"{many.url}/{n}",
                    spider="faq",
                )
        worker.kill()
    work.crawl()
    assert not {"/0", "/1"} & set(many.paths())
    assert sorted(work.questions()) == sorted(f"¿Cómo configuro el aparato número {n}?" for n in range(PAGES))


def test_a_worker_whose_starter_was_killed_ends_by_itself(many: Any, bench: Callable[..., Any], tmp_path: Path) -> None:
    work = bench()
    frontier = Frontier(work.store, "ayuda")
    with crawling(tmp_path, many.url) as process:
        wait_for(lambda: len(many.asked) >= 4 and bool(frontier.workers()))
        names = frontier.workers()
        process.kill()
        wait_for(lambda: ended_workers(names) == names, seconds=8)
    assert not frontier.workers()


def test_ctrl_c_stops_within_seconds_and_the_next_run_goes_on(
    many: Any, bench: Callable[..., Any], tmp_path: Path
) -> None:
    many.pages["/3"] = lambda handler: time.sleep(20)
    work = bench()
    with crawling(tmp_path, many.url) as process:
        wait_for(lambda: "/3" in many.paths())
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=10)
    assert time.monotonic() - started < 6
    assert json.loads(out)["stopped"] is True
    many.faq("/3", "¿Cómo configuro el aparato número 3?")
    done = work.store.count_pages()
    assert 0 < done < PAGES
    assert work.crawl().pages == PAGES + 1 - done


@pytest.mark.parametrize("which", ["who fetches", "who keeps"])
def test_a_killed_process_of_a_crawl_is_one_sentence_and_loses_nothing(
    which: str, many: Any, bench: Callable[..., Any]
) -> None:
    work, asked = bench(), many.pages["/3"]

    def kill(handler: Any) -> None:
        worker = next(pid for pid in family(os.getpid()) if b"crawlers.worker" in command_of(pid))
        keeper = next(pid for pid in family(worker) if b"crawlers.keeping" in command_of(pid))
        os.kill(worker if which == "who fetches" else keeper, signal.SIGKILL)

    many.pages["/3"] = kill
    with pytest.raises(TamizError, match=r"^the crawl of ayuda was killed \(SIGKILL, .*run the same command again\.$"):
        work.crawl()
    many.pages["/3"] = asked
    work.crawl()
    assert Frontier(work.store, "ayuda").counts() == {"done": PAGES + 1}


@pytest.mark.parametrize(
    ("robots", "said"),
    [
        pytest.param((503, {}, ""), "robots.txt answered 503", id="fails"),
        pytest.param((429, {}, ""), "robots.txt answered 429", id="busy"),
        pytest.param(lambda handler: handler.connection.close(), "connection lost", id="no answer"),
        pytest.param((200, {}, "User-agent: *\nCrawl-delay: 3600"), "robots.txt asks for 3600", id="too slow"),
    ],
)
def test_a_robots_txt_that_cannot_be_had_in_mid_crawl_leaves_all_that_waits_for_later(
    robots: Any, said: str, many: Any, bench: Callable[..., Any], worker_runs: Callable[[str], None]
) -> None:
    worker_runs("import crawlers.throttle as t; t.LEAST_BACKOFF = 0.05")
    work = bench()
    assert work.crawl(limit=2).pages == 2
    many.pages["/robots.txt"] = robots
    before = [path for path in many.paths() if path != "/robots.txt"]
    with pytest.raises(InputError, match=said):
        work.crawl()
    assert [path for path in many.paths() if path != "/robots.txt"] == before
    assert Frontier(work.store, "ayuda").counts() == {"done": 2, "waiting": PAGES - 1}
    del many.pages["/robots.txt"]
    assert work.crawl().pages == PAGES - 1


def test_only_processes_that_are_gone_have_ended() -> None:
    mine = worker_name()
    host, pid, started = mine.rsplit(":", 2)
    reused = f"{host}:{pid}:{int(started) - 1}"
    assert ended_workers([mine, reused, "elsewhere:1:1"]) == [reused]
