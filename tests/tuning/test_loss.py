"""The fast loss is the plain one: same value, same gradients."""

from __future__ import annotations

import pytest
import torch

from tuning.approximate.vocabulary import words_in_use
from tuning.batches import pad_right
from tuning.loss import AnswerLoss, head_loss, plain_loss
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
    monkeypatch.setattr("tuning.loss.SCORES_AT_ONCE", {"cpu": 17 * 50})
    draw = torch.Generator().manual_seed(1)
    hidden = torch.randn(100, 8, generator=draw).requires_grad_()
    weight, bias = torch.randn(50, 8, generator=draw), torch.randn(50, generator=draw)
    targets = torch.randint(0, 50, (100,), generator=draw)
    total = head_loss(hidden, weight, bias, targets)
    (mine,) = torch.autograd.grad(total, hidden)
    plain = torch.nn.functional.cross_entropy(hidden @ weight.T + bias, targets, reduction="sum")
    (theirs,) = torch.autograd.grad(plain, hidden)
    torch.testing.assert_close(total, plain)
    torch.testing.assert_close(mine, theirs)


def test_a_head_that_learns_gets_the_plain_gradients():
    draw = torch.Generator().manual_seed(1)
    parts = [torch.randn(*size, generator=draw).requires_grad_() for size in ((70, 8), (50, 8), (50,))]
    targets = torch.randint(0, 50, (70,), generator=draw)
    hidden, weight, bias = parts
    mine = torch.autograd.grad(head_loss(hidden, weight, bias, targets) * 0.5, parts)
    plain = torch.nn.functional.cross_entropy(hidden @ weight.T + bias, targets, reduction="sum")
    for ours, theirs in zip(mine, torch.autograd.grad(plain * 0.5, parts), strict=True):
        torch.testing.assert_close(ours, theirs)


def bfloat16_gradients(**options):
    """How far the gradient in bfloat16 is from the exact one: torch's own, and ours."""
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
    ours = gradient(hidden, weight, lambda h, w: head_loss(h, w, None, targets, **options))
    return (rounded - exact).norm(), (ours - exact).norm()


def test_in_bfloat16_the_gradient_is_as_near_as_torchs_own():
    theirs, ours = bfloat16_gradients()
    assert ours <= 1.01 * theirs


def test_filtering_moves_the_gradient_a_little_and_the_loss_not_at_all(toy):
    theirs, ours = bfloat16_gradients(filtered=True)
    assert ours < 1.5 * theirs
    model, some = adapted(toy, "llama"), batch()
    exact, filtered = AnswerLoss(model, some), AnswerLoss(model, some, approximations=("gradient_filtering",))
    model.train()
    assert filtered(some)[0].item() == exact(some)[0].item()
    assert filtered.approximations == ("gradient_filtering",)
    assert exact.approximations == ()


def test_a_trimmed_vocabulary_is_for_training_only_and_tells_its_price(toy):
    model, some = adapted(toy, "llama"), batch()
    pairs = [Encoded(ids=tuple(row.tolist())) for row in some.input_ids]
    exact = AnswerLoss(model, some)
    trimmed = AnswerLoss(model, some, approximations=("trimmed_vocabulary",), words=words_in_use(pairs))
    assert trimmed(some)[0].item() == exact(some)[0].item()  # in evaluation
    price = trimmed.price(some)
    model.train()
    total, count = trimmed(some)
    cheaper = (total - exact(some)[0]).item() / count
    assert cheaper < -0.01
    assert price["loss"] == pytest.approx(cheaper, abs=1e-4)
    assert price["gradient"] > 0


def test_a_trimmed_vocabulary_of_all_words_is_the_exact_loss(toy):
    model, some = adapted(toy, "qwen3"), batch()
    whole = AnswerLoss(model, some, approximations=("trimmed_vocabulary",), words=range(384))
    exact = gradients(model, *AnswerLoss(model, some)(some))
    model.train()
    for name, gradient in gradients(model, *whole(some)).items():
        torch.testing.assert_close(gradient, exact[name], rtol=1e-4, atol=1e-6)


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
