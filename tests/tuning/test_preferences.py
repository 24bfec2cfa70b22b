"""Preference tuning on the reviewers' edits: TRL's loss, in the loop that all runs have, on tiny real models."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner

from tamiz.cli import cli
from tamiz.decisions import judge, mark_sieved
from tamiz.errors import InputError, SettingsError, TooFewPairs
from tamiz.records import WHENCE_PREFERENCES, Pair, Verdict
from tamiz.store import Store
from tuning.adapters import answer, find_adapter, load_adapter
from tuning.data import read_export
from tuning.preferences import check_preferences, encode_preferences, with_preferences
from tuning.train import tune

needs_trl = pytest.mark.skipif(find_spec("trl") is None, reason="needs TRL: pip install 'tamiz[dpo]'")
HASTY = "Ask somebody else."


def add_edits(export: Path, **counts: int) -> Path:
    """dpo files in the export: so many edits of each part, by which the pair's answer replaced a hasty one."""
    manifest = json.loads((export / "manifest.json").read_text())
    (export / "dpo").mkdir()
    for part in ("train", "validation", "test"):
        pairs = [json.loads(line) for line in (export / "pairs" / f"{part}.jsonl").read_text().splitlines()]
        rows = [
            {
                "prompt": [{"role": "user", "content": pair["question"]}],
                "chosen": [{"role": "assistant", "content": pair["answer"]}],
                "rejected": [{"role": "assistant", "content": HASTY}],
                "id": pair["id"],
                "rejected_id": hashlib.sha256(pair["id"].encode()).hexdigest()[:32],
            }
            for pair in pairs[: counts.get(part, 99)]
        ]
        path = export / "dpo" / f"{part}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        manifest["files"][f"dpo/{part}.jsonl"] = {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "rows": len(rows),
        }
    (export / "manifest.json").write_text(json.dumps(manifest))
    return export


@pytest.fixture
def edited(toy, tmp_path):
    def make(**counts: int) -> Path:
        rows = toy.rows()
        export = toy.export(tmp_path / "v001", train=rows[:24], validation=rows[24:28], test=rows[28:])
        return add_edits(export, **counts)

    return make


@pytest.fixture
def places(tmp_path):
    return {"runs": tmp_path / "runs", "adapters": tmp_path / "adapters"}


@pytest.fixture
def wanted(settings):
    def make(**changes: Any):
        usual = {"method": "dpo", "epochs": 1.0, "learning_rate": 1e-2, "beta": 0.2, "eval_answers": 1}
        return settings(changes.pop("kind", "llama"), **{**usual, "max_new_tokens": 2, "samples": 1, **changes})

    return make


@needs_trl
@pytest.mark.parametrize("kind", ["llama", "gemma3"])
def test_the_new_answers_gain_on_the_old_ones_in_held_out_edits(edited, places, wanted, kind):
    card = tune(edited(), wanted(kind=kind), name="liked", **places)
    before, after = card.results["base"], card.results["tuned"]
    assert after["margin"] > before["margin"]
    change, low, high = card.settings["preferences"]["margin_change"]
    assert change == pytest.approx(after["margin"] - before["margin"])
    assert 0 < low <= change <= high
    losses = [point["loss"] for point in card.curves["validation"]]
    assert losses[0] == pytest.approx(0.6931, abs=1e-3)  # ln 2: the run starts at its reference
    assert losses[-1] < losses[0]
    assert card.settings["method"] == "dpo"
    assert card.settings["preferences"]["edits"] == {"train": 24, "validation": 4, "test": 4}
    assert answer(load_adapter(find_adapter(places["adapters"], "liked"), device="cpu"), "What is on the red door?")


@needs_trl
def test_a_run_on_an_adapter_starts_there_and_leaves_it_as_it_is(edited, places, wanted, settings):
    export = edited()
    first = tune(export, settings(epochs=1.0, eval_answers=2, max_new_tokens=4), name="support", **places)
    weights = places["adapters"] / "support" / "adapter_model.safetensors"
    untouched = weights.read_bytes()
    card = tune(export, wanted(start="support"), name="liked", **places)
    assert card.results["base"]["loss"] == pytest.approx(first.results["tuned"]["loss"], rel=1e-4)
    assert card.curves["validation"][0]["loss"] == pytest.approx(0.6931, abs=1e-3)
    assert card.results["tuned"]["margin"] > card.results["base"]["margin"]
    assert card.settings["start"] == "support"
    assert weights.read_bytes() == untouched
    saved = json.loads((places["adapters"] / "liked" / "adapter_config.json").read_text())
    assert saved["r"] == first.settings["lora"]["r"]


