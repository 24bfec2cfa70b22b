"""The recipe that follows from the model: which layers learn, and how the learning rate goes."""

from __future__ import annotations

import pytest
import torch

from tamiz.errors import SettingsError
from tamiz.settings import LoraSettings
from tuning.adapted import fresh_adapter
from tuning.loop import step_count
from tuning.settings import learning_rate, lora_config
from tuning.targets import classifier_heads, find_targets

LLAMA = ("down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj")


@pytest.mark.parametrize(
    ("kind", "targets"),
    [
        pytest.param("llama", LLAMA, id="llama"),
        pytest.param("gemma3", LLAMA, id="gemma 3"),
        pytest.param("qwen2", LLAMA, id="qwen 2"),
        pytest.param("qwen3", LLAMA, id="qwen 3"),
        pytest.param("gpt2", ("c_attn", "c_fc", "c_proj"), id="gpt-2"),
    ],
)
def test_a_causal_model_learns_on_every_linear_layer_and_never_on_its_head(toy, kind, targets):
    model = toy.causal(kind)
    assert find_targets(model, "causal") == targets
    learning = [
        name for name, part in fresh_adapter(model, "causal", LoraSettings()).named_parameters() if part.requires_grad
    ]
    assert learning
    assert all("lora_" in name and "lm_head" not in name for name in learning)


@pytest.mark.parametrize(
    ("kind", "targets", "head"),
    [
        pytest.param("bert", ("query", "value"), ("classifier", "pooler"), id="bert"),
        pytest.param("roberta", ("query", "value"), ("classifier",), id="roberta"),
        pytest.param("distilbert", ("q_lin", "v_lin"), ("classifier", "pre_classifier"), id="distilbert"),
        pytest.param("gemma3", ("q_proj", "v_proj"), ("score",), id="gemma 3 as a classifier"),
    ],
)
def test_an_encoder_learns_on_query_and_value_and_its_head_in_full(toy, kind, targets, head):
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_config(toy.config(kind))
    assert find_targets(model, "classify") == targets
    assert tuple(sorted(classifier_heads(model))) == head
    adapted = fresh_adapter(model, "classify", LoraSettings())
    learning = {name for name, part in adapted.named_parameters() if part.requires_grad}
    assert all("lora_" in name or any(f".{top}." in name for top in head) for name in learning)
    assert all(any(f".{top}." in name for name in learning) for top in head)


def test_own_targets_are_kept_and_unknown_ones_refused(toy):
    model = toy.causal("llama")
    assert set(lora_config(model, "causal", LoraSettings(targets=("q_proj",))).target_modules) == {"q_proj"}
    with pytest.raises(SettingsError, match=r"'c_attn', no linear layer.*q_proj"):
        lora_config(model, "causal", LoraSettings(targets=("c_attn",)))


def test_a_model_without_linear_layers_is_refused():
    with pytest.raises(SettingsError, match=r"\[tuning.lora\] targets"):
        find_targets(torch.nn.Sequential(torch.nn.ReLU()), "causal")


def test_the_rate_rises_then_falls_and_is_never_nothing():
    rates = [learning_rate(step, 68, peak=1e-3, warmup_share=0.1) for step in range(68)]
    assert rates[0] == pytest.approx(1e-3 / 7)
    assert max(rates) == rates[6] == 1e-3
    assert rates[7:] == sorted(rates[7:], reverse=True)
    assert all(rate > 0 for rate in rates)


def test_part_of_an_epoch_has_at_least_one_step(settings):
    assert step_count(24, settings(epochs=0.01)) == 1
    assert step_count(25, settings(epochs=1.5)) == 6


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_no_generator_takes_is_refused(settings, seed):
    with pytest.raises(SettingsError, match=r"\[tuning\] seed is .*from 0 to 4294967295"):
        settings(seed=seed)
    assert settings(seed=2**32 - 1).seed == 2**32 - 1
