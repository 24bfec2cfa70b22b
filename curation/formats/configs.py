"""The small files that trainers ask for beside the data: dataset_info.json for LLaMA-Factory, YAML for Axolotl and TRL.

Their paths are those in the version's folder, so that can be carried to another machine under its name: run the trainer
in it. They name the data only; which model, where to write and all else is left to who trains.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from curation.stratify import PARTS

__all__ = ["write_configs"]

Formats = Mapping[str, Mapping[str, Mapping[str, int]]]
BALANCE = 1.15  # desirable to undesirable, weighted; between 1 and 4/3 as KTO's authors ask (arXiv 2402.01306, eq. 8)
# All of them: a tag that is not named has no default once one is.
ROLES = {
    "role_tag": "from",
    "content_tag": "value",
    "user_tag": "human",
    "assistant_tag": "gpt",
    "observation_tag": "observation",
    "function_tag": "function_call",
    "system_tag": "system",
}
LLAMA_FACTORY: Mapping[str, dict[str, Any]] = {
    "json": {"formatting": "alpaca", "columns": {"prompt": "question", "response": "answer"}},
    "alpaca": {
        "formatting": "alpaca",
        "columns": {"prompt": "instruction", "query": "input", "response": "output"},
    },
    "sharegpt": {"formatting": "sharegpt", "columns": {"messages": "conversations", "tools": "tools"}, "tags": ROLES},
    "dpo/sharegpt": {
        "formatting": "sharegpt",
        "ranking": True,
        "columns": {"messages": "conversations", "chosen": "chosen", "rejected": "rejected", "tools": "tools"},
        "tags": ROLES,
    },
    "kto/sharegpt": {
        "formatting": "sharegpt",
        "columns": {"messages": "conversations", "kto_tag": "label", "tools": "tools"},
        "tags": ROLES,
    },
}
TRL = {"chat": "sft", "prompt-completion": "sft", "dpo": "dpo", "kto": "kto"}
AXOLOTL: Mapping[str, dict[str, Any]] = {
    "alpaca": {"type": "alpaca"},
    "chat": {"type": "chat_template", "field_messages": "messages", "field_tools": "tools"},
    "openai": {"type": "chat_template", "field_messages": "messages", "field_tools": "tools"},
    "dpo": {
        "type": "chat_template.default",
        "field_messages": "prompt",
        "field_chosen": "chosen",
        "field_rejected": "rejected",
    },
}


def write_configs(folder: Path, formats: Formats, *, version: str, config: str) -> dict[str, int]:
    """Write the files for these formats where they have lines for training; {path: 0}.

    `version` is the name that the folder will have, `config` begins the name of each configuration in the dataset card.
    """
    texts: dict[str, str] = {}
    if about := dict(_dataset_info(formats)):
        texts["dataset_info.json"] = json.dumps(about, indent=2) + "\n"
    for name, facts in formats.items():
        if not facts["lines"].get("train"):
            continue
        if name in AXOLOTL:
            texts[f"{name}/axolotl.yaml"] = _axolotl(name, facts["lines"])
        if name in TRL:
            texts[f"{name}/trl.yaml"] = _trl(name, facts, version, config)
    for path, text in texts.items():
        (folder / path).write_text(text, encoding="utf-8")
    return dict.fromkeys(texts, 0)


def _dataset_info(formats: Formats) -> Iterator[tuple[str, dict[str, Any]]]:
    """What LLaMA-Factory's `dataset: sharegpt` and `eval_dataset: sharegpt_validation` mean."""
    for name, about in LLAMA_FACTORY.items():
        for part in PARTS:
            if formats.get(name, {}).get("lines", {}).get(part):
                short = name.partition("/")[0]
                ending = "json" if name == "json" else "jsonl"
                called = short if part == "train" else f"{short}_{part}"
                yield called, {"file_name": f"{name}/{part}.{ending}", **about}


def _axolotl(name: str, lines: Mapping[str, int]) -> str:
    about = AXOLOTL[name]
    head = [
        f"# In the folder of this version: axolotl train {name}/axolotl.yaml --base-model MODEL --output-dir FOLDER"
    ]
    if name == "dpo":
        head += ["# Axolotl takes role and content of each message here: calls of tools are not seen.", "rl: dpo"]
    told = [*head, "datasets:", *_axolotl_data(name, about, "train")]
    if lines.get("validation"):
        told += ["test_datasets:", *_axolotl_data(name, about, "validation")]
    return "\n".join([*told, ""])


def _axolotl_data(name: str, about: Mapping[str, Any], part: str) -> list[str]:
    values = {"path": f"{name}/{part}.jsonl", "ds_type": "json", "split": "train", **about}
    if about["type"] == "chat_template":
        values["roles_to_train"] = ["assistant"]
    lines = [f"{key}: {json.dumps(value)}" for key, value in values.items()]
    return [f"  - {lines[0]}", *(f"    {line}" for line in lines[1:])]


def _trl(name: str, facts: Mapping[str, Mapping[str, int]], version: str, config: str) -> str:
    values: dict[str, Any] = {
        "dataset_name": f"../{version}",  # a loader takes the name of its cache from it, and "." has none
        "dataset_config": f"{config}-{name}",
        "dataset_train_split": "train",
    }
    if facts["lines"].get("validation"):
        values |= {"dataset_test_split": "validation", "eval_strategy": "epoch"}
    if name == "kto":
        bad = facts["undesirable"]["train"]
        values |= _weights(facts["lines"]["train"] - bad, bad)
    usage = f"trl {TRL[name]} --config {name}/trl.yaml --model_name_or_path MODEL --output_dir FOLDER"
    told = [f"{key}: {json.dumps(value)}" for key, value in values.items()]
    return "\n".join([f"# In the folder of this version: {usage}", *told, ""])


def _weights(good: int, bad: int) -> dict[str, float]:
    """Weights under which both kinds count as they should: of the rarer kind each counts for more.

    >>> _weights(115, 10)
    {'desirable_weight': 1.0, 'undesirable_weight': 10.0}
    """
    if not good or not bad:
        return {}
    if good >= bad:
        return {"desirable_weight": 1.0, "undesirable_weight": round(max(1.0, good / bad / BALANCE), 2)}
    return {"desirable_weight": round(bad / good * BALANCE, 2), "undesirable_weight": 1.0}
