"""Votes: every one is kept, the latest of a person stands, and only those who may decide give one."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from curation.access import add_person
from tamiz import schema
from tamiz.errors import InputError, NotPermitted
from tamiz.votes import Vote, cast, standing_votes


def vote(item: str = "q1", by: str = "person:reviewer-1", choice: str = "left", **changes: str) -> Vote:
    values = {"comparison": "v001-aa", "item": item, "by": by, "left": "base", "right": "support", "choice": choice}
    return Vote(**(values | changes))


def test_the_latest_vote_of_a_person_stands_on_whichever_side_the_answers_were(store):
    for one in (
        vote(),
        vote(by="person:reviewer-2"),
        vote(choice="both", left="support", right="base"),
        vote("q2", right="other"),
    ):
        cast(store, one)
    found = standing_votes(store, "v001-aa")
    assert [(one.item, one.by, one.choice) for one in found] == [
        ("q1", "person:reviewer-2", "left"),
        ("q1", "person:reviewer-1", "both"),
        ("q2", "person:reviewer-1", "left"),
    ]
    assert standing_votes(store, "v001-bb") == []
    assert [one.item for one in standing_votes(store, "v001-aa", items=["q2"])] == ["q2"]
    with store.database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(schema.vote)).scalar() == 4


def test_a_vote_names_the_model_it_prefers(store):
    assert [vote(choice=choice).preferred for choice in ("left", "right", "both", "neither")] == [
        "base",
        "support",
        "",
        "",
    ]


def test_who_may_only_look_gives_no_vote(store):
    add_person(store, "boss", "admin", by="person:boss", subject="boss@x.example")
    add_person(store, "guest", "viewer", by="person:boss", subject="guest@x.example")
    with pytest.raises(NotPermitted):
        cast(store, vote(by="person:guest"))
    cast(store, vote(by="person:boss"))
    assert [one.by for one in standing_votes(store, "v001-aa")] == ["person:boss"]


@pytest.mark.parametrize("wrong", [{"choice": "maybe"}, {"left": "support"}])
def test_a_vote_that_says_nothing_is_refused(store, wrong):
    with pytest.raises(InputError):
        cast(store, vote(**wrong))
    assert standing_votes(store, "v001-aa") == []
