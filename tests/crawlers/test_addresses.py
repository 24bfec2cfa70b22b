from __future__ import annotations

import json
import socket
import subprocess
import sys

import pytest

from crawlers.addresses import (
    Scope,
    address_key,
    canonical_address,
    looks_like_forum,
    named_canonical,
    thread_address,
)
from crawlers.resolver import is_public
from crawlers.settings import scrapy_settings, user_agent
from tamiz.settings import CrawlSettings, SourceSettings


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        pytest.param("HTTPS://Ayuda.Example:443/FAQ#uno", "https://ayuda.example/FAQ", id="case-port-fragment"),
        pytest.param("http://a.example", "http://a.example/", id="no-path"),
        pytest.param("http://a.example/t;jsessionid=1A2B?x=1", "http://a.example/t?x=1", id="session-in-path"),
        pytest.param("http://a.example/v?t=5&sid=0a#p9", "http://a.example/v?t=5", id="phpbb-session"),
        pytest.param("http://a.example/v?s=0123456789abcdef&t=1", "http://a.example/v?t=1", id="vbulletin-session"),
        pytest.param("http://a.example/?s=router", "http://a.example/?s=router", id="s-may-be-a-search"),
        pytest.param("http://a.example/l?b=2&a=1", "http://a.example/l?b=2&a=1", id="order-of-parameters-is-kept"),
        pytest.param("http://a.example/l?utm_source=x&fbclid=y", "http://a.example/l", id="tracking"),
        pytest.param(
            "http://a.example/viewforum.php?f=1&st=0&sk=t&sd=d", "http://a.example/viewforum.php?f=1", id="phpbb"
        ),
        pytest.param(
            "http://a.example/viewforum.php?f=1&st=7", "http://a.example/viewforum.php?f=1&st=7", id="st-of-a-week"
        ),
        pytest.param(
            "http://a.example/questions/5/a?answertab=votes#tab-top", "http://a.example/questions/5/a", id="answers"
        ),
        pytest.param("http://a.example/questions/5/a?noredirect=1&lq=1", "http://a.example/questions/5/a", id="linked"),
        pytest.param("http://a.example/i.php?topic=5.20;all", "http://a.example/i.php?topic=5.20", id="smf-all"),
        pytest.param("http://a.example/i.php?topic=5.0;topicseen", "http://a.example/i.php?topic=5.0", id="smf-seen"),
        pytest.param("http://a.example/i.php?topic=5.0;wap2", "http://a.example/i.php?topic=5.0;wap2", id="smf-else"),
        pytest.param("http://a.example/discussion/5/wifi/p1", "http://a.example/discussion/5/wifi", id="vanilla"),
        pytest.param(
            "http://a.example/discussion/5/wifi/p12", "http://a.example/discussion/5/wifi/p12", id="vanilla-12"
        ),
        pytest.param("http://a.example/thread-5-page-1.html", "http://a.example/thread-5.html", id="mybb"),
        pytest.param("http://a.example/thread-5-page-12.html", "http://a.example/thread-5-page-12.html", id="mybb-12"),
        pytest.param("http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080/", id="ipv6"),
        pytest.param("http://a.example/año", "http://a.example/a%C3%B1o", id="letters"),
        pytest.param("http://user:key@a.example/", "", id="credentials"),
        pytest.param("http://a.example:99999/", "", id="impossible-port"),
        pytest.param("javascript:alert(1)", "", id="javascript"),
        pytest.param("file:///etc/passwd", "", id="file"),
        pytest.param("data:text/html,x", "", id="data"),
        pytest.param("ftp://a.example/", "", id="ftp"),
        pytest.param("http:///x", "", id="no-host"),
    ],
)
def test_an_address_has_one_form(url: str, canonical: str) -> None:
    assert canonical_address(url) == canonical
    assert canonical_address(canonical) == canonical


@pytest.mark.parametrize(
    ("url", "refusal"),
    [
        pytest.param("https://ayuda.example/soporte/faq", "", id="inside"),
        pytest.param("http://www.ayuda.example/soporte/faq", "", id="www-and-scheme-are-one-site"),
        pytest.param("https://ayuda.example/", "outside the source's folder", id="above"),
        pytest.param("https://ayuda.example.evil/soporte/", "another site", id="longer-host"),
        pytest.param("https://ayuda.example:8443/soporte/", "another site", id="port"),
        pytest.param("https://ayuda.example/soporte/logo.png", "not a page, by its ending", id="picture"),
    ],
)
def test_a_source_has_its_host_and_folder(url: str, refusal: str) -> None:
    scope = Scope.of(SourceSettings(name="a", url="https://ayuda.example/soporte/inicio"))
    assert scope.refusal(url) == refusal


