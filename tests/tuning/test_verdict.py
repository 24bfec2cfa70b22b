"""Intervals from resampling by group, and the verdict that rests on them."""

from __future__ import annotations

import numpy as np
import pytest

from tuning.report.intervals import Draws, Interval, difference, interval
from tuning.report.markdown import told
from tuning.report.measures import MEASURES
from tuning.report.verdict import LEAST, judge_answers, judge_labels

RATIO = MEASURES["accuracy"].value


def at(value: float, spread: float = 0.1) -> Interval:
    return Interval(value=value, low=value - spread, high=value + spread)


GOOD = {"loss": at(-1.0), "chrf": at(10.0), "rouge_l": at(0.3), "token_f1": at(0.3), "numbers_kept": at(0.0)}


def test_the_interval_of_a_mean_is_about_the_normal_one():
    draw = np.random.default_rng(1)
    values = draw.normal(5.0, 2.0, size=400)
    found = interval(np.stack([values, np.ones(400)], axis=1), RATIO, Draws.of(list(map(str, range(400))), seed=1))
    half = 1.96 * values.std() / 20
    assert found.value == pytest.approx(values.mean())
    assert (found.value - found.low, found.high - found.value) == (pytest.approx(half, rel=0.1),) * 2


def test_questions_of_one_group_are_drawn_together():
    rows = np.asarray([[float(n < 20), 1.0] for n in range(40)])
    alone = interval(rows, RATIO, Draws.of([str(n) for n in range(40)], seed=1))
    torn = interval(rows, RATIO, Draws.of([str(n // 10) for n in range(40)], seed=1))
    assert (alone.value, torn.value) == (0.5, 0.5)
    assert torn.high - torn.low > 2 * (alone.high - alone.low)


def test_a_change_that_all_questions_share_is_sure_however_hard_they_are():
    hard = np.random.default_rng(2).normal(0.0, 50.0, size=30)
    before, after = (np.stack([hard + more, np.ones(30)], axis=1) for more in (0.0, 1.0))
    draws = Draws.of([str(n) for n in range(30)], seed=1)
    assert difference(after, before, RATIO, draws) == Interval(
        value=pytest.approx(1), low=pytest.approx(1), high=pytest.approx(1)
    )
    own = interval(before, RATIO, draws)
    assert own.high - own.low > 10


def test_the_same_seed_gives_the_same_interval():
    rows = np.random.default_rng(3).random((12, 2))
    names = [str(n) for n in range(12)]
    one, other, third = (interval(rows, RATIO, Draws.of(names, seed=seed)) for seed in (5, 5, 6))
    assert one == other != third


def test_many_groups_are_drawn_in_slices(monkeypatch):
    monkeypatch.setattr("tuning.report.intervals.AT_ONCE", 500)
    rows = np.stack([np.arange(50.0), np.ones(50)], axis=1)
    found = interval(rows, RATIO, Draws.of([str(n) for n in range(50)], seed=9))
    assert found.low < 24.5 < found.high


def test_a_share_without_a_single_case_has_no_interval():
    assert interval(np.zeros((5, 2)), RATIO, Draws.of("abcde", seed=1)) is None
    assert interval(np.zeros((0, 2)), RATIO, Draws.of("", seed=1)) is None


def test_a_lower_loss_and_better_answers_have_helped():
    verdict = judge_answers(GOOD, groups=20)
    assert (verdict.outcome, verdict.recommended) == ("helped", True)
    assert verdict.line == (
        "helped: loss (nats a token) -1.000 (-1.100 to -0.900); chrF (0 to 100) +10.0 (+9.9 to +10.1); "
        "token F1 (0 to 1) +0.300 (+0.200 to +0.400)"
    )


def test_a_sure_change_is_not_told_with_an_end_of_0():
    sure = Interval(value=2.8, low=0.04, high=5.31)
    line = judge_answers({**GOOD, "chrf": sure}, groups=20).line
    assert "chrF (0 to 100) +2.80 (+0.04 to +5.31)" in line
    assert told(sure, ".1f", change=True) == "+2.80 (+0.04 to +5.31)"
    assert told(Interval(value=0.3, low=0.004, high=0.6), ".0%", change=True) == "+30.0% (+0.4% to +60.0%)"


def test_an_end_of_0_and_one_that_is_rounding_alone_stay_0():
    assert told(Interval(value=2.8, low=0.0, high=5.3), ".1f", change=True) == "+2.8 (+0.0 to +5.3)"
    assert told(Interval(value=2.8, low=1e-17, high=5.3), ".1f", change=True) == "+2.8 (+0.0 to +5.3)"


@pytest.mark.parametrize(
    ("changes", "more", "outcome", "says"),
    [
        pytest.param({"loss": at(-0.05)}, {}, "unclear", "not sure: loss", id="a loss whose interval holds 0"),
        pytest.param({"chrf": at(0.0), "token_f1": at(0.0)}, {}, "unclear", "not sure: chrF", id="no better answers"),
        pytest.param({"chrf": at(0.0)}, {}, "helped", "token F1", id="one of chrF and F1 is enough"),
        pytest.param({"loss": at(0.5)}, {}, "harmed", "loss", id="a higher loss"),
        pytest.param({"numbers_kept": at(-0.4)}, {}, "harmed", "numbers kept -40%", id="numbers lost"),
        pytest.param({"rouge_l": None}, {}, "helped", "loss", id="a measure that could not be taken"),
        pytest.param({}, {"forgotten": at(0.8)}, "unclear", "it forgets", id="forgetting"),
        pytest.param({}, {"forgotten": at(0.35)}, "helped", "loss", id="forgetting that is not sure"),
        pytest.param({}, {"refused": at(-0.5)}, "unclear", "makes answers up", id="it answers what nobody can"),
        pytest.param({"refused_wrongly": at(0.4)}, {}, "unclear", "it refuses", id="it refuses to answer"),
    ],
)
def test_what_stands_against_helped(changes, more, outcome, says):
    verdict = judge_answers({**GOOD, **changes}, groups=20, **more)
    assert verdict.outcome == outcome
    assert says in verdict.reason
    assert verdict.recommended is (outcome == "helped")


@pytest.mark.parametrize(
    ("changes", "more", "line"),
    [
        pytest.param(
            {"chrf": at(0.0), "token_f1": at(0.0)},
            {},
            "unclear: not sure: chrF (0 to 100) +0.0 (-0.1 to +0.1); token F1 (0 to 1) +0.000 (-0.100 to +0.100); "
            "sure: loss (nats a token) -1.000 (-1.100 to -0.900)",
            id="a loss that fell and answers that did not",
        ),
        pytest.param(
            {"chrf": None, "token_f1": at(0.0)},
            {"forgotten": at(0.8)},
            "unclear: it forgets: loss (nats a token) +0.800 (+0.700 to +0.900) on general knowledge; "
            "sure: loss (nats a token) -1.000 (-1.100 to -0.900)",
            id="a loss that fell and a guard",
        ),
        pytest.param(
            {"loss": at(0.0), "chrf": at(0.0), "token_f1": at(0.0)},
            {},
            "unclear: not sure: loss (nats a token) +0.000 (-0.100 to +0.100); chrF (0 to 100) +0.0 (-0.1 to +0.1); "
            "token F1 (0 to 1) +0.000 (-0.100 to +0.100)",
            id="nothing is sure",
        ),
    ],
)
def test_what_is_sure_is_told_beside_what_is_not(changes, more, line):
    assert judge_answers({**GOOD, **changes}, groups=20, **more).line == line


def test_a_handful_of_groups_proves_nothing():
    verdict = judge_answers(GOOD, groups=LEAST - 1)
    assert verdict.outcome == "unclear"
    assert "7 independent groups" in verdict.reason
    assert judge_labels(at(0.5), at(0.5), groups=2).outcome == "unclear"


@pytest.mark.parametrize(
    ("over_base", "over_majority", "outcome"),
    [
        (at(0.5), at(0.3), "helped"),
        (at(0.5), at(0.05), "unclear"),
        (at(0.5), at(-0.3), "harmed"),
        (at(-0.2), at(0.3), "harmed"),
        (at(0.5), None, "unclear"),
    ],
)
def test_labels_must_beat_the_base_and_the_most_common_one(over_base, over_majority, outcome):
    assert judge_labels(over_base, over_majority, groups=30).outcome == outcome