@needs_trl
def test_the_base_is_in_memory_once(edited, places, wanted, toy, base_folder, tmp_path):
    from tuning.dpo import ready_to_prefer
    from tuning.models import find_base

    asked = wanted()
    data = with_preferences(read_export(edited()), tmp_path / "v001")
    run = places["runs"] / "liked"
    cpu = {"device": torch.device("cpu"), "dtype": torch.float32}
    parts = ready_to_prefer(find_base(asked.base), None, data, asked, run, **cpu)
    own = sum(part.numel() for part in toy.causal("llama").parameters())
    learnt = sum(part.numel() for part in parts["model"].parameters() if part.requires_grad)
    assert sum(part.numel() for part in parts["model"].parameters()) == own + learnt


@needs_trl
def test_our_loss_is_that_of_the_formula(edited, wanted, tmp_path):
    from tuning.dpo import ready_to_prefer
    from tuning.losses import losses_of
    from tuning.models import find_base

    asked = wanted(lora={"dropout": 0.0})
    data = with_preferences(read_export(edited()), tmp_path / "v001")
    cpu = {"device": torch.device("cpu"), "dtype": torch.float32}
    parts = ready_to_prefer(find_base(asked.base), None, data, asked, tmp_path / "run", **cpu)
    model, lesson, learnt = parts["model"].eval(), parts["lesson"], parts["learnt"]
    with torch.no_grad():
        for name, part in model.named_parameters():
            if "lora_B" in name:
                part.normal_(std=0.05, generator=torch.Generator().manual_seed(3))
        some = learnt.train[:3]
        total, count = learnt.loss(learnt.collate(some))

    def margins() -> torch.Tensor:
        both = [losses_of(model, lesson, [getattr(p, side) for p in some]) for side in ("better", "worse")]
        return torch.tensor([worse - better for (better, _), (worse, _) in zip(*both, strict=True)])

    mine = margins()
    with model.disable_adapter():
        its = margins()
    assert count == 3
    expected = -torch.nn.functional.logsigmoid(asked.beta * (mine - its)).sum()
    assert float(total) == pytest.approx(float(expected), rel=1e-4)


@needs_trl
def test_a_run_that_was_stopped_goes_on_to_the_same_end(edited, places, wanted, tmp_path):
    class Stop:
        def update(self, done: int, total: int, note: str = "") -> None:
            if done == 2:
                raise KeyboardInterrupt

    export = edited()
    asked = wanted(checkpoint_minutes=0.0)
    whole = tune(export, asked, name="liked", runs=tmp_path / "r", adapters=tmp_path / "a")
    with pytest.raises(KeyboardInterrupt):
        tune(export, asked, name="liked", report=Stop(), **places)
    resumed = tune(export, asked, name="liked", resume=True, **places)
    assert resumed.curves["validation"] == whole.curves["validation"]
    assert resumed.results["tuned"]["margin"] == pytest.approx(whole.results["tuned"]["margin"], rel=1e-5)


def test_without_edits_it_says_how_to_come_by_some(edited, places, wanted):
    with pytest.raises(TooFewPairs, match=r"none of them.*tamiz review.*tamiz export --format dpo"):
        tune(edited(train=0), wanted(), name="liked", **places)


def test_an_export_without_preferences_says_how_to_make_one(toy_export, places, wanted):
    with pytest.raises(InputError, match="tamiz export --format dpo"):
        tune(toy_export, wanted(), name="liked", **places)


SUBJECTS = ("factura", "antena", "contrato", "recibo", "tarjeta", "señal", "mando", "batería", "router", "portabilidad")


@pytest.fixture
def reviewed(tmp_path, base_folder):
    """A project with forty accepted pairs; `edit` has a reviewer put another answer in the place of so many."""
    about = f'[tuning]\nbase = "{base_folder("llama")}"\ndevice = "cpu"\nmax_new_tokens = 2\nsamples = 1\n'
    more = "eval_answers = 1\neval_probes = 0\nepochs = 1.0\n[tuning.lora]\nr = 4\n"
    (tmp_path / "tamiz.toml").write_text(f"[export]\nmin_pairs = 4\n{about}{more}", encoding="utf-8")
    by, pairs = "person:reviewer-1", []
    for number in range(40):
        told = " ".join(f"{SUBJECTS[number % 10][:4]}{number}{n}" for n in range(6))
        place = {"lang": "es", "url": f"https://a.example/{number}", "group": f"{number}", "kind": "faq"}
        pairs.append(Pair(question=f"¿Qué es {told}?", answer=f"Se mira en {told[::-1]}.", source="a", **place))

    def edit(count: int) -> None:
        with Store.open(f"sqlite:///{tmp_path / 'tamiz.db'}") as store:
            for pair in pairs[:count]:
                answer = " ".join(reversed(pair.answer.split()))
                new = replace(pair, answer=answer, made_from=(pair.id,), made_by=by)
                version = store.pair(pair.id).version
                judge(store, [Verdict(pair=pair.id, version=version, decision="accept", by=by, edited=new)])

    with Store.open(f"sqlite:///{tmp_path / 'tamiz.db'}") as store:
        store.add_pairs(pairs, "import:test")
        mark_sieved(store, [pair.id for pair in pairs])
        judge(store, [Verdict(pair=pair.id, version=2, decision="accept", by=by) for pair in pairs])
    return tmp_path, edit


