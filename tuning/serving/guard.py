"""Who may ask: a key where the server is open, and no foreign web page in a browser of this machine."""

from __future__ import annotations

import hmac
import ipaddress
import os
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from tamiz.errors import SettingsError
from tuning.serving.requests import ApiError

__all__ = ["KEY_VARIABLE", "Guard", "checked_key", "is_loopback"]

KEY_VARIABLE = "TAMIZ_SERVE_KEY"
LEAST_KEY = 16  # letters; a shorter one can be guessed


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "example.org")]
    [True, True, True, False, False]
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def checked_key(host: str) -> str:
    """The key of the environment, "" for none. SettingsError where there has to be one, or it is too short."""
    key = os.environ.get(KEY_VARIABLE, "")
    if not key and not is_loopback(host):
        raise SettingsError(
            f"[serving] host is {host!r}, which others can reach, and there is no key. Set one in the environment "
            f"({KEY_VARIABLE}=$(openssl rand -hex 24)), or listen on 127.0.0.1"
        )
    if key and (len(key) < LEAST_KEY or not key.isascii() or not key.isprintable()):
        raise SettingsError(f"{KEY_VARIABLE} must have {LEAST_KEY} letters and digits or more: openssl rand -hex 24")
    return key


class Guard:
    """Lets a request through to the app, or answers it with 401 or 403.

    Without a key only names of this machine are answered to (a foreign page that points its own name here is
    not), and with or without one only web pages of the `origins` may ask.
    """

    def __init__(self, app: ASGIApp, *, key: str, origins: Collection[str]) -> None:
        self._app, self._key, self._origins = app, key, frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            refused = self._refusal(Headers(scope=scope), scope["path"], scope["method"])
            if refused is not None:
                headers = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else {}
                await JSONResponse(refused.body, refused.status, headers)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, headers: Headers, path: str, method: str) -> ApiError | None:
        host = headers.get("host", "")
        if not self._key and not is_loopback(_name_of(host)):
            return ApiError(403, f"the host {host[:100]!r} is not this machine", code="foreign_host")
        origin = headers.get("origin")
        if origin is not None and origin not in self._origins:
            return ApiError(403, f"the page {origin[:100]!r} may not ask; see [serving] origins", code="foreign_page")
        if origin is None and headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return ApiError(403, "a web page of another site may not ask", code="foreign_page")
        if not self._key or path == "/health" or method == "OPTIONS":  # a browser asks first, without the key
            return None
        given = headers.get("authorization", "").removeprefix("Bearer ").strip()
        if hmac.compare_digest(given.encode(), self._key.encode()):
            return None
        return ApiError(401, "the key is missing or wrong: Authorization: Bearer KEY", code="invalid_api_key")


def _name_of(host: str) -> str:
    """The name in a Host header, without its port.

    >>> [_name_of(host) for host in ("localhost:80", "[::1]:80", "127.0.0.1", "[::1]")]
    ['localhost', '::1', '127.0.0.1', '::1']
    """
    if host.startswith("["):
        return host[1:].split("]")[0]
    return host.rsplit(":", 1)[0] if host.count(":") == 1 else host
