"""A LanguageTool server of our own: started within a time limit, and gone when it is closed, whatever happened.

language-tool-python only says where the installation is: its start waits fifteen seconds, not one more or less,
leaves a slower Java running, and tries again on hundreds of ports.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from curation.spelling.languagetool import guard
from curation.spelling.languagetool.installed import HOW, Installation
from curation.steps import NotNow

__all__ = ["OwnServer", "start_server"]

HEAP = "-Xmx1g"  # two languages with their caches take about half of it
JVM = (HEAP, "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-Djava.net.preferIPv4Stack=true")
NO_DELAY = "-Dsun.net.httpserver.nodelay=true"  # else each answer on a kept connection waits 40 ms
CONFIG = {
    "cacheSize": 10_000,
    "pipelineCaching": "true",
    "maxPipelinePoolSize": 10,
    "pipelineExpireTimeInSeconds": 3600,
}
PORTS = 3  # tries, where somebody else takes the port first


class OwnServer:
    """A server on a free loopback port, in a process group of its own."""

    def __init__(self, installation: Installation) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="tamiz-languagetool-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        config = self._folder / "server.properties"
        config.write_text("".join(f"{name}={value}\n" for name, value in CONFIG.items()), encoding="ascii")
        command = [
            installation.java,
            *JVM,
            NO_DELAY,
            "-cp",
            str(installation.jar),
            "org.languagetool.server.HTTPServer",
        ]
        command += ["--config", str(config), "--port", str(self.port)]
        try:
            with (self._folder / "errors").open("wb") as errors:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", guard.__file__, str(self._folder), *command],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                    start_new_session=True,
                )
        except BaseException:
            self.close()
            raise

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ended(self) -> int | None:
        """The code it ended with, None while it runs."""
        return self._process.poll() if self._process is not None else 0

    def last_words(self) -> str:
        """The line of its error output that says most."""
        try:
            lines = (self._folder / "errors").read_bytes()[-20_000:].decode(errors="replace").splitlines()
        except OSError:
            return ""
        told = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith(("at ", "..."))]
        loud = [line for line in told if "Error" in line or "Exception" in line]
        return (loud or told or [""])[-1][:300]

    def healthy(self) -> bool:
        """Whether it answers, asked once."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2.0)
        try:
            connection.request("GET", "/v2/healthcheck")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def close(self) -> None:
        """Stop it and all that it started; nothing of it runs when this returns."""
        process, self._process = self._process, None
        try:
            if process is not None:
                _stop(process)
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)


def start_server(installation: Installation, *, seconds: float) -> OwnServer:
    """A server that answers; NotNow when it has ended or has not answered after this time, and then nothing runs."""
    deadline = time.monotonic() + seconds
    for attempt in range(PORTS):
        server = OwnServer(installation)
        try:
            _wait(server, deadline, seconds)
        except _PortTaken:
            server.close()
            if attempt == PORTS - 1:
                raise NotNow("LanguageTool found no free port to listen on; try again") from None
        except BaseException:
            server.close()
            raise
        else:
            return server
    raise AssertionError("the loop above returns or raises")


class _PortTaken(Exception):
    """Somebody else took the port between our look and the server's."""


def _wait(server: OwnServer, deadline: float, seconds: float) -> None:
    while time.monotonic() < deadline:
        if (code := server.ended()) is not None:
            words = server.last_words()
            if "Address already in use" in words or "BindException" in words:
                raise _PortTaken
            said = f": {words}" if words else ""
            raise NotNow(f"LanguageTool ended with code {code} while starting{said}. {HOW}")
        if server.healthy():
            return
        time.sleep(0.1)
    raise NotNow(
        f"LanguageTool did not answer within {seconds:g} seconds; give it longer with [curation.spelling] start_seconds"
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()  # the guard ends the group
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=guard.GRACE + 3)
    finally:
        _kill_group(process)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the group, and see that it is gone."""
    deadline = time.monotonic() + 10
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
        while time.monotonic() < deadline:  # until no process is in it
            process.poll()
            os.killpg(process.pid, 0)
            time.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
