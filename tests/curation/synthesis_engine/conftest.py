"""A project with a divided training part, a recipe that asks a model, and a real server that can be told to behave."""

from __future__ import annotations

import json
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from curation.synthesis.providers.contract import Reply
from curation.synthesis.providers.deterministic import DeterministicProvider
from curation.synthesis.recipe import Ask, Made, Material, Unusable
from curation.synthesis.run import Synthesis, SynthReport, synthesise
from curation.synthesis.training import training_part
from tamiz.decisions import judge
from tamiz.project import Project
from tamiz.records import Turn, Verdict
from tamiz.settings.synthesis import SynthesisSettings
from tamiz.store import Store

PAIRS = 16
QUICK = SynthesisSettings(
    provider="openai", model="tiny", concurrency=4, timeout_seconds=5.0, backoff_seconds=0.01, patience_seconds=20.0
)


@dataclass(frozen=True)
class Rephrase:
    """Asks for two other ways to put a pair's question."""

    name: str = "rephrase"
    title: str = "other ways to ask the same"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: str = "pair"

    def ask(self, material: Material, chance: random.Random) -> Ask:
        assert material.pair is not None
        text = f"Rephrase, as in case {chance.randrange(1000)}:\n{material.pair.question}\n{material.pair.answer}"
        schema = {
            "type": "object",
            "properties": {"questions": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2}},
            "required": ["questions"],
            "additionalProperties": False,
        }
        return Ask(
            messages=(Turn(role="system", content="You rephrase."), Turn(role="user", content=text)),
            schema=schema,
            max_tokens=60,
            prompt="Rephrase, as in case {{case}}",
        )

    def read(self, material: Material, reply: Any) -> Sequence[Made]:
        assert material.pair is not None
        if "useless" in reply["questions"][0]:
            raise Unusable("no question in it")
        asked = (f"{question} ({material.pair.question})" for question in reply["questions"])
        return [Made(question=one, answer=material.pair.answer, lang=material.lang) for one in asked]


@dataclass(frozen=True)
class Copy:
    """Changes a pair's question without a model."""

    name: str = "copy"
    title: str = "the question in other letters"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: str = "pair"

    def make(self, material: Material, chance: random.Random) -> Sequence[Made]:
        assert material.pair is not None
        question = f"{material.pair.question.lower()} {chance.randrange(1000)}"
        return [Made(question=question, answer=material.pair.answer, lang=material.lang, augmentation=True)]


@dataclass
class Server:
    """A chat server on loopback. `behave` is called with the number of the request (from 1) and its body, and says
    what to do: None for a good reply, a dict for that JSON, a text for that reply, bytes for that body, or a function
    of the handler."""

    behave: Callable[[int, dict[str, Any]], Any] = lambda number, body: None
    delay: float = 0.0
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    address: str = ""
    left: bool = False
    models: list[str] = field(default_factory=list)
    leave: Callable[[], None] = lambda: None  # no new connection is taken any more

    def questions(self) -> list[str]:
        """The questions that were sent, as they were sent."""
        return [body["messages"][1]["content"] for body in self.bodies]


def said(body: dict[str, Any], text: str, finish: str = "stop") -> dict[str, Any]:
    return {
        "id": "x",
        "object": "chat.completion",
        "created": 0,
        "model": body["model"],
        "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 400, "completion_tokens": 100, "total_tokens": 500},
    }


def good_text(body: dict[str, Any]) -> str:
    """A reply that follows from the question."""
    question = body["messages"][1]["content"].splitlines()[1]
    return json.dumps({"questions": [f"otra vez {len(question)}", f"y otra {len(question)}"]})


