"""One kept connection to a LanguageTool server: asked with limits, patient within limits, and never led elsewhere."""

from __future__ import annotations

import contextlib
import email.utils
import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from curation.spelling.languagetool.address import INSTEAD, WHY, Address, is_public
from curation.steps import NotNow

__all__ = ["LATER", "Connection", "Limits", "Refused", "TooLarge", "TooSlow", "Unreachable"]

MOST_BYTES = 64 * 2**20  # of one reply
LATER = "its pairs are left for the next tamiz curate"


class Refused(Exception):
    """The server answered, but not about this request: a language it lacks, an error inside it."""


class TooLarge(Refused):
    """The request is longer than the server takes."""


class TooSlow(Refused):
    """No answer in time."""


class Unreachable(NotNow):
    """No connection, or none that holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how much is asked for. Seconds, tries of one request, characters (UTF-16 units) of one."""

    seconds: float = 30.0
    tries: int = 4
    longest_wait: float = 60.0
    batch: int = 8_000
    text: int = 20_000


class Connection:
    """Requests to one server, one after the other. No proxy: what people wrote must not leave for somewhere else."""

    def __init__(
        self, address: Address, limits: Limits | None = None, *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self.address = address
        self.limits = limits or Limits()
        self._pause = pause
        kind = http.client.HTTPSConnection if address.secure else http.client.HTTPConnection
        self._http = kind(address.host, address.port, timeout=self.limits.seconds)

    def ask(self, what: str, values: Mapping[str, str] | None = None, *, seconds: float | None = None) -> Any:
        """The JSON that /v2/`what` answers to these values (None: a GET), within so many seconds.

        Refused where it cannot answer this request; NotNow where it cannot be used at the moment.
        """
        body = None if values is None else urlencode(values, errors="replace").encode("ascii")
        limit = seconds or self.limits.seconds
        waited, last = 0.0, self.limits.tries - 1
        for attempt in range(self.limits.tries):
            wait, may_wait = 0.2 * 2**attempt, attempt < last
            try:
                status, headers, reply = self._once(what, body, limit)
            except TimeoutError:
                raise TooSlow(f"it took longer than {limit:g} seconds") from None
            except (OSError, http.client.HTTPException) as error:
                problem: Exception = Unreachable(self._cannot(str(error) or type(error).__name__))
            else:
                if status == 200:
                    with contextlib.suppress(ValueError):
                        return json.loads(reply)
                    problem = self.rubbish(what, "no JSON")
                    may_wait = attempt < 1
                elif status in (429, 502, 503, 504):
                    asked = _retry_after(headers.get("Retry-After", ""))
                    wait = wait if asked is None else asked
                    told = "" if asked is None else f" and asks to wait {asked:.0f} seconds"
                    problem = NotNow(self._cannot(f"it says {status}{told}"))
                elif status == 413:
                    raise TooLarge(_said(status, reply))
                elif 300 <= status < 400:
                    raise self._led_elsewhere(headers.get("Location", ""))
                else:
                    problem = Refused(_said(status, reply))
                    may_wait = status >= 500 and attempt < 1
            waited += wait
            if not may_wait or waited > self.limits.longest_wait:
                raise problem
            self._pause(wait)
        raise AssertionError("the last try returns or raises")

    def healthy(self, seconds: float = 5.0) -> bool:
        """Whether it answers at all, asked on a connection of its own."""
        kind = http.client.HTTPSConnection if self.address.secure else http.client.HTTPConnection
        probe = kind(self.address.host, self.address.port, timeout=min(seconds, self.limits.seconds))
        try:
            probe.request("GET", f"{self.address.path}/v2/healthcheck")
            return probe.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            probe.close()

    def to(self, address: Address) -> Connection:
        """One to another address, with the same limits."""
        return Connection(address, self.limits, pause=self._pause)

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def rubbish(self, what: str, why: object) -> NotNow:
        """The error that says that this is no LanguageTool."""
        return NotNow(
            f"{self.address}/v2/{what} does not answer as LanguageTool does ({why}); "
            f"check [curation.spelling] url. {LATER[0].upper()}{LATER[1:]}"
        )

    def _once(self, what: str, body: bytes | None, seconds: float) -> tuple[int, http.client.HTTPMessage, bytes]:
        kept = self._http.sock is not None
        try:
            try:
                return self._send(what, body, seconds)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                if not kept:
                    raise
                self._http.close()
                return self._send(what, body, seconds)  # a server may close a kept connection between two requests
        except BaseException:
            self._http.close()
            raise

    def _send(self, what: str, body: bytes | None, seconds: float) -> tuple[int, http.client.HTTPMessage, bytes]:
        deadline = time.monotonic() + seconds
        self._http.timeout = seconds
        if self._http.sock is not None:
            self._http.sock.settimeout(seconds)
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        self._http.request("GET" if body is None else "POST", f"{self.address.path}/v2/{what}", body, headers)
        response = self._http.getresponse()
        parts, size = [], 0
        while part := response.read1(2**16):
            parts.append(part)
            size += len(part)
            if time.monotonic() > deadline:  # a socket's own limit is one for each piece
                raise TimeoutError
            if size > MOST_BYTES:
                raise http.client.HTTPException(f"an answer of more than {MOST_BYTES} bytes")
        if response.length:  # what was announced and did not come
            raise http.client.IncompleteRead(b"", response.length)
        response.close()  # so that the connection may be used again; read1 does not see the end
        return response.status, response.headers, b"".join(parts)

    def _cannot(self, reason: str) -> str:
        return f"LanguageTool at {self.address} cannot be used ({reason}); {LATER}"

    def _led_elsewhere(self, target: str) -> NotNow:
        target = urljoin(str(self.address), target)
        with contextlib.suppress(ValueError):
            if is_public(urlsplit(target).hostname or ""):
                return NotNow(f"{self.address} leads to {target}, LanguageTool's public service: {WHY}. {INSTEAD}")
        return NotNow(
            f"{self.address} leads to {target}, and texts are not sent to where a server leads; "
            "if that is your server, give its address as [curation.spelling] url"
        )


def _said(status: int, reply: bytes) -> str:
    return f"{status}: {reply[:300].decode(errors='replace').strip()}"


def _retry_after(value: str) -> float | None:
    """The seconds of a Retry-After header, given as seconds or as a time; None where it says neither."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
