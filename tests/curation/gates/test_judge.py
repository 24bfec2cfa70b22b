"""A judge is shown the source as data, must quote it, and is held against the reviewers."""

from __future__ import annotations

import random

import pytest

from curation.synthesis.gates.calibration import Rated, calibrate, calibration_table
from curation.synthesis.gates.findings import reason_of
from curation.synthesis.gates.judge import RULES, judge_ask, judged, judgement
from curation.synthesis.recipe import Unusable
from tamiz.records import Finding, Pair

SOURCE = "Refunds take 14 days. Opened software cannot be returned."
PAIR = Pair(question="How long do refunds take?", answer="14 days.", lang="en", url="u", kind="synthetic", group="g")
YES = {**dict.fromkeys(RULES, True), "quote": "Refunds take 14 days", "verdict": "accept", "reason": "stated"}


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_judge_is_shown_source_question_and_answer_as_data(lang: str) -> None:
    from dataclasses import replace

    ask = judge_ask(replace(PAIR, lang=lang), SOURCE)
    user = ask.messages[1].content
    assert all(text in user for text in (SOURCE, PAIR.question, PAIR.answer))
    assert user.count("<<<") == 6
    assert set(ask.schema["required"]) == {*RULES, "quote", "verdict", "reason"}


def test_an_acceptance_with_a_quote_from_nowhere_is_no_use() -> None:
    with pytest.raises(Unusable, match="quote"):
        judged({**YES, "quote": "Refunds take ten days"}, SOURCE)


def test_a_verdict_that_does_not_follow_from_the_rules_is_no_use() -> None:
    with pytest.raises(Unusable, match="follow"):
        judged({**YES, "grounded": False}, SOURCE)


def test_a_rejection_becomes_a_finding_that_names_model_rules_and_reason() -> None:
    said = judged({**YES, "grounded": False, "verdict": "reject", "reason": "no such number"}, SOURCE)
    (finding,) = judgement(PAIR, said, "small-judge")
    assert finding.kind == "judge_rejects"
    assert all(part in finding.note for part in ("small-judge", "grounded", "no such number"))
    assert judgement(PAIR, judged(YES, SOURCE), "small-judge") == []


def rated(number: int, right: float, recipe: str = "grounded") -> list[Rated]:
    chance = random.Random(1)
    rows = []
    for n in range(number):
        reviewer = "accept" if n % 2 else "reject"
        other = "reject" if n % 2 else "accept"
        judge = reviewer if chance.random() < right else other
        rows.append(Rated(pair=str(n), recipe=recipe, model="m", judge=judge, reviewer=reviewer))
    return rows


WHY = "La fuente dice quince días y la respuesta habla de veinte; además no nombra el aparato del que se trata."


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("es", f"gemma3:4b, como juez, lo rechaza: algo de la respuesta no está en la fuente; {{alone}} ({WHY})"),
        ("en", f"gemma3:4b, as a judge, rejects it: something in the answer is not in the source; {{alone}} ({WHY})"),
    ],
)
def test_what_a_judge_objects_to_is_told_whole_and_in_the_readers_language(lang: str, expected: str) -> None:
    said = judged({**YES, "grounded": False, "alone": False, "verdict": "reject", "reason": WHY}, SOURCE)
    (finding,) = judgement(PAIR, said, "gemma3:4b")
    alone = {"es": "no se entiende sin haber visto la fuente", "en": "it cannot be understood without the source"}
    assert reason_of(finding, lang) == expected.format(alone=alone[lang])


def test_a_judges_words_that_were_cut_or_look_like_our_own_are_still_told() -> None:
    cut = "“m: grounded, complete (“a”: b (c”: a model that judges rejects it"
    told = reason_of(Finding(pair="a", step="judge", kind="judge_rejects", note=cut), "es")
    assert told.startswith("m, como juez, lo rechaza: algo de la respuesta no está en la fuente; no contesta")
    odd = Finding(pair="a", step="judge", kind="judge_rejects", note="something else")
    assert reason_of(odd, "es") == "un modelo que juzga lo rechaza"


def test_a_judge_that_agrees_on_many_pairs_is_trusted_and_one_that_guesses_is_not() -> None:
    (good,) = calibrate(rated(200, 0.95))
    (guess,) = calibrate(rated(200, 0.5))
    assert good.trusted
    assert good.low is not None
    assert good.kappa is not None
    assert good.low < good.kappa < (good.high or 0)
    assert not guess.trusted
    assert guess.low is not None
    assert guess.low < 0.2


def test_a_judge_on_few_pairs_has_no_interval_and_is_not_trusted() -> None:
    (few,) = calibrate(rated(6, 1.0))
    assert (few.kappa, few.low, few.why, few.trusted) == (1.0, None, "too_few", False)


def test_each_recipe_and_model_is_told_by_itself_and_all_together() -> None:
    told = calibrate([*rated(40, 0.9), *rated(40, 0.9, "paraphrase")])
    assert [(one.recipe, one.pairs) for one in told] == [("grounded", 40), ("paraphrase", 40), ("", 80)]
    table = calibration_table(told)
    assert table.count("\n") == 4
    assert "| all |" in table


def test_what_the_judge_let_through_and_held_back_is_counted() -> None:
    rows = [
        Rated(pair=str(n), recipe="r", model="m", judge=judge, reviewer=reviewer)
        for n, (judge, reviewer) in enumerate([("accept", "reject"), ("reject", "accept"), ("accept", "accept")])
    ]
    (one,) = calibrate(rows)
    assert (one.let_through, one.held_back, one.pairs) == (1, 1, 3)


def test_where_all_always_say_the_same_there_is_no_kappa() -> None:
    rows = [Rated(pair=str(n), recipe="r", model="m", judge="accept", reviewer="accept") for n in range(20)]
    (one,) = calibrate(rows)
    assert (one.kappa, one.why, one.trusted) == (None, "one_answer", False)
