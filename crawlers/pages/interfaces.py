"""Reads the JSON that a platform's interface (API) answers, whichever of the known ones it is."""

from __future__ import annotations

import json

from crawlers.pages.discourse import discourse_reading
from crawlers.pages.faq import no_pairs
from crawlers.pages.found import Reading
from crawlers.pages.reddit import reddit_reading
from crawlers.pages.stackexchange_api import stackexchange_reading
from crawlers.pages.zendesk import zendesk_reading

__all__ = ["read_json"]

# Each takes the decoded value and the address, and returns None where it is of another platform.
READERS = (discourse_reading, stackexchange_reading, zendesk_reading, reddit_reading)


def read_json(text: str, url: str = "") -> Reading:
    """The pairs of a JSON answer of unknown platform; of kind "none" with the reason where it has none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return no_pairs("not JSON")
    for reader in READERS:
        reading = reader(value, url)
        if reading is not None:
            return reading
    return no_pairs("JSON of no known platform")
