# ruff: noqa: E501 (markup as forums write it)
"""A generated phpBB-like forum on loopback, with the duplicate addresses such forums have. Run by crawl.py.

`python benchmarks/generated_forum.py --threads 3000` prints its address and serves until its standard
input ends; GET /counts tells how often each path was asked for.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

PER_BOARD = 250
PER_LIST = 25
PER_PAGE = 10
WORDS = [
    "router",
    "wifi",
    "clave",
    "factura",
    "pedido",
    "cuenta",
    "correo",
    "pantalla",
    "batería",
    "móvil",
    "tarifa",
    "señal",
    "cable",
    "puerto",
    "red",
    "servidor",
    "equipo",
    "versión",
    "menú",
    "ajuste",
    "error",
    "mensaje",
    "luz",
    "botón",
    "lista",
    "archivo",
    "copia",
    "sesión",
    "acceso",
    "página",
]


def number(*parts: object) -> int:
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=6).digest(), "big")


def sentence(*parts: object, words: int = 12) -> str:
    return " ".join(WORDS[number(*parts, n) % len(WORDS)] for n in range(words)).capitalize()


@dataclass
class Forum:
    """What is at an address, as HTML; the session id in its links is another one each time, as for a robot."""

    threads: int
    sessions: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    cached: dict[str, str] = field(default_factory=dict)

    def page(self, target: str) -> str | None:
        self.asked[target] += 1
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        start = int(query.get("start", ["0"])[0])
        if parts.path in ("/", "/index.php"):
            key, make = "index", self.index
        elif parts.path == "/viewforum.php":
            board = int(query.get("f", ["0"])[0])
            key, make = f"f{board}-{start}", lambda: self.board(board, start)
        elif parts.path == "/viewtopic.php":
            post = int(query.get("p", ["0"])[0])
            thread = post // 100 if post else int(query.get("t", ["0"])[0])
            if not 1 <= thread <= self.threads:
                return None
            key, make = f"t{thread}-{start}", lambda: self.thread(thread, start)
        else:
            return None
        if key not in self.cached:
            self.cached[key] = make()
        self.sessions += 1
        return self.cached[key].replace("SESSION", hashlib.md5(str(self.sessions).encode()).hexdigest())

    def posts(self, thread: int) -> int:
        return 2 + number("posts", thread) % 5 + (12 if thread % 10 == 0 else 0)

    def boards(self) -> int:
        return -(-self.threads // PER_BOARD)

    def frame(self, title: str, canonical: str, body: str) -> str:
        menu = "".join(
            f'<li><a href="{link}">{name}</a></li>'
            for link, name in (
                ("./index.php?sid=SESSION", "Índice"),
                ("./ucp.php?mode=login&amp;sid=SESSION", "Identificarse"),
                ("./search.php?search_id=unanswered", "Temas sin respuesta"),
                ("./memberlist.php?mode=team", "El equipo"),
            )
        )
        return (
            f'<!DOCTYPE html><html dir="ltr" lang="es"><head><meta charset="utf-8"><title>{title}</title>'
            f'<link rel="canonical" href="{canonical}"></head><body id="phpbb" class="nojs notouch section-viewtopic">'
            f'<div id="wrap" class="wrap"><div id="page-header"><ul id="nav-main" class="linklist">{menu}</ul></div>'
            f'<div id="page-body" class="page-body">{body}</div>'
            '<div id="page-footer">Desarrollado por <a href="https://www.phpbb.com/">phpBB</a></div></div></body></html>'
        )

    def index(self) -> str:
        rows = "".join(
            f'<li class="row"><dl><dt><a href="./viewforum.php?f={board}&amp;sid=SESSION" class="forumtitle">Foro {board}'
            f"</a></dt><dd><a href='./viewtopic.php?f={board}&amp;p={board * 25000 + 101}#p{board * 25000 + 101}'>"
            "Último mensaje</a></dd></dl></li>"
            for board in range(1, self.boards() + 1)
        )
        return self.frame("Foro de ayuda", "/index.php", f'<ul class="topiclist forums">{rows}</ul>')

    def pagination(self, address: str, start: int, total: int, step: int) -> str:
        if total <= step:
            return ""
        links = "".join(
            f'<li><a class="button" href="{address}{f"&amp;start={at}" if at else ""}&amp;sid=SESSION">'
            f"{at // step + 1}</a></li>"
            for at in range(0, total, step)
        )
        first = f'<li><a href="{address}&amp;start=0">Primera</a></li>'
        return f'<div class="pagination"><ul>{first}{links}</ul></div>'

    def board(self, board: int, start: int) -> str:
        first, last = (board - 1) * PER_BOARD + 1, min(board * PER_BOARD, self.threads)
        rows = []
        for thread in range(first + start, min(first + start + PER_LIST, last + 1)):
            post = thread * 100 + self.posts(thread)
            rows.append(
                '<li class="row bg1"><dl class="row-item"><dt><div class="list-inner">'
                f'<a href="./viewtopic.php?f={board}&amp;t={thread}&amp;sid=SESSION" class="topictitle">'
                f"¿{sentence('title', thread, words=7)}?</a></div></dt>"
                f'<dd class="lastpost"><a href="./viewtopic.php?f={board}&amp;t={thread}&amp;p={post}#p{post}">Ver último'
                "</a></dd></dl></li>"
            )
        address = f"./viewforum.php?f={board}"
        orders = f'<a href="{address}&amp;sk=t&amp;sd=a&amp;st=0">Por fecha</a> <a href="{address}&amp;sk=r">Por respuestas</a>'
        pages = self.pagination(address, start, last - first + 1, PER_LIST)
        canonical = f"/viewforum.php?f={board}{f'&amp;start={start}' if start else ''}"
        return self.frame(
            f"Foro {board}", canonical, f'{pages}<ul class="topiclist topics">{"".join(rows)}</ul>{orders}'
        )

    def thread(self, thread: int, start: int) -> str:
        board, posts = (thread - 1) // PER_BOARD + 1, self.posts(thread)
        title = f"¿{sentence('title', thread, words=7)}?"
        shown = []
        for n in range(start, min(start + PER_PAGE, posts)):
            post = thread * 100 + n + 1
            author = f"usuario{thread % 40 if n == 0 else number(thread, n) % 40 + 40}"
            text = "<br>".join(f"{sentence(thread, n, line)}." for line in range(2 + number(thread, n) % 3))
            shown.append(
                f'<div id="p{post}" class="post has-profile bg2"><div class="inner"><dl class="postprofile">'
                f'<dt><a href="./memberlist.php?mode=viewprofile&amp;u={n}" class="username">{author}</a></dt></dl>'
                f'<div class="postbody"><div id="post_content{post}"><h3><a href="#p{post}">{"Re: " if n else ""}{title}'
                f'</a></h3><p class="author"><a href="./viewtopic.php?p={post}&amp;sid=SESSION#p{post}">Mensaje</a> por '
                f'<strong>{author}</strong> » <time datetime="2024-03-0{n % 9 + 1}T10:00:00+00:00">marzo</time></p>'
                f'<div class="content">{text}</div></div></div></div></div>'
            )
        address = f"./viewtopic.php?f={board}&amp;t={thread}"
        tools = (
            f'<a href="{address}&amp;view=print">Imprimir</a><a href="{address}&amp;hilit=wifi">Resaltar</a>'
            f'<a href="./viewtopic.php?t={thread}">Enlace</a><a href="{address}&amp;view=next">Siguiente</a>'
        )
        pages = self.pagination(address, start, posts, PER_PAGE)
        canonical = f"/viewtopic.php?t={thread}{f'&amp;start={start}' if start else ''}"
        body = f'<h2 class="topic-title"><a href="{address}">{title}</a></h2>{pages}{"".join(shown)}{pages}{tools}'
        return self.frame(title, canonical, body)

    def distinct(self) -> list[str]:
        """The plain address of every page there is."""
        lists = [
            (f"/viewforum.php?f={board}", min(PER_BOARD, self.threads - (board - 1) * PER_BOARD), PER_LIST)
            for board in range(1, self.boards() + 1)
        ]
        lists += [(f"/viewtopic.php?t={t}", self.posts(t), PER_PAGE) for t in range(1, self.threads + 1)]
        pages = [f"{a}{f'&start={at}' if at else ''}" for a, total, step in lists for at in range(0, total, step)]
        return ["/", *pages]


class Connection(asyncio.Protocol):
    def __init__(self, forum: Forum, latency: float) -> None:
        self.forum, self.latency, self.waiting = forum, latency, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while b"\r\n\r\n" in self.waiting:
            head, _, self.waiting = self.waiting.partition(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].decode()
            if self.latency and target != "/counts":
                asyncio.get_running_loop().call_later(self.latency, self.answer, target)
            else:
                self.answer(target)

    def answer(self, target: str) -> None:
        if self.transport.is_closing():
            return
        kind = "text/html; charset=utf-8"
        if target in ("/counts", "/distinct"):
            found: str | None = json.dumps(self.forum.asked if target == "/counts" else self.forum.distinct())
            if target == "/counts":
                self.forum.asked = Counter()
            kind = "application/json"
        else:
            found = self.forum.page(target)
        body = (found or "nothing here").encode()
        status = "200 OK" if found else "404 Not Found"
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)


async def serve(threads: int, latency: float) -> None:
    forum, loop = Forum(threads), asyncio.get_running_loop()
    for target in forum.distinct():  # rendered before it is measured
        forum.page(target)
    forum.asked = Counter()
    server = await loop.create_server(lambda: Connection(forum, latency), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=3000)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    given = parser.parse_args()
    asyncio.run(serve(given.threads, given.latency))
