"""Blind votes: an order and sides of one's own, and results that say how sure they are."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from curation.blind import Comparison, agreement, comparisons, scores, showings, wilson
from curation.runs import Broken
from tamiz.project import Project
from tamiz.votes import Vote


def write(folder, name: str = "v001-aa", models=("base tiny", "support"), items: int = 12) -> None:
    rows = [
        {
            "id": f"q{n}",
            "question": f"Question {n}?",
            "truth": "Yes.",
            "lang": "en",
            "url": "https://x.example",
            "answers": {model: f"{model} says {n}" if n else "the same" for model in models},
        }
        for n in range(items)
    ]
    told = {
        "name": name,
        "made_at": "2026-01-31T09:30:00+00:00",
        "dataset_version": "v001",
        "models": [*models, "majority"],
        "scores": {model: {"loss": 1.0} for model in models},
        "trainable": {models[-1]: 5},
        "notes": [],
        "items": rows,
    }
    (folder / "compare").mkdir(exist_ok=True)
    (folder / "compare" / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")


@pytest.fixture
def project(tmp_path):
    (tmp_path / "tamiz.toml").write_text("", encoding="utf-8")
    return Project.open(tmp_path)


@pytest.fixture
def comparison(project) -> Comparison:
    write(project.folder)
    [found] = comparisons(project)
    return found


def test_everybody_sees_all_questions_in_an_order_and_on_sides_of_their_own(comparison):
    mine, theirs = (showings(comparison, f"person:reviewer-{n}") for n in (1, 2))
    assert mine == showings(comparison, "person:reviewer-1")
    assert {one.item.id for one in mine} == {one.item.id for one in theirs} == {f"q{n}" for n in range(12)}
    assert [one.item.id for one in mine] != [one.item.id for one in theirs]
    assert len({one.left for one in mine}) == 2  # neither model is always on the left
    assert [one.item.id for one in mine if one.same] == ["q0"]


def test_three_models_meet_two_by_two(project):
    write(project.folder, models=("base tiny", "small", "large"), items=2)
    [found] = comparisons(project)
    meetings = Counter(frozenset((one.left, one.right)) for one in showings(found, "person:reviewer-1"))
    assert meetings == {
        frozenset(pair): 2 for pair in (("base tiny", "small"), ("base tiny", "large"), ("small", "large"))
    }


def test_wins_count_whichever_side_they_were_on(comparison):
    votes = []
    for place, showing in enumerate(showings(comparison, "person:reviewer-1")):
        side = "left" if showing.left == "support" else "right"
        other = "right" if side == "left" else "left"
        choice = ("both" if place == 0 else "neither") if place < 2 else side if place < 10 else other
        votes.append(showing.vote(comparison.name, "person:reviewer-1", choice))
    [score] = scores(comparison, votes)
    assert (score.first, score.second) == ("support", "base tiny")
    assert (score.wins, score.losses, score.both, score.neither) == (8, 2, 1, 1)
    assert score.share == 0.8
    assert score.interval == wilson(8, 10)


def test_the_interval_is_wilsons(comparison):
    # Brown, Cai and DasGupta (2001): at 0 of n the upper end is z^2 / (n + z^2)
    assert wilson(0, 10) == pytest.approx((0.0, 3.8414588 / 13.8414588), abs=1e-6)
    assert wilson(50, 100) == pytest.approx((0.40383, 0.59617), abs=1e-5)


def test_agreement_is_told_of_what_two_people_voted_on():
    def vote(item: str, by: str, choice: str, *, turned: bool = False) -> Vote:
        left, right = ("b", "a") if turned else ("a", "b")
        return Vote(comparison="c", item=item, by=by, left=left, right=right, choice=choice)

    votes = [
        vote("1", "x", "left"),
        vote("1", "y", "right", turned=True),  # the same model
        vote("2", "x", "left"),
        vote("2", "y", "right"),
        vote("3", "x", "both"),
        vote("3", "y", "both"),
        vote("4", "x", "left"),
    ]
    found = agreement(votes)
    assert (found.people, found.meetings, found.same) == (2, 3, 2)
    chance = (3 / 6) ** 2 + (1 / 6) ** 2 + (2 / 6) ** 2  # a three times, b once, both twice
    assert found.kappa == pytest.approx((2 / 3 - chance) / (1 - chance))
    assert agreement(votes[-1:]).kappa is None


@pytest.mark.parametrize("content", ["{", "[]", '{"items": [{"id": "1"}]}', '{"made_at": "", "items": 5}'])
def test_a_broken_comparison_is_named_and_the_others_are_read(project, content):
    write(project.folder)
    (project.folder / "compare" / "v001-bb.json").write_text(content)
    good, broken = comparisons(project)
    assert isinstance(good, Comparison)
    assert isinstance(broken, Broken)
    assert broken.name == "v001-bb.json"
