"""The sources screen: a crawl started, watched and stopped from the browser, on a real site."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tamiz.frontier import Frontier
from tamiz.jobs import job, stop
from tamiz.project import Project
from tamiz.store import Store

PAGES = 40


class Endless(BaseHTTPRequestHandler):
    """A help page that leads to the next one, forty times."""

    def do_GET(self) -> None:
        number = int("".join(filter(str.isdigit, self.path)) or 0)
        if self.path == "/robots.txt" or number >= PAGES:
            self.send_error(404)
            return
        body = (
            f"<html lang=es><title>Ayuda</title><h1>Preguntas frecuentes</h1><details>"
            f"<summary>¿Qué es el paso {number}?</summary>"
            f"<p>Es el paso número {number} de la instalación del router.</p></details>"
            f'<a href="/{number + 1}">Sigue</a></html>'
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Endless) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def write_settings(folder: Path, url: str) -> None:
    source = f'[[sources]]\nname = "ayuda"\nurl = "{url}"\nspider = "faq"\nallow_private = true\n'
    (folder / "tamiz.toml").write_text(f"[crawl]\ndelay_seconds = 0.3\nmax_depth = 100\n{source}", encoding="utf-8")


@pytest.mark.slow
def test_a_crawl_is_started_watched_stopped_and_gone_on_with(
    tmp_path, site, chromium, start_app, free_port, until
) -> None:
    write_settings(tmp_path, site)
    project, port = Project.open(tmp_path), free_port()
    child = start_app(tmp_path, port)
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    try:
        page.goto(f"http://127.0.0.1:{port}/sources?reviewer=reviewer-1&language=en")
        page.get_by_text("Another address").wait_for(timeout=30_000)
        page.wait_for_timeout(1000)  # the first drawing is followed by a second one, which drops a click
        page.get_by_role("button", name="Fetch", exact=False).first.click()
        page.get_by_text("pages so far").wait_for(timeout=30_000)
        until(lambda: (state := job(project, "crawl-ayuda")) is not None and state.done >= 2, 30)
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("Stopped; go on whenever you like").wait_for(timeout=30_000)
        state = job(project, "crawl-ayuda")
        assert state is not None
        assert not state.running
        with Store.open(project.store_url) as store:
            pages, pairs = store.count_by_source()["ayuda"]
            assert 2 <= pages < PAGES
            assert pairs == pages
            assert Frontier(store, "ayuda").counts()["waiting"] == 1
        page.get_by_role("button", name="Go on").click()
        until(lambda: (state := job(project, "crawl-ayuda")) is not None and state.done > 0 and state.running, 30)
    finally:
        with Store.open(project.store_url) as store:
            stop(project, "crawl-ayuda", store=store, by="person:reviewer-1")
        context.close()
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=20)
    until(lambda: not job(project, "crawl-ayuda").running)


@pytest.fixture
def screen(tmp_path):
    def script(place: str) -> None:
        from pathlib import Path

        from ui.screens import sources
        from ui.session import open_window

        sources.show(open_window(Path(place)))

    def run() -> AppTest:
        test = AppTest.from_function(script, args=(str(tmp_path),), default_timeout=20)
        test.session_state["language"] = "en"
        test.run()
        assert not test.exception
        return test

    return run


def test_every_source_shows_what_it_brought(tmp_path, screen) -> None:
    write_settings(tmp_path, "http://127.0.0.1:9/")
    test = screen()
    assert any("Pages: 0 · pairs: 0" in text.value for text in test.markdown)
    assert [button.label for button in test.button] == ["Fetch", "Fetch"]


def test_a_project_without_sources_says_how_to_begin(tmp_path, screen) -> None:
    (tmp_path / "tamiz.toml").write_text("", encoding="utf-8")
    test = screen()
    assert "sources" in test.info[0].value


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript:alert(1)", "ayuda.example", "-o"])
def test_only_web_addresses_are_fetched(tmp_path, screen, address: str) -> None:
    (tmp_path / "tamiz.toml").write_text("", encoding="utf-8")
    test = screen()
    field = next(field for field in test.text_input if field.label == "Another address")
    field.set_value(address)
    test.button[0].click().run()
    assert "https://" in test.warning[0].value
    assert not (tmp_path / "jobs").exists()
