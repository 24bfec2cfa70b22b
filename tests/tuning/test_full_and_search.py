"""Full fine-tuning by the same path, the tutorials' routes from end to end, and the search for a learning rate."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from tamiz.cli import cli
from tamiz.errors import InputError
from tuning.adapters import answer, find_adapter, load_adapter
from tuning.compare import compare
from tuning.search import search, search_table
from tuning.train import tune


@pytest.mark.parametrize(("kind", "task"), [("llama", "causal"), ("bert", "classify")])
def test_a_model_tuned_in_full_is_saved_whole_and_answers_as_it_did(toy_export, tmp_path, settings, kind, task):
    wanted = settings(kind, method="full", task=task, learning_rate=5e-3, max_new_tokens=8, eval_answers=4)
    card = tune(toy_export, wanted, name="all", runs=tmp_path / "runs", adapters=tmp_path / "adapters")
    assert card.settings["method"] == "full"
    assert card.parameters["trainable"] == card.parameters["total"]
    assert card.results["tuned"]["loss"] < card.results["base"]["loss"]
    adapter = find_adapter(tmp_path / "adapters", "all")
    assert (adapter.folder / "model.safetensors").is_file()
    assert answer(load_adapter(adapter, device="cpu"), "What is on the red door?") or task == "causal"
    scores = compare(toy_export, tmp_path / "adapters", ["all"], limit=4, device="cpu").scores
    base = next(metrics for name, metrics in scores.items() if name.startswith("base"))
    assert scores["all"]["loss"] == pytest.approx(card.results["tuned"]["loss"], rel=1e-4)
    assert base["loss"] == pytest.approx(card.results["base"]["loss"], rel=1e-4)


def documented(section):
    """The TOML block and the commands that stand under a heading of docs/how-to/models.md."""
    text = (Path(__file__).parents[2] / "docs" / "how-to" / "models.md").read_text(encoding="utf-8")
    under = text.split(f"## {section}\n", 1)[1].split("\n## ", 1)[0]
    toml, commands = re.findall(r"```(?:toml)?\n(.*?)```", under, re.DOTALL)[:2]
    return toml, [line.split()[1:] for line in commands.splitlines()]


@pytest.mark.parametrize(
    ("section", "kind", "targets"),
    [
        pytest.param("GPT-2, as the tutorials tune it", "gpt2", ["c_attn"], id="GPT-2"),
        pytest.param("BERT, as the tutorials tune it", "bert", ["query", "value"], id="BERT"),
        pytest.param("BERT, as the tutorials tune it", "distilbert", ["q_lin", "v_lin"], id="DistilBERT"),
        pytest.param("BERT, as the tutorials tune it", "modernbert", ["Wqkv"], id="ModernBERT"),
    ],
)
def test_the_tutorials_routes_run_as_the_docs_write_them(toy_export, tmp_path, base_folder, section, kind, targets):
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / toy_export.name).symlink_to(toy_export)
    toml, commands = documented(section)
    here = f'base = "{base_folder(kind)}"\ndevice = "cpu"\nmax_new_tokens = 8\nsamples = 1\nepochs = 1\neval_probes = 0'
    (tmp_path / "tamiz.toml").write_text(re.sub("^base = .*$", here, toml, count=1, flags=re.MULTILINE))
    assert [command[0] for command in commands] == ["tune", "compare", "chat"]
    for command in commands:
        done = CliRunner().invoke(cli, ["--project", str(tmp_path), *command], input="What is on the red door?\n")
        assert done.exit_code == 0, done.output
    card = find_adapter(tmp_path / "adapters").card
    assert {name.rsplit(".", 1)[-1] for name in card.settings["targets"]} == set(targets)
    lora = card.settings["lora"]
    assert (lora["r"], lora["alpha"], lora["dropout"]) == (16, 32, 0.1)
    assert any(reason.startswith("learning_rate = ") for reason in card.settings["reasons"])


def test_a_pissa_run_goes_on_where_it_was_and_ends_the_same(toy_export, tmp_path, settings):
    wanted = settings(lora={"init": "pissa", "loraplus": 4.0}, learning_rate=5e-3, max_new_tokens=4, eval_answers=2)

    class Breaks:
        def update(self, done: int, total: int | None = None, note: str = "") -> None:
            if done == 5 and note.startswith("loss"):
                raise RuntimeError("the power is gone")

    def run(folder, report=None):
        return tune(toy_export, wanted, name="p", runs=folder / "runs", adapters=folder / "adapters", report=report)

    whole = run(tmp_path / "whole")
    with pytest.raises(RuntimeError):
        run(tmp_path / "broken", Breaks())
    again = run(tmp_path / "broken")
    assert again.curves == whole.curves
    assert again.results == whole.results
    plain = tune(toy_export, settings(epochs=0.1), name="q", runs=tmp_path / "runs", adapters=tmp_path / "adapters")
    assert whole.results["base"]["loss"] == pytest.approx(plain.results["base"]["loss"], rel=1e-6)
    loaded = load_adapter(find_adapter(tmp_path / "whole" / "adapters", "p"), device="cpu")
    assert torch.isfinite(loaded.model(torch.tensor([[3, 4, 5]])).logits).all()


def test_rates_are_ranked_by_the_validation_loss_and_not_tried_twice(toy_export, tmp_path, settings):
    wanted, seen = settings(), []

    class Notes:
        def update(self, done: int, total: int | None = None, note: str = "") -> None:
            seen.append(total)

    def run():
        return search(toy_export, wanted, name="s", runs=tmp_path, rates=(2e-2, 1e-6), steps=4, report=Notes())

    found = run()
    assert [trial.learning_rate for trial in found.trials] == [2e-2, 1e-6]
    assert {trial.steps for trial in found.trials} == {4}
    assert len({trial.start_loss for trial in found.trials}) == 1  # the same start
    assert found.best.loss < found.best.start_loss
    assert "learning_rate = 0.02" in search_table(found)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s-rate-0.02", "s-rate-1e-06"]
    told = len(seen)
    assert run() == found
    assert len(seen) == told


def test_two_searches_do_not_train_in_one_folder(toy_export, tmp_path, settings):
    refused = []

    class Twice:
        def update(self, done: int, total: int | None = None, note: str = "") -> None:
            if not refused:
                with pytest.raises(InputError, match=r"s-rate-0\.02 is being trained by another process") as error:
                    run()
                refused.append(error)

    def run(report=None):
        return search(toy_export, settings(), name="s", runs=tmp_path, rates=(2e-2,), steps=2, report=report)

    assert run(Twice()).best.steps == 2
    assert len(refused) == 1


def test_a_rate_at_which_the_loss_goes_astray_comes_last_and_leaves_no_checkpoint(toy_export, tmp_path, settings):
    wanted = settings(clip=0.0, weight_decay=1e6, checkpoint_minutes=0.0)  # 0.9 of 1e6: the weights overflow
    found = search(toy_export, wanted, name="s", runs=tmp_path, rates=(0.9, 1e-9), steps=9)
    assert [(trial.learning_rate, trial.loss is None) for trial in found.trials] == [(1e-9, False), (0.9, True)]
    assert not [*tmp_path.glob("*/checkpoint*")]
    assert "astray" in search_table(found)


def test_without_validation_pairs_there_is_nothing_to_rank_by(toy, tmp_path, settings):
    rows = toy.rows()
    export = toy.export(tmp_path / "v001", train=rows[:24], test=rows[24:])
    with pytest.raises(InputError, match=r"no validation pairs to rank by. Set \[export\] validation"):
        search(export, settings(), name="s", runs=tmp_path / "runs")


def test_the_next_command_of_a_search_trains_what_was_tried(toy_export, tmp_path, base_folder, monkeypatch):
    monkeypatch.setattr("tuning.search.search.__kwdefaults__", {**search.__kwdefaults__, "steps": 1})
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / toy_export.name).symlink_to(toy_export)
    (tmp_path / "tamiz.toml").write_text('[tuning]\ndevice = "cpu"\n')
    given = ["--dataset=v001", f"--base={base_folder('llama')}", "--rank=2", "--batch-size=4"]
    done = CliRunner().invoke(cli, ["--project", str(tmp_path), "tune", "q", "--search", *given])
    assert done.exit_code == 0, done.output
    then = shlex.split(next(line for line in done.output.splitlines() if line.startswith("Next: ")))
    assert set(given) < set(then)
    assert then[:4] == ["Next:", "tamiz", "tune", "q"]
    assert any(word.startswith("--learning-rate=") for word in then)
