"""The dial: what a run wants follows from its data and its base, and what is given stays."""

from __future__ import annotations

import pytest

from tamiz.errors import InputError
from tamiz.settings import LoraSettings, TuningSettings, read_settings
from tuning.presets import Facts, count_parameters, derive

GEMMA = 268_098_176


def dialled(preset, *, pairs=104, tokens=9_000, parameters=GEMMA, **given):
    return derive(TuningSettings(preset=preset, **given), Facts(pairs=pairs, tokens=tokens, parameters=parameters))


def test_balanced_on_the_default_base_is_what_it_always_was():
    derived, usual = dialled("balanced"), TuningSettings()
    for name in ("epochs", "learning_rate", "batch_size"):
        assert getattr(derived, name) == getattr(usual, name)
    assert derived.lora == usual.lora


def test_quick_costs_less_and_best_learns_more():
    quick, balanced, best = (dialled(preset) for preset in ("quick", "balanced", "best"))
    assert quick.epochs < balanced.epochs < best.epochs
    assert quick.lora.r < balanced.lora.r < best.lora.r
    assert all(one.lora.alpha == 2 * one.lora.r for one in (quick, balanced, best))
    assert dialled("best", task="classify").lora.targets == ("all-linear",)


def test_a_larger_base_wants_a_lower_rate_and_full_tuning_a_tenth():
    rates = [dialled("balanced", parameters=size).learning_rate for size in (135e6, GEMMA, 1.1e9, 7e9, 70e9)]
    assert rates == [1e-3, 1e-3, 5e-4, 2e-4, 1e-4]
    full = dialled("balanced", method="full")
    assert full.learning_rate == pytest.approx(1e-4)
    assert "a tenth of what LoRA wants" in " ".join(full.reasons)
    assert not any(reason.startswith("lora.") for reason in full.reasons)


def test_many_pairs_are_read_less_often_in_larger_batches():
    derived = dialled("balanced", pairs=50_000, tokens=5_000_000)
    assert (derived.epochs, derived.batch_size) == (0.8, 32)
    assert dialled("balanced", pairs=50_000, tokens=100_000_000).epochs == 0.2
    assert dialled("balanced", pairs=1_000, tokens=4_000_000).batch_size == 2  # 4,000 tokens a pair


def test_what_is_given_stays_and_every_value_has_its_reason():
    derived = dialled("best", epochs=3.0, batch_size=4, lora=LoraSettings(r=64))
    assert (derived.epochs, derived.batch_size, derived.lora.r, derived.lora.alpha) == (3.0, 4, 64, 128)
    assert [reason.split(":")[0] for reason in derived.reasons] == [
        "epochs = 3",
        "learning_rate = 0.001",
        "batch_size = 4",
        "lora.r = 64",
        "lora.alpha = 128",
        "lora.targets = all-linear",
    ]
    assert derived.reasons[0] == "epochs = 3: given"
    assert dialled("balanced").reasons[-1] == "lora.targets = all-linear: balanced, for task causal"
    assert dialled("balanced", task="classify").reasons[-1].startswith("lora.targets = query-value: balanced")
    assert derived.reasons[1] == "learning_rate = 0.001: for a base of 268M parameters"


def test_a_default_that_is_written_into_the_file_is_given(tmp_path):
    (tmp_path / "tamiz.toml").write_text('[tuning]\npreset = "best"\nepochs = 4.0\n[tuning.lora]\nr = 16\n')
    derived = derive(read_settings(tmp_path).tuning, Facts(pairs=104, tokens=9_000, parameters=GEMMA))
    assert (derived.epochs, derived.lora.r) == (4.0, 16)
    assert derive(TuningSettings(preset="best"), Facts(pairs=104, tokens=9_000, parameters=GEMMA)).epochs == 8.0


def test_the_size_of_a_base_is_read_from_the_heads_of_its_files(base_folder, toy, tmp_path):
    there = count_parameters(base_folder("llama"))
    assert there == sum(part.numel() for part in toy.causal("llama").parameters())
    (tmp_path / "model.safetensors").write_bytes(b"\x10\x00\x00\x00\x00\x00\x00\x00{]")
    with pytest.raises(InputError, match="no whole safetensors file"):
        count_parameters(tmp_path)


def test_tables_of_the_file_are_read_and_own_notes_refused(tmp_path):
    from tamiz.errors import SettingsError

    path = tmp_path / "tamiz.toml"
    path.write_text("[tuning.lora.rank_pattern]\nq_proj = 4\n")
    assert read_settings(tmp_path).tuning.lora.rank_pattern == {"q_proj": 4}
    path.write_text('[tuning.lora.rank_pattern]\nq_proj = "four"\n')
    with pytest.raises(SettingsError, match=r"\[tuning.lora.rank_pattern\] q_proj is 'four'; give a whole number"):
        read_settings(tmp_path)
    path.write_text('[tuning]\nreasons = ["mine"]\n')
    with pytest.raises(SettingsError, match="unknown key"):
        read_settings(tmp_path)
