"""What happened and how good each source is, from counters that agree with the rows they count."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import sqlalchemy as sa

from tamiz import schema
from tamiz.activity import count_sources, deeds, last_decision, person_deeds, sample_source
from tamiz.decisions import judge, mark_sieved
from tamiz.records import Finding, Page, Verdict
from tamiz.store import PageReading


def verdicts(store, pairs, decision, by, **more):
    found = store.pairs_by_id([pair.id for pair in pairs])
    told = [Verdict(pair=pair.id, version=found[pair.id].version, decision=decision, by=by, **more) for pair in pairs]
    assert judge(store, told).done == len(pairs)


def make_page(number, source):
    url = f"http://{source}.example/{number}"
    return Page(url=url, final_url=url, fetched_at="2026-01-31T09:30:00+00:00", status=200, content_type="text/html",
                content_hash=str(number), source=source, archive="a.warc.gz", archive_offset=number)  # fmt: skip


def test_what_one_person_did_in_an_hour_is_one_deed(store, clock, make_pair):
    pairs = [make_pair(number) for number in range(6)]
    store.add_pairs(pairs, "source:ayuda")
    mark_sieved(store, [pair.id for pair in pairs])
    verdicts(store, pairs[:2], "accept", "person:night shift")
    verdicts(store, pairs[2:3], "reject", "person:reviewer-1", reason="wrong")
    clock.forward(60)
    verdicts(store, pairs[3:4], "accept", "person:night shift")
    clock.forward(3600)
    verdicts(store, pairs[4:6], "accept", "person:night shift")
    told = [(deed.actor, deed.move, deed.pairs) for deed in deeds(store, limit=9)]
    assert told == [
        ("person:night shift", "accept", 2),
        ("person:night shift", "accept", 3),
        ("person:reviewer-1", "reject", 1),
        ("step:sieve", "sieve", 6),
        ("source:ayuda", "arrive", 6),
    ]
    both = deeds(store, limit=9)[1]
    assert both.last_at > both.first_at


def test_deeds_are_paged_by_the_number_of_the_last_one_seen(store, make_pair):
    pairs = [make_pair(number) for number in range(3)]
    store.add_pairs(pairs, "source:ayuda")
    for number, pair in enumerate(pairs):
        verdicts(store, [pair], "accept", f"person:reviewer-{number}")
    first = deeds(store, limit=2, people_only=True)
    rest = deeds(store, limit=2, people_only=True, before=first[-1].last_seq)
    assert [deed.actor for deed in (*first, *rest)] == ["person:reviewer-2", "person:reviewer-1", "person:reviewer-0"]


def test_each_person_is_counted_from_an_hour_on(store, clock, make_pair):
    pairs = [make_pair(number) for number in range(4)]
    store.add_pairs(pairs, "source:ayuda")
    verdicts(store, pairs[:2], "accept", "person:reviewer-1")
    before = clock.time
    clock.time += timedelta(days=1)
    verdicts(store, pairs[2:3], "reject", "person:reviewer-1", reason="wrong")
    verdicts(store, pairs[3:], "accept", "person:night shift")
    assert person_deeds(store, since=f"{before:%Y-%m-%dT%H}") == {
        "reviewer-1": Counter(accept=2, reject=1),
        "night shift": Counter(accept=1),
    }
    assert person_deeds(store, since=f"{clock.time:%Y-%m-%dT%H}") == {
        "reviewer-1": Counter(reject=1),
        "night shift": Counter(accept=1),
    }
    assert last_decision(store) == store.timestamp()


def test_the_counters_agree_with_the_rows_they_count(store, make_pair):
    for source, number in (("ayuda", 3), ("foro", 2)):
        for at in range(number):
            page = make_page(at, source)
            pairs = [make_pair(10 * at + one, source=source) for one in range(at + 1)]
            store.add_page(page, pairs, PageReading(page=page.id, kind="faq", reason="", found=len(pairs)))
    some = [stored.pair for stored in store.pairs()][:4]
    verdicts(store, some[:3], "accept", "rule:sound-pairs")
    verdicts(store, some[3:], "reject", "rule:exact-copies", reason="copy of abc")
    told = {one.source: (one.pages, one.pairs) for one in count_sources(store)}
    assert told == store.count_by_source()
    assert sum(one.states.get("accepted", 0) for one in count_sources(store)) == 3
    with store.database.read() as connection:
        e, d = schema.event.c, schema.deed.c
        events = sa.select(e.actor, e.move, sa.func.count()).group_by(e.actor, e.move)
        counted = sa.select(d.actor, d.move, sa.func.sum(d.pairs)).group_by(d.actor, d.move)
        assert sorted(map(tuple, connection.execute(events))) == sorted(map(tuple, connection.execute(counted)))


def test_a_source_is_told_by_its_newest_pairs_what_stands_about_them_and_why_they_were_rejected(store, make_pair):
    pairs = [make_pair(number, confidence=1.0 if number < 8 else 0.5) for number in range(10)]
    other = make_pair(99, source="foro", confidence=0.1)
    store.add_pairs([*pairs, other], "source:ayuda")
    for settings in ("old", "new"):  # what an earlier look found does not stand any more
        found = [Finding(pair=pair.id, step="quality", kind="too_short", field="answer") for pair in pairs[7:9]]
        store.add_look("quality", settings, [pair.id for pair in pairs], found)
    verdicts(store, pairs[:1], "reject", "person:reviewer-1", reason="wrong")
    verdicts(store, pairs[1:3], "reject", "rule:exact-copies", reason="copy of abc")
    sample = sample_source(store, "ayuda", limit=4)
    assert (sample.pairs, sample.confidence) == (4, 0.75)
    assert sample.findings == Counter(too_short=2)
    assert sample.reasons == Counter({"rule:exact-copies": 2, "wrong": 1})
    assert sample_source(store, "nowhere", limit=4).pairs == 0
