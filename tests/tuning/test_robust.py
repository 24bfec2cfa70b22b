"""What a run does when memory, disk, numbers or patience run out, and how it is measured before it starts."""

from __future__ import annotations

import json
import resource
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch.optim.optimizer import register_optimizer_step_pre_hook

from tamiz.errors import InputError, OutOfRoom, SettingsError
from tuning.checkpoints import RunState, newest_state
from tuning.estimate import check_weights_fit, estimate
from tuning.gradients import Gradients
from tuning.loop import train
from tuning.memory import is_out_of_memory, limit_mb
from tuning.train import tune

CPU = torch.device("cpu")


def tuned(export: Path, folder: Path, wanted: Any, **more: Any) -> Any:
    """A whole run whose proof is as short as can be: what is looked at here comes before it."""
    wanted = replace(wanted, eval_answers=1, max_new_tokens=2, pair_losses=0)
    return tune(export, wanted, name="run", runs=folder / "runs", adapters=folder / "adapters", **more)


class Quiet:
    def update(self, done: int, total: int | None = None, note: str = "") -> None: ...


@pytest.fixture
def ready(toy_export, settings, tmp_path):
    """A tiny model with its lesson, before the first step."""
    from tuning.adapted import fresh_model
    from tuning.data import read_export
    from tuning.lessons import make_lesson
    from tuning.models import find_base

    def make(kind: str = "llama", **changes: Any) -> SimpleNamespace:
        wanted = settings(kind, lora={"dropout": 0.0}, **changes)
        model, tokenizer = fresh_model(find_base(wanted.base), wanted, device=CPU, dtype=torch.float32)
        lesson = make_lesson(model, tokenizer, read_export(toy_export), (), wanted, CPU)
        state = RunState(key="key", started_at="", dtype="float32")
        (tmp_path / "run").mkdir(exist_ok=True)
        return SimpleNamespace(model=model, lesson=lesson, settings=wanted, state=state, run=tmp_path / "run")

    return make


def trained(one: SimpleNamespace, **more: Any) -> RunState:
    return train(
        one.model, one.lesson, one.settings, run=one.run, state=one.state, resumed=False, report=Quiet(), **more
    )


def short_of_memory(lesson: Any, tokens: int) -> Any:
    """The lesson on a machine that has memory for so many tokens of one pass: beyond it the allocator says no."""

    def loss(batch: Any) -> Any:
        if batch.input_ids.numel() > tokens and torch.is_grad_enabled():
            torch.empty(2**52, dtype=torch.uint8)
        return lesson.loss(batch)

    return replace(lesson, loss=loss)


def gradient(one: SimpleNamespace, tokens: int, **more: Any) -> tuple[float, torch.Tensor]:
    pairs = one.lesson.train[:8]
    loss = Gradients(one.model, one.lesson, one.settings, tokens=tokens, **more)(pairs, 0)
    parts = [part.grad.reshape(-1) for part in one.model.parameters() if part.grad is not None]
    return loss, torch.cat(parts)


def test_a_step_in_small_parts_has_the_gradient_of_the_whole(ready):
    one = ready()
    whole, small, spare = gradient(one, 4096), gradient(one, 30), gradient(one, 30, spare=True)
    for loss, direction in (small, spare):
        assert loss == pytest.approx(whole[0], rel=1e-5)
        assert torch.allclose(direction, whole[1], rtol=1e-3, atol=1e-6)


def test_out_of_memory_halves_the_parts_and_ends_as_if_nothing_had_been(ready):
    unbroken = trained(ready(tokens_at_once=400))
    one = ready(tokens_at_once=400)
    one.lesson = short_of_memory(one.lesson, 150)
    state = trained(one)
    assert [event["what"] for event in state.events] == ["memory ran out"]
    assert state.events[0]["step"] == 1
    assert state.tokens_at_once <= 150
    assert state.best_loss == pytest.approx(unbroken.best_loss, rel=1e-4)


def test_a_pair_that_never_fits_ends_with_what_to_do_and_the_state_that_is_kept(ready):
    one = ready()
    one.lesson = short_of_memory(one.lesson, 2)
    with pytest.raises(OutOfRoom, match=r"step 1 with one pair at a time. Lower \[tuning\] max_tokens"):
        trained(one)


