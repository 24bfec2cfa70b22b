"""What is known of one forum platform: where its markup keeps what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from crawlers.pages.dom import Element

__all__ = ["Platform", "class_path", "select"]

_STAFF = (
    "self::*{staff or moderator or admin or Rank-Moderator or Rank-Administrator} | "
    ".//*{staff or moderator or admin or user-staff or user-moderator or user-admin or userBanner--staff or "
    "message--staff or Rank-Moderator or Rank-Administrator}"
)


def class_path(path: str) -> str:
    """A path in which `{a or b}` stands for "has the class a or b", `{not a}` for "lacks it".

    >>> class_path("//div{post}")
    "//div[contains(concat(' ', normalize-space(@class), ' '), ' post ')]"
    """

    def has(name: re.Match[str]) -> str:
        return f"contains(concat(' ', normalize-space(@class), ' '), ' {name[0]} ')"

    def expand(found: re.Match[str]) -> str:
        negated, names = found[1].startswith("not "), found[1].removeprefix("not ")
        test = re.sub(r"(?<![\w-])(?!or\b)[\w-]+", has, names)
        return f"[not({test})]" if negated else f"[{test}]"

    return re.sub(r"\{([^{}]+)\}", expand, path)


@cache
def _compiled(path: str) -> Any:
    return etree.XPath(class_path(path))


def select(element: Element, path: str) -> list[Any]:
    """The elements and strings of a path (see `class_path`) from an element; none for the path ""."""
    return list(_compiled(path)(element)) if path else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """XPaths of one platform, with `{name}` for a class (see `class_path`); all start at a post
    but `post`, `title`, `label` and `solved`.

    `signs` are classes, tags or ids of which a page of this platform has at least one: pages of
    others are passed over without a search. Of the paths of `title`, `label`, `body` and `author`,
    divided by " | ", the first that finds text counts. `noise` are quotes, signatures and notes;
    `code` are blocks of code that are no <pre> or <code>; `cite` gives the names that quotes state;
    `date` is where to look for the date first; `thanks` finds the asker's comments below a post;
    `solved` is there on solved threads only. `marks` says that threads can mark an answer, `judges`
    that every thread can and that votes judge answers; `least_votes` is 1 there and 2 where votes
    are mere likes.
    """

    name: str
    signs: tuple[str, ...]
    post: str
    body: str
    author: str
    title: str
    noise: str = ".//blockquote"
    code: str = ""
    label: str = ""
    votes: str = ""
    accepted: str = ""
    cite: str = ".//cite"
    staff: str = _STAFF
    date: str = ""
    thanks: str = ""
    solved: str = ""
    marks: bool = False
    judges: bool = False
    least_votes: int = 2
