"""An adapter made into a folder for production, asked there once more, and only then put in its place."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch

from tamiz.errors import InputError
from tamiz.files import aside
from tamiz.records import record_dict
from tuning.adapted import DTYPES, WEIGHTS
from tuning.adapters import Adapter, LoadedModel, load_adapter
from tuning.modelcard import find_manifest, model_card
from tuning.models import GEMMA_NOTICE, BaseModel, find_base, is_gemma
from tuning.packages.ggufs import Precision, write_lora, write_model
from tuning.packages.merged import merge_into_base, save_merged
from tuning.packages.proving import Asked, Sameness, asked_of, proved_gguf, proved_merged
from tuning.packages.runtimes import check_vllm, llama_commands, modelfile, vllm_command
from tuning.packages.templates import chat_template
from tuning.trust import NOTHING, Allowed

__all__ = ["Form", "Packaged", "package"]

Form = Literal["merged", "gguf", "gguf-lora", "ollama", "vllm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packaged:
    """What was made: its folder, how many answers are the evaluated adapter's, and the commands that run it."""

    folder: Path
    form: Form
    precision: str
    proof: Sameness
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What is being packaged."""

    adapter: Adapter
    loaded: LoadedModel
    base: BaseModel
    asked: Asked
    precision: Precision
    template: str
    folder: Path

    @property
    def licence(self) -> str:
        return self.adapter.card.base_licence


def package(
    adapter: Adapter,
    form: Form,
    target: Path,
    *,
    exports: Path,
    precision: Precision | None = None,
    lang: str = "",
    device: str = "cpu",
    allowed: Allowed = NOTHING,
) -> Packaged:
    """Make the adapter into the folder `target`, which must not be there yet.

    `precision` is that of the evaluated weights where none is given, or float32 where those, once rounded, answer
    otherwise; where it is given, `proof` says whether the answers agree. `lang` is the language of the prompt's words
    for a base without a chat template, which in a package is one: by default that of most questions in the card.
    """
    if target.exists() or target.is_symlink():
        raise InputError(f"{target} is there already, and nothing is overwritten. Give another: --out FOLDER")
    _check(adapter, form)
    loaded = load_adapter(adapter, device=device, allowed=allowed)
    samples = [(sample["question"], sample.get("lang", "en")) for sample in adapter.card.samples]
    spoken = lang or next((one for one, _ in Counter(lang for _, lang in samples).most_common(1)), "en")
    causal = adapter.card.task == "causal"
    asked = asked_of(loaded, samples) if causal else Asked()
    evaluated = str(adapter.card.settings.get("dtype", "float32"))
    with aside(target) as folder:
        folder.mkdir()
        work = _Work(
            adapter=adapter,
            loaded=loaded,
            base=find_base(adapter.card.base, allowed),
            asked=asked,
            precision=precision or (evaluated if evaluated in DTYPES else "float32"),  # type: ignore[arg-type]
            template=chat_template(loaded.tokenizer, spoken) if causal else "",
            folder=folder,
        )
        proof, commands = MAKERS[form](work)
        if not proof.agrees and precision is None and work.precision != "float32":
            rounded = f"With weights in {work.precision} it was otherwise ({proof}), so they are kept in float32"
            shutil.rmtree(folder)
            folder.mkdir()
            again = load_adapter(adapter, device=device, allowed=allowed)  # what was merged is rounded by now
            work = replace(work, precision="float32", loaded=again)
            proof, commands = MAKERS[form](work)
            proof = replace(proof, note=rounded)
        _add_papers(work, exports, proof, commands)
    return Packaged(folder=target, form=form, precision=work.precision, proof=proof, commands=tuple(commands))


def _check(adapter: Adapter, form: Form) -> None:
    card = adapter.card
    if card.task == "classify" and form != "merged":
        raise InputError(f"{adapter.name} is a classifier, which {form} does not hold; give --to merged")
    if card.settings.get("method") == "full" and form in ("gguf-lora", "vllm"):
        raise InputError(f"{adapter.name} was tuned in full, so there is no update beside a base; give --to merged")


def _merged(work: _Work) -> tuple[Sameness, list[str]]:
    if work.precision == "q8_0":
        raise InputError("q8_0 is a type of GGUF; give float32, bfloat16 or float16, or --to gguf")
    plain = merge_into_base(work.loaded)
    device = plain.device
    save_merged(plain, work.loaded.tokenizer, work.folder, dtype=DTYPES[work.precision], template=work.template)
    if work.adapter.card.task == "classify":
        return Sameness(note="a classifier's labels are in its config.json"), []
    proved = proved_merged(work.folder, work.asked, device, own_code=work.base.own_code)
    return proved, ["vllm serve . --host 127.0.0.1"]


def _gguf(work: _Work) -> tuple[Sameness, list[str]]:
    plain = _write_gguf(work, work.folder / "model.gguf", merge_into_base(work.loaded))
    proof = proved_gguf(work.folder / "model.gguf", work.asked, plain, work.loaded.tokenizer)
    return proof, llama_commands(work.adapter.name, lora=False)


def _gguf_lora(work: _Work) -> tuple[Sameness, list[str]]:
    model, tokenizer = work.loaded.model, work.loaded.tokenizer
    base, update = work.folder / "base.gguf", work.folder / "adapter.gguf"
    write_lora(model, update, name=work.adapter.name)
    plain = _write_gguf(work, base, model.unload())
    return proved_gguf(base, work.asked, plain, tokenizer, lora=update), llama_commands(work.adapter.name, lora=True)


def _ollama(work: _Work) -> tuple[Sameness, list[str]]:
    proof, _ = _gguf(work)
    model, tokenizer, card = work.loaded.model, work.loaded.tokenizer, work.adapter.card
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    text = modelfile(inner, tokenizer, card, weights="model.gguf", template=work.template)
    (work.folder / "Modelfile").write_text(text, encoding="utf-8")
    name = work.adapter.name.lower()
    return proof, [f"ollama create {name} -f Modelfile", f"ollama run {name}"]


def _vllm(work: _Work) -> tuple[Sameness, list[str]]:
    """The adapter as it is beside its base: the files are those that were evaluated."""
    rank = check_vllm(work.loaded.model.peft_config[work.loaded.model.active_adapter])
    hub = not work.base.name.startswith("pypi:") and not Path(work.base.name).expanduser().is_dir()
    base = work.base.name if hub else "./base"
    if not hub and work.base.folder is not None:
        shutil.copytree(work.base.folder, work.folder / "base")
    (work.folder / "adapter").mkdir()
    shutil.copyfile(work.adapter.folder / WEIGHTS, work.folder / "adapter" / WEIGHTS)
    config = json.loads((work.adapter.folder / "adapter_config.json").read_bytes())
    text = json.dumps({**config, "base_model_name_or_path": base}, indent=2) + "\n"
    (work.folder / "adapter" / "adapter_config.json").write_text(text, encoding="utf-8")
    (work.folder / "chat_template.jinja").write_text(work.template, encoding="utf-8")
    note = "the files are those that were evaluated; vLLM itself was not asked"
    command = vllm_command(work.adapter.name, base, rank, template="./chat_template.jinja")
    return Sameness(note=note), [command]


MAKERS = {"merged": _merged, "gguf": _gguf, "gguf-lora": _gguf_lora, "ollama": _ollama, "vllm": _vllm}


def _write_gguf(work: _Work, file: Path, plain: Any) -> Any:
    plain = plain.to("cpu", torch.float32)
    about = {"name": work.adapter.name, "licence": work.licence, "base": work.adapter.card.base}
    write_model(plain, work.loaded.tokenizer, file, precision=work.precision, template=work.template, **about)
    return plain


def _add_papers(work: _Work, exports: Path, proof: Sameness, commands: Sequence[str]) -> None:
    """The model card with how to run it, the run card, and Gemma's notice and terms where the base is one."""
    card, gemma = work.adapter.card, is_gemma(work.loaded.model.config)
    run = "\n".join(["", "## How to run it", "", "```", *commands, "```", "", f"{proof}.", ""])
    text = model_card(card, find_manifest(card, exports), gemma=gemma) + (run if commands else "")
    (work.folder / "README.md").write_text(text, encoding="utf-8")
    about = json.dumps(record_dict(card), ensure_ascii=False, indent=1) + "\n"
    (work.folder / "runcard.json").write_text(about, encoding="utf-8")
    if gemma:
        changed = "These weights were changed: tuned, and put into this form, by tamiz.\n"
        (work.folder / "NOTICE").write_text(GEMMA_NOTICE + changed, encoding="utf-8")
        for place in (work.adapter.folder, work.base.folder):
            terms = place / "GEMMA_TERMS.html" if place else None
            if terms is not None and terms.is_file():
                shutil.copyfile(terms, work.folder / terms.name)
                break
