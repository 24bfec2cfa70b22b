"""Pickled weights and models with code of their own: refused, unless the settings name that very model."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tamiz.errors import InputError, SettingsError
from tamiz.settings import TuningSettings
from tuning.adapters import answer, find_adapter, load_adapter
from tuning.loading import load_base
from tuning.models import cache_folder, find_base
from tuning.train import begun_with, tune
from tuning.trust import Allowed

CPU = torch.device("cpu")
OWN_CODE = """
from pathlib import Path
from transformers import LlamaConfig, LlamaForCausalLM
Path({marker!r}).touch()
class OwnConfig(LlamaConfig):
    model_type = "own"
class OwnModel(LlamaForCausalLM):
    config_class = OwnConfig
"""


class Hostile:
    """What a pickle can do when it is opened: here it makes a file."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return Path.touch, (self.marker,)


@pytest.fixture(autouse=True)
def own_caches(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "modules"))


@pytest.fixture
def plain(base_folder, tmp_path) -> Path:
    return shutil.copytree(base_folder("llama"), tmp_path / "plain")


@pytest.fixture
def pickled(plain, tmp_path) -> Path:
    """The tiny model as it was published before safetensors, in two parts."""
    folder = shutil.copytree(plain, tmp_path / "pickled")
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(weights)
    parts = {"pytorch_model-00001-of-00002.bin": names[::2], "pytorch_model-00002-of-00002.bin": names[1::2]}
    for file, held in parts.items():
        torch.save({name: weights[name] for name in held}, folder / file)
    index = {"metadata": {}, "weight_map": {name: file for file, held in parts.items() for name in held}}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    return folder


@pytest.fixture
def with_code(plain, tmp_path) -> Path:
    """The tiny model with code of its own, which leaves a file when it is run."""
    folder = shutil.copytree(plain, tmp_path / "coded")
    (folder / "own.py").write_text(OWN_CODE.format(marker=str(tmp_path / "ran")))
    own = {"AutoConfig": "own.OwnConfig", "AutoModelForCausalLM": "own.OwnModel"}
    rewrite(folder / "config.json", model_type="own", architectures=["OwnModel"], auto_map=own)
    return folder


def rewrite(path: Path, **changes) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def logits(base):
    model, _ = load_base(base, "causal", device=CPU, dtype=torch.float32)
    with torch.no_grad():
        return model(torch.tensor([[5, 9, 40, 7]])).logits


def test_a_pickled_base_that_is_named_is_converted_once_and_is_the_same_model(plain, pickled):
    base = find_base(str(pickled), Allowed(pickle=(str(pickled),)))
    assert torch.equal(logits(base), logits(find_base(str(plain))))
    assert cache_folder() in base.folder.parents
    assert not [path for path in base.folder.rglob("*") if path.suffix == ".bin"]
    made = {path: path.stat().st_mtime_ns for path in base.folder.iterdir()}
    again = find_base(str(pickled))  # plain numbers by now
    assert {path: path.stat().st_mtime_ns for path in again.folder.iterdir()} == made


@pytest.mark.parametrize("named", [(), ("somebody/else",), ("..",), ("pickled",)])
def test_without_its_own_name_a_pickled_base_is_refused_with_the_line_that_allows_it(pickled, named):
    with pytest.raises(InputError) as refused:
        find_base(str(pickled), Allowed(pickle=named, code=(str(pickled),)))
    assert f'name it: [tuning] allow_pickle = ["{pickled}"]' in str(refused.value)
    assert not cache_folder().exists()


def test_changed_pickles_need_their_name_again(pickled):
    find_base(str(pickled), Allowed(pickle=(str(pickled),)))
    torch.save({"lm_head.weight": torch.zeros(3, 3)}, pickled / "pytorch_model.bin")
    with pytest.raises(InputError, match="allow_pickle"):
        find_base(str(pickled))


@pytest.mark.parametrize("write", [torch.save, lambda held, path: path.write_bytes(pickle.dumps(held))])
def test_a_pickle_that_would_run_code_runs_none_though_it_is_named(pickled, tmp_path, write):
    marker = tmp_path / "ran"
    path = pickled / "pytorch_model-00002-of-00002.bin"
    write({"lm_head.weight": torch.zeros(2), "more": Hostile(marker)}, path)
    with pytest.raises(InputError, match=r"cannot be read as plain weights .*nothing in it was run"):
        find_base(str(pickled), Allowed(pickle=(str(pickled),)))
    assert not marker.exists()
    assert [*(cache_folder() / "unpickled").iterdir()] == []
    torch.load(path, weights_only=False) if write is torch.save else pickle.loads(path.read_bytes())
    assert marker.exists()  # it would have run