def refuse(status: int, message: str = "no", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """Answer with an error."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        body = json.dumps({"error": {"message": message, "type": "x", "code": None}}).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return send


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection in the middle of an answer."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.wfile.flush()
    handler.close_connection = True


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            text = json.dumps({"object": "list", "data": [{"id": name} for name in state.models]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with state.lock:
                state.bodies.append(body)
                state.keys.append(self.headers.get("Authorization", ""))
                state.times.append(time.monotonic())
                number = len(state.bodies)
                state.at_once += 1
                state.most_at_once = max(state.most_at_once, state.at_once)
            try:
                if state.delay:
                    time.sleep(state.delay)
                what = state.behave(number, body)
                if callable(what):
                    what(self)
                    return
                told = what if isinstance(what, dict | bytes) else said(body, good_text(body) if what is None else what)
                text = what if isinstance(what, bytes) else json.dumps(told).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.close_connection = state.left
                self.end_headers()
                self.wfile.write(text)
            except (BrokenPipeError, ConnectionResetError):
                pass
            finally:
                with state.lock:
                    state.at_once -= 1

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()

    def leave() -> None:
        state.left = True
        http.socket.close()

    state.leave = leave
    state.address = f"http://127.0.0.1:{http.server_port}/v1"
    yield state
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture(name="refuse")
def refuse_fixture() -> Callable[..., Callable[[BaseHTTPRequestHandler], None]]:
    return refuse


@pytest.fixture(name="hang_up")
def hang_up_fixture() -> Callable[[BaseHTTPRequestHandler], None]:
    return hang_up


@pytest.fixture(name="said")
def said_fixture() -> Callable[..., dict[str, Any]]:
    return said


@pytest.fixture(name="good_text")
def good_text_fixture() -> Callable[[dict[str, Any]], str]:
    return good_text


def accept(store: Store, pairs: Sequence[Any]) -> None:
    store.add_pairs(pairs, "import:test")
    new = [Verdict(pair=s.pair.id, version=s.version, decision="accept", by="rule:all") for s in store.pairs("new")]
    judge(store, new)


@pytest.fixture
def fill(make_project: Callable[..., Project], distinct_pair: Callable[..., Any]) -> Callable[..., Project]:
    """A project whose accepted pairs are in this store."""

    def filled(store: Store) -> Project:
        accept(store, [distinct_pair(number) for number in range(PAIRS)])
        return make_project(more="[export]\nmin_pairs = 4\n")

    return filled


@dataclass
class Bench:
    """A project, its store, a server, and one way to run a recipe over them."""

    project: Project
    store: Store
    settings: SynthesisSettings
    recipe: Any

    def run(self, *, provider: Any = None, wanted: dict[str, Any] | None = None, **changes: Any) -> SynthReport:
        return synthesise(
            self.project,
            self.store,
            Synthesis(recipe=self.recipe.name, **(wanted or {})),
            settings=replace(self.settings, **changes),
            recipe=self.recipe,
            provider=provider,
        )

    def made(self) -> list[Any]:
        return [stored.pair for stored in self.store.pairs() if stored.pair.kind == "synthetic"]


@pytest.fixture
def bench(fill: Callable[..., Project], store: Store, server: Server) -> Bench:
    """On both databases."""
    return Bench(fill(store), store, replace(QUICK, base_url=server.address), Rephrase())


@pytest.fixture(scope="session")
def divided(tmp_path_factory: pytest.TempPathFactory, distinct: Callable[..., Any]) -> Path:
    """The database of a project whose accepted pairs have their parts: to divide them takes the longest."""
    folder = tmp_path_factory.mktemp("divided")
    (folder / "tamiz.toml").write_text("[export]\nmin_pairs = 4\n", encoding="utf-8")
    project = Project.open(folder)
    with Store.open(project.store_url) as store:
        accept(store, [distinct(number) for number in range(PAIRS)])
        training_part(project, store)
    return folder / "tamiz.db"


@pytest.fixture
def file_bench(
    make_project: Callable[..., Project], opened: Callable[..., Store], divided: Path, server: Server
) -> Bench:
    """On SQLite alone, where the database makes no difference; the pairs are divided already."""
    project = make_project(more="[export]\nmin_pairs = 4\n")
    shutil.copy(divided, project.folder / "tamiz.db")
    return Bench(project, opened(project), replace(QUICK, base_url=server.address), Rephrase())


@pytest.fixture
def copy_recipe() -> Copy:
    return Copy()


class Unhurried(DeterministicProvider):
    """The deterministic provider, slow enough to be killed in between."""

    def send(self, ask: Ask, *, temperature: float, seed: int) -> Reply:
        time.sleep(0.03)
        return super().send(ask, temperature=temperature, seed=seed)
