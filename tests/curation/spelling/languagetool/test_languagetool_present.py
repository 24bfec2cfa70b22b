"""`tamiz doctor` finds LanguageTool where the engine does."""

from __future__ import annotations

from curation.spelling.languagetool.present import languagetool_check


def test_a_server_that_answers_is_there(stand_in) -> None:
    check = languagetool_check(stand_in.url)
    assert (check.ok, check.found) == (True, stand_in.url)
    assert stand_in.asked == []


def test_one_that_does_not_answer_is_missing_with_what_to_do() -> None:
    check = languagetool_check("http://127.0.0.1:9")
    assert (check.ok, check.found) == (False, "no answer from http://127.0.0.1:9")
    assert "LTP_PATH" in check.remedy


def test_an_installed_one_is_named_by_its_jar(fake_jar, monkeypatch) -> None:
    monkeypatch.setenv("LTP_PATH", str(fake_jar.parent))
    assert (languagetool_check("").ok, languagetool_check("").found) == (True, str(fake_jar))


def test_none_is_missing_with_how_to_bring_one(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LTP_PATH", str(tmp_path))
    check = languagetool_check("")
    assert not check.ok
    assert "not needed" in check.remedy
    assert "LTP_PATH" in check.remedy


def test_the_public_service_is_none_that_can_be_used() -> None:
    check = languagetool_check("https://api.languagetool.org")
    assert not check.ok
    assert "forbids automated use" in check.remedy
