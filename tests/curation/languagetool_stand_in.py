"""A stand-in for a LanguageTool server: answers as one does, or misbehaves as it is told. It knows a few words.

Also a program: `python languagetool_stand_in.py ... -p PORT`, as `java ... -p PORT` starts the real one.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

WORDS = {
    "ruter": ["rúter", "router"],
    "contrasena": ["contraseña"],
    "wifi": ["Wi-Fi", "wife"],
    "pagina": ["página"],
    "recieve": ["receive"],
}
SOFTWARE = {"name": "LanguageTool", "version": "0.0-stand-in", "buildDate": "2026-01-31 09:30:00 +0000"}
LANGUAGES = [("Spanish", "es", "es"), ("English (US)", "en", "en-US"), ("English", "en", "en")]


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def read_annotation(data: str) -> tuple[str, str, list[int]]:
    """What the server reads, the whole with its markup, and where each letter that it reads stands in that."""
    read, whole, places = "", "", []
    for note in json.loads(data)["annotation"]:
        if "text" in note:
            places += range(len(whole), len(whole) + len(note["text"]))
            read, whole = read + note["text"], whole + note["text"]
        else:
            shown = note.get("interpretAs", "")
            places += [len(whole)] * len(shown)
            read, whole = read + shown, whole + note["markup"]
    return read, whole, places


def matches(text: str, whole: str = "", places: list[int] | None = None) -> list[dict[str, Any]]:
    """What it notices, with offsets in UTF-16 units as LanguageTool gives them."""
    found = [
        (match.start(), match.end(), WORDS[match[0].lower()], ("MORFOLOGIK_RULE_ES", "misspelling", "TYPOS"))
        for match in re.finditer("|".join(WORDS), text, re.IGNORECASE)
    ]
    for match in re.finditer(r"  | ,", text):
        found.append((match.start(), match.end(), [" "], ("WHITESPACE_RULE", "whitespace", "TYPOGRAPHY")))
    for match in re.finditer(r"(?<=cuenta )esta(?= activa)", text):
        found.append((match.start(), match.end(), ["está"], ("ESTA_TILDE", "misspelling", "DIACRITICS")))
    for match in re.finditer(r"la letras", text):
        choice = ["la letra", "las letras"]
        found.append((match.start(), match.end(), choice, ("AGREEMENT_DET_NOUN", "inconsistency", "AGREEMENT_NOUNS")))
    whole = whole or text
    places = list(range(len(text))) if places is None else places
    return [match_of(whole, places[start], places[end - 1] + 1, *how) for start, end, *how in found]


def match_of(whole: str, start: int, end: int, replacements: list[str], rule: tuple[str, str, str]) -> dict[str, Any]:
    place = {"offset": units(whole[:start]), "length": units(whole[start:end])}
    return {
        "message": "Se ha encontrado un posible error ortográfico.",
        "replacements": [{"value": value} for value in replacements],
        **place,
        "context": {"text": whole.replace("\n", " "), **place},
        "rule": {"id": rule[0], "issueType": rule[1], "category": {"id": rule[2]}},
    }


class Handler(BaseHTTPRequestHandler):
    server: StandIn
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # header and body in one packet

    def do_GET(self) -> None:
        if self.path.endswith("/v2/healthcheck"):
            self._say(200 if self.server.mode != "gone" else 500, b"OK")
        elif self.server.mode == "redirect":
            self._redirect()
        else:
            self._reply([{"name": name, "code": code, "longCode": long} for name, code, long in LANGUAGES])

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        values = {name: value[0] for name, value in parse_qs(self.rfile.read(length).decode()).items()}
        text, whole, places = values.get("text", ""), "", None
        if "data" in values:
            text, whole, places = read_annotation(values["data"])
        time.sleep(self.server.latency + self.server.latency_per_character * len(text))
        self.server.values.append(values)
        self.server.asked.append((values["language"], text))
        mode = self.server.plan.popleft() if self.server.plan else self.server.mode
        if self.server.longest and units(text) > self.server.longest:
            said = f"Error: Your text exceeds the limit of {self.server.longest} characters"
            self._say(413, said.encode())
        elif mode in FAILURES:
            FAILURES[mode](self, text)
        else:
            self._reply({"software": self.server.software, "matches": matches(text, whole, places)})

    def _slow(self, text: str) -> None:
        time.sleep(self.server.slowness)
        self._reply({"software": self.server.software, "matches": matches(text)})

    def _busy_twice(self, text: str) -> None:
        if len(self.server.asked) < 2:
            self._say(503, b"Error: server overloaded")
        else:
            self._reply({"software": self.server.software, "matches": matches(text)})

    def _error(self, text: str) -> None:
        if "ruter" in text:
            self._say(500, b"Error: Internal Error")
        else:
            self._reply({"software": self.server.software, "matches": matches(text)})

    def _hang_up(self, _: str) -> None:
        self.close_connection = True

    def _break_off(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.wfile.write(json.dumps({"software": self.server.software, "matches": matches(text)}).encode())
        self.close_connection = True

    def _far_away(self, _: str) -> None:
        self._reply({"software": self.server.software, "matches": [{**matches("ruter")[0], "offset": 1_000_000}]})

    def _across(self, text: str) -> None:
        gap = text.index("\n\n")
        long = match_of(text, max(gap - 3, 0), gap + 5, ["x"], ("ACROSS", "misspelling", "TYPOS"))
        self._reply({"software": self.server.software, "matches": [long, *matches(text)]})

    def _redirect(self, _: str = "") -> None:
        self._say(307, b"", {"Location": self.server.target})

    def _reply(self, value: object) -> None:
        self._say(200, json.dumps(value).encode())

    def _say(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        try:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the other side gave up waiting

    def log_message(self, *_: object) -> None:
        pass


FAILURES = {
    "slow": Handler._slow,
    "busy twice": Handler._busy_twice,
    "busy": lambda handler, _: handler._say(429, b"Error: too many requests", {"Retry-After": "7"}),
    "busy for a day": lambda handler, _: handler._say(429, b"Error: too many requests", {"Retry-After": "86400"}),
    "error": Handler._error,
    "broken": lambda handler, _: handler._say(500, b"Error: Internal Error"),
    "html": lambda handler, _: handler._say(200, b"<html>It works!</html>"),
    "other json": lambda handler, _: handler._reply({"status": "ok"}),
    "a list": lambda handler, _: handler._reply([]),
    "no places": lambda handler, _: handler._reply({"software": SOFTWARE, "matches": [{"message": "?"}]}),
    "far away": Handler._far_away,
    "across": Handler._across,
    "hang up": Handler._hang_up,
    "break off": Handler._break_off,
    "redirect": Handler._redirect,
}


class StandIn(ThreadingHTTPServer):
    """`mode` is how it answers each check, `plan` how the next ones, one by one; `asked` what it was asked."""

    daemon_threads = True

    def __init__(self, port: int = 0, mode: str = "good", *, latency: float = 0, per_character: float = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.mode = mode
        self.plan: deque[str] = deque()
        self.latency, self.latency_per_character = latency, per_character
        self.slowness = 1.5
        self.software = SOFTWARE
        self.longest = 0
        self.target = ""
        self.connections = 0
        self.asked: list[tuple[str, str]] = []
        self.values: list[dict[str, str]] = []

    def get_request(self) -> Any:
        self.connections += 1
        return super().get_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


if __name__ == "__main__":
    how = os.environ.get("STAND_IN", "good")
    if how == "ends":
        sys.exit(3)
    if how == "never answers":
        time.sleep(600)
    StandIn(int(sys.argv[sys.argv.index("-p" if "-p" in sys.argv else "--port") + 1])).serve_forever()
