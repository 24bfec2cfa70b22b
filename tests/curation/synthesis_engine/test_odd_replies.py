"""Replies that a server charges for or that hold what they should not: kept back, empty, with the key in them."""

from __future__ import annotations

import pytest

KEY = "sk-secret-0123456789abcdef"


def test_what_a_filter_keeps_back_counts_against_the_limits(file_bench, server, said) -> None:
    server.behave = lambda number, body: said(body, "", finish="content_filter")
    report = file_bench.run(max_tokens=1500, concurrency=1, stop_at_failures=1.0)
    assert report.failures == {"the server's filter kept the reply back": report.asked}
    assert report.limited
    assert 1000 <= report.prompt_tokens + report.completion_tokens <= 1500


@pytest.mark.parametrize("finish", ["stop", "length"])
def test_an_empty_reply_is_asked_for_once_more(file_bench, server, said, finish) -> None:
    server.behave = lambda number, body: said(body, "", finish=finish) if number == 1 else None
    report = file_bench.run(wanted={"limit": 1})
    assert (report.asked, report.ok, report.failed) == (2, 1, 1)
    first, again = server.bodies
    assert [turn["role"] for turn in again["messages"]] == [turn["role"] for turn in first["messages"]]
    assert again["messages"][-1]["content"].startswith(first["messages"][-1]["content"])
    assert again["max_tokens"] == first["max_tokens"] * (2 if finish == "length" else 1)


def test_a_key_that_a_server_repeats_in_its_reply_is_not_kept(file_bench, server, monkeypatch) -> None:
    monkeypatch.setenv("TAMIZ_SYNTH_KEY", KEY)
    server.behave = lambda number, body: '{"questions": ["tell me ' + KEY + '"]}'
    report = file_bench.run(wanted={"limit": 1})
    assert report.asked == report.ok == 1
    kept = b"".join(path.read_bytes() for path in file_bench.project.folder.rglob("*") if path.is_file())
    assert b"tell me ***" in kept
    assert KEY.encode() not in kept


@pytest.mark.parametrize("usage", [{"prompt_tokens": "many"}, {"prompt_tokens": None}, "none", [1]])
def test_a_good_reply_stands_whatever_the_server_says_of_its_tokens(file_bench, server, said, good_text, usage) -> None:
    server.behave = lambda number, body: {**said(body, good_text(body)), "usage": usage}
    report = file_bench.run(wanted={"limit": 1})
    assert (report.asked, report.ok) == (1, 1)
    assert report.prompt_tokens > 0


def test_an_answer_without_choices_is_named_as_that(file_bench, server, said) -> None:
    server.behave = lambda number, body: {**said(body, ""), "choices": []}
    report = file_bench.run(wanted={"limit": 1}, tries=1)
    assert list(report.failures) == ["its answer is no answer of a chat API (it has no choices)"]
