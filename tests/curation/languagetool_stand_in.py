"""A stand-in for a LanguageTool server: answers as one does, or misbehaves as it is told. It knows three words.

Also a program: `python languagetool_stand_in.py ... -p PORT`, as `java ... -p PORT` starts the real one.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

WORDS = {"ruter": ["rúter", "router"], "contrasena": ["contraseña"], "wifi": ["Wi-Fi", "wife"]}


def matches(text: str) -> list[dict[str, Any]]:
    """What it notices, with offsets in UTF-16 units as LanguageTool gives them."""
    found = []
    for match in re.finditer("|".join(WORDS), text, re.IGNORECASE):
        found.append(
            {
                "message": "Se ha encontrado un posible error ortográfico.",
                "replacements": [{"value": value} for value in WORDS[match[0].lower()]],
                "offset": len(text[: match.start()].encode("utf-16-le")) // 2,
                "length": len(match[0]),
                "rule": {"id": "MORFOLOGIK_RULE_ES", "issueType": "misspelling", "category": {"id": "TYPOS"}},
            }
        )
    for match in re.finditer(r"  | ,", text):
        found.append(
            {
                "message": "espacio", "replacements": [{"value": " "}], "offset": match.start(), "length": 2,
                "rule": {"id": "WHITESPACE_RULE", "issueType": "whitespace", "category": {"id": "TYPOGRAPHY"}},
            }
        )  # fmt: skip
    return found


class Handler(BaseHTTPRequestHandler):
    server: StandIn

    def do_GET(self) -> None:
        self._reply([{"name": "Spanish", "code": "es", "longCode": "es"}, {"code": "en", "longCode": "en-US"}])

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        values = parse_qs(self.rfile.read(length).decode())
        text = values["text"][0]
        self.server.asked.append((values["language"][0], text))
        mode = self.server.mode
        if mode == "slow":
            time.sleep(1.5)
        if mode == "busy twice" and len(self.server.asked) < 2:
            self._say(503, b"Error: server overloaded")
        elif mode == "error" and "ruter" in text:
            self._say(500, b"Error: Internal Error")
        elif mode == "html":
            self._say(200, b"<html>It works!</html>")
        elif mode == "other json":
            self._reply({"status": "ok"})
        elif mode == "far away":
            self._reply({"matches": [{**matches("ruter")[0], "offset": 10_000}]})
        elif mode == "hang up":
            self.close_connection = True
        else:
            self._reply({"matches": matches(text)})

    def _reply(self, value: object) -> None:
        self._say(200, json.dumps(value).encode())

    def _say(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the other side gave up waiting

    def log_message(self, *_: object) -> None:
        pass


class StandIn(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int = 0, mode: str = "good") -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.mode = mode
        self.asked: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


if __name__ == "__main__":
    how = os.environ.get("STAND_IN", "good")
    if how == "ends":
        sys.exit(3)
    if how == "never answers":
        time.sleep(600)
    StandIn(int(sys.argv[sys.argv.index("-p") + 1])).serve_forever()
