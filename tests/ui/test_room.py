"""What the window may touch: tamiz and curation, no database, no markup of other people's text."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import ui

ROOM = Path(ui.__file__).parent
MODULES = sorted(ROOM.rglob("*.py"))
ALLOWED = {"tamiz", "curation", "ui", "streamlit", "click"}


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOM).as_posix())
def test_the_window_imports_its_services_only(path):
    rooms = {name.split(".")[0] for name in imported(path)}
    assert rooms - ALLOWED - set(sys.stdlib_module_names) == set()
    assert not {"tamiz.database", "tamiz.schema", "tamiz.decisions"} & imported(path)


def test_no_module_hides_another_when_streamlit_puts_this_folder_first():
    names = {path.stem for path in ROOM.iterdir() if path.suffix == ".py" or path.is_dir()} - {
        "__init__",
        "__pycache__",
    }
    taken = set(sys.stdlib_module_names) | {"tamiz", "crawlers", "curation", "tuning", "ui", "streamlit"}
    assert names & taken == set()


def test_nothing_is_drawn_as_html_but_by_way_of_escapes():
    source = "\n".join(path.read_text(encoding="utf-8") for path in MODULES)
    assert "unsafe_allow" not in source
