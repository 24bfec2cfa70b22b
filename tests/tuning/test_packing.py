"""Packed training is unpacked training: the same losses, gradients and steps, and no pair sees another."""

from __future__ import annotations

import pytest
import torch

from tamiz.settings import LoraSettings
from tuning.adapted import fresh_adapter
from tuning.batches import IGNORED, Batch, pad_right
from tuning.kernels import put_in_kernels
from tuning.lessons import Lesson, mean_loss
from tuning.loss import AnswerLoss
from tuning.packing import best_fit, pack, packing_way
from tuning.prompts import Encoded

PACKED = ["llama", "gemma3", "gemma2", "qwen2", "qwen3", "mistral", "phi3", "gpt2"]
CPU = torch.device("cpu")


def pairs(count=12):
    """Pairs of 5 to 49 tokens: some longer than the 16 tokens that the sliding windows see."""
    draw = torch.Generator().manual_seed(3)
    some = []
    for number in range(count):
        length = 5 + (number * 17) % 45
        ids = torch.randint(3, 380, (length,), generator=draw).tolist()
        some.append(Encoded(ids=tuple(ids), answer_start=length // 2))
    return some


def adapted(toy, kind):
    model = fresh_adapter(toy.causal(kind), "causal", LoraSettings(r=4, alpha=8, dropout=0.0))
    for part in model.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.0  # GPT-2's own: two ways draw differently
    with torch.no_grad():
        for name, part in model.named_parameters():
            if "lora_B" in name:
                part.normal_(std=0.1, generator=torch.Generator().manual_seed(1))
    return model


def lesson(model, some, way):
    collate = (lambda part: pack(part, 0, room=64, way=way)) if way else (lambda part: pad_right(part, 0))
    loss = AnswerLoss(model, pad_right(some[:1], 0))
    empty = {"train": some, "validation": some, "test": []}
    return Lesson(**empty, collate=collate, loss=loss, batch_size=4, seed=1, packing=way, model=model)


def trained(toy, kind, way, steps=3):
    """The losses of some steps, the last step's gradients, and the weights at the end."""
    model, some = adapted(toy, kind).train(), pairs()
    taught = lesson(model, some, way)
    learning = [part for part in model.parameters() if part.requires_grad]
    optimizer, losses = torch.optim.SGD(learning, lr=0.05), []
    for step in range(steps):
        optimizer.zero_grad()
        batch = some[step * 4 : step * 4 + 4]
        count = sum(pair.counted for pair in batch)
        parts = [taught.loss(taught.collate(part)) for part in taught.pieces(batch, 64)]
        assert sum(counted for _, counted in parts) == count
        loss = sum(total for total, _ in parts) / count
        loss.backward()
        losses.append(float(loss.detach()))
        if step + 1 < steps:
            optimizer.step()
    return losses, [part.grad for part in learning], mean_loss(taught, some, model, 4)


@pytest.mark.parametrize("kind", PACKED)
def test_packed_training_is_unpacked_training(toy, kind):
    way = packing_way(adapted(toy, kind), pairs(), 0, CPU)
    assert way == "positions"
    packed, padded = trained(toy, kind, way), trained(toy, kind, "")
    assert packed[0] == pytest.approx(padded[0], rel=1e-4)
    for ours, theirs in zip(packed[1], padded[1], strict=True):
        assert (ours - theirs).norm() <= 1e-3 * theirs.norm() + 1e-6
    assert packed[2] == pytest.approx(padded[2], rel=1e-4)


@pytest.mark.parametrize("kind", ["llama", "gpt2", "qwen2"])
def test_a_mask_keeps_pairs_apart_as_positions_do(toy, kind):
    model, some = adapted(toy, kind).eval(), pairs()
    loss = AnswerLoss(model, pad_right(some[:1], 0))
    by_positions, by_mask = (loss(pack(some, 0, room=99, way=way))[0].item() for way in ("positions", "mask"))
    assert by_mask == pytest.approx(by_positions, rel=1e-5)


def states(model, some, **inputs):
    packed = pack(some, 0, room=10_000)
    body = model.get_base_model().get_decoder()
    with torch.no_grad():
        return body(input_ids=packed.input_ids, position_ids=packed.positions, **inputs).last_hidden_state


@pytest.mark.parametrize("kind", ["llama", "gemma3", "gpt2"])
@pytest.mark.parametrize("trap", ["a cache", "a 2-D mask"])
def test_a_cache_or_a_2d_mask_would_leak_across_pairs(toy, kind, trap):
    model, some = adapted(toy, kind).eval(), pairs(6)
    apart = states(model, some, use_cache=False)
    if trap == "a cache":
        leaked = states(model, some, use_cache=True)
    else:
        whole = pack(some, 0, room=10_000)
        leaked = states(model, some, use_cache=False, attention_mask=whole.attention)
    assert (leaked - apart).abs().max() > 0.1
    assert pack(some, 0, room=10_000).inputs.keys() == {"input_ids", "position_ids"}


def test_a_leak_is_found_before_the_first_step(toy, monkeypatch):
    inputs = Batch.inputs.fget

    def leaking(batch):
        return {**inputs(batch), "attention_mask": batch.attention}

    monkeypatch.setattr(Batch, "inputs", property(leaking))
    assert packing_way(adapted(toy, "llama"), pairs(), 0, CPU) == ""


def test_a_mask_that_hides_the_sliding_window_is_not_taken(toy, monkeypatch):
    inputs = Batch.inputs.fget

    def without_positions_way(batch):
        if batch.positions is not None and batch.separate is None:
            return {"input_ids": batch.input_ids, "position_ids": batch.positions, "attention_mask": batch.attention}
        return inputs(batch)

    monkeypatch.setattr(Batch, "inputs", property(without_positions_way))
    assert packing_way(adapted(toy, "llama"), pairs(), 0, CPU) == "mask"
    assert packing_way(adapted(toy, "gemma3"), pairs(), 0, CPU) == ""


def test_a_model_whose_state_runs_on_is_not_packed(toy):
    assert packing_way(toy.causal("mamba"), pairs(), 0, CPU) == ""


def test_the_bins_are_full_and_hold_everything_once():
    lengths = [5 + (n * 17) % 45 for n in range(200)]
    bins = best_fit(lengths, 128)
    assert sorted(index for some in bins for index in some) == list(range(200))
    assert all(sum(lengths[n] for n in some) <= 128 for some in bins)
    assert sum(lengths) / (128 * len(bins)) > 0.97
    assert best_fit([300, 4], 128) == [[0], [1]]


def test_a_processor_gets_no_kernels_of_a_gpu_and_the_card_says_how_it_was_trained(toy):
    model = adapted(toy, "llama")
    before = model.config._attn_implementation
    assert put_in_kernels(model, CPU) == ()
    assert model.config._attn_implementation == before
    said = lesson(model, pairs(), "positions").described()
    assert (said["batches"], said["kernels"], said["approximations_taken"]) == ("packed", ["torch"], [])
    assert lesson(model, pairs(), "").described()["batches"] == "padded, grouped by length"


def test_the_first_token_of_a_packed_pair_is_no_label():
    some = [Encoded(ids=(5, 6, 7), answer_start=0), Encoded(ids=(8, 9), answer_start=1)]
    packed = pack(some, 0, room=16)
    assert packed.labels[0, :5].tolist() == [IGNORED, 6, 7, IGNORED, 9]
    assert packed.positions[0].tolist() == [0, 1, 2, 0, 1, 0, 1, 2]
    assert int((packed.labels != IGNORED).sum()) == sum(pair.counted for pair in some)


def test_an_epoch_of_packed_pairs_is_every_pair_once_in_an_order_fixed_by_the_seed(toy):
    taught = lesson(adapted(toy, "llama"), pairs(), "positions")
    assert sorted(index for batch in taught.batches(0) for index in batch) == list(range(12))
    assert taught.batches(1) == taught.batches(1) != taught.batches(0)
    assert [len(batch) for batch in taught.batches(0)] == [4, 4, 4]


@pytest.mark.parametrize("kind", ["llama", "gemma3", "gpt2"])
def test_sparing_memory_changes_no_gradient(toy, kind):
    model, some = adapted(toy, kind).train(), pairs(4)
    taught = lesson(model, some, "positions")
    found = []
    for spare in (False, True):
        assert taught.spare_memory(spare)
        model.zero_grad()
        taught.loss(taught.collate(some))[0].backward()
        found.append([part.grad.clone() for part in model.parameters() if part.requires_grad])
    for plain, spared in zip(*found, strict=True):
        torch.testing.assert_close(spared, plain, rtol=1e-5, atol=1e-7)


def test_nothing_goes_back_through_what_is_frozen(toy):
    model = fresh_adapter(toy.causal("llama"), "causal", LoraSettings(r=4, alpha=8, layers=(1,)))
    blocks, wanted = model.get_base_model().get_decoder().layers, []
    for block in blocks:
        block.register_forward_hook(lambda _b, _i, out: wanted.append(torch.as_tensor(out).requires_grad))
    some = pairs(4)
    lesson(model, some, "positions").loss(pack(some, 0, room=99))[0].backward()
    assert wanted[-2:] == [False, True]  # nothing is kept for a way back below the lowest adapted block
    assert all(part.grad is None for name, part in model.named_parameters() if "lora" not in name)
