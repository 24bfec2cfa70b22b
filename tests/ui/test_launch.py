"""Starting and ending the app: a free port, loopback, no browser, no statistics, nothing left behind."""

from __future__ import annotations

import dataclasses
import signal
import socket

import pytest

from tamiz.errors import SettingsError
from tamiz.project import Project
from tamiz.settings import ReviewSettings
from ui.launch import check_port, command, launch


@pytest.fixture
def project(new_project, tmp_path):
    return Project.open(new_project(tmp_path))


def test_a_taken_port_is_named_with_the_way_out(project):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"port {port} on 127\.0\.0\.1 .* \[review\] port .* --port NUMBER"):
            launch(project, port=port)


def test_an_address_that_is_not_ours_is_refused():
    with pytest.raises(SettingsError, match=r"port 8501 on 203\.0\.113\.1 cannot be used"):
        check_port("203.0.113.1", 8501)


def test_the_settings_say_where_and_options_come_first(project, monkeypatch):
    asked = []
    monkeypatch.setattr("ui.launch.check_port", lambda *place: asked.append(place) or 1 / 0)
    settings = dataclasses.replace(project.settings, review=ReviewSettings(host="0.0.0.0", port=9000))
    project = dataclasses.replace(project, settings=settings)
    for options in ({}, {"port": 9001}, {"host": "127.0.0.1"}):
        with pytest.raises(ZeroDivisionError):
            launch(project, **options)
    assert asked == [("0.0.0.0", 9000), ("0.0.0.0", 9001), ("127.0.0.1", 9000)]


def test_the_app_tells_nobody_and_opens_nothing(project):
    arguments = command(project, "127.0.0.1", 8501)
    assert {"--server.headless=true", "--browser.gatherUsageStats=false", "--server.address=127.0.0.1"} <= set(
        arguments
    )
    assert "--server.allowedHosts=localhost" in arguments
    assert not [word for word in command(project, "0.0.0.0", 8501) if "allowedHosts" in word]


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_cleanly_and_frees_the_port(project, start_app, free_port, how):
    port = free_port()
    child = start_app(project.folder, port)
    child.send_signal(how)
    said, _ = child.communicate(timeout=20)
    assert child.returncode == 0
    assert "every decision is kept" in said
    check_port("127.0.0.1", port)
