"""Reading an export: whole, unchanged, enough."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tamiz.errors import InputError, TooFewPairs
from tuning.data import check_labels, check_sizes, read_export


def test_an_export_is_read_with_its_splits(toy_export):
    data = read_export(toy_export)
    assert (len(data.train), len(data.validation), len(data.test)) == (24, 4, 4)
    assert data.manifest.version == "v001"
    assert data.train[0].question == "What is on the red door?"


def test_earlier_turns_and_tool_calls_come_with_their_pair(toy, tmp_path):
    turns = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "", "tool_calls": '[{"name": "find"}]', "tool_call_id": "", "note": "new"},
    ]
    folder = toy.export(tmp_path / "v1", train=[toy.row("q", "a\u2028b", context=turns)], test=[])
    example = read_export(folder).train[0]
    assert [turn.role for turn in example.context] == ["user", "assistant"]
    assert example.context[1].tool_calls == '[{"name": "find"}]'
    assert example.answer == "a\u2028b"


def test_a_changed_file_is_refused(toy, tmp_path):
    folder = toy.export(tmp_path / "v1", train=toy.rows(), test=[])
    path = folder / "pairs" / "train.jsonl"
    path.write_text(path.read_text().replace("red", "rot"))
    with pytest.raises(InputError, match="was changed after it was exported"):
        read_export(folder)


def test_a_missing_file_is_refused(toy, tmp_path):
    folder = toy.export(tmp_path / "v1", train=toy.rows(), test=[])
    (folder / "pairs" / "train.jsonl").unlink()
    with pytest.raises(InputError, match="not there"):
        read_export(folder)


def test_a_folder_without_manifest_says_how_to_export(tmp_path):
    with pytest.raises(InputError, match="Run: tamiz export"):
        read_export(tmp_path)


@pytest.mark.parametrize("content", ["[]", "{", '{"version": 1}', "null"])
def test_a_broken_manifest_is_refused(tmp_path, content):
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(InputError, match="cannot be read as a manifest"):
        read_export(tmp_path)


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "x"}'])
def test_a_line_that_is_no_pair_is_named(toy, tmp_path, line):
    import hashlib

    folder = toy.export(tmp_path / "v1", train=toy.rows(), test=[])
    path = folder / "pairs" / "train.jsonl"
    path.write_text(path.read_text() + line + "\n")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["pairs/train.jsonl"]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="line 33 is no pair"):
        read_export(folder)


def test_too_few_pairs_are_counted_and_the_way_to_more_is_named(toy, tmp_path):
    few = toy.export(tmp_path / "v1", train=toy.rows()[:5], test=toy.rows()[5:6])
    with pytest.raises(TooFewPairs, match=r"v1 has 5 training pairs.*tamiz review"):
        check_sizes(read_export(few))
    untested = toy.export(tmp_path / "v2", train=toy.rows(), test=[])
    with pytest.raises(TooFewPairs, match=r"empty test split.*\[export\] test"):
        check_sizes(read_export(untested))


@pytest.mark.parametrize(
    ("told", "message"),
    [
        pytest.param({"settings": {"export": {"test": 0}}}, "Set .export. test to a share such as 0.1", id="no share"),
        pytest.param(
            {"settings": {"export": {"test": 0.1}}, "proof": {"groups": 1}},
            r"test is 0\.1, but all pairs lie in one group .*Accept pairs of other pages",
            id="one group",
        ),
        pytest.param(
            {"settings": {"export": {"test": 0.1}}, "proof": {"groups": 9}, "notes": ["test has 0 pairs, because"]},
            r"test is 0\.1: test has 0 pairs, because\. Raise it",
            id="what the export noted",
        ),
        pytest.param({}, "where it is 0; where it is not, too few groups", id="nothing told"),
    ],
)
def test_an_empty_test_split_is_told_with_its_cause(toy, tmp_path, told, message):
    folder = toy.export(tmp_path / "v1", train=toy.rows(), test=[])
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | told))
    with pytest.raises(TooFewPairs, match=message):
        check_sizes(read_export(folder))


def test_a_classifier_needs_two_labels_and_says_where_they_come_from(toy, tmp_path):
    rows = [{**r, "label": ""} for r in toy.rows()]
    with pytest.raises(TooFewPairs, match=r"has no labels on 0 of 32.*FAQ sections"):
        check_labels(read_export(toy.export(tmp_path / "v1", train=rows, test=rows)))
    one = [{**r, "label": "same"} for r in toy.rows()]
    with pytest.raises(TooFewPairs, match="only the label 'same'"):
        check_labels(read_export(toy.export(tmp_path / "v2", train=one, test=one)))
    sparse = [{**r, "label": r["label"] if n < 4 else ""} for n, r in enumerate(toy.rows())]
    with pytest.raises(TooFewPairs, match="a label on 4 of 32"):
        check_labels(read_export(toy.export(tmp_path / "v3", train=sparse, test=sparse)))
    with pytest.raises(TooFewPairs, match="no test pair"):
        check_labels(read_export(toy.export(tmp_path / "v4", train=toy.rows(), test=rows)))


def test_an_export_is_refused_before_torch_is_loaded(tmp_path):
    code = f"""
import sys
from pathlib import Path
from tamiz.errors import InputError
from tamiz.settings import TuningSettings
from tuning.train import tune
import tuning.adapters, tuning.card, tuning.compare, tuning.models
try:
    tune(Path({str(tmp_path)!r}), TuningSettings(), name="a", runs=Path("r"), adapters=Path("a"))
except InputError:
    print("torch" in sys.modules, "transformers" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False"
