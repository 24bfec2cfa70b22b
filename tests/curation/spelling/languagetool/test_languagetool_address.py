"""Which LanguageTool may be asked: never the public service, however its address is written or reached."""

from __future__ import annotations

import pytest

from curation.spelling.languagetool.address import read_address
from curation.spelling.languagetool.engine import connect_engine
from curation.steps import NotNow
from tamiz.errors import SettingsError
from tamiz.settings import SpellingSettings

REASON = "forbids automated use"


@pytest.mark.parametrize(
    "url",
    [
        "https://api.languagetool.org",
        "https://api.languagetool.org/v2",
        "http://languagetool.org:8081/v2/check",
        "https://API.LanguageTool.ORG./v2",
        "https://api.languagetool.org..",
        "https://a.b.c.languagetool.org",
        "https://languagetoolplus.com",
        "https://api.languagetoolplus.com:443/v2",
        "https://someone:secret@api.languagetool.org",
        "https://api.languagetool%2Eorg",
        "https://api。languagetool。org",
        "https://ａｐｉ.ｌanguagetool.org",
        "https://api.language\u00adtool.org",
        "  https://api.languagetool.org",
    ],
)
def test_the_public_service_is_refused_with_the_reason(url: str) -> None:
    with pytest.raises(SettingsError, match=REASON):
        connect_engine(SpellingSettings(url=url.strip()), cache=None)
    with pytest.raises(SettingsError, match=REASON):
        read_address(url)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081"),
        ("http://localhost:8081/v2/", "http://localhost:8081"),
        ("https://lt.example/tools/v2/check", "https://lt.example:443/tools"),
        ("http://[::1]:8081", "http://[::1]:8081"),
        ("https://languagetool.example", "https://languagetool.example:443"),
        ("https://notlanguagetool.org", "https://notlanguagetool.org:443"),
    ],
)
def test_a_server_of_ones_own_is_read_with_or_without_the_path(url: str, address: str) -> None:
    assert str(read_address(url)) == address


@pytest.mark.parametrize("url", ["http://", "http://a:b:c", "http://127.0.0.1:99999", "http://..", "ftp://a"])
def test_what_is_no_address_is_named(url: str) -> None:
    with pytest.raises(SettingsError, match=r"\[curation\.spelling\] url is '"):
        read_address(url)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        pytest.param("https://api.languagetool.org/v2/check", REASON, id="the public service"),
        pytest.param("https://API.languagetool.org./v2/check", REASON, id="the public service in other letters"),
        pytest.param("http://127.0.0.1:1/v2/check", "give its address as", id="another server"),
    ],
)
def test_texts_do_not_follow_where_a_server_leads(stand_in, target: str, reason: str) -> None:
    stand_in.mode, stand_in.target = "redirect", target
    with pytest.raises(NotNow, match=reason):
        connect_engine(SpellingSettings(url=stand_in.url), cache=None)
    assert stand_in.asked == []
