"""`tamiz dedupe`: copies out of a file, and the check between what is learned and what is tested."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys

import pytest

ANSWER = "Entra en la página del router, abre el menú de la red, escribe la clave nueva y pulsa Guardar al acabar."
ROWS = [
    {"id": "a", "question": "¿Cómo cambio la clave?", "answer": ANSWER},
    {"id": "b", "question": "¿cómo cambio la clave", "answer": ANSWER},
    {"id": "c", "question": "¿Cómo cambio la clave?", "answer": ANSWER.replace("al acabar", "al final")},
    {"id": "d", "question": "¿Cómo pago la factura?", "answer": "En la web, en tu cuenta, con tarjeta."},
]


def write(path, rows):
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")


def read(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_row_is_kept_removed_or_malformed(run, tmp_path):
    write(tmp_path / "in.jsonl", ROWS)
    with (tmp_path / "in.jsonl").open("a") as file:
        file.write('\n{"question": "¿Y')
    done = run("dedupe", "in.jsonl", "-o", "kept.jsonl", "--removed", "removed.jsonl", "--report", "report.html")
    assert "5 rows = 2 kept + 2 removed + 1 malformed" in done.stdout
    assert "removed.malformed.jsonl" in done.stdout
    assert [row["id"] for row in read(tmp_path / "kept.jsonl")] == ["a", "d"]
    assert [(row["id"], row["kept_id"], row["rule"]) for row in read(tmp_path / "removed.jsonl")] == [
        ("b", "a", "exact"),
        ("c", "a", "near"),
    ]
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_numbers_for_scripts_add_up(run, tmp_path):
    write(tmp_path / "in.jsonl", [*ROWS, {"question": ""}])
    done = run("dedupe", "in.jsonl", "-o", "kept.csv", "--removed", "removed.csv", "--json")
    counts = json.loads(done.stdout)
    assert counts["seen"] == counts["kept"] + counts["removed"] + counts["malformed"] == 5
    assert (counts["exact"], counts["near"]) == (1, 1)


def test_thresholds_policies_and_threads_are_options(run, tmp_path):
    write(tmp_path / "in.jsonl", [{**row, "votes": votes} for row, votes in zip(ROWS, (1, 9, 3, 0), strict=True)])
    options = ["--threshold", "0.99", "--keep", "votes", "--threads", "1"]
    run("dedupe", "in.jsonl", "-o", "kept.jsonl", "--removed", "removed.jsonl", *options)
    assert [row["id"] for row in read(tmp_path / "kept.jsonl")] == ["b", "c", "d"]


@pytest.mark.parametrize(
    ("options", "said", "code"),
    [
        pytest.param([], "give -o and --removed", 2, id="nothing to do"),
        pytest.param(["-o", "kept.csv"], "go together", 2, id="nowhere for the removed"),
        pytest.param(["-o", "k.csv", "--removed", "r.csv", "--rule", "pair"], "--against", 2, id="a rule for nothing"),
        pytest.param(
            ["--against", "x", "--rule", "answer", "--answer-field", ""], "compares answers", 2, id="no answers"
        ),
        pytest.param(["--against", "x", "--keep", "votes"], "nothing is removed", 2, id="a policy for nothing"),
        pytest.param(["--against", "x", "--threads", "1"], "nothing is removed", 2, id="threads for nothing"),
        pytest.param(["-o", "in.jsonl", "--removed", "r.csv"], "is read and would be written", 1, id="over the input"),
        pytest.param(["-o", "kept.doc", "--removed", "r.csv"], "ends in .doc", 1, id="no table"),
        pytest.param(["-o", "k.csv", "--removed", "r.csv", "--keep", "best"], "no policy 'best'", 1, id="no policy"),
        pytest.param(["--against", "in.jsonl"], "compared with itself", 1, id="itself"),
        pytest.param(["--against", "none.jsonl"], "does not exist", 1, id="no such file"),
        pytest.param(
            ["-o", "k.csv", "--removed", "r.csv", "--question-field", "ask"], "the columns are: id, que", 1, id="column"
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(run, tmp_path, options, said, code):
    write(tmp_path / "in.jsonl", ROWS)
    done = run("dedupe", "in.jsonl", *options, code=code)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def split_sample(run, tmp_path, gold):
    """The folder with the parts of the sample's pairs."""
    write(tmp_path / "in.jsonl", [{"question": item["question"], "answer": item["answer"]} for item in gold])
    run("split", "in.jsonl", "-o", "parts")
    return tmp_path / "parts"


