"""The list of words is exactly what the latest looks at the open pairs found, whatever moves the pairs."""

from __future__ import annotations

import random
from collections import defaultdict
from contextlib import suppress

import pytest

from tamiz.decisions import claim, decide, mark_sieved, undo
from tamiz.errors import InputError
from tamiz.records import Finding, Verdict
from tamiz.worddecisions import WORD_KINDS, WordType, record_word, word_counts, word_history, word_places

BY = "person:reviewer-1"
WORDS = ("ruter", "cabel", "wifi" * 30, "contraseña 😀")


def counted(store):
    """The same by reading every open pair's standing findings."""
    places = defaultdict(list)
    for stored in store.pairs("new", "waiting", "skipped"):
        for found in store.findings([stored.pair.id])[stored.pair.id]:
            if found.step == "spelling" and found.kind in WORD_KINDS:
                places[WordType(stored.pair.lang, found.before, found.after)].append((stored.pair.id, found))
    rows = [
        (word, len({pair for pair, _ in found}), len(found), max(one.confidence for _, one in found))
        for word, found in places.items()
    ]
    return sorted(rows, key=lambda row: (-row[1], row[0].lang, row[0].before, row[0].after or "", row[0].after is None))


def listed(store):
    return [(one.word, one.pairs, one.findings, one.confidence) for one in word_counts(store, limit=1000)]


def look(store, pairs, chance):
    found = []
    for pair in pairs:
        for start, word in enumerate(chance.sample(WORDS, chance.randrange(len(WORDS)))):
            kind = chance.choice((*WORD_KINDS, "not_checked"))
            after = chance.choice((word + "s", None))
            told = {"kind": kind, "field": "answer", "confidence": chance.random(), "witness": "embedded: word"}
            place = {"start": start, "end": start + 1, "before": word, "after": after}
            found.append(Finding(pair=pair, step=chance.choice(("spelling", "clean")), **told, **place))
    for step in ("spelling", "clean"):
        store.add_look(step, str(chance.random()), pairs, [one for one in found if one.step == step])


def decide_next(store, chance):
    stored = claim(store, BY, lease_seconds=300)
    assert stored is not None
    version, what = stored.version, chance.choice(("accept", "reject", "skip"))
    decide(store, Verdict(pair=stored.pair.id, version=version, decision=what, by=BY))


@pytest.mark.parametrize("seed", range(3))
def test_the_list_of_words_is_what_the_open_pairs_findings_say(store, make_pair, seed) -> None:
    chance = random.Random(seed)
    pairs = [make_pair(number, lang=chance.choice(("es", "en"))) for number in range(12)]
    store.add_pairs(pairs, "source:ayuda")
    ids = [pair.id for pair in pairs]
    look(store, ids, chance)
    assert listed(store) == counted(store) != []
    mark_sieved(store, ids)
    for _ in range(25):
        move = chance.choice(("look", "decide", "decide", "undo", "never"))
        if move == "look":
            look(store, chance.sample(ids, 3), chance)
        elif move == "decide" and store.counts().get("waiting", 0):
            decide_next(store, chance)
        elif move == "undo":
            with suppress(InputError):  # nothing is left to undo
                undo(store, BY)
        elif move == "never" and (counts := word_counts(store, limit=1)):
            word = counts[0].word
            record_word(store, word, "never", BY, seen=len(word_history(store, word)))
        assert listed(store) == counted(store)
    for word, pairs_with, findings, _ in listed(store):
        places = word_places(store, word, limit=1000)
        assert (len(places), sum(len(found) for _, found in places)) == (pairs_with, findings)
