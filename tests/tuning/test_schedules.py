"""How the rate goes, and noise on the embeddings."""

from __future__ import annotations

import math

import pytest
import torch

from tamiz.errors import SettingsError
from tamiz.settings import LoraSettings, TuningSettings
from tuning.batches import pad_right
from tuning.noise import EmbeddingNoise, example_lengths
from tuning.packing import pack
from tuning.prompts import Encoded
from tuning.settings import learning_rate, parameter_groups

PAIRS = [Encoded(ids=tuple(range(5, 5 + length)), answer_start=1) for length in (12, 5, 3)]


def rates(schedule: str, steps: int = 50, **more: float) -> list[float]:
    return [learning_rate(step, steps, peak=1e-3, warmup_share=0.1, schedule=schedule, **more) for step in range(steps)]


@pytest.mark.parametrize("schedule", ["cosine", "linear", "wsd", "constant"])
def test_every_schedule_rises_over_the_share_and_is_never_nothing(schedule):
    found = rates(schedule)
    assert found[:5] == [pytest.approx(1e-3 * n / 5) for n in range(1, 6)]
    assert max(found) == 1e-3
    assert min(found) > 0


@pytest.mark.parametrize(
    ("schedule", "half", "last"),
    [("cosine", 0.5, 0.002), ("linear", 0.5, 0.03), ("wsd", 1.0, 0.06), ("constant", 1.0, 1.0)],
)
def test_a_schedule_goes_down_as_its_name_says(schedule, half, last):
    found = rates(schedule)
    assert found[27] == pytest.approx(half * 1e-3, rel=0.05)
    assert found[-1] <= last * 1e-3
    assert found[5:] == sorted(found[5:], reverse=True)


def test_wsd_stays_at_its_peak_until_the_decay_share():
    found = rates("wsd", decay_share=0.4)
    assert found[4:31] == [1e-3] * 27
    assert found[31] < 1e-3


@pytest.mark.parametrize("given", [{"decay_share": 0.0}, {"clip": -1.0}, {"patience": -1}, {"trackers": ("visdom",)}])
def test_settings_that_make_no_sense_are_refused(given):
    with pytest.raises(SettingsError, match=rf"\[tuning\] {next(iter(given))} is "):
        TuningSettings(**given)


def test_noise_and_kept_lower_layers_do_not_go_together():
    with pytest.raises(SettingsError, match="cached_layers keeps what noise would change"):
        TuningSettings(neftune=5.0, approximations=("cached_layers",))


def test_weight_decay_pulls_on_matrices_alone(toy):
    from tuning.adapted import fresh_adapter

    settings = TuningSettings(weight_decay=0.1, lora=LoraSettings(dora=True))
    groups = parameter_groups(fresh_adapter(toy.causal("llama"), "causal", settings.lora), settings)
    decay = {group["weight_decay"]: {part.ndim for part in group["params"]} for group in groups}
    assert decay == {0.1: {2}, 0.0: {1}}


def test_each_token_knows_the_length_of_its_own_example():
    padded = example_lengths(pad_right(PAIRS, 0))
    assert padded[:, 0].tolist() == [12, 5, 3]
    assert padded[2, 3:].sum() == 0
    packed = example_lengths(pack(PAIRS, 0, room=32))
    assert packed[0].tolist() == [12] * 12 + [5] * 5 + [3] * 3 + [0] * (packed.shape[1] - 20)


@pytest.mark.parametrize("packed", [False, True])
def test_noise_is_as_strong_as_its_examples_length_asks_and_only_while_training(toy, packed):
    model = toy.causal("llama")
    table, width = model.get_input_embeddings(), 32
    batch = pack(PAIRS, 0, room=32) if packed else pad_right(PAIRS, 0)
    plain = table(batch.input_ids)
    noise = EmbeddingNoise(model, 5.0)
    model.train()
    with noise.on(batch):
        moved = (table(batch.input_ids) - plain).detach().abs()
    places = example_lengths(batch)
    for length in (12, 5, 3):
        reach = 5.0 / math.sqrt(length * width)
        seen = moved[places == length].max()
        assert 0.8 * reach < float(seen) <= reach * 1.001
    assert float(moved[places == 0].sum()) == 0
    model.eval()
    with noise.on(batch):
        assert torch.equal(table(batch.input_ids), plain)
    model.train()
    assert torch.equal(table(batch.input_ids), plain)
