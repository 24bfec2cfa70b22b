"""Cached lower layers: the same training, with the lower blocks run once."""

from __future__ import annotations

import pytest
import torch

from tamiz.errors import SettingsError
from tamiz.settings import LoraSettings
from tuning.adapted import fresh_adapter
from tuning.batches import pad_right
from tuning.loss import AnswerLoss
from tuning.packing import pack
from tuning.prompts import Encoded

PAIRS = [Encoded(ids=tuple(range(3 + n, 23 + 3 * n)), answer_start=6) for n in range(5)]


def upper(toy, kind):
    torch.manual_seed(5)
    return fresh_adapter(toy.causal(kind), "causal", LoraSettings(r=4, alpha=8, dropout=0.0, layers=(1,)))


def stepped(model, loss, batches):
    """The learning weights after a step on each batch."""
    learning = [part for part in model.parameters() if part.requires_grad]
    optimizer = torch.optim.SGD(learning, lr=0.1)
    for batch in batches:
        optimizer.zero_grad()
        loss(batch)[0].backward()
        optimizer.step()
    return [part.detach().clone() for part in learning]


@pytest.mark.parametrize("kind", ["llama", "gemma3", "qwen2"])
def test_cached_layers_change_nothing_without_dropout(toy, kind):
    batches = [pack(PAIRS[:3], 0, room=99), pad_right(PAIRS[2:], 0), pack(PAIRS, 0, room=99), pad_right(PAIRS, 0)]
    ends = []
    for named in ((), ("cached_layers",)):
        model = upper(toy, kind)
        loss = AnswerLoss(model, pad_right(PAIRS[:1], 0), approximations=named)
        model.train()
        ends.append(stepped(model, loss, batches))
    for exact, cached in zip(*ends, strict=True):
        torch.testing.assert_close(cached, exact, rtol=1e-4, atol=1e-5)


def test_the_lower_blocks_run_once_for_a_pair_and_always_in_evaluation(toy):
    model, runs = upper(toy, "llama"), []
    model.get_base_model().get_decoder().layers[0].register_forward_hook(lambda *_: runs.append(1))
    loss = AnswerLoss(model, pad_right(PAIRS[:1], 0), approximations=("cached_layers",))
    runs.clear()
    model.train()
    for batch in (pack(PAIRS, 0, room=99), pad_right(PAIRS[:2], 0), pack(PAIRS[2:], 0, room=60)):
        loss(batch)
    assert len(runs) == 1
    model.eval()
    loss(pad_right(PAIRS, 0))
    assert len(runs) == 2


def test_a_model_that_learns_from_its_first_block_on_says_what_to_set(toy):
    model = fresh_adapter(toy.causal("llama"), "causal", LoraSettings(r=4, alpha=8))
    with pytest.raises(SettingsError, match=r"layers = \[1\]"):
        AnswerLoss(model, pad_right(PAIRS[:1], 0), approximations=("cached_layers",))
