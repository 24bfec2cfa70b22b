"""What holds for the whole house: which room may import which, what loads when, where SQL may be."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

import tamiz

REPOSITORY = Path(__file__).parents[1]
ROOMS = ("tamiz", "crawlers", "curation", "tuning", "ui")
MAY_IMPORT = {
    "crawlers": {"tamiz"},
    "curation": {"tamiz"},
    "tuning": {"tamiz.records", "tamiz.errors", "tamiz.progress", "tamiz.settings", "tamiz.files"},
    "ui": {"tamiz", "curation"},
    "tamiz": set(),
}
SQL_MODULES = {
    f"{name}.py"
    for name in [
        "schema",
        "migrations",
        "database",
        "store",
        "decisions",
        "frontier",
        "crawled",
        "changes",
        "hosts",
        "splitparts",
        "synthledger",
        "synthmade",
        "synthruns",
        "worddecisions",
        "drafts",
        "remarks",
        "candidates",
        "activity",
        "assignments",
        "opinions",
        "queue",
        "rejections",
        "undoing",
        "verdicts",
        "kept",
        "sealed",
        "people",
        "signins",
        "guidelines",
        "relations",
        "clusters",
        "settling",
        "votes",
        "search",
        "filters",
        "browse",
        "facets",
        "bulk",
        "bulkundo",
        "chosennow",
        "bulkedit",
    ]
}
HEAVY = ("torch", "transformers", "scrapy", "streamlit", "scipy", "numpy", "sqlalchemy", "datasets", "lxml", "rich")
MODULES = sorted(path for room in ROOMS for path in (REPOSITORY / room).rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def imports(path: Path) -> set[str]:
    """Every module that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", [pytest.param(path, id=name_of(path)) for path in MODULES])
def test_a_room_imports_only_what_it_may(path):
    if path.parent.name == "cli":  # it runs the rooms, each inside its command: the next test holds that
        return
    if name_of(path) == "tamiz/addon.py":  # Scrapy's door to the crawlers, under the name people install
        return
    room = path.relative_to(REPOSITORY).parts[0]
    allowed = MAY_IMPORT[room] | {room}
    for name in imports(path):
        if name.split(".")[0] in ROOMS:
            good = any(name == start or name.startswith(f"{start}.") for start in allowed)
            assert good, f"{name_of(path)} imports {name}; {room} may import {', '.join(sorted(allowed))}"


def test_the_command_line_starts_without_the_rooms_and_their_libraries():
    code = f"import sys, tamiz.cli; print([m for m in {(*HEAVY, *ROOMS[1:])!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", [pytest.param(path, id=name_of(path)) for path in MODULES])
def test_sql_stays_in_the_store(path):
    if path.parent.name == "tamiz" and path.name in SQL_MODULES:
        return
    assert not any(name.split(".")[0] in ("sqlalchemy", "sqlite3", "pysqlite3", "psycopg") for name in imports(path))


def test_tests_have_no_init_that_would_hide_a_room():
    assert list((REPOSITORY / "tests").rglob("__init__.py")) == []


def test_no_module_of_the_window_bears_the_name_of_a_room_or_of_the_standard_library():
    top = {path.stem for path in (REPOSITORY / "ui").glob("*.py")} | {
        path.name for path in (REPOSITORY / "ui").iterdir() if path.is_dir()
    }
    assert top & {*ROOMS, *sys.stdlib_module_names} == set()


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_the_one_of_this_repository(room):
    spec = find_spec(room)
    assert spec is not None
    assert spec.origin == str(REPOSITORY / room / "__init__.py")


@pytest.mark.parametrize("room", ROOMS)
def test_all_names_in_all_can_be_imported(room):
    package = importlib.import_module(room)
    for module in pkgutil.walk_packages(package.__path__, f"{room}."):
        if module.name in ("ui.app", "tamiz.cli.__main__") or module.name.startswith("ui.screens"):
            continue
        loaded = importlib.import_module(module.name)
        for name in getattr(loaded, "__all__", ()):
            assert hasattr(loaded, name), f"{module.name} has no {name}"


@pytest.mark.parametrize("path", [pytest.param(path, id=name_of(path)) for path in MODULES])
def test_no_module_swallows_every_error_or_makes_html_of_crawled_text(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"except (Exception|BaseException)( as \w+)?:\s*(pass|continue|return)", text)
    assert "unsafe_allow_html" not in text
    assert "trust_remote_code=True" not in text


def test_version_and_changelog_agree():
    newest = re.search(r"^## \[?(\d+\.\d+\.\d+)", (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert newest is not None
    assert newest[1] == tamiz.__version__


def test_every_dependency_is_listed_with_its_reason():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [*project["dependencies"], *(d for many in project["optional-dependencies"].values() for d in many)]
    listed = (REPOSITORY / "docs" / "dependencies.md").read_text(encoding="utf-8")
    for requirement in named:
        name = re.split(r"[\[<>=;! ]", requirement)[0]
        if name != "tamiz":
            assert re.search(rf"^\| `{re.escape(name)}` \|", listed, re.M), f"docs/dependencies.md lacks {name}"


def test_every_extra_is_explained_by_the_program():
    from tamiz.extras import EXTRAS

    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(EXTRAS) == set(project["optional-dependencies"]) - {"all", "bench", "dev"}


def test_the_generated_reference_is_current():
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
