"""The shares as a picture: bars in SVG, with every text escaped and no script, link or style from elsewhere."""

from __future__ import annotations

import html
from collections.abc import Iterator

from curation.balance.count import Balance
from curation.balance.said import Section, one_line, sections

__all__ = ["balance_picture"]

WIDTH, NAMES_END, BARS_END = 800, 310, 710  # where names end and bars begin, and where a bar of 100 % would end
ROW, TITLE, MARGIN = 22, 34, 16
MOST_BARS = 6  # of a section
MOST_LETTERS = 32  # of a name, so that it stays left of its bar
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
    'role="img" font-family="system-ui, sans-serif" font-size="13">\n<title>{title}</title>\n'
    '<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
)


def balance_picture(balance: Balance, title: str = "Balance of the pairs") -> str:
    """Bars for what is in these pairs, a block for each dimension and topic; shares are of what the block says."""
    blocks = [_block(section) for section in sections(balance)]
    height, drawn = MARGIN, []
    for block in blocks:
        drawn += [text.format(y=height + below) for text, below in block]
        height += max(below for _, below in block) + MARGIN
    head = HEAD.format(width=WIDTH, height=height, title=html.escape(title))
    return head + "".join(f"{line}\n" for line in drawn) + "</svg>\n"


def _block(section: Section) -> list[tuple[str, int]]:
    """SVG elements, with a place for y, and how far below the block's top each is."""
    title = f"{section.title}: shares of {section.of:,} pairs"
    words = html.escape(title)
    elements = [(f'<text x="{MARGIN}" y="{{y}}" fill="#24292f" font-weight="600">{words}</text>', 16)]
    rows = sorted(section.rows, key=lambda row: -row.pairs)[:MOST_BARS]
    for number, row in enumerate(rows):
        elements += _bar(row.name, row.share, TITLE + number * ROW)
    return elements


def _bar(name: str, share: float, below: int) -> Iterator[tuple[str, int]]:
    width = (BARS_END - NAMES_END) * share
    yield f'<text x="{NAMES_END - 10}" y="{{y}}" fill="#24292f" text-anchor="end">{_text(name)}</text>', below + 4
    yield f'<rect x="{NAMES_END}" y="{{y}}" width="{width:.1f}" height="14" rx="2" fill="#2f6f8f"/>', below - 7
    yield f'<text x="{NAMES_END + width + 8:.1f}" y="{{y}}" fill="#5f6b76">{share:.1%}</text>', below + 4


def _text(name: str) -> str:
    line = one_line(name)
    short = line if len(line) <= MOST_LETTERS else line[: MOST_LETTERS - 1] + "…"
    return html.escape(short).replace("{", "&#123;").replace("}", "&#125;")
