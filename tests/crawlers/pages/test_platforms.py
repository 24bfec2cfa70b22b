"""The rows of paths of the known forum platforms."""

from __future__ import annotations

import pytest
from lxml import etree, html

from crawlers.pages.platforms import PLATFORMS, Platform, class_path
from crawlers.pages.platforms.facts import vote_count

PATHS = ("post", "body", "author", "title", "noise", "code", "label", "votes", "accepted", "cite", "staff", "date",
         "thanks", "solved")  # fmt: skip


@pytest.mark.parametrize("platform", [pytest.param(p, id=f"{p.name}-{n}") for n, p in enumerate(PLATFORMS)])
def test_every_path_can_be_read(platform: Platform) -> None:
    page = html.document_fromstring("<p>x</p>")
    for name in PATHS:
        for path in getattr(platform, name).split(" | "):
            if path:
                etree.XPath(class_path(path))(page)


@pytest.mark.parametrize(
    ("values", "votes"),
    [(["Score: 12"], 12), (["1.2k"], 1200), (["", "3"], 3), (["−2 points"], -2), (["vote"], None), ([], None)],
)
def test_votes_are_read_as_they_are_shown(values: list[str], votes: int | None) -> None:
    assert vote_count(values) == votes
