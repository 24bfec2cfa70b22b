"""Scrapy's HTTP/1.1 download handler with a limit on the head of an answer, which it reads without end."""

from __future__ import annotations

from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS

__all__ = ["HeadTooLarge", "LimitedHandler"]

MAX_HEAD = 256 * 1024  # bytes of status line and headers, interim answers included; browsers stop at as much


class HeadTooLarge(Exception):
    """A server sends headers without end."""


class _Protocol(_LenientHTTP11ClientProtocol):
    """Counts what arrives before the body begins."""

    _head = 0

    def request(self, request: Any) -> Any:
        self._head = 0
        return super().request(request)

    def dataReceived(self, bytes: bytes) -> None:  # noqa: N802, A002
        if self._parser is not None and self._parser.state in (STATUS, HEADER):
            self._head += len(bytes)
            if self._head > MAX_HEAD:
                flood: Any = Failure(HeadTooLarge(f"more than {MAX_HEAD} bytes of headers"))  # type: ignore[no-untyped-call]
                self._giveUp(flood)  # type: ignore[no-untyped-call]
                return
        super().dataReceived(bytes)  # type: ignore[no-untyped-call]


class _Factory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802
        return _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class LimitedHandler(HTTP11DownloadHandler):
    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _Factory