def test_what_says_that_memory_ran_out_is_known_and_nothing_else():
    with pytest.raises(RuntimeError) as raised:
        torch.empty(2**52, dtype=torch.uint8)
    assert is_out_of_memory(raised.value)
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"))
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))


def test_the_estimate_changes_nothing_and_foretells_the_peak(ready):
    one = ready()
    before = {name: part.detach().clone() for name, part in one.model.named_parameters()}
    drawn = torch.get_rng_state()
    found = estimate(one.model, one.lesson, one.settings, one.state, one.run)
    assert torch.equal(torch.get_rng_state(), drawn)
    assert all(torch.equal(part, before[name]) for name, part in one.model.named_parameters())
    assert all(part.grad is None for part in one.model.parameters())
    assert (found.steps, found.notes) == (9, ())
    assert found.seconds > 0
    trained(one)
    from tuning.cost import peak_memory_mb

    assert peak_memory_mb(CPU) == pytest.approx(found.peak_memory_mb, rel=0.15)


def test_a_run_that_would_not_fit_takes_smaller_parts_and_says_so(ready):
    one = ready(tokens_at_once=400)
    one.lesson = short_of_memory(one.lesson, 150)
    found = estimate(one.model, one.lesson, one.settings, one.state, one.run)
    assert found.tokens_at_once <= 150
    assert any(note.startswith("adapted: parts of ") for note in found.notes)
    assert found.lines()[0].startswith("estimate: ")


def test_a_run_that_cannot_fit_is_refused_before_its_first_step(ready):
    one = ready(memory_mb=10)
    with pytest.raises(OutOfRoom, match=r"with one pair of \d+ tokens at a time, and this run may take 10 MB"):
        estimate(one.model, one.lesson, one.settings, one.state, one.run)


def test_a_base_that_is_larger_than_memory_is_not_loaded(settings):
    wanted = settings(memory_mb=1000)
    check_weights_fit(100_000_000, wanted, CPU, torch.float32)
    with pytest.raises(OutOfRoom, match=r"takes at least 2,000 MB of memory, and 1,000 MB are free"):
        check_weights_fit(500_000_000, wanted, CPU, torch.float32)
    with pytest.raises(OutOfRoom, match=r'Give method = "lora"'):
        check_weights_fit(100_000_000, replace(wanted, method="full"), CPU, torch.float32)


def test_the_limit_of_the_process_counts():
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    room = limit_mb(CPU)
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 200_000_000, hard))
        assert limit_mb(CPU) < room
        assert limit_mb(CPU, given=7) == 7
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def test_a_loss_that_is_no_number_keeps_the_last_good_state(toy_export, tmp_path, settings, monkeypatch):
    """The rate is far too high from step 4 on, so that weights and then the loss overflow."""
    from tuning import loop

    usual = loop.learning_rate
    monkeypatch.setattr(loop, "learning_rate", lambda step, *a, **k: 1e30 if step > 3 else usual(step, *a, **k))
    with pytest.raises(SettingsError, match=r"Lower \[tuning\] learning_rate .*weights of step \d are kept.*--finish"):
        tuned(toy_export, tmp_path, settings(clip=0.0))
    monkeypatch.undo()
    state = newest_state(tmp_path / "runs" / "run")
    assert state is not None
    assert state.best_step == 3
    card = tuned(toy_export, tmp_path, settings(clip=0.0), finish=True)
    assert card.settings["best_step"] == 3
    assert card.results["tuned"]["loss"] < card.results["base"]["loss"]


def test_a_second_run_of_a_name_ends_with_one_line_while_the_first_goes_on(toy_export, tmp_path, settings):
    said: list[str] = []

    class Twice(Quiet):
        def update(self, done: int, total: int | None = None, note: str = "") -> None:
            if note.startswith("loss") and not said:
                with pytest.raises(InputError, match="is being trained by another process") as refused:
                    tuned(toy_export, tmp_path, settings(epochs=0.5))
                said.append(str(refused.value))

    card = tuned(toy_export, tmp_path, settings(epochs=1.0), report=Twice())
    assert len(said) == 1
    assert card.cost["steps"] == 3
    assert tuned(toy_export, tmp_path, settings(epochs=0.5)).cost["steps"] == 2


