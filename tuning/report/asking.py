"""One question to a model behind OpenAI's chat completions, with the standard library alone."""

from __future__ import annotations

import ipaddress
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from typing import IO, Any
from urllib.parse import urlsplit

from tamiz.errors import InputError, SettingsError
from tamiz.settings.judge import JudgeSettings

__all__ = ["Server"]

AGAIN = (429, 500, 502, 503, 504)
TRIES, WAIT_SECONDS = 3, 1.0
MOST_BYTES = 1_000_000
REPLY_TOKENS = 300


class _Stay(urllib.request.HTTPRedirectHandler):
    """A key goes to the server that was named, and nowhere that this server points to."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        return None


class Server:
    """The server of [judge]. SettingsError when the key would travel in the clear."""

    def __init__(self, settings: JudgeSettings) -> None:
        self._settings = settings
        self._key = os.environ.get(settings.key_env, "")
        address = urlsplit(settings.url)
        if self._key and address.scheme == "http" and not _is_near(address.hostname or ""):
            raise SettingsError(
                f"[judge] url is {settings.url}, and the key in {settings.key_env} would travel unencrypted; give an "
                "https address, or unset the variable where the server wants no key"
            )
        self._opener = urllib.request.build_opener(_Stay)

    def ask(self, messages: Sequence[Mapping[str, str]]) -> str:
        """The reply's text. InputError when the server cannot be asked, or its reply is none."""
        body = {
            "model": self._settings.model,
            "messages": list(messages),
            "temperature": 0,
            "max_tokens": REPLY_TOKENS,
        }
        headers = {"Content-Type": "application/json", "User-Agent": "tamiz"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        request = urllib.request.Request(  # noqa: S310  http and https alone: tamiz.settings.judge
            self._settings.url.rstrip("/") + "/chat/completions", json.dumps(body).encode(), headers, method="POST"
        )
        return self._text(self._replied(request))

    def _replied(self, request: urllib.request.Request) -> bytes:
        for left in reversed(range(TRIES)):
            try:
                with self._opener.open(request, timeout=self._settings.seconds) as reply:
                    content: bytes = reply.read(MOST_BYTES)
                    return content
            except urllib.error.HTTPError as error:
                if error.code not in AGAIN or not left:
                    raise InputError(self._refused(error.code)) from None
            except (OSError, HTTPException) as error:
                if not left:
                    raise InputError(
                        f"the judge at {self._settings.url} cannot be reached ({error}). Start it, or mend [judge] url"
                    ) from None
            time.sleep(WAIT_SECONDS * (TRIES - left))
        raise AssertionError("every try returns or raises")

    def _refused(self, code: int) -> str:
        place = f"the judge at {self._settings.url}"
        if code in (401, 403):
            return f"{place} refuses the key ({code}). Put the right one into {self._settings.key_env}"
        if code == 404:
            return f"{place} knows no such address or model ({code}). Mend [judge] url or model"
        return f"{place} answers {code}. Look at the server, or try again later"

    def _text(self, content: bytes) -> str:
        try:
            return str(json.loads(content)["choices"][0]["message"]["content"] or "")
        except (ValueError, KeyError, IndexError, TypeError):
            raise InputError(
                f"the judge at {self._settings.url} answers with something that is no chat completion. Mend [judge] url"
            ) from None


def _is_near(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
