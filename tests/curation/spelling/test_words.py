"""One decision for every pair that has a word: what it changes, what it leaves, and that none is lost."""

from __future__ import annotations

import queue
import threading

import pytest

from curation.revise import Refused
from curation.sieve import curate
from curation.spelling.words import WordDesk, list_words, never_words
from tamiz.decisions import claim, mark_sieved, undo
from tamiz.errors import Conflict, InputError, NotPermitted
from tamiz.people import change_person
from tamiz.records import Finding
from tamiz.store import Store
from tamiz.worddecisions import WordType, word_history

RUTER = WordType("es", "ruter", "router")


def test_of_two_decided_proposals_for_a_word_the_one_that_is_meant_is_taken_back(store, desk, make_pair) -> None:
    bring(store, [make_pair(1, answer="Un ruter.")], ("ruter", "router"))
    bring(store, [make_pair(2, answer="El ruter de Ana.")], ("ruter", "ruta"))
    for becomes in ("router", "ruta"):
        desk.always(desk.find("ruter", becomes=becomes))
    with pytest.raises(InputError, match=r"router.*ruta.*|ruta.*router.*--to WORD"):
        desk.latest("ruter")
    desk.take_back(desk.latest("ruter", becomes="ruta"))
    assert answers(store, "waiting") == ["El ruter de Ana.", "Un router."]


SPELLING = '[curation]\nsteps = ["spelling"]\n[curation.spelling]\nengine = "embedded"\napply_at = 1\n'


def finding(pair, before, after, **more):
    start = pair.answer.index(before)
    values = {"kind": "spelling", "field": "answer", "confidence": 0.6, "witness": "embedded: word", **more}
    return Finding(
        pair=pair.id, step="spelling", start=start, end=start + len(before), before=before, after=after, **values
    )


def bring(store, pairs, *changes):
    """Have these pairs wait, with these changes of words found in each."""
    store.add_pairs(pairs, "source:ayuda")
    found = [finding(pair, before, after) for pair in pairs for before, after in changes if before in pair.answer]
    store.add_look("spelling", "s", [pair.id for pair in pairs], found)
    mark_sieved(store, [pair.id for pair in pairs])


@pytest.fixture
def pairs(store, make_pair):
    pairs = [make_pair(n, answer=f"😀 Mi ruter {n} y su cabel 😀.") for n in range(5)]
    bring(store, pairs, ("ruter", "router"), ("cabel", "cable"))
    return pairs


@pytest.fixture
def desk(store, tmp_path):
    return WordDesk(store, "reviewer-1", tmp_path / "glossary.txt")


def answers(store, *states):
    return sorted(stored.pair.answer for stored in store.pairs(*states))


def test_words_are_listed_with_their_pairs_confidence_engine_and_examples(store, desk, pairs) -> None:
    rows = desk.words()
    assert [(row.word.before, row.count.pairs, row.engine, row.count.confidence) for row in rows] == [
        ("cabel", 5, "embedded", 0.6),
        ("ruter", 5, "embedded", 0.6),
    ]
    [example, _] = desk.examples(rows[1].word, limit=2)
    assert example.stored.pair == pairs[0]
    assert ("delete", "ruter") in example.proposals[0].segments


def test_the_list_goes_on_where_it_was_however_many_words_there_are(store, desk, make_pair) -> None:
    letters = "abcdefghijkl"
    many = [make_pair(n, answer=" ".join(f"zz{letter}" for letter in letters[n:])) for n in range(12)]
    bring(store, many, *((f"zz{letter}", letter) for letter in letters), ("zza", None))
    seen, last = [], None
    while rows := desk.words(limit=5, after=last):
        seen += [(row.word.before, row.count.pairs) for row in rows]
        last = rows[-1].count
    assert seen[:3] == [("zzl", 12), ("zzk", 11), ("zzj", 10)]
    assert len(seen) == len(set(seen)) + 1 == 13  # one word with two proposals, in one pair each


