"""The JSON of platforms' interfaces: what is read of it, and that nothing in it can trip a reader."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crawlers.apis import APIS, missing_posts
from crawlers.pages import read_json
from crawlers.pages.zendesk import states_a_task

ANSWER = "<p>Abre los <b>ajustes</b>, pulsa en Restablecer y espera dos minutos.</p>"
DISCOURSE = {
    "id": 5,
    "slug": "router",
    "title": "¿Cómo reinicio el router?",
    "tags": ["router"],
    "post_stream": {
        "posts": [
            {"id": 1, "post_number": 1, "post_type": 1, "username": "ana", "cooked": "<p>No arranca.</p>"},
            {"id": 2, "post_number": 2, "post_type": 3, "username": "system", "cooked": "<p>Cerrado.</p>"},
            {"id": 3, "post_number": 3, "post_type": 1, "username": "luis", "cooked": ANSWER, "accepted_answer": True},
        ],
        "stream": [1, 2, 3],
    },
}
QUESTION = {
    "question_id": 1,
    "title": "&iquest;C&oacute;mo reinicio el router?",
    "body": "<p>No arranca.</p>",
    "link": "https://a.example/questions/1/x",
    "owner": {"user_id": 1},
    "answers": [{"answer_id": 2, "body": ANSWER, "score": 2, "is_accepted": True, "owner": {"user_id": 2}}],
}
STACK = {"items": [QUESTION], "has_more": False, "quota_remaining": 9}
ZENDESK = {
    "articles": [
        {
            "title": "Restablecer el router",
            "body": ANSWER,
            "section_id": 1,
            "locale": "es",
            "html_url": "https://a.example/hc/1",
        }
    ],
    "sections": [{"id": 1, "name": "Router"}],
    "next_page": None,
}


def listing(*children: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"children": list(children), "after": None}}


ASKED = {
    "title": "¿Cómo reinicio el router?",
    "selftext": "No arranca.",
    "author": "ana",
    "permalink": "/r/a/comments/x/r/",
}
COMMENT = {
    "author": "luis",
    "body": "Abre los ajustes, pulsa en Restablecer y espera dos minutos.",
    "score": 5,
    "replies": "",
}
REDDIT = [listing({"kind": "t3", "data": ASKED}), listing({"kind": "t1", "data": COMMENT})]

ANSWERS = {"discourse": DISCOURSE, "stackexchange": STACK, "zendesk": ZENDESK, "reddit": REDDIT}
URL = "https://a.example/t/5.json"


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_gives_its_pair_with_its_own_address(name: str) -> None:
    reading = read_json(json.dumps(ANSWERS[name]), URL)
    assert reading.reason is None
    (pair,) = reading.pairs
    assert pair.question.startswith(("¿Cómo reinicio el router?", "Restablecer el router"))
    assert "Restablecer y espera dos minutos" in pair.answer
    assert pair.url.startswith("https://a.example/")
    assert pair.url != URL


def variants(value: Any) -> Any:
    """The same answer with each part, at whatever depth, replaced by things it should not be."""
    yield from (None, 0, -1.5, True, "", "x\x00\ud800", [], {}, [None], {"a": 1}, [[]], 10**30)
    if isinstance(value, dict):
        for key, part in value.items():
            for other in variants(part):
                yield {**value, key: other}
            yield {name: part for name, part in value.items() if name != key}
    elif isinstance(value, list):
        for n, part in enumerate(value):
            for other in variants(part):
                yield [*value[:n], other, *value[n + 1 :]]


@pytest.mark.parametrize("name", ANSWERS)
def test_no_answer_trips_a_reader(name: str) -> None:
    for value in variants(ANSWERS[name]):
        reading = read_json(json.dumps(value), URL)
        assert bool(reading.pairs) == (reading.reason is None)


@pytest.mark.parametrize("name", APIS)
def test_no_answer_leads_astray(name: str) -> None:
    lists: dict[str, Any] = {
        "discourse": {"topic_list": {"topics": [{"id": 5, "slug": "x"}], "more_topics_url": "/latest?page=1"}},
        "stackexchange": {**STACK, "has_more": True},
        "helpcenter": {**ZENDESK, "next_page": "https://a.example/next"},
        "reddit": listing({"kind": "t3", "data": {**ASKED, "id": "x1"}}),
    }
    for value in variants(lists[name]):
        for lead in APIS[name].leads(value, "https://a.example/api?page=1", "https://a.example/"):
            assert lead.url.startswith("https://a.example/")


def test_comments_nest_as_deep_as_they_like() -> None:
    nested: Any = ""
    for _ in range(100):
        nested = listing({"kind": "t1", "data": {**COMMENT, "replies": nested}})
    assert read_json(json.dumps([REDDIT[0], nested]), URL).kind == "forum"
    assert read_json('{"a":' * 100_000, URL).reason == "not JSON"


def test_posts_that_an_answer_leaves_out_are_asked_for_in_parts() -> None:
    topic = {"post_stream": {"posts": [{"id": 1}], "stream": list(range(1, 1000))}}
    parts = missing_posts(topic, "https://a.example/foro/t/5.json")
    assert len(parts) == 20  # 400 posts at most
    assert parts[0].startswith("https://a.example/foro/t/5/posts.json?post_ids%5B%5D=2&post_ids%5B%5D=3&")
    assert missing_posts({"post_stream": {"posts": [{"id": 1}], "stream": [1]}}, URL) == []


@pytest.mark.parametrize(
    ("source", "first"),
    [
        ("https://a.example/", "https://a.example/latest.json"),
        ("https://a.example/foro", "https://a.example/foro/latest.json"),
        ("https://a.example/c/ayuda/7", "https://a.example/c/ayuda/7.json"),
        ("https://a.example/t/router/5/12", "https://a.example/t/5.json"),
    ],
)
def test_discourse_begins_where_the_source_points(source: str, first: str) -> None:
    assert APIS["discourse"].first(source, "") == first


@pytest.mark.parametrize(
    ("source", "first"),
    [
        ("https://a.example/", "articles.json?include=sections&per_page=100"),
        ("https://a.example/hc/en-us", "en-us/articles.json?include=sections&per_page=100"),
        ("https://a.example/hc/es/sections/12-Pagos", "es/sections/12/articles.json?include=sections&per_page=100"),
        ("https://a.example/hc/es/articles/9-x", "es/articles/9.json?include=sections"),
    ],
)
def test_a_help_centre_begins_where_the_source_points(source: str, first: str) -> None:
    assert APIS["helpcenter"].first(source, "") == f"https://a.example/api/v2/help_center/{first}"


def test_a_tag_or_a_question_of_stack_exchange_is_asked_for_alone() -> None:
    made = {"items": [{"filter": "!x"}]}
    url = "https://api.stackexchange.com/2.3/filters/create?x"
    leads = APIS["stackexchange"].leads
    (tagged,) = leads(made, url, "https://unix.stackexchange.com/questions/tagged/wifi+dns")
    assert "site=unix.stackexchange.com" in tagged.url
    assert "tagged=wifi%3Bdns" in tagged.url
    (one,) = leads(made, url, "https://unix.stackexchange.com/questions/12/x")
    assert one.url.startswith("https://api.stackexchange.com/2.3/questions/12?")


def test_beyond_the_last_page_the_dates_move_on() -> None:
    answer = {"items": [{"last_activity_date": 99}], "has_more": True}
    (lead,) = APIS["stackexchange"].leads(answer, "https://api.example/2.3/questions?page=25&site=x", "https://x/")
    assert "page=1&" in lead.url
    assert "max=99" in lead.url


@pytest.mark.parametrize(
    "title", ["Restablecer la contraseña", "Reset your password", "Error al pagar", "Passwort ändern"]
)
def test_a_title_that_names_a_task_is_a_question(title: str) -> None:
    assert states_a_task(title)


@pytest.mark.parametrize("title", ["Política de privacidad", "Privacy policy", "Nosotros", "Contact us", "2026"])
def test_other_titles_are_none(title: str) -> None:
    assert not states_a_task(title)


def test_a_reddit_thread_with_a_back_and_forth_is_a_dialogue_as_well() -> None:
    def comment(name: str, author: str, body: str, at: int, depth: int, *replies: dict[str, Any]) -> dict[str, Any]:
        data = {"name": name, "author": author, "body": body, "created_utc": at, "depth": depth, "score": 1}
        return {"kind": "t1", "data": data | {"replies": listing(*replies) if replies else ""}}

    last = comment("t1_c", "b", "Entonces cambia el canal del wifi en los ajustes avanzados del router.", 4, 2)
    again = comment("t1_b", "a", "Ya lo reinicié y sigue igual, ¿qué más puedo probar?", 3, 1, last)
    first = comment("t1_a", "b", "Reinicia el router y espera dos minutos a que arranque.", 2, 0, again)
    asked = {"title": "¿Por qué se corta el wifi?", "selftext": "Se corta cada noche.", "author": "a", "created_utc": 1}
    value = [listing({"kind": "t3", "data": asked | {"permalink": "/r/x/comments/1/a/"}}), listing(first)]
    thanks = comment("t1_d", "a", "Muchas gracias, con el canal nuevo funciona perfecto.", 5, 3)
    last["data"]["replies"] = listing(thanks)
    reading = read_json(json.dumps(value), "https://www.reddit.com/r/x/comments/1/a.json")
    assert [turn.role for turn in reading.dialogues[0].context] == ["user", "assistant"]
    assert reading.dialogues[0].question.startswith("Ya lo reinicié")
    assert reading.dialogues[0].answer.startswith("Entonces cambia el canal")
    assert reading.pairs[0].url == reading.dialogues[0].url == "https://www.reddit.com/r/x/comments/1/a/"


@pytest.mark.parametrize(
    "stated", ["https://b.example/x", "//b.example/x", "javascript:alert(1)", "ftp://a.example/x", 5]
)
def test_a_reddit_thread_names_no_address_but_one_of_its_own_site(stated: Any) -> None:
    value = [listing({"kind": "t3", "data": {**ASKED, "permalink": stated}}), REDDIT[1]]
    assert [pair.url for pair in read_json(json.dumps(value), URL).pairs] == [URL]


@pytest.mark.parametrize("name", ["stackexchange", "zendesk"])
@pytest.mark.parametrize(
    "stated", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "mailto:a@b.example"]
)
def test_an_answer_names_only_web_addresses(name: str, stated: str) -> None:
    lists: dict[str, dict[str, Any]] = {
        "stackexchange": {**STACK, "items": [{**QUESTION, "link": stated}]},
        "zendesk": {**ZENDESK, "articles": [{**ZENDESK["articles"][0], "html_url": stated}]},  # type: ignore[index]
    }
    (pair,) = read_json(json.dumps(lists[name]), URL).pairs
    assert pair.url in ("", URL)
