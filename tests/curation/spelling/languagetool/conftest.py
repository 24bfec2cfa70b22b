"""A stand-in that answers as a LanguageTool server does, a jar that starts as one does, and a real one if any."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from curation.spelling.languagetool.address import read_address
from curation.spelling.languagetool.asking import Asker
from curation.spelling.languagetool.connection import Connection, Limits
from curation.spelling.languagetool.engine import LanguageToolEngine

HERE = Path(__file__).parent
INSTALLED = os.environ.get("LTP_PATH", "")  # read before tests hide it
NO_JDK = "no Java compiler; bring one with: apt-get install -y default-jdk-headless"
NO_SERVER = (
    "no LanguageTool; unpack one and name the folder above it in LTP_PATH, or a running one's address in "
    "TAMIZ_LANGUAGETOOL"
)


def _load_stand_in() -> ModuleType:
    spec = importlib.util.spec_from_file_location("languagetool_stand_in", HERE.parents[1] / "languagetool_stand_in.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


STAND_IN = _load_stand_in()


@pytest.fixture
def stand_in() -> Iterator:
    """A stand-in on a free loopback port."""
    server = STAND_IN.StandIn()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def real_server() -> Iterator[str]:
    """The address of a genuine LanguageTool: TAMIZ_LANGUAGETOOL, or one under LTP_PATH that is started."""
    if url := os.environ.get("TAMIZ_LANGUAGETOOL"):
        yield url
        return
    if not INSTALLED:
        pytest.skip(NO_SERVER)
    from curation.spelling.languagetool.installed import find_installation
    from curation.spelling.languagetool.server import start_server

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LTP_PATH", INSTALLED)
        server = start_server(find_installation(), seconds=90)
    yield server.url
    server.close()


@pytest.fixture(params=["stand-in", "real"])
def server_url(request: pytest.FixtureRequest) -> str:
    """The address of the stand-in, and then of a real server where there is one."""
    return (
        request.getfixturevalue("real_server") if request.param == "real" else request.getfixturevalue("stand_in").url
    )


@pytest.fixture
def pauses() -> list[float]:
    """The waits that were asked for, none of which took place."""
    return []


@pytest.fixture
def engine_at(pauses: list[float]) -> Iterator[Callable[..., LanguageToolEngine]]:
    """Engines on a server, closed at the end; they note their waits in `pauses`."""
    made: list[LanguageToolEngine] = []

    def make(url: str, *, cache: Path | None = None, languages: tuple[str, ...] = (), **limits: float):
        values = {"seconds": 5.0, **limits}
        connection = Connection(read_address(url), Limits(**values), pause=pauses.append)  # type: ignore[arg-type]
        made.append(LanguageToolEngine(Asker(connection), cache=cache, languages=languages, start_seconds=5))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


@pytest.fixture(scope="session")
def fake_jar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """HTTPServer.java of this folder as a jar: started and stopped as LanguageTool's server, and nothing else."""
    if not all(map(shutil.which, ("javac", "jar", "java"))):
        pytest.skip(NO_JDK)
    folder = tmp_path_factory.mktemp("jar")
    jar = folder / "languagetool-server.jar"
    subprocess.run(["javac", "-d", folder / "classes", HERE / "HTTPServer.java"], check=True, capture_output=True)
    subprocess.run(["jar", "cf", jar, "-C", folder / "classes", "."], check=True, capture_output=True)
    return jar


@pytest.fixture
def installed(fake_jar: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with that jar where language-tool-python would have unpacked it, named by LTP_PATH."""
    pytest.importorskip("language_tool_python", reason="no language-tool-python; pip install 'tamiz[languagetool]'")
    folder = tmp_path / "installed"
    (folder / "LanguageTool-6.6").mkdir(parents=True)
    (folder / "LanguageTool-6.6" / "languagetool-server.jar").symlink_to(fake_jar)
    monkeypatch.setenv("LTP_PATH", str(folder))
    monkeypatch.setenv("FAKE_FOLDER", str(folder))
    return folder
