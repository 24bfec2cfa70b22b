"""tamiz privacy on files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tamiz.cli import cli

ROW = {"id": "a", "question": "Soy Ana López y mi móvil es 612 345 678", "answer": "Te llamo al 612345678."}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps(ROW) + "\n", encoding="utf-8")
    return path


def run(*arguments: object) -> dict:
    result = CliRunner().invoke(
        cli, ["privacy", *map(str, arguments), "--lang", "es", "--json"], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_a_file_is_masked_and_every_column_kept(table: Path):
    target = table.with_name("out.jsonl")
    done = run(table, "-o", target)
    row = json.loads(target.read_text(encoding="utf-8"))
    assert row["question"] == "Soy <NAME_1> y mi móvil es <PHONE_1>"
    assert row["answer"] == "Te llamo al <PHONE_1>."
    assert (row["id"], done["applied"], done["kinds"]) == ("a", 3, {"name": 1, "phone": 2})
    assert "612" not in target.read_text(encoding="utf-8")


def test_masking_the_result_changes_nothing(table: Path):
    first, second = table.with_name("1.jsonl"), table.with_name("2.jsonl")
    run(table, "-o", first)
    assert run(first, "-o", second)["changes"] == 0


def test_what_each_mask_stands_for_is_for_its_owner_only(table: Path):
    target, told = table.with_name("out.jsonl"), table.with_name("map.jsonl")
    run(table, "-o", target, "--map", told)
    assert told.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in told.read_text(encoding="utf-8").splitlines()]
    assert {(line["mask"], line["value"]) for line in lines} >= {
        ("<NAME_1>", "Ana López"),
        ("<PHONE_1>", "612 345 678"),
    }


def test_the_map_cannot_replace_the_result(table: Path):
    target = table.with_name("out.jsonl")
    result = CliRunner().invoke(cli, ["privacy", str(table), "-o", str(target), "--map", str(target)])
    assert "a name of its own" in str(result.exception)


def test_a_contact_of_ones_own_stays(table: Path):
    target = table.with_name("out.jsonl")
    assert run(table, "-o", target, "--keep", "612 345 678")["kept"] == 2
