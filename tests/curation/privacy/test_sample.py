"""The sample site holds planted personal data; none of it is left in what is masked."""

from __future__ import annotations

import tomllib
from pathlib import Path

from crawlers.extract import extract_files
from curation.pair_texts import texts_of
from curation.privacy import find_personal
from curation.privacy.masks import masked_pair
from curation.privacy.own import own_contacts
from tamiz.records import Pair

DATA = Path(__file__).parents[3] / "data"
PLANTED = ("600 000 145", "600 000 777", "600 000 231", "00000000T", "nieve.abril@", "lost.umbrella@", "LF-00000042")


def test_nothing_personal_is_left_in_the_pairs_of_the_sample():
    pages = sorted([*DATA.glob("site/foro/**/*.html"), *DATA.glob("site/community/**/*.html")])
    rows = [pair for page in extract_files(pages) for pair in page["pairs"]]
    own = own_contacts(
        tomllib.loads((DATA / "tamiz.toml").read_text(encoding="utf-8"))["curation"]["privacy"]["keep"], {}
    )
    pairs = [Pair(**{"kind": "faq", "url": "u", "group": "g", "lang": "es"} | _known(row)) for row in rows]
    before = "\n".join(text for pair in pairs for _, text in texts_of(pair))
    texts = [text for pair in pairs for _, text in texts_of(masked_pair(pair, "step:privacy", own=own))]
    left = [one for text in texts for one in find_personal(text, "es") if not own.has(one.kind, one.value)]
    assert all(planted in before for planted in PLANTED)
    assert not [planted for planted in PLANTED if planted in "\n".join(texts)]
    assert left == []


def _known(row: dict) -> dict:
    return {name: row[name] for name in ("question", "answer", "answer_markdown") if row.get(name)}
