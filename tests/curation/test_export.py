"""Dataset versions: whole or not there, the same from the same, and every line with where it came from."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from curation.export import export, is_stale, newest_export
from tamiz.decisions import judge
from tamiz.errors import InputError, SettingsError, TooFewPairs
from tamiz.files import file_sha256
from tamiz.project import Project
from tamiz.records import Manifest, Page, Pair, Turn, Verdict
from tamiz.store import PageReading

SMALL = "[export]\nmin_pairs = 4\n"


def accept_all(store) -> None:
    judge(
        store,
        [Verdict(pair=s.pair.id, version=s.version, decision="accept", by="rule:all") for s in store.pairs("new")],
    )


@pytest.fixture
def filled(make_project, opened, distinct_pair):
    def fill(count: int = 24, *, order: int = 0, more: tuple[Pair, ...] = ()):
        project = make_project(more=SMALL)
        store = opened(project)
        pairs = [*(distinct_pair(n) for n in range(count)), *more]
        store.add_pairs(random.Random(order).sample(pairs, len(pairs)) if order else pairs, "import:test")
        accept_all(store)
        return project, store

    return fill


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def test_an_export_has_manifest_pairs_and_a_folder_for_each_format(filled) -> None:
    project, store = filled()
    manifest = export(project, store, ["chat", "json", "hf"])
    folder = project.exports / "v001"
    assert manifest == newest_export(project)
    assert manifest.version == "v001"
    assert sum(manifest.splits.values()) == 24
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {"manifest.json", "README.md", *manifest.files}
    for path, facts in manifest.files.items():
        assert file_sha256(folder / path) == facts["sha256"]
    for part, size in manifest.splits.items():
        assert manifest.files[f"pairs/{part}.jsonl"]["rows"] == size == len(lines(folder / "pairs" / f"{part}.jsonl"))
        plain = json.loads((folder / "json" / f"{part}.json").read_text(encoding="utf-8"))
        assert [set(row) for row in plain] == [{"question", "answer", "id"}] * size
        assert len(lines(folder / "chat" / f"{part}.jsonl")) == size


def test_the_datasets_folder_is_read_by_datasets(filled) -> None:
    datasets = pytest.importorskip("datasets")
    project, store = filled()
    manifest = export(project, store, ["hf"])
    read = datasets.load_from_disk(str(project.exports / "v001" / "hf"))
    assert {part: len(read[part]) for part in read} == manifest.splits
    assert read["train"].column_names[:6] == ["question", "answer", "lang", "label", "id", "url"]


def test_chat_has_the_earlier_turns_and_tool_calls_in_the_openai_form(filled, distinct_pair) -> None:
    call = '[{"id": "c1", "type": "function", "function": {"name": "line", "arguments": "{}"}}]'
    context = (
        Turn(role="user", content="No tengo línea"),
        Turn(role="assistant", content="", tool_calls=call),
        Turn(role="tool", content="down", tool_call_id="c1"),
    )
    pair = distinct_pair(900, context=context, tools='[{"type": "function", "function": {"name": "line"}}]')
    project, store = filled(more=(pair,))
    export(project, store, ["chat"])
    rows = [
        row for part in ("train", "validation", "test") for row in lines(project.exports / f"v001/chat/{part}.jsonl")
    ]
    [row] = [row for row in rows if len(row["messages"]) == 5]
    assert [message["role"] for message in row["messages"]] == ["user", "assistant", "tool", "user", "assistant"]
    assert row["messages"][1]["tool_calls"][0]["function"]["name"] == "line"
    assert row["messages"][2]["tool_call_id"] == "c1"
    assert row["tools"][0]["function"]["name"] == "line"


def test_every_line_can_be_traced_to_its_page(make_project, opened, distinct_pair) -> None:
    project = make_project(more=SMALL)
    store = opened(project)
    page = Page(
        url="https://a.example/p",
        final_url="https://a.example/p/",
        fetched_at="2026-01-31T09:30:00+00:00",
        status=200,
        content_type="text/html",
        content_hash="ab" * 32,
        source="ayuda",
        robots="allowed",
        licence="CC0-1.0",
    )
    pairs = [distinct_pair(n, page=page.id) for n in range(6)]
    store.add_page(page, pairs, PageReading(page=page.id, kind="faq", reason="", found=6))
    accept_all(store)
    manifest = export(project, store)
    rows = [row for part in manifest.splits for row in lines(project.exports / f"v001/pairs/{part}.jsonl")]
    assert {row["id"] for row in rows} == {pair.id for pair in pairs}
    for row in rows:
        assert (row["fetched_at"], row["robots"], row["licence"]) == (page.fetched_at, "allowed", "CC0-1.0")
        assert row["final_url"] == page.final_url
    assert manifest.sources == {"ayuda": {"pairs": 6, "pages": 1, "licences": ["CC0-1.0"]}}


def test_nothing_new_gives_the_same_version_unless_asked_again(filled) -> None:
    project, store = filled()
    first = export(project, store)
    assert export(project, store) == first
    again = export(project, store, again=True)
    assert (again.version, again.content_hash) == ("v002", first.content_hash)
    assert unnamed(again) == unnamed(first)


def unnamed(manifest: Manifest) -> dict[str, dict]:
    """The files of a version without those that name the version."""
    return {path: facts for path, facts in manifest.files.items() if not path.endswith("trl.yaml")}


def test_the_same_pairs_give_the_same_bytes_in_whatever_order_they_came(filled) -> None:
    results = []
    for order in (0, 1, 2):
        project, store = filled(order=order)
        results.append(export(project, store))
    assert len({result.content_hash for result in results}) == 1
    assert results[0].files == results[1].files == results[2].files


def test_the_bytes_do_not_depend_on_the_hash_seed(filled) -> None:
    project, store = filled()
    expected = export(project, store)
    code = """
        import sys
        from pathlib import Path
        from curation.export import export
        from tamiz.project import Project
        from tamiz.store import Store
        project = Project.open(Path(sys.argv[1]))
        with Store.open(project.store_url) as store:
            print(export(project, store, again=True).content_hash)
    """
    for seed in ("1", "77"):
        child = [sys.executable, "-c", textwrap.dedent(code), str(project.folder)]
        printed = subprocess.run(
            child, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True, text=True
        )
        assert printed.stdout.strip() == expected.content_hash
    assert unnamed(newest_export(project)) == unnamed(expected)


def test_a_change_makes_the_newest_export_stale(filled, distinct_pair) -> None:
    project, store = filled()
    assert is_stale(project, store)
    export(project, store, ["chat"])
    assert not is_stale(project, store)
    store.add_pairs([distinct_pair(500)], "import:test")
    assert not is_stale(project, store)  # it is not accepted yet
    accept_all(store)
    assert is_stale(project, store)
    assert export(project, store).version == "v002"


def test_what_is_left_out_is_counted_by_reason(filled, distinct_pair) -> None:
    project, store = filled()
    store.add_pairs([distinct_pair(n) for n in range(500, 505)], "import:test")
    pairs = [distinct_pair(n) for n in (500, 501)]
    judge(store, [Verdict(pair=pair.id, version=1, decision="reject", by="rule:exact-copies") for pair in pairs])
    judge(store, [Verdict(pair=distinct_pair(502).id, version=1, decision="reject", by="person:ana")])
    left_out = export(project, store).left_out
    assert left_out == {"not curated yet": 2, "rejected by rule exact-copies": 2, "rejected in review": 1}


@pytest.mark.parametrize(
    ("state", "following"),
    [
        pytest.param("new", "tamiz curate", id="not curated"),
        pytest.param("none", "tamiz crawl or import", id="nothing there"),
    ],
)
def test_too_few_pairs_say_how_many_there_are_and_what_to_do(
    make_project, opened, distinct_pair, state, following
) -> None:
    project = make_project()
    store = opened(project)
    if state == "new":
        store.add_pairs([distinct_pair(1)], "import:test")
    with pytest.raises(TooFewPairs, match=rf"0 pairs are accepted.*20.*({following})"):
        export(project, store)
    assert not project.exports.exists()


def test_an_unknown_format_is_refused_with_those_there_are(filled) -> None:
    project, store = filled()
    with pytest.raises(SettingsError, match=r"'xml' is no export format.*json, chat, hf"):
        export(project, store, ["xml"])
    with pytest.raises(SettingsError, match=r"'xml' and 'csv' are no export formats"):
        export(project, store, ["json,xml", "csv"])


def test_several_formats_are_given_one_by_one_or_with_commas(filled) -> None:
    project, store = filled()
    manifest = export(project, store, ["alpaca, chat", "json"])
    assert manifest.settings["formats"] == ["json", "chat", "alpaca"]


def test_a_damaged_manifest_is_named(filled) -> None:
    project, store = filled()
    export(project, store)
    (project.exports / "v001" / "manifest.json").write_text("{")
    with pytest.raises(InputError, match=r"v001/manifest\.json"):
        newest_export(project)


def test_hostile_texts_come_through_to_json_unharmed(filled, distinct_pair) -> None:
    texts = [
        '=HYPERLINK("http://a.example")',
        "<script>alert(1)</script> a\x00b\ud800c",
        "línea\u2028separada\u2029 y \x85 más",
        "\u202eanimret\u202c \u200bzero",
        "palabra" * 150_000,
        'emoji 👩‍👩‍👧 y {"json": [1, 2]} \\n " \' `',
        "NFD: cafe\u0301",
    ]
    hostile = [distinct_pair(700 + n, answer=text) for n, text in enumerate(texts)]
    project, store = filled(more=tuple(hostile))
    manifest = export(project, store, ["json", "chat", "hf"])
    found = set()
    for part in manifest.splits:
        rows = lines(project.exports / f"v001/pairs/{part}.jsonl")
        plain = json.loads((project.exports / f"v001/json/{part}.json").read_text(encoding="utf-8"))
        chats = lines(project.exports / f"v001/chat/{part}.jsonl")
        assert [row["answer"] for row in rows] == [row["answer"] for row in plain]
        assert [row["answer"] for row in rows] == [chat["messages"][-1]["content"] for chat in chats]
        found |= {row["answer"] for row in rows}
    assert {pair.answer for pair in hostile} <= found
    assert not any("\x00" in text or "\ud800" in text for text in found)


def test_two_exports_at_once_take_different_numbers(filled) -> None:
    project, store = filled()
    first = export(project, store)
    (project.exports / "v003").mkdir()
    (project.exports / "v003" / "manifest.json").write_bytes((project.exports / "v001" / "manifest.json").read_bytes())
    assert export(project, store, again=True).version == "v004"
    assert first.version == "v001"


CHILD = """
    import sys
    from pathlib import Path
    from curation.export import export
    from tamiz.project import Project
    from tamiz.store import Store
    project = Project.open(Path(sys.argv[1]))
    with Store.open(project.store_url) as store:
        export(project, store)
        print("first", flush=True)
        while True:
            export(project, store, again=True)
"""


def test_a_kill_during_export_leaves_whole_versions_only(filled) -> None:
    project, store = filled()
    first = export(project, store)
    strays = 0
    for number in range(5):
        child = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(CHILD), str(project.folder)], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        assert child.stdout.readline() == b"first\n"
        while not list(project.exports.glob(".writing-*")):
            assert child.poll() is None
        time.sleep(0.004 * number)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        strays += len(list(project.exports.glob(".writing-*")))
    assert strays
    reopened = Project.open(project.folder)
    folders = sorted(path.name for path in reopened.exports.iterdir())
    assert "v001" in folders
    assert all(name.startswith("v") for name in folders)  # what was half-written is swept away
    for name in folders:
        manifest = json.loads((reopened.exports / name / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["content_hash"] == first.content_hash
        for path, facts in manifest["files"].items():
            assert file_sha256(reopened.exports / name / path) == facts["sha256"]


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_file_in_the_place_of_the_exports_is_named(filled, kind: str) -> None:
    project, store = filled()
    if kind == "file":
        project.exports.touch()
    else:
        project.exports.symlink_to(project.folder / "nowhere")
    with pytest.raises(InputError, match="exports is no folder"):
        export(project, store)
