"""The sources screen: a crawl started, watched and stopped from the browser, on a real site."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
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


def kill_with_children(pid: int) -> None:
    """Kill a process and those it has started at once; those that left its session stay."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    except FileNotFoundError:
        return
    for one in (pid, *map(int, children)):
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


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
        page.get_by_text("Fetch another address once").wait_for(timeout=30_000)
        page.wait_for_timeout(1000)  # the first drawing is followed by a second one, which drops a click
        page.get_by_role("button", name="Fetch", exact=False).first.click()
        page.get_by_text("running for").wait_for(timeout=30_000)
        until(lambda: (state := job(project, "crawl-ayuda")) is not None and state.done >= 2, 30)
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("Stopped by reviewer-1 after").wait_for(timeout=30_000)
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
        done = job(project, "crawl-ayuda").done
        context.close()
        kill_with_children(child.pid)  # the server is gone without a word; the crawl is not
        until(lambda: (state := job(project, "crawl-ayuda")).running and state.done > done, 30)
    finally:
        with Store.open(project.store_url) as store:
            stop(project, "crawl-ayuda", store=store, by="person:reviewer-1")
        context.close()
        kill_with_children(child.pid)
        child.communicate(timeout=20)
    until(lambda: not job(project, "crawl-ayuda").running)


@pytest.fixture
def screen(tmp_path):
    def script(place: str, role: str) -> None:
        from dataclasses import replace
        from pathlib import Path

        from ui.screens import sources
        from ui.session import open_window

        sources.show(replace(open_window(Path(place)), role=role))

    def run(language: str = "en", role: str = "admin") -> AppTest:
        test = AppTest.from_function(script, args=(str(tmp_path), role), default_timeout=20)
        test.session_state["language"] = language
        test.session_state["reviewer"] = "reviewer-1"
        test.run()
        assert not test.exception
        return test

    return run


def test_every_source_shows_what_it_brought(tmp_path, screen) -> None:
    write_settings(tmp_path, "http://127.0.0.1:9/")
    test = screen()
    assert any("Pages: 0 · pairs: 0" in element.proto.body for element in test.get("html"))
    assert [button.label for button in test.button] == ["Fetch", "Fetch", "Write it into tamiz.toml"]


def test_a_project_without_sources_says_how_to_begin(tmp_path, screen) -> None:
    (tmp_path / "tamiz.toml").write_text("", encoding="utf-8")
    test = screen()
    assert "sources" in test.info[0].value


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript:alert(1)", "ayuda.example", "-o"])
def test_only_web_addresses_are_fetched(tmp_path, screen, address: str) -> None:
    (tmp_path / "tamiz.toml").write_text("", encoding="utf-8")
    test = screen()
    field = next(field for field in test.text_input if field.label == "Fetch another address once")
    field.set_value(address)
    test.button[0].click().run()
    assert "https://" in test.warning[0].value
    assert not (tmp_path / "jobs").exists()


def field(test: AppTest, label: str):
    return next(one for one in (*test.text_input, *test.selectbox) if one.label == label)


def press(test: AppTest, label: str) -> AppTest:
    next(one for one in test.button if one.label == label).click().run()
    assert not test.exception
    return test


def wait_for_end(folder: Path, name: str) -> None:
    project, end = Project.open(folder), time.monotonic() + 40
    while (state := job(project, name)) is None or state.running:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_source_is_added_for_good_with_every_comment_kept(tmp_path, screen) -> None:
    before = '# ours\n[project]\nname = "x"\n'
    (tmp_path / "tamiz.toml").write_text(before, encoding="utf-8")
    test = screen()
    field(test, "Address").set_value("https://ayuda.example/faq")
    field(test, "How it is read").set_value("faq")
    press(test, "Write it into tamiz.toml")
    assert "ayuda\\.example is in tamiz\\.toml now" in test.success[0].value
    written = (tmp_path / "tamiz.toml").read_text(encoding="utf-8")
    assert written.startswith(before)
    assert [(one.name, one.spider) for one in Project.open(tmp_path).settings.sources] == [("ayuda.example", "faq")]
    assert any("https://ayuda.example/faq" in element.proto.body for element in test.get("html"))


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "10.0.0.3", "[::1]", "wiki.localhost"])
def test_a_site_of_our_own_network_is_added_when_somebody_says_so(tmp_path, screen, host: str) -> None:
    (tmp_path / "tamiz.toml").write_text("", encoding="utf-8")
    test = screen()
    field(test, "Address").set_value(f"http://{host}/")
    field(test, "Short name").set_value("wiki")
    press(test, "Write it into tamiz.toml")
    assert "private address" in test.warning[0].value
    assert (tmp_path / "tamiz.toml").read_text(encoding="utf-8") == ""
    test.checkbox[0].check()
    press(test, "Write it into tamiz.toml")
    assert [(one.name, one.allow_private) for one in Project.open(tmp_path).settings.sources] == [("wiki", True)]


