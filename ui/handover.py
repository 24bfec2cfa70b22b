"""Hands a browser the cookie of its session in an answer of the server, where no script can read it.

A page of Streamlit cannot set such a cookie. So the script that signed somebody in offers the token under a code that
is good once and for a moment, and the browser fetches its cookie with that code.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import streamlit as st

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["address", "answer", "cookie_name", "draw_handover", "offer", "pending"]

CODE_SECONDS = 60.0

_lock = threading.Lock()
_offers: dict[str, tuple[str, str, float]] = {}  # code: (cookie, token, until)


def cookie_name(folder: Path) -> str:
    """One for each project: browsers send the cookies of all ports of a host to each of them."""
    return f"tamiz_{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]}"


def address() -> str:
    """Where the cookie is fetched."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/session" if base else "/session"


def offer(cookie: str, token: str) -> str:
    """The code for which the browser gets this token."""
    code, now = secrets.token_urlsafe(32), time.monotonic()
    with _lock:
        for old in [one for one, (_, _, until) in _offers.items() if until < now]:
            del _offers[old]
        _offers[code] = cookie, token, now + CODE_SECONDS
    return code


def pending(code: str) -> bool:
    """Whether the browser has still to come for it."""
    with _lock:
        return code in _offers and _offers[code][2] >= time.monotonic()


def draw_handover(code: str) -> None:
    """Let the browser fetch its cookie; nothing is to be seen of it."""
    where, body = (json.dumps(text).replace("<", "\\u003c") for text in (address(), code))  # no text ends the script
    call = f"fetch({where}, {{method: 'POST', body: {body}, credentials: 'same-origin'}})"
    st.html(f"<script>{call}.catch(() => null)</script>", unsafe_allow_javascript=True)


async def answer(request: Request) -> Response:
    """Give the cookie for a code, once; 403 for any other code, and for pages of elsewhere."""
    from starlette.responses import Response

    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        return Response(status_code=403)
    code = (await request.body())[:200].decode("ascii", "replace")
    with _lock:
        cookie, token, until = _offers.pop(code, ("", "", 0.0))
    if not token or until < time.monotonic():
        return Response(status_code=403)
    response = Response(status_code=204)
    secure = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
    response.set_cookie(cookie, token, httponly=True, samesite="strict", secure=secure)  # ends with the browser
    return response
