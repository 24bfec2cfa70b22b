"""Every family and every variant of LoRA: it finds its layers, learns a step, and is the same when it is read back."""

from __future__ import annotations

import json

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file

from tamiz.errors import SettingsError
from tamiz.records import RunCard
from tamiz.settings import LoraSettings, TuningSettings
from tuning.adapted import fresh_adapter, save_adapter
from tuning.prompts import Encoded
from tuning.quiet import quiet_libraries
from tuning.settings import lora_config, parameter_groups, within_ranks
from tuning.starts import learnt_count, onto_base, start_from_pairs
from tuning.targets import find_targets, query_value_layers

IDS = torch.arange(3, 43).reshape(4, 10)
CARD = {
    **dict.fromkeys(["name", "task", "base", "base_origin", "base_licence", "device"], "x"),
    **dict.fromkeys(["dataset_version", "dataset_hash", "started_at", "finished_at"], "x"),
    **{name: {} for name in ("settings", "versions", "parameters", "cost", "curves", "results")},
    "seed": 1,
}
TUTORIALS = LoraSettings(r=16, alpha=32, dropout=0.1, targets=("query-value",))


def made(toy, kind, task="causal"):
    if task == "causal":
        return toy.causal(kind)
    from transformers import AutoModelForSequenceClassification

    torch.manual_seed(7)
    return AutoModelForSequenceClassification.from_config(toy.config(kind))


def learnt(model, settings, *, rate=0.01):
    """The model after a step on tokens that mean nothing."""
    model.train()
    optimizer = torch.optim.AdamW(parameter_groups(model, TuningSettings(learning_rate=rate, lora=settings)))
    logits = model(input_ids=IDS, attention_mask=torch.ones_like(IDS)).logits
    logits.float().logsumexp(-1).sub(logits[..., 0]).mean().backward()
    optimizer.step()
    return model.eval()


def scores(model):
    with torch.no_grad():
        return model.eval()(input_ids=IDS, attention_mask=torch.ones_like(IDS)).logits


def read_back(model, folder):
    with quiet_libraries():
        return PeftModel.from_pretrained(model, folder)


def saved(model, folder):
    save_adapter(model, RunCard(**CARD), folder / "adapters" / "one", folder)
    return folder / "adapters" / "one"


@pytest.mark.parametrize(
    ("kind", "task", "targets", "query_value"),
    [
        pytest.param("llama", "causal", 7, {"q_proj", "v_proj"}, id="Llama, SmolLM"),
        pytest.param("mistral", "causal", 7, {"q_proj", "v_proj"}, id="Mistral"),
        pytest.param("qwen3", "causal", 7, {"q_proj", "v_proj"}, id="Qwen"),
        pytest.param("gemma3", "causal", 7, {"q_proj", "v_proj"}, id="Gemma"),
        pytest.param("phi", "causal", 6, {"q_proj", "v_proj"}, id="Phi"),
        pytest.param("phi3", "causal", 4, {"qkv_proj"}, id="Phi 3: one product"),
        pytest.param("gpt2", "causal", 3, {"c_attn"}, id="GPT-2: one product, turned"),
        pytest.param("bert", "classify", 2, {"query", "value"}, id="BERT"),
        pytest.param("roberta", "classify", 2, {"query", "value"}, id="RoBERTa"),
        pytest.param("distilbert", "classify", 2, {"q_lin", "v_lin"}, id="DistilBERT"),
        pytest.param("modernbert", "classify", 1, {"Wqkv"}, id="ModernBERT: one product"),
    ],
)
def test_a_family_is_known_by_its_build_learns_and_comes_back_the_same(toy, tmp_path, kind, task, targets, query_value):
    model = made(toy, kind, task)
    assert len(find_targets(model, task)) == targets
    assert {name.rsplit(".", 1)[-1] for name in query_value_layers(model)} == query_value
    before = scores(model)
    adapted = fresh_adapter(model, task, TUTORIALS)
    assert set(adapted.peft_config["default"].target_modules) == query_value
    assert torch.equal(scores(adapted), before)
    after = scores(learnt(adapted, TUTORIALS))
    assert not torch.allclose(after, before, atol=1e-4)
    back = read_back(made(toy, kind, task), saved(adapted, tmp_path))
    assert torch.allclose(scores(back), after, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        pytest.param("llama", {"rslora": True}, id="rsLoRA"),
        pytest.param("gpt2", {"dora": True}, id="DoRA on GPT-2"),
        pytest.param("llama", {"init": "gaussian", "loraplus": 16.0}, id="LoRA+"),
        pytest.param("llama", {"layers": (-1,), "modules_to_save": ("norm",)}, id="last block and a norm in full"),
        pytest.param("llama", {"init": "pissa"}, id="PiSSA"),
        pytest.param("gpt2", {"init": "pissa"}, id="PiSSA on GPT-2"),
        pytest.param("llama", {"init": "olora"}, id="OLoRA"),
        pytest.param(
            "llama",
            {"init": "pissa", "rslora": True, "rank_pattern": {"q_proj": 2}, "alpha_pattern": {"layers.1.*v_proj": 3}},
            id="PiSSA with rsLoRA and patterns",
        ),
    ],
)
def test_a_variant_is_the_same_on_the_base_as_it_was(toy, tmp_path, kind, options):
    settings = LoraSettings(**{"r": 4, "alpha": 8, "dropout": 0.0, **options})
    before = scores(made(toy, kind))
    adapted = fresh_adapter(made(toy, kind), "causal", settings)
    assert torch.allclose(scores(adapted), before, atol=1e-4)
    after = scores(learnt(adapted, settings))
    assert (after - before).abs().max() > 0.05
    trained = learnt_count(adapted)
    onto_base(adapted)
    assert torch.allclose(scores(adapted), after, atol=2e-4)
    with adapted.disable_adapter():
        assert torch.equal(scores(adapted), before)
    assert learnt_count(adapted) == trained
    folder = saved(adapted, tmp_path)
    assert json.loads((folder / "adapter_config.json").read_text())["init_lora_weights"] is True
    back = read_back(made(toy, kind), folder)
    assert torch.allclose(scores(back), after, atol=2e-4)


