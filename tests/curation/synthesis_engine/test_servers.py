"""Servers that are busy, slow, broken, dying, strange or not ours: real HTTP on loopback."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from curation.synthesis.providers.compatible import CompatibleProvider, is_local
from curation.synthesis.providers.statuses import wait_asked_for
from tamiz.errors import SettingsError
from tamiz.settings.synthesis import SynthesisSettings
from tamiz.synthledger import spent_by_recipe

KEY = "sk-secret-0123456789abcdef"


def test_a_storm_of_429_is_waited_out_with_fewer_calls_at_a_time(file_bench, server, refuse) -> None:
    server.behave = lambda number, body: refuse(429, "slow down", Retry_After="0.05") if number <= 12 else None
    report = file_bench.run(concurrency=8)
    assert (report.failed, report.ok) == (0, report.materials)
    assert len(server.bodies) == report.materials + 12


def test_a_pause_that_the_server_asks_for_holds_every_call(file_bench, server, refuse) -> None:
    server.behave = lambda number, body: refuse(429, "slow down", Retry_After="0.6") if number == 1 else None
    report = file_bench.run(concurrency=1)
    assert report.failed == 0
    assert server.times[1] - server.times[0] >= 0.6


def test_a_longer_pause_than_we_have_patience_for_stops_the_run(file_bench, server, refuse) -> None:
    server.behave = lambda number, body: refuse(429, "come back", Retry_After="7200")
    report = file_bench.run(concurrency=1)
    assert "pause of 7,200 s" in report.stopped
    assert (report.asked, report.failed, report.not_asked) == (0, 0, report.materials)


def test_an_account_without_credit_stops_the_run_at_once(file_bench, server, refuse) -> None:
    server.behave = lambda number, body: refuse(429, "You exceeded your current quota (insufficient_quota)")
    report = file_bench.run(concurrency=1)
    assert "used up" in report.stopped
    assert len(server.bodies) == 1


def test_errors_of_the_server_are_tried_again(file_bench, server, refuse, hang_up) -> None:
    trouble = {1: refuse(503), 2: hang_up, 3: refuse(500), 4: {"no": "answer"}}
    server.behave = lambda number, body: trouble.get(number)
    report = file_bench.run(concurrency=1)
    assert (report.failed, report.ok) == (0, report.materials)
    assert len(server.bodies) == report.materials + 4


def test_a_dying_server_stops_the_run_and_the_failed_calls_are_asked_again_on_demand(
    file_bench, server, refuse
) -> None:
    server.behave = lambda number, body: refuse(503, "dying") if number > 4 else None
    report = file_bench.run(concurrency=1, tries=2)
    assert (report.ok, report.failed) == (4, 5)
    assert report.asked == report.ok + report.failed
    assert "failed, most often: server error 503: dying" in report.stopped
    assert report.not_asked == report.materials - 9
    assert "--retry-failed" in report.then()
    server.behave = lambda number, body: None
    plain = file_bench.run()
    assert (plain.asked, plain.failed_before) == (report.not_asked, 5)
    retried = file_bench.run(wanted={"retry_failed": True})
    assert (retried.asked, retried.ok, retried.answered_before) == (5, 5, report.materials - 5)
    assert len(file_bench.made()) == 2 * report.materials


def wrong(bench, server, **changes) -> Any:
    """A run that stops at once, with nothing counted; the same with what was wrong mended does all of it."""
    report = bench.run(wanted={"limit": 2}, **changes)
    assert (report.asked, report.ok, report.failed, report.not_asked) == (0, 0, 0, 2)
    assert report.wrong
    assert report.then() == "mend what is wrong, then tamiz synth rephrase"
    assert spent_by_recipe(bench.store)[0].pending > 0
    server.behave = lambda number, body: None
    mended = bench.run(wanted={"limit": 2})
    assert (mended.asked, mended.ok, mended.failed_before, mended.stopped) == (2, 2, 0, "")
    assert spent_by_recipe(bench.store)[0].pending == 0
    return report


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_stops_the_run_and_its_calls_wait_for_the_right_one(file_bench, server, refuse, status) -> None:
    server.behave = lambda number, body: refuse(status, "Incorrect API key")
    report = wrong(file_bench, server)
    assert "TAMIZ_SYNTH_KEY is not set" in report.stopped
    assert "export TAMIZ_SYNTH_KEY=" in report.stopped


def test_a_server_that_is_not_there_stops_the_run_at_once_and_nothing_has_failed(file_bench, server) -> None:
    file_bench.settings, here = replace(file_bench.settings, base_url="http://127.0.0.1:9/v1"), server.address
    report = file_bench.run(wanted={"limit": 2})
    assert (report.asked, report.failed, report.not_asked) == (0, 0, 2)
    assert "no server answers at http://127.0.0.1:9/v1. Start it" in report.stopped
    assert file_bench.run(wanted={"limit": 2}, base_url=here).ok == 2


@pytest.mark.parametrize(
    ("status", "said"),
    [
        pytest.param(404, "The model `tiny` does not exist.", id="vLLM"),
        pytest.param(404, "model 'tiny' not found", id="Ollama"),
        pytest.param(400, "Server is pinned to 'gemma'; requested 'tiny'.", id="transformers serve"),
        pytest.param(400, "tiny is not a valid model ID", id="a hosted one"),
    ],
)
def test_an_unknown_model_stops_the_run_which_names_those_that_the_server_has(
    file_bench, server, refuse, status, said
) -> None:
    server.behave, server.models = lambda number, body: refuse(status, said), ["gemma3:4b", "llama3"]
    report = wrong(file_bench, server, concurrency=1)
    assert "has no model 'tiny'; it has gemma3:4b, llama3. Give one of these as --model" in report.stopped
    assert said in report.stopped


@pytest.mark.parametrize("page", [False, True])
def test_an_address_without_a_chat_api_stops_the_run(file_bench, server, refuse, page) -> None:
    server.behave = lambda number, body: b"<html>Hi!</html>" if page else refuse(405, "Method Not Allowed")
    assert "up to and with /v1" in wrong(file_bench, server).stopped


def test_a_question_that_the_server_flags_fails_alone(file_bench, server, refuse) -> None:
    flags = {1: "Your input was flagged by moderation", 3: "forbidden"}
    server.behave = lambda number, body: refuse(403, flags[number]) if number in flags else None
    report = file_bench.run(wanted={"limit": 4}, concurrency=1)
    assert (report.ok, report.failed, report.stopped) == (2, 2, "")


def test_a_server_that_is_gone_in_between_is_tried_again_and_then_the_rest_waits(file_bench, server) -> None:
    server.behave = lambda number, body: server.leave() if number == 3 else None
    report = file_bench.run(concurrency=1, tries=2)
    assert (report.asked, report.ok) == (3, 3)
    assert "no server answers at" in report.stopped
    assert report.not_asked == report.materials - 3


def test_a_run_whose_every_call_fails_because_of_the_server_is_no_success(file_bench, server, refuse) -> None:
    server.behave = lambda number, body: refuse(500, "out of memory")
    report = file_bench.run(wanted={"limit": 2}, tries=1)
    assert (report.asked, report.failed) == (2, 2)
    assert report.wrong
    assert "every call failed, most often: server error 500: out of memory" in report.stopped


def test_tries_without_an_answer_cost_their_question(file_bench, server, hang_up) -> None:
    server.behave = lambda number, body: hang_up if number <= 2 else None
    report = file_bench.run(wanted={"limit": 1})
    assert len(server.bodies) == 3
    (spent,) = spent_by_recipe(file_bench.store)
    assert report.prompt_tokens == spent.prompt_tokens > 400 + 2 * 50


def test_a_slow_server_gets_no_further_tries_than_the_tokens_allow(file_bench, server) -> None:
    server.delay = 0.3
    report = file_bench.run(max_tokens=400, timeout_seconds=0.05, tries=50, concurrency=1)
    assert report.limited
    assert 0 < report.prompt_tokens <= 400 + 150
    assert report.asked == report.failed == 1
    assert "goes on where it stopped; --retry-failed asks again what failed" in report.then()


def test_a_slow_server_is_given_up_after_the_timeout(file_bench, server) -> None:
    server.delay = 0.5
    report = file_bench.run(wanted={"limit": 1}, timeout_seconds=0.1, tries=2)
    assert report.failures == {"no reply within 0.1 s": 1}
    assert len(server.bodies) == 2


def test_cut_off_json_is_asked_for_again_with_more_room(file_bench, server, said) -> None:
    def behave(number, body):
        return said(body, '{"questions": ["¿Cómo pa', "length") if len(body["messages"]) == 2 else None

    server.behave = behave
    report = file_bench.run(wanted={"limit": 3}, concurrency=1)
    assert (report.asked, report.ok, report.failed) == (6, 3, 3)
    assert report.failures == {"unusable reply: cut off": 3}
    assert [body["max_tokens"] for body in server.bodies] == [60, 120] * 3
    assert len(file_bench.made()) == 6
    again = file_bench.run(wanted={"limit": 3})
    assert (again.asked, again.answered_before) == (0, 3)


def test_what_can_be_repaired_is_not_asked_for_again(file_bench, server, good_text) -> None:
    server.behave = lambda number, body: f"<think>hm {{</think>Sure!\n```json\n{good_text(body)[:-1]},}}\n```"
    report = file_bench.run(wanted={"limit": 3})
    assert (report.asked, report.ok) == (3, 3)


def test_a_useless_reply_is_asked_for_once_more_and_then_fails_visibly(file_bench, server) -> None:
    server.behave = lambda number, body: json.dumps({"questions": ["useless"]})
    report = file_bench.run(wanted={"limit": 2}, concurrency=1)
    assert (report.asked, report.ok, report.failed) == (4, 0, 4)
    assert report.failures == {"unusable reply: no question in it": 4}
    assert "no question in it" in server.bodies[1]["messages"][3]["content"]
    assert server.bodies[1]["messages"][2] == {"role": "assistant", "content": '{"questions": ["useless"]}'}
    assert file_bench.made() == []


def test_too_many_useless_replies_stop_the_run(file_bench, server) -> None:
    server.behave = lambda number, body: "I cannot do that."
    report = file_bench.run(concurrency=1)
    assert "10 of the last 10 calls failed, most often: unusable reply: not JSON" in report.stopped
    assert report.not_asked == report.materials - 10


@pytest.mark.parametrize(
    ("complaint", "left"),
    [
        pytest.param("'response_format.type' must be json_object or text", "json_object", id="knows json_object only"),
        pytest.param("response_format is not supported", None, id="knows no form"),
    ],
)
def test_a_server_that_does_not_know_schemas_is_asked_without(file_bench, server, refuse, complaint, left) -> None:
    def behave(number, body):
        form = body.get("response_format", {}).get("type")
        return refuse(400, complaint) if form == "json_schema" or (form and not left) else None

    server.behave = behave
    report = file_bench.run(wanted={"limit": 4}, concurrency=1)
    assert (report.asked, report.ok) == (4, 4)
    assert server.bodies[-1].get("response_format", {}).get("type") == left


def test_what_else_a_server_does_not_know_is_left_out(file_bench, server, refuse) -> None:
    def behave(number, body):
        for name in ("max_tokens", "seed", "temperature"):
            if name in body:
                other = ", use max_completion_tokens" if name == "max_tokens" else ""
                return refuse(400, f"Unsupported parameter: '{name}'{other}")
        return None

    server.behave = behave
    report = file_bench.run(wanted={"limit": 2}, concurrency=1)
    assert report.ok == 2
    assert server.bodies[-1]["max_completion_tokens"] == 60
    assert len(server.bodies) == 5


def test_a_call_that_is_refused_fails_alone(file_bench, server, refuse) -> None:
    server.behave = lambda number, body: refuse(400, "the context is too long") if number == 2 else None
    report = file_bench.run(wanted={"limit": 3}, concurrency=1)
    assert (report.ok, report.failed, report.stopped) == (2, 1, "")
    assert report.failures == {"refused (400)": 1}


def test_the_key_comes_from_the_environment_and_stands_nowhere(file_bench, server, refuse, monkeypatch) -> None:
    monkeypatch.setenv("TAMIZ_SYNTH_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-somebody-elses")
    server.behave = lambda number, body: refuse(401, f"Incorrect API key: {KEY[:6]}***{KEY[-4:]} or {KEY}")
    report = file_bench.run(concurrency=1)
    assert server.keys == [f"Bearer {KEY}"]
    assert "refuses the key in TAMIZ_SYNTH_KEY" in report.stopped
    assert report.asked == 0
    file_bench.store.close()
    kept = b"".join(path.read_bytes() for path in file_bench.project.folder.rglob("*") if path.is_file())
    assert KEY.encode() not in kept
    assert KEY not in str(report)
    assert KEY[-4:] not in report.stopped


def test_without_a_key_nothing_of_the_environment_is_sent(file_bench, server, monkeypatch) -> None:
    monkeypatch.delenv("TAMIZ_SYNTH_KEY", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-somebody-elses")
    file_bench.run(wanted={"limit": 1})
    assert server.keys == ["Bearer none"]


def test_a_redirect_is_not_followed(file_bench, server, refuse) -> None:
    server.behave = lambda number, body: refuse(307, "moved", Location="http://127.0.0.1:9/v1/chat/completions")
    report = file_bench.run(concurrency=1)
    assert "sends us elsewhere (307)" in report.stopped


def test_no_more_calls_are_in_flight_than_the_settings_say(file_bench, server) -> None:
    server.delay = 0.05
    report = file_bench.run(concurrency=2)
    assert report.failed == 0
    assert server.most_at_once == 2


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("http://ana:pw@127.0.0.1:8000/v1", id="password"),
        pytest.param("http://127.0.0.1:8000/v1?key=1", id="key in the query"),
        pytest.param("ftp://127.0.0.1/v1", id="no http"),
        pytest.param("http://127.0.0.1:x/v1", id="no port"),
    ],
)
def test_an_address_with_a_secret_or_none_at_all_is_refused(address) -> None:
    with pytest.raises(SettingsError, match="base_url") as refused:
        SynthesisSettings(base_url=address)
    assert "pw" not in str(refused.value)


def test_a_model_has_to_be_named() -> None:
    with pytest.raises(SettingsError, match="model is empty"):
        CompatibleProvider(SynthesisSettings())


def test_which_addresses_are_of_this_machine() -> None:
    assert [is_local(one) for one in ("http://localhost:1/v1", "http://127.9.9.9/v1", "http://[::1]:8/v1")] == [
        True
    ] * 3
    assert not is_local("http://10.0.0.7:8000/v1")
    assert not is_local("https://api.example.org/v1")


def test_a_pause_may_be_named_as_a_date() -> None:
    late = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 100))
    assert 90 < (wait_asked_for({"Retry-After": late}) or 0) <= 100
    assert wait_asked_for({"retry-after-ms": "250"}) == 0.25
    assert wait_asked_for({"Retry-After": "soon"}) is None


@pytest.mark.parametrize("told", [-1000, 0, 1, 60])
def test_a_server_that_tells_fewer_tokens_is_not_let_past_a_limit(file_bench, server, said, good_text, told) -> None:
    def behave(number, body):
        return {**said(body, good_text(body)), "usage": {"prompt_tokens": told, "completion_tokens": told}}

    server.behave = behave
    report = file_bench.run(max_tokens=700, concurrency=1)
    assert report.limited
    assert 0 < report.asked == report.ok < report.materials
    assert report.prompt_tokens + report.completion_tokens <= 700
    assert report.prompt_tokens > 100 * report.asked