def test_a_pair_longer_than_the_base_reads_is_cut_at_its_positions(toy, settings, tmp_path):
    rows = toy.rows()
    long = [toy.row(f"What is on lamp {n}?", "A red mark is on the door. " * 60) for n in range(8)]
    export = toy.export(tmp_path / "v001", train=[*rows[:16], *long], validation=rows[16:20], test=rows[20:23])
    card = tuned(export, tmp_path, settings("gpt2", epochs=0.5, pair_losses=0))
    assert card.settings["max_tokens"] == 264
    assert card.settings["cut_pairs"] == 8


def test_a_question_that_fills_all_positions_asks_for_another_base_not_for_more_tokens(toy, settings, tmp_path):
    rows = toy.rows()
    full = toy.row("What is on the lamp? " * 80, "A red mark is on the door.")
    export = toy.export(tmp_path / "v001", train=[*rows[:16], full], test=rows[16:20])
    with pytest.raises(InputError, match=r"fills 264 tokens.*choose a base that reads more: .* reads 264 tokens"):
        tuned(export, tmp_path, settings("gpt2"))
    with pytest.raises(InputError, match=r"fills 64 tokens.*raise \[tuning\] max_tokens"):
        tuned(export, tmp_path, settings("gpt2", max_tokens=64))


def test_what_a_run_trains_with_is_said_while_it_goes_on(toy_export, tmp_path, settings):
    seen = []

    class Looks(Quiet):
        def update(self, done: int, total: int | None = None, note: str = "") -> None:
            seen.append(json.loads((tmp_path / "runs" / "run" / "begun.json").read_bytes()))

    tuned(toy_export, tmp_path, settings("gpt2", epochs=0.3), report=Looks())
    assert (seen[0]["settings"]["max_tokens"], seen[0]["asked"]["max_tokens"]) == (264, 512)


def test_pairs_without_an_answer_are_named_and_counted(toy, settings, tmp_path):
    rows = toy.rows()
    silent = [{**row, "answer": " \n"} for row in rows[8:13]]
    export = toy.export(tmp_path / "v001", train=[*rows[:8], *silent], test=rows[16:20])
    with pytest.raises(InputError, match=rf"5 pairs of v001 have an empty answer.*{rows[8]['id']} \(train\).* 2 more"):
        tuned(export, tmp_path, settings())


def test_a_run_says_and_keeps_which_layers_have_less_rank_than_was_asked_for(toy_export, tmp_path, settings):
    class Hears(Quiet):
        said = ""

        def add(self, step: int, **values: float) -> None: ...

        def say(self, text: str) -> None:
            self.said += text

    hears, wanted = Hears(), settings(epochs=0.1, max_new_tokens=2, eval_answers=1, pair_losses=0, lora={"r": 20})
    card = tuned(toy_export, tmp_path, wanted, report=hears)
    cut = "lora.r of k_proj, v_proj = 16: the highest rank that fits there; lora.r is 20"
    assert cut in hears.said
    assert card.settings["reasons"][-1] == cut
    assert cut in (tmp_path / "adapters" / card.name / "README.md").read_text()


def test_a_finished_run_says_that_it_is(toy_export, tmp_path, settings):
    class Hears(Quiet):
        said = ""

        def say(self, text: str) -> None:
            self.said += text

    wanted = settings(epochs=0.3)
    tuned(toy_export, tmp_path, wanted, report=Quiet())
    for flag in ("resume", "finish"):
        hears = Hears()
        tuned(toy_export, tmp_path, wanted, report=hears, **{flag: True})
        assert hears.said.startswith("run was finished on 2")


def test_a_base_that_gives_no_number_is_said_to_be_the_reason(ready):
    one = ready()
    with torch.no_grad():
        one.model.get_input_embeddings().weight.fill_(float("nan"))
    with pytest.raises(SettingsError, match=r"before anything was learnt: .*llama itself gives no number") as refused:
        trained(one)
    assert "learning_rate" not in str(refused.value)