def run_tune(folder: Path) -> Any:
    command = ["--project", str(folder), "tune", "liked", "--method", "dpo", "--json"]
    return CliRunner().invoke(cli, command)


def test_where_nobody_edited_yet_the_command_says_how_preferences_come_to_be(reviewed):
    folder, _ = reviewed
    done = run_tune(folder)
    assert isinstance(done.exception, TooFewPairs)
    assert str(done.exception) == f"v001 has no preferences: when it was made there were none yet. {WHENCE_PREFERENCES}"
    assert f"dpo was not written: there are no preferences yet. {WHENCE_PREFERENCES}" in done.stderr
    assert not (folder / "exports" / "v001" / "dpo").exists()
    run_tune(folder)
    assert [path.name for path in (folder / "exports").glob("v*")] == ["v001"]  # and none is made in vain again


@needs_trl
def test_the_command_exports_the_edits_first_and_trains_on_them(reviewed):
    folder, edit = reviewed
    assert CliRunner().invoke(cli, ["--project", str(folder), "export"]).exit_code == 0
    edit(40)
    done = run_tune(folder)
    assert done.exit_code == 0, done.output
    card = json.loads(done.stdout)
    manifest = json.loads((folder / "exports" / "v002" / "manifest.json").read_text(encoding="utf-8"))
    assert card["dataset_version"] == "v002"
    assert manifest["settings"]["formats"] == ["json", "chat", "dpo"]
    assert card["settings"]["preferences"]["edits"] == manifest["formats"]["dpo"]["lines"]
    assert sum(manifest["formats"]["dpo"]["lines"].values()) == 40
    assert (folder / "adapters" / "liked" / "adapter_model.safetensors").is_file()


def test_a_part_without_edits_has_no_file_and_is_empty(edited):
    export = edited()
    manifest = json.loads((export / "manifest.json").read_text())
    (export / "dpo" / "test.jsonl").unlink()
    del manifest["files"]["dpo/test.jsonl"]
    (export / "manifest.json").write_text(json.dumps(manifest))
    found = with_preferences(read_export(export), export).preferences
    assert {part: len(many) for part, many in found.items()} == {"train": 24, "validation": 4, "test": 0}


def test_a_changed_file_of_preferences_is_refused(edited):
    export = edited()
    with (export / "dpo" / "train.jsonl").open("a") as file:
        file.write("\n")
    with pytest.raises(InputError, match="was changed after it was exported"):
        with_preferences(read_export(export), export)


def test_a_few_edits_are_not_enough(edited):
    export = edited(train=7)
    with pytest.raises(TooFewPairs, match="has 7 of them for training, and it takes at least 8"):
        check_preferences(with_preferences(read_export(export), export))


def test_both_answers_follow_the_same_prompt(edited, tokenizer_for):
    export = edited()
    data = with_preferences(read_export(export), export)
    tokenizer = tokenizer_for()
    found, alike = encode_preferences(data.preferences["train"], tokenizer, max_tokens=64)
    assert alike == 0
    assert len(found) == 24
    for one, said in zip(found, data.preferences["train"], strict=True):
        start = one.answer_start
        assert one.better.ids[:start] == one.worse.ids[:start]
        assert said.pair.answer in tokenizer.decode(one.better.ids[start:])
        assert HASTY in tokenizer.decode(one.worse.ids[start:])


def test_answers_that_are_alike_once_cut_are_left_out_and_counted(edited, tokenizer_for):
    export = edited()
    one = with_preferences(read_export(export), export).preferences["train"][0]
    longer = replace(one, rejected=one.pair.answer + " And more.")
    tokenizer = tokenizer_for()
    short = len(tokenizer(one.pair.question)["input_ids"]) + 12
    assert encode_preferences([longer], tokenizer, max_tokens=short) == ([], 1)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"task": "classify"}, "preferences are of answers", id="a classifier"),
        pytest.param({"approximations": ("gradient_filtering",)}, "dpo takes none", id="approximations"),
        pytest.param({"lora": {"init": "pissa"}}, "holds on to the model it starts with", id="a base that moves"),
        pytest.param({"beta": 0.0}, "give above 0", id="no beta"),
        pytest.param({"method": "lora", "start": "support"}, "only method", id="a start without dpo"),
    ],
)
def test_settings_that_do_not_fit_are_refused(wanted, changes, says):
    with pytest.raises(SettingsError, match=says):
        wanted(**changes)


def test_the_run_does_not_write_over_the_adapter_it_starts_from(edited, places, wanted):
    with pytest.raises(InputError, match="another name, as support-dpo"):
        tune(edited(), wanted(start="support"), name="support", **places)


@needs_trl
def test_edits_are_cut_at_what_the_base_reads(edited, wanted, places):
    card = tune(edited(), wanted(kind="gpt2", epochs=0.3), name="run", **places)
    assert card.settings["max_tokens"] == 264