@pytest.mark.parametrize("kind", ["llama", "bert"])
def test_eva_starts_where_the_pairs_vary_and_keeps_every_rank(toy, tmp_path, kind):
    task = "classify" if kind == "bert" else "causal"
    settings = LoraSettings(r=4, alpha=8, dropout=0.0, init="eva")
    adapted = fresh_adapter(made(toy, kind, task), task, settings)
    start_from_pairs(adapted, [Encoded(ids=tuple(range(n, n + 9)), label=0) for n in range(3, 60)], 0)
    rows = [part for name, part in adapted.named_parameters() if "lora_A" in name]
    assert {part.shape[0] for part in rows} == {4}
    assert all(torch.allclose(part @ part.T, torch.eye(4), atol=1e-3) for part in rows)  # directions, not noise
    after = scores(learnt(adapted, settings))
    back = read_back(made(toy, kind, task), saved(adapted, tmp_path))
    assert torch.allclose(scores(back), after, atol=1e-5)


def test_lora_plus_lets_b_learn_faster(toy):
    adapted = fresh_adapter(toy.causal("llama"), "causal", LoraSettings(r=4, alpha=8))
    settings = TuningSettings(learning_rate=1e-3, weight_decay=0.1, lora=LoraSettings(loraplus=16.0))
    groups = {group["ratio"]: group for group in parameter_groups(adapted, settings)}
    assert (groups[1.0]["lr"], groups[16.0]["lr"]) == (1e-3, 16e-3)
    ids = {id(part) for part in groups[16.0]["params"]}
    assert ids == {id(part) for name, part in adapted.named_parameters() if "lora_B" in name}


def test_only_the_named_blocks_and_modules_learn(toy):
    settings = LoraSettings(r=4, alpha=8, layers=(1,), modules_to_save=("norm",), rank_pattern={"q_proj": 2})
    adapted = fresh_adapter(toy.causal("llama"), "causal", settings)
    learning = {name: part for name, part in adapted.named_parameters() if part.requires_grad}
    assert all(".layers.1." in name or ".norm." in name for name in learning)
    assert {part.shape[0] for name, part in learning.items() if "lora_A" in name and "q_proj" in name} == {2}


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        pytest.param("llama", {"targets": ("c_attn",)}, r"'c_attn', no linear layer.*q_proj", id="target"),
        pytest.param("llama", {"layers": (2,)}, "names block 2; this model has 0 to 1", id="block"),
        pytest.param("llama", {"modules_to_save": ("nome",)}, "'nome', no module.*norm", id="module to save"),
        pytest.param("llama", {"rank_pattern": {"qproj": 4}}, "'qproj', which gets no update.*q_proj", id="pattern"),
        pytest.param("llama", {"alpha_pattern": {"(": 4}}, "no regular expression", id="bad pattern"),
        pytest.param("mamba", {"targets": ("out_proj",)}, "out_proj', whose weight a mamba model uses", id="Mamba"),
        pytest.param(
            "llama",
            {"r": 17, "targets": ("k_proj",)},
            r"r is 17, and .*k_proj has rank 16 at most.*k_proj = 16",
            id="rank",
        ),
        pytest.param("gpt2", {"init": "olora"}, 'cannot do for Conv1D.*"pissa"', id="OLoRA on GPT-2"),
    ],
)
def test_what_does_not_fit_the_model_is_refused(toy, kind, options, said):
    with pytest.raises(SettingsError, match=said):
        lora_config(toy.causal(kind), "causal", LoraSettings(**options))


