"""A real web site on loopback that remembers who asked for what and when, and a project that crawls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from crawlers.addresses import address_key
from crawlers.report import CrawlReport, Heard, make_report
from crawlers.run import crawl
from crawlers.sources import start_address
from crawlers.worker import Job
from tamiz.frontier import Address, Frontier
from tamiz.project import Project
from tamiz.records import Pair
from tamiz.settings import CrawlSettings, Settings, SourceSettings
from tamiz.store import Store

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Asked:
    path: str
    at: float
    agent: str


@dataclass
class Site:
    """Pages by path. A value is HTML text, (status, headers, body), or a function that handles the request."""

    pages: dict[str, Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def faq(self, path: str, *questions: str, links: tuple[str, ...] = ()) -> None:
        items = "".join(f"<details><summary>{q}</summary><p>{answer_to(q)}</p></details>" for q in questions)
        anchors = "".join(f'<li><a href="{link}">Más</a></li>' for link in links)
        self.pages[path] = (
            f"<html lang=es><title>Ayuda</title><body><main><h1>Preguntas frecuentes</h1>{items}</main>"
            f"<nav><ul>{anchors}</ul></nav></body></html>"
        )

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append(Asked(handler.path, time.monotonic(), handler.headers.get("User-Agent", "")))
        page = self.pages.get(handler.path, (404, {"Content-Type": HTML}, b"nothing here"))
        if callable(page):
            page(handler)
            return
        status, headers, body = (200, {"Content-Type": HTML}, page) if isinstance(page, str) else page
        content = body.encode() if isinstance(body, str) else body
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)


def answer_to(question: str) -> str:
    return f"Entra en el menú de ajustes y sigue los pasos que explican {question.strip('¿?').lower()} en tu router."


@contextmanager
def served() -> Iterator[Site]:
    """A site on a port of its own."""
    site = Site()
    with _server(site) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        site.url = f"http://127.0.0.1:{server.server_port}"
        yield site
        server.shutdown()


def _server(site: Site) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.answer(self)

        def log_message(self, *_: Any) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_: Any) -> None:  # clients here are killed in mid-request
            return

    return Server(("127.0.0.1", 0), Handler)


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        yield site


@dataclass
class Bench:
    """A project with one source, ready to crawl."""

    project: Project
    store: Store

    def crawl(self, **options: Any) -> CrawlReport:
        return crawl(self.project, self.store, **options)

    def questions(self) -> list[str]:
        return [stored.pair.question for stored in self.store.pairs()]


@dataclass(frozen=True, kw_only=True)
class Record:
    """What one of several crawls came to, and what its site was asked."""

    report: CrawlReport
    asked: tuple[Asked, ...]
    pairs: tuple[Pair, ...]

    @property
    def questions(self) -> list[str]:
        return [pair.question for pair in self.pairs]

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


@dataclass
class Together:
    """Crawls of sites of their own, each into a project of its own, that share a process (see together.py)."""

    folder: Path
    open: ExitStack
    sites: dict[str, Site] = field(default_factory=dict)
    _sources: dict[str, tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=dict)

    def site(self, name: str, *, source: dict[str, Any] | None = None, **settings: Any) -> Site:
        """A new site, to be crawled with these settings."""
        self._sources[name] = (source or {}, settings)
        self.sites[name] = self.open.enter_context(served())
        return self.sites[name]

    def crawl(self, *names: str, code: str = "", hosts: dict[str, list[list[str]]] | None = None) -> dict[str, Record]:
        """Crawl the sites of these names (none: all) at the same time; the process runs `code` first.

        With `hosts` these names have the addresses given, nobody listens, and dialled() knows what was tried.
        """
        if hosts is not None:
            code = _STAND_IN.format(names=hosts, public="", port=9, dialled=str(self.folder / "dialled"))
        chosen = names or tuple(self.sites)
        with ExitStack() as stores:
            works = {name: self._work(name) for name in chosen}
            for work in works.values():
                stores.callback(work.store.close)
            lines = [json.dumps(code).encode(), *(self._job(work) for work in works.values())]
            before = {name: len(self.sites[name].asked) for name in chosen}
            command = [sys.executable, "-P", "-W", "ignore", str(Path(__file__).with_name("together.py"))]
            done = subprocess.run(command, input=b"\n".join(lines), capture_output=True, timeout=120, check=False)
            assert done.returncode == 0, done.stderr.decode()
            said = [json.loads(line) for line in done.stdout.splitlines()]
            return {
                name: self._record(name, works[name], before[name], heard)
                for name, heard in zip(chosen, said, strict=True)
            }

    def dialled(self) -> set[str]:
        """The addresses that crawls with `hosts` connected to."""
        log = self.folder / "dialled"
        return {line.split()[0] for line in log.read_text().splitlines()} if log.exists() else set()

    def _work(self, name: str) -> Bench:
        source, settings = self._sources[name]
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return project_bench(folder, self.sites[name].url, source, settings)

    def _job(self, work: Bench) -> bytes:
        """What crawl_source gives a worker."""
        (source,), crawl_settings = work.project.settings.sources, work.project.settings.crawl
        frontier, start = Frontier(work.store, source.name), start_address(source)
        frontier.restart(most_pages=crawl_settings.max_pages, most_bytes=crawl_settings.max_mb * 1_000_000)
        frontier.seed([Address(url=start, depth=0, key=address_key(start))])
        return (
            Job(
                store_url=work.project.store_url,
                pages=str(work.project.pages),
                languages=work.project.settings.project.languages,
                limit=0,
                max_pages=crawl_settings.max_pages,
                source=source,
                crawl=crawl_settings,
            )
            .line()
            .strip()
        )

    def _record(self, name: str, work: Bench, before: int, said: dict[str, Any]) -> Record:
        heard = Heard(finished=True, **said)
        report = make_report(work.store, [(work.project.settings.sources[0], heard)], 0.0)
        pairs = tuple(stored.pair for stored in work.store.pairs())
        return Record(report=report, asked=tuple(self.sites[name].asked[before:]), pairs=pairs)


def project_bench(folder: Path, url: str, source: dict[str, Any], settings: dict[str, Any]) -> Bench:
    """A project that crawls a site in no time, unless told otherwise."""
    crawl_settings = CrawlSettings(**({"delay_seconds": 0.0, "timeout_seconds": 5.0} | settings))
    given = {"name": "ayuda", "url": f"{url}/", "allow_private": True} | source
    project = Project(folder=folder, settings=Settings(crawl=crawl_settings, sources=(SourceSettings(**given),)))
    return Bench(project, Store.open(project.store_url))


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Together]:
    with ExitStack() as sites:
        yield Together(tmp_path_factory.mktemp("together"), sites)


@pytest.fixture
def bench(tmp_path: Path, site: Site) -> Iterator[Callable[..., Bench]]:
    opened: list[Store] = []

    def make(url: str = "", *, source: dict[str, Any] | None = None, **settings: Any) -> Bench:
        work = project_bench(tmp_path, site.url, ({"url": url} if url else {}) | (source or {}), settings)
        opened.append(work.store)
        return work

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def worker_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Code that every worker runs when it starts: for limits that would be too long to wait for."""

    def run(code: str) -> None:
        folder = tmp_path / "at-start"
        folder.mkdir(exist_ok=True)
        with (folder / "sitecustomize.py").open("a") as file:
            file.write(code + "\n")
        before = os.environ.get("PYTHONPATH", "")
        if str(folder) not in before:
            monkeypatch.setenv("PYTHONPATH", f"{folder}{os.pathsep}{before}".rstrip(os.pathsep))

    return run


