"""Adapters that are taken in, moved aside and merged: nothing is replaced, nothing lost, nothing run."""

from __future__ import annotations

import json
import shutil

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file

from tamiz.cli import cli
from tamiz.cli.chatlines import Served
from tamiz.errors import InputError
from tamiz.project import Project
from tuning.adapters import answer, find_adapter, list_adapters, load_adapter, switch_adapter
from tuning.merging import merge_adapters
from tuning.registry import add_adapter, remove_adapter

QUESTION = "What is on the red door?"


@pytest.fixture(scope="module")
def made(made_adapter, tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    made_adapter(folder, "one")
    made_adapter(folder, "two", seed=2, r=2)
    return folder


@pytest.fixture
def adapters(made, tmp_path):
    return shutil.copytree(made, tmp_path / "adapters")


def test_a_removed_adapter_is_kept_with_its_reason_and_comes_back(adapters):
    before = answer(load_adapter(find_adapter(adapters, "one"), device="cpu"), QUESTION, max_new_tokens=12)
    moved = remove_adapter(adapters, "one", reason="trained on the wrong version")
    assert [adapter.name for adapter in list_adapters(adapters)] == ["two"]
    assert json.loads((moved / "removed.json").read_text())["reason"] == "trained on the wrong version"
    back = add_adapter(moved, adapters, "one")
    assert answer(load_adapter(back, device="cpu"), QUESTION, max_new_tokens=12) == before
    assert not (back.folder / "removed.json").exists()
    assert moved.is_dir()


def test_two_of_a_name_can_be_removed_in_the_same_second(adapters):
    first = remove_adapter(adapters, "one", reason="a")
    add_adapter(first, adapters, "one")
    assert remove_adapter(adapters, "one", reason="b") != first
    with pytest.raises(InputError, match="say why"):
        remove_adapter(adapters, "two", reason=" ")


def foreign(adapters, tmp_path, **config):
    """An adapter as peft saves it, without anything of tamiz."""
    folder = tmp_path / "theirs"
    shutil.copytree(adapters / "one", folder)
    (folder / "runcard.json").unlink()
    values = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps({**values, **config}))
    return folder


def test_an_adapter_of_peft_is_taken_in_and_answers_the_same(adapters, tmp_path):
    theirs = foreign(adapters, tmp_path, init_lora_weights="pissa")
    (theirs / "evil.py").write_text("raise SystemExit")
    added = add_adapter(theirs, adapters, "theirs")
    own = find_adapter(adapters, "one")
    torch.testing.assert_close(logits(added), logits(own))
    assert added.card.parameters["trainable"] == sum(
        part.numel() for part in load_file(own.folder / "adapter_model.safetensors").values()
    )
    assert not (added.folder / "evil.py").exists()
    assert json.loads((added.folder / "adapter_config.json").read_text())["init_lora_weights"] is True


@pytest.mark.parametrize(
    ("config", "message"),
    [
        pytest.param({"auto_mapping": {"base_model_class": "Evil"}}, "sets auto_mapping", id="code by name"),
        pytest.param({"peft_type": "LOHA"}, "no LoRA adapter's", id="another kind"),
        pytest.param({"task_type": "SEQ_2_SEQ_LM"}, "for the task", id="another task"),
        pytest.param({"base_model_name_or_path": ""}, "names no base model", id="no base"),
        pytest.param({"layer_replication": [[0, 1]]}, "sets layer_replication", id="another architecture"),
    ],
)
def test_what_is_more_than_plain_lora_is_refused(adapters, tmp_path, config, message):
    with pytest.raises(InputError, match=message):
        add_adapter(foreign(adapters, tmp_path, **config), adapters, "theirs")
    assert not (adapters / "theirs").exists()
    assert not list(adapters.glob(".writing-*"))


def test_pickles_links_and_taken_names_are_refused(adapters, tmp_path):
    theirs = foreign(adapters, tmp_path)
    with pytest.raises(InputError, match=r"is there already.*tamiz adapters remove two"):
        add_adapter(theirs, adapters, "two")
    with pytest.raises(InputError, match="cannot name an adapter"):
        add_adapter(theirs, adapters, "../two")
    weights = theirs / "adapter_model.safetensors"
    weights.rename(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="safetensors alone"):
        add_adapter(theirs, adapters, "theirs")
    weights.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="is a link"):
        add_adapter(theirs, adapters, "theirs")


def logits(adapter, *, base=False):
    loaded = load_adapter(adapter, device="cpu")
    ids = torch.tensor([[1, 5, 6, 7, 8]])
    with torch.no_grad():
        if base:
            with loaded.model.disable_adapter():
                return loaded.model(input_ids=ids).logits
        return loaded.model(input_ids=ids).logits


def updates(adapter):
    """The change of every weight that an adapter makes."""
    loaded = load_adapter(adapter, device="cpu")
    layers = {name: part for name, part in loaded.model.named_modules() if hasattr(part, "get_delta_weight")}
    return {name: part.get_delta_weight("default") for name, part in layers.items()}


