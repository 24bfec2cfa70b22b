"""An adapter's model card: what it was made from, how, what it is worth, and what it must not be used for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tamiz.errors import InputError
from tamiz.files import write_whole
from tamiz.records import Manifest, RunCard
from tuning.adapters import Adapter
from tuning.card import METRICS, started_from
from tuning.models import GEMMA_NOTICE
from tuning.presets import CUT_RANK
from tuning.report.intervals import told_ends

__all__ = ["find_manifest", "model_card", "write_model_card"]

LIMITS_OF_LABELS = (
    "It gives one of the labels that it was trained on to every question, to one that belongs to none of them, too.",
    "It knows the words of its training questions, up to the day they were fetched; where the questions change it has "
    "to be measured again.",
    "It is likelier to be wrong on labels that had few questions. Let a person check where a wrong label costs much.",
)
LIMITS_OF_ANSWERS = (
    "It answers in the tone of its data before it has the facts: a fluent answer can be wrong in numbers, names and "
    "steps. Let a person or a source check what matters.",
    "It knows what its pairs say, up to the day they were fetched, and nothing that came later.",
    "Asked about something that is not in its data it will mostly answer all the same.",
)
SHOWN = ("preset", "method", "epochs", "learning_rate", "batch_size", "max_tokens", "dtype", "quantise", "targets")
DPO = ("start", "beta")  # shown of a run on preferences alone


def write_model_card(adapter: Adapter, exports: Path) -> Path:
    """Write the card into the adapter's folder, as README.md; the file."""
    target = adapter.folder / "README.md"
    write_whole(target, model_card(adapter.card, find_manifest(adapter.card, exports), gemma=_is_gemma(adapter)))
    return target


def find_manifest(card: RunCard, exports: Path) -> Manifest | None:
    """The manifest of the dataset version that a run learnt from; None where it is not here, or is another one."""
    path = exports / card.dataset_version / "manifest.json"
    if not card.dataset_version or re.search(r"[/\\]|^\.", card.dataset_version) or not path.is_file():
        return None
    try:
        manifest = Manifest.from_dict(json.loads(path.read_bytes()))
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{path} cannot be read as a manifest ({error}). Make a new version: tamiz export") from None
    return manifest if manifest.content_hash == card.dataset_hash else None


