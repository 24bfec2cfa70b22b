"""The files of an export in the hands of those that train on them: datasets, TRL, LLaMA-Factory, Axolotl."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from curation.formats.configs import LLAMA_FACTORY
from tamiz.settings import EXPORT_FORMATS

TEMPLATE = """\
{%- if tools %}TOOLS {{ tools | tojson }}\n{% endif %}
{%- for message in messages %}<|{{ message.role }}|>{{ message.content or '' }}
{%- for call in message.tool_calls or [] %} CALL {{ call.function.name }} {{ call.function.arguments | tojson }}
{%- endfor %}<|end|>
{% endfor %}
{%- if add_generation_prompt %}<|assistant|>{% endif %}"""


@pytest.fixture
def load(tmp_path, monkeypatch):
    """datasets.load_dataset with nothing but this machine."""
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    return datasets.load_dataset


def config(made, name: str) -> str:
    return f"tamiz-{made.manifest.content_hash[:12]}-{name}"


@pytest.mark.parametrize("name", [name for name in EXPORT_FORMATS if name not in ("hf", "parquet")])
def test_datasets_loads_every_format_by_its_name_in_the_card(made, load, name) -> None:
    read = load(str(made.folder), config(made, name))
    facts = made.manifest.formats[name]["lines"]
    assert {part: len(read[part]) for part in read} == {part: count for part, count in facts.items() if count}
    for row, written in zip(read["train"], made.lines(name, "train"), strict=True):
        plain = {key: value for key, value in written.items() if isinstance(value, str | bool)}
        assert {key: row[key] for key in plain} == plain


@pytest.mark.parametrize("name", ["chat", "openai", "prompt-completion"])
def test_tools_and_calls_come_out_of_datasets_as_they_were_written(made, load, name) -> None:
    read = load(str(made.folder), config(made, name))
    pair = made.named["two calls at once"]
    [row] = [row for row in read[made.part_of(pair)] if row["id"] == pair]
    written = made.by_id(name)[pair]
    assert row["tools"] == written["tools"]
    messages, before = (one.get("messages") or one["prompt"] for one in (row, written))
    assert messages[2]["tool_calls"] == before[2]["tool_calls"]
    assert [message["content"] for message in messages] == [message["content"] for message in before]


def test_the_tables_have_every_pair_with_its_turns_and_odd_texts(made, load) -> None:
    datasets = pytest.importorskip("datasets")
    folder = datasets.load_from_disk(str(made.folder / "hf"))
    tables = load(
        "parquet", data_files={part: f"{made.folder}/parquet/{part}.parquet" for part in made.manifest.splits}
    )
    for part in made.manifest.splits:
        rows = list(tables[part])
        assert rows == list(folder[part])
        pairs = made.lines("pairs", part)
        assert [row["id"] for row in rows] == [line["id"] for line in pairs]
        for row, line in zip(rows, pairs, strict=True):
            assert {name: row[name] for name in line} == line


class Sides:
    """What LLaMA-Factory's loader takes for the sides of a conversation (its data/converter.py)."""

    asking, answering = {"human", "observation"}, {"gpt", "function_call"}


def test_dataset_info_names_files_columns_and_tags_that_are_there(made) -> None:
    info = json.loads((made.folder / "dataset_info.json").read_text(encoding="ascii"))
    assert {"json", "alpaca", "sharegpt", "sharegpt_validation", "dpo", "kto"} <= info.keys()
    for about in info.values():
        rows = rows_of(made.folder / about["file_name"])
        assert rows
        for row in rows:
            assert all(column in row for column in about["columns"].values())
            if about["formatting"] == "sharegpt":
                assert len(about["tags"]) == 7  # a tag that is not named has no default once one is
                check_conversation(row, about)


def check_conversation(row: dict[str, Any], about: dict[str, Any]) -> None:
    """As LLaMA-Factory checks it before it passes over a row."""
    turns = row["conversations"]
    turns = turns[1:] if turns[0]["from"] == "system" else turns
    for number, turn in enumerate(turns):
        assert turn["from"] in (Sides.answering if number % 2 else Sides.asking)
        assert isinstance(turn["value"], str)
        if turn["from"] == "function_call":
            made = json.loads(turn["value"])
            assert all({"name", "arguments"} == call.keys() for call in (made if isinstance(made, list) else [made]))
    assert len(turns) % 2 == (1 if about.get("ranking") else 0)
    assert isinstance(row["tools"], str)
    if about.get("ranking"):
        assert row["chosen"]["from"] == row["rejected"]["from"] == "gpt"