def test_the_linear_merge_is_the_weighted_sum_of_the_updates(adapters):
    made = merge_adapters(adapters, ["one", "two"], "sum", weights=[0.75, -0.5])
    one, two, both = (updates(find_adapter(adapters, name)) for name in ("one", "two", "sum"))
    for name, update in both.items():
        torch.testing.assert_close(update, 0.75 * one[name] - 0.5 * two[name], atol=1e-5, rtol=1e-4)
    assert made.card.settings["merged"] == {
        "from": ["one", "two"],
        "weights": [0.75, -0.5],
        "how": "linear",
        "seed": 13,
        "data": ["0" * 64],
    }
    assert made.card.results == {}
    assert made.card.parameters["trainable"] > 0


def test_a_merged_adapter_has_no_verdict_of_its_parts(adapters):
    path = adapters / "one" / "runcard.json"
    card = {**json.loads(path.read_text()), "proof": {"verdict": "helped", "recommended": True}}
    path.write_text(json.dumps(card))
    assert merge_adapters(adapters, ["one", "two"], "sum").card.proof == {}
    assert find_adapter(adapters, "one").card.proof["recommended"] is True


@pytest.mark.parametrize("weight", [float("nan"), float("inf")])
def test_a_weight_that_is_no_number_is_refused(adapters, weight):
    with pytest.raises(InputError, match=r"the weight of two is (nan|inf)"):
        merge_adapters(adapters, ["one", "two"], "sum", weights=[0.5, weight])
    assert not (adapters / "sum").exists()


def test_an_adapter_with_another_scale_is_merged_as_it_answers(made_adapter, adapters):
    made_adapter(adapters, "rs", seed=3, r=8, rslora=True, rank_pattern={"q_proj": 3})
    merge_adapters(adapters, ["rs", "two"], "sum", weights=[1.0, 0.0])
    torch.testing.assert_close(logits(find_adapter(adapters, "sum")), logits(find_adapter(adapters, "rs")))


@pytest.mark.parametrize("how", ["ties", "dare-linear", "dare-ties"])
def test_the_other_merges_make_an_adapter_that_is_the_same_for_the_same_seed(adapters, how):
    first = merge_adapters(adapters, ["one", "two"], "first", how=how, rank=3)
    again = merge_adapters(adapters, ["one", "two"], "again", how=how, rank=3)
    torch.testing.assert_close(logits(first), logits(again), atol=1e-4, rtol=1e-4)
    assert not torch.allclose(logits(first), logits(first, base=True), atol=1e-3)
    assert first.card.settings["lora"]["r"] == 3


@pytest.mark.parametrize("how", ["ties", "dare-linear", "dare-ties"])
def test_a_merge_to_a_rank_that_narrow_layers_do_not_have_comes_back_the_same(made_adapter, adapters, how):
    """v_proj gives out 16 numbers alone, so that its update has rank 16 at most; the others get 24."""
    made_adapter(adapters, "wide", seed=3, r=12)
    made_adapter(adapters, "broad", seed=4, r=12)
    both = merge_adapters(adapters, ["wide", "broad"], "both", how=how, density=0.999)
    assert both.card.settings["lora"]["r"] == 24
    shapes = {part.shape for name, part in load_file(both.folder / "adapter_model.safetensors").items() if "v_" in name}
    assert shapes == {(24, 32), (16, 24)}
    if how == "dare-linear":  # nothing but a thousandth is left out, and the ranks have room for all
        one, other, sums = (updates(find_adapter(adapters, name)) for name in ("wide", "broad", "both"))
        for name, update in sums.items():
            wanted = 0.5 * one[name] + 0.5 * other[name]
            assert (update - wanted).norm() < 0.3 * wanted.norm(), name


def test_a_merge_to_more_rank_than_any_layer_has_is_refused_and_by_default_bounded(made_adapter, adapters):
    made_adapter(adapters, "wide", seed=3, r=30, targets=("q_proj",))
    made_adapter(adapters, "broad", seed=4, r=30, targets=("q_proj",))
    with pytest.raises(InputError, match=r"rank is 40, and the widest layer .* rank 32 at most"):
        merge_adapters(adapters, ["wide", "broad"], "both", how="ties", rank=40)
    assert merge_adapters(adapters, ["wide", "broad"], "both", how="ties").card.settings["lora"]["r"] == 32


def rewritten(adapter, **settings):
    """The adapter with a rank in its config that its weights do not have, and other settings in its card."""
    path = adapter.folder / "adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "r": 5}))
    card = json.loads((adapter.folder / "runcard.json").read_text())
    card["settings"] |= settings
    (adapter.folder / "runcard.json").write_text(json.dumps(card))
    return find_adapter(adapter.folder.parent, adapter.name)