def test_always_changes_every_open_pair_in_the_persons_name_and_keeps_the_originals(store, desk, pairs) -> None:
    [row] = [row for row in desk.words() if row.word == RUTER]
    assert desk.always(row).changed == 5
    assert answers(store, "waiting") == [f"😀 Mi router {n} y su cabel 😀." for n in range(5)]
    assert answers(store, "replaced") == [f"😀 Mi ruter {n} y su cabel 😀." for n in range(5)]
    event = store.history(pairs[0].id)[-1]
    assert (event.actor, event.move, event.reason) == ("person:reviewer-1", "edit", "ruter > router: always")


def test_what_else_was_found_in_a_changed_pair_stays_with_it(store, desk, pairs) -> None:
    for row in desk.words():
        desk.always(row)
    assert answers(store, "waiting") == [f"😀 Mi router {n} y su cable 😀." for n in range(5)]
    assert desk.words() == []


def test_always_may_put_another_word_than_the_one_proposed(store, desk, pairs) -> None:
    desk.always(desk.find("ruter"), "enrutador")
    assert answers(store, "waiting")[0] == "😀 Mi enrutador 0 y su cabel 😀."


@pytest.mark.parametrize("becomes", ["ruter", "x" * 300])
def test_a_word_that_is_none_is_refused(store, desk, pairs, becomes) -> None:
    with pytest.raises(Refused):
        desk.always(desk.find("ruter"), becomes)
    assert word_history(store, RUTER) == []


def test_a_pair_that_somebody_is_looking_at_is_left_for_later(store, desk, pairs) -> None:
    held = claim(store, "person:reviewer-2", lease_seconds=60)
    done = desk.always(desk.find("ruter"))
    assert (done.changed, done.left) == (4, 1)
    assert store.pair(held.pair.id).state == "waiting"


def test_never_goes_into_the_glossary_and_settles_what_was_found(store, desk, pairs, tmp_path) -> None:
    desk.never(desk.find("ruter"))
    assert (tmp_path / "glossary.txt").read_text(encoding="utf-8").endswith("es: ruter\n")
    assert [row.word.before for row in desk.words()] == ["cabel"]
    assert {one.before for found in store.findings([pair.id for pair in pairs]).values() for one in found} == {"cabel"}
    assert never_words(store) == [("es", "ruter")]
    assert answers(store, "replaced") == []


def test_a_word_that_cannot_stand_in_the_glossary_is_not_decided(store, desk, make_pair, tmp_path) -> None:
    bring(store, [make_pair(1, answer="El # ruter de aquí")], ("# ruter", "router"))
    with pytest.raises(InputError, match="pair by pair"):
        desk.never(desk.words()[0])
    assert len(desk.words()) == 1
    assert not (tmp_path / "glossary.txt").exists()


def test_only_here_changes_one_pair_and_asks_about_the_others(store, desk, pairs) -> None:
    assert desk.here(desk.find("ruter"), pairs[2].id).changed == 1
    assert desk.find("ruter").count.pairs == 4
    with pytest.raises(Refused):
        desk.here(desk.find("ruter"), pairs[2].id)


def test_a_decision_taken_back_gives_the_pairs_back_that_nobody_has_moved_since(store, desk, pairs, tmp_path) -> None:
    desk.always(desk.find("ruter"))
    held = claim(store, "person:reviewer-2", lease_seconds=60)
    done = desk.take_back(desk.decided()[0])
    assert (done.changed, done.left) == (4, 1)
    assert answers(store, "waiting")[-1] == "😀 Mi ruter 4 y su cabel 😀."
    assert store.pair(held.pair.id).state == "waiting"
    assert [one.decision for one in word_history(store, RUTER)] == ["always", "open"]
    assert desk.find("ruter").count.pairs == 4
    desk.never(desk.find("cabel"))
    desk.take_back(desk.latest("cabel"))
    assert "cabel" not in (tmp_path / "glossary.txt").read_text(encoding="utf-8")


def test_a_reviewers_undo_passes_decisions_on_words_over(store, desk, pairs) -> None:
    desk.always(desk.find("ruter"))
    with pytest.raises(InputError, match="no decision left"):
        undo(store, "person:reviewer-1")


