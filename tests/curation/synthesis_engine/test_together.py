"""Two `tamiz synth` at once on one project: processes of their own, as two people or two machines would start them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter

import pytest

from tamiz.synthledger import call_of, last_call, spent_by_recipe

# Ready at the same moment, and slow enough to meet while they ask.
CHILD = """
import sys, time
from pathlib import Path
from curation.synthesis.providers.deterministic import DeterministicProvider
import curation.synthesis.recipes.paraphrase, curation.synthesis.run
from tamiz.cli import cli
at_once = DeterministicProvider.send
def slowly(*args, **values):
    time.sleep(0.15)
    return at_once(*args, **values)
DeterministicProvider.send = slowly
folder, ready, *recipes = sys.argv[1:]
Path(ready).touch()
while len(list(Path(ready).parent.glob("*.ready"))) < 2:
    time.sleep(0.005)
for recipe in recipes:
    try:
        cli(["--project", folder, "synth", recipe, "--limit", "9", "--json"], standalone_mode=False)
    except SystemExit as ended:
        assert not ended.code, ended.code
"""
TOML = '[synthesis]\nprovider = "deterministic"\nconcurrency = 2\nstop_at_failures = 1.0\n'


@pytest.mark.parametrize("second", ["paraphrase", "harder"])
def test_two_processes_make_no_call_and_no_pair_twice(fill, store, store_url, second, request) -> None:
    if second == "harder" and "postgresql" in request.node.name:
        pytest.skip("what differs between the databases is whether two take the same call")
    project = fill(store)
    with (project.folder / "tamiz.toml").open("a") as file:
        file.write(f'{TOML}[store]\nurl = "{store_url}"\n')
    started = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD, str(project.folder), str(project.folder / f"{number}.ready"), recipe],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number, recipe in enumerate(["paraphrase", second])
    ]
    reports = []
    for process in started:
        out, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        reports.append(json.loads(out))

    assert all(report["asked"] == report["ok"] + report["failed"] for report in reports)
    assert [report["left_open"] for report in reports] == [0, 0]
    calls = [call for number in range(last_call(store)) if (call := call_of(store, number + 1)) is not None]
    assert max(Counter(call.request for call in calls).values()) == 1
    assert {(call.attempt, call.tries) for call in calls} == {(1, 1)}
    assert len(calls) == sum(report["asked"] for report in reports)
    spent = spent_by_recipe(store)
    assert (sum(one.ok + one.failed for one in spent), sum(one.pending for one in spent)) == (len(calls), 0)
    made = [stored.pair for stored in store.pairs() if stored.pair.kind == "synthetic"]
    assert len(made) == sum(report["made"] for report in reports)
    assert len({(pair.question, pair.answer) for pair in made}) == len(made)
    if second == "paraphrase":
        assert all(report["asked"] > 0 for report in reports)  # they shared the work
        assert len({call.material for call in calls}) == reports[0]["materials"]
