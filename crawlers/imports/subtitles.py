"""Recorded calls as subtitles: WebVTT and SubRip, with the speakers that the recorder names."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from crawlers.imports.conversation import Conversation, Message
from tamiz.errors import InputError
from tamiz.rows import text_lines

__all__ = ["subtitle_conversations"]

_TIMES = re.compile(r"\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}\s*-->\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+(?P<name>[^>]{1,100})>")
_SPEAKER = re.compile(
    r"\s*(?:-\s*)?(?:\[(?P<marked>[^\]:]{1,60})\]|(?P<name>[^\W\d][^:<>.,;?!]{0,59}))\s*:\s+(?P<text>.+)", re.S
)
_MARKUP = re.compile(r"</?[a-z][^>]{0,200}>|<\d[\d:.]*>|\{\\[^}]{1,40}\}", re.I)
_NOISE = re.compile(r"^\s*[\[(♪][^\])♪]{0,60}[\])♪]\s*$")


def subtitle_conversations(path: Path, left_out: Counter[str]) -> Iterator[Conversation]:
    """The one conversation of a subtitle file; a cue without a speaker belongs to the one before.

    InputError where no cue names a speaker: such a file does not say who asks and who answers.
    """
    messages: list[Message] = []
    speaker = ""
    for text in _cues(path):
        found = _VOICE.search(text)
        plain = html.unescape(_MARKUP.sub("", text)).strip()
        said = _SPEAKER.match(plain)
        if found:
            speaker = html.unescape(found["name"]).strip()
        elif said:
            speaker, plain = (said["marked"] or said["name"]).strip(), said["text"].strip()
        if _NOISE.match(plain) or not plain:
            left_out["sounds and empty cues"] += 1
        elif not speaker:
            left_out["cues before the first speaker"] += 1
        elif messages and messages[-1].speaker == speaker:  # one sentence goes over several cues
            messages[-1] = Message(speaker=speaker, text=f"{messages[-1].text} {plain}")
        else:
            messages.append(Message(speaker=speaker, text=plain))
    if not messages:
        raise InputError(
            f'{path} names no speaker in its subtitles; write "Name: ..." or <v Name> before what each one says'
        )
    yield Conversation(place="line 1", messages=tuple(messages))


def _cues(path: Path) -> Iterator[str]:
    """The text of each cue on one line. What stands between cues (notes, styles, numbers) is none."""
    cue: list[str] | None = None
    for _, line in text_lines(path):
        if _TIMES.match(line):
            if cue:
                yield " ".join(cue)
            cue = []
        elif not line.strip():
            if cue:
                yield " ".join(cue)
            cue = None
        elif cue is not None:
            cue.append(line.strip())
    if cue:
        yield " ".join(cue)