def test_a_thread_s_pages_share_an_address() -> None:
    assert thread_address("http://f.example/viewtopic.php?t=5&start=20") == "http://f.example/viewtopic.php?t=5"


@pytest.mark.parametrize(
    ("url", "forum"),
    [
        ("https://foro.example/", True),
        ("https://a.example/forums/x", True),
        ("https://a.example/showthread.php?t=1", True),
        ("https://a.example/performance/", False),
        ("https://forosur.example/", False),
    ],
)
def test_forums_are_known_by_their_address(url: str, forum: bool) -> None:
    assert looks_like_forum(url) is forum


PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "127.0.0.1",
    "127.1.2.3",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.254",
    "192.0.0.1",
    "192.0.2.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:7f00:1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "fc00::1",
    "fd00::1",
    "fd12:3456:789a::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "nonsense",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_inner_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "64:ff9b::8.8.8.8"])
def test_outer_addresses_are_public(address: str) -> None:
    assert is_public(address)


FORMS = ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "127.000.000.001", "0", "0.0.0.0"]
FORMS += ["localhost", "LOCALHOST", "localhost.", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:0:0:1"]
DIAL = """
import json, socket, sys
from scrapy.utils.reactor import install_reactor
install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
from twisted.internet import reactor
from twisted.internet.defer import DeferredList
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.protocol import Factory, Protocol
from crawlers.resolver import PublicResolver
PublicResolver(reactor, cache_size=100).install_on_reactor()
forms, ports = sys.argv[2:], [int(port) for port in sys.argv[1].split(",")]
factory = Factory.forProtocol(Protocol)
dial = [HostnameEndpoint(reactor, form, port).connect(factory) for form in forms for port in ports]
def report(results):
    print(json.dumps([succeeded for succeeded, _ in results]))
    reactor.stop()
DeferredList(dial, consumeErrors=True).addCallback(report)
reactor.run()
"""


def test_no_way_of_writing_an_inner_address_is_dialled() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as four,
        socket.create_server(("::1", 0), family=socket.AF_INET6) as six,
    ):
        ports = f"{four.getsockname()[1]},{six.getsockname()[1]}"
        run = [sys.executable, "-W", "ignore", "-c", DIAL, ports, *FORMS, socket.gethostname()]
        said = subprocess.run(run, capture_output=True, text=True, timeout=60, check=True).stdout
        for server in (four, six):
            server.setblocking(False)
            with pytest.raises(BlockingIOError):
                server.accept()
    assert json.loads(said) == [False] * 2 * (len(FORMS) + 1)


def test_the_user_agent_says_when_there_is_no_contact() -> None:
    assert "no contact given" in user_agent("")
    assert scrapy_settings(CrawlSettings(contact="https://a.example/bot"))["USER_AGENT"].endswith(
        "(+https://a.example/bot)"
    )


