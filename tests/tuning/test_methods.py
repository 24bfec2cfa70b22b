"""LoRA beside full fine-tuning, each measured in a process of its own."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tamiz.cli import cli
from tamiz.errors import TamizError
from tuning.methods import Measured, MethodComparison, settings_for, trained
from tuning.train import Silence, tune


def test_full_fine_tuning_gets_a_rate_of_its_own_and_whole_weights(settings):
    given = settings(learning_rate=0.02, quantise="4bit", approximations=("gradient_filtering",))
    full = settings_for(given, "full")
    assert (full.method, full.learning_rate, full.quantise, full.approximations) == ("full", 1e-3, "no", ())
    assert "learning_rate" not in full.given
    assert settings_for(given, "lora") == given


@pytest.mark.parametrize(
    ("device", "loads", "told"),
    [
        pytest.param("cpu", (1.9, 12.5), "a load of 1.9 and 12.5 on 4 cores", id="others ran beside"),
        pytest.param("cpu", (1.9, 2.0), "", id="a machine of its own"),
        pytest.param("cpu", (None, None), "", id="not known"),
        pytest.param("cuda", (12.5, 12.5), "", id="a GPU's time is its own"),
    ],
)
def test_times_taken_beside_other_programs_are_marked(monkeypatch, device, loads, told):
    monkeypatch.setattr("tuning.methods.os.cpu_count", lambda: 4)
    usual = {"trainable": 1, "total": 2, "peak_memory_mb": 1.0, "seconds_per_step": 1.0, "tokens_per_second": 1.0}
    usual |= {"saved_mb": 1.0, "learning_rate": 1e-3, "results": {}, "verdict": "unclear: x"}
    lora, full = (Measured(method=m, name=m, load=n, **usual) for m, n in zip(("lora", "full"), loads, strict=True))
    about = {"dataset_version": "v001", "base": "b", "device": device, "quality": None}
    busy = MethodComparison(lora=lora, full=full, **about).busy()
    assert told in busy
    assert bool(busy) == bool(told)


def test_what_a_method_refuses_comes_back_from_its_process(toy, tmp_path, settings):
    export = toy.export(tmp_path / "v001", train=toy.rows()[:3], test=toy.rows()[3:5])
    places = {"runs": tmp_path / "runs", "adapters": tmp_path / "adapters"}
    with pytest.raises(TamizError, match="v001 has 3 training pairs"):
        trained(export, settings(), "few-lora", **places, report=Silence())


def test_both_methods_are_trained_measured_and_kept(toy, tmp_path, base_folder, monkeypatch):
    def here(export, settings, name, runs, adapters, report):
        """In this process: two more would each load torch, and what they hold is not compared here."""
        return tune(export, settings, name=name, runs=runs, adapters=adapters, report=report)

    monkeypatch.setattr("tuning.methods.trained", here)
    rows, project = toy.rows(), tmp_path / "project"
    toy.export(project / "exports" / "v001", train=rows[:22], test=rows[22:])
    (project / "tamiz.toml").write_text(
        f'[tuning]\nbase = "{base_folder("llama")}"\ndevice = "cpu"\nepochs = 1.0\nmax_new_tokens = 6\n'
        "eval_probes = 0\npair_losses = 0\nlearning_rate = 0.02\n[tuning.lora]\nr = 4\nalpha = 8\n"
    )
    done = CliRunner().invoke(cli, ["--project", str(project), "compare", "--full", "toy", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    lora, full = told["lora"], told["full"]
    assert lora["trainable"] < full["trainable"] == full["total"]
    assert lora["saved_mb"] < full["saved_mb"]
    assert lora["seconds_per_step"] > 0 < full["peak_memory_mb"]
    assert full["learning_rate"] != lora["learning_rate"] == 0.02
    measured = {one["measure"]: one for one in told["quality"]["measures"]}
    for name, side in (("before", lora), ("after", full)):
        assert measured["loss"][name]["value"] == pytest.approx(side["results"]["loss"])
        assert measured["token_f1"][name]["value"] == pytest.approx(side["results"]["token_f1"])
    kept = next((project / "compare").glob("v001-*/report.html")).read_text(encoding="utf-8")
    assert "<svg" in kept
    assert "the usual claim is 2% and 30%" in kept
    again = CliRunner().invoke(cli, ["--project", str(project), "compare", "--full", "toy"])
    assert "peak memory in training, MB" in again.stdout  # finished runs are not trained again
    assert "LoRA / full" in again.stdout
