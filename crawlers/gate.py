"""The only way out for the browser that draws pages: a proxy on loopback that dials public addresses alone.

A browser resolves names and opens connections by itself, past the resolver that guards Scrapy. Through a
proxy it can't: what is checked here is the address really dialled, for every page, script, redirect and socket.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Collection
from contextlib import suppress
from urllib.parse import urlsplit

from crawlers.resolver import is_metadata, is_public

__all__ = ["Gate"]

MAX_HEAD = 64 * 1024
SECONDS_TO_CONNECT = 15.0
_BLOCK = 1 << 16


class Gate:
    """`trouble` has why a host was not reached, by host; `port` is where it listens once it is started."""

    def __init__(self, private_hosts: Collection[str], max_bytes: int) -> None:
        self.port = 0
        self.trouble: dict[str, str] = {}
        self._private = frozenset(private_hosts)
        self._max_bytes = max_bytes
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=MAX_HEAD)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request of the browser: a tunnel for https, a single exchange for http."""
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, ValueError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, target, _ = head.split(" ", 2)
            tunnel = method == "CONNECT"
            parts = urlsplit(f"//{target}" if tunnel else target)
            host, port = parts.hostname or "", parts.port or 80
            if not tunnel and parts.scheme != "http":
                raise ValueError(target)
            there = await self._dial(host, port)
            if there is None:
                writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            elif tunnel:
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
                await self._join(reader, writer, *there)
            else:
                path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
                there[1].write(_closing(head, method, path))
                await self._join(reader, writer, *there)
            await writer.drain()
        writer.close()

    async def _dial(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """A connection to the first address of a host that may be dialled, and none by name."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            self.trouble[host] = "unknown host"
            return None
        addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
        allowed = [address for address in addresses if self._may_dial(host, address)]
        for address in allowed:
            with suppress(OSError, TimeoutError):
                return await asyncio.wait_for(asyncio.open_connection(address, port), SECONDS_TO_CONNECT)
        self.trouble[host] = "connection refused" if allowed else "private address"
        return None

    def _may_dial(self, host: str, address: str) -> bool:
        return is_public(address) or (host in self._private and not is_metadata(address))

    async def _join(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
    ) -> None:
        up = asyncio.ensure_future(self._pump(reader, far_writer))
        try:
            await self._pump(far_reader, writer)
        finally:
            up.cancel()
            far_writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass bytes on until the sender ends or has sent too many."""
        left = self._max_bytes
        with suppress(OSError):
            while left > 0 and (block := await reader.read(_BLOCK)):
                left -= len(block)
                writer.write(block)
                await writer.drain()


def _closing(head: str, method: str, path: str) -> bytes:
    """The request as the server wants it, one to a connection."""
    lines = head.split("\r\n")[1:-2]
    kept = [line for line in lines if not line.lower().startswith(("proxy-", "connection:"))]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *kept, "Connection: close", "", ""]).encode("latin-1")
