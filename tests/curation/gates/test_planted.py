"""The aims, on answers and pairs written for this: what is altered is caught, what is sound is left alone."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
PLANTED = ("tuned", "held_out")


@pytest.fixture(scope="module")
def gates() -> Iterator[ModuleType]:
    sys.path.insert(0, str(BENCHMARKS))
    yield importlib.import_module("gates")
    sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def planted(gates: ModuleType) -> list[Any]:
    return [case for case in gates.grounding_cases() if case.part in PLANTED and case.kind != "beyond"]


def share_found(gates: ModuleType, cases: list[Any], gate: str) -> float:
    return sum(bool(gates.found(case, gate)) for case in cases) / len(cases)


def test_the_planted_set_has_two_hundred_grounded_and_two_hundred_altered_answers(planted: list[Any]) -> None:
    assert len([case for case in planted if not case.kind]) == 200
    assert len([case for case in planted if case.kind]) == 200
    assert {case.kind for case in planted} == {"", "number", "negation", "unit", "entity", "foreign"}


def test_altered_answers_are_caught(gates: ModuleType, planted: list[Any]) -> None:
    assert share_found(gates, [case for case in planted if case.kind], "grounding") >= 0.95


def test_grounded_answers_raise_few_false_alarms(gates: ModuleType, planted: list[Any]) -> None:
    assert share_found(gates, [case for case in planted if not case.kind], "grounding") <= 0.05


def test_freely_reworded_answers_are_told_from_altered_ones(gates: ModuleType) -> None:
    cases = [case for case in gates.grounding_cases() if case.part in gates.REWORDED]
    wrong, sound = [case for case in cases if case.kind], [case for case in cases if not case.kind]
    assert (len(wrong), len(sound)) == (158, 212)
    assert share_found(gates, wrong, "grounding") >= 0.95
    assert share_found(gates, sound, "grounding") <= 0.08


def test_surely_found_things_raise_hardly_a_false_alarm(gates: ModuleType) -> None:
    last = [case for case in gates.grounding_cases() if case.part == "last"]
    assert share_found(gates, [case for case in last if case.kind], "grounding") >= 0.85
    sound = [case for case in last if not case.kind]
    sure = [one for case in sound for one in gates.found(case, "grounding") if one.confidence >= 0.8]
    assert len(sure) <= 1


@pytest.mark.parametrize("lang", ["es", "en"])
def test_pairs_that_do_not_stand_alone_are_caught(gates: ModuleType, lang: str) -> None:
    cases = [case for case in gates.alone_cases() if case.pair.lang == lang]
    wrong, sound = [case for case in cases if case.kind], [case for case in cases if not case.kind]
    assert len(wrong) >= 50
    assert share_found(gates, wrong, "alone") >= 0.95
    assert share_found(gates, sound, "alone") <= 0.05
