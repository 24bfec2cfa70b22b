"""tamiz people: who reviews, said from the shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from curation import pins
from curation.access import sign_in
from tamiz.cli import cli
from tamiz.errors import InputError, TamizError
from tamiz.init import init_project
from tamiz.store import Store


@pytest.fixture
def project(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setitem(pins.COST, "n", 2)
    return init_project(tmp_path / "team", "support-es").parent


def run(project: Path, *arguments: str, stdin: str = "") -> str:
    command = ["--project", str(project), "people", *arguments]
    result = CliRunner().invoke(cli, command, input=stdin, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_team_is_set_up_from_the_shell(project):
    assert "the project is open" in run(project, "list")
    run(project, "add", "Lead", "--role", "admin", "--pin-file", "-", stdin="52-klm\n")
    run(project, "add", "guest", "--role", "viewer", "--subject", "guest@example.org")
    run(project, "role", "GUEST", "reviewer")
    told = json.loads(run(project, "list", "--json"))
    assert [(one["name"], one["role"], one["has_pin"], one["subject"]) for one in told] == [
        ("Lead", "admin", True, ""),
        ("guest", "reviewer", False, "guest@example.org"),
    ]
    assert "1 person left" in run(project, "remove", "guest")
    assert "guest: removed (gone), by shell:" in run(project, "list", "--history")


def test_a_pin_is_read_from_a_file_and_printed_nowhere(project, tmp_path):
    file = tmp_path / "pin.txt"
    file.write_text("52-klm\r\n", encoding="utf-8")
    said = run(project, "add", "Lead", "--role", "admin", "--pin-file", str(file), "--json")
    said += run(project, "pin", "lead", "--pin-file", "-", stdin="another 1\n") + run(project, "list", "--history")
    assert "52-klm" not in said
    assert "another 1" not in said
    with Store.open(f"sqlite:///{project / 'tamiz.db'}") as store:
        assert sign_in(store, "Lead", "another 1").role == "admin"


def test_a_pin_is_never_an_argument(project):
    result = CliRunner().invoke(cli, ["--project", str(project), "people", "add", "Lead", "52-klm", "--role", "admin"])
    assert result.exit_code == 2


def test_without_a_terminal_the_way_to_give_a_pin_is_told(project):
    with pytest.raises(InputError, match="--pin-file"):
        run(project, "add", "Lead", "--role", "admin")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "guest", "--role", "viewer", "--pin-file", "-"), "tamiz people add 'guest' --role admin"),
        (("remove", "guest"), "nobody of this project"),
    ],
)
def test_what_cannot_be_done_says_why(project, arguments, said):
    with pytest.raises(TamizError, match=said):
        run(project, *arguments, stdin="52-klm\n")