def test_a_source_that_cannot_be_is_refused_and_the_file_stays(tmp_path, screen) -> None:
    (tmp_path / "tamiz.toml").write_text("", encoding="utf-8")
    test = screen()
    field(test, "Address").set_value("https://ayuda.example/")
    field(test, "Short name").set_value('x" # y')
    press(test, "Write it into tamiz.toml")
    assert "letters, digits" in test.error[0].value.replace("\\", "")
    assert (tmp_path / "tamiz.toml").read_text(encoding="utf-8") == ""


def test_an_uploaded_table_is_imported_with_the_columns_chosen_and_its_refused_rows_shown(tmp_path, screen) -> None:
    (tmp_path / "tamiz.toml").write_text("", encoding="utf-8")
    rows = "Lo que dijo;Lo que dijimos\n¿Cómo entro?;Con la clave.\n<b>¿Y si no?</b>;\n"
    test = screen()
    test.file_uploader[0].upload("../pares <1>.csv", rows.encode(), "text/csv").run()
    assert not test.exception
    assert field(test, "Column of the questions").options == ["Lo que dijo", "Lo que dijimos"]
    field(test, "Column of the questions").set_value("Lo que dijo")
    field(test, "Column of the answers").set_value("Lo que dijimos")
    press(test, "Import")
    (kept,) = (tmp_path / "work" / "uploads").glob("*/*")
    assert kept.name == "pares -1.csv"
    (home,) = (tmp_path / "jobs").glob("import-*")
    wait_for_end(tmp_path, home.name)
    test.run()
    said = "".join(element.proto.body for element in test.get("html"))
    assert "Rows: 2 · new pairs: 1 · known: 0 · twice in the file: 0 · refused: 1" in said
    assert "What gave no pair (refused: 1)" in [one.label for one in test.expander]
    assert "line 3: " in test.code[0].value
    press(test, "Remove the uploaded file")
    assert not kept.exists()
    with Store.open(f"sqlite:///{tmp_path / 'tamiz.db'}") as store:
        assert store.counts() == {"new": 1}


def test_a_file_of_the_projects_folder_can_be_chosen_in_spanish(tmp_path, screen) -> None:
    (tmp_path / "tamiz.toml").write_text("", encoding="utf-8")
    (tmp_path / "faq.jsonl").write_text('{"question": "¿Qué es?", "answer": "Un router."}\n', encoding="utf-8")
    test = screen("es")
    chooser = field(test, "O un archivo de la carpeta del proyecto")
    assert chooser.options == ["faq.jsonl"]
    chooser.set_value(tmp_path.resolve() / "faq.jsonl").run()
    press(test, "Importar")
    (home,) = (tmp_path / "jobs").glob("import-*")
    wait_for_end(tmp_path, home.name)
    assert any("pares nuevos: 1" in element.proto.body for element in test.run().get("html"))


def test_what_a_reviewer_may_not_do_is_not_offered(tmp_path, screen) -> None:
    write_settings(tmp_path, "http://127.0.0.1:9/")
    test = screen(role="reviewer")
    assert [(button.label, button.disabled) for button in test.button] == [("Fetch", False)]
    assert not test.get("file_uploader")
    assert [button.disabled for button in screen(role="viewer").button] == [True]
