"""Finding steps by name, lifting a function, and when a step has to look again."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

import curation.steps
from curation.clean import CleanStep
from curation.steps import ComparingStep, LearningStep, find_steps, fingerprint, lift
from tamiz.errors import SettingsError
from tamiz.records import Finding, Pair
from tamiz.settings import CurationSettings, NearSettings, QualitySettings


class Shouting:
    """A step as another package would bring it."""

    name = "shouting"

    def __init__(self, settings: CurationSettings) -> None:
        self.batch_size = settings.batch_size

    def look(self, batch):
        return [Finding(pair=pair.id, step=self.name, kind="caps") for pair in batch if pair.question.isupper()]


not_a_step = len


def entry(name: str, value: str) -> EntryPoint:
    return EntryPoint(name=name, value=value, group="tamiz.steps")


def test_the_steps_of_the_settings_come_in_their_order() -> None:
    names = ("clean", "privacy", "language", "dedupe", "quality", "spelling")
    assert tuple(step.name for step in find_steps(CurationSettings())) == names == CurationSettings().steps
    assert [step.name for step in find_steps(CurationSettings(), ["quality", "clean"])] == ["quality", "clean"]


def test_an_unknown_step_is_named_with_the_nearest_and_all_there_are() -> None:
    with pytest.raises(
        SettingsError, match=r"'claen'.*did you mean clean\?.*clean, dedupe, language, meaning, privacy, q"
    ):
        find_steps(CurationSettings(steps=("claen",)))


def test_a_step_of_another_package_is_called_with_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        __import__("sys").modules, "shouting_package", __import__("types").SimpleNamespace(Step=Shouting)
    )
    monkeypatch.setattr(curation.steps, "entry_points", lambda group: [entry("shouting", "shouting_package:Step")])
    [step] = find_steps(CurationSettings(batch_size=7), ["shouting"])
    assert step.batch_size == 7


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param("no_such_package:Step", "cannot be loaded.*Install its package again", id="not importable"),
        pytest.param("curation.steps:NoSuchStep", "cannot be loaded", id="no such name"),
        pytest.param("curation.quality:__doc__.format", "gave no step", id="something else"),
    ],
)
def test_a_package_that_brings_no_step_is_named(monkeypatch: pytest.MonkeyPatch, value: str, message: str) -> None:
    monkeypatch.setattr(curation.steps, "entry_points", lambda group: [entry("odd", value)])
    with pytest.raises(SettingsError, match=message):
        find_steps(CurationSettings(), ["odd"])


def test_a_function_of_one_pair_becomes_a_step(make_pair) -> None:
    def bare_link(pair: Pair):
        if pair.answer.startswith("http"):
            yield Finding(pair=pair.id, step="links", kind="bare_link")

    step = lift("links", bare_link)
    pairs = [make_pair(1), make_pair(2, answer="https://a.example")]
    assert [finding.pair for finding in step.look(pairs)] == [pairs[1].id]


def test_the_fingerprint_follows_the_settings_of_the_step_alone() -> None:
    one = [fingerprint(step) for step in find_steps(CurationSettings())]
    assert one == [fingerprint(step) for step in find_steps(CurationSettings(batch_size=9))]
    changed = find_steps(CurationSettings(near=NearSettings(threshold=0.8), quality=QualitySettings(encoder=True)))
    same = [a == b for a, b in zip(one, map(fingerprint, changed), strict=True)]
    assert same == [True, True, True, False, False, True]


def test_which_steps_compare_and_which_learn() -> None:
    comparing = [step.name for step in find_steps(CurationSettings()) if isinstance(step, ComparingStep)]
    learning = [step.name for step in find_steps(CurationSettings()) if isinstance(step, LearningStep)]
    assert (comparing, learning) == (["dedupe"], ["clean", "privacy", "quality", "spelling"])
    assert isinstance(CleanStep(CurationSettings()), LearningStep)
