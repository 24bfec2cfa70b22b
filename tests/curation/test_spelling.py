"""Spelling through LanguageTool, here a stand-in: what is reported and spared, and what happens when it fails."""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from curation.spelling.languagetool.client import Server, connect
from curation.steps import NotNow
from tamiz.errors import SettingsError

PROGRAM = Path(__file__).with_name("languagetool_stand_in.py")
_spec = importlib.util.spec_from_file_location("languagetool_stand_in", PROGRAM)
assert _spec is not None
assert _spec.loader is not None
stand_in_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(stand_in_module)


@pytest.fixture
def stand_in() -> Iterator:
    server = stand_in_module.StandIn()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_server_that_is_too_slow_is_left_for_later(stand_in) -> None:
    stand_in.mode = "slow"
    server = Server(stand_in.url, seconds=0.2)
    start = time.monotonic()
    with pytest.raises(NotNow, match=r"longer than 0\.2 seconds|took too long"):
        server.check("Mi ruter", "es")
    assert time.monotonic() - start < 2


def test_the_public_service_is_never_asked() -> None:
    with pytest.raises(SettingsError, match="your texts would leave this machine"):
        connect("https://api.languagetool.org", start_seconds=1)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like an installed LanguageTool, and a `java` that starts the stand-in."""
    pytest.importorskip("language_tool_python")
    (tmp_path / "LanguageTool-6.6").mkdir()
    (tmp_path / "LanguageTool-6.6" / "languagetool-server.jar").touch()
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text(f'#!/bin/sh\necho $$ > {tmp_path}/pid\nexec {sys.executable} {PROGRAM} "$@"\n')
    java.chmod(0o755)
    monkeypatch.setenv("LTP_PATH", str(tmp_path))
    monkeypatch.setenv("PATH", f"{java.parent}:{os.environ['PATH']}")
    return tmp_path


def runs(installed: Path) -> bool:
    try:
        os.kill(int((installed / "pid").read_text()), 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    ("how", "message"),
    [
        pytest.param("never answers", r"did not answer within 1 seconds.*start_seconds", id="it never answers"),
        pytest.param("ends", "ended with code 3 while starting", id="it ends at once"),
    ],
)
def test_one_that_does_not_start_is_left_for_later_and_no_process_stays(installed, monkeypatch, how, message) -> None:
    monkeypatch.setenv("STAND_IN", how)
    with pytest.raises(NotNow, match=message):
        connect("", start_seconds=1 if how == "never answers" else 20)
    assert not runs(installed)


def test_an_installation_without_its_jar_is_named(installed) -> None:
    (installed / "LanguageTool-6.6" / "languagetool-server.jar").unlink()
    with pytest.raises(NotNow, match="no complete LanguageTool"):
        connect("", start_seconds=1)