def model_card(card: RunCard, manifest: Manifest | None, *, gemma: bool = False) -> str:
    """The card as Markdown with the front matter that the hub reads. Texts of pages stand in it as code alone."""
    parts = [_front(card), f"# {card.name}", _what(card), _data(card, manifest), _made(card), _results(card)]
    limits = "\n".join(f"- {limit}" for limit in (LIMITS_OF_LABELS if _labels(card) else LIMITS_OF_ANSWERS))
    parts += [f"## Limits\n\n{limits}", _licence(card, manifest, gemma)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _front(card: RunCard) -> str:
    own = card.settings.get("method") == "full"
    values = {
        "base_model": card.base.removeprefix("pypi:"),
        "library_name": "transformers" if own else "peft",
        "pipeline_tag": "text-classification" if _labels(card) else "text-generation",
        "license": "other",
        "license_name": card.base_licence,
    }
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join(["---", *lines, "tags:", "- tamiz", *([] if own else ["- lora"]), "---"])


def _what(card: RunCard) -> str:
    does = "tells the label of a question" if _labels(card) else "answers support questions"
    kind = "A model tuned in full" if card.settings.get("method") == "full" else "A LoRA adapter"
    lines = [f"{kind} that {does}, on the base {_code(card.base)} ({_code(card.base_origin)})."]
    if started_from(card):
        lines.append(f"It was tuned on preferences, starting from the adapter {_code(started_from(card))}.")
    merged = card.settings.get("merged")
    if merged:
        names = ", ".join(_code(name) for name in merged["from"])
        lines.append(f"It was merged ({merged['how']}) from {names} with the weights {merged['weights']}.")
    if card.proof:
        line = _code(str(card.proof.get("line") or card.proof.get("verdict") or ""))
        lines.append(f"Verdict: {line}." + (" It is recommended." if card.proof.get("recommended") else ""))
    return "\n\n".join(lines)


def _data(card: RunCard, manifest: Manifest | None) -> str:
    version = _code(card.dataset_version) if card.dataset_version else "unknown"
    lines = ["## Data", "", f"Dataset version {version}, content hash {_code(card.dataset_hash or 'unknown')}."]
    if manifest is None:
        lines += ["", "Its manifest was not at hand when this card was written: sources and licences are told there."]
        return "\n".join(lines)
    splits = ", ".join(f"{count:,} in {split}" for split, count in manifest.splits.items())
    lines += ["", f"Pairs: {splits}. Languages: {_counts(manifest.languages)}. Kinds: {_counts(manifest.kinds)}."]
    if manifest.sources:
        lines += ["", "| source | pairs | licence |", "|---|---|---|"]
        lines += [_source(name, about) for name, about in manifest.sources.items()]
    return "\n".join(lines)


def _source(name: str, about: Any) -> str:
    values = about if isinstance(about, Mapping) else {}
    stated = values.get("licences") or values.get("licence") or {}
    licences = ", ".join(map(str, stated)) if isinstance(stated, Mapping | list | tuple) else str(stated)
    return f"| {_code(name)} | {values.get('pairs', '')} | {_code(licences) if licences else 'not stated'} |"


def _made(card: RunCard) -> str:
    lora = card.settings.get("lora", {})
    shown = (*SHOWN, *(DPO if card.settings.get("method") == "dpo" else ()))
    rows = {name: card.settings[name] for name in shown if card.settings.get(name) not in (None, "", [], ())}
    rows |= {f"lora.{name}": lora[name] for name in ("r", "alpha", "dropout", "init") if name in lora}
    cut = [reason for reason in card.settings.get("reasons") or () if str(reason).startswith(CUT_RANK)]
    rows |= {"lora.r in part": "; ".join(cut)} if cut else {}
    rows |= {f"lora.{name}": True for name in ("rslora", "dora") if lora.get(name)}
    rows["approximations"] = ", ".join(card.settings.get("approximations_taken") or ()) or "none"
    trainable, total = card.parameters.get("trainable", 0), card.parameters.get("total", 0)
    rows["parameters"] = f"{trainable:,} trained of {total:,}"
    rows |= {"seed": card.seed, "device": card.device, "trained": f"{card.started_at} to {card.finished_at}"}
    rows |= {name: version for name, version in card.versions.items() if version}
    if card.cost.get("steps"):
        rows["cost"] = f"{card.cost['steps']:.0f} steps, {card.cost['training_seconds']:.0f} s of training"
        rows["memory"] = f"{card.cost['peak_memory_mb']:,.0f} MB at most"
    lines = [f"| {name} | {_code(_text(value))} |" for name, value in rows.items()]
    return "\n".join(["## How it was made", "", "| setting | value |", "|---|---|", *lines])


def _results(card: RunCard) -> str:
    if not card.results:
        return "## Results\n\nNone: nothing was proved of this adapter. Run `tamiz compare` before you rely on it."
    names = list(card.results)
    lines = [f"| metric | {' | '.join(map(_code, names))} | |", f"|---|{'---|' * len(names)}---|"]
    for metric, (form, better) in METRICS.items():
        if any(metric in card.results[name] for name in names):
            cells = [format(card.results[n][metric], form) if metric in card.results[n] else "" for n in names]
            lines.append(f"| {metric} | {' | '.join(cells)} | {better} |")
    for measure, ends in dict(card.proof.get("changes") or {}).items():
        value, low, high = told_ends(ends[0], ends[1], ends[2], "+.3f")
        cells = ["", value, *[""] * (len(names) - 2)] if len(names) > 1 else [value]
        lines.append(f"| change of {_code(measure)} | {' | '.join(cells)} | 95% interval {low} to {high} |")
    start = started_from(card)
    base = f"the adapter {_code(start)} that it started from (base)" if start else "the base"
    how = "" if _labels(card) else ", answers greedy"
    about = f"On the test split of the same dataset version{how}: {base}, and this adapter (tuned)."
    return "\n".join(["## Results", "", about, "", *lines])


def _licence(card: RunCard, manifest: Manifest | None, gemma: bool) -> str:
    lines = ["## Licences", "", f"The base is under {_code(card.base_licence or 'a licence that is not stated')}."]
    if gemma:
        lines += ["", GEMMA_NOTICE.strip(), "", "This is a modified version of a Gemma model. NOTICE goes with it."]
    if manifest is not None:
        lines += ["", "The data's licences stand above, by source; what is not stated has to be asked for."]
    return "\n".join(lines)


def _labels(card: RunCard) -> bool:
    return card.task == "classify"


def _is_gemma(adapter: Adapter) -> bool:
    return (adapter.folder / "NOTICE").is_file()


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{_code(name)} {count:,}" for name, count in counts.items()) or "none"


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _code(text: str) -> str:
    """Text of anybody's as code in a table's cell: no markup in it acts, and nothing ends the cell."""
    line = "".join(letter if letter.isprintable() else " " for letter in " ".join(str(text).split()))
    return f"`{line.replace('`', chr(0x2B9)).replace('|', chr(0x2223))}`" if line else ""