def test_the_parts_of_a_split_are_clean(run, tmp_path, gold):
    split_sample(run, tmp_path, gold)
    others = ["--against", "parts/validation.jsonl", "--against", "parts/test.jsonl"]
    done = run("dedupe", "parts/train.jsonl", *others)
    assert "none repeats them" in done.stdout
    run("dedupe", "parts/validation.jsonl", "--against", "parts/test.jsonl")


def test_a_planted_leak_is_found_and_named(run, tmp_path, gold):
    parts = split_sample(run, tmp_path, gold)
    leak = read(parts / "test.jsonl")[0]
    write(parts / "train.jsonl", [*read(parts / "train.jsonl"), {**leak, "question": f"{leak['question']} gracias"}])
    done = run("dedupe", "parts/train.jsonl", "--against", "parts/test.jsonl", "--report", "leaks.html", code=3)
    assert "1 repeats the other files (1 question and answer)" in done.stdout
    found = json.loads(run("dedupe", "parts/train.jsonl", "--against", "parts/test.jsonl", "--json", code=3).stdout)
    assert found["contaminated"] == 1
    assert found["repeats"][0]["row"] == found["seen"]
    assert found["repeats"][0]["against"] == "parts/test.jsonl"


def test_leaks_can_be_taken_out(run, tmp_path, gold):
    parts = split_sample(run, tmp_path, gold)
    leak = read(parts / "test.jsonl")[0]
    write(parts / "train.jsonl", [*read(parts / "train.jsonl"), leak])
    options = ["--against", "parts/test.jsonl", "-o", "clean.jsonl", "--removed", "removed.jsonl"]
    run("dedupe", "parts/train.jsonl", *options)
    last = read(tmp_path / "removed.jsonl")[-1]
    assert (last["question"], last["against"], last["rule"]) == (leak["question"], "parts/test.jsonl", "pair")
    run("dedupe", "clean.jsonl", "--against", "parts/test.jsonl")


def test_a_terminal_is_not_given_what_a_row_would_have_it_obey(run, tmp_path):
    row = {"id": "\x1b[2Jx", "question": "¿Cómo \x1b[31mcambio\u202e la clave?", "answer": ANSWER}
    write(tmp_path / "in.jsonl", [row])
    write(tmp_path / "test.jsonl", [row])
    done = run("dedupe", "in.jsonl", "--against", "test.jsonl", code=3)
    assert not set(done.stdout) & {"\x1b", "\u202e"}


def test_a_leak_has_another_exit_code_than_a_file_that_cannot_be_used(run, tmp_path):
    write(tmp_path / "in.jsonl", ROWS)
    write(tmp_path / "same.jsonl", ROWS[:1])
    write(tmp_path / "other.jsonl", [{"question": "¿Qué antena compro?", "answer": "La de exterior, orientada."}])
    run("dedupe", "in.jsonl", "--against", "other.jsonl", code=0)
    run("dedupe", "in.jsonl", "--against", "nowhere.jsonl", code=1)
    run("dedupe", "in.jsonl", "--against", "same.jsonl", "--keep", "longest", code=2)
    run("dedupe", "in.jsonl", "--against", "same.jsonl", code=3)
    assert all(f"{code} " in run("--help").stdout.split("Exit codes:")[1] for code in (0, 1, 2, 3, 130))


def test_what_is_no_row_keeps_its_text_beside_the_reason(run, tmp_path):
    broken = '{"question": "¿Y si se corta' + "a" * 12_000
    (tmp_path / "in.jsonl").write_text("\n".join([json.dumps(ROWS[0]), '{"question": "¿Y', "[1, 2]", broken]))
    run("dedupe", "in.jsonl", "-o", "kept.jsonl", "--removed", "removed.jsonl")
    short, listed, long = read(tmp_path / "removed.malformed.jsonl")
    assert (short["place"], short["text"]) == ("line 2", '{"question": "¿Y')
    assert listed["text"] == "[1, 2]"
    assert long["text"] == broken[:10_000]
    assert long["text_cut"] == f"the first 10,000 of {len(broken):,} characters"
    assert "text_cut" not in short


