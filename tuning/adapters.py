"""Adapters on disk: listed, found by name, saved whole, loaded back with their base, and talked to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tamiz.errors import InputError, SettingsError
from tamiz.files import sweep_aside
from tamiz.records import RunCard, Turn
from tamiz.settings import TuningSettings
from tuning.data import Example
from tuning.needs import need_tune_extra
from tuning.recorded import settings_from
from tuning.trust import NOTHING, Allowed, allowed_by

__all__ = [
    "Adapter",
    "LoadedModel",
    "answer",
    "chat",
    "check_name",
    "find_adapter",
    "label_of",
    "list_adapters",
    "load_adapter",
    "load_untuned",
    "printable",
    "read_card",
    "settings_of",
    "switch_adapter",
]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}  # Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """A saved adapter: its folder and the card of the run that made it."""

    name: str
    folder: Path
    card: RunCard


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """An adapter on its base, in memory. `card` is the run's."""

    model: Any
    tokenizer: Any
    card: RunCard


def check_name(name: str) -> str:
    """The name, if a run or adapter may have it: it becomes a folder's name. InputError otherwise."""
    if not NAME.fullmatch(name) or name.endswith(".") or name.split(".")[0].lower() in DEVICES:
        raise InputError(f"{name!r} cannot name an adapter; give up to 64 letters, digits, - and _, such as support-v1")
    return name


def list_adapters(folder: Path) -> list[Adapter]:
    """The adapters in `folder`, newest first; anything else that lies there is passed over."""
    if not folder.is_dir():
        return []
    sweep_aside(folder)
    places = [path for path in folder.iterdir() if NAME.fullmatch(path.name) and not path.is_symlink()]
    found = [
        Adapter(name=path.name, folder=path, card=read_card(path))
        for path in places
        if (path / "runcard.json").is_file()
    ]
    return sorted(found, key=lambda adapter: adapter.card.finished_at, reverse=True)


def find_adapter(folder: Path, name: str | None = None) -> Adapter:
    """The adapter of that name, or the newest. InputError when there is none, or it is not one of ours."""
    if name is None:
        found = list_adapters(folder)
        if not found:
            raise InputError(f"{folder} has no adapter yet. Run: tamiz tune")
        return found[0]
    path = folder / check_name(name)
    if path.is_symlink():
        raise InputError(f"{path} is a link; tamiz reads adapters from their own folders alone. Copy it there")
    if not (path / "runcard.json").is_file():
        names = ", ".join(adapter.name for adapter in list_adapters(folder)) or "none yet"
        raise InputError(f"there is no adapter {name} in {folder} (there are: {names}). Run: tamiz tune {name}")
    return Adapter(name=name, folder=path, card=read_card(path))


