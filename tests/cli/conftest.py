from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run `tamiz ARGUMENTS` as a person does, in an empty folder."""

    def run(*arguments: str, code: int = 0, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tamiz.cli", *arguments]
        done = subprocess.run(command, cwd=tmp_path, input=stdin, capture_output=True, text=True, timeout=240)
        assert done.returncode == code, f"{command} gave {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return run


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def sample_site() -> Iterator[str]:
    """The address of the sample site, served on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(REPOSITORY / "data" / "site")))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def project(tmp_path: Path, sample_site: str) -> Path:
    """The sample project in an empty folder, its address the one that is served."""
    text = (REPOSITORY / "data" / "tamiz.toml").read_text(encoding="utf-8")
    (tmp_path / "tamiz.toml").write_text(text.replace("http://127.0.0.1:8765", sample_site), encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="session")
def gold() -> list[dict[str, object]]:
    """What the sample site really offers."""
    return json.loads((REPOSITORY / "tests" / "cases" / "sample" / "gold.json").read_text(encoding="utf-8"))
