"""Starting and ending the app: a free port, loopback, no browser, no statistics, nothing left behind."""

from __future__ import annotations

import dataclasses
import signal
import socket

import pytest

from tamiz.errors import SettingsError
from tamiz.people import change_person
from tamiz.project import Project
from tamiz.settings import ReviewSettings
from tamiz.store import Store
from ui.launch import check_open, check_port, command, launch, told_when_open


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
    monkeypatch.setattr("ui.launch.check_open", lambda *_: 1)
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


def with_review(project, **review):
    return dataclasses.replace(project, settings=dataclasses.replace(project.settings, review=ReviewSettings(**review)))


def give_admin(project):
    with Store.open(project.store_url) as store:
        change_person(store, "lead", "shell:me", lambda _last: {"role": "admin"})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "review.example.org", ""])
def test_open_to_others_without_people_is_refused_with_the_way_out(project, host):
    with pytest.raises(SettingsError, match=r"no people: .* people add NAME --role admin"):
        check_open(project, host)


def test_an_address_that_others_use_needs_people_too(project):
    behind = with_review(project, address="https://review.example.org")
    with pytest.raises(SettingsError, match=r"\[review\] address lets others in"):
        check_open(behind, "127.0.0.1")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback_needs_no_people(project, host):
    assert check_open(project, host) == 0


def test_with_people_it_may_be_open(project):
    give_admin(project)
    assert check_open(project, "0.0.0.0") == 1


def test_behind_a_proxy_its_name_and_no_other_is_let_in(project):
    behind = with_review(project, address="https://review.example.org/desk")
    arguments = command(behind, "127.0.0.1", 8501)
    assert "--server.corsAllowedOrigins=https://review.example.org" in arguments
    assert "--server.allowedHosts=review.example.org" in arguments
    assert "--server.baseUrlPath=desk" in arguments


@pytest.mark.parametrize("address", ["review.example.org", "https://", "ftp://x", "https://me@x", "https://x/?q"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(SettingsError, match=r"\[review\] address"):
        ReviewSettings(address=address)


def test_open_to_others_it_says_who_can_sign_in_and_what_is_unencrypted(project):
    said = told_when_open(project, "0.0.0.0", 1)
    assert "0.0.0.0 is open to others: 1 person can sign in" in said
    assert "unencrypted" in said
    assert "unencrypted" not in told_when_open(with_review(project, address="https://a.example"), "127.0.0.1", 2)


@pytest.mark.slow
def test_a_sigterm_ends_it_cleanly_and_frees_the_port(project, start_app, free_port):
    """It is taken for a Ctrl-C, with which the app of all other tests ends, see conftest.py."""
    port = free_port()
    child = start_app(project.folder, port)
    child.send_signal(signal.SIGTERM)
    said, _ = child.communicate(timeout=20)
    assert child.returncode == 0
    assert "every decision is kept" in said
    check_port("127.0.0.1", port)
