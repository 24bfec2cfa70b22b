"""Base against adapters on the same questions."""

from __future__ import annotations

import json
import shutil

import pytest

from tamiz.errors import InputError
from tamiz.settings import LoraSettings, TuningSettings
from tuning.adapters import find_adapter
from tuning.compare import compare, write_comparison
from tuning.train import tune


@pytest.fixture(scope="module")
def trained(toy_export, base_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared")
    usual = {"base": str(base_folder("llama")), "device": "cpu", "epochs": 1.0, "learning_rate": 0.02}
    for name, rank in (("small", 2), ("large", 8)):
        lora = LoraSettings(r=rank, alpha=2 * rank)
        wanted = TuningSettings(**usual, max_new_tokens=24, samples=2, eval_probes=0, lora=lora)
        tune(toy_export, wanted, name=name, runs=folder / "runs", adapters=folder / "adapters")
    return folder / "adapters"


@pytest.fixture
def adapters(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "adapters")


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


def leaky(toy, folder, *, seen):
    """A version whose test split has so many of the pairs that v001 trains on, asked a little differently."""
    rows = toy.rows()
    asked = [dict(row, id=f"mine-{n}", question=f"  {row['question'].upper()} ") for n, row in enumerate(rows[:seen])]
    return toy.export(folder / "v009", train=rows[12:24], test=[*asked, *rows[28:]])


def test_a_test_split_with_pairs_that_the_adapter_learnt_is_told_with_their_ids(toy, adapters, tmp_path):
    exports = tmp_path / "exports"
    toy.export(exports / "v001", train=toy.rows()[:24], validation=toy.rows()[24:28], test=toy.rows()[28:])
    [note] = compare(leaky(toy, exports, seen=6), adapters, ["small"], limit=1).notes
    assert "WARNING: small has learnt what it is asked: 6 of the 10 test questions of v009" in note
    assert "(mine-0, mine-1, mine-2, mine-3, mine-4 and 1 more)" in note
    assert note.endswith("tamiz compare small --dataset v001")
    [note] = compare(
        toy.export(exports / "v010", train=toy.rows()[:12], test=toy.rows()[28:]), adapters, ["small"]
    ).notes
    assert "none of its training pairs is in v010's test split" in note


def test_a_version_whose_own_splits_overlap_is_told(toy, settings, tmp_path):
    rows = toy.rows()
    hand_made = toy.export(tmp_path / "exports" / "v001", train=rows[:12], test=rows[10:14])
    places = {"runs": tmp_path / "runs", "adapters": tmp_path / "adapters"}
    tune(hand_made, settings(epochs=0.1, max_new_tokens=2), name="leaky", **places)
    card = find_adapter(tmp_path / "adapters").card
    ids = ", ".join(row["id"] for row in rows[10:12])
    assert f"2 test questions are among the training pairs ({ids}), so that no gain is proved" in card.proof["line"]
    [note] = compare(hand_made, tmp_path / "adapters", limit=1).notes
    assert "2 of the 4 test questions of v001 are among its own training pairs" in note
    assert note.endswith("tamiz export")


def test_an_adapter_that_is_named_twice_is_refused(toy_export, adapters):
    with pytest.raises(InputError, match="small is named more than once"):
        compare(toy_export, adapters, ["small", "small"])


def test_classifiers_are_told_by_accuracy_and_f1_with_intervals_and_by_no_perplexity(toy, settings, tmp_path):
    rows = toy.rows()
    export = toy.export(tmp_path / "v001", train=rows[:22], test=rows[22:])
    wanted = settings("bert", task="classify", epochs=0.1)
    tune(export, wanted, name="labels", runs=tmp_path / "runs", adapters=tmp_path / "adapters")
    comparison = compare(export, tmp_path / "adapters", ["labels"])
    said = {line.split()[0]: line for line in comparison.table().splitlines()[1:]}
    assert {"accuracy", "macro_f1", "loss"} == set(said)
    ends = comparison.intervals["labels"]["accuracy"]
    assert ends.low <= comparison.scores["labels"]["accuracy"] == ends.value <= ends.high
    assert f"({ends.low:.3f} to {ends.high:.3f})" in said["accuracy"]
    kept = json.loads(write_comparison(comparison, tmp_path / "compare", at="").read_bytes())
    assert kept["intervals"]["labels"]["accuracy"] == [ends.low, ends.high]


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
