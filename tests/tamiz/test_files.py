"""FAULTS row 2: what is written is whole or not there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tamiz.errors import InputError
from tamiz.files import ASIDE, aside, sweep_aside, write_whole

WRITER = """
import sys
from pathlib import Path
from tamiz.files import write_whole
target = Path(sys.argv[1])
number = 0
print("ready", flush=True)
while True:
    number += 1
    write_whole(target, (str(number % 10) * 200_000) + "end")
"""


def test_a_killed_writer_leaves_a_whole_file(tmp_path):
    target = tmp_path / "file.txt"
    for _ in range(10):
        child = subprocess.Popen([sys.executable, "-c", WRITER, str(target)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.03)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        if target.exists():
            content = target.read_text()
            assert content.endswith("end")
            assert content[:-3] == content[0] * 200_000
    sweep_aside(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]


def test_an_error_while_writing_keeps_the_old_file(tmp_path):
    target = tmp_path / "file.txt"
    write_whole(target, "old")
    try:
        with aside(target) as temporary:
            temporary.write_text("half")
            raise RuntimeError("stop")
    except RuntimeError:
        pass
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_takes_its_name_when_it_is_complete(tmp_path):
    with aside(tmp_path / "v001") as temporary:
        temporary.mkdir()
        (temporary / "a.json").write_text("[]")
        assert not (tmp_path / "v001").exists()
    assert (tmp_path / "v001" / "a.json").read_text() == "[]"


def test_sweeping_leaves_alone_what_a_living_process_writes(tmp_path):
    (tmp_path / f"{ASIDE}{os.getpid()}-mine").write_text("")
    assert sweep_aside(tmp_path) == 0


def test_a_device_is_not_replaced_by_a_file() -> None:
    with pytest.raises(InputError, match="device or a pipe"), aside(Path("/dev/null")):
        pass
