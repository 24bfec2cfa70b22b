"""Pages that scripts draw: crawled with a real browser where the source asks for it, reported where it does not."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

HTML = "text/html; charset=utf-8"
needs_browser = pytest.mark.skipif(
    not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    reason="no browser; bring one with: apt-get install chromium",
)

APP = """
fetch('/api/faq.json').then(answer => answer.json()).then(list => {
  document.getElementById('app').innerHTML = '<h1>Preguntas frecuentes</h1>' + list.map(
    one => `<details><summary>${one.q}</summary><p>${one.a}</p></details>`).join('') + '<a href="/dos">Más</a>';
});
"""
SHELL = (
    '<html lang="es"><head><title>Ayuda</title></head><body><div id="app"></div>'
    '<script src="/app.js"></script></body></html>'
)


@pytest.fixture
def app(site: Any) -> Any:
    """A site whose pages are empty until their script has run."""
    questions = ("¿Cómo cambio la clave del wifi?", "¿Cómo pago la factura?")
    answers = "Entra en los ajustes de tu cuenta, elige la opción del menú y sigue los pasos que te indica."
    listed = json.dumps([{"q": question, "a": answers} for question in questions])
    site.pages |= {
        "/": SHELL,
        "/dos": SHELL,
        "/app.js": (200, {"Content-Type": "text/javascript"}, APP),
        "/api/faq.json": (200, {"Content-Type": "application/json"}, listed),
    }
    return site


def test_a_page_that_needs_javascript_is_reported_as_such(app: Any, bench: Callable[..., Any]) -> None:
    report = bench(source={"spider": "faq"}).crawl()
    assert dict(report.without_pairs) == {"needs JavaScript": 1}
    assert "/app.js" not in app.paths()


@needs_browser
def test_a_source_that_asks_for_it_is_drawn_in_a_browser(app: Any, bench: Callable[..., Any]) -> None:
    app.pages["/robots.txt"] = (200, {"Content-Type": "text/plain"}, "User-agent: *\nDisallow: /secreto\n")
    app.pages["/app.js"] = (
        200,
        {"Content-Type": "text/javascript"},
        APP.replace("Más</a>", "Más</a><a href=/secreto>x</a>"),
    )
    work = bench(source={"spider": "faq", "javascript": True}, timeout_seconds=20.0)
    report = work.crawl()
    assert sorted(set(work.questions())) == ["¿Cómo cambio la clave del wifi?", "¿Cómo pago la factura?"]
    assert dict(report.refused) == {"robots.txt": 1}
    assert "/dos" in app.paths()
    assert {asked.agent for asked in app.asked} == {"tamiz/0.1.0 (no contact given)"}


@pytest.fixture
def inside() -> Iterator[tuple[str, list[str]]]:
    """A server at another loopback address that no page may reach, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(b"secret")

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.2", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"127.0.0.2:{server.server_port}", asked
        server.shutdown()


@needs_browser
def test_scripts_frames_sockets_and_redirects_reach_nothing_private(
    app: Any, bench: Callable[..., Any], inside: tuple[str, list[str]]
) -> None:
    host, asked = inside
    attack = f"""
    fetch('http://{host}/fetch', {{mode: 'no-cors'}}).catch(() => 0);
    new WebSocket('ws://{host}/socket');
    navigator.sendBeacon('http://{host}/beacon', 'x');
    const frame = document.createElement('iframe'); frame.src = 'http://{host}/frame'; document.body.append(frame);
    const script = document.createElement('script'); script.src = 'http://{host}/script'; document.body.append(script);
    const sheet = document.createElement('link'); sheet.rel = 'stylesheet'; sheet.href = '/moved';
    document.head.append(sheet);
    """
    app.pages["/app.js"] = (200, {"Content-Type": "text/javascript"}, attack + APP)
    app.pages["/moved"] = (302, {"Location": f"http://{host}/redirect"}, "")
    app.pages["/dos"] = (302, {"Location": f"http://{host}/page"}, "")
    work = bench(source={"spider": "faq", "javascript": True}, timeout_seconds=20.0)
    report = work.crawl()
    assert report.new_pairs == 2
    assert "/moved" in app.paths()
    assert asked == []
    assert report.pages == 1


@needs_browser
def test_a_page_that_a_script_sends_elsewhere_is_not_kept(app: Any, bench: Callable[..., Any], site: Any) -> None:
    app.pages["/app.js"] = (200, {"Content-Type": "text/javascript"}, "location.href = '/otra/parte'")
    app.faq("/otra/parte", "¿Qué hago aquí?")
    app.pages["/ayuda/"] = SHELL
    work = bench(f"{site.url}/ayuda/", source={"spider": "faq", "javascript": True}, timeout_seconds=20.0)
    report = work.crawl()
    assert dict(report.refused) == {"leads to an address that is outside the source's folder": 1}
    assert work.questions() == []


@needs_browser
def test_a_script_without_end_is_given_up(app: Any, bench: Callable[..., Any]) -> None:
    app.pages["/"] = '<html><body><a href="/dos">x</a><script>while (true) {}</script></body></html>'
    report = bench(source={"spider": "faq", "javascript": True}, timeout_seconds=3.0)
    with pytest.raises(Exception, match="timeout"):
        report.crawl()
