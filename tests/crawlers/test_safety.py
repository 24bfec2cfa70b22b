"""What a hostile site can try on the crawl of it, each thing tried by a real crawl of a server on loopback."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import re
import ssl
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest

from crawlers.resolver import is_metadata, is_public
from crawlers.settings import private_hosts
from crawlers.timelimit import TookTooLong, read_in_time, time_limit
from tamiz.errors import InputError, SettingsError
from tamiz.settings import SourceSettings

HTML = "text/html; charset=utf-8"

# Hosts as they can stand in an address, all of which are this machine, this network, or a cloud's metadata.
INNER = re.findall(
    r"\S+",
    """
127.0.0.1 127.1 127.0.1 127.255.255.254 2130706433 0x7f000001 0x7f.0.0.1 0x7f.1 017700000001 0177.0.0.1 0177.1
00000177.0.0.1 127.0.0.1. 0 0.0.0.0 0x0 00000000000 localhost localhost. LOCALHOST ip6-localhost
１２７.0.0.1 127。0。0。1 ①②⑦.0.0.1 %31%32%37.0.0.1 ⓛocalhost
10.0.0.1 10.1 167772161 0xa000001 012.1.1.1 172.16.0.1 172.31.255.254 192.168.1.1 192.168.257 0xc0a80101 3232235777
100.64.0.1 169.254.169.254 169.254.1 0xa9fea9fe 2852039166 0251.0376.0251.0376 168.63.129.16 100.100.100.200
192.0.0.192 198.18.0.1 192.0.2.1 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255 192.88.99.1
[::1] [0:0:0:0:0:0:0:1] [::] [::127.0.0.1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:a9fe:a9fe] [::ffff:0:127.0.0.1]
[64:ff9b::127.0.0.1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2002:a9fe:a9fe::1] [2001:0:1::80ff:fffe]
[fe80::1] [fe80::1%25lo] [fe80::1%25eth0] [fc00::1] [fd00:ec2::254] [fec0::1] [ff02::1] [2001:db8::1] [3fff::1]
""",
)
# Names whose owner lets them lead inside; the resolver of the tests answers them so.
NAMES = {
    "metadata.google.internal": ["169.254.169.254"],
    "kubernetes.default.svc": ["10.96.0.1"],
    "app.localhost": ["127.0.0.1"],
    "127.0.0.1.nip.example": ["127.0.0.1"],
    "six.example": ["::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "nat.example": ["64:ff9b::7f00:1"],
    "azure.example": ["168.63.129.16"],
}
SCHEMES = (
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "FILE:///etc/passwd",
    "data:text/html,<p>hola</p>",
    "ftp://127.0.0.1/x",
    "gopher://127.0.0.1:70/1",
    "javascript:alert(1)",
    "s3://bucket/key",
    "about:blank",
    "ws://127.0.0.1/",
    "http:/etc/passwd",
    "http://[",
    "//",
)


def page(*lines: str) -> str:
    return f"<html lang=es><head><title>Ayuda</title></head><body>{''.join(lines)}</body></html>"


def qa(question: str) -> str:
    answer = f"Entra en el menú de ajustes y sigue los pasos para {question.strip('¿?').lower()} en el router."
    return f"<h1>Preguntas frecuentes</h1><details><summary>{question}</summary><p>{answer}</p></details>"


@contextmanager
def listener(tls: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[str]]]:
    """A server inside: its port, and what it was asked, or that somebody connected."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", HTML)
            self.end_headers()
            self.wfile.write(page(qa("¿Cómo entro en la red interna?")).encode())

        def log_message(self, *_: Any) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def verify_request(self, *_: Any) -> bool:
            asked.append("connected")
            return True

        def handle_error(self, *_: Any) -> None:
            return

    with Server(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server.server_port, asked
        server.shutdown()


START = """
import json, sys
from scrapy import Request
from scrapy.crawler import CrawlerProcess
from crawlers.resolver import refused_hosts
from crawlers.settings import scrapy_settings
from crawlers.spiders.faq import FaqSpider
from tamiz.settings import CrawlSettings

outcomes = {}

class Starts(FaqSpider):
    async def start(self):
        for url in json.loads(sys.argv[1]):
            try:
                yield Request(url, callback=self.read, errback=self.fail, dont_filter=True, meta={"url": url})
            except ValueError as error:
                outcomes[url] = f"no address: {error}"

    def read(self, response):
        outcomes[response.meta["url"]] = "fetched"

    def fail(self, failure):
        outcomes[failure.request.meta["url"]] = type(failure.value).__name__

settings = scrapy_settings(CrawlSettings(delay_seconds=0, timeout_seconds=5))
settings |= {"SCHEDULER": "scrapy.core.scheduler.Scheduler", "SPIDER_MIDDLEWARES": {}, "CONCURRENT_REQUESTS": 16}
settings |= json.loads(sys.argv[2])
process = CrawlerProcess(settings)
process.crawl(Starts, url="http://ayuda.example/")
process.start()
print(json.dumps([outcomes, sorted(refused_hosts)]))
"""


def start_at(urls: list[str], **settings: Any) -> tuple[dict[str, str], list[str]]:
    """Scrapy with our settings, started at these addresses: what became of each, and the hosts refused."""
    command = [sys.executable, "-W", "ignore", "-c", START, json.dumps(urls), json.dumps(settings)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    outcomes, refused = json.loads(done.stdout.splitlines()[-1])
    return outcomes, refused


@contextmanager
def watched(what: Callable[[int], Any]) -> Iterator[list[Any]]:
    """What `what` says of the worker, by its process id, again and again while it runs."""
    seen: list[Any] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            for child in _children():
                try:
                    seen.append(what(child))
                except (OSError, StopIteration):  # it has just ended
                    continue

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield seen
    done.set()
    thread.join()


def _children(parent: str = "self") -> list[int]:
    """The crawl's processes: the worker, and those that it starts."""
    found: list[int] = []
    for task in Path(f"/proc/{parent}/task").glob("*/children"):
        with suppress(OSError):  # it has just ended
            for pid in task.read_text().split():
                if b"\0crawlers." in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found += [int(pid), *_children(pid)]
    return found


def peak_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def listening(pid: int) -> list[str]:
    """Local addresses on which a process accepts connections."""
    sockets = {os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()}
    rows = [
        line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()
    ]
    return [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]


# Addresses that reach inside


def test_more_than_sixty_forms_are_tried() -> None:
    assert len(INNER) + len(NAMES) >= 60


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="asks /proc")
def test_inner_addresses_to_start_at_are_refused_before_the_connection(internet: Callable[..., Any]) -> None:
    net = internet(**{name.replace(".", "_"): [answer] for name, answer in NAMES.items()})
    with listener() as (port, asked):
        urls = [f"http://{host}:{port}/" for host in (*INNER, *NAMES)]
        outcomes, refused = start_at(urls)
    assert len(refused) >= 60
    assert {outcome for url, outcome in outcomes.items() if outcome == "fetched"} == set()
    assert set(outcomes) == set(urls)
    assert asked == []
    assert net.dialled() == set()
    spoken = {url: outcome for url, outcome in outcomes.items() if outcome != "CannotResolveHostError"}
    assert set(spoken) <= {f"http://%31%32%37.0.0.1:{port}/"}  # a host that no browser and no resolver takes


def test_inner_addresses_in_links_redirects_and_canonicals_are_not_dialled(
    site: Any, bench: Callable[..., Any], internet: Callable[..., Any]
) -> None:
    net = internet()
    hosts = [*INNER, *NAMES]
    with listener() as (port, asked):
        inner = [f"http://{host}:{port}/" for host in hosts]
        ways = [f"/to/{n}" for n in range(len(inner))]
        canonical = f'<link rel="canonical" href="{inner[0]}"><meta property="og:url" content="{inner[1]}">'
        site.pages["/"] = page(canonical, *(f'<a href="{url}">x</a>' for url in (*inner, *ways, "/good", "/soon")))
        for way, url in zip(ways, inner, strict=True):
            site.pages[way] = (302, {"Location": url.encode().decode("latin-1")}, "")
        site.pages["/soon"] = page(f'<meta http-equiv="refresh" content="0; url={inner[0]}">')
        site.pages["/good"] = page(
            f'<base href="{inner[0]}">', qa("¿Cómo cambio la clave?"), '<a href="/from-base">x</a>'
        )
        report = bench(f"{net.site}/", source={"allow_private": False}, max_pages=500).crawl()
    assert asked == []
    assert net.dialled() == {net.public}
    assert report.pages == 2
    assert sum(report.refused.values()) + sum(report.failed.values()) == len(ways) + 1
    assert all(reason.startswith("leads to ") for reason in report.refused), report.refused
    assert not report.failed


def test_a_robots_txt_that_leads_inside_is_not_followed(
    site: Any, bench: Callable[..., Any], internet: Callable[..., Any]
) -> None:
    net = internet()
    with listener() as (port, asked):
        site.pages["/robots.txt"] = (301, {"Location": f"http://127.0.0.1:{port}/robots.txt"}, "")
        site.faq("/", "¿Cómo cambio la clave?")
        report = bench(f"{net.site}/", source={"allow_private": False}).crawl()
    assert asked == []
    assert net.dialled() == {net.public}
    assert dict(report.refused) == {"robots.txt leads nowhere": 1}


def test_a_name_that_is_bound_anew_is_dialled_where_it_was_public(
    site: Any, bench: Callable[..., Any], internet: Callable[..., Any]
) -> None:
    net = internet(ayuda_example=[["93.184.215.14"], ["127.0.0.1"]])
    site.faq("/", links=("/a", "/b"))
    site.pages["/a"] = lambda handler: handler.connection.close()  # so that a new connection is made
    site.faq("/b", "¿Cómo cambio la clave?")
    report = bench(f"{net.site}/", source={"allow_private": False}).crawl()
    assert report.pages == 2
    assert net.dialled() == {net.public}


def test_a_name_that_is_looked_up_again_is_checked_again(site: Any, internet: Callable[..., Any]) -> None:
    net = internet(ayuda_example=[["93.184.215.14"], ["127.0.0.1"]], both_example=[["127.0.0.1", "93.184.215.14"]])
    answer = page("hola").encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(answer)}\r\nConnection: close\r\n\r\n"

    def once(handler: Any) -> None:
        handler.wfile.write(head.encode() + answer)
        handler.close_connection = True

    site.pages |= {"/1": once, "/2": once, "/robots.txt": once}
    urls = ["http://ayuda.example/1", "http://ayuda.example/2", "http://both.example/1"]
    outcomes, refused = start_at(urls, DNSCACHE_ENABLED=False, CONCURRENT_REQUESTS=1, ROBOTSTXT_OBEY=False)
    assert outcomes[urls[0]] == outcomes[urls[2]] == "fetched"
    assert outcomes[urls[1]] == "CannotResolveHostError"
    assert net.dialled() == {net.public}
    assert refused == ["ayuda.example", "both.example"]