def read_card(folder: Path) -> RunCard:
    """runcard.json of a run's or an adapter's folder."""
    path = folder / "runcard.json"
    try:
        return RunCard.from_dict(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{path} cannot be read ({error}). Make it again: tamiz tune {folder.name}") from None


def settings_of(card: RunCard) -> TuningSettings:
    """The settings of the run that made an adapter."""
    return settings_from(card.settings)


def load_adapter(adapter: Adapter, *, device: str = "auto", allowed: Allowed = NOTHING) -> LoadedModel:
    """The adapter on its base, ready to answer. InputError when its weights are pickled, broken or for another base.

    `allowed` says which bases may be unpickled or run code: the project's settings do, never an adapter's card.
    """
    need_tune_extra("this adapter")
    from tuning.adapted import load_adapted

    return load_adapted(adapter, device, allowed)


def load_untuned(settings: TuningSettings, *, device: str = "auto") -> LoadedModel:
    """The base of the settings without an adapter, ready to answer. InputError for a base that only labels."""
    if settings.task == "classify":
        raise InputError("a base that has learnt no labels can tell none; name an adapter: tamiz chat NAME")
    need_tune_extra("this model")
    from tuning.adapted import load_alone

    return load_alone(settings, device, allowed_by(settings))


def switch_adapter(
    loaded: LoadedModel, adapter: Adapter, *, device: str = "auto", allowed: Allowed = NOTHING
) -> LoadedModel:
    """The adapter in place of the one that speaks; a base that both stand on is not loaded again."""
    need_tune_extra("this adapter")
    from tuning.adapted import put_on

    mine, its = loaded.card, adapter.card
    kinds = {(card.task, card.settings.get("method") == "full") for card in (mine, its)}
    weights = {(card.base, card.settings.get("dtype"), card.settings.get("quantise", "no")) for card in (mine, its)}
    if kinds != {("causal", False)} or len(weights) > 1 or not hasattr(loaded.model, "peft_config"):
        return load_adapter(adapter, device=device, allowed=allowed)
    inner = adapter.name.replace(".", "~")  # a module's name holds no point
    if inner not in loaded.model.peft_config:
        put_on(loaded.model, adapter, beside=inner)
    loaded.model.set_adapter(inner, inference_mode=True)
    return LoadedModel(model=loaded.model.eval(), tokenizer=loaded.tokenizer, card=its)


def answer(
    loaded: LoadedModel, question: str, history: Sequence[Turn] = (), *, lang: str = "en", max_new_tokens: int = 120
) -> str:
    """The whole answer; for a classifier, the label.

    `lang` chooses the words of the plain prompt ("es": Pregunta, Respuesta) where the model has no chat template.
    """
    return "".join(chat(loaded, question, history, lang=lang, max_new_tokens=max_new_tokens))


def chat(
    loaded: LoadedModel, question: str, history: Sequence[Turn] = (), *, lang: str = "en", max_new_tokens: int = 120
) -> Iterator[str]:
    """The answer in pieces, as it is made. `history` are the earlier turns, oldest first.

    for piece in chat(loaded, "¿Cómo cambio mi clave?", lang="es"):
        print(piece, end="", flush=True)
    """
    if not question.strip():
        raise InputError("the question is empty; ask something")
    if loaded.card.task == "classify":
        yield label_of(loaded, question)
        return
    from tuning.answers import answer_stream
    from tuning.positions import WHOLE, positions_of
    from tuning.prompts import encode_prompt

    room = positions_of(loaded.model)
    alone = Example(id="chat", question=question, answer="", lang=lang)
    length = len(encode_prompt(alone, loaded.tokenizer, max_tokens=WHOLE))
    if length >= room:
        raise InputError(f"the question has {length} tokens, and {room - 1} are the most that can be read; shorten it")
    limit = int(loaded.card.settings.get("max_tokens", 512))
    example = Example(id="chat", question=question, answer="", lang=lang, context=tuple(history))
    prompt = encode_prompt(example, loaded.tokenizer, max_tokens=min(limit, room - 1))
    max_new_tokens = min(max_new_tokens, room - len(prompt))
    for piece in answer_stream(loaded.model, loaded.tokenizer, prompt, max_new_tokens=max_new_tokens):
        yield printable(piece)


def printable(text: str) -> str:
    """The text without escape codes: what a model has read on a page must not act on a terminal."""
    return "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")


def label_of(loaded: LoadedModel, question: str) -> str:
    """The label that a classifier tells for a question."""
    from tuning.classify import encode_question, label_collate, predict_labels
    from tuning.prompts import Encoded

    labels = list(loaded.card.settings.get("labels", ()))
    if not labels:
        raise SettingsError(f"the card of {loaded.card.name} names no labels. Make it again: tamiz tune")
    ids, _ = encode_question(question, loaded.tokenizer, max_tokens=int(loaded.card.settings["max_tokens"]))
    collate = label_collate(loaded.tokenizer.pad_token_id, loaded.model.device)
    return predict_labels(loaded.model, [Encoded(ids=tuple(ids), label=0)], labels, collate)[0]