def test_a_full_disk_ends_with_the_state_that_is_kept(toy_export, tmp_path, settings):
    """A file may not grow beyond what the first checkpoint takes: the kernel refuses as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    class Fills(Quiet):
        def update(self, done: int, total: int | None = None, note: str = "") -> None:
            if done == 4:
                resource.setrlimit(resource.RLIMIT_FSIZE, (16_000, hard))

    try:
        with pytest.raises(OutOfRoom, match=r"MB are free on that disk\).*state of step 3 is kept.*--resume"):
            tuned(toy_export, tmp_path, settings(), report=Fills())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    state = newest_state(tmp_path / "runs" / "run")
    assert state is not None
    assert state.step == 3
    assert tuned(toy_export, tmp_path, settings(), resume=True).cost["steps"] == 9


def test_training_ends_early_when_the_validation_loss_no_longer_falls(ready):
    one = ready(epochs=20.0, patience=2, learning_rate=0.9)
    state = trained(one)
    assert state.step < 60
    assert state.stopped == f"early, after step {state.step}: 2 validations without a lower loss"
    losses = {point["step"]: point["loss"] for point in state.curves["validation"]}
    assert state.best_step == min(losses, key=losses.get)
    from tuning.lessons import mean_loss

    now = mean_loss(one.lesson, one.lesson.validation, one.model, 8)
    assert now == pytest.approx(losses[state.best_step], rel=1e-4)


def test_validation_may_come_more_often_than_once_an_epoch(ready):
    state = trained(ready(validations=3, patience=0, epochs=2.0))
    assert [point["step"] for point in state.curves["validation"]] == [0, 1, 2, 3, 4, 5, 6]


def test_an_epochs_order_is_worked_out_once(ready):
    one, asked = ready(), []

    class Counting(type(one.lesson)):  # type: ignore[misc]
        def batches(self, epoch: int) -> list[list[int]]:
            asked.append(epoch)
            return super().batches(epoch)

    values = {name: getattr(one.lesson, name) for name in type(one.lesson).__dataclass_fields__}
    one.lesson = Counting(**values)
    trained(one)
    assert asked == [0, 1, 2]


@pytest.mark.parametrize(("clip", "most"), [(0.0, None), (1e-3, 1e-3)])
def test_a_gradient_is_clipped_to_the_norm_that_is_asked_for(ready, clip, most):
    one, norms = ready(clip=clip, epochs=0.1), []

    def watch(optimizer: torch.optim.Optimizer, *_: Any) -> None:
        parts = [p.grad.reshape(-1) for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        norms.append(float(torch.cat(parts).norm()))

    hook = register_optimizer_step_pre_hook(watch)
    try:
        trained(one)
    finally:
        hook.remove()
    told = [json.loads(line) for line in (one.run / "steps.jsonl").read_text().splitlines()]
    (norm,) = [line["gradient_norm"] for line in told if "gradient_norm" in line]
    assert norm > 1e-2
    assert norms[-1] == pytest.approx(most or norm, rel=1e-3)


def test_going_on_needs_a_state_of_the_same_run(toy_export, tmp_path, settings):
    class Stops(Quiet):
        def update(self, done: int, total: int | None = None, note: str = "") -> None:
            if done == 4:
                raise RuntimeError("the power is gone")

    with pytest.raises(InputError, match="holds no checkpoint to go on from"):
        tuned(toy_export, tmp_path, settings(), resume=True)
    with pytest.raises(RuntimeError, match="power"):
        tuned(toy_export, tmp_path, settings(), report=Stops())
    with pytest.raises(InputError, match=r"checkpoint of step 3 .* other settings"):
        tuned(toy_export, tmp_path, settings(learning_rate=0.01), resume=True)
    (tmp_path / "runs" / "run" / "checkpoint-000000003" / "state.json").write_text("{")
    with pytest.raises(InputError, match=r"checkpoint-000000003 cannot be read .*Remove that folder"):
        tuned(toy_export, tmp_path, settings())
