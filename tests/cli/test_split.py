"""`tamiz split`: files in, files out, nothing lost; and what `tamiz export` says of its parts."""

from __future__ import annotations

import csv
import json

import pytest

from tamiz.decisions import judge
from tamiz.records import Pair, Verdict
from tamiz.store import Store

ENDINGS = (".jsonl", ".json", ".csv", ".parquet")


def rows(numbers) -> list[dict[str, str]]:
    return [
        {
            "id": f"r{n}",
            "question": f"¿Qué es {n * 7919:x}?",
            "answer": f"Es {n:b} y {n * 104729:o}.",
            "page": f"p{n // 3}",
        }
        for n in numbers
    ]


def write(path, many) -> None:
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, many[0])
            writer.writeheader()
            writer.writerows(many)
    elif path.suffix == ".parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
        table = pytest.importorskip("pyarrow").Table.from_pylist(many)
        parquet.write_table(table, path)
    else:
        lines = [json.dumps(one) for one in many]
        path.write_text("\n".join(lines) if path.suffix == ".jsonl" else f"[{','.join(lines)}]", encoding="utf-8")


def read(folder, part) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_later_split_keeps_the_parts_of_an_earlier_one_in_every_kind_of_file(run, tmp_path, ending):
    write(tmp_path / f"old{ending}", rows(range(30)))
    write(tmp_path / "new.jsonl", rows(range(20, 60)))
    run("split", f"old{ending}", "-o", "first", "--group-field", "page")
    done = run("split", "new.jsonl", "-o", "second", "--group-field", "page", "--frozen", "first", "--json")
    from curation.tables import read_table

    old = {
        row["id"]: part
        for part in ("train", "validation", "test")
        for row in read_table(tmp_path / f"first/{part}{ending}")
    }
    new = {row["id"]: part for part in ("train", "validation", "test") for row in read(tmp_path / "second", part)}
    left_out = read(tmp_path / "second", "left_out")
    assert len(new) + len(left_out) == 40
    assert {name: part for name, part in new.items() if name in old}.items() <= old.items()
    assert json.loads(done.stdout)["kept"] == 10


def test_shares_and_left_out_rows_are_as_asked_for(run, tmp_path):
    write(tmp_path / "in.jsonl", [*rows(range(50)), {"id": "x", "question": "", "answer": "y"}])
    done = run("split", "in.jsonl", "-o", "parts", "--validation", "0", "--test", "0.3", "--seed", "4")
    assert [len(read(tmp_path / "parts", part)) for part in ("validation", "test", "left_out")] == [0, 15, 1]
    assert "left_out.jsonl" in done.stdout
    assert "proved: 0 of" in done.stdout
    assert read(tmp_path / "parts", "left_out")[0]["left_out_because"] == "no question or no answer"


def test_parts_without_rows_can_be_frozen_too(run, tmp_path):
    for ending in ENDINGS:
        write(tmp_path / f"in{ending}", rows(range(6)))
        run("split", f"in{ending}", "-o", "parts", "--validation", "0", "--test", "0")
        run("split", f"in{ending}", "-o", "again", "--frozen", "parts")
        for path in (tmp_path / "parts").iterdir():
            path.unlink()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(["--frozen", "nowhere"], 1, "nowhere has no parts to keep", id="no earlier result"),
        pytest.param(["--group-field", "thread"], 1, "no column 'thread'", id="no such column"),
        pytest.param(
            ["--validation", "0.5", "--test", "0.5"], 1, "leave a share for training", id="nothing to train on"
        ),
        pytest.param(["--test", "1.5"], 2, "--test", id="no share"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_next_move(run, tmp_path, arguments, code, said):
    write(tmp_path / "in.jsonl", rows(range(6)))
    assert said in run("split", "in.jsonl", "-o", "parts", *arguments, code=code).stderr
    assert not (tmp_path / "parts").exists()


@pytest.mark.parametrize(("name", "content"), [("in.json", "[]"), ("in.csv", "question,answer\n")])
def test_a_file_without_rows_is_named(run, tmp_path, name, content):
    (tmp_path / name).write_text(content)
    assert f"{name} has no rows" in run("split", name, "-o", "parts", code=1).stderr
    assert not (tmp_path / "parts").exists()


def test_export_tells_of_left_out_pairs_the_proof_and_resplit(run, tmp_path):
    (tmp_path / "tamiz.toml").write_text("[export]\nmin_pairs = 4\n", encoding="utf-8")

    def add(*pairs):
        with Store.open(f"sqlite:///{tmp_path / 'tamiz.db'}") as store:
            store.add_pairs(pairs, "import:x")
            new = [Verdict(pair=s.pair.id, version=1, decision="accept", by="rule:x") for s in store.pairs("new")]
            judge(store, new)

    def pair(row):
        return Pair(
            question=row["question"], answer=row["answer"], lang="es", url=row["id"], kind="faq", group=row["page"]
        )

    add(*map(pair, rows(range(40))))
    said = run("export").stdout
    assert "no group and no near-duplicate in two parts" in said
    assert "0 of " in said
    parts = {part: read(tmp_path / "exports" / "v001" / "pairs", part) for part in ("train", "test")}
    bridge = {"id": "b", "question": parts["train"][0]["question"], "answer": parts["test"][0]["answer"], "page": "b"}
    add(pair(bridge))
    said = run("export").stdout
    assert "1  left out: would join test and train, whose pairs keep their parts" in said
    assert parts["train"][0]["id"] in said
    assert "assigned anew" in run("export", "--resplit").stdout
    assert (tmp_path / "exports" / "v003" / "README.md").is_file()
    for again in (["--resplit"], []):
        assert "nothing has changed since v003, so no version was written" in run("export", *again).stdout
    assert not (tmp_path / "exports" / "v004").exists()


def test_an_imported_author_keeps_all_answers_in_one_part(run, tmp_path):
    settings = "[export]\nmin_pairs = 4\ngroup_by_author = true\nvalidation = 0.2\ntest = 0.2\n"
    rule = '[curation]\nsteps = ["quality"]\n[[curation.rules]]\nname = "all"\nthen = "accept"\n'
    (tmp_path / "tamiz.toml").write_text(settings + rule, encoding="utf-8")
    many = [{**row, "Answered by": f"Ana {number % 5}"} for number, row in enumerate(rows(range(40)))]
    write(tmp_path / "in.csv", many)
    run("import", "in.csv", "--author", "Answered by")
    run("curate")
    run("export")
    found = {
        part: {row["author"] for row in read(tmp_path / "exports/v001/pairs", part)}
        for part in ("train", "validation", "test")
    }
    assert [len(found[part]) for part in found] == [3, 1, 1]
    assert len(set().union(*found.values())) == 5
    assert not any("Ana" in path.read_text() for path in (tmp_path / "exports/v001/pairs").iterdir())
