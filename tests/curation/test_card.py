"""The dataset card: what a reader needs to know, with names from sources as mere text."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from curation.card import dataset_card, inert
from curation.card_configs import pair_features
from curation.export import export
from tamiz.decisions import judge
from tamiz.records import Manifest, Turn, Verdict

HOSTILE = [
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "a`b`` | c",
    "![x](http://a.example/x.png)",
    "=HYPERLINK()",
    "# heading\n---\nlanguage: x",
    "\u202etxt\u200b\x00",
    "<!-- -->",
    "www.a.example http://a.example a@a.example",
]


def card_of(make_project, opened, pairs, *, more="") -> tuple[str, Manifest]:
    project = make_project(more=f"[export]\nmin_pairs = 4\nmax_risk = 'high'\n{more}")
    store = opened(project)
    store.add_pairs(pairs, "import:test")
    verdicts = [Verdict(pair=s.pair.id, version=1, decision="accept", by="rule:all") for s in store.pairs("new")]
    judge(store, verdicts)
    manifest = export(project, store)
    return (project.exports / manifest.version / "README.md").read_text(encoding="utf-8"), manifest


def test_a_card_says_what_is_in_the_version_and_how_it_was_divided(make_project, opened, distinct_pair) -> None:
    pairs = [
        distinct_pair(n, licence="CC0-1.0", source=("ayuda", "foro")[n % 2], group=f"own {n // 4}") for n in range(60)
    ]
    card, manifest = card_of(make_project, opened, pairs)
    assert manifest.content_hash in card
    for part, size in manifest.splits.items():
        assert f"| {part} | {size} | {size / 60:.1%} |" in card
    assert "| `foro` | 30 | 30 | `CC0-1.0` |" in card
    assert "| language | `es` | 40 |" in card
    assert "| groups in two parts | 0 |" in card
    share = manifest.siblings["random"] / manifest.siblings["test"]
    assert share > 0.5
    assert "| this one | 0 | 0% |" in card
    assert f"| {share:.0%} |" in card
    assert not re.search(r"\bNone\b|\{", card.split("\n---\n", 1)[1])


def test_texts_and_names_from_sources_are_inert_in_the_card(make_project, opened, distinct_pair) -> None:
    pairs = [
        distinct_pair(n, label=text, source=text, licence=text, question=f"{text} {n}?")
        for n, text in enumerate(HOSTILE)
    ]
    card, _ = card_of(make_project, opened, pairs)
    body = card.split("\n---\n", 1)[1].replace("![Shares as bars](balance.svg)", "")
    outside = re.sub(r"`[^`\n]*`", "", body.split("```python")[0])
    assert not re.search(r"[<>\[\]]|javascript|a\.example|HYPERLINK", outside)
    assert not re.search("[\u202e\u200b\x00<]", card)
    assert "\nlanguage: x" not in card
    rows = [line for line in body.splitlines() if line.startswith("|")]
    assert all(3 <= line.count("|") <= 7 for line in rows)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("foro", "`foro`", id="a plain name"),
        pytest.param("", "(none)", id="nothing"),
        pytest.param("a\n\nb", "`a b`", id="lines"),
        pytest.param("`", "`'`", id="a backtick"),
        pytest.param("x" * 100, f"`{'x' * 79}…`", id="a long one"),
    ],
)
def test_a_name_is_code_in_one_line(text, shown) -> None:
    assert inert(text) == shown


@pytest.fixture
def load(tmp_path, monkeypatch):
    """datasets.load_dataset with nothing but this machine."""
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_OFFLINE", True)
    return lambda folder, *name: datasets.load_dataset(str(folder), *name, cache_dir=str(tmp_path / "cache"))


def test_the_card_lets_datasets_load_the_folder(make_project, opened, distinct_pair, tmp_path, load) -> None:
    project_card, manifest = card_of(make_project, opened, [distinct_pair(n) for n in range(24)])
    assert "path: pairs/train.jsonl" in project_card
    [folder] = tmp_path.glob("project*/exports/v001")
    read = load(folder)
    assert {part: len(read[part]) for part in read} == manifest.splits


@pytest.fixture
def uneven(make_project, opened, distinct_pair, tmp_path):
    """A version in which only the one test pair has votes, a label, earlier turns, tools and a date."""
    call = json.dumps([{"id": "c1", "type": "function", "function": {"name": "bill", "arguments": "{}"}}])
    turns = [
        Turn(role="user", content="Hola"),
        Turn(role="assistant", content="", tool_calls=call),
        Turn(role="tool", content="42", tool_call_id="c1"),
    ]
    tools = json.dumps([{"type": "function", "function": {"name": "bill", "parameters": {"type": "object"}}}])
    filled = {"votes": 3, "accepted": True, "context": turns, "tools": tools, "written_at": "2024-05-01"}
    pairs = [distinct_pair(n, group="one thread", label="") for n in range(19)]
    pairs.append(distinct_pair(30, group="another", made_from=("0" * 32,), **filled))
    more = 'validation = 0\ntest = 0.05\nformats = ["json", "chat", "hf"]'
    card, manifest = card_of(make_project, opened, pairs, more=more)
    assert manifest.splits == {"train": 19, "validation": 0, "test": 1}
    [folder] = tmp_path.glob("project*/exports/v001")
    return folder, card, f"tamiz-{manifest.content_hash[:12]}"


def test_columns_that_are_empty_in_train_and_filled_in_test_load(uneven, load) -> None:
    folder, _, _ = uneven
    read = load(folder)
    assert read["train"][0]["votes"] is None
    last = read["test"][0]
    assert (last["votes"], last["accepted"], last["made_from"]) == (3, True, ["0" * 32])
    assert [turn["role"] for turn in last["context"]] == ["user", "assistant", "tool"]


def test_the_chat_form_loads_where_only_test_calls_tools(uneven, load) -> None:
    folder, card, name = uneven
    assert f'load_dataset("PATH/TO/THIS/FOLDER", "{name}-chat")' in card
    read = load(folder, f"{name}-chat")
    assert len(read["train"]) == 19
    messages = read["test"][0]["messages"]
    assert messages[1]["tool_calls"][0]["function"]["name"] == "bill"
    assert read["test"][0]["tools"][0]["function"]["parameters"] == {"type": "object"}


def test_the_json_and_hf_forms_load_where_a_part_is_empty(uneven, load) -> None:
    datasets = pytest.importorskip("datasets")
    folder, _, name = uneven
    read = load(folder, f"{name}-json")
    assert {part: len(read[part]) for part in read} == {"train": 19}  # the test pair has turns and tools
    assert read["train"].column_names == ["question", "answer", "id"]
    saved = datasets.load_from_disk(str(folder / "hf"))
    assert {part: len(saved[part]) for part in saved} == {"train": 19, "test": 1}


def test_the_card_names_every_column_of_the_pairs_in_their_order(uneven) -> None:
    folder, _, _ = uneven
    [row] = map(json.loads, (folder / "pairs/test.jsonl").read_text(encoding="utf-8").splitlines())
    assert [feature["name"] for feature in pair_features()] == list(row)


def test_notes_and_what_was_left_out_are_in_the_card(make_project, opened, distinct_pair) -> None:
    _, manifest = card_of(make_project, opened, [distinct_pair(n, group="one") for n in range(12)])
    told = replace(manifest, left_out={"waiting for a decision": 3, "rejected by rule <b>": 1})
    card = dataset_card(told)
    assert "| `waiting for a decision` | 3 |" in card
    assert "| `rejected by rule ‹b›` | 1 |" in card
    assert "must not be torn apart" in card.split("## Notes")[1]
    assert "no test pairs" in card


def test_a_manifest_read_again_gives_the_same_card(make_project, opened, distinct_pair, tmp_path) -> None:
    card, _ = card_of(make_project, opened, [distinct_pair(n) for n in range(24)])
    [path] = tmp_path.glob("project*/exports/v001/manifest.json")
    assert dataset_card(Manifest.from_dict(json.loads(path.read_text(encoding="utf-8")))) == card
