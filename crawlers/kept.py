"""From a fetched and read page to what the store keeps of it."""

from __future__ import annotations

import hashlib
import json

from crawlers.addresses import Scope, address_key, canonical_address, named_canonical, says_the_same
from crawlers.answers import Answer
from crawlers.archive import ArchiveWriter
from crawlers.pages import Reading, decode
from crawlers.pairs import page_pairs, page_reading
from crawlers.plan import Plan
from tamiz.frontier import Address, Fetched
from tamiz.records import Page, Pair

__all__ = ["kept_page"]

LONGEST_HEADER = 1000  # of an ETag that is sent back
HEAD_BYTES = 200_000


def kept_page(
    plan: Plan,
    answer: Answer,
    reading: Reading,
    archive: ArchiveWriter,
    stored: Page | None,
    *,
    at: str,
    links: tuple[Address, ...],
) -> Fetched:
    """The page with its pairs and links; its bytes go to the archive where they are not there yet.

    `stored` is the page that was last kept for the address.
    """
    final, canonical = _addresses(plan, answer)
    content_hash = hashlib.sha256(answer.body).hexdigest()
    place = (answer.archive, answer.offset)
    if stored is not None and stored.content_hash == content_hash:
        place = (stored.archive, stored.archive_offset)
    elif not answer.archive:
        place = archive.write(
            url=final,
            fetched_at=at,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            agent=plan.agent,
            asked=answer.address.url,
            robots=answer.robots,
        )
    page = Page(
        url=answer.address.url,
        final_url=final,
        fetched_at=at,
        status=answer.status,
        content_type=answer.content_type,
        content_hash=content_hash,
        source=plan.source.name,
        archive=place[0],
        archive_offset=place[1],
        robots=answer.robots,
        licence=reading.licence,
        etag=_echoed(answer, "ETag"),
        last_modified=_echoed(answer, "Last-Modified"),
    )
    source = plan.source
    pairs = page_pairs(page, reading, languages=plan.languages, licence=source.licence, threads=source.threads)
    return Fetched(
        page=page,
        reading=page_reading(page, reading),
        pairs=pairs,
        links=links,
        final=address_key(final),
        canonical=canonical,
        pairs_hash=_pairs_hash(pairs),
        size=len(answer.body),
    )


def _addresses(plan: Plan, answer: Answer) -> tuple[str, str]:
    """The page's own address, and the key of the one it names instead, where that is another one of the source."""
    final = canonical_address(answer.final_url)
    if answer.body.lstrip()[:1] in (b"{", b"["):
        return final, ""
    named = named_canonical(decode(answer.body[:HEAD_BYTES], answer.content_type), answer.final_url)
    if not named or named == final or Scope.of(plan.source).refusal(named):
        return final, ""
    if says_the_same(final, named):
        return named, ""
    return final, address_key(named)


def _echoed(answer: Answer, name: str) -> str:
    """A header that is sent back with the next request, or "" where it cannot be."""
    value = answer.header(name)
    return value if len(value) <= LONGEST_HEADER and value.isascii() and value.isprintable() else ""


def _pairs_hash(pairs: tuple[Pair, ...]) -> str:
    texts = sorted((pair.question, pair.answer) for pair in pairs)
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:32] if texts else ""