def test_a_line_of_csv_that_is_no_row_keeps_its_text(run, tmp_path):
    (tmp_path / "in.csv").write_text(f'question,answer\n¿Cómo?,Así.\n¿Y?,"uno" dos,tres\n¿Qué?,{ANSWER}\n¿A?,b,c,d\n')
    run("dedupe", "in.csv", "-o", "kept.csv", "--removed", "removed.csv")
    texts = [row["text"] for row in read(tmp_path / "removed.malformed.jsonl")]
    assert texts[-1] == "¿A?,b,c,d"
    assert texts[0].startswith('¿Y?,"uno" dos')


def test_two_columns_of_one_name_are_refused_with_the_name(run, tmp_path):
    (tmp_path / "in.csv").write_text("question,answer,tag,tag\n¿Cómo?,Así.,a,b\n")
    for command in (["dedupe", "in.csv", "-o", "k.csv", "--removed", "r.csv"], ["split", "in.csv", "-o", "parts"]):
        assert "more than one column called 'tag'" in run(*command, code=1).stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_texts_of_other_marks_are_no_copies(run, tmp_path):
    marks = ["??", "!!", "?? ", "...", "👍"]
    write(tmp_path / "in.jsonl", [{"question": text, "answer": ANSWER} for text in marks])
    run("dedupe", "in.jsonl", "-o", "kept.jsonl", "--removed", "removed.jsonl")
    assert [row["question"] for row in read(tmp_path / "kept.jsonl")] == ["??", "!!", "...", "👍"]
    assert [(row["question"], row["rule"]) for row in read(tmp_path / "removed.jsonl")] == [("?? ", "exact")]


@pytest.mark.parametrize("yes", ["sí", "Si ", "yes", "true", "1", "VERDADERO", True, 1, 1.0])
def test_an_accepted_answer_is_told_in_spanish_too(yes):
    from curation.preference import PreferenceColumns

    copies = PreferenceColumns(["accepted"])
    copies.add({"accepted": "no"}, "Así.")
    copies.add({"accepted": yes}, "Así.")
    assert copies.order().tolist() == [1, 0]


@pytest.mark.parametrize("ending", [".jsonl", ".csv", ".parquet"])
def test_a_full_disk_names_the_file_that_did_not_fit(tmp_path, ending):
    """FAULTS row 3: a limit on the size of files stands in for a full disk."""
    pytest.importorskip("pyarrow")
    rows = [{"id": str(number), "question": "¿Cómo cambio la clave?", "answer": ANSWER} for number in range(200)]
    write(
        tmp_path / "in.jsonl",
        [{**row, "note": f"{random.Random(n).randbytes(1_000).hex()}"} for n, row in enumerate(rows)],
    )
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    code = f"{limited}; from tamiz.cli import main; main()"
    names = ["-o", "kept.jsonl", "--removed", f"removed{ending}"]
    done = subprocess.run(
        [sys.executable, "-c", code, "dedupe", "in.jsonl", *names], cwd=tmp_path, capture_output=True, text=True,
        timeout=120, env={**os.environ, "TAMIZ_PLAIN": "1"},  # kernels are written to files too
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert re.search(rf"tamiz: removed{ending} cannot be written \(.*File too large\)\. Free some disk", done.stderr)
    assert not list(tmp_path.glob("kept*"))


def test_one_of_a_thing_is_called_one(run, tmp_path):
    write(tmp_path / "in.jsonl", ROWS[:2])
    write(tmp_path / "test.jsonl", ROWS[:1])
    said = run("dedupe", "in.jsonl", "-o", "k.jsonl", "--removed", "r.jsonl", "--report", "report.html").stdout
    assert "1  exact copy\n" in said
    assert "of 2 rows 1 is kept" in (tmp_path / "report.html").read_text(encoding="utf-8")
    write(tmp_path / "one.jsonl", [ROWS[0], {"question": ""}])
    leak = run("dedupe", "one.jsonl", "--against", "test.jsonl", code=3).stdout
    assert "2 rows, 1 repeats the other files" in leak
    assert "1 row of one.jsonl could not be read and was not compared" in leak