@pytest.mark.parametrize(
    ("settings", "again"),
    [
        pytest.param({}, "Make it again: tamiz tune one$", id="tuned"),
        pytest.param(
            {"merged": {"from": ["a", "b"], "how": "ties"}},
            "Merge it again .*: tamiz adapters merge a b --how ties --into NAME$",
            id="merged",
        ),
        pytest.param({"added_from": "theirs"}, "Add it again.*: tamiz adapters add FOLDER --base MODEL", id="added"),
    ],
)
def test_an_adapter_that_does_not_load_says_what_does_not_fit_and_how_it_is_made_again(adapters, settings, again):
    broken = rewritten(find_adapter(adapters, "one"), **settings)
    with pytest.raises(InputError, match=rf"\(size mismatch for .*lora_A.*\)\. {again}"):
        load_adapter(broken, device="cpu")
    (broken.folder / "adapter_model.safetensors").unlink()
    with pytest.raises(InputError, match=rf"safetensors alone\. {again}"):
        load_adapter(broken, device="cpu")


def test_adapters_that_cannot_be_merged_are_named(made_adapter, adapters):
    made_adapter(adapters, "dora", dora=True)
    made_adapter(adapters, "other", "gpt2")
    for names, message in [
        (["one"], "two adapters or more"),
        (["one", "one"], "each once"),
        (["one", "dora"], "dora uses DoRA"),
        (["one", "other"], "no common base"),
    ]:
        with pytest.raises(InputError, match=message):
            merge_adapters(adapters, names, "made")
    with pytest.raises(InputError, match="is there already"):
        merge_adapters(adapters, ["one", "two"], "dora")


def test_the_commands_list_remove_and_bring_back(adapters, tmp_path):
    (tmp_path / "tamiz.toml").write_text("")

    def run(*arguments, **more):
        return CliRunner().invoke(cli, ["--project", str(tmp_path), "adapters", *arguments], **more)

    listed = json.loads(run("list", "--json").output)
    assert {row["name"] for row in listed} == {"one", "two"}
    assert "not proved" in run("list").output
    nobody = run("remove", "one", input="")
    assert (nobody.exit_code, "give --reason" in nobody.output) == (2, True), nobody.output
    asked = run("remove", "one", input="no longer used\n")
    assert asked.exit_code == 0, asked.output
    moved = next((adapters / ".removed").iterdir())
    assert str(moved) in asked.output
    back = run("add", str(moved), "--name", "one")
    assert back.exit_code == 0, back.output
    assert run("merge", "one", "two", "--into", "both").exit_code == 0


def test_another_adapter_speaks_without_the_base_being_loaded_again(made_adapter, adapters):
    made_adapter(adapters, "other.kind", "gpt2")
    one, two, other = (find_adapter(adapters, name) for name in ("one", "two", "other.kind"))
    alone = {
        adapter.name: answer(load_adapter(adapter, device="cpu"), QUESTION, max_new_tokens=12)
        for adapter in (one, two, other)
    }
    loaded = load_adapter(one, device="cpu")
    for adapter in (two, one, two):
        switched = switch_adapter(loaded, adapter, device="cpu")
        assert switched.model is loaded.model
        assert answer(switched, QUESTION, max_new_tokens=12) == alone[adapter.name]
        loaded = switched
    assert answer(switch_adapter(loaded, other, device="cpu"), QUESTION, max_new_tokens=12) == alone["other.kind"]


def test_a_talk_changes_its_adapter(made_adapter, adapters, tmp_path):
    (tmp_path / "tamiz.toml").write_text("[tuning]\nmax_new_tokens = 8\n[project]\nlanguages = ['en']\n")
    said = {name: answer(load_adapter(find_adapter(adapters, name), device="cpu"), QUESTION, max_new_tokens=8)
            for name in ("one", "two")}  # fmt: skip
    lines = f"{QUESTION}\n/use two\n/use nobody\n\n"
    done = CliRunner().invoke(cli, ["--project", str(tmp_path), "chat", "one"], input=lines)
    assert done.exit_code == 0, done.output
    assert said["one"] in done.output
    assert "two speaks." in done.output
    assert "there is no adapter nobody" in done.output


def test_a_program_names_the_adapter_that_is_to_speak(adapters, tmp_path):
    (tmp_path / "tamiz.toml").write_text("")
    first = load_adapter(find_adapter(adapters, "one"), device="cpu")
    served = Served(Project.open(tmp_path), first, "en")
    for wanted, name in (("two", "two"), (None, "one"), ("one", "one"), ("two", "two")):
        assert served.let_speak(wanted).card.name == name
        alone = load_adapter(find_adapter(adapters, name), device="cpu")
        assert answer(served.loaded, QUESTION, max_new_tokens=4) == answer(alone, QUESTION, max_new_tokens=4)
    with pytest.raises(InputError, match="there is no adapter nobody"):
        served.let_speak("nobody")
