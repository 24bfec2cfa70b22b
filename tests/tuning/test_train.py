"""Tuning a tiny model: it learns, only its adapter changes, and a killed run ends as an unbroken one."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
import torch
import transformers
from safetensors.torch import load_file

from tamiz.errors import InputError, SettingsError
from tuning.adapters import find_adapter, list_adapters, read_card
from tuning.card import result_table
from tuning.compare import compare
from tuning.search import search
from tuning.train import tune

REPOSITORY = Path(__file__).parents[2]

CHILD = """
import json, os, signal, sys
from pathlib import Path
from tamiz.settings import LoraSettings, TuningSettings
from tuning.train import tune

values, folder = json.loads(sys.argv[2]), Path(sys.argv[3])
values["lora"] = LoraSettings(**{**values["lora"], "targets": ()})

class Kill:
    def update(self, done, total=None, note=""):
        if done == 5 and note.startswith("loss"):
            os.kill(os.getpid(), signal.SIGKILL)

places = {"runs": folder / "runs", "adapters": folder / "adapters"}
tune(Path(sys.argv[1]), TuningSettings(**values), name="run", report=Kill(), **places)
"""


NUMBERS = {"steps", "loss", "learning_rate", "gradient_norm", "tokens_per_second", "memory_mb", "seconds"}


class Notes:
    """A job that remembers what it was told."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.said: list[str] = []

    def say(self, text: str) -> None:
        if not text.startswith("estimate"):
            self.said.append(text)

    def update(self, done: int, total: int | None = None, note: str = "") -> None:
        if note.startswith("loss"):
            self.steps.append(done)


def tuned(export: Path, folder: Path, settings, name: str = "run", report=None):
    return tune(export, settings, name=name, runs=folder / "runs", adapters=folder / "adapters", report=report)


class Breaks(Notes):
    """A job that breaks the run off at step 5: with an error, or with Ctrl-C."""

    def __init__(self, *, ctrl_c: bool) -> None:
        super().__init__()
        self.ctrl_c = ctrl_c

    def update(self, done: int, total: int | None = None, note: str = "") -> None:
        super().update(done, total, note)
        if done == 5 and self.ctrl_c:
            os.kill(os.getpid(), signal.SIGINT)
        elif done == 5:
            raise RuntimeError("the power is gone")


@pytest.mark.parametrize("kind", ["llama", "gemma3", "gpt2"])
def test_tuning_lowers_the_loss_and_fills_the_card(toy_export, tmp_path, settings, kind):
    card = tuned(toy_export, tmp_path, settings(kind))
    assert card.results["tuned"]["loss"] < 0.7 * card.results["base"]["loss"]
    assert {"loss", "perplexity", "chrf", "token_f1", "pairs", "answered"} <= set(card.results["tuned"])
    assert 0 < card.parameters["trainable"] < card.parameters["total"]
    assert card.cost["steps"] == 9
    assert card.cost["peak_memory_mb"] > 50
    assert card.dataset_version == "v001"
    assert len(card.samples) == 2
    assert [point["step"] for point in card.curves["validation"]] == [0, 3, 6, 9]
    assert read_card(tmp_path / "runs" / "run") == read_card(tmp_path / "adapters" / "run")
    assert "lower is better" in result_table(card)


def test_transformers_gives_no_advice_in_a_run_a_trial_or_a_comparison(
    toy_export, tmp_path, settings, caplog, monkeypatch
):
    """Packed rows end with padding and have no mask, which GPT-2 warns of, once in a process."""
    monkeypatch.setattr(logging.getLogger("transformers"), "propagate", True)
    once = transformers.utils.logging.warning_once
    wanted = settings("gpt2", epochs=0.1, max_new_tokens=2, eval_answers=1)
    once.cache_clear()
    tuned(toy_export, tmp_path, wanted)
    once.cache_clear()
    search(toy_export, wanted, name="s", runs=tmp_path, rates=(1e-3,), steps=1)
    once.cache_clear()
    compare(toy_export, tmp_path / "adapters", limit=1, device="cpu")
    assert not caplog.records


def test_only_adapter_weights_change(toy_export, tmp_path, settings, base_folder):
    before = {path: path.read_bytes() for path in base_folder("llama").iterdir()}
    tuned(toy_export, tmp_path, settings())
    assert before == {path: path.read_bytes() for path in base_folder("llama").iterdir()}
    saved = load_file(tmp_path / "adapters" / "run" / "adapter_model.safetensors")
    assert all("lora_A" in name or "lora_B" in name for name in saved)
    assert any(float(part.abs().sum()) > 0 for name, part in saved.items() if "lora_B" in name)


