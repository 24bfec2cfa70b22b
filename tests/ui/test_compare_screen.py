"""The compare screen: a vote that does not know whose answer is whose, with keys, and what all votes came to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tamiz.votes import standing_votes

HOSTILE = "<img src=x onerror=alert(1)> **b**"
MODELS = ("base pypi:tiny", "support")


def write_comparison(folder: Path, *, items: int = 3, name: str = "v001-aa") -> None:
    rows = [
        {
            "id": f"q{n}",
            "question": f"Question {n} {HOSTILE}",
            "truth": HOSTILE,
            "lang": "en",
            "url": "https://x.example",
            "answers": {MODELS[0]: f"One says {n} {HOSTILE}", MODELS[1]: f"Another says {n}"},
        }
        for n in range(items)
    ]
    told = {
        "name": name,
        "made_at": "2026-01-31T09:30:00+00:00",
        "dataset_version": "v001",
        "models": list(MODELS),
        "scores": {model: {"loss": 1.5, "chrf": 20.0} for model in MODELS},
        "trainable": {"support": 5},
        "notes": ["support was trained on v000"],
        "items": rows,
    }
    (folder / "compare").mkdir(exist_ok=True)
    (folder / "compare" / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")


def pages(test) -> str:
    return "".join(element.proto.body for element in test.get("html"))


def press(test, label: str) -> None:
    next(button for button in test.button if button.label == label).click().run()
    assert not test.exception


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("en", ["Answer 1", "Answer 2", "Equally good", "Both bad"]),
        ("es", ["Respuesta 1", "Respuesta 2", "Igual de buenas", "Malas las dos"]),
    ],
)
def test_answers_are_shown_without_names_until_the_vote(folder, opened, draw, language, labels):
    write_comparison(folder)
    test = draw("compare", language=language)
    assert [button.label for button in test.button if button.label in labels] == labels
    assert not any(model in pages(test) for model in MODELS)
    assert "<img" not in pages(test)
    assert "&lt;img src=x onerror=alert(1)&gt; **b**" in pages(test)
    press(test, labels[0])
    [vote] = standing_votes(opened, "v001-aa")
    assert (vote.by, vote.choice) == ("person:reviewer-1", "left")
    assert all(model in pages(test) for model in MODELS)  # told after the vote


def test_a_vote_is_changed_by_going_back(folder, opened, draw):
    write_comparison(folder)
    test = draw("compare")
    press(test, "Answer 1")
    press(test, "Back")
    assert not any(model in pages(test) for model in MODELS)
    press(test, "Both bad")
    [vote] = standing_votes(opened, "v001-aa")
    assert vote.choice == "neither"


def test_when_all_is_voted_the_result_says_it_with_its_interval(folder, opened, draw):
    write_comparison(folder)
    test = draw("compare")
    for label in ("Answer 1", "Answer 2", "Equally good"):
        press(test, label)
    assert "voted on everything" in test.success[0].value
    other = draw("compare", reviewer="reviewer-2")
    press(other, "Both bad")
    other.session_state["compare_view"] = "result"
    other.run()
    assert not other.exception
    everybody, people = other.dataframe[1].value, other.dataframe[2].value
    assert list(everybody["Equally good"]) == ["1"]
    assert list(people["Who"]) == ["reviewer-1", "reviewer-2"]
    assert " – " in everybody[everybody.columns[-1]][0]
    assert "they agreed in" in pages(other)


def test_all_answers_are_text(folder, draw):
    write_comparison(folder, items=12)
    (folder / "compare" / "v001-bb.json").write_text("{", encoding="utf-8")
    test = draw("compare")
    assert "v001\\-bb\\.json" in test.warning[0].value
    test.session_state["compare_view"] = "answers"
    test.run()
    assert not test.exception
    assert "<img" not in pages(test)
    assert pages(test).count("Another says") == 10


def test_nobody_votes_without_a_name_and_no_adapter_is_no_comparison(folder, draw):
    write_comparison(folder)
    test = draw("compare", reviewer=" ")
    assert "Enter your name" in test.warning[0].value
    assert any("train one first" in info.value for info in test.info)
