"""Reddit's dumps: submissions (RS_) and comments (RC_) as JSON Lines, mostly packed as .zst."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from crawlers.imports.buckets import Buckets
from crawlers.imports.dumps import found_pairs, sort_into_buckets
from crawlers.imports.report import Frame, ImportReport, import_pairs
from crawlers.imports.shapes import is_comment, is_post
from crawlers.imports.workfolder import work_folder
from crawlers.pages.reddit import reddit_reading
from tamiz.records import Pair

__all__ = ["import_reddit"]

REDDIT = "https://www.reddit.com"
_POST = ("title", "selftext", "permalink", "subreddit", "link_flair_text", "removed_by_category")
_COMMENT = ("body", "stickied")
_BOTH = ("id", "author", "score", "created_utc", "distinguished")
_ID = re.compile(r"[0-9a-z]{1,13}")


def import_reddit(frame: Frame, files: Sequence[Path]) -> ImportReport:
    """Add a pair for each answered post. The files of submissions and of comments are given together.

    Memory stays the same however large they are: posts and comments are sorted by thread on the disk,
    beside the project's database, for as long as the import runs.
    """
    with work_folder(frame.project) as folder:
        buckets = Buckets(folder)
        sort_into_buckets(files, buckets, lambda path, number, line: _sort(buckets, frame, path, number, line))
        return import_pairs(frame, _pairs(buckets, frame), taken_for="Reddit dump", unit="thread")


def _sort(buckets: Buckets, frame: Frame, path: Path, number: int, line: bytes | None) -> None:
    """Put the post or comment of a line into the bucket of its thread."""
    if line is not None and not line.strip():
        return
    place = f"{path.name}, line {number}"
    value = _object(line)
    if isinstance(value, str):
        frame.tally.refuse(place, value)
        return
    wanted = {name.casefold().removeprefix("r/") for name in frame.options.only}
    if wanted and str(value.get("subreddit", "")).casefold() not in wanted:
        frame.tally.left_out["posts of other subreddits than --only"] += 1
        return
    comment = is_comment(value)
    key = str(value["link_id"] if comment else value.get("id", "")).removeprefix("t3_")
    if not _ID.fullmatch(key) or not (comment or is_post(value)):
        frame.tally.refuse(place, "no post and no comment of Reddit")
        return
    kept = {name: value[name] for name in (*_BOTH, *(_COMMENT if comment else _POST)) if name in value}
    buckets.add(key, kept | {"kind": "t1" if comment else "t3", "place": place, "created_utc": _seconds(value)})


def _object(line: bytes | None) -> dict[str, Any] | str:
    """A line's object, or why it is none."""
    if line is None:
        return "a line of over 16 MB"
    try:
        value = json.loads(line)
    except RecursionError:
        return "nested too deep"
    except ValueError as error:
        return f"not valid JSON ({error})"
    return value if isinstance(value, dict) else "no object with named values"


def _seconds(value: dict[str, Any]) -> float | None:
    """When it was written; the older dumps have it as text."""
    said = value.get("created_utc")
    if isinstance(said, str) and re.fullmatch(r"\d{1,12}(\.\d+)?", said):
        return float(said)
    return said if isinstance(said, (int, float)) and not isinstance(said, bool) else None


def _pairs(buckets: Buckets, frame: Frame) -> Iterator[Pair]:
    """The pairs of all threads; what cannot be one is counted."""
    for key, records in buckets.groups():
        posts = [record for record in records if record["kind"] == "t3"]
        comments = {record.get("id"): record for record in records if record["kind"] == "t1"}
        if not posts:
            frame.tally.left_out["comments whose post is not in the files"] += len(records)
            continue
        frame.tally.rows += 1
        post = posts[-1]
        address = f"{REDDIT}/comments/{key}/"
        if not re.match(r"/r/\w{1,30}/comments/", str(post.get("permalink"))):
            post.pop("permalink", None)
        reading = reddit_reading([_listing([post]), _listing(list(comments.values()))], address)
        if reading is not None:
            yield from found_pairs(reading, frame, post["place"])
    if buckets.passed_over:
        frame.tally.left_out["comments beyond 5,000 of a thread"] += buckets.passed_over


def _listing(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Records in the form of the site's own answers, for which there is a reader."""
    children = [{"kind": record["kind"], "data": record} for record in records]
    return {"kind": "Listing", "data": {"children": children}}
