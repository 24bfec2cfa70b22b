"""Two processes on one run, over gloo on this machine: the result of one, and a clear end when one is lost."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tamiz.errors import EngineError
from tuning.launch import shared_by
from tuning.parallel import Team
from tuning.prompts import Encoded
from tuning.train import tune


class Kills:
    """A job that kills the other process of the run at step 5."""

    def update(self, done: int, total: int | None = None, note: str = "") -> None:
        if done == 5 and note.startswith("loss"):
            for pid in _children():
                os.kill(pid, signal.SIGKILL)


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


def test_every_pair_is_shared_out_once_and_work_is_even():
    pairs = [Encoded(ids=(5,) * length, answer_start=1) for length in (40, 30, 20, 20, 10, 8)]
    shares = [Team(rank, 3).share(pairs) for rank in range(3)]
    assert sorted(len(pair.ids) for share in shares for pair in share) == [8, 10, 20, 20, 30, 40]
    assert {sum(len(pair.ids) for pair in share) for share in shares} <= {40, 48}
    assert Team(2, 3).share(pairs[:2]) == []
