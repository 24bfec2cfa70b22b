"""How a dialogue is written for the model, in the languages of other runtimes: Jinja, and Go for Ollama."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateError

from tamiz.errors import InputError
from tuning.turns import NAMES

__all__ = ["Pieces", "chat_template", "go_template", "read_pieces", "write_dialogue"]

MARKS = {"system": "⟦system⟧", "user": "⟦user⟧", "second": "⟦second⟧", "assistant": "⟦assistant⟧"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """A dialogue's text around what is said: (before, after) by role; `head` comes first where no system speaks.

    `system` is None where the template has no place of its own for it.
    """

    head: str
    system: tuple[str, str] | None
    user: tuple[str, str]
    assistant: tuple[str, str]
    prompt: str


def chat_template(tokenizer: Any, lang: str) -> str:
    """The tokenizer's own chat template; without one, the plain prompt's words as one, in the given language.

    The dialogue that it writes is letter by letter the one that the model learnt from.
    """
    if tokenizer.chat_template:
        return str(tokenizer.chat_template)
    names = NAMES.get(lang, NAMES["en"])
    starts = tokenizer("a")["input_ids"][:1] == [tokenizer.bos_token_id]
    first = "{{ bos_token }}" if starts and tokenizer.bos_token else ""
    lines = "".join(
        f"{{% {'el' if number else ''}if m['role'] == '{role}' %}}{{{{ '{name}: ' + m['content'] + '\\n' }}}}"
        for number, (role, name) in enumerate(names.items())
    )
    other = "{% else %}{{ m['content'] + '\\n' }}{% endif %}"
    end = f"{{% if add_generation_prompt %}}{{{{ '{names['assistant']}:' }}}}{{% endif %}}"
    return f"{first}{{% for m in messages %}}{lines}{other}{{% endfor %}}{end}"


def read_pieces(tokenizer: Any, template: str) -> Pieces:
    """The template taken apart by what it writes. InputError for one that is no sequence of such pieces."""
    try:
        pieces = _taken_apart(tokenizer, template)
    except (ValueError, TemplateError):
        pieces = None
    if pieces is None or not _writes_the_same(pieces, tokenizer, template):
        raise InputError(
            "the base's chat template is more than a sequence of turns, which Ollama's templates cannot say. "
            "Package it as gguf and run it with llama-server --jinja, which reads the template itself"
        )
    return pieces


def write_dialogue(pieces: Pieces, messages: Sequence[dict[str, str]]) -> str:
    """The dialogue up to the answer, put together from the pieces."""
    text = ""
    for number, message in enumerate(messages):
        around = getattr(pieces, message["role"]) or ("", "")
        start = pieces.head if number == 0 and message["role"] != "system" else ""
        text += f"{start}{around[0]}{message['content']}{around[1]}"
    return text + pieces.prompt


def go_template(pieces: Pieces) -> str:
    """The pieces as a template of Ollama. InputError where a piece would act in it."""
    every = [pieces.head, *(pieces.system or ()), *pieces.user, *pieces.assistant, pieces.prompt]
    if any(mark in piece for piece in every for mark in ("{{", "}}", '"""')):
        raise InputError("the base's chat template has signs that act in Ollama's; package it as gguf")
    head = f'{{{{ if and (eq $i 0) (ne $m.Role "system") }}}}{pieces.head}{{{{ end }}}}' if pieces.head else ""
    roles = {"system": pieces.system, "user": pieces.user, "assistant": pieces.assistant}
    turns, word = "", "if"
    for role, around in roles.items():
        if around is not None:
            turns += f'{{{{ {word} eq $m.Role "{role}" }}}}{around[0]}{{{{ $m.Content }}}}{around[1]}'
            word = "else if"
    return f"{{{{- range $i, $m := .Messages }}}}{head}{turns}{{{{ end }}}}{{{{ end }}}}{pieces.prompt}"


def _written(tokenizer: Any, template: str, messages: Sequence[dict[str, str]], *, prompt: bool = False) -> str:
    """What the template writes, without the start token that runtimes put there themselves."""
    text: str = tokenizer.apply_chat_template(
        list(messages), chat_template=template, tokenize=False, add_generation_prompt=prompt
    )
    return text.removeprefix(tokenizer.bos_token or "")


def _said(*roles: str) -> list[dict[str, str]]:
    return [{"role": "user" if role == "second" else role, "content": MARKS[role]} for role in roles]


def _taken_apart(tokenizer: Any, template: str) -> Pieces | None:
    def write(*roles: str) -> str:
        return _written(tokenizer, template, _said(*roles))

    def between(text: str, first: str, second: str) -> str:
        return text.split(MARKS[first], 1)[1].split(MARKS[second], 1)[0]

    one = write("user")
    before, after_user = one.split(MARKS["user"])
    prompt = _written(tokenizer, template, _said("user"), prompt=True).removeprefix(one)
    answered = write("user", "assistant")
    after_answer = answered.split(MARKS["assistant"])[1]
    before_answer = between(answered, "user", "assistant").removeprefix(after_user)
    before_user = between(write("user", "assistant", "second"), "assistant", "second").removeprefix(after_answer)
    if not before.endswith(before_user):
        return None
    system: tuple[str, str] | None = None
    try:
        told = write("system", "user")
        middle = between(told, "system", "user")
        if middle.endswith(before_user):
            system = (told.split(MARKS["system"])[0], middle.removesuffix(before_user))
    except (TemplateError, IndexError):
        system = None
    return Pieces(
        head=before.removesuffix(before_user),
        system=system,
        user=(before_user, after_user),
        assistant=(before_answer, after_answer),
        prompt=prompt,
    )


def _writes_the_same(pieces: Pieces, tokenizer: Any, template: str) -> bool:
    dialogues = [("user",), ("user", "assistant", "second"), ("user", "assistant", "second", "assistant", "user")]
    if pieces.system is not None:
        dialogues += [("system", *roles) for roles in dialogues]
    return all(
        write_dialogue(pieces, _said(*roles)) == _written(tokenizer, template, _said(*roles), prompt=True)
        for roles in dialogues
    )
