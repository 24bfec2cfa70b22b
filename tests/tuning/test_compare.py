"""Base against adapters on the same questions."""

from __future__ import annotations

import json

import pytest

from tamiz.errors import InputError
from tuning.compare import compare, write_comparison
from tuning.train import tune


@pytest.fixture
def adapters(toy_export, tmp_path, settings):
    for name, rank in (("small", 2), ("large", 8)):
        wanted = settings(lora={"r": rank, "alpha": 2 * rank}, epochs=1.0)
        tune(toy_export, wanted, name=name, runs=tmp_path / "runs", adapters=tmp_path / "adapters")
    return tmp_path / "adapters"


def test_base_and_adapters_stand_side_by_side(toy_export, adapters):
    comparison = compare(toy_export, adapters, ["small", "large"], limit=3)
    base, small, large = comparison.scores
    assert base.startswith("base ")
    assert (small, large) == ("small", "large")
    assert len(comparison.rows) == 3
    assert {"question", "truth", base, "small", "large"} <= set(comparison.rows[0])
    assert comparison.trainable["small"] < comparison.trainable["large"]
    assert comparison.scores["small"]["loss"] < comparison.scores[base]["loss"]
    assert "lower is better" in str(comparison)


def test_scores_are_those_of_the_card(toy_export, adapters):
    from tuning.adapters import find_adapter

    comparison = compare(toy_export, adapters, ["small"])
    assert comparison.scores["small"] == pytest.approx(find_adapter(adapters, "small").card.results["tuned"])


def test_a_comparison_is_kept_under_a_name_of_its_content(toy_export, adapters, tmp_path):
    comparison = compare(toy_export, adapters, ["small"], limit=3)
    first = write_comparison(comparison, tmp_path / "compare", at="2026-01-31T09:30:00+00:00")
    again = write_comparison(comparison, tmp_path / "compare", at="2026-02-01T09:30:00+00:00")
    fewer = write_comparison(compare(toy_export, adapters, ["small"], limit=2), tmp_path / "compare", at="")
    assert first == again != fewer
    kept = json.loads(first.read_bytes())
    assert (kept["name"], kept["made_at"], kept["dataset_version"]) == (first.stem, "2026-01-31T09:30:00+00:00", "v001")
    base, tuned = kept["models"]
    assert kept["items"][0]["answers"] == {base: comparison.rows[0][base], tuned: comparison.rows[0][tuned]}
    assert kept["items"][0]["truth"] == comparison.rows[0]["truth"]


def test_another_datasets_test_is_marked(toy, adapters, tmp_path):
    rows = toy.rows()
    other = toy.export(tmp_path / "v009", train=rows[:20], test=rows[20:])
    assert "was trained on v001" in " ".join(compare(other, adapters, ["small"], limit=1).notes)


def test_the_newest_adapter_is_taken_when_none_is_named(toy_export, adapters):
    assert len(compare(toy_export, adapters, limit=1).trainable) == 1


def test_answers_and_labels_are_not_compared(toy, toy_export, adapters, settings, tmp_path):
    wanted = settings("bert", task="classify", epochs=0.1)
    tune(toy_export, wanted, name="labels", runs=tmp_path / "runs", adapters=adapters)
    with pytest.raises(InputError, match="one that labels"):
        compare(toy_export, adapters, ["small", "labels"])
