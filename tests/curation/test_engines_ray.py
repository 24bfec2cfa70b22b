"""The same stages on a Ray cluster of several node processes, with what runs them killed in each stage."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

if importlib.util.find_spec("ray") is None:
    pytest.skip("Ray is not installed. Run: pip install 'tamiz[ray]'", allow_module_level=True)

sys.path.insert(0, str(Path(__file__).parent))
try:
    from ray_cluster import Cluster
finally:
    del sys.path[0]

DRIVER = Path(__file__).with_name("ray_driver.py")
STAGES = {"prepared": 2, "whole": 0, "edges": 3, "decision": 0}  # and the tasks that end before the kill
TASKS = 6 + 1 + 25 + 1


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    started = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        for _ in range(2):
            started.add_node()
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="module")
def digest(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of the result of one process."""
    done = subprocess.run(
        [sys.executable, DRIVER, tmp_path_factory.mktemp("local") / "work"],
        env=cluster.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["removed"] >= 100
    return found["digest"]


def running(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    return False


class Run:
    """A driver on the cluster, and what its tasks have noted."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster = cluster
        self.folder = folder / "work"
        self.ledger = folder / "work.ledger"
        for stage, tasks in STAGES.items():
            self.folder.with_suffix(f".{stage}").write_text(str(tasks))
        self.start()

    def start(self) -> None:
        self.driver = subprocess.Popen(
            [sys.executable, DRIVER, self.folder, self.cluster.address, self.cluster.token],
            env=self.cluster.environment(),
            cwd=self.cluster.site,  # Ray lets workers import from here first
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def notes(self) -> list[dict[str, Any]]:
        if not self.ledger.exists():
            return []
        return [json.loads(line) for line in self.ledger.read_text().splitlines()]

    def running(self, stage: str) -> dict[str, Any]:
        """Wait until those tasks have ended and another one runs; what it noted when it started."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            notes = [note for note in self.notes() if note["stage"] == stage]
            ended = {note["file"] for note in notes if note["what"] == "ends"}
            for note in notes:
                if note["file"] not in ended and len(ended) >= STAGES[stage] and running(note["pid"]):
                    return note
            assert self.driver.poll() is None, self.driver.communicate()[1]
            time.sleep(0.02)
        raise AssertionError(f"no task of {stage} ran: {self.notes()}")

    def let_go(self, stage: str) -> None:
        self.folder.with_suffix(f".{stage}").unlink()

    def result(self) -> dict[str, Any]:
        out, error = self.driver.communicate(timeout=60)
        assert self.driver.returncode == 0, error
        return json.loads(out)

    def started_after_the_end(self) -> list[str]:
        """Files that a task set out to make although they were there."""
        there, again = set(), []
        for note in self.notes():
            if note["what"] == "ends":
                there.add(note["file"])
            elif note["file"] in there:
                again.append(note["file"])
        return again


def test_a_cluster_in_the_process_itself_needs_no_token_file(cluster, digest, tmp_path):
    environment = {name: value for name, value in cluster.environment().items() if not name.startswith("RAY_")}
    command = [sys.executable, DRIVER, tmp_path / "work", "local"]
    done = subprocess.run(command, env=environment, cwd=cluster.site, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"digest": digest, "made": TASKS, "found": 0}


def test_a_worker_may_be_killed_in_every_stage(cluster, digest, tmp_path):
    run = Run(cluster, tmp_path)
    for stage in STAGES:
        os.kill(run.running(stage)["pid"], signal.SIGKILL)
        run.let_go(stage)
    assert run.result() == {"digest": digest, "made": TASKS, "found": 0}
    assert run.started_after_the_end() == []


def test_the_driver_may_be_killed_in_every_stage(cluster, digest, tmp_path):
    run = Run(cluster, tmp_path)
    for stage in STAGES:
        run.running(stage)
        run.driver.kill()
        run.driver.communicate()
        run.let_go(stage)
        run.start()
    result = run.result()
    assert result["digest"] == digest
    assert result["found"] >= TASKS - 1
    assert result["made"] + result["found"] == TASKS
    assert run.started_after_the_end() == []


def test_a_node_may_be_lost_in_every_stage(cluster, digest, tmp_path):
    run = Run(cluster, tmp_path)
    for stage in STAGES:
        cluster.kill_node(run.running(stage)["node"])
        run.let_go(stage)
        cluster.add_node()
    assert run.result() == {"digest": digest, "made": TASKS, "found": 0}
    assert run.started_after_the_end() == []


def test_steps_that_look_at_each_pair_find_the_same_on_the_cluster(cluster, make_project, opened, distinct_pair):
    place = f'[curation.ray]\naddress = "{cluster.address}"\ntoken_file = "{cluster.token}"\nshard_pairs = 10\n'
    steps = '[curation]\nsteps = ["clean"]\nbatch_size = 4\n'
    pairs = [distinct_pair(n, answer=f"Pulsa <b>{n}</b>.\u200b Ñ" if n % 3 else "Sí.") for n in range(30)]
    found = []
    for engine in ("local", "ray"):
        project = make_project(steps=steps, rules="", more=place)
        store = opened(project)
        store.add_pairs(pairs, "import:test")
        done = subprocess.run(
            [sys.executable, "-m", "tamiz.cli", "--project", project.folder, "curate", "--engine", engine],
            env=cluster.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert ("3 of 3  looking" in done.stderr) == (engine == "ray")
        found.append(store.findings([pair.id for pair in pairs]))
    assert found[0] == found[1]
    assert sum(map(len, found[0].values())) > 20
