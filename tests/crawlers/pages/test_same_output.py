"""The same bytes give the same pairs on every machine: whatever the hash seed and the encoding guessers installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CASES = ROOT / "tests" / "cases" / "pages"
SHARED = Path(os.environ.get("TAMIZ_SHARED") or ROOT.parent / "shared") / "pages" / "html"
GUESSERS = ("chardet", "cchardet", "charset_normalizer")
READ = """
import hashlib, pathlib, sys
from crawlers.pages import decode, read_page
folders = [pathlib.Path(folder) for folder in sys.argv[1:3]]
pages = sorted([*folders[0].glob("*/page.html"), *(folders[1].iterdir() if folders[1].is_dir() else ())])
for page in pages:
    body = page.read_bytes()
    for sent in {body, body.decode("utf-8", "replace").encode("cp1252", "replace")}:
        digest = hashlib.sha256(repr(read_page(decode(sent), "https://ayuda.example/")).encode()).hexdigest()
        print(page.name, page.parent.name, hashlib.sha256(sent).hexdigest()[:8], digest)
"""
# What a guesser does to whoever asks it: it says something else for every page.
STUB = """
import itertools
turns = itertools.cycle(["utf-16-le", "koi8-r", "shift_jis"])
def detect(body): return {"encoding": next(turns), "confidence": 1.0, "language": ""}
"""
GONE = """
import sys
sys.modules.update(dict.fromkeys({names!r}))
"""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The output of each kind of machine, its lines sorted: sets of bytes have no order."""
    with_guessers, without = tmp_path_factory.mktemp("with"), tmp_path_factory.mktemp("without")
    for name in GUESSERS:
        (with_guessers / f"{name}.py").write_text(STUB, encoding="utf-8")
    (without / "sitecustomize.py").write_text(GONE.format(names=GUESSERS), encoding="utf-8")
    machines = {"as it is": ("0", ROOT), "with guessers": ("1", with_guessers), "without": ("4242", without)}
    return {name: _read(seed, folder) for name, (seed, folder) in machines.items()}


def _read(seed: str, first: Path) -> list[str]:
    path = os.pathsep.join([str(first), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", READ, str(CASES), str(SHARED)],
        cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
        capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    return sorted(done.stdout.splitlines())


def test_another_hash_seed_and_guessers_of_encodings_change_nothing(outputs: dict[str, list[str]]) -> None:
    assert len(outputs["as it is"]) > 100
    assert outputs["with guessers"] == outputs["as it is"]


def test_the_lack_of_every_guesser_changes_nothing(outputs: dict[str, list[str]]) -> None:
    assert outputs["without"] == outputs["as it is"]