def test_the_same_command_twice_trains_once(toy_export, tmp_path, settings):
    first, notes = tuned(toy_export, tmp_path, settings()), Notes()
    assert read_card(tmp_path / "runs" / "run") == tuned(toy_export, tmp_path, settings(), report=notes)
    assert notes.steps == []
    other = tuned(toy_export, tmp_path, settings(seed=14), report=notes)
    assert notes.steps[0] == 1
    assert other.seed == 14
    assert first.settings["run_key"] != other.settings["run_key"]
    assert [adapter.card.seed for adapter in list_adapters(tmp_path / "adapters")] == [14]
    assert len(notes.said) == 2
    assert "nothing is left to train" in notes.said[0]
    assert re.match(r"run is there already \(.*, v001, 20.*tamiz tune OTHER-NAME$", notes.said[1])


def test_a_killed_run_ends_as_an_unbroken_one(toy_export, tmp_path, settings, unbroken):
    wanted = settings(lora={"dropout": 0.2})
    arguments = [str(toy_export), json.dumps(asdict(wanted)), str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", CHILD, *arguments], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not (tmp_path / "adapters").exists()
    goes_on_as_unbroken(toy_export, tmp_path, wanted, unbroken, first=4)


@pytest.mark.parametrize(
    ("every", "ctrl_c", "error", "first"),
    [
        pytest.param(5.0, False, RuntimeError, 4, id="an error: from the last epoch's end"),
        pytest.param(0.0, False, RuntimeError, 5, id="an error: from the last checkpoint by time"),
        pytest.param(5.0, True, KeyboardInterrupt, 6, id="Ctrl-C: from the step it was pressed in"),
    ],
)
def test_a_broken_off_run_ends_as_an_unbroken_one(
    toy_export, tmp_path, settings, unbroken, every, ctrl_c, error, first
):
    wanted = settings(lora={"dropout": 0.2}, checkpoint_minutes=every)
    with pytest.raises(error):
        tuned(toy_export, tmp_path, wanted, report=Breaks(ctrl_c=ctrl_c))
    goes_on_as_unbroken(toy_export, tmp_path, wanted, unbroken, first=first)


def goes_on_as_unbroken(export, folder, wanted, unbroken, *, first):
    notes = Notes()
    card = tuned(export, folder, wanted, report=notes)
    assert notes.steps[0] == first
    card_whole, folder_whole = unbroken
    assert card.curves == card_whole.curves
    assert card.results == card_whole.results
    assert card.cost["steps"] == card_whole.cost["steps"]
    assert card.cost["tokens"] == card_whole.cost["tokens"]
    mine, theirs = (load_file(f / "adapters" / "run" / "adapter_model.safetensors") for f in (folder, folder_whole))
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)
    left = sorted(path.name for path in (folder / "runs" / "run").iterdir())
    proof = ["losses.jsonl", "proof.json", "report.html", "report.md"]
    assert left == sorted(["begun.json", "runcard.json", "steps.jsonl", "tensorboard", *proof])
    assert losses_told(folder) == losses_told(folder_whole)


def losses_told(folder: Path) -> list[tuple[int, float]]:
    """What the log says of every step, in its order."""
    lines = (folder / "runs" / "run" / "steps.jsonl").read_text(encoding="utf-8").splitlines()
    told = [json.loads(line) for line in lines]
    return [(one["step"], one.get("loss", one.get("validation_loss"))) for one in told]


def test_every_step_is_told_while_the_run_goes_on(toy_export, tmp_path, settings):
    log, seen = tmp_path / "runs" / "run" / "steps.jsonl", []

    class Watches:
        def update(self, done: int, total: int | None = None, note: str = "") -> None:
            if note.startswith("loss") and done > 1:
                seen.append(json.loads(log.read_text(encoding="utf-8").splitlines()[-1]))

    card = tuned(toy_export, tmp_path, settings(), report=Watches())
    assert [line["step"] for line in seen] == list(range(1, 9))
    assert set(seen[0]) == {*NUMBERS, "step"}
    assert seen[0]["steps"] == 9
    assert 10 < seen[0]["memory_mb"] <= card.cost["peak_memory_mb"] * 1.01
    curve = [(point["step"], pytest.approx(point["loss"], rel=1e-5)) for point in card.curves["train"]]
    assert [
        (line["step"], line["loss"]) for line in map(json.loads, log.read_text().splitlines()) if "loss" in line
    ] == curve
    begun = json.loads((log.parent / "begun.json").read_bytes())
    assert (begun["dataset_version"], begun["run_key"]) == ("v001", card.settings["run_key"])


