"""Two processes on one run, over gloo on this machine: the result of one, and a clear end when one is lost."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from tamiz.errors import EngineError, SettingsError
from tuning.launch import shared_by
from tuning.parallel import Team
from tuning.prompts import Encoded
from tuning.train import tune


class Kills:
    """A job that kills the other process of the run at step 5."""

    killed_at = 0.0

    def update(self, done: int, total: int | None = None, note: str = "") -> None:
        if done == 5 and note.startswith("loss"):
            for pid in _children():
                os.kill(pid, signal.SIGKILL)
            self.killed_at = time.monotonic()


def _children() -> list[int]:
    """The processes that this one has started with tuning.launch."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[1]
            words = (folder / "cmdline").read_bytes()
        except OSError:  # it has ended meanwhile
            continue
        if int(parent) == os.getpid() and b"tuning.launch" in words:
            found.append(int(folder.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to find the other process in; run on Linux")
def test_two_processes_learn_what_one_does_and_go_on_after_one_was_killed(toy_export, tmp_path, settings, monkeypatch):
    """Full tuning in float32, so that a difference in rounding is no difference in bfloat16's last place."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    wanted = settings(method="full", learning_rate=3e-3, eval_answers=1, pair_losses=0)
    places: dict[str, Any] = {"name": "run", "runs": tmp_path / "runs", "adapters": tmp_path / "adapters"}
    with (
        pytest.raises(EngineError, match=r"of the 2 processes .* was lost .*state of step 3 is kept.*process 1 ended"),
        shared_by(2, toy_export, wanted, **places),
    ):
        tune(toy_export, wanted, report=Kills(), **places)
    assert "RANK" not in os.environ
    with shared_by(2, toy_export, wanted, **places, resume=True):
        shared = tune(toy_export, wanted, **places, resume=True)
    alone = tune(toy_export, wanted, **{**places, "name": "alone"})
    assert (shared.settings["processes"], alone.settings["processes"]) == (2, 1)
    for split in ("train", "validation"):
        ours, theirs = shared.curves[split], alone.curves[split]
        assert [point["step"] for point in ours] == [point["step"] for point in theirs]
        assert [point["loss"] for point in ours] == pytest.approx([point["loss"] for point in theirs], rel=1e-3)
    assert shared.results["tuned"]["loss"] == pytest.approx(alone.results["tuned"]["loss"], rel=1e-3)
    assert shared.cost["tokens"] == alone.cost["tokens"]


@pytest.fixture(scope="module")
def alone(toy_export, tmp_path_factory, base_folder):
    """What one process comes to, by method: its card and the saved weights."""

    def make(wanted: Any) -> tuple[Any, dict[str, Any]]:
        folder = tmp_path_factory.mktemp("alone")
        card = tune(toy_export, wanted, name="alone", runs=folder / "runs", adapters=folder / "adapters")
        return card, saved(folder / "adapters" / "alone")

    return make


def saved(adapter: Path) -> dict[str, Any]:
    return load_file(next(adapter.glob("*.safetensors")))


def shared_as_alone(shared: Any, weights: dict[str, Any], alone: tuple[Any, dict[str, Any]]) -> None:
    card, theirs = alone
    for split in ("train", "validation"):
        ours = [point["loss"] for point in shared.curves[split]]
        assert ours == pytest.approx([point["loss"] for point in card.curves[split]], rel=1e-3)
    assert shared.results["tuned"]["loss"] == pytest.approx(card.results["tuned"]["loss"], rel=1e-3)
    assert shared.cost["tokens"] == card.cost["tokens"]
    assert weights.keys() == theirs.keys()
    for name, part in theirs.items():
        assert weights[name].shape == part.shape
        moved = float((weights[name].float() - part.float()).norm())
        assert moved <= 2e-2 * float(part.float().norm()) + 1e-6, name


def fsdp(settings: Any, **changes: Any) -> Any:
    usual = {"parallel": "fsdp", "epochs": 1.0, "eval_answers": 1, "max_new_tokens": 4, "pair_losses": 0}
    return settings(**{**usual, "lora": {"dropout": 0.0}, **changes})


def test_two_processes_with_shared_out_weights_learn_what_one_does(toy_export, tmp_path, settings, alone, monkeypatch):
    """The adapter stays whole in each; 5 pairs a step leave one process with more parts to do than the other."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    wanted = fsdp(settings, batch_size=5, tokens_at_once=40)
    places: dict[str, Any] = {"name": "run", "runs": tmp_path / "runs", "adapters": tmp_path / "adapters"}
    with shared_by(2, toy_export, wanted, **places):
        shared = tune(toy_export, wanted, **places)
    assert shared.settings["parallel"] == "fsdp"
    shared_as_alone(shared, saved(tmp_path / "adapters" / "run"), alone(wanted))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to find the other process in; run on Linux")
def test_a_lost_process_ends_shared_out_weights_in_clear_words_and_the_run_goes_on(
    toy_export, tmp_path, settings, alone, monkeypatch
):
    """Full tuning, where weights, gradients and moments are all shared out, and clipped by their common norm."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    wanted = fsdp(settings, method="full", learning_rate=3e-3, epochs=2.0, clip=0.5)
    places: dict[str, Any] = {"name": "run", "runs": tmp_path / "runs", "adapters": tmp_path / "adapters"}
    kills = Kills()
    with (
        pytest.raises(EngineError, match=r"of the 2 processes .* was lost .*state of step 3 is kept.*process 1 ended"),
        shared_by(2, toy_export, wanted, **places),
    ):
        tune(toy_export, wanted, report=kills, **places)
    assert time.monotonic() - kills.killed_at < 30
    with shared_by(2, toy_export, wanted, **places, resume=True):
        shared = tune(toy_export, wanted, **places, resume=True)
    shared_as_alone(shared, saved(tmp_path / "adapters" / "run"), alone(wanted))


def test_the_weights_of_the_blocks_lie_in_parts(toy, tmp_path):
    """One process, whose part is the whole: what is shared out and what is not."""
    import torch
    import torch.distributed as dist

    from tuning.full import free_weights
    from tuning.sharding import is_shared_out, own, share_of, shared_out, whole

    model = toy.causal("llama")
    free_weights(model)
    dist.init_process_group("gloo", init_method=f"file://{tmp_path / 'meet'}", rank=0, world_size=1)
    try:
        shared_out(model, 1)
        for name, part in model.named_parameters():
            assert is_shared_out(part) == (".layers." in name), name
            everything = whole(part.detach(), part)
            assert torch.equal(whole(own(part).detach().clone(), part), everything)
            assert torch.equal(whole(share_of(everything, part), part), everything)
    finally:
        dist.destroy_process_group()


def test_what_torch_warns_of_in_gpt2_harms_no_gradient_and_is_not_said(toy, tmp_path):
    """Its body gives a view, on which a change in place would lose the way back to the shared-out weights."""
    import torch
    import torch.distributed as dist

    from tuning.full import free_weights
    from tuning.quiet import quiet_libraries
    from tuning.sharding import shared_out, whole

    ids = torch.arange(40)[None]

    def gradients(model: Any) -> dict[str, torch.Tensor]:
        model(input_ids=ids, labels=ids).loss.backward()
        return {name: whole(part.grad, part) for name, part in model.named_parameters()}

    models = [toy.causal("gpt2").eval() for _ in range(2)]
    for model in models:
        free_weights(model)
    dist.init_process_group("gloo", init_method=f"file://{tmp_path / 'meet'}", rank=0, world_size=1)
    try:
        with quiet_libraries():
            shared, alone = gradients(shared_out(models[0], 1)), gradients(models[1])
    finally:
        dist.destroy_process_group()
    torch.testing.assert_close(shared, alone)


def test_a_model_without_blocks_cannot_be_shared_out():
    import torch

    from tuning.sharding import shared_out

    with pytest.raises(SettingsError, match=r'parallel is "fsdp", and Linear has no blocks'):
        shared_out(torch.nn.Linear(2, 2), 2)


def test_every_pair_is_shared_out_once_and_work_is_even():
    pairs = [Encoded(ids=(5,) * length, answer_start=1) for length in (40, 30, 20, 20, 10, 8)]
    shares = [Team(rank, 3).share(pairs) for rank in range(3)]
    assert sorted(len(pair.ids) for share in shares for pair in share) == [8, 10, 20, 20, 30, 40]
    assert {sum(len(pair.ids) for pair in share) for share in shares} <= {40, 48}
    assert Team(2, 3).share(pairs[:2]) == []