def rows_of(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.split("\n") if line]


@pytest.fixture
def llama_factory(monkeypatch) -> None:
    """Its reader, which imports torchaudio for recordings: an empty module stands there, for we have texts alone, and
    the newest torchaudio is built for an older torch than the newest."""
    pytest.importorskip("llamafactory", reason="LLaMA-Factory is not here; run: pip install --no-deps llamafactory")
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    recordings = ModuleType("torchaudio")
    recordings.__spec__ = ModuleSpec("torchaudio", None)
    monkeypatch.setitem(sys.modules, "torchaudio", recordings)


def test_llama_factory_reads_all_of_it(made, load, llama_factory) -> None:
    from llamafactory.data.converter import get_dataset_converter
    from llamafactory.data.parser import get_dataset_list
    from llamafactory.data.tool_utils import get_tool_utils

    info = json.loads((made.folder / "dataset_info.json").read_text(encoding="ascii"))
    for attributes in get_dataset_list(list(info), str(made.folder)):
        path = made.folder / attributes.dataset_name
        rows = load("json", data_files=str(path), split="train")
        assert len(rows) == len(rows_of(path))
        convert = get_dataset_converter(attributes.formatting, attributes, None)
        for row in rows:
            found = convert(row)
            assert len(found["_prompt"]) % 2 == 1
            assert len(found["_response"]) == (2 if attributes.ranking or attributes.kto_tag else 1)
            assert any(response["content"] for response in found["_response"])
            if found["_tools"]:
                assert "name" in get_tool_utils("qwen").tool_formatter(json.loads(found["_tools"]))


def test_every_entry_for_llama_factory_is_of_a_format_that_is_written() -> None:
    assert {name.partition("/")[0] for name in LLAMA_FACTORY} <= set(EXPORT_FORMATS)


@pytest.mark.parametrize("name", ["chat", "openai", "alpaca", "dpo"])
def test_axolotl_is_told_a_file_and_fields_that_are_there(made, name) -> None:
    yaml = pytest.importorskip("yaml")
    read = yaml.safe_load((made.folder / name / "axolotl.yaml").read_text(encoding="utf-8"))
    assert read.get("rl") == ("dpo" if name == "dpo" else None)
    [train], tests = read["datasets"], read.get("test_datasets", [])
    assert train["path"] == f"{name}/train.jsonl"
    for about in (train, *tests):
        lines = rows_of(made.folder / about["path"])
        wanted = [value for key, value in about.items() if key.startswith("field_") and key != "field_tools"]
        assert all(field in line for line in lines for field in wanted)
    assert {about["path"] for about in tests} <= {f"{name}/validation.jsonl"}


AXOLOTL = "Axolotl is not here; run: pip install --no-deps axolotl addict"


@pytest.mark.parametrize("name", ["chat", "openai"])
def test_axolotl_trains_on_the_answers_of_dialogues(made, load, name) -> None:
    pytest.importorskip("axolotl", reason=AXOLOTL)
    from axolotl.prompt_strategies.chat_template import load as strategy_of
    from axolotl.utils.dict import DictDefault
    from axolotl.utils.schemas.datasets import SFTDataset

    yaml = pytest.importorskip("yaml")
    [about] = yaml.safe_load((made.folder / name / "axolotl.yaml").read_text(encoding="utf-8"))["datasets"]
    checked = SFTDataset(**about).model_dump(exclude_none=True)
    settings = DictDefault({"chat_template": "tokenizer_default", "sequence_len": 4096, "train_on_inputs": False})
    strategy = strategy_of(tokenizer(), settings, ds_cfg=checked)
    rows = {row["id"]: row for row in load("json", data_files=str(made.folder / about["path"]), split="train")}
    assert len(rows) == made.manifest.formats[name]["lines"]["train"]
    for line in made.lines(name, "train"):
        encoded = strategy.tokenize_prompt(dict(rows[line["id"]]))
        assert len(encoded["labels"]) == len(encoded["input_ids"])
        assert any(label != -100 for label in encoded["labels"])