@pytest.mark.parametrize("held", [b"", b"PK\x03\x04 no archive", [1, 2], {"weight": 3}, {}])
def test_what_holds_no_weights_is_said(pickled, held):
    path = pickled / "pytorch_model.bin"
    path.write_bytes(held) if isinstance(held, bytes) else torch.save(held, path)
    with pytest.raises(InputError, match=r"pytorch_model.bin of .* (cannot be read as plain|is no table of) weights"):
        find_base(str(pickled), Allowed(pickle=(str(pickled),)))


def test_an_adapter_of_a_pickled_base_is_trained_and_talks(toy_export, settings, pickled, tmp_path):
    wanted = settings(base=str(pickled), allow_pickle=(str(pickled),), epochs=0.1, eval_answers=1, pair_losses=0)
    tune(toy_export, wanted, name="a", runs=tmp_path / "runs", adapters=tmp_path / "adapters")
    loaded = load_adapter(find_adapter(tmp_path / "adapters"), device="cpu")
    assert isinstance(answer(loaded, "What is on the red door?", max_new_tokens=2), str)


def test_a_model_of_the_hub_is_named_by_its_hub_name(pickled, tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    place = tmp_path / "hub" / "models--somebody--old"
    (place / "refs").mkdir(parents=True)
    (place / "refs" / "main").write_text("c" * 40)
    shutil.copytree(pickled, place / "snapshots" / ("c" * 40))
    with pytest.raises(InputError, match=r'allow_pickle = \["somebody/old"\]'):
        find_base("somebody/old", Allowed(pickle=("somebody/older",)))
    assert find_base("somebody/old", Allowed(pickle=("somebody/old",))).origin == "hub: somebody/old"


def test_a_models_own_code_runs_only_where_it_is_named(plain, with_code, tmp_path):
    with pytest.raises(InputError) as refused:
        find_base(str(with_code), Allowed(code=(str(plain),), pickle=(str(with_code),)))
    assert f'name the model: [tuning] trust_remote_code = ["{with_code}"]' in str(refused.value)
    assert not (tmp_path / "ran").exists()
    base = find_base(str(with_code), Allowed(code=(f"{with_code}/../coded",)))
    assert torch.equal(logits(base), logits(find_base(str(plain))))
    assert (tmp_path / "ran").exists()


def test_a_tokenizers_own_code_runs_only_where_its_model_is_named(plain, tmp_path):
    own = "from pathlib import Path\nfrom transformers import PreTrainedTokenizerFast\nPath({!r}).touch()\n"
    own += "class OwnTokenizer(PreTrainedTokenizerFast):\n    pass\n"
    (plain / "own.py").write_text(own.format(str(tmp_path / "ran")))
    named = {"AutoTokenizer": [None, "own.OwnTokenizer"]}
    rewrite(plain / "tokenizer_config.json", tokenizer_class="OwnTokenizer", auto_map=named)
    with pytest.raises(InputError) as refused:
        load_base(find_base(str(plain)), "causal", device=CPU, dtype=torch.float32)
    assert "auto_map in tokenizer_config.json" in str(refused.value)
    assert f'name the model: [tuning] trust_remote_code = ["{plain}"]' in str(refused.value)
    assert not (tmp_path / "ran").exists()
    _, tokenizer = load_base(find_base(str(plain), Allowed(code=(str(plain),))), "causal", device=CPU, dtype=None)
    assert type(tokenizer).__name__ == "OwnTokenizer"
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json"])
def test_code_of_another_model_does_not_run_by_this_ones_name(with_code, file):
    rewrite(with_code / file, auto_map={"AutoConfig": "own.OwnConfig", "AutoTokenizer": ["else/where--t.T", None]})
    rewrite(with_code / "config.json", **({} if file == "config.json" else {"pad_token_id": 0}))
    with pytest.raises(InputError, match=r"takes its code from another model, else/where, which was not named"):
        find_base(str(with_code), Allowed(code=(str(with_code),)))


def test_neither_a_card_nor_a_runs_folder_allows_anything(with_code, made_adapter, toy_export, settings, tmp_path):
    adapter = made_adapter(tmp_path / "adapters", "one")
    card = json.loads((adapter.folder / "runcard.json").read_text())
    card["settings"]["trust_remote_code"] = [str(with_code)]
    rewrite(adapter.folder / "runcard.json", base=str(with_code), settings=card["settings"])
    with pytest.raises(InputError, match="trust_remote_code"):
        load_adapter(find_adapter(tmp_path / "adapters"), device="cpu")
    (tmp_path / "run").mkdir()
    begun = {"dataset_version": "v001", "asked": card["settings"]}
    (tmp_path / "run" / "begun.json").write_text(json.dumps(begun))
    assert begun_with(tmp_path / "run")[1].trust_remote_code == ()


@pytest.mark.parametrize("key", ["allow_pickle", "trust_remote_code"])
def test_no_pattern_allows_all(key):
    with pytest.raises(SettingsError, match=rf"\[tuning\] {key} .*name each base model in full"):
        TuningSettings(**{key: ("owner/*",)})
