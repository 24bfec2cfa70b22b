"""A project with a real database, the real app in a process of its own, and a real browser."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tamiz.decisions import judge, mark_sieved, release
from tamiz.records import Finding, Pair, Verdict
from tamiz.store import Store

SETTINGS = """
[project]
name = "lumbre-fibra"
goal = "Responder a clientes sobre su router y su factura."
languages = ["es", "en"]
"""
START = "import sys, pathlib, tamiz.project, ui.launch as l; p = tamiz.project.Project.open(pathlib.Path(sys.argv[1]))"
READING_MILLISECONDS = 300  # the least time between two decisions, and a little more


def until(holds: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for a condition, not for a time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "the condition never came true"
        time.sleep(0.05)


def new_project(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "tamiz.toml").write_text(SETTINGS, encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def main_module(monkeypatch):
    """AppTest leaves its script as __main__, which processes started by later tests would run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return new_project(tmp_path)


@pytest.fixture
def opened(folder: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{folder / 'tamiz.db'}") as store:
        yield store


@pytest.fixture
def draw(folder: Path) -> Callable[..., AppTest]:
    """One screen of the project by its name, without a browser: draw("home", language="es") gives the AppTest."""

    def script(place: str, name: str) -> None:
        from importlib import import_module
        from pathlib import Path

        from ui.session import open_window

        import_module(f"ui.screens.{name}").show(open_window(Path(place)))

    def run(name: str, *, language: str = "en", reviewer: str = "reviewer-1") -> AppTest:
        test = AppTest.from_function(script, args=(str(folder), name), default_timeout=20)
        test.session_state["language"] = language
        test.session_state["reviewer"] = reviewer
        test.run()
        assert not test.exception
        return test

    return run


@dataclass(frozen=True)
class App:
    """The running app and its database."""

    address: str
    folder: Path

    def store(self) -> Store:
        return Store.open(f"sqlite:///{self.folder / 'tamiz.db'}")

    def bring(self, pairs: list[Pair], findings: list[Finding] | None = None) -> None:
        """Have these pairs, and no others, to be reviewed."""
        with self.store() as store:
            left = list(store.pairs("waiting", "skipped"))
            for name in {stored.claimed_by for stored in left if stored.claimed_by}:
                release(store, name)
            out = [Verdict(pair=s.pair.id, version=s.version, decision="reject", by="rule:clear") for s in left]
            assert judge(store, out).done == len(left)
            store.add_pairs(pairs, "source:ayuda")
            for step in {found.step for found in findings or ()}:
                store.add_look(step, "s", [pair.id for pair in pairs], [f for f in findings or () if f.step == step])
            mark_sieved(store, [pair.id for pair in pairs])

    def state(self, pair: Pair) -> str:
        with self.store() as store:
            return store.pair(pair.id).state

    def made_from(self, pair: Pair) -> Pair:
        """The accepted pair that stands in this one's place."""
        with self.store() as store:
            return next(stored.pair for stored in store.pairs("accepted") if pair.id in stored.pair.made_from)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def start_app(folder: Path, port: int) -> subprocess.Popen[str]:
    code = f"{START}; sys.exit(l.launch(p, port={port}))"
    child = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert f"http://127.0.0.1:{port}" in child.stdout.readline()
    return child


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = new_project(tmp_path_factory.mktemp("project"))
    port = free_port()
    child = start_app(folder, port)
    yield App(f"http://127.0.0.1:{port}", folder)
    child.send_signal(signal.SIGINT)
    said, _ = child.communicate(timeout=20)
    assert (child.returncode, "every decision is kept" in said) == (0, True)


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.skip("no browser; bring one with: apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api", reason="no playwright; run: pip install playwright")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(name="new_project", scope="session")
def new_project_fixture() -> Callable[[Path], Path]:
    return new_project


@pytest.fixture(name="start_app", scope="session")
def start_app_fixture() -> Callable[..., subprocess.Popen[str]]:
    return start_app


@pytest.fixture(name="free_port", scope="session")
def free_port_fixture() -> Callable[[], int]:
    return free_port


@pytest.fixture(name="until")
def until_fixture() -> Callable[..., None]:
    return until


class Screen:
    """A browser tab at the review screen, and what a reviewer does there."""

    def __init__(self, page: object, app: App) -> None:
        self.page, self.app = page, app
        self.dialogs: list[str] = []
        self.requests: list[str] = []
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, path: str = "review", reviewer: str = "reviewer-1") -> Screen:
        self.page.goto(f"{self.app.address}/{path}?reviewer={reviewer}")
        return self

    def field(self, *labels: str) -> object:
        return self.page.locator(", ".join(f'[aria-label="{label}"]' for label in labels)).first

    @property
    def question(self) -> object:
        return self.field("Pregunta", "Question")

    @property
    def answer(self) -> object:
        return self.field("Respuesta", "Answer")

    def see(self, pair: Pair) -> Screen:
        """Wait for this pair, and as long as a decision has to wait."""
        self.holds("question", pair.question)
        return self.read()

    def read(self) -> Screen:
        """Wait until all is drawn, and as long as a decision has to wait from then on."""
        app = self.page.locator('[data-testid="stApp"]')
        until(lambda: app.get_attribute("data-test-script-state") == "notRunning")
        self.page.wait_for_timeout(READING_MILLISECONDS)
        return self

    def press(self, key: str) -> Screen:
        self.page.keyboard.press(key)
        return self

    def says(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for(timeout=30_000)

    def holds(self, field: str, text: str) -> None:
        """Wait until the field has this text: a drawn field is filled a moment later."""
        until(lambda: (found := getattr(self, field)).is_visible() and found.input_value() == text)


@pytest.fixture(scope="session")
def browsers(chromium: object) -> Iterator[Callable[..., object]]:
    """A browser of these options: one for all tests, which has the app's own scripts after the first of them."""
    open_ones: dict[str, object] = {}

    def one(**options: object) -> object:
        if repr(options) not in open_ones:
            open_ones[repr(options)] = chromium.new_context(**options)
        return open_ones[repr(options)]

    yield one
    for context in open_ones.values():
        context.close()


@pytest.fixture
def screen(app: App, browsers: Callable[..., object], request: pytest.FixtureRequest) -> Iterator[Screen]:
    """A tab of a browser that has kept nothing; parametrise it indirectly with the options of a browser context."""
    options = {"locale": "es-ES", "viewport": {"width": 1280, "height": 900}} | getattr(request, "param", {})
    context = browsers(**options)
    yield Screen(context.new_page(), app)
    for page in context.pages:
        page.close()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": app.address, "storageTypes": "local_storage,cookies"})
    page.close()