def test_axolotl_renders_preferences(made) -> None:
    pytest.importorskip("axolotl", reason=AXOLOTL)
    from axolotl.prompt_strategies.dpo.chat_template import default
    from axolotl.utils.dict import DictDefault
    from axolotl.utils.schemas.datasets import DPODataset

    yaml = pytest.importorskip("yaml")
    read = yaml.safe_load((made.folder / "dpo" / "axolotl.yaml").read_text(encoding="utf-8"))
    DPODataset(**read["datasets"][0])
    transform, _ = default(DictDefault({**read, "chat_template": "tokenizer_default"}))
    line = made.lines("dpo", "train")[0]
    shown = transform(line, tokenizer=tokenizer())
    assert line["chosen"][0]["content"] in shown["chosen"]
    assert line["rejected"][0]["content"] in shown["rejected"]


def tokenizer() -> Any:
    """A real tokenizer with a chat template, made here."""
    tokenizers = pytest.importorskip("tokenizers")
    from transformers import PreTrainedTokenizerFast

    model = tokenizers.Tokenizer(tokenizers.models.WordLevel({"<unk>": 0, "<|end|>": 1}, unk_token="<unk>"))
    model.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made = PreTrainedTokenizerFast(tokenizer_object=model, eos_token="<|end|>", pad_token="<|end|>", unk_token="<unk>")
    made.chat_template = TEMPLATE
    return made


TRL = pytest.mark.parametrize(
    ("name", "key"),
    [
        pytest.param("chat", "text", id="chat"),
        pytest.param("prompt-completion", "completion", id="prompt-completion"),
        pytest.param("dpo", "rejected", id="dpo"),
        pytest.param("kto", "completion", id="kto"),
    ],
)


@TRL
def test_trl_loads_what_its_configuration_names_and_knows_its_form(made, load, monkeypatch, name, key) -> None:
    pytest.importorskip("trl", reason="TRL is not here; run: pip install 'tamiz[dpo]'")
    from trl import ScriptArguments
    from trl.data_utils import is_conversational, maybe_apply_chat_template
    from trl.scripts.utils import TrlParser

    monkeypatch.chdir(made.folder)
    arguments, rest = TrlParser([ScriptArguments]).parse_args_and_config(
        ["--config", f"{name}/trl.yaml"], return_remaining_strings=True
    )
    read = load(arguments.dataset_name, name=arguments.dataset_config)
    train = read[arguments.dataset_train_split]
    assert len(train) == made.manifest.formats[name]["lines"]["train"]
    if "eval_strategy" in " ".join(rest):
        assert len(read[arguments.dataset_test_split])
    template = tokenizer()
    for row in train:
        example = {field: value for field, value in row.items() if field not in ("id", "rejected_id", "tools")}
        assert is_conversational(example)
        shown = maybe_apply_chat_template(example, template, tools=row["tools"])
        last = row.get("messages") or row.get("completion") or row["rejected"]
        assert last[-1]["content"] in shown[key]
    if name == "kto":
        assert {row["label"] for row in train} == {True, False}
        assert "undesirable_weight" in " ".join(rest)


def test_trl_writes_calls_as_objects_not_as_text_in_text(made, load, monkeypatch) -> None:
    pytest.importorskip("trl", reason="TRL is not here; run: pip install 'tamiz[dpo]'")
    from trl.data_utils import maybe_apply_chat_template

    monkeypatch.chdir(made.folder)
    pair = made.named["two calls at once"]
    [row] = [row for row in load("../v001", config(made, "chat"))[made.part_of(pair)] if row["id"] == pair]
    shown = maybe_apply_chat_template({"messages": row["messages"]}, tokenizer(), tools=row["tools"])["text"]
    assert 'CALL last_bill {"months": 1, "paid": false}' in shown
    assert '"name": "line_state"' in shown.partition("\n")[0]


def test_the_weights_of_kto_balance_both_kinds(made) -> None:
    yaml = pytest.importorskip("yaml")
    read = yaml.safe_load((made.folder / "kto" / "trl.yaml").read_text(encoding="utf-8"))
    labels = [line["label"] for line in made.lines("kto", "train")]
    good, bad = labels.count(True) * read["desirable_weight"], labels.count(False) * read["undesirable_weight"]
    assert 1 <= good / bad <= 4 / 3


def test_a_version_can_be_moved_for_its_files_are_named_from_its_own_folder(made) -> None:
    for path in [*made.folder.rglob("*.yaml"), made.folder / "dataset_info.json"]:
        assert str(Path(made.project.folder)) not in path.read_text(encoding="utf-8")
