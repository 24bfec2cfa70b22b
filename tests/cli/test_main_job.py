"""The main job on the sample, by the commands a person types: crawl, curate, export, and what status says between."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tamiz.store import Store


def squeezed(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()


@pytest.fixture(scope="module")
def done(tmp_path_factory, sample_site):
    """A project in which crawl, curate and export were run."""
    import subprocess
    import sys

    repository = Path(__file__).parents[2]
    folder = tmp_path_factory.mktemp("main-job")
    text = (repository / "data" / "tamiz.toml").read_text(encoding="utf-8")
    (folder / "tamiz.toml").write_text(text.replace("http://127.0.0.1:8765", sample_site), encoding="utf-8")
    for command in ("crawl", "curate", "export"):
        ended = subprocess.run(
            [sys.executable, "-m", "tamiz.cli", command], cwd=folder, capture_output=True, text=True, timeout=240
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
    return folder


def crawled(folder):
    with Store.open(f"sqlite:///{folder / 'tamiz.db'}") as store:
        return [stored.pair for stored in store.pairs() if not stored.pair.made_from]


def exported(folder):
    lines = []
    for part in ("train", "validation", "test"):
        text = (folder / "exports" / "v001" / "pairs" / f"{part}.jsonl").read_text(encoding="utf-8")
        lines += [{**json.loads(line), "part": part} for line in text.splitlines()]
    return lines


def test_the_crawl_finds_what_the_site_offers_and_little_else(done, gold, sample_site):
    found = {(pair.url.removeprefix(sample_site), squeezed(pair.answer)) for pair in crawled(done)}
    offered = {(item["url"], squeezed(item["answer"])) for item in gold}
    assert len(found & offered) / len(offered) >= 0.98
    assert len(found & offered) / len(found) >= 0.98


def test_what_robots_txt_forbids_is_nowhere_in_the_project(done):
    for path in done.rglob("*"):
        if path.is_file() and path.suffix not in (".gz",):
            assert b"INTERNO-NO-PUBLICAR" not in path.read_bytes()


def test_at_least_120_distinct_pairs_are_exported(done):
    pairs = exported(done)
    assert len({(squeezed(pair["question"]), squeezed(pair["answer"])) for pair in pairs}) == len(pairs) >= 120


def test_every_exported_line_says_where_it_came_from(done):
    for pair in exported(done):
        assert pair["url"].startswith("http://127.0.0.1:")
        assert pair["source"] in ("help", "foro", "community")
        assert pair["fetched_at"]


def test_no_page_is_in_two_parts(done):
    parts = {}
    for pair in exported(done):
        assert parts.setdefault(pair["group"], pair["part"]) == pair["part"]


def test_copies_are_rejected_with_the_copy_that_stays(done):
    with Store.open(f"sqlite:///{done / 'tamiz.db'}") as store:
        reasons = [store.history(stored.pair.id)[-1].reason for stored in store.pairs("rejected")]
        copies = [reason for reason in reasons if "near-certain-junk" not in reason]
        assert len(copies) >= 10
        kept = {stored.pair.id for stored in store.pairs("accepted", "waiting", "replaced")}
        for reason in copies:
            assert any(other in reason for other in kept), reason


def test_answers_that_say_nothing_are_rejected_with_what_was_found(done):
    with Store.open(f"sqlite:///{done / 'tamiz.db'}") as store:
        reasons = [store.history(stored.pair.id)[-1].reason for stored in store.pairs("rejected")]
    junk = [reason for reason in reasons if "near-certain-junk" in reason]
    assert junk
    assert all("quality found" in reason for reason in junk)


def test_mojibake_is_repaired_and_the_original_kept(done):
    assert not any("Ã³" in pair["answer"] + pair["question"] for pair in exported(done))
    assert any("Ã³" in pair.answer for pair in crawled(done))


def test_the_plain_json_is_questions_and_answers_with_the_ids_of_their_pairs(done):
    rows = json.loads((done / "exports" / "v001" / "json" / "train.json").read_text(encoding="utf-8"))
    assert rows
    assert all(set(row) == {"id", "question", "answer"} for row in rows)


def test_the_chat_lines_are_messages(done):
    first = (done / "exports" / "v001" / "chat" / "train.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert [message["role"] for message in json.loads(first)["messages"]][-2:] == ["user", "assistant"]


def test_everything_run_twice_adds_nothing(done, tmp_path, run):
    for path in done.iterdir():
        (shutil.copytree if path.is_dir() else shutil.copy)(path, tmp_path / path.name)
    before = json.loads(run("status", "--json").stdout)
    again = json.loads(run("crawl", "--json").stdout)
    assert again["new_pairs"] == 0
    assert again["known_pairs"] == len(crawled(tmp_path))
    run("curate")
    run("export")
    assert json.loads(run("status", "--json").stdout)["pairs"] == before["pairs"]
    assert [path.name for path in (tmp_path / "exports").iterdir()] == ["v001"]


def test_a_source_can_be_crawled_alone_and_stopped_early(project, run):
    report = json.loads(run("crawl", "foro", "--limit", "5", "--json").stdout)
    assert report["pages"] == 5
    assert report["waiting"] > 0
    assert "tamiz c" in run("status").stdout


def test_an_exported_line_is_followed_back_to_its_page(done, run):
    line = done / "exports" / "v001" / "pairs" / "train.jsonl"
    said = run("--project", str(done), "lineage", f"{line}:1").stdout
    first = json.loads(line.read_text(encoding="utf-8").splitlines()[0])
    assert said.startswith(f"{first['id']}  accepted")
    assert first["url"] in said
    assert "accept by rule:sound-pairs" in said
    assert "fetched 20" in said
    assert "no line with a pair" in run("--project", str(done), "lineage", f"{line}:99999", code=1).stderr


def test_the_same_site_crawled_anew_gives_the_same_hash(done, tmp_path, run):
    (tmp_path / "tamiz.toml").write_text((done / "tamiz.toml").read_text(encoding="utf-8"), encoding="utf-8")
    for command in ("crawl", "curate", "export"):
        run(command)
    first, again = (
        json.loads((folder / "exports" / "v001" / "manifest.json").read_text(encoding="utf-8"))
        for folder in (done, tmp_path)
    )
    assert first["content_hash"] == again["content_hash"]
