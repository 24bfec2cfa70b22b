"""Looks in several processes: the same findings in the same order, whatever happens to the processes."""

from __future__ import annotations

import dataclasses
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from curation.engines import looks as looks_module
from curation.engines.looks import looks, packed_step, processes_looks
from curation.engines.shared_looks import looks_in_stages
from curation.engines.stages import LocalEngine, Stages
from curation.sieve import curate
from curation.steps import find_steps, lift
from tamiz.records import Pair
from tamiz.settings import CurationSettings

HERE = Path(__file__).parent
STEPS = HERE / "looking_steps.py"


@pytest.fixture(autouse=True)
def steps(monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    import looking_steps

    return looking_steps


@pytest.fixture
def batches(distinct_pair) -> Callable[..., list[list[Pair]]]:
    def cut(number: int, **marked: int) -> list[list[Pair]]:
        """Batches of two pairs; a word marks the first pair of the batch of that number."""
        pairs = [distinct_pair(n) for n in range(2 * number)]
        for word, batch in marked.items():
            pairs[2 * batch] = dataclasses.replace(pairs[2 * batch], question=f"¿{word}?")
        return [pairs[n : n + 2] for n in range(0, 2 * number, 2)]

    return cut


def in_processes(step, given: list[list[Pair]]) -> list[set[int]]:
    """Who looked at each batch."""
    found = list(processes_looks(step, pickle.dumps(step), iter(given), 2))
    assert [batch for batch, _ in found] == given
    assert [[one.pair for one in seen] for _, seen in found] == [[pair.id for pair in batch] for batch in given]
    return [{int(one.note) for one in seen} for _, seen in found]


def test_other_processes_look_and_the_order_stays(steps, batches):
    who = in_processes(steps.Marked(work_seconds=0.01), batches(12))
    assert len(set().union(*who)) in (1, 2)  # on a busy machine one may be done before the other has started
    assert os.getpid() not in set().union(*who)


def test_a_process_that_is_killed_is_replaced_and_its_batch_looked_at_again(steps, batches, tmp_path):
    who = in_processes(steps.Marked(doing={"word": "die once"}, folder=str(tmp_path)), batches(8, word=3))
    assert (tmp_path / "died").exists()
    assert os.getpid() not in set().union(*who)


def test_a_batch_that_kills_every_process_is_looked_at_here_alone(steps, batches, tmp_path):
    who = in_processes(steps.Marked(doing={"word": "die"}, folder=str(tmp_path)), batches(8, word=3))
    assert [n for n, whose in enumerate(who) if os.getpid() in whose] == [3]


def test_what_fails_there_is_tried_here_where_its_error_is_seen(steps, batches):
    who = in_processes(steps.Marked(doing={"word": "fail"}), batches(4, word=2))
    assert who[2] == {os.getpid()}
    with pytest.raises(ZeroDivisionError):
        in_processes(steps.Marked(doing={"word": "fail"}, home=0), batches(4, word=2))


def test_a_step_that_cannot_be_had_there_works_here(steps, batches):
    who = in_processes(steps.Homesick(), batches(5))
    assert set().union(*who) == {os.getpid()}


def test_what_a_step_prints_is_no_result(steps, batches, capfd):
    in_processes(steps.Marked(doing={"word": "print"}), batches(2, word=0))
    out, err = capfd.readouterr()
    assert out == ""
    assert "a step prints this" in err


@pytest.mark.parametrize(
    ("step", "sent"),
    [
        pytest.param(lambda steps: steps.Marked(), True, id="plain"),
        pytest.param(lambda steps: steps.Unpicklable(), False, id="cannot be pickled"),
        pytest.param(lambda _: lift("local", lambda pair: []), False, id="a local function"),
        pytest.param(lambda _: find_steps(CurationSettings(), ["clean"])[0], True, id="clean"),
        pytest.param(lambda _: find_steps(CurationSettings(), ["dedupe"])[0], False, id="compares pairs"),
    ],
)
def test_only_steps_that_can_be_copied_leave_this_process(steps, step, sent):
    assert bool(packed_step(step(steps))) == sent


def test_a_step_that_holds_something_stays_here(steps):
    step = steps.Marked()
    step.close = threading.Event().set
    assert packed_step(step) == b""


def test_little_work_stays_in_this_process(steps, batches):
    found = looks(steps.Marked(), iter(batches(10)), pairs=20, processes=2)
    assert {int(one.note) for _, seen in found for one in seen} == {os.getpid()}


def test_much_work_goes_to_processes_after_the_first_batches(steps, batches):
    given = batches(8)
    found = list(looks(steps.Marked(work_seconds=0.001), iter(given), pairs=10**6, processes=2))
    assert [batch for batch, _ in found] == given
    here = [{int(one.note) for one in seen} == {os.getpid()} for _, seen in found]
    assert here == [True] * 4 + [False] * 4


def test_a_run_in_processes_finds_and_decides_what_one_process_does(make_project, opened, distinct_pair, monkeypatch):
    started = []
    start = looks_module._start
    monkeypatch.setattr(looks_module, "_start", lambda packed: started.append(1) or start(packed))
    monkeypatch.setattr(looks_module, "SECONDS_TO_START", -1000.0)  # as if there were no end of pairs
    answers = ["Pulsa <b>ya</b> y espera.", "Sí.", "Pulsa&nbsp;Guardar y espera a que acabe.\u200b"]
    pairs = [distinct_pair(n, answer=f"{answers[n % 3]} {n // 3}" if n % 2 else "Sí.") for n in range(40)]
    results = []
    for processes in (1, 2):
        own = f'[curation]\nsteps = ["clean"]\nbatch_size = 4\nprocesses = {processes}\n'
        project = make_project(steps=own, rules="")
        store = opened(project)
        store.add_pairs(pairs, "import:test")
        report = curate(project, store)
        all_pairs = {stored.pair.id: stored.state for stored in store.pairs()}
        results.append((report, all_pairs, store.findings(list(all_pairs))))
    assert started
    assert results[0] == results[1]
    assert sum(results[0][0].steps[0].found.values()) > 20


def test_stages_find_the_same_and_take_up_what_is_there(distinct_pair, tmp_path):
    [step] = find_steps(CurationSettings(), ["clean"])
    pairs = [distinct_pair(n, answer=f"Pulsa <b>{n}</b>.\u200b Ñ", votes=n, accepted=True) for n in range(30)]
    shards = [pairs[n : n + 10] for n in range(0, 30, 10)]
    with Stages.open(tmp_path / "looks", LocalEngine()) as stages:
        found = list(looks_in_stages(stages, step, shards))
        assert [batch for batch, _ in found] == shards
        assert [seen for _, seen in found] == [list(step.look(shard)) for shard in shards]
        assert list(looks_in_stages(stages, step, shards)) == found
        assert (stages.made, stages.found) == (3, 3)


def gone(pids: list[int], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while left := [pid for pid in pids if alive(pid)]:
        if time.monotonic() > end:
            return False
        assert left
        time.sleep(0.05)
    return True


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc, as Linux has it")
@pytest.mark.parametrize(("how", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)])
def test_no_process_stays_behind_its_parent(how, code):
    child = subprocess.Popen([sys.executable, STEPS], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    pids = sorted({int(child.stdout.readline()) for _ in range(2)})
    assert all(alive(pid) for pid in pids)
    time.sleep(0.2)  # until both sleep in the middle of a batch
    start = time.monotonic()
    child.send_signal(how)
    assert child.wait(timeout=30) == code
    assert gone(pids)
    assert time.monotonic() - start < 40  # they would sleep for 60 s
    child.stdout.close()
