"""An import that is stopped in the middle, in both ways, and started again."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tamiz.store import Store

ROWS = 3000


def started(folder: Path, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tamiz.cli", "--project", str(folder), "import", str(folder / name)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def pairs_in(folder: Path) -> int:
    with Store.open(f"sqlite:///{folder / 'tamiz.db'}") as store:
        return sum(store.counts().values())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tamiz.toml").write_text("")
    lines = [f"¿Qué hace el botón {n}?,Pulsa el botón {n} durante diez segundos." for n in range(ROWS)]
    (tmp_path / "t.csv").write_text("\n".join(["question,answer", *lines]))
    posts = []
    for n in range(1, ROWS, 2):
        posts.append(
            f'<row Id="{n}" PostTypeId="1" AcceptedAnswerId="{n + 1}" Title="¿Qué hace el botón {n}?" Body="x" />'
        )
        posts.append(
            f'<row Id="{n + 1}" PostTypeId="2" ParentId="{n}" Body="&lt;p&gt;Reinicia el equipo {n}.&lt;/p&gt;" />'
        )
    (tmp_path / "Posts.xml").write_text("\n".join(["<posts>", *posts, "</posts>"]))
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(("name", "pairs"), [("t.csv", ROWS), ("Posts.xml", ROWS // 2)])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["killed", "ctrl-c"])
def test_a_stopped_import_goes_on_and_adds_nothing_twice(
    project: Path, name: str, pairs: int, how: signal.Signals
) -> None:
    """FAULTS row 1."""
    with started(project, name) as first:
        assert first.stderr is not None
        while not first.stderr.readline().startswith("importing"):  # said after the first batch is committed
            assert first.poll() is None
        first.send_signal(how)
        first.communicate()
    kept = pairs_in(project)
    assert 0 < kept < pairs
    assert first.returncode == (130 if how == signal.SIGINT else -signal.SIGKILL)
    with started(project, name) as again:
        again.communicate()
    assert again.returncode == 0
    assert pairs_in(project) == pairs
    assert not list(project.glob(".writing*"))
