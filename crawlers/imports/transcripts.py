"""Support transcripts of every make, as pairs of several turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from crawlers.imports.chatlines import profile_chat
from crawlers.imports.chatlog import chat_conversations
from crawlers.imports.conversation import Conversation, Roles, conversation_pairs, find_roles
from crawlers.imports.helpdesk import helpdesk_conversations
from crawlers.imports.mailbox import index_mail, mail_conversations
from crawlers.imports.report import Frame, ImportReport, each_once, import_pairs
from crawlers.imports.shapes import is_helpdesk
from crawlers.imports.subtitles import subtitle_conversations
from tamiz.errors import InputError
from tamiz.records import Pair
from tamiz.rows import Row, read_json, read_rows, text_lines

__all__ = ["import_mail", "import_transcript"]

Conversations = Callable[[Counter[str]], Iterator[Conversation | Row]]


def import_transcript(frame: Frame, path: Path) -> ImportReport:
    """Add the pairs of a chat, a call or a help desk's export: each answer with all turns before it."""
    taken_for, conversations = _reader(frame, path)
    return _import(frame, conversations, taken_for)


def import_mail(frame: Frame, files: Sequence[Path]) -> ImportReport:
    """Add the pairs of the mails in some files, put together to threads."""
    index = index_mail(files)
    for place, reason in index.refused:
        frame.tally.rows += 1
        frame.tally.refuse(place, reason)

    def conversations(left_out: Counter[str]) -> Iterator[Conversation | Row]:
        index.left_out = left_out
        return iter(mail_conversations(index))

    frame.tally.left_out.update(index.left_out)
    return _import(frame, conversations, "mail")


def _reader(frame: Frame, path: Path) -> tuple[str, Conversations]:
    """What a transcript is, and what reads it."""
    ending = path.suffix.lower()
    if ending in (".vtt", ".srt") or _is_subtitle(path):
        return "subtitles", lambda left_out: iter(subtitle_conversations(path, left_out))
    if ending in (".json", ".jsonl", ".ndjson"):
        return _helpdesk_name(path), lambda left_out: helpdesk_conversations(path, left_out)
    profile = profile_chat(path)
    if not profile.names:
        raise InputError(f'{path} has no line of the form "speaker: text"; say what it is with --as')
    gap = frame.options.gap_hours
    return profile.taken_for, lambda left_out: iter(chat_conversations(path, profile, gap_hours=gap, left_out=left_out))


def _is_subtitle(path: Path) -> bool:
    lines = (line.strip() for _, line in text_lines(path))
    first = next((line for line in lines if line), "")
    return first.lstrip("\ufeff").startswith("WEBVTT") or (first.isdecimal() and "-->" in next(lines, ""))


def _helpdesk_name(path: Path) -> str:
    if path.suffix.lower() == ".json":
        named = is_helpdesk(read_json(path))
        if named:
            return named
        return "help desk's conversations"
    return next((is_helpdesk(row.values) for row in read_rows(path) if not row.trouble), "") or "conversations"


def _import(frame: Frame, conversations: Conversations, taken_for: str) -> ImportReport:
    """Read the conversations twice: to know who answers, and for their pairs."""
    known = (one for one in conversations(Counter()) if isinstance(one, Conversation) and one.messages)
    roles = find_roles(known, frame.options.agents)
    pairs = each_once(_pairs(frame, conversations, roles, taken_for), frame.tally)
    return import_pairs(frame, pairs, taken_for=taken_for, unit="conversation", columns={"agent": roles.shown()})


def _pairs(frame: Frame, conversations: Conversations, roles: Roles, pattern: str) -> Iterator[Pair]:
    for one in conversations(frame.tally.left_out):
        frame.tally.rows += 1
        if isinstance(one, Row):
            frame.tally.refuse(one.place, one.trouble)
            continue
        try:
            pairs = list(conversation_pairs(one, roles, frame, pattern))
        except ValueError as error:
            frame.tally.refuse(one.place, str(error))
            continue
        yield from pairs