def test_the_second_of_two_people_gets_a_conflict_and_writes_nothing(store, desk, pairs, tmp_path) -> None:
    row = desk.find("ruter")
    other = WordDesk(store, "reviewer-2", tmp_path / "glossary.txt")
    other.never(row)
    with pytest.raises(Conflict, match="meanwhile"):
        desk.always(row)
    assert answers(store, "replaced") == []
    assert [one.actor for one in word_history(store, RUTER)] == ["person:reviewer-2"]


def test_of_people_at_once_one_decides_each_word(store, store_url, make_pair, tmp_path) -> None:
    words = [f"zz{letter}" for letter in "abcdefgh"]
    bring(store, [make_pair(1, answer=" ".join(words))], *((word, word[2]) for word in words))
    barrier, outcomes = threading.Barrier(3), queue.SimpleQueue()

    def decide(number: int) -> None:
        with Store.open(store_url) as own:
            desk = WordDesk(own, f"reviewer-{number}", tmp_path / "glossary.txt")
            rows = desk.words()
            barrier.wait()
            for row in rows:
                try:
                    desk.never(row)
                except Conflict:
                    continue
                outcomes.put(row.word.before)

    people = [threading.Thread(target=decide, args=(number,)) for number in range(3)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(outcomes.get() for _ in range(outcomes.qsize())) == words
    assert sorted(never_words(store)) == [("es", word) for word in words]
    lines = (tmp_path / "glossary.txt").read_text(encoding="utf-8").splitlines()
    assert sorted(line for line in lines if not line.startswith("#")) == [f"es: {word}" for word in words]


def test_a_decision_holds_for_pairs_that_come_later(make_project, opened, distinct_pair) -> None:
    project = make_project(steps=SPELLING, rules="")
    store = opened(project)
    store.add_pairs([distinct_pair(1, answer="Hay que hacrelo con un momneto de calma.", lang="es")], "import:test")
    curate(project, store)
    desk = WordDesk(store, "reviewer-1", project.folder / "glossary.txt")
    desk.always(desk.find("hacrelo"))
    desk.never(desk.find("momneto"))
    later = distinct_pair(2, answer="Luego conviene hacrelo otra vez, en un momneto.", lang="es")
    store.add_pairs([later], "import:test")
    report = curate(project, store)
    assert report.rules == {("applied", "person:reviewer-1"): 1}
    assert answers(store, "waiting") == [
        "Hay que hacerlo con un momneto de calma.",
        "Luego conviene hacerlo otra vez, en un momneto.",
    ]
    assert list_words(store) == []
    assert report.spelling is not None
    assert [(one.before, one.after, one.by) for one in report.spelling.changes] == [
        ("hacrelo", "hacerlo", "person:reviewer-1")
    ]


def test_a_never_taken_back_is_found_again_by_the_next_run(make_project, opened, distinct_pair) -> None:
    project = make_project(steps=SPELLING, rules="")
    store = opened(project)
    store.add_pairs([distinct_pair(1, answer="Hay que hacrelo con calma.", lang="es")], "import:test")
    curate(project, store)
    desk = WordDesk(store, "reviewer-1", project.folder / "glossary.txt")
    desk.never(desk.find("hacrelo"))
    desk.take_back(desk.latest("hacrelo"))
    curate(project, store)
    assert desk.find("hacrelo").count.pairs == 1


def test_a_viewer_decides_about_no_word(store, pairs, tmp_path):
    for name, role in (("lead", "admin"), ("guest", "viewer")):
        change_person(store, name, "shell:me", lambda _last, role=role: {"role": role})
    desk = WordDesk(store, "guest", tmp_path / "glossary.txt")
    row = desk.words()[0]
    for attempt in (lambda: desk.always(row), lambda: desk.never(row), lambda: desk.here(row, "x")):
        with pytest.raises(NotPermitted, match="guest is a viewer"):
            attempt()
    assert desk.decided() == []