@pytest.fixture(scope="module")
def unbroken(toy_export, tmp_path_factory, base_folder):
    from tamiz.settings import LoraSettings, TuningSettings

    folder = tmp_path_factory.mktemp("unbroken")
    values = {"base": str(base_folder("llama")), "epochs": 3.0, "learning_rate": 0.02, "device": "cpu"}
    wanted = TuningSettings(**values, max_new_tokens=24, samples=2, lora=LoraSettings(r=4, alpha=8, dropout=0.2))
    return tuned(toy_export, folder, wanted), folder


def test_a_run_with_other_settings_starts_anew(toy_export, tmp_path, settings):
    with pytest.raises(KeyboardInterrupt):
        tuned(toy_export, tmp_path, settings(), report=Breaks(ctrl_c=True))
    notes = Notes()
    tuned(toy_export, tmp_path, settings(learning_rate=0.01), report=notes)
    assert notes.steps == list(range(1, 10))


def test_the_best_weights_are_kept_not_the_last(toy_export, tmp_path, settings):
    card = tuned(toy_export, tmp_path, settings(learning_rate=0.9, epochs=4.0))
    losses = {point["step"]: point["loss"] for point in card.curves["validation"]}
    assert card.settings["best_step"] == min(losses, key=losses.get)


def test_without_a_validation_split_the_last_weights_are_kept(toy, tmp_path, settings):
    rows = toy.rows()
    card = tuned(toy.export(tmp_path / "v1", train=rows[:24], test=rows[24:]), tmp_path, settings())
    assert card.settings["best_step"] == 9
    assert card.curves["validation"] == []


def test_a_kill_while_saving_leaves_no_half_adapter(toy_export, tmp_path, settings):
    tuned(toy_export, tmp_path, settings())
    adapters = tmp_path / "adapters"
    code = f"""
import os, signal
from pathlib import Path
from tamiz.files import aside
with aside(Path({str(adapters / "other")!r})) as folder:
    folder.mkdir()
    (folder / "adapter_model.safetensors").write_bytes(b"half")
    (folder / "runcard.json").write_text("{{}}")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=False)
    assert len(list(adapters.iterdir())) == 2
    assert [adapter.name for adapter in list_adapters(adapters)] == ["run"]
    assert len(list(adapters.iterdir())) == 1


def test_a_save_that_fails_leaves_the_older_adapter(toy_export, tmp_path, settings, monkeypatch):
    tuned(toy_export, tmp_path, settings())
    before = (tmp_path / "adapters" / "run" / "adapter_model.safetensors").read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tuning.adapted.save_file", full)
    with pytest.raises(OSError, match="No space"):
        tuned(toy_export, tmp_path, settings(seed=14))
    assert (tmp_path / "adapters" / "run" / "adapter_model.safetensors").read_bytes() == before
    monkeypatch.undo()
    notes = Notes()
    assert tuned(toy_export, tmp_path, settings(seed=14), report=notes).seed == 14
    assert notes.steps == []  # the trained weights were in the run's checkpoint


@pytest.mark.parametrize(
    "name", ["../x", "/tmp/x", "a/b", "", ".hidden", "con", "NUL.txt", "a\x00b", "x" * 65, "a b", "a."]
)
def test_a_name_that_leaves_its_folder_is_refused(toy_export, tmp_path, settings, name):
    with pytest.raises(InputError, match="cannot name an adapter"):
        tuned(toy_export, tmp_path, settings(), name=name)
    with pytest.raises(InputError, match="cannot name an adapter"):
        find_adapter(tmp_path, name)


def test_a_link_in_an_adapters_place_is_refused(toy_export, tmp_path, settings):
    (tmp_path / "adapters").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "adapters" / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="is a link"):
        tuned(toy_export, tmp_path, settings())
    with pytest.raises(InputError, match="is a link"):
        find_adapter(tmp_path / "adapters", "run")


def test_a_gpu_that_is_not_there_is_said(toy_export, tmp_path, settings):
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(SettingsError, match=r'device is "cuda".*gpu.md'):
        tuned(toy_export, tmp_path, settings(device="cuda"))
