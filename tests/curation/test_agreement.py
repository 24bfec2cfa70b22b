"""Cohen's and Fleiss' kappa against scikit-learn and the published example."""

from __future__ import annotations

import random

import pytest

from curation.review import Agreement
from curation.review.agreement import agreement_of, cohen_kappa, fleiss_kappa
from tamiz.opinions import Opinion

# Fleiss 1971, table 1 as in https://en.wikipedia.org/wiki/Fleiss'_kappa: 10 subjects, 14 raters, 5 answers
FLEISS = """
0 0 0 0 14
0 2 6 4 2
0 0 3 5 6
0 3 9 2 0
2 2 8 1 1
7 7 0 0 0
3 2 6 3 0
2 5 3 2 2
6 5 2 1 0
0 2 2 3 7
"""


def opinion(number, actor, pair, decision):
    return Opinion(
        seq=number,
        at="2026-01-31T09:30:00.000+00:00",
        actor=f"person:{actor}",
        action=str(number),
        pair=pair,
        version=1,
        decision=decision,
        reason="",
        edited=None,
    )


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("answers", [("accept", "reject"), ("accept", "reject", "skip")], ids=["two", "three"])
def test_cohens_kappa_is_that_of_scikit_learn(seed, answers):
    metrics = pytest.importorskip("sklearn.metrics", reason="no scikit-learn; run: pip install 'tamiz[semantic]'")
    draw = random.Random(seed)
    first = [draw.choice(answers) for _ in range(40)]
    second = [one if draw.random() < 0.6 else draw.choice(answers) for one in first]
    told = cohen_kappa(first, second)
    assert told.kappa == pytest.approx(metrics.cohen_kappa_score(first, second), abs=1e-12)
    assert told.percent == pytest.approx(metrics.accuracy_score(first, second))


def test_fleiss_kappa_is_that_of_the_published_example():
    counts = [dict(enumerate(map(int, line.split()))) for line in FLEISS.split("\n") if line]
    told = fleiss_kappa(counts)
    assert told.kappa == pytest.approx(0.210, abs=5e-4)
    assert told.percent == pytest.approx(0.378, abs=5e-4)


def test_fleiss_for_two_people_is_scotts_pi():
    first, second = "aaaabbbbbb", "aaabbbbbba"
    pi = ((8 / 10) - (0.4**2 + 0.6**2)) / (1 - (0.4**2 + 0.6**2))
    counts = [{answer: [one, other].count(answer) for answer in "ab"} for one, other in zip(first, second, strict=True)]
    assert fleiss_kappa(counts).kappa == pytest.approx(pi)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param(cohen_kappa([], []), Agreement(pairs=0, percent=None, kappa=None, why="too_few"), id="nothing"),
        pytest.param(
            cohen_kappa(["accept"] * 3, ["accept"] * 3),
            Agreement(pairs=3, percent=1.0, kappa=None, why="one_answer"),
            id="always the same answer",
        ),
        pytest.param(
            fleiss_kappa([{"accept": 1}]), Agreement(pairs=0, percent=None, kappa=None, why="too_few"), id="alone"
        ),
        pytest.param(
            fleiss_kappa([{"reject": 3}]),
            Agreement(pairs=1, percent=1.0, kappa=None, why="one_answer"),
            id="all of them always the same",
        ),
    ],
)
def test_where_kappa_is_not_defined_it_says_why(told, expected):
    assert told == expected


def test_agreement_is_told_for_each_two_people_each_language_and_each_source():
    said = [("a", "ana", "accept"), ("a", "leo", "accept"), ("b", "ana", "reject"), ("b", "leo", "accept")]
    said += [("c", "ana", "reject"), ("c", "eva", "reject"), ("d", "leo", "accept")]
    place = {"a": ("es", "faq"), "b": ("es", "foro"), "c": ("en", "foro"), "d": ("en", "faq")}
    opinions = [(opinion(n, who, pair, what), *place[pair]) for n, (pair, who, what) in enumerate(said)]
    report = agreement_of(opinions)
    assert report.overall.pairs == 3
    assert {names: (one.pairs, one.percent) for names, one in report.people.items()} == {
        ("ana", "leo"): (2, 0.5),
        ("ana", "eva"): (1, 1.0),
    }
    assert {lang: one.pairs for lang, one in report.langs.items()} == {"es": 2, "en": 1}
    assert {source: one.percent for source, one in report.sources.items()} == {"faq": 1.0, "foro": 0.5}