# The worker's own name resolution and connections, with a network of ours behind them: names get the answers
# given (the last one again and again), PUBLIC is the site's server, nobody else in the world listens. What is
# dialled is written down.
_STAND_IN = """
import ipaddress, socket

NAMES, PUBLIC, PORT, DIALLED = {names!r}, {public!r}, {port!r}, {dialled!r}
_ask = socket.getaddrinfo

def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    name = host.decode() if isinstance(host, bytes) else host
    if name in NAMES:
        answers = NAMES[name]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        kinds = ((socket.AF_INET6 if ":" in ip else socket.AF_INET, ip) for ip in found)
        return [(kind, socket.SOCK_STREAM, 6, "", (ip, port)) for kind, ip in kinds]
    return _ask(host, port, family, type, proto, flags | socket.AI_NUMERICHOST)

def connect(self, host, port, *arguments, **named):
    with open(DIALLED, "a") as file:
        print(host, port, file=file)
    if host == PUBLIC:
        host, port = "127.0.0.1", PORT
    elif not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
        host, port = "127.0.0.1", 9
    return _connect(self, host, port, *arguments, **named)

socket.getaddrinfo = getaddrinfo  # before Twisted takes it
from twisted.internet import posixbase
_connect = posixbase.PosixReactorBase.connectTCP
posixbase.PosixReactorBase.connectTCP = connect
"""


@dataclass
class Internet:
    """A network in which the site has a public address, and other names the answers that a test gives."""

    site: str
    log: Path
    public: str

    def dialled(self) -> set[str]:
        """The addresses that workers connected to."""
        return {line.split()[0] for line in self.log.read_text().splitlines()} if self.log.exists() else set()


@pytest.fixture
def internet(tmp_path: Path, site: Site, worker_runs: Callable[[str], None]) -> Callable[..., Internet]:
    def build(**names: list[list[str]]) -> Internet:
        public, log = "93.184.215.14", tmp_path / "dialled"
        local = {name: [["127.0.0.1", "::1"]] for name in ("localhost", "localhost.", "ip6-localhost")}
        known = {"ayuda.example": [[public]], **local, **{name.replace("_", "."): a for name, a in names.items()}}
        port = int(site.url.rpartition(":")[2])
        worker_runs(_STAND_IN.format(names=known, public=public, port=port, dialled=str(log)))
        return Internet("http://ayuda.example", log, public)

    return build
