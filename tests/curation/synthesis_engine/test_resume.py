"""Killed, stopped, or two at once: nothing is asked twice, nothing is lost, and the end is the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from curation.synthesis.alive import LEASE_SECONDS, Living
from curation.synthesis.providers.deterministic import DeterministicProvider
from tamiz.records import record_dict
from tamiz.store import Store
from tamiz.synthledger import Question, claim_call, spent_by_recipe
from tamiz.synthruns import begin_run, living_runs

SHARED = ("recipe", "provider", "model", "address")
CONFTEST = Path(__file__).with_name("conftest.py")
CHILD = """
import importlib.util, sys
from pathlib import Path
from dataclasses import replace
spec = importlib.util.spec_from_file_location("bench", sys.argv[1])
bench = importlib.util.module_from_spec(spec)
sys.modules["bench"] = bench
spec.loader.exec_module(bench)
folder, url, address, concurrency = sys.argv[2:]
project = bench.Project.open(Path(folder))
provider = None if address else bench.Unhurried()
with bench.Store.open(url) as store:
    settings = replace(bench.QUICK, base_url=address or "http://127.0.0.1:9/v1", concurrency=int(concurrency))
    wanted = bench.Synthesis(recipe="rephrase")
    report = bench.synthesise(project, store, wanted, settings=settings, recipe=bench.Rephrase(), provider=provider)
print(report.stopped or "done", report.asked, flush=True)
"""


def start(bench, url: str, address: str, concurrency: int = 3) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(CONFTEST), str(bench.project.folder), url, address, str(concurrency)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def settled(store: Store) -> int:
    return sum(one.ok + one.failed for one in spent_by_recipe(store))


def wait_for(true, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.005)


def dump(pairs) -> str:
    return "\n".join(json.dumps(record_dict(pair), ensure_ascii=False, sort_keys=True) for pair in pairs)


def test_after_kill_9_the_rest_is_asked_and_the_pairs_are_the_same_byte_for_byte(bench, fill, store_url, tmp_path):
    child = start(bench, store_url, "", concurrency=1)
    wait_for(lambda: settled(bench.store) >= 4)
    child.kill()
    child.communicate()
    done = settled(bench.store)
    assert len(bench.made()) <= 2 * done
    began = time.monotonic()
    report = bench.run(provider=DeterministicProvider())
    assert time.monotonic() - began < LEASE_SECONDS  # what was in flight is taken over, not waited for
    assert report.asked + done == report.materials
    assert report.answered_before == done
    assert report.left_open == 0

    whole = tmp_path / "whole"
    whole.mkdir()
    with Store.open(f"sqlite:///{whole / 'tamiz.db'}") as store:
        fill(store)
        killed, bench.store = bench.made(), store
        bench.run(provider=DeterministicProvider())
        assert dump(killed) == dump(bench.made())


def test_ctrl_c_keeps_what_is_done_and_leaves_nothing_open(file_bench, server):
    def behave(number, body):
        if number == 3:
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)

    server.behave = behave
    report = file_bench.run()
    assert report.interrupted
    assert 3 <= report.asked < report.materials
    assert report.asked == report.ok == settled(file_bench.store)
    assert len(file_bench.made()) == 2 * report.asked
    assert report.then() == "tamiz synth rephrase goes on where it stopped"
    server.behave = lambda number, body: None
    rest = file_bench.run()
    assert rest.asked + report.asked == report.materials == len(server.bodies)


def test_two_runs_in_one_process_ask_nothing_twice(file_bench, server):
    bench = file_bench
    server.delay = 0.02
    reports = []
    threads = [threading.Thread(target=lambda: reports.append(bench.run(concurrency=3))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(server.questions()).most_common(1)[0][1] == 1
    assert sum(report.asked for report in reports) == reports[0].materials == len(server.bodies)
    assert len(bench.made()) == 2 * reports[0].materials


def test_a_run_on_another_machine_is_dead_when_its_lease_has_ended(store, make_project, clock):
    about = {"actor": "x", "recipe": "r", "provider": "p", "model": "m", "address": "", "asked_for": {}}
    question = Question(request="x", material="1", prompt="", **{k: v for k, v in about.items() if k in SHARED})
    first = begin_run(store, host="elsewhere:/data", lease_seconds=60, **about)
    living = Living(make_project())
    assert claim_call(store, question, first, is_dead=living.is_dead)[1]
    second = begin_run(store, host=living.host, lease_seconds=600, **about)
    assert not claim_call(store, question, second, is_dead=living.is_dead)[1]
    clock.forward(61)
    call, mine = claim_call(store, question, second, is_dead=living.is_dead)
    assert (mine, call.run, call.attempt) == (True, second, 1)


def test_a_lock_that_nobody_holds_tells_that_a_run_is_dead(file_bench):
    living = Living(file_bench.project)
    about = {"actor": "x", "recipe": "r", "provider": "p", "model": "m", "address": "", "asked_for": {}}
    name = begin_run(file_bench.store, host=living.host, lease_seconds=60, **about)
    (run,) = living_runs(file_bench.store)
    with living.hold(name):
        assert not living.is_dead(run)
    living.folder.joinpath(f"{name}.lock").touch()
    assert living.is_dead(run)
    assert living.end_dead(file_bench.store) == 1
    assert living_runs(file_bench.store) == []


def test_open_calls_of_another_run_are_not_told_as_this_one_s(file_bench):
    about = {"actor": "x", "recipe": "rephrase", "provider": "p", "model": "other", "address": "", "asked_for": {}}
    question = Question(request="x", material="1", prompt="", **{k: v for k, v in about.items() if k in SHARED})
    other = begin_run(file_bench.store, host="elsewhere:/data", lease_seconds=600, **about)
    assert claim_call(file_bench.store, question, other, is_dead=lambda run: False)[1]
    report = file_bench.run(wanted={"limit": 1})
    assert (report.asked, report.left_open) == (1, 0)
