"""A job on a screen: started, watched, stopped, and honest about how it ended."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tamiz.jobs import JobState, job
from tamiz.jobworker import _lock
from tamiz.project import Project
from ui.widgets.note import note_in_words
from ui.wording import Words


@pytest.fixture
def project(folder: Path) -> Project:
    return Project.open(folder)


@pytest.fixture
def board(folder: Path) -> Callable[..., AppTest]:
    """A page with one job on it, and the line that says what runs."""

    def script(place: str, name: str, arguments: list[str]) -> None:
        from pathlib import Path

        import streamlit as st

        from ui.session import open_window
        from ui.widgets.job import draw_job, draw_running

        window = open_window(Path(place))
        with st.sidebar:
            draw_running(window)
        draw_job(window, name, arguments=arguments, label="Go *now*")

    def run(name: str = "look", arguments: tuple[str, ...] = ("status",), language: str = "en") -> AppTest:
        test = AppTest.from_function(script, args=(str(folder), name, list(arguments)), default_timeout=20)
        test.session_state["language"] = language
        test.session_state["reviewer"] = "reviewer-1"
        test.run()
        assert not test.exception
        return test

    return run


def ended(project: Project, name: str) -> JobState:
    end = time.monotonic() + 30
    while (state := job(project, name)) is None or state.running:
        assert time.monotonic() < end
        time.sleep(0.05)
    return state


def write_job(project: Project, name: str = "curate", *, progress: dict[str, object], **about: object) -> Path:
    """What a job leaves behind, or has written so far."""
    home = project.jobs / name
    home.mkdir(parents=True)
    started = (datetime.now(UTC) - timedelta(seconds=200)).isoformat(timespec="seconds")
    told = {"pid": 2**22 + 7, "by": "person:night *shift*", "arguments": [name], "started_at": started}
    (home / "job.json").write_text(json.dumps(told | about), encoding="utf-8")
    (home / "progress.json").write_text(json.dumps(progress), encoding="utf-8")
    return home


@pytest.fixture
def running(project: Project) -> Iterator[Path]:
    """A job that is running as far as anybody can see: this process holds its lock."""
    counted = {"title": "curating", "done": 40, "total": 100, "note": "<b>spelling</b>", "began": time.time() - 100}
    home = write_job(project, progress=counted)
    lock = _lock(home / "lock")
    assert lock is not None
    yield home
    os.close(lock)


def html_of(test: AppTest) -> str:
    return "".join(element.proto.body for element in test.get("html"))


def test_a_job_is_started_under_the_name_of_who_sits_there_and_says_how_it_ended(project, board) -> None:
    test = board()
    test.button(key="job-start-look").click().run()
    assert not test.exception
    assert ended(project, "look").by == "person:reviewer-1"
    test.run()
    assert "Done in" in test.success[0].value
    assert "Next:" in test.code[0].value


def test_a_running_job_shows_how_far_it_is_and_how_long_it_takes(running, board) -> None:
    test = board("curate", ("curate",))
    bar = test.get("progress")[0].proto
    assert bar.value == 40
    assert "40 of 100" in bar.text.replace("\\", "")
    assert "<b>" not in bar.text.replace("\\<", "")
    assert re.search(r"about 2 min 3\d s left", html_of(test))
    assert "started by night *shift*" in html_of(test)
    assert [button.label for button in test.button] == ["Stop"]


@pytest.mark.parametrize(
    ("note", "said"),
    [
        (
            "1,234 pairs  12 in queue  3.1 pages/s  1:02 left  /faq",
            "1,234 pares · 12 en cola · 3.1 páginas por segundo · /faq",
        ),
        ("7 new pairs", "7 pares nuevos"),
        ("dedupe", "duplicados"),
        ("loss 0.125", "pérdida 0.125"),
        ("a_plugins_step", "a_plugins_step"),
        ("12 <b>pairs</b>", "12 <b>pairs</b>"),
        ("", ""),
    ],
)
def test_what_a_job_says_is_said_in_the_language_of_the_screen(note: str, said: str) -> None:
    assert note_in_words(note, Words("es")) == said


def test_what_runs_is_told_in_the_sidebar_of_every_screen(running, board) -> None:
    assert "Checking pairs 40%" in html_of(board())
    assert "Comprobando pares 40%" in html_of(board(language="es"))


def test_a_job_that_was_killed_says_so_and_can_be_started_again(project, board) -> None:
    write_job(project, progress={})
    test = board("curate", ("curate",))
    assert "without a word" in test.warning[0].value
    assert [button.label for button in test.button] == ["Go \\*now\\*"]


def test_a_job_that_failed_shows_its_exit_code_and_last_lines_as_text(project, board) -> None:
    home = write_job(project, progress={}, code=1, ended_at=datetime.now(UTC).isoformat())
    (home / "said.txt").write_text("tamiz: <script>alert(1)</script> **no**\n", encoding="utf-8")
    test = board("curate", ("curate",))
    assert "exit code 1" in test.error[0].value
    assert test.code[0].value == "tamiz: <script>alert(1)</script> **no**"


def test_a_job_that_was_asked_to_stop_in_vain_can_be_ended_at_once(project, running, board) -> None:
    at = (datetime.now(UTC) - timedelta(seconds=60)).isoformat(timespec="seconds")
    (running / "stop.json").write_text(json.dumps({"pid": 2**22 + 7, "by": "person:x", "at": at}), encoding="utf-8")
    test = board("curate", ("curate",))
    assert [(button.label, button.disabled) for button in test.button] == [("End it now", False)]


def test_a_start_that_is_refused_says_why(project, board, until) -> None:
    test = board()
    home = project.jobs / "look"
    home.mkdir(parents=True)
    lock = _lock(home / "lock")
    assert lock is not None
    try:
        test.button(key="job-start-look").click().run()
    finally:
        os.close(lock)
    assert "running already" in test.error[0].value
