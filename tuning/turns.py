"""A dialogue as text, with the spans that the assistant speaks: those are learnt, all others are not."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateError

from tamiz.errors import InputError
from tamiz.records import Turn, turns_before_answer
from tuning.data import Example

__all__ = ["Rendered", "chat_dialogue", "chat_prompt", "plain_dialogue", "plain_prompt"]

# user, assistant, tool; a system turn stands above without a name. Other languages take English.
NAMES = {
    "es": {"user": "Pregunta", "assistant": "Respuesta", "tool": "Resultado"},
    "en": {"user": "Question", "assistant": "Answer", "tool": "Result"},
}
MARKS = re.compile(r"\{%-?\s*generation\b")  # how a template says itself what the assistant speaks


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A dialogue's text; `spans` are the assistant's (start, end) in it, the last one the answer's.

    `unplaced` counts the assistant's earlier turns that the template rewrites so that they were not found.
    """

    text: str
    spans: tuple[tuple[int, int], ...]
    unplaced: int = 0


def plain_prompt(example: Example) -> str:
    """Everything up to the answer, for a model without a chat template."""
    lines, _ = _plain_lines(example)
    return "\n".join([*lines, f"{_names(example)['assistant']}:"])


def plain_dialogue(example: Example) -> Rendered:
    """The dialogue of a model without a chat template.

    The space after "Answer:" belongs to the answer's first token, as models have met it in ordinary text.
    """
    lines, spoken = _plain_lines(example)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    spans = [(starts[n] + offset, starts[n] + len(lines[n])) for n, offset in spoken]
    prompt = plain_prompt(example)
    text = f"{prompt} {example.answer}"
    return Rendered(text=text, spans=(*spans, (len(prompt), len(text))))


def chat_prompt(example: Example, tokenizer: Any) -> str:
    """Everything up to the answer, as the model's chat template has it."""
    return _Template(example, tokenizer).text(_messages(example), prompt=True)


def chat_dialogue(example: Example, tokenizer: Any) -> Rendered:
    """The dialogue as the chat template has it, up to the end of the answer's turn.

    Where each turn of the assistant stands is found by rendering the dialogue turn by turn; each shorter
    text must be the start of the longer one. The masks that templates give for this
    (return_assistant_tokens_mask) cannot be relied on: those of SmolLM2 and Qwen are all zeros.
    """
    template, messages = _Template(example, tokenizer), _messages(example)
    prompt = template.text(messages, prompt=True)
    turn = template.turn(prompt, template.text([*messages, {"role": "assistant", "content": example.answer}]))
    answer = example.answer.strip()
    # What stands between prompt and answer, such as an empty thought, is not what the prompt leads to.
    text = prompt + answer + _ending(turn, answer)
    spans, unplaced = _earlier_spans(template, messages, text)
    if unplaced and MARKS.search(str(tokenizer.chat_template)):
        marked = template.marked(messages)
        if len(marked) == len(spans) + unplaced:
            spans, unplaced = marked, 0
    return Rendered(text=text, spans=(*spans, (len(prompt), len(text))), unplaced=unplaced)


class _Template:
    """A tokenizer's chat template on one example's turns."""

    def __init__(self, example: Example, tokenizer: Any) -> None:
        self._id, self._tokenizer = example.id, tokenizer
        self._tools = json.loads(example.tools) if example.tools else None

    def text(self, messages: Sequence[dict[str, Any]], *, prompt: bool = False) -> str:
        try:
            text: str = self._tokenizer.apply_chat_template(
                messages, tools=self._tools, tokenize=False, add_generation_prompt=prompt
            )
        except TemplateError as error:
            raise InputError(
                f"pair {self._id}: the base model's chat template refuses its turns ({error}). "
                "Leave out its earlier turns in tamiz review, or choose another base"
            ) from None
        return text

    def turn(self, before: str, after: str) -> str | None:
        """What a turn adds, up to its end-of-turn token; None if `before` is not how `after` starts.

        White space after that token is the template's: nobody is there to say it.
        """
        if not after.startswith(before):
            return None
        return after[len(before) :].rstrip()

    def marked(self, messages: Sequence[dict[str, Any]]) -> list[tuple[int, int]]:
        """The spans that the template's own marks give; the template must write text that is a start of ours."""
        encoded = self._tokenizer.apply_chat_template(
            messages,
            tools=self._tools,
            tokenize=True,
            return_dict=True,
            return_assistant_tokens_mask=True,
            tokenizer_kwargs={"return_offsets_mapping": True},
        )
        spans: list[tuple[int, int]] = []
        before = 0
        for spoken, (start, end) in zip(encoded["assistant_masks"], encoded["offset_mapping"], strict=True):
            if spoken and before:
                spans[-1] = (spans[-1][0], end)
            elif spoken:
                spans.append((start, end))
            before = spoken
        return spans


