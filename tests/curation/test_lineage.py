"""Where a pair came from, and what was seen in it."""

from __future__ import annotations

from curation.lineage import lineage
from curation.sieve import curate


def test_lineage_tells_what_stands_in_the_way_of_a_waiting_pair(make_project, opened, distinct_pair) -> None:
    project = make_project()
    store = opened(project)
    first = distinct_pair(1, votes=3)
    other = distinct_pair(1, answer="Llama a la central y pide una cita con el técnico de la zona.", url="u")
    store.add_pairs([first, other], "import:test")
    curate(project, store)
    [one] = lineage(store, other.id)
    assert one.stored.state == "waiting"
    assert [(found.kind, found.witness, found.step) for found in one.findings] == [
        ("same_question", first.id, "dedupe")
    ]
