"""Every format of an export: what it holds, what it leaves out, and that each line leads back to its pair."""

from __future__ import annotations

import json
import unicodedata

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from curation.lineage import lineage, pair_of_line
from tamiz.cli import cli
from tamiz.files import file_sha256
from tamiz.settings import EXPORT_FORMATS

LINES = [name for name in EXPORT_FORMATS if name not in ("hf", "parquet")]
DIALOGUES = ["chat", "openai", "sharegpt", "prompt-completion"]


def test_every_file_is_in_the_manifest_with_its_hash_and_rows(made) -> None:
    found = {path.relative_to(made.folder).as_posix() for path in made.folder.rglob("*") if path.is_file()}
    assert found == {"manifest.json", "README.md", *made.manifest.files}
    assert all(file_sha256(made.folder / path) == facts["sha256"] for path, facts in made.manifest.files.items())
    for name, facts in made.manifest.formats.items():
        ending = {"json": "json", "parquet": "parquet"}.get(name, "jsonl")
        for part, count in facts["lines"].items():
            if name != "hf" and (count or not name.startswith(("dpo", "kto"))):
                assert made.manifest.files[f"{name}/{part}.{ending}"]["rows"] == count


@pytest.mark.parametrize("name", [*EXPORT_FORMATS, "dpo/sharegpt", "kto/sharegpt"])
def test_every_line_has_an_id_that_the_command_resolves(made, name) -> None:
    rows = list(_rows(made, name))
    assert len(rows) == sum(made.manifest.formats[name]["lines"].values()) > 0
    ids = {row[key] for row in rows for key in ("id", "rejected_id") if key in row}
    for one in ids:
        assert lineage(made.store, one)[0].stored.pair.id == one
    [some] = [row["id"] for row in rows][:1]
    told = CliRunner().invoke(cli, ["--project", str(made.project.folder), "lineage", some])
    assert told.exit_code == 0
    assert some in told.output
    assert made.store.pair(some).pair.url in told.output


def _rows(made, name):
    """All lines of a format, whatever its files are."""
    if name not in ("hf", "parquet"):
        yield from (line for part in made.manifest.splits for line in made.lines(name, part))
        return
    for path in sorted((made.folder / name).rglob("*.arrow" if name == "hf" else "*.parquet")):
        table = pa.ipc.open_stream(path).read_all() if name == "hf" else pq.read_table(path)
        yield from table.to_pylist()


def test_a_line_of_any_file_is_found_by_its_number(made) -> None:
    first = made.lines("pairs", "train")[0]["id"]
    version = f"exports/{made.manifest.version}"
    assert pair_of_line(f"{version}/json/train.json:2", made.project.folder) == made.lines("json", "train")[0]["id"]
    assert pair_of_line(f"{version}/chat/train.jsonl:1", made.project.folder) == first
    assert pair_of_line(f"{version}/parquet/train.parquet:1", made.project.folder) == first
    [arrow] = (made.folder / "hf" / "train").glob("*.arrow")
    assert pair_of_line(f"{arrow}:1", made.project.folder) == first


@pytest.mark.parametrize("name", ["json", "alpaca"])
def test_a_format_of_single_questions_names_what_it_cannot_hold(made, name) -> None:
    left = {line["id"]: line["reason"] for line in _left_out(made, name)}
    assert left == {
        made.named["two turns"]: "has earlier turns",
        made.named["a system turn"]: "has earlier turns",
        made.named["a question asked twice"]: "has earlier turns",
        made.named["a call and its result"]: "has tool calls",
        made.named["two calls at once"]: "has tool calls",
        made.named["a call that nobody answered"]: "has tool calls",
        made.named["words beside a call"]: "has tool calls",
        made.named["tools that nobody called"]: "has tools",
    }
    assert not left.keys() & made.by_id(name).keys()
    assert made.manifest.formats[name]["left_out"] == {"has earlier turns": 3, "has tool calls": 4, "has tools": 1}


@pytest.mark.parametrize("name", [*DIALOGUES, "json", "alpaca"])
def test_no_pair_is_dropped_in_silence(made, name) -> None:
    everyone = {line["id"] for part in made.manifest.splits for line in made.lines("pairs", part)}
    assert made.by_id(name).keys() | {line["id"] for line in _left_out(made, name)} == everyone


def test_a_dialogue_with_two_calls_is_whole_in_every_format_that_can_hold_one(made) -> None:
    pair = made.store.pair(made.named["two calls at once"]).pair
    chat, openai = made.by_id("chat")[pair.id], made.by_id("openai")[pair.id]
    roles = ["system", "user", "assistant", "tool", "tool", "assistant", "user", "assistant"]
    assert [message["role"] for message in chat["messages"]] == roles
    assert [one["function"]["arguments"] for one in chat["messages"][2]["tool_calls"]] == [
        {"line": "8"},
        {"months": 1, "paid": False},
    ]
    assert [json.loads(one["function"]["arguments"]) for one in openai["messages"][2]["tool_calls"]] == [
        {"line": "8"},
        {"months": 1, "paid": False},
    ]
    assert [message["tool_call_id"] for message in chat["messages"][3:5]] == ["c1", "c2"]
    assert chat["tools"] == openai["tools"] == json.loads(pair.tools)
    divided = made.by_id("prompt-completion")[pair.id]
    assert [*divided["prompt"], *divided["completion"]] == chat["messages"]
    said = made.by_id("sharegpt")[pair.id]
    assert [turn["from"] for turn in said["conversations"]] == [
        *("system", "human", "function_call", "observation", "gpt", "human", "gpt")
    ]
    assert json.loads(said["conversations"][2]["value"])[1] == {
        "name": "last_bill",
        "arguments": {"months": 1, "paid": False},
    }
    assert json.loads(said["conversations"][3]["value"]) == ["up", "42 €"]
    assert json.loads(said["tools"]) == json.loads(pair.tools)


def test_an_answer_after_a_result_follows_it_and_the_question_is_said_once(made) -> None:
    line = made.by_id("chat")[made.named["a call and its result"]]
    assert [message["role"] for message in line["messages"]] == ["user", "assistant", "tool", "assistant"]


@pytest.mark.parametrize(
    ("name", "what", "reason"),
    [
        ("sharegpt", "a question asked twice", "has turns in which the two sides do not alternate"),
        ("sharegpt", "words beside a call", "has a turn that says something and calls a tool"),
        ("openai", "a call that nobody answered", "has a tool call that no tool answers"),
    ],
)
def test_what_a_format_would_lose_is_left_out_with_the_reason(made, name, what, reason) -> None:
    assert {"id": made.named[what], "part": made.part_of(made.named[what]), "reason": reason} in _left_out(made, name)
    assert made.named[what] in made.by_id("chat")


@pytest.mark.parametrize("name", [name for name in LINES if name != "dpo"])
def test_odd_texts_come_through_unchanged(made, name) -> None:
    lines = made.by_id(name)
    for number in range(9):
        pair = made.store.pair(made.named[f"odd {number}"]).pair
        assert "\x00" not in pair.answer
        assert unicodedata.is_normalized("NFC", pair.answer)
        texts = list(_texts(lines[pair.id]))
        assert pair.question in texts
        assert pair.answer in texts


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _left_out(made, name) -> list[dict]:
    path = made.folder / name / "left_out.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
