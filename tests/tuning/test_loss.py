"""The fast loss is the plain one: same value, same gradients."""

from __future__ import annotations

import pytest
import torch

from tuning.batches import pad_right
from tuning.loss import AnswerLoss, frozen_head_loss, plain_loss
from tuning.prompts import Encoded

CAUSAL = ["llama", "gemma3", "qwen2", "qwen3", "gpt2"]


def batch():
    draw = torch.Generator().manual_seed(3)
    ids = [tuple(torch.randint(3, 380, (n,), generator=draw).tolist()) for n in (30, 22, 9)]
    return pad_right([Encoded(ids=i, answer_start=len(i) // 2) for i in ids], 0)


def adapted(toy, kind, dtype=torch.float32):
    from tamiz.settings import LoraSettings
    from tuning.adapted import fresh_adapter

    model = fresh_adapter(toy.causal(kind).to(dtype), "causal", LoraSettings(dropout=0.0))
    with torch.no_grad():  # a fresh adapter changes nothing, so its B would hide half of the gradients
        for name, part in model.named_parameters():
            if "lora_B" in name:
                part.normal_(std=0.1, generator=torch.Generator().manual_seed(1))
    return model.eval()  # GPT-2 has dropout of its own


def gradients(model, total, count):
    model.zero_grad()
    (total / count).backward()
    return {name: part.grad.clone() for name, part in model.named_parameters() if part.requires_grad}


@pytest.mark.parametrize("kind", CAUSAL)
def test_the_fast_loss_is_the_models_own(toy, kind):
    model, some = adapted(toy, kind), batch()
    loss = AnswerLoss(model, some)
    assert loss.fast
    total, count = loss(some)
    own = model(input_ids=some.input_ids, attention_mask=some.attention, labels=some.labels).loss
    torch.testing.assert_close(total / count, own, rtol=1e-5, atol=0.0)


@pytest.mark.parametrize("kind", CAUSAL)
def test_the_fast_gradients_are_the_plain_ones(toy, kind):
    model, some = adapted(toy, kind), batch()
    fast = gradients(model, *AnswerLoss(model, some)(some))
    plain = gradients(model, *plain_loss(model, some))
    for name, gradient in plain.items():
        assert (fast[name] - gradient).norm() <= 1e-4 * gradient.norm() + 1e-7, name


def test_a_head_that_caps_its_scores_takes_the_plain_way(toy):
    model, some = adapted(toy, "gemma2"), batch()
    with torch.no_grad():
        model.get_base_model().lm_head.weight.mul_(300)  # so that the cap is felt
    loss = AnswerLoss(model, some)
    assert not loss.fast
    own = model(input_ids=some.input_ids, attention_mask=some.attention, labels=some.labels).loss
    total, count = loss(some)
    torch.testing.assert_close(total / count, own, rtol=1e-5, atol=0.0)


def test_many_rows_are_taken_some_at_a_time(monkeypatch):
    monkeypatch.setattr("tuning.loss.SCORES_AT_ONCE", 17 * 50)
    draw = torch.Generator().manual_seed(1)
    hidden = torch.randn(100, 8, generator=draw).requires_grad_()
    weight, bias = torch.randn(50, 8, generator=draw), torch.randn(50, generator=draw)
    targets = torch.randint(0, 50, (100,), generator=draw)
    total = frozen_head_loss(hidden, weight, bias, targets)
    (mine,) = torch.autograd.grad(total, hidden)
    plain = torch.nn.functional.cross_entropy(hidden @ weight.T + bias, targets, reduction="sum")
    (theirs,) = torch.autograd.grad(plain, hidden)
    torch.testing.assert_close(total, plain)
    torch.testing.assert_close(mine, theirs)


def test_in_bfloat16_what_is_left_out_is_less_than_what_rounding_costs():
    draw = torch.Generator().manual_seed(1)
    hidden = torch.randn(64, 32, generator=draw).bfloat16()
    weight = torch.randn(5000, 32, generator=draw).bfloat16()
    targets = torch.randint(0, 5000, (64,), generator=draw)

    def gradient(h, w, loss):
        h = h.clone().requires_grad_()
        return torch.autograd.grad(loss(h, w), h)[0].float()

    def plain(h, w):
        return torch.nn.functional.cross_entropy((h @ w.T).float(), targets, reduction="sum")

    exact = gradient(hidden.float(), weight.float(), plain)
    rounded = gradient(hidden, weight, plain)
    ours = gradient(hidden, weight, lambda h, w: frozen_head_loss(h, w, None, targets))
    assert (ours - exact).norm() < 1.5 * (rounded - exact).norm()


def test_a_batch_in_parts_has_the_gradient_of_the_whole(toy):
    from tuning.batches import pieces

    model = adapted(toy, "llama")
    pairs = [Encoded(ids=tuple(range(3, 3 + n)), answer_start=n // 2) for n in (5, 9, 20, 30)]
    assert [len(part) for part in pieces(pairs, 40)] == [2, 1, 1]
    loss = AnswerLoss(model, pad_right(pairs[:1], 0))
    total, count = loss(pad_right(pairs, 0))
    assert count == sum(pair.counted for pair in pairs)
    whole = gradients(model, total, count)
    model.zero_grad()
    for part in pieces(pairs, 40):
        (loss(pad_right(part, 0))[0] / count).backward()
    for name, part in model.named_parameters():
        if part.requires_grad:
            torch.testing.assert_close(part.grad, whole[name], rtol=1e-4, atol=1e-6, msg=name)


def test_no_gradient_is_made_where_none_is_wanted(toy):
    model, some = adapted(toy, "llama"), batch()
    with torch.no_grad():
        total, _ = AnswerLoss(model, some)(some)
    assert not total.requires_grad
