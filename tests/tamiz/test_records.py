from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamiz.records import Finding, Pair, Verdict, clean_unicode, record_dict

BASE = {"lang": "es", "url": "https://a.example/", "kind": "faq", "group": "g"}


def test_the_same_text_at_the_same_place_has_the_same_id(make_pair):
    assert make_pair().id == make_pair().id
    assert make_pair().id != make_pair(answer="Otra cosa.").id
    assert make_pair().id != make_pair(url="https://ayuda.example/otra").id


def test_an_edited_pair_with_the_text_of_another_is_still_itself(make_pair):
    edited = make_pair(made_from=(make_pair(2).id,))
    assert edited.id != make_pair().id


def test_where_in_the_page_it_stands_does_not_change_the_id(make_pair):
    assert make_pair(position=3, label="wifi").id == make_pair().id


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"question": " \x00 "}, "question is empty", id="a question of nothing but NUL"),
        pytest.param({"answer": ""}, "answer is empty", id="no answer"),
        pytest.param({"lang": "Spanish"}, "ISO 639-1", id="a language in words"),
        pytest.param({"kind": "blog"}, "faq, forum", id="an unknown kind"),
        pytest.param({"confidence": 1.5}, "share", id="a confidence above one"),
        pytest.param({"confidence": float("nan")}, "share", id="a confidence that is no number"),
    ],
)
def test_a_pair_refuses_nonsense_at_birth(make_pair, changes, said):
    with pytest.raises(ValueError, match=said):
        make_pair(**changes)


@given(st.text(), st.text())
def test_any_text_survives_json_and_utf8(question, answer):
    if not clean_unicode(question).strip() or not clean_unicode(answer).strip():
        return
    pair = Pair(question=question, answer=answer, **BASE)
    text = json.dumps(record_dict(pair), ensure_ascii=False).encode()
    assert Pair.from_dict(json.loads(text)) == pair


def test_context_comes_back_as_turns(make_pair):
    pair = make_pair(context=[{"role": "user", "content": "Hola"}])
    assert pair.context[0].role == "user"
    assert Pair.from_dict(record_dict(pair)) == pair


def test_a_finding_refuses_a_span_that_runs_backwards():
    with pytest.raises(ValueError, match="runs backwards"):
        Finding(pair="a", step="clean", kind="x", start=4, end=2)


def test_a_verdict_says_who_decided():
    with pytest.raises(ValueError, match="person:NAME or rule:NAME"):
        Verdict(pair="a", version=1, decision="accept", by="ana")


def test_an_edit_names_the_pair_it_replaces(make_pair):
    with pytest.raises(ValueError, match="made from"):
        Verdict(pair="a", version=1, decision="edit", by="person:ana", edited=make_pair())
