"""The data dump of a Stack Exchange site: Posts.xml, as it is or inside its .7z archive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from crawlers.imports.buckets import Buckets
from crawlers.imports.dumps import found_pairs, sort_into_buckets
from crawlers.imports.report import Frame, ImportReport, import_pairs
from crawlers.imports.workfolder import work_folder
from crawlers.pages.stackexchange_api import stackexchange_reading
from tamiz.errors import InputError
from tamiz.records import Pair

__all__ = ["import_stackexchange", "site_of"]

QUESTION, ANSWER = "1", "2"
_SITE = re.compile(r"(?:[a-z0-9-]+\.){1,4}(?:com|net|org)", re.I)
_KEPT = ("Id", "AcceptedAnswerId", "CreationDate", "Score", "Body", "Title", "Tags", "OwnerUserId")


class _NoRow(ValueError):
    """A line of the dump that is no row; says why."""


def site_of(path: Path) -> str:
    """The site's host, from the name of the archive or of the folder; "" where neither says it.

    >>> site_of(Path("dumps/android.stackexchange.com.7z")), site_of(Path("superuser.com/Posts.xml"))
    ('android.stackexchange.com', 'superuser.com')
    """
    for name in (path.name, path.absolute().parent.name):
        found = _SITE.match(name)
        if found:
            return found[0].lower()
    return ""


def import_stackexchange(frame: Frame, path: Path) -> ImportReport:
    """Add a pair for each answered question. Memory stays the same however large the dump is.

    The posts are sorted by question on the disk first, which takes some half of the size of Posts.xml
    beside the project's database for as long as the import runs.
    """
    site = site_of(path)
    with work_folder(frame.project) as folder:
        buckets = Buckets(folder)
        sort_into_buckets([path], buckets, lambda _, number, line: _sort(buckets, frame, path, number, line))
        if not buckets.anything and not frame.tally.refused_rows and not frame.tally.left_out:
            raise InputError(f"{path} has no row of a Stack Exchange dump; give Posts.xml or a site's .7z archive")
        return import_pairs(frame, _pairs(buckets, frame, site), taken_for="Stack Exchange dump", unit="thread")


def _sort(buckets: Buckets, frame: Frame, path: Path, number: int, line: bytes | None) -> None:
    """Put the post of a line into the bucket of its question."""
    if line is None:
        frame.tally.refuse(f"line {number}", "a row of over 16 MB")
        return
    if number == 1 and line[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(f"{path} is in UTF-16; turn it into UTF-8 first: iconv -f UTF-16 -t UTF-8")
    if b"<!DOCTYPE" in line or b"<!ENTITY" in line:
        raise InputError(f"{path} declares XML entities (line {number}), which no dump needs; it is not read")
    if b"<row " not in line:
        return
    try:
        row = _row(line.strip())
    except _NoRow as error:
        frame.tally.refuse(f"line {number}", f"no XML ({error})")
        return
    kind, own = row.get("PostTypeId"), row.get("Id", "")
    key = own if kind == QUESTION else row.get("ParentId", "")
    if kind not in (QUESTION, ANSWER):
        frame.tally.left_out["posts that are neither question nor answer"] += 1
    elif not own.isdecimal() or not key.isdecimal():
        frame.tally.refuse(f"line {number}", "a post without its number")
    else:
        kept = {name: row[name] for name in _KEPT if name in row}
        if "OwnerUserId" not in kept:
            kept["OwnerUserId"] = row.get("OwnerDisplayName", "")
        kept["ContentLicense"] = row.get("ContentLicense", "")
        buckets.add(key, kept | {"line": number, "kind": kind})


def _row(line: bytes) -> dict[str, str]:
    """The attributes of one row; a parser for each line, so that a damaged one costs no other."""
    found: list[dict[str, str]] = []
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = lambda _, attributes: found.append(attributes)
    try:
        parser.Parse(line, True)
    except expat.ExpatError as error:
        raise _NoRow(expat.ErrorString(error.code)) from None
    return found[0]


def _pairs(buckets: Buckets, frame: Frame, site: str) -> Iterator[Pair]:
    """The pairs of all threads; what cannot be one is counted."""
    wanted = {tag.casefold() for tag in frame.options.only}
    for key, posts in buckets.groups():
        question = next((post for post in posts if post["kind"] == QUESTION), None)
        if question is None:
            frame.tally.left_out["answers whose question is not in the dump"] += len(posts)
            continue
        tags = re.findall(r"[^<>|]+", question.get("Tags", ""))
        if wanted and not wanted & {tag.casefold() for tag in tags}:
            frame.tally.left_out["threads without a tag of --only"] += 1
            continue
        frame.tally.rows += 1
        address = f"https://{site}/questions/{key}" if site else f"file:{frame.file}#{key}"
        item = _question(question, tags, [post for post in posts if post["kind"] == ANSWER], address)
        reading = stackexchange_reading({"items": [item], "has_more": False}, address)
        place = f"line {question['line']} (question {key})"
        if reading is not None:
            yield from found_pairs(reading, frame, place)
    if buckets.passed_over:
        frame.tally.left_out["posts beyond 5,000 of a thread"] += buckets.passed_over


def _question(post: dict[str, Any], tags: list[str], answers: list[dict[str, Any]], address: str) -> dict[str, Any]:
    """A thread in the form of the site's API, for which there is a reader."""
    accepted = post.get("AcceptedAnswerId")
    replies = sorted(answers, key=lambda answer: int(answer["Id"]))
    return {
        **_post(post),
        "question_id": int(post["Id"]),
        "title": post.get("Title", ""),
        "link": address,
        "tags": tags,
        "content_license": post["ContentLicense"],
        "answers": [{**_post(answer), "is_accepted": answer["Id"] == accepted} for answer in replies],
    }


def _post(post: dict[str, Any]) -> dict[str, Any]:
    score = post.get("Score", "")
    return {
        "body": post.get("Body", ""),
        "score": int(score) if re.fullmatch(r"-?\d{1,9}", score) else None,
        "creation_date": post.get("CreationDate", ""),
        "owner": {"user_id": post.get("OwnerUserId", "")},
    }
