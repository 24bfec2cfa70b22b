"""`tamiz synth` as a person and a script run it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tamiz.cli import cli
from tamiz.decisions import judge
from tamiz.errors import InputError, TamizError
from tamiz.project import Project
from tamiz.records import Finding, Pair, Verdict
from tamiz.store import Store

TOML = '[project]\nlanguages = ["es"]\n[export]\nmin_pairs = 4\n[synthesis]\nprovider = "deterministic"\n'


@pytest.fixture
def folder(tmp_path: Path, make_pair) -> Path:
    (tmp_path / "tamiz.toml").write_text(TOML, encoding="utf-8")
    with Store.open(Project.open(tmp_path).store_url) as store:
        words = ["factura", "antena", "contrato", "recibo", "tarjeta", "señal", "mando", "batería"]
        texts = {word: " ".join(f"{word}{n}" for n in range(6)) for word in words}
        pairs = [
            make_pair(n, question=f"¿Dónde está {texts[word]}?", answer=f"Mira en {texts[word]} y elige {word}.")
            for n, word in enumerate(words)
        ]
        store.add_pairs(pairs, "import:test")
        judge(store, [Verdict(pair=p.id, version=1, decision="accept", by="rule:all") for p in pairs])
    return tmp_path


def tamiz(folder: Path, *arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(cli, ["--project", str(folder), "synth", *arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done


def test_a_run_tells_what_it_asked_and_what_to_do_next(folder) -> None:
    done = tamiz(folder, "paraphrase", "--limit", "3")
    assert "the split comes first: 8 pairs got a part, for good" in done.stdout
    assert done.stderr.startswith("estimate: 3 calls, about ")
    told = re.search(r"asked (\d+) = ok (\d+) \+ failed (\d+) \(deterministic\)", done.stdout)
    assert told is not None
    assert int(told[1]) == int(told[2]) + int(told[3]) >= 3
    assert "Next: tamiz curate, then tamiz review" in done.stdout
    made = re.search(r"^(\d+) new pairs", done.stdout, re.MULTILINE)
    assert made is not None
    assert f"{made[1]} pairs are new: tamiz curate has the steps look, and brings them to review" in done.stdout


def test_scripts_get_the_report_as_json(folder) -> None:
    report = json.loads(tamiz(folder, "paraphrase", "--limit", "2", "--json").stdout)
    assert report["asked"] == report["ok"] + report["failed"]
    assert (report["recipe"], report["materials"]) == ("paraphrase", 2)


def test_an_estimate_sends_and_writes_nothing(folder) -> None:
    told = json.loads(tamiz(folder, "paraphrase", "--estimate", "--json").stdout)
    assert told["calls"] == told["materials"] > 0
    assert told["usd"] == 0.0
    assert "ledger so far" not in tamiz(folder).stdout


def test_a_recipe_without_a_model_makes_no_call(folder) -> None:
    report = json.loads(tamiz(folder, "noise", "--json").stdout)
    assert (report["asked"], report["provider"]) == (0, "")
    assert report["made"] > 0


def test_without_a_recipe_all_are_listed_with_what_they_have_cost(folder) -> None:
    tamiz(folder, "paraphrase", "--limit", "1")
    told = json.loads(tamiz(folder, "--json").stdout)
    names = {row["name"]: row["model"] for row in told["recipes"]}
    assert (names["noise"], names["paraphrase"]) == (False, True)
    (spent,) = told["ledger"]
    assert (spent["recipe"], spent["pending"]) == ("paraphrase", 0)
    assert "noise" in tamiz(folder).stdout


def test_a_server_elsewhere_is_not_asked_without_a_limit_or_a_yes(folder) -> None:
    options = ("--provider", "openai", "--base-url", "https://models.example/v1", "--model", "big")
    with pytest.raises(InputError, match="--max-usd AMOUNT, or --yes"):
        tamiz(folder, "paraphrase", *options)


def test_a_run_that_was_cut_short_says_as_well_what_its_pairs_wait_for(folder) -> None:
    done = tamiz(folder, "paraphrase", "--max-calls", "3")
    assert re.search(r"^\d+ pairs? (is|are) new: tamiz curate has the steps look", done.stdout, re.MULTILINE)
    assert "Next: tamiz synth paraphrase goes on where it stopped" in done.stdout


def test_a_server_that_is_not_there_is_an_error_and_its_calls_wait(folder) -> None:
    server = ("--provider", "openai", "--base-url", "http://127.0.0.1:9/v1", "--model", "tiny")
    done = tamiz(folder, "paraphrase", "--limit", "2", *server, code=1)
    assert "tamiz: no server answers at http://127.0.0.1:9/v1. Start it, or give its address" in done.stderr
    assert "worked on 0 of 2" in done.stdout
    assert "Next: mend what is wrong, then tamiz synth paraphrase\n" in done.stdout
    (spent,) = json.loads(tamiz(folder, "--json").stdout)["ledger"]
    assert (spent["ok"], spent["failed"]) == (0, 0)
    assert spent["pending"] > 0


def test_the_estimate_says_what_a_limit_leaves_over(folder) -> None:
    told = tamiz(folder, "paraphrase", "--estimate", "--max-calls", "2").stdout
    assert "a reply that is no use is asked for once more" in told
    assert "--max-calls 2 is enough for about 2 of them" in told
    assert "the same command goes on with them" in told


def test_a_limit_is_no_failure(folder) -> None:
    done = tamiz(folder, "paraphrase", "--max-calls", "1")
    assert "stopped: --max-calls 1 is reached" in done.stdout
    assert "goes on where it stopped" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        pytest.param(("nothing",), "there is no recipe 'nothing'", id="no such recipe"),
        pytest.param(("paraphrase", "--lang", "fr"), "no prompt in that language", id="no such language"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(folder, arguments, why) -> None:
    with pytest.raises(TamizError, match=why):
        tamiz(folder, *arguments)


def test_an_option_without_a_value_is_wrong_usage(folder) -> None:
    assert "is no KEY=VALUE" in tamiz(folder, "paraphrase", "--set", "persona", code=2).output


def test_tools_that_are_no_list_are_refused(folder, tmp_path) -> None:
    (tmp_path / "tools.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="is no list of tools"):
        tamiz(folder, "paraphrase", "--tools", str(tmp_path / "tools.json"))


def test_a_judge_is_asked_about_what_waits_and_held_against_what_people_decided(folder) -> None:
    tamiz(folder, "variants", "--limit", "3")
    told = json.loads(tamiz(folder, "--judge", "variants", "--max-calls", "6", "--json").stdout)
    assert told["report"]["asked"] == told["report"]["ok"] + told["report"]["failed"] == 6
    assert told["agreement"] == []
    text = tamiz(folder, "--judge", "variants", "--max-calls", "2").stdout
    assert "made pairs that wait" in text
    assert "none of the judged pairs was decided by a person yet" in text
    (spent,) = json.loads(tamiz(folder, "--json").stdout)["ledger"]
    assert (spent["recipe"], spent["model"]) == ("judge", "deterministic")


def test_the_agreement_of_a_judge_is_shown_with_its_interval_and_whether_it_is_trusted(folder) -> None:
    with Store.open(Project.open(folder).store_url) as store:
        pairs = [
            Pair(
                question=f"¿Dónde se mira la factura {n}?",
                answer="En Mi Lumbre.",
                lang="es",
                url="u",
                kind="synthetic",
                group="g",
                pattern="synth:grounded by m",
            )
            for n in range(40)
        ]
        store.add_pairs(pairs, "synth:grounded")
        for n, pair in enumerate(pairs):
            found = [Finding(pair=pair.id, step="judge", kind="judge_rejects")] if n % 2 else []
            store.add_look("judge", '{"model": "small-judge", "prompt": "p"}', [pair.id], found)
            decision = "reject" if (n % 2 or n == 0) else "accept"
            judge(store, [Verdict(pair=pair.id, version=1, decision=decision, by="person:reviewer-1", reason="seen")])
    (row,) = json.loads(tamiz(folder, "--agreement", "--json").stdout)["agreement"]
    assert (row["recipe"], row["model"], row["pairs"], row["let_through"]) == ("grounded", "small-judge", 40, 1)
    assert row["low"] < row["kappa"] < row["high"]
    assert row["trusted"]
    told = tamiz(folder, "--agreement").stdout
    line = r"grounded by small-judge: 40 pairs, kappa 0\.95 \(0\.\d\d to 1\.00\); let through 1, held back 0; trusted"
    assert re.search(line, told)
