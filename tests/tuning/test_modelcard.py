"""A model card: what stands in it, whose words act in it (nobody's), and where its data is told."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from tamiz.cli import cli
from tamiz.records import Manifest, record_dict
from tuning.adapters import find_adapter
from tuning.modelcard import find_manifest, model_card

HOSTILE = "evil`|<script>alert(1)</script>\n# Heading\n![x](http://evil.example/x.png)"


@pytest.fixture(scope="module")
def adapter(made_adapter, tmp_path_factory):
    return made_adapter(tmp_path_factory.mktemp("cards") / "adapters", "one", "gemma3")


def with_sources(export, sources):
    manifest = Manifest.from_dict(json.loads((export / "manifest.json").read_text()))
    return replace(manifest, sources=sources, languages={"es": 20, "en": 4})


def test_data_settings_results_limits_and_licences_stand_in_it(adapter, toy_export):
    sources = {"help": {"pairs": 24, "pages": 3, "licences": ["CC-BY-4.0"]}, "forum": {"pairs": 8, "licences": []}}
    results = {"base": {"loss": 3.0, "chrf": 10.0}, "tuned": {"loss": 1.5, "chrf": 40.0}}
    proof = {"verdict": "helped", "line": "helped: loss fell", "recommended": True, "changes": {"loss": [-1.5, -2, -1]}}
    card = replace(adapter.card, results=results, proof=proof)
    text = model_card(card, with_sources(toy_export, sources), gemma=True)
    for wanted in (
        "license_name: ", "helped: loss fell", "It is recommended", "| `help` | 24 | `CC-BY-4.0` |",
        "| `forum` | 8 | not stated |", "`es` 20, `en` 4", "| lora.r | `4` |", "| loss | 3.000 | 1.500 |",
        "-2.000 to -1.000", "## Limits", "Gemma Terms of Use found at ai.google.dev/gemma/terms",
    ):  # fmt: skip
        assert wanted in text


def test_nothing_that_a_page_says_acts_in_it(adapter, toy_export):
    card = replace(adapter.card, base_origin=HOSTILE, base_licence=HOSTILE, dataset_version=HOSTILE)
    card = replace(card, proof={"line": HOSTILE, "verdict": "harmed"})
    text = model_card(card, with_sources(toy_export, {HOSTILE: {"pairs": 1, "licences": [HOSTILE]}}))
    _, front, body = text.split("---\n", 2)
    assert "\n# Heading" not in text
    assert len([line for line in front.split("\n") if line.startswith("license_name: ")]) == 1
    for line in body.split("\n"):
        for place in range(len(line)):
            if line.startswith(("<script>", "![x]"), place):
                assert line[:place].count("`") % 2 == 1, line


def test_a_run_on_an_adapter_does_not_show_that_adapter_as_the_base(adapter):
    settings = {**adapter.card.settings, "method": "dpo", "start": "taught", "beta": 0.2}
    results = {"base": {"loss": 3.0}, "tuned": {"loss": 1.5}}
    text = model_card(replace(adapter.card, settings=settings, results=results), None)
    assert "starting from the adapter `taught`." in text
    assert "the adapter `taught` that it started from (base), and this adapter (tuned)" in text
    assert "| start | `taught` |\n| beta | `0.2` |" in text
    plain = model_card(replace(adapter.card, results=results), None)
    assert "answers greedy: the base, and this adapter" in plain
    assert "| beta |" not in plain


def test_a_classifier_has_limits_of_its_own(adapter):
    card = replace(adapter.card, task="classify", results={"base": {"accuracy": 0.5}, "tuned": {"accuracy": 0.9}})
    text = model_card(card, None)
    assert "one of the labels that it was trained on" in text
    assert "tone of its data" not in text
    assert "greedy" not in text
    assert "tone of its data" in model_card(adapter.card, None)


def test_a_rank_that_layers_could_not_have_is_told(adapter):
    cut = "lora.r of v_proj = 16: the highest rank that fits there; lora.r is 32"
    settings = {**adapter.card.settings, "reasons": ["lora.r = 32: given", cut]}
    assert f"| lora.r in part | `{cut}` |" in model_card(replace(adapter.card, settings=settings), None)


def test_a_sure_change_does_not_read_as_none(adapter):
    proof = {"line": "helped", "changes": {"loss": [-0.2, -0.4, -0.0004]}}
    card = replace(adapter.card, proof=proof, results={"base": {"loss": 3.0}, "tuned": {"loss": 1.5}})
    assert "95% interval -0.4000 to -0.0004" in model_card(card, None)


def test_an_adapter_without_scores_says_so(adapter):
    assert "nothing was proved of this adapter" in model_card(adapter.card, None)
    assert "manifest was not at hand" in model_card(adapter.card, None)


def test_the_manifest_of_another_version_is_not_taken_for_its_own(adapter, toy_export):
    assert find_manifest(adapter.card, toy_export.parent) is None
    own = json.loads((toy_export / "manifest.json").read_text())["content_hash"]
    found = find_manifest(replace(adapter.card, dataset_hash=own), toy_export.parent)
    assert found is not None
    assert found.version == "v001"
    assert find_manifest(replace(adapter.card, dataset_version="../v001", dataset_hash=own), toy_export.parent) is None


def test_the_command_writes_it_into_the_adapters_folder(adapter):
    folder = adapter.folder.parents[1]
    (folder / "tamiz.toml").write_text("")
    card = replace(adapter.card, base_licence="Apache-2.0")
    (adapter.folder / "runcard.json").write_text(json.dumps(record_dict(card)))
    (adapter.folder / "README.md").unlink()
    done = CliRunner().invoke(cli, ["--project", str(folder), "adapters", "card", "one"])
    assert done.exit_code == 0, done.output
    assert 'license_name: "Apache-2.0"' in (find_adapter(adapter.folder.parent, "one").folder / "README.md").read_text()
