"""The review screen as people meet it: in AppTest, in Chromium, and by ten reviewers on one server."""

from __future__ import annotations

import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from review import Figure
from review_wire import WireReviewer

START = "import sys, pathlib, tamiz.project, ui.launch as l; p = tamiz.project.Project.open(pathlib.Path(sys.argv[1]))"
READING = 0.4  # seconds that a pair is looked at: sooner than a quarter of a second nothing is decided
DECISIONS = 30
TEAM = 10
EACH = 20
QUESTION = '[aria-label="Question"]'


def screens(folder: Path) -> list[Figure]:
    """Approve to the next pair drawn, in AppTest; and from the key to the next pair painted, in Chromium."""
    figures = [Figure("approve to the next pair, AppTest", 150, list(_drawn(folder)))]
    with _app(folder) as address, _chromium() as browser:
        if browser is not None:
            page = _open(browser, address, "reviewer-2")
            figures.append(Figure("key to the next pair painted, Chromium", 400, _painted(page, DECISIONS)))
    return figures


def team(folder: Path) -> list[Figure]:
    """Ten reviewers on one server, a decision every 2 to 4 seconds each: nine over the wire, one in a browser.

    Ten browsers beside their server would measure how long they wait for each other: each takes more of a processor
    to draw a pair than the server takes to give it. All begin when the last one has its first pair.
    """
    times: list[float] = []
    painted: list[float] = []
    begin = threading.Barrier(TEAM)
    with _app(folder) as address:
        names = [f"reviewer-{n}" for n in range(10, 10 + TEAM)]
        workers = [threading.Thread(target=_work, args=(address, name, begin, times)) for name in names[1:]]
        for worker in workers:
            worker.start()
        with _chromium() as browser:
            page = browser and _open(browser, address, names[0])
            begin.wait(timeout=300)
            if page:
                painted += _painted(page, EACH, pause=random.Random(names[0]))
        for worker in workers:
            worker.join()
    in_browser = Figure("the same: key to the next pair painted, for the one in Chromium", 1500, painted)
    over_wire = Figure(f"{TEAM} paced reviewers: press to the next pair received", 1500, times)
    return [over_wire, in_browser] if painted else [over_wire]


def _work(address: str, name: str, begin: threading.Barrier, times: list[float]) -> None:
    reviewer = WireReviewer(address, name)
    pause = random.Random(name)
    begin.wait(timeout=300)
    for _ in range(EACH):
        time.sleep(pause.uniform(2, 4))
        before = reviewer.question
        times.append(1000 * reviewer.accept())
        assert reviewer.question != before
    reviewer.close()


def _drawn(folder: Path) -> Iterator[float]:
    from streamlit.testing.v1 import AppTest

    def script(place: str) -> None:
        from importlib import import_module
        from pathlib import Path

        from ui.session import open_window

        import_module("ui.screens.review").show(open_window(Path(place)))

    test = AppTest.from_function(script, args=(str(folder),), default_timeout=60)
    test.session_state["language"], test.session_state["reviewer"] = "en", "reviewer-1"
    test.run()
    for _ in range(DECISIONS):
        time.sleep(READING)
        before = test.text_area[0].value
        button = next(one for one in test.button if "Accept" in one.label)
        started = time.perf_counter()
        button.click().run()
        yield 1000 * (time.perf_counter() - started)
        assert not test.exception
        assert test.text_area[0].value != before


def _painted(page: Any, number: int, pause: random.Random | None = None) -> list[float]:
    times = []
    for _ in range(number):
        page.wait_for_timeout(1000 * (READING if pause is None else pause.uniform(2, 4)))
        before = page.locator(QUESTION).first.input_value()
        started = time.perf_counter()
        page.keyboard.press("Control+Enter")
        page.wait_for_function(
            "([field, before]) => { const one = document.querySelector(field); return one && one.value !== before }",
            arg=[QUESTION, before],
            polling="raf",
        )
        times.append(1000 * (time.perf_counter() - started))
    return times


def _open(browser: Any, address: str, reviewer: str) -> Any:
    page = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{address}/review?reviewer={reviewer}")
    page.locator(QUESTION).first.wait_for(timeout=120_000)
    page.wait_for_timeout(1500)
    return page


@contextmanager
def _app(folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = f"{START}; sys.exit(l.launch(p, port={port}))"
    child = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        child.stdout.readline()
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.communicate(timeout=60)


@contextmanager
def _chromium() -> Iterator[Any]:
    """A browser, or None with the command that brings one."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        print("no browser; bring one with: apt-get install chromium && pip install playwright")
        yield None
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
