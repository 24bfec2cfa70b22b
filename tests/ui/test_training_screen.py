"""The training screen: runs with their curves, whatever state they are in, and a run that really starts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tamiz.jobs import job
from tamiz.project import Project
from tamiz.records import RunCard, record_dict

HOSTILE = "<img src=x onerror=alert(1)>"


def a_card(name: str, **changes: object) -> RunCard:
    values: dict[str, object] = {
        "name": name,
        "task": "causal",
        "base": "pypi:tiny",
        "base_origin": HOSTILE,
        "base_licence": "Apache-2.0",
        "dataset_version": "v001",
        "dataset_hash": "a" * 64,
        "started_at": "2026-01-31T09:30:00+00:00",
        "finished_at": "2026-01-31T09:40:00+00:00",
        "seed": 13,
        "device": "cpu",
        "settings": {"run_key": name, "dtype": "float32", "epochs": 3.0, "lora": {"r": 4, "targets": []}},
        "versions": {"torch": "2"},
        "parameters": {"trainable": 5, "total": 1000},
        "cost": {"seconds": 65.0, "steps": 9.0, "tokens": 900.0, "peak_memory_mb": 700.0},
        "curves": {
            "train": [{"step": n, "loss": 3.0 / n} for n in range(1, 10)],
            "validation": [{"step": 9, "loss": 1.0}],
        },
        "results": {"base": {"loss": 3.5, "chrf": 10.0}, "tuned": {"loss": 1.25, "chrf": 40.0}},
        "samples": [{"id": "1", "question": HOSTILE, "truth": "Yes.", "base": HOSTILE, "tuned": "Yes."}],
    }
    return RunCard(**(values | changes))  # type: ignore[arg-type]


def write_run(folder: Path, card: RunCard) -> None:
    for place in (folder / "runs" / card.name, folder / "adapters" / card.name):
        place.mkdir(parents=True)
        (place / "runcard.json").write_text(json.dumps(record_dict(card)), encoding="utf-8")
    (folder / "adapters" / card.name / "adapter_model.safetensors").write_bytes(b"x" * 2_500_000)


def write_steps(folder: Path, name: str, steps: int) -> None:
    place = folder / "runs" / name
    place.mkdir(parents=True, exist_ok=True)
    lines = [
        {
            "step": n,
            "steps": 20,
            "loss": 2.0,
            "learning_rate": 0.1,
            "tokens_per_second": 50,
            "memory_mb": 600,
            "seconds": n,
        }
        for n in range(1, steps + 1)
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines) + '{"step": 99, "lo'
    (place / "steps.jsonl").write_text(text, encoding="utf-8")
    begun = {"run_key": "other", "started_at": "2026-02-01T09:00:00+00:00", "dataset_version": "v001", "settings": {}}
    (place / "begun.json").write_text(json.dumps(begun), encoding="utf-8")


def write_dataset(folder: Path) -> None:
    place = folder / "exports" / "v001"
    place.mkdir(parents=True)
    tables = ("splits", "files", "settings", "languages", "kinds", "labels", "sources", "left_out")
    about = {"version": "v001", "content_hash": "a", "created_at": "2026-01-31T09:30:00+00:00", "tamiz_version": "0"}
    (place / "manifest.json").write_text(
        json.dumps({**about, "seed": 1, **{name: {} for name in tables}}), encoding="utf-8"
    )


def charts(test) -> int:
    return len(test.get("vega_lite_chart")) + len(test.get("arrow_vega_lite_chart"))


@pytest.mark.parametrize(
    ("language", "loss", "share"), [("en", "Test loss", "Trained"), ("es", "Pérdida en", "Entrenado")]
)
def test_runs_stand_beside_each_other_with_what_they_took(folder, draw, language, loss, share):
    write_run(folder, a_card("first"))
    write_run(folder, a_card("second", started_at="2026-02-01T09:30:00+00:00"))
    (folder / "runs" / "broken").mkdir()
    (folder / "runs" / "broken" / "runcard.json").write_text("{", encoding="utf-8")
    test = draw("training", language=language)
    table = test.dataframe[0].value
    assert list(table[table.columns[0]]) == ["second", "first"]
    assert [value for name, values in table.items() if name.startswith(loss) for value in values] == [
        "3.500 → 1.250"
    ] * 2
    assert list(table[share]) == ["0.50%", "0.50%"]
    assert "2.5 MB" in list(table[table.columns[6]])
    assert "broken" in test.warning[0].value
    assert charts(test) == 1
    text = "".join(element.proto.body for element in test.get("html"))
    assert "<img" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text


def test_a_run_that_goes_on_elsewhere_shows_its_curves_so_far(folder, draw):
    write_run(folder, a_card("support"))
    write_steps(folder, "support", 12)
    test = draw("training")
    assert not test.dataframe  # the older card of that name is not its result
    assert charts(test) == 3


def test_without_a_dataset_there_is_nothing_to_start(draw):
    test = draw("training")
    assert "export a dataset version first" in test.info[0].value
    assert not [button for button in test.button if button.label == "Start training"]


def test_a_run_is_started_in_the_background_and_its_end_is_told(folder, draw, until):
    write_dataset(folder)
    test = draw("training")
    next(field for field in test.text_input if field.label == "Name").set_value("--json")
    next(button for button in test.button if button.label == "Start training").click().run()
    assert "up to 64 letters" in test.error[0].value
    assert not (folder / "jobs").exists()
    next(field for field in test.text_input if field.label == "Name").set_value("first-try")
    next(button for button in test.button if button.label == "Start training").click().run()
    assert not test.exception
    project = Project.open(folder)
    until(lambda: (state := job(project, "tune-first-try")) is not None and not state.running)
    state = job(project, "tune-first-try")
    assert state.arguments[:3] == ("tune", "first-try", "--dataset=v001")
    assert state.arguments[4:] == ("--preset=balanced",)
    assert state.code == 1
    assert "training pairs; tuning needs" in state.said
    test.run()
    assert any("training pairs; tuning needs" in code.value for code in test.code)
    assert any(button.label == "Go on where it was" for button in test.button)


def test_the_preset_and_only_the_numbers_that_were_given_go_to_the_run(folder, draw):
    write_dataset(folder)
    with (folder / "tamiz.toml").open("a", encoding="utf-8") as file:
        file.write("[tuning]\nepochs = 3.0\n")
    test = draw("training")
    fields = {field.label: field for field in (*test.number_input, *test.radio, *test.selectbox)}
    assert fields["Epochs"].placeholder == "3 (tamiz.toml)"
    assert fields["Batch size"].placeholder == "by the preset"
    fields["How thoroughly"].set_value("quick")
    fields["Batch size"].set_value(4)
    fields["Learning rate"].set_value(2e-4)
    next(button for button in test.button if button.label == "Start training").click().run()
    assert not test.exception
    about = json.loads((folder / "jobs" / "tune-support" / "job.json").read_text(encoding="utf-8"))
    assert about["arguments"][4:] == ["--preset=quick", "--learning-rate=0.0002", "--batch-size=4"]


def test_preference_tuning_starts_from_an_adapter_that_answers_on_that_adapters_base(folder, draw, until):
    write_dataset(folder)
    write_run(folder, a_card("support"))
    write_run(folder, a_card("intents", task="classify"))
    test = draw("training")
    fields = {field.label: field for field in (*test.number_input, *test.radio, *test.selectbox, *test.text_input)}
    assert list(fields["Preferences: start from"].options) == ["The base model", "support"]
    fields["Preferences: start from"].set_value("support")
    fields["Preferences: beta"].set_value(0.3)
    fields["Name"].set_value("plain")
    next(button for button in test.button if button.label == "Start training").click().run()
    assert arguments(folder, "plain")[-1] == "--preset=balanced"  # LoRA takes neither
    until(lambda: (state := job(Project.open(folder), "tune-plain")) is not None and not state.running)
    fields = {field.label: field for field in (*test.radio, *test.text_input)}
    fields["What learns"].set_value("dpo")
    fields["Name"].set_value("support-dpo")
    next(button for button in test.button if button.label == "Start training").click().run()
    assert not test.exception
    wanted = ["--dataset=v001", "--preset=balanced", "--method=dpo", "--start=support", "--beta=0.3"]
    assert arguments(folder, "support-dpo")[2:] == wanted


def arguments(folder: Path, name: str) -> list[str]:
    about = json.loads((folder / "jobs" / f"tune-{name}" / "job.json").read_text(encoding="utf-8"))
    return list(about["arguments"])


def test_a_run_of_all_weights_has_the_size_of_its_model(folder, draw):
    write_run(folder, a_card("whole"))
    place = folder / "adapters" / "whole"
    (place / "adapter_model.safetensors").rename(place / "model.safetensors")
    table = draw("training").dataframe[0].value
    assert "2.5 MB" in list(table[table.columns[6]])


def test_the_columns_of_the_scores_have_names_in_the_language_of_the_screen(folder, draw):
    write_run(folder, a_card("first"))
    assert list(draw("training", language="es").dataframe[1].value.columns[1:]) == ["base", "adaptador"]
