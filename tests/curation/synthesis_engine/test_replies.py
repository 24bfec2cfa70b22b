"""Replies that are JSON, nearly JSON, half a JSON, or none."""

from __future__ import annotations

import pytest

from curation.synthesis.replies import Unreadable, read_reply

PAIR = {
    "type": "object",
    "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
    "required": ["question", "answer"],
}
LIST = {
    "type": "object",
    "properties": {"pairs": {"type": "array", "items": PAIR, "minItems": 1}},
    "required": ["pairs"],
}
GOOD = {"question": "¿Qué?", "answer": "Eso."}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"question": "¿Qué?", "answer": "Eso."}', id="as it stands"),
        pytest.param('Here it is:\n```json\n{"question": "¿Qué?", "answer": "Eso."}\n```\nBye!', id="in a fence"),
        pytest.param('<think>{"no": 1}</think>\n{"question": "¿Qué?", "answer": "Eso."}', id="after a thought"),
        pytest.param('{"question": "¿Qué?", "answer": "Eso.",}', id="comma at the end"),
        pytest.param("{'question': '¿Qué?', 'answer': 'Eso.'}", id="single quotes"),
        pytest.param('{"question": "¿Qué?", "answer": "Eso."', id="not closed"),
        pytest.param(
            '\ufeff{"question": "\u00bfQu\\u00e9?", "answer": "Eso.\\u0000"}', id="characters no database holds"
        ),
        pytest.param('{"question": "¿Qué?", "answer": "Eso."} {"question": "b", "answer": "c"}', id="two of them"),
    ],
)
def test_what_is_meant_is_read(text) -> None:
    assert read_reply(text, PAIR) == GOOD


def test_an_answer_that_was_cut_is_never_kept_in_half() -> None:
    with pytest.raises(Unreadable, match="cut off: 'answer' is a required property"):
        read_reply('{"question": "¿Qué?", "answer": "Apaga el rou', PAIR, cut=True)


def test_of_a_list_that_was_cut_the_whole_members_are_kept() -> None:
    text = '{"pairs": [{"question": "¿Qué?", "answer": "Eso."}, {"question": "¿Cómo?", "answer": "Apaga el '
    with pytest.raises(Unreadable, match="cut off: pairs/1"):
        read_reply(text, LIST, cut=True)
    assert read_reply('{"pairs": [{"question": "¿Qué?", "answer": "Eso."}, {"ques', LIST | {"properties": {}}) == {
        "pairs": [GOOD, {}]
    }


def test_a_bare_list_is_put_where_the_schema_has_it() -> None:
    assert read_reply('[{"question": "¿Qué?", "answer": "Eso."}]', LIST) == {"pairs": [GOOD]}
    assert read_reply('{"question": "¿Qué?", "answer": "Eso."}', LIST) == {"pairs": [GOOD]}


def test_escaped_quotes_stay_within_their_text() -> None:
    text = '{"question": "¿\\"Qué\\"?", "answer": "C:\\\\"'
    assert read_reply(text, PAIR) == {"question": '¿"Qué"?', "answer": "C:\\"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "nothing said", id="empty"),
        pytest.param("I am sorry.", "not JSON", id="prose"),
        pytest.param('{"question": 3, "answer": "x"}', "question: 3 is not of type 'string'", id="wrong type"),
        pytest.param("[" * 5000, "nested too deep", id="too deep"),
        pytest.param('{"a":' * 5000, "nested too deep", id="too deep in objects"),
        pytest.param('{"question": "a", "answer": NaN}', "not JSON", id="no number"),
        pytest.param("x" * 500_000, "500,000 characters", id="too long"),
        pytest.param("{{{}}}", "not JSON", id="marks only"),
    ],
)
def test_what_is_no_reply_is_said_to_be_none(text, why) -> None:
    with pytest.raises(Unreadable, match=why):
        read_reply(text, PAIR)
