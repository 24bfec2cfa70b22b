"""Starting and stopping a LanguageTool of one's own, tried with a jar that only starts and stops like it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from curation.spelling.corrections import Text
from curation.spelling.languagetool.engine import connect_engine
from curation.spelling.languagetool.installed import find_installation
from curation.spelling.languagetool.server import start_server
from curation.steps import NotNow
from tamiz.settings import SpellingSettings

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are counted in /proc, which Linux has")
STARTS = """
import sys
from curation.spelling.languagetool.engine import connect_engine
from tamiz.settings import SpellingSettings
engine = connect_engine(SpellingSettings(start_seconds=60), cache=None)
print("ready", flush=True)
try:
    sys.stdin.read()
finally:
    engine.close()
    print("closed", flush=True)
"""


def processes_of(folder: Path) -> list[int]:
    """The processes whose command line names the folder: its Java and the guard over it."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            said = (place / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if f"{folder}/".encode() in said and int(place.name) != os.getpid():
            found.append(int(place.name))
    return found


def none_is_left(folder: Path, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while processes_of(folder) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not processes_of(folder)


def wait_for(file: Path) -> None:
    deadline = time.monotonic() + 30
    while not file.exists():
        assert time.monotonic() < deadline, f"{file} did not appear"
        time.sleep(0.02)


def connect(seconds: float = 60):
    return connect_engine(SpellingSettings(start_seconds=seconds), cache=None)


def test_it_is_started_with_caches_and_a_limit_of_memory_and_is_gone_after_close(
    installed, tmp_path_factory, monkeypatch
) -> None:
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    engine = connect()
    assert engine.check([Text(text="Hola a todos.", lang="es")]) == [[]]
    config = (installed / "config").read_text().splitlines()
    assert {"cacheSize=10000", "pipelineCaching=true"} <= set(config)
    assert int((installed / "heap").read_text()) <= 2**30
    assert len(processes_of(installed)) == 2  # Java and the guard
    engine.close()
    assert processes_of(installed) == []
    assert list(temporary.glob("tamiz-languagetool-*")) == []


def test_it_listens_on_loopback_only(installed) -> None:
    server = start_server(find_installation(), seconds=60)
    try:
        tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
        rows = [row.split() for table in tables if table.exists() for row in table.read_text().splitlines()[1:]]
        hosts = {row[1].split(":")[0] for row in rows if row[1].endswith(f":{server.port:04X}") and row[3] == "0A"}
        assert hosts == {"0100007F"}
    finally:
        server.close()
    assert processes_of(installed) == []


@pytest.mark.parametrize("how", ["never healthy", "deaf to SIGTERM"])
def test_one_that_never_answers_is_given_up_in_our_time_and_no_process_stays(installed, monkeypatch, how) -> None:
    monkeypatch.setenv("FAKE_LANGUAGETOOL", how)
    begin = time.monotonic()
    with pytest.raises(NotNow, match=r"did not answer within 1\.5 seconds.*start_seconds"):
        connect(1.5)
    assert time.monotonic() - begin < 8
    assert (installed / "started").exists()  # it had been started
    assert processes_of(installed) == []


def test_one_that_crashes_says_why_and_no_process_stays(installed, monkeypatch) -> None:
    monkeypatch.setenv("FAKE_LANGUAGETOOL", "crashes")
    with pytest.raises(NotNow, match=r"ended with code 1 while starting: .*no dictionary in this jar.*LTP_PATH"):
        connect()
    assert processes_of(installed) == []


def test_ctrl_c_while_it_starts_leaves_no_process(installed, monkeypatch) -> None:
    monkeypatch.setenv("FAKE_LANGUAGETOOL", "never healthy")
    with subprocess.Popen([sys.executable, "-c", STARTS], stdin=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        wait_for(installed / "started")
        child.send_signal(signal.SIGINT)
        assert b"KeyboardInterrupt" in child.communicate()[1]
    assert none_is_left(installed, 0)  # it was stopped before the program ended


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "SIGKILL"])
def test_a_program_that_is_killed_takes_it_along(installed, sent) -> None:
    command = [sys.executable, "-c", STARTS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        assert len(processes_of(installed)) == 2
        child.send_signal(sent)
        child.wait(timeout=10)
    assert none_is_left(installed)


def test_one_that_dies_at_work_is_left_for_later_with_the_reason(installed, monkeypatch) -> None:
    monkeypatch.setenv("FAKE_LANGUAGETOOL", "dies at work")
    engine = connect()
    (installed / "die").touch()
    texts = [[Text(text=f"Adiós a todos {number}.", lang="es")] for number in range(10)]
    with pytest.raises(NotNow, match=r"ended with code 7"):
        list(map(engine.check, texts))  # some may still be answered before it ends
    engine.close()
    assert processes_of(installed) == []


def test_a_text_that_ends_it_is_refused_and_the_others_are_checked_by_another(installed, monkeypatch) -> None:
    monkeypatch.setenv("FAKE_LANGUAGETOOL", "dies of one text")
    engine = connect()
    texts = [Text(text=text, lang="es") for text in ("Hola a todos.", "Un texto mortal.", "Adiós a todos.")]
    assert engine.check(texts) == [[], [], []]
    assert list(engine.refused) == [1]
    assert "its server ended with code 9" in engine.refused[1]
    assert len(processes_of(installed)) == 2
    engine.close()
    assert processes_of(installed) == []


def test_a_java_behind_a_script_is_stopped_as_well(installed, monkeypatch, tmp_path) -> None:
    wrapper = tmp_path / "bin" / "java"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\n{shutil.which("java")} "$@"\nexit $?\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
    engine = connect()
    assert len(processes_of(installed)) == 3
    engine.close()
    assert processes_of(installed) == []


def test_what_is_missing_is_said_with_how_to_bring_it_and_nothing_is_downloaded(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LTP_PATH", str(tmp_path))
    with pytest.raises(NotNow, match=r"no LanguageTool in .*\[curation\.spelling\] url.*LTP_PATH"):
        connect()
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_the_jar_itself_will_do(fake_jar, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LTP_PATH", str(fake_jar.parent))
    assert find_installation().jar == fake_jar


def test_the_newest_of_several_is_taken(installed, fake_jar) -> None:
    for version in ("LanguageTool-6.10", "LanguageTool-5.9"):
        (installed / version).mkdir()
        (installed / version / "languagetool-server.jar").symlink_to(fake_jar)
    assert find_installation().jar.parent.name == "LanguageTool-6.10"


def test_an_installation_without_its_jar_is_named(installed) -> None:
    (installed / "LanguageTool-6.6" / "languagetool-server.jar").unlink()
    with pytest.raises(NotNow, match="no complete LanguageTool"):
        find_installation()


def test_a_machine_without_java_is_told_what_to_install(installed, monkeypatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NotNow, match=r"no java to run it\. Install Java 17"):
        find_installation()