def test_a_proxy_of_the_environment_is_not_used(
    site: Any, bench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.faq("/", "¿Cómo cambio la clave?")
    with listener() as (port, asked):
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        assert bench().crawl().pages == 1
    assert asked == []


def test_a_private_source_leads_to_no_other_private_host(
    site: Any, bench: Callable[..., Any], internet: Callable[..., Any]
) -> None:
    net = internet(wiki_example=[["127.0.0.1"]], other_example=[["127.0.0.1"]])
    port = site.url.rpartition(":")[2]
    site.faq("/", "¿Cómo cambio la clave?", links=(f"http://other.example:{port}/", f"http://127.0.0.1:{port}/x"))
    with listener() as (inner, asked):
        site.pages["/robots.txt"] = (302, {"Location": f"http://other.example:{inner}/robots.txt"}, "")
        refused = bench(f"http://wiki.example:{port}/").crawl()
        assert dict(refused.refused) == {"robots.txt leads nowhere": 1}
        del site.pages["/robots.txt"]
        assert bench(f"http://wiki.example:{port}/").crawl().pages == 1
    assert asked == []
    assert net.dialled() == {"127.0.0.1"}
    assert {asked.path for asked in site.asked} == {"/robots.txt", "/"}


METADATA = {
    "169.254.169.254": "aws",
    "[fd00:ec2::254]": "aws-ipv6",
    "168.63.129.16": "azure",
    "metadata.google.internal": "google",
}


@pytest.fixture(scope="module")
def metadata(together: Any) -> dict[str, Any]:
    """A crawl of each cloud's metadata, as a source that may be private."""
    for host, name in METADATA.items():
        together.site(name, source={"url": f"http://{host}/latest/meta-data/"})
    hosts = {"metadata.google.internal": [["169.254.169.254"]]}
    records: dict[str, Any] = together.crawl(*METADATA.values(), hosts=hosts)
    return records


@pytest.mark.parametrize("host", METADATA)
def test_cloud_metadata_is_refused_even_to_a_private_source(host: str, metadata: dict[str, Any], together: Any) -> None:
    report = metadata[METADATA[host]].report
    assert report.pages == 0
    assert "cannot be reached: private address" in report.unreachable[0]
    assert together.dialled() == set()


def test_only_a_source_that_says_so_may_be_private() -> None:
    wiki = SourceSettings(name="wiki", url="http://www.wiki.home:8080/x", allow_private=True)
    assert private_hosts(wiki) == ("wiki.home", "www.wiki.home")
    assert private_hosts(SourceSettings(name="wiki", url="http://wiki.home/")) == ()


@pytest.mark.parametrize(
    ("address", "public", "metadata"),
    [
        pytest.param("93.184.216.34", True, False, id="public"),
        pytest.param("2606:4700::1111", True, False, id="public-ipv6"),
        pytest.param("::ffff:93.184.216.34", True, False, id="public-mapped"),
        pytest.param("64:ff9b::5db8:d822", True, False, id="public-nat64"),
        pytest.param("168.63.129.16", False, True, id="azure"),
        pytest.param("100.100.100.200", False, True, id="alibaba"),
        pytest.param("64:ff9b::a9fe:a9fe", False, True, id="metadata-nat64"),
        pytest.param("2001:0:4136:e378:8000:63bf:5601:5601", False, True, id="metadata-teredo"),
        pytest.param("fe80::1%eth0", False, True, id="link-local-with-a-zone"),
        pytest.param("192.168.1.1", False, False, id="private"),
        pytest.param("nonsense", False, False, id="no-address"),
    ],
)
def test_an_address_is_judged_by_where_it_leads(address: str, public: bool, metadata: bool) -> None:
    assert (is_public(address), is_metadata(address)) == (public, metadata)


# Other schemes


@pytest.mark.parametrize("url", SCHEMES)
def test_only_http_can_be_a_start(url: str, bench: Callable[..., Any]) -> None:
    with pytest.raises((InputError, SettingsError), match="address"):
        bench().crawl(url=url)
    with pytest.raises(SettingsError, match="give an http or https address"):
        SourceSettings(name="ayuda", url=url)


def of_other_schemes(site: Any) -> None:
    count = range(len(SCHEMES))
    links = [f'<a href="{url}">x</a><link rel="canonical" href="{url}">' for url in SCHEMES]
    ways = [f'<a href="/redirect/{n}">x</a><a href="/refresh/{n}">x</a>' for n in count]
    site.pages["/"] = page(*links, *ways)
    for n, url in enumerate(SCHEMES):
        site.pages[f"/redirect/{n}"] = (302, {"Location": url}, "")
        refresh = f'<meta http-equiv="refresh" content="0; url={url}">'
        site.pages[f"/refresh/{n}"] = page(refresh, qa(f"¿Cómo cambio la clave número {n}?"))


def of_entities(site: Any, secret: Path, port: int) -> None:
    secret.write_text("contenido-secreto")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    kinds = f'<!ENTITY l0 "ja"><!ENTITY f SYSTEM "file://{secret}"><!ENTITY w SYSTEM "http://127.0.0.1:{port}/e">'
    outer = f'<!ENTITY % p SYSTEM "http://127.0.0.1:{port}/d"> %p;'
    doctype = f'<?xml version="1.0"?><!DOCTYPE html [{kinds}{laughs}{outer}]>'
    body = qa("¿Cómo cambio la clave?").replace("Entra", "Entra &l11; &f; &w;")
    xhtml = f'{doctype}<html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html>'
    site.pages["/"] = (200, {"Content-Type": "application/xhtml+xml"}, xhtml)


def of_broken_json(site: Any) -> None:
    deep, long = "[" * 200_000, "[" + "1" * 100_000 + "]"
    site.faq("/", links=("/deep", "/long", "/after"))
    for path, value in (("/deep", deep), ("/long", long)):
        site.pages[path] = page(f'<script type="application/ld+json">{value}</script>')
    site.faq("/after", "¿Cómo reinicio el router?")


@pytest.fixture(scope="module")
def hostile(together: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Crawls of sites of other schemes, XML entities and broken JSON, and what a server inside was asked meanwhile."""
    with listener() as (port, asked):
        of_other_schemes(together.site("schemes"))
        of_entities(together.site("entities"), tmp_path_factory.mktemp("secret") / "secret.txt", port)
        of_broken_json(together.site("json"))
        started = time.monotonic()
        records = together.crawl("schemes", "entities", "json")
        return records | {"asked inside": asked, "seconds": time.monotonic() - started}


def test_other_schemes_in_links_redirects_canonicals_and_refreshes_are_refused(hostile: dict[str, Any]) -> None:
    paths, report = hostile["schemes"].paths(), hostile["schemes"].report
    inside = [f"/{kind}/{n}" for kind in ("redirect", "refresh") for n in range(len(SCHEMES))]
    assert not [path for path in paths if path not in ("/robots.txt", "/", *inside, "/etc/passwd")]
    assert sum(report.refused.values()) >= len(SCHEMES) - 2, (report.refused, report.failed)
    assert all(reason.startswith("leads to ") for reason in report.refused), report.refused
    assert set(report.failed) <= {"404 Not Found", "redirects without end"}, report.failed  # to this site itself


# Bodies and heads without end


def _bomb(encoding: str) -> bytes:
    """512 MB of zeros; without their last bytes, which nobody gets to."""
    zeros = bytes(1 << 20)
    if encoding in ("gzip", "gzip, gzip", "deflate"):
        packer = zlib.compressobj(9, wbits=15 if encoding == "deflate" else 31)
        first = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
        again = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
        whole = first + again * 511
        return gzip.compress(whole) if encoding == "gzip, gzip" else whole
    if encoding == "br":
        brotli_packer = brotli.Compressor(quality=1, lgwin=24)
        return b"".join(brotli_packer.process(zeros) for _ in range(512)) + brotli_packer.finish()
    zstd = pytest.importorskip("backports.zstd" if sys.version_info < (3, 14) else "compression.zstd")
    options = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.compression_level: 1}
    zstd_packer = zstd.ZstdCompressor(options=options)
    return b"".join(zstd_packer.compress(zeros) for _ in range(512)) + zstd_packer.flush()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="asks /proc")
def test_compression_bombs_are_cut_at_the_limit_and_in_little_memory(site: Any, bench: Callable[..., Any]) -> None:
    encodings = ("gzip", "gzip, gzip", "deflate", "br", "zstd")
    site.faq("/", links=(*(f"/{n}" for n in range(len(encodings))), "/after"))
    for n, encoding in enumerate(encodings):
        body = _bomb(encoding)
        assert len(body) < 600_000
        site.pages[f"/{n}"] = (200, {"Content-Type": HTML, "Content-Encoding": encoding}, body)
    site.faq("/after", "¿Cómo cambio la clave?")
    with watched(peak_mb) as peaks:
        report = bench(timeout_seconds=30.0).crawl()
    assert dict(report.failed) == {"too large": len(encodings)}
    assert report.new_pairs == 1
    assert 20 < max(peaks) < 300


def _endless_body(handler: Any) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", HTML)
    handler.end_headers()
    while True:
        handler.wfile.write(b"<p>y otra cosa</p>" * 1000)


def _slow_body(handler: Any) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", HTML)
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b"a")
        handler.wfile.flush()
        time.sleep(0.1)


def _slow_head(handler: Any) -> None:
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Padding: a\r\n" * 20:
        handler.wfile.write(bytes([byte]))
        time.sleep(0.1)


def _header_flood(handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for n in itertools.count():
        handler.wfile.write(b"".join(b"X-%d-%d: %s\r\n" % (n, k, b"a" * 500) for k in range(100)))


def _interim_flood(handler: Any) -> None:
    while True:
        handler.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n" * 200)


def _long_header(handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        handler.wfile.write(b"a" * 10_000)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="asks /proc")
def test_answers_without_end_are_cut_and_the_crawl_goes_on(site: Any, bench: Callable[..., Any]) -> None:
    tricks = {
        "/body": _endless_body,
        "/slow-body": _slow_body,
        "/slow-head": _slow_head,
        "/headers": _header_flood,
        "/interim": _interim_flood,
        "/header": _long_header,
    }
    loops = {f"/loop/{n}": (302, {"Location": f"/loop/{n + 1}"}, "") for n in range(50)}
    between = [f"/good/{n}" for n in range(len(tricks) + 1)]
    site.faq("/", links=tuple(itertools.chain.from_iterable(zip((*tricks, "/loop/0"), between, strict=True))))
    for n, path in enumerate(between):
        site.faq(path, f"¿Cómo configuro el aparato número {n}?")
    site.pages |= tricks | loops
    started = time.monotonic()
    with watched(peak_mb) as peaks:
        report = bench(max_page_mb=1.0, timeout_seconds=1.0).crawl()
    assert report.pages == 1 + len(between)
    assert report.failed["timeout"] == 2
    assert report.failed["too large"] == 1
    assert report.failed["redirects without end"] == 1
    assert sum(report.failed.values()) == len(tricks) + 1, report.failed
    assert max(peaks) < 300
    assert time.monotonic() - started < 45


# Pages built to choke a reader


BOMBS = {
    "/nested": "<div>" * 300_000,
    "/closed": "<b>" * 300_000 + "</b>" * 300_000,
    "/attributes": "<p " + " ".join(f"a{n}=1" for n in range(1_000_000)) + ">",
    "/text": "<p>" + "palabra " * 6_250_000 + "</p>",
    "/table": "<table>" * 100_000,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_an_html_bomb_is_too_complex_within_five_seconds(bomb: str) -> None:
    started = time.process_time()
    reading = read_in_time(page(qa("¿Cómo cambio la clave?"), BOMBS[bomb]), "https://ayuda.example/")
    assert (reading.reason, reading.pairs) == ("too complex", ())
    assert time.process_time() - started < 5


def test_html_bombs_cost_only_their_own_pages_and_the_worker_lives(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/", links=(*BOMBS, "/after"))
    site.pages |= {path: page(qa("¿Cómo cambio la clave?"), bomb) for path, bomb in BOMBS.items()}
    site.faq("/after", "¿Cómo reinicio el router?")
    report = bench(max_page_mb=64.0, timeout_seconds=30.0).crawl()
    assert report.without_pairs["too complex"] == len(BOMBS), report
    assert report.new_pairs == 1


def test_a_reading_that_takes_too_long_is_given_up(
    site: Any, bench: Callable[..., Any], worker_runs: Callable[[str], None]
) -> None:
    worker_runs(
        "import re, crawlers.timelimit as t\n"
        "read = t.read_page\n"
        "def slow(html, url):\n"
        "    return re.match('(a+)+$', 'a' * 64 + 'b') if 'trampa' in html else read(html, url)\n"
        "t.read_page, t.SECONDS_TO_READ = slow, 0.5"
    )
    site.faq("/", links=("/slow", "/after"))
    site.pages["/slow"] = page("trampa", qa("¿Cómo cambio la clave?"))
    site.faq("/after", "¿Cómo reinicio el router?")
    report = bench().crawl()
    assert report.without_pairs["too complex"] == 1
    assert report.new_pairs == 1


def test_a_time_limit_interrupts_and_leaves_no_alarm_behind() -> None:
    with pytest.raises(TookTooLong), time_limit(0.05):
        re.match("(a+)+$", "a" * 64 + "b")
    with time_limit(0.05):
        pass
    time.sleep(0.1)


def test_entities_of_xhtml_stay_inert(hostile: dict[str, Any]) -> None:
    assert hostile["seconds"] < 15
    assert hostile["asked inside"] == []
    assert hostile["entities"].report.pages == 1
    answers = [pair.answer for pair in hostile["entities"].pairs]
    assert all(len(answer) < 1000 and "contenido-secreto" not in answer for answer in answers)


def test_json_built_to_break_a_reader_costs_only_its_own_page(hostile: dict[str, Any]) -> None:
    report = hostile["json"].report
    assert (report.pages, report.new_pairs) == (4, 1)


# Sitemaps


XML = "application/xml"


def urlset(*urls: str, doctype: str = "") -> tuple[int, dict[str, str], str]:
    entries = "".join(f"<url><loc>{url.replace('&', '&amp;').replace('<', '&lt;')}</loc></url>" for url in urls)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return 200, {"Content-Type": XML}, f'<?xml version="1.0"?>{doctype}<urlset xmlns="{space}">{entries}</urlset>'


def test_a_sitemap_leads_to_no_other_scheme_and_nowhere_inside(
    site: Any, bench: Callable[..., Any], internet: Callable[..., Any]
) -> None:
    net = internet()
    with listener() as (port, asked):
        inner = [f"http://{host}:{port}/ayuda" for host in (*INNER, *NAMES)]
        site.pages["/sitemap.xml"] = urlset(f"{net.site}/ayuda/clave", *inner, *SCHEMES)
        robots = "\n".join(f"Sitemap: {url}" for url in ("/sitemap.xml", *inner, *SCHEMES))
        site.pages["/robots.txt"] = (200, {"Content-Type": "text/plain"}, robots)
        site.faq("/", "¿Cómo reinicio el router?")
        site.faq("/ayuda/clave", "¿Cómo cambio la clave?")
        report = bench(f"{net.site}/", source={"allow_private": False, "spider": "sitemap"}).crawl()
    assert asked == []
    assert net.dialled() == {net.public}
    assert "/ayuda/clave" in site.paths()
    assert report.new_pairs >= 1
    assert not report.failed


def test_sitemaps_built_to_choke_are_inert_and_capped(site: Any, bench: Callable[..., Any], tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("contenido-secreto")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    outside = f'<!ENTITY l0 "ja"><!ENTITY f SYSTEM "file://{secret}">'

    def endless(handler: Any) -> None:
        number = int(handler.path.rpartition("-")[2] or 0)
        further = "".join(f"<sitemap><loc>{site.url}/index-{number * 10 + n}</loc></sitemap>" for n in range(1, 11))
        body = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{further}</sitemapindex>'.encode()
        handler.send_response(200)
        handler.send_header("Content-Type", XML)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    site.pages["/robots.txt"] = (200, {}, "Sitemap: /laughs.xml\nSitemap: /good.xml\nSitemap: /index-0\n")
    bomb = urlset(f"{site.url}/x", doctype=f"<!DOCTYPE urlset [{outside}{laughs}]>")
    site.pages["/laughs.xml"] = (*bomb[:2], bomb[2].replace("/x<", "/&l11;&f;<"))
    site.pages["/good.xml"] = urlset(f"{site.url}/ayuda/clave")
    site.pages |= {f"/index-{n}": endless for n in range(12_000)}
    site.faq("/", "¿Cómo reinicio el router?")
    site.faq("/ayuda/clave", "¿Cómo cambio la clave?")
    started = time.monotonic()
    report = bench(source={"spider": "sitemap"}).crawl()
    assert "/ayuda/clave" in site.paths()
    assert report.new_pairs >= 1
    assert len([path for path in site.paths() if path.startswith("/index-")]) <= 100
    assert not any("secreto" in path or "jaja" in path for path in site.paths())
    assert time.monotonic() - started < 60


# Certificates, consoles, file names


@pytest.fixture(scope="module")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    now = datetime.now(UTC)
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    file = tmp_path_factory.mktemp("certificate") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_certificate_that_nobody_vouches_for_is_refused(
    host: str, bench: Callable[..., Any], self_signed: ssl.SSLContext
) -> None:
    refusal = pytest.raises(InputError, match=r"certificate\. Its certificate is not valid")
    with listener(self_signed) as (port, asked), refusal:
        bench(f"https://{host}:{port}/").crawl()
    assert set(asked) == {"connected"}


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="asks /proc")
def test_the_worker_opens_no_door(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/", links=("/slow",))
    site.pages["/slow"] = lambda handler: time.sleep(0.5)
    with watched(listening) as doors:
        bench().crawl()
    assert len(doors) > 5
    assert all(door == [] for door in doors)


@pytest.mark.parametrize(
    "name", ["../x", "/etc/x", "a/b", "a\\b", "..", ".hidden", "a\x00b", "a\nb", "x" * 65, "", "ñ"]
)
def test_a_source_s_name_that_is_no_plain_file_name_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=r"\[\[sources\]\] name"):
        SourceSettings(name=name, url="https://ayuda.example/")


def test_pages_name_no_files(site: Any, bench: Callable[..., Any], tmp_path: Path) -> None:
    evil = ("/../../x", "/%2e%2e/%2e%2e/x", "/..%2f..%2fx", "/a%00b", "/C:%5Cx", "/CON", "/x;y=../../z")
    site.faq("/", links=evil)
    for path in evil:
        site.faq(path, f"¿Cómo configuro el aparato {path}?")
        site.pages[path] = (
            200,
            {"Content-Type": HTML, "Content-Disposition": 'attachment; filename="../../../x.html"'},
            site.pages[path],
        )
    work = bench()
    before = {path for path in tmp_path.rglob("*") if path.parent != work.project.pages}
    work.crawl()
    files = [path.name for path in work.project.pages.iterdir()]
    assert files
    assert all(re.fullmatch(r"ayuda-[0-9T]+(?:-\w+)*\.warc\.gz", name) for name in files), files
    strays = {path for path in tmp_path.rglob("*") if path.parent != work.project.pages} - before
    assert {path.name for path in strays} <= {"pages", "tamiz.db", "tamiz.db-wal", "tamiz.db-shm"}