def _earlier_spans(
    template: _Template, messages: Sequence[dict[str, Any]], text: str
) -> tuple[list[tuple[int, int]], int]:
    """Where the assistant's earlier turns stand in `text`, and how many were not found."""
    spans, unplaced = [], 0
    for number, message in enumerate(messages):
        if message["role"] != "assistant":
            continue
        try:
            before = template.text(messages[:number], prompt=True)
            turn = template.turn(before, template.text(messages[: number + 1]))
        except InputError:  # a template that wants the dialogue whole
            before, turn = "", None
        content = str(message["content"]).strip()
        if turn and not _says_calls(turn, message):
            unplaced += 1  # a template that knows no tools: it would teach to say nothing
        elif turn and text.startswith(before + turn):
            spans.append((len(before), len(before) + len(turn)))
        elif before and content and "tool_calls" not in message and text.startswith(before + content):
            # a template that writes a turn in another way once it is no longer the last
            ending = _ending(turn, content)
            end = len(before) + len(content)
            spans.append((len(before), end + len(ending) * text.startswith(ending, end)))
        else:
            unplaced += 1
    return spans, unplaced


def _ending(turn: str | None, content: str) -> str:
    """What closes a turn; nothing where the template writes the content in another way."""
    return turn[turn.rindex(content) + len(content) :] if turn and content in turn else ""


def _says_calls(turn: str, message: dict[str, Any]) -> bool:
    calls = message.get("tool_calls", ())
    return all(str(call.get("function", call).get("name", "")) in turn for call in calls)


def _plain_lines(example: Example) -> tuple[list[str], list[tuple[int, int]]]:
    """The lines up to the question, and (number of the line, where the assistant begins in it)."""
    names = _names(example)
    lines: list[str] = []
    spoken: list[tuple[int, int]] = []
    for turn in turns_before_answer(example.context, example.question):
        said = turn.content
        if turn.tool_calls:
            said = f"{said} {turn.tool_calls}".strip()
        if turn.role == "assistant" and said:
            spoken.append((len(lines), len(names["assistant"]) + 1))
        lines.append(f"{names[turn.role]}: {said}" if turn.role in names else said)
    return lines, spoken


def _names(example: Example) -> dict[str, str]:
    return NAMES.get(example.lang, NAMES["en"])


def _messages(example: Example) -> list[dict[str, Any]]:
    return [_message(turn) for turn in turns_before_answer(example.context, example.question)]


def _message(turn: Turn) -> dict[str, Any]:
    message: dict[str, Any] = {"role": turn.role, "content": turn.content}
    if turn.tool_calls:
        message["tool_calls"] = [_with_objects(call) for call in json.loads(turn.tool_calls)]
    if turn.tool_call_id:
        message["tool_call_id"] = turn.tool_call_id
    return message


def _with_objects(call: Any) -> Any:
    """A tool call whose arguments are an object: OpenAI gives them as JSON text, which templates would quote again."""
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("arguments"), str):
        return call
    try:
        arguments = json.loads(function["arguments"])
    except ValueError:
        return call
    return {**call, "function": {**function, "arguments": arguments}} if isinstance(arguments, dict) else call