def test_every_door_scrapy_leaves_open_is_closed() -> None:
    settings = scrapy_settings(CrawlSettings(max_page_mb=2))
    for name in ("TELNETCONSOLE_ENABLED", "REMOTE_CONTROL_ENABLED", "COOKIES_ENABLED", "HTTPPROXY_ENABLED"):
        assert settings[name] is False, name
    for name in ("ROBOTSTXT_OBEY", "AUTOTHROTTLE_ENABLED", "DOWNLOAD_VERIFY_CERTIFICATES"):
        assert settings[name] is True, name
    handlers = settings["DOWNLOAD_HANDLERS"]
    assert {scheme for scheme in ("data", "file", "ftp", "s3") if handlers[scheme] is None} == {
        "data",
        "file",
        "ftp",
        "s3",
    }
    assert set(handlers) == {"data", "file", "ftp", "s3", "http", "https"}
    assert settings["DOWNLOAD_MAXSIZE"] == 2_000_000
    assert settings["CONCURRENT_REQUESTS_PER_DOMAIN"] == 1


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        pytest.param("http://f.example/viewtopic.php?f=2&t=5&p=501#p501", "viewtopic.php?f=2&t=5", id="phpbb-post"),
        pytest.param("http://f.example/viewtopic.php?t=5&start=0", "viewtopic.php?t=5", id="phpbb-first-page"),
        pytest.param("http://f.example/viewtopic.php?id=5&p=2", "viewtopic.php?id=5&p=2", id="fluxbb-second-page"),
        pytest.param("http://f.example/showthread.php?tid=5&pid=9#pid9", "showthread.php?tid=5", id="mybb-post"),
        pytest.param("http://f.example/showthread.php?t=5&goto=newpost", "showthread.php?t=5", id="vbulletin-newest"),
        pytest.param("http://f.example/showthread.php?t=5&page=1", "showthread.php?t=5", id="vbulletin-first-page"),
        pytest.param("http://f.example/node?page=1", "node?page=1", id="elsewhere-page-1-may-be-the-second"),
        pytest.param("http://f.example/threads/a-b.12/post-44", "threads/a-b.12/", id="xenforo-post"),
        pytest.param("http://f.example/threads/a-b.12/latest", "threads/a-b.12/", id="xenforo-newest"),
        pytest.param("http://f.example/t/hola/12/4", "t/hola/12", id="discourse-post"),
        pytest.param("http://f.example/t/12/4", "t/12/4", id="numbers-alone-say-nothing"),
        pytest.param("http://f.example/topic/5-a/?do=findComment&comment=4", "topic/5-a/", id="invision-post"),
        pytest.param("http://f.example/ayuda/?print=1", "ayuda/", id="print-view"),
        pytest.param("http://f.example/blog/page/1/", "blog/", id="first-page-in-path"),
        pytest.param("http://f.example/v?t=5&sid=0123456789abcdef0123456789abcdef", "v?t=5", id="session-at-the-end"),
        pytest.param("http://f.example/v?sid=0123456789abcdef0123456789abcdef&t=5", "v?t=5", id="session-first"),
    ],
)
def test_a_thread_has_one_address_however_it_is_linked(url: str, canonical: str) -> None:
    assert canonical_address(url) == f"http://f.example/{canonical}"
    assert canonical_address(canonical_address(url)) == canonical_address(url)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://a.example/faq/", "https://www.a.example/faq"),
        ("http://a.example/faq/index.html", "http://a.example/faq/"),
        ("http://a.example/l?a=1&b=2", "http://a.example/l?b=2&a=1"),
        ("http://a.example/viewtopic.php?f=2&t=5", "http://a.example/viewtopic.php?t=5"),
        ("http://a.example/t/un-tema/12", "http://a.example/t/12"),
        ("http://a.example/threads/un-tema.12/", "http://a.example/threads/otro.12/"),
        ("http://a.example/questions/12/como", "http://a.example/questions/12"),
    ],
)
def test_ways_to_write_an_address_have_one_key(one: str, other: str) -> None:
    assert address_key(one) == address_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://a.example/faq", "http://a.example/FAQ"),
        ("http://a.example/faq", "http://a.example:8080/faq"),
        ("http://a.example/viewtopic.php?t=5", "http://a.example/viewtopic.php?t=5&start=10"),
        ("http://a.example/questions/12/como", "http://a.example/questions/13/como"),
    ],
)
def test_other_pages_have_other_keys(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


@pytest.mark.parametrize(
    ("head", "named"),
    [
        pytest.param('<link rel="canonical" href="/a?x=1&amp;y=2">', "http://a.example/a?x=1&y=2", id="relative"),
        pytest.param("<LINK href=/a rel=canonical>", "http://a.example/a", id="capitals-no-quotes"),
        pytest.param('<link rel="canonical" href="/a"><link rel="canonical" href="/b">', "", id="two"),
        pytest.param('<link rel="alternate" href="/a">', "", id="another-relation"),
        pytest.param('<link rel="canonical" href="http://[x">', "", id="no-address"),
        pytest.param('<link rel="canonical" href="javascript:alert(1)">', "", id="no-page"),
    ],
)
def test_a_page_names_its_canonical_address(head: str, named: str) -> None:
    assert named_canonical(f"<html><head>{head}</head>", "http://a.example/p") == named