def test_layers_that_nobody_named_get_no_higher_rank_than_they_have(toy):
    """Mamba's x_proj and dt_proj are narrow; peft takes no update on out_proj, whose weight its kernels use alone."""
    model = fresh_adapter(toy.causal("mamba"), "causal", LoraSettings(r=16, alpha=32, dropout=0.0))
    config = model.peft_config["default"]
    assert config.target_modules == {"in_proj", "x_proj", "dt_proj"}
    assert (config.rank_pattern, config.alpha_pattern) == ({"dt_proj": 2, "x_proj": 10}, {"dt_proj": 4, "x_proj": 20})
    layers = [part for part in model.modules() if hasattr(part, "lora_A")]
    assert {layer.scaling["default"] for layer in layers} == {2.0}
    before = scores(model)
    learnt(model, LoraSettings(r=16))
    assert not torch.allclose(scores(model), before)
    assert lora_config(toy.causal("llama"), "causal", LoraSettings(r=17)).rank_pattern == {"k_proj": 16, "v_proj": 16}


def test_a_rank_that_was_asked_for_and_cut_has_its_reason(toy):
    def reasons(**lora):
        settings = TuningSettings(lora=LoraSettings(**lora), reasons=("lora.r = 200: given",))
        return within_ranks(fresh_adapter(toy.causal("llama"), "causal", settings.lora), settings).reasons

    assert reasons(r=16) == reasons(r=20, rank_pattern={"k_proj": 4, "v_proj": 8}) == ("lora.r = 200: given",)
    assert reasons(r=20, rank_pattern={"k_proj": 4}) == (
        "lora.r = 200: given",
        "lora.r of v_proj = 16: the highest rank that fits there; lora.r is 20",
    )


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(lambda: LoraSettings(init="pissa", dora=True), 'init = "default"', id="PiSSA with DoRA"),
        pytest.param(lambda: LoraSettings(targets=("all-linear", "q_proj")), "alone, or names", id="targets"),
        pytest.param(lambda: LoraSettings(rank_pattern={"q_proj": 0}), "rank_pattern.*q_proj is 0", id="rank 0"),
        pytest.param(lambda: LoraSettings(loraplus=0.5), "loraplus is 0.5", id="LoRA+ below 1"),
        pytest.param(
            lambda: TuningSettings(quantise="4bit", lora=LoraSettings(init="olora")),
            "is quantised",
            id="OLoRA in 4 bits",
        ),
        pytest.param(
            lambda: TuningSettings(parallel="fsdp", quantise="4bit"), "no base in 4 bits", id="FSDP2 in 4 bits"
        ),
        pytest.param(
            lambda: TuningSettings(parallel="fsdp", approximations=("cached_layers",)),
            "other blocks in each process",
            id="FSDP2 with cached layers",
        ),
        pytest.param(lambda: TuningSettings(quantise="4bit", method="full"), 'method = "lora"', id="full in 4 bits"),
    ],
)
def test_settings_that_fight_each_other_are_refused(make, said):
    with pytest.raises(SettingsError, match=said):
        make()


def test_four_bits_need_cuda_and_say_so(base_folder):
    from tuning.loading import load_base
    from tuning.models import find_base

    places = {"device": torch.device("cpu"), "dtype": torch.float32}
    with pytest.raises(SettingsError, match=r'quantise is "4bit", and this run is on cpu: QLoRA needs a CUDA GPU'):
        load_base(find_base(str(base_folder("llama"))), "causal", **places, quantise="4bit")


def test_the_saved_update_is_safetensors_alone(toy, tmp_path):
    folder = saved(fresh_adapter(toy.causal("llama"), "causal", LoraSettings(r=4, init="pissa")), tmp_path)
    assert {path.suffix for path in folder.iterdir()} == {".safetensors", ".json", ".md"}  # the card
    ranks = {
        part.shape[0] for name, part in load_file(folder / "adapter_model.safetensors").items() if "lora_A" in name
    }
    assert ranks == {8}
