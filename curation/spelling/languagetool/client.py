"""A LanguageTool server: one that runs already, or one installed on this machine that is started and always stopped.

Nothing is ever downloaded, and the public service is never asked. The installation is found the way
language-tool-python keeps it (LTP_PATH, or its folder in the user's cache); its own way of starting a server
waits fifteen seconds, tries again on hundreds of ports and can leave Java processes behind, so the server
is started here.
"""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from curation.steps import NotNow
from tamiz.errors import SettingsError

__all__ = ["Match", "Refused", "Server", "connect", "installed_command"]

PUBLIC = ("languagetool.org", "languagetoolplus.com", "languagetool.com")
MOST_BYTES = 16 * 2**20  # of one reply
HOW = (
    "Run a server and give its address as [curation.spelling] url, or unpack LanguageTool "
    "(languagetool.org/download, needs Java 17) into a folder LanguageTool-VERSION and name the folder above it "
    "in LTP_PATH"
)


class Refused(Exception):
    """The server answered, but not about this text: too long, a language it lacks, an error inside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One thing LanguageTool noticed; `start` and `end` count characters, not UTF-16 units as on the wire."""

    start: int
    end: int
    rule: str
    issue: str
    message: str
    replacements: tuple[str, ...]


class Server:
    """A LanguageTool at `url`, asked with a time limit. NotNow says why it cannot be used at the moment."""

    def __init__(
        self, url: str, *, seconds: float = 20.0, tries: int = 2, process: subprocess.Popen[bytes] | None = None
    ) -> None:
        self.url = url.rstrip("/").removesuffix("/v2")
        self._seconds = seconds
        self._tries = tries
        self._process = process
        # No proxy: what people wrote must not leave for somewhere else.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def languages(self) -> frozenset[str]:
        """The codes of the languages that it checks."""
        reply = self._ask("languages", None)
        try:
            return frozenset(str(entry[name]) for entry in reply for name in ("code", "longCode"))
        except (TypeError, KeyError) as error:
            raise self._rubbish("languages", error) from error

    def check(self, text: str, language: str) -> list[Match]:
        """What it notices in the text; Refused where it cannot check this very text."""
        reply = self._ask("check", {"language": language, "text": text})
        try:
            return [_match(entry, text) for entry in reply["matches"]]
        except (TypeError, KeyError, ValueError) as error:
            raise self._rubbish("check", error) from error

    def close(self) -> None:
        """Stop the server if it was started here; it is gone when this returns."""
        process, self._process = self._process, None
        if process is None:
            return
        for end, seconds in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 30.0)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, end)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=seconds)
                return

    def wait_until_ready(self, seconds: float) -> None:
        """NotNow when it has ended, or has not answered after this time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process is not None and self._process.poll() is not None:
                raise NotNow(f"LanguageTool ended with code {self._process.returncode} while starting. {HOW}")
            try:
                with self._opener.open(f"{self.url}/v2/languages", timeout=2.0) as reply:
                    if reply.status == 200:
                        return
            except (OSError, http.client.HTTPException):
                time.sleep(0.2)
        raise NotNow(
            f"LanguageTool did not answer within {seconds:g} seconds; "
            "give it longer with [curation.spelling] start_seconds"
        )

    def _ask(self, what: str, values: dict[str, str] | None) -> Any:
        data = None if values is None else urlencode(values).encode()
        reason = ""
        for attempt in range(self._tries):
            time.sleep(0.2 * attempt)
            try:
                with self._opener.open(f"{self.url}/v2/{what}", data=data, timeout=self._seconds) as reply:
                    body = reply.read(MOST_BYTES + 1)
                return json.loads(body[:MOST_BYTES])
            except urllib.error.HTTPError as error:
                with error:
                    said = error.read(300).decode(errors="replace").strip()
                if error.code not in (429, 502, 503, 504):
                    raise Refused(f"{error.code}: {said}") from None
                reason = f"it says {error.code}"
            except TimeoutError:
                reason = f"it took longer than {self._seconds:g} seconds"
            except (OSError, http.client.HTTPException) as error:
                cause = getattr(error, "reason", error)
                reason = "it took too long" if isinstance(cause, TimeoutError) else f"{cause or type(error).__name__}"
            except ValueError as error:
                raise self._rubbish(what, error) from error
        raise NotNow(
            f"LanguageTool at {self.url} cannot be used ({reason}); its pairs are left for the next tamiz curate"
        )

    def _rubbish(self, what: str, error: Exception) -> NotNow:
        return NotNow(
            f"{self.url}/v2/{what} does not answer as LanguageTool does ({type(error).__name__}: {error}); "
            "check [curation.spelling] url. Its pairs are left for the next tamiz curate"
        )


def _match(entry: dict[str, Any], text: str) -> Match:
    start, length = int(entry["offset"]), int(entry["length"])
    units = text.encode("utf-16-le")
    if not 0 <= start <= start + length <= len(units) // 2:
        raise ValueError(f"a match from {start} over {length} lies outside of the text")
    first = len(units[: 2 * start].decode("utf-16-le", "replace"))
    within = len(units[2 * start : 2 * (start + length)].decode("utf-16-le", "replace"))
    rule = entry["rule"]
    return Match(
        start=first,
        end=first + within,
        rule=str(rule["id"]),
        issue=str(rule["issueType"]),
        message=str(entry["message"]),
        replacements=tuple(str(one["value"]) for one in entry["replacements"]),
    )


def connect(url: str, *, start_seconds: float, seconds: float = 20.0) -> Server:
    """The server at this address, or for "" one that is started here. NotNow says what is missing."""
    if url:
        host = urlsplit(url).hostname or ""
        if any(host == name or host.endswith(f".{name}") for name in PUBLIC):
            raise SettingsError(
                f"[curation.spelling] url is {url}, a public service: your texts would leave this machine. "
                "Run a server of your own and give its address, such as http://127.0.0.1:8081"
            )
        return Server(url, seconds=seconds)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        installed_command(port),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,
    )
    server = Server(f"http://127.0.0.1:{port}", seconds=seconds, process=process)
    try:
        server.wait_until_ready(start_seconds)
    except BaseException:
        server.close()
        raise
    return server


def installed_command(port: int) -> list[str]:
    """The command that starts the newest LanguageTool installed here; NotNow says what is missing."""
    folder = Path(os.environ.get("LTP_PATH") or Path.home() / ".cache" / "language_tool_python")
    if not any(folder.glob("LanguageTool-*")):
        raise NotNow(f"no LanguageTool in {folder}. {HOW}")
    if shutil.which("java") is None:
        raise NotNow(f"LanguageTool is in {folder}, but there is no java to run it. Install Java 17 or later")
    try:
        from language_tool_python.download_lt import LocalLanguageTool
    except ImportError:
        raise NotNow(
            "starting LanguageTool needs language-tool-python. Run: pip install 'tamiz[languagetool]'"
        ) from None
    newest = LocalLanguageTool.get_latest_installed_version()
    try:
        if newest is not None:
            return newest.get_server_cmd(port)
    except FileNotFoundError:
        pass
    raise NotNow(f"what lies in {folder} is no complete LanguageTool. {HOW}")


def _end_with_parent() -> None:
    """In the child before it becomes Java: end when tamiz ends, even by kill -9 (prctl PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
