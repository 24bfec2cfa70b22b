"""What a file is, by its ending and by how it begins."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal

from crawlers.imports.chatlines import profile_chat
from crawlers.imports.mailbox import mail_files
from crawlers.imports.shapes import HELPDESK_LISTS, is_helpdesk, is_reddit
from crawlers.imports.streams import zstd_lines
from crawlers.imports.tablefiles import is_dataset
from tamiz.errors import InputError
from tamiz.rows import text_encoding

__all__ = ["KINDS", "Kind", "recognise"]

Kind = Literal["table", "transcript", "mail", "stackexchange", "reddit", "hf"]
KINDS: tuple[Kind, ...] = ("table", "transcript", "mail", "stackexchange", "reddit", "hf")
START = 1 << 16  # characters looked at
_BY_ENDING: dict[str, Kind] = {
    **dict.fromkeys((".csv", ".tsv", ".xlsx", ".xlsm", ".parquet"), "table"),
    **dict.fromkeys((".vtt", ".srt"), "transcript"),
    **dict.fromkeys((".eml", ".mbox", ".mbx"), "mail"),
    ".7z": "stackexchange",
}  # type: ignore[arg-type, unused-ignore]
_MAIL_HEADER = re.compile(r"(?:From \S+ .*\n)?(?:[A-Za-z][\w-]{1,60}:[^\n]*\n(?:[ \t][^\n]*\n)*){3,}\s*\n")


def recognise(path: Path) -> Kind:
    """What a file or folder is; InputError where nothing says it, with what can be done."""
    if str(path).startswith("hf:"):
        return "hf"
    if path.is_dir():
        return _folder(path)
    if not path.exists():
        raise InputError(f"{path} does not exist; check the name. A dataset of the Hugging Face hub is hf:OWNER/NAME")
    ending = path.suffix.lower()
    if path.name.lower().endswith((".warc", ".warc.gz")):
        raise InputError(f'{path} is a web archive; add it to tamiz.toml as a source with spider = "archive"')
    if ending in _BY_ENDING:
        return _BY_ENDING[ending]
    if ending == ".zst":
        return _zst(path)
    start = _start(path)
    if ending in (".json", ".jsonl", ".ndjson") or re.match(r"\s*[{\[]\s*[\"{]", start):
        return _json_kind(start)
    return _text_kind(path, start)


def _folder(folder: Path) -> Kind:
    if is_dataset(folder):
        return "hf"
    if mail_files(folder):
        return "mail"
    raise InputError(
        f"{folder} is a folder without a saved dataset, Parquet files or mail; give the files in it, "
        "or add saved pages to tamiz.toml as a source"
    )


def _zst(path: Path) -> Kind:
    for line in zstd_lines(path, 5):
        try:
            if is_reddit(json.loads(line)):
                return "reddit"
        except (ValueError, RecursionError):
            continue
    raise InputError(f"{path} does not begin with posts or comments of Reddit; unpack it and give what is in it")


def _start(path: Path) -> str:
    with path.open(encoding=text_encoding(path), errors="replace") as file:
        return file.read(START)


def _json_kind(start: str) -> Kind:
    """By the first object, which may be cut off or lie in a list or under a name."""
    first = _first_object(start)
    if is_reddit(first):
        return "reddit"
    keys = ("conversation_parts", "history", "author_id")
    if is_helpdesk(first) or (first is None and any(re.search(rf'"{key}"\s*:', start) for key in keys)):
        return "transcript"
    return "table"


def _first_object(start: str) -> Any:
    """The first object of the text, or None where it is longer than the text."""
    text = start.lstrip("\ufeff \t\r\n[")
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict) and not is_helpdesk(value):
        named = [value[name] for name in HELPDESK_LISTS if name in value]
        if named and isinstance(named[0], list) and named[0]:
            return named[0][0]
    return value


def _text_kind(path: Path, start: str) -> Kind:
    begins = start.lstrip("\ufeff").lstrip()
    if begins.startswith(("<?xml", "<posts")):
        if "<posts" in begins[:2000] or "PostTypeId=" in begins:
            return "stackexchange"
        raise InputError(f"{path} is XML of an unknown kind; of a Stack Exchange dump, give Posts.xml")
    if begins.startswith("WEBVTT") or re.match(r"\d+\s*\n\d\d:\d\d:\d\d[.,]\d{3} --> ", begins):
        return "transcript"
    if re.match(r"From \S+ .*\d\d:\d\d", begins) or (_MAIL_HEADER.match(begins) and re.search(r"^From:", begins, re.M)):
        return "mail"
    return "transcript" if profile_chat(path).is_chat else "table"
