"""Commands in the background: started once, watched, stopped, and honest about how they ended."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tamiz.errors import InputError
from tamiz.jobs import JobState, job, jobs, start, stop
from tamiz.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "tamiz.toml").write_text('[project]\nname = "x"\n[crawl]\ndelay_seconds = 0.0\n', encoding="utf-8")
    return Project.open(tmp_path)


@pytest.fixture
def silent_site() -> Iterator[str]:
    """An address that accepts connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


def wait_for(project: Project, name: str, holds: Callable[[JobState], bool], seconds: float = 30.0) -> JobState:
    end = time.monotonic() + seconds
    while True:
        state = job(project, name)
        if state is not None and holds(state):
            return state
        assert time.monotonic() < end, state
        time.sleep(0.05)


def test_a_job_says_what_it_printed_and_how_it_ended(project: Project) -> None:
    start(project, "look", ["status"])
    state = wait_for(project, "look", lambda state: not state.running)
    assert state.code == 0
    assert "Next:" in state.said
    assert state.arguments == ("status",)
    assert [state.name for state in jobs(project)] == ["look"]


def test_a_job_that_fails_keeps_its_message_and_code(project: Project) -> None:
    start(project, "crawl-none", ["crawl"])
    state = wait_for(project, "crawl-none", lambda state: not state.running)
    assert state.code == 1
    assert "no [[sources]]" in state.said


def test_a_running_job_is_not_started_twice_and_stops_when_asked(project: Project, silent_site: str) -> None:
    start(project, "crawl-slow", ["crawl", silent_site, "--allow-private"])
    wait_for(project, "crawl-slow", lambda state: state.title.startswith("crawling"))
    with pytest.raises(InputError, match="running already"):
        start(project, "crawl-slow", ["status"])
    assert stop(project, "crawl-slow")
    state = wait_for(project, "crawl-slow", lambda state: not state.running)
    assert state.code == 130
    assert state.arguments[0] == "crawl"
    assert not stop(project, "crawl-slow")


def test_a_job_that_was_killed_is_known_to_be_gone_and_can_be_started_again(project: Project, silent_site: str) -> None:
    start(project, "crawl-slow", ["crawl", silent_site, "--allow-private"])
    wait_for(project, "crawl-slow", lambda state: state.title.startswith("crawling"))
    pid = int((project.jobs / "crawl-slow" / "job.json").read_text(encoding="utf-8").split('"pid": ')[1].split(",")[0])
    os.kill(pid, signal.SIGKILL)
    state = wait_for(project, "crawl-slow", lambda state: not state.running)
    assert state.code is None
    start(project, "crawl-slow", ["status"])
    assert wait_for(project, "crawl-slow", lambda state: not state.running).code == 0


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "x" * 101])
def test_a_job_s_name_is_never_a_path(project: Project, name: str) -> None:
    with pytest.raises(InputError, match="no name for a job"):
        start(project, name, ["status"])


def test_a_job_that_never_ran_is_none(project: Project) -> None:
    assert job(project, "crawl-x") is None
    assert jobs(project) == []
    assert not stop(project, "crawl-x")
