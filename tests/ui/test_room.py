"""What the window may touch: tamiz and curation, no database, no markup of other people's text."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

import ui
from ui import handover

ROOM = Path(ui.__file__).parent
MODULES = sorted(ROOM.rglob("*.py"))
PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# What the window brings by name, though Streamlit brings it too: another Streamlit may not.
NAMED = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["review"]]
ALLOWED = {re.split(r"[^\w-]", name)[0].replace("-", "_") for name in NAMED} | {"tamiz", "curation", "ui"}


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
    assert "unsafe_allow_html" not in source


def named_in(word: str) -> set[str]:
    return {path.relative_to(ROOM).as_posix() for path in MODULES if word in path.read_text(encoding="utf-8")}


def test_script_comes_from_our_own_file_alone_but_for_the_fetch_of_a_cookie():
    assert named_in("components") <= {"widgets/browser_script.py"}
    assert named_in("unsafe_allow_javascript") == named_in("<script") == {"handover.py"}


def test_the_fetch_of_a_cookie_has_nothing_in_it_that_ends_the_script(monkeypatch):
    drawn = []
    monkeypatch.setattr(handover.st, "html", lambda body, **_: drawn.append(body))
    monkeypatch.setattr(handover, "address", lambda: "/</script><img onerror=alert(1)>")
    handover.draw_handover("</script><script>alert(1)</script>")
    assert drawn[0].count("<") == 2
