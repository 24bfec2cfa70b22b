"""A project with a real store, and pairs with enough words in them to be told apart."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from curation.review import QUIET_SECONDS, Card, Desk
from tamiz.project import Project
from tamiz.records import Pair
from tamiz.store import Store

RULES = """
[[curation.rules]]
name = "repair-text"
then = "apply"
steps = ["clean"]
at_least = 0.9

[[curation.rules]]
name = "exact-copies"
then = "reject"
steps = ["dedupe"]
findings = ["exact_duplicate"]

[[curation.rules]]
name = "near-copies"
then = "reject"
steps = ["dedupe"]
findings = ["near_duplicate"]
at_least = 0.8
"""
ACCEPT = """
[[curation.rules]]
name = "sound-pairs"
then = "accept"
at_least = 0.5
"""
STEPS = '[curation]\nsteps = ["clean", "dedupe", "quality"]\nbatch_size = 4\n'

SUBJECTS = [
    "factura",
    "antena",
    "contrato",
    "teléfono",
    "recibo",
    "tarjeta",
    "señal",
    "portátil",
    "cobertura",
    "altavoz",
    "mando",
    "batería",
]
ACTIONS = ["reclamo", "instalo", "cancelo", "compruebo", "traslado", "bloqueo", "recupero", "comparto"]


def distinct_pair(number: int, **changes: object) -> Pair:
    """A pair that is like no other of another number."""
    subject, action = SUBJECTS[number % len(SUBJECTS)], ACTIONS[number // len(SUBJECTS) % len(ACTIONS)]
    code = f"{number:04d}"
    words = " ".join(f"{subject[:3]}{action[:4]}{code}{n}" for n in range(6))
    values: dict[str, object] = {
        "question": f"¿Cómo {action} {subject} {code}?",
        "answer": f"Para el caso {code} de {subject}: {words}.",
        "lang": "es" if number % 3 else "en",
        "label": subject,
        "url": f"https://ayuda.example/{number}",
        "kind": "faq",
        "group": f"https://ayuda.example/{number // 2}",
        "source": "ayuda",
    }
    return Pair(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture(name="distinct_pair")
def distinct_pair_fixture() -> Callable[..., Pair]:
    return distinct_pair


@pytest.fixture(scope="session")
def distinct() -> Callable[..., Pair]:
    """The same, for what many tests share."""
    return distinct_pair


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[..., Project]:
    numbers = itertools.count()

    def make(*, steps: str = STEPS, rules: str = RULES, accept: bool = False, more: str = "") -> Project:
        folder = tmp_path / f"project{next(numbers)}"
        folder.mkdir()
        text = "\n".join((steps, rules, ACCEPT if accept else "", more))
        (folder / "tamiz.toml").write_text(text, encoding="utf-8")
        return Project.open(folder)

    return make


@pytest.fixture
def opened() -> Iterator[Callable[[Project], Store]]:
    stores: list[Store] = []

    def open_store(project: Project) -> Store:
        stores.append(Store.open(project.store_url))
        return stores[-1]

    yield open_store
    for store in stores:
        store.close()


class Reading(Desk):
    """Somebody who looks at every card for as long as a decision has to wait; their store has the tests' clock."""

    def _check(self, card: Card) -> None:
        self._store._now.forward(QUIET_SECONDS)  # type: ignore[attr-defined]
        super()._check(card)


@pytest.fixture(name="reading_desk", scope="session")
def reading_fixture() -> type[Desk]:
    return Reading
