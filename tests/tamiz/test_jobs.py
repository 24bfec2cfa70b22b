"""Commands in the background: started once, watched, stopped, and honest about how they ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from tamiz import jobs as background
from tamiz import schema
from tamiz.cli import cli
from tamiz.errors import InputError, NotPermitted
from tamiz.jobs import JobState, act_of, job, job_result, jobs, running_jobs
from tamiz.jobworker import alone
from tamiz.project import Project
from tamiz.store import Store


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


def start(project: Project, name: str, arguments: list[str], *, by: str = "person:reviewer-1", **more: bool) -> None:
    with Store.open(project.store_url) as store:
        background.start(project, name, arguments, store=store, by=by, **more)


def stop(project: Project, name: str, *, by: str = "person:reviewer-1", force: bool = False) -> bool:
    with Store.open(project.store_url) as store:
        return background.stop(project, name, store=store, by=by, force=force)


def pid_of(project: Project, name: str) -> int:
    pid: int = json.loads((project.jobs / name / "job.json").read_text(encoding="utf-8"))["pid"]
    return pid


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
    os.kill(pid_of(project, "crawl-slow"), signal.SIGKILL)
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


def test_two_starts_at_once_give_one_job(project: Project, silent_site: str) -> None:
    said: list[str] = []

    def begin() -> None:
        try:
            start(project, "crawl-slow", ["crawl", silent_site, "--allow-private"])
        except InputError as error:
            said.append(str(error))

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 3
    assert all("running already" in one for one in said)
    assert stop(project, "crawl-slow", force=True)
    wait_for(project, "crawl-slow", lambda state: not state.running)


def test_who_only_looks_never_seems_to_be_the_job(project: Project) -> None:
    start(project, "look", ["status"])
    wait_for(project, "look", lambda state: not state.running)
    seen: set[bool] = set()
    looking = [
        threading.Thread(target=lambda: seen.update(job(project, "look").running for _ in range(300))) for _ in "1234"
    ]
    for thread in looking:
        thread.start()
    for thread in looking:
        thread.join()
    assert seen == {False}


def test_jobs_that_write_the_same_run_one_at_a_time(project: Project) -> None:
    project.jobs.mkdir()
    code = (
        "import sys, time, pathlib, tamiz.jobworker as w\n"
        "print(w._claim(pathlib.Path(sys.argv[1]), 'curate', ['curate']) is not None, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(project.jobs)], stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline().strip() == "True"
            with pytest.raises(InputError, match="curate-again writes what curate is writing; stop curate first"):
                start(project, "curate-again", ["curate"])
            start(project, "look", ["status"])  # writes nothing of that
        finally:
            other.kill()
    start(project, "curate-again", ["curate"])
    wait_for(project, "curate-again", lambda state: not state.running)


def test_a_terminal_and_a_job_do_not_curate_at_once(project: Project) -> None:
    Store.open(project.store_url).close()
    with alone(project.jobs, "curate"):
        with pytest.raises(InputError, match=rf"curate writes what a terminal \(process {os.getpid()}\) is writing"):
            start(project, "curate", ["curate"])
        said = CliRunner().invoke(cli, ["--project", str(project.folder), "curate"])
        assert isinstance(said.exception, InputError)
        assert "wait until it has ended" in str(said.exception)
    assert CliRunner().invoke(cli, ["--project", str(project.folder), "curate"]).exit_code == 0


def test_a_job_survives_the_one_who_started_it(project: Project, silent_site: str) -> None:
    code = (
        "import sys, time, pathlib, tamiz.jobs\n"
        "from tamiz.project import Project; from tamiz.store import Store\n"
        "p = Project.open(pathlib.Path(sys.argv[1]))\n"
        "tamiz.jobs.start(p, 'crawl-slow', ['crawl', sys.argv[2], '--allow-private'],"
        " store=Store.open(p.store_url), by='person:reviewer-1')\n"
        "print('started', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(project.folder), silent_site]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as window:
        assert window.stdout is not None
        assert window.stdout.readline().strip() == "started"
        os.killpg(window.pid, signal.SIGKILL)
    state = wait_for(project, "crawl-slow", lambda state: state.title.startswith("crawling"))
    assert state.running
    assert state.by == "person:reviewer-1"
    assert [one.name for one in running_jobs(project)] == ["crawl-slow"]
    assert stop(project, "crawl-slow")
    state = wait_for(project, "crawl-slow", lambda state: not state.running)
    assert (state.code, state.stopped_by) == (130, "person:reviewer-1")
    assert running_jobs(project) == []


def test_a_result_is_kept_apart_from_what_was_said(project: Project) -> None:
    table = project.folder / "pairs.csv"
    table.write_text("question,answer\n¿Cómo entro?,Con la clave de la etiqueta.\n¿Y si no?,\n", encoding="utf-8")
    start(project, "import-pairs", ["import", str(table)], keep_result=True)
    state = wait_for(project, "import-pairs", lambda state: not state.running)
    assert state.code == 0, state.said
    (report,) = job_result(project, "import-pairs")
    assert (report["new_pairs"], report["refused_rows"]) == (1, 1)
    assert state.said == ""
    assert job_result(project, "look") is None


def test_what_remains_is_told_from_the_pace(project: Project) -> None:
    folder = project.jobs / "curate"
    folder.mkdir(parents=True)
    now = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
    about = {"pid": 1, "by": "", "arguments": ["curate"], "started_at": (now - timedelta(seconds=90)).isoformat()}
    (folder / "job.json").write_text(json.dumps(about), encoding="utf-8")
    counted = {"title": "curating", "done": 25, "total": 100, "note": "", "began": now.timestamp() - 30}
    (folder / "progress.json").write_text(json.dumps(counted), encoding="utf-8")
    state = job(project, "curate")
    assert state is not None
    assert state.seconds_left(now) is None  # it does not run
    running = replace(state, running=True)
    assert (running.share, running.seconds(now), running.seconds_left(now)) == (0.25, 90, 90)


@pytest.mark.parametrize(
    ("arguments", "act"),
    [
        (["curate"], "decide"),
        (["crawl", "ayuda"], "decide"),
        (["crawl"], "decide"),
        (["crawl", "https://ayuda.example/"], "manage"),
        (["crawl", "/var/log"], "manage"),
        (["crawl", "ayuda", "pages.warc"], "manage"),
        (["curate", "--again"], "manage"),
        (["crawl", "ayuda", "--allow-private"], "manage"),
        (["import", "/a.csv"], "manage"),
        (["export"], "manage"),
        (["tune", "x"], "manage"),
        ([], "manage"),
    ],
)
def test_each_command_asks_for_a_right(tmp_path: Path, arguments: list[str], act: str) -> None:
    settings = '[project]\nname = "x"\n[[sources]]\nname = "ayuda"\nurl = "https://ayuda.example/"\n'
    (tmp_path / "tamiz.toml").write_text(settings, encoding="utf-8")
    assert act_of(Project.open(tmp_path), arguments) == act


def test_a_role_decides_what_somebody_may_start_and_stop(project: Project, silent_site: str) -> None:
    with Store.open(project.store_url) as store:
        rows = [("chief", "admin"), ("reviewer-1", "reviewer"), ("guest", "viewer")]
        person = {"at": "", "actor": "", "version": 1, "pin": "", "subject": ""}
        values = [person | {"name": name, "role": role} for name, role in rows]
        store.database.write(lambda connection: connection.execute(sa.insert(schema.person_change), values))
    crawl = ["crawl", silent_site, "--allow-private"]
    with pytest.raises(NotPermitted):
        start(project, "crawl-slow", crawl, by="person:reviewer-1")
    with pytest.raises(NotPermitted):
        start(project, "curate", ["curate"], by="person:guest")
    assert jobs(project) == []
    start(project, "crawl-slow", crawl, by="person:chief")
    with pytest.raises(NotPermitted):
        stop(project, "crawl-slow", by="person:reviewer-1")
    assert stop(project, "crawl-slow", by="person:chief", force=True)
    state = wait_for(project, "crawl-slow", lambda state: not state.running)
    assert (state.code, state.stopped_by) == (None, "person:chief")
