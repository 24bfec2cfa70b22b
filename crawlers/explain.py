"""Why a page gave the pairs it gave: every block that a reader looked at, kept or dropped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crawlers.extract import need_readers, page_bytes, read_safely
from tamiz.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from crawlers.pages import Block, Reading
    from tamiz.project import Project
    from tamiz.records import Page
    from tamiz.store import Store

__all__ = ["Explained", "explain", "is_address"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What was made of one page. `found` blocks are `kept` and `dropped` ones together.

    `page` is the file or address, `reason` why it has no pairs, or None.
    """

    page: str
    kind: str
    reason: str | None
    pairs: int
    found: int
    kept: int
    dropped: int
    blocks: tuple[Block, ...]


def is_address(target: str) -> bool:
    """Whether a target is meant as the address of a stored page, not as a file."""
    return target.lower().startswith(("http://", "https://"))


def explain(target: str, opened: Callable[[], AbstractContextManager[tuple[Project, Store]]]) -> Explained:
    """Read one saved file, or the newest stored version of an address, without the network.

    `opened` opens the project, and is called for addresses only. InputError where there is no such page.
    """
    need_readers()
    from crawlers.pages import decode

    if not is_address(target):
        return _explained(target, read_safely(decode(_saved(Path(target))), ""))
    with opened() as (project, store):
        from crawlers.archive import read_body

        page = _newest(store, target)
        if page is None:
            raise InputError(f"{target} is no stored page of this project; crawl it first, or give a saved file")
        body, content_type = read_body(project, page)
        return _explained(page.final_url, read_safely(decode(body, content_type), page.final_url))


def _saved(path: Path) -> bytes:
    try:
        return page_bytes(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _newest(store: Store, address: str) -> Page | None:
    """The newest page of an address, with or without what follows its "#" or a slash at its end."""
    wanted = _plain(address)
    newest = None
    for page in store.pages():
        if wanted in (_plain(page.final_url), _plain(page.url)):
            newest = page
    return newest


def _plain(address: str) -> str:
    return address.partition("#")[0].rstrip("/")


def _explained(page: str, reading: Reading) -> Explained:
    blocks = reading.blocks or _from_pairs(reading)
    kept = sum(block.kept for block in blocks)
    return Explained(
        page=page,
        kind=reading.kind,
        reason=reading.reason,
        pairs=len(reading.pairs),
        found=len(blocks),
        kept=kept,
        dropped=len(blocks) - kept,
        blocks=blocks,
    )


def _from_pairs(reading: Reading) -> tuple[Block, ...]:
    """For answers of an interface, whose readers look at nothing but records that say what they are."""
    from crawlers.pages import Block

    return tuple(
        Block(text=pair.question, pattern=pair.pattern, kept=True, reason=pair.reason or "stated by the interface")
        for pair in reading.pairs
    )
