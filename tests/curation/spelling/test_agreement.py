"""What two engines say about one text: who may change it unseen, and what people are asked."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.spelling.agreement import BOTH, SUREST, agreed
from curation.spelling.corrections import Correction

MINE = Correction(
    start=3, end=10, before="momneto", after="momento", kind="spelling", rule="word", engine="embedded", confidence=0.97
)
OTHER = replace(MINE, engine="languagetool", rule="MORFOLOGIK", confidence=0.7, alternatives=("moneto",))


def only(embedded: list[Correction], languagetool: list[Correction]) -> Correction:
    [found] = agreed(embedded, languagetool, apply_at=0.9)
    return found


def test_what_both_propose_is_one_proposal_as_sure_as_the_surer() -> None:
    found = only([MINE], [OTHER])
    assert (found.engine, found.confidence, found.rule, found.alternatives) == (BOTH, 0.97, "word", ("moneto",))
    assert only([replace(MINE, confidence=0.6)], [replace(OTHER, confidence=0.95)]).confidence == 0.95


def test_what_the_embedded_engine_alone_sees_is_for_people() -> None:
    found = only([MINE], [])
    assert found.confidence < 0.9
    assert "LanguageTool sees nothing here" in found.note


def test_an_accent_of_languagetool_alone_may_be_silent_and_any_other_word_may_not() -> None:
    accent = replace(OTHER, before="esta", after="está", end=7, kind="accent", confidence=0.95)
    assert only([], [accent]).confidence == 0.95
    assert only([], [replace(OTHER, confidence=0.99)]).confidence < 0.9
    assert only([], [replace(accent, after=None)]).confidence < 0.9


@pytest.mark.parametrize("kind", ["grammar", "style"])
def test_grammar_and_style_are_for_people_whoever_agrees(kind) -> None:
    mine, other = replace(MINE, kind=kind, confidence=0.99), replace(OTHER, kind=kind, confidence=0.99)
    for embedded, languagetool in (([mine], [other]), ([mine], []), ([], [other])):
        assert only(embedded, languagetool).confidence < 0.9


def test_of_two_remedies_the_embedded_one_stays_with_the_other_as_an_alternative() -> None:
    found = only([MINE], [replace(OTHER, after="memento")])
    assert (found.after, found.alternatives[0]) == ("momento", "memento")
    assert found.confidence < 0.9


def test_a_mistake_without_a_remedy_takes_the_other_engines() -> None:
    found = only([replace(MINE, after=None)], [OTHER])
    assert (found.after, found.engine) == ("momento", BOTH)
    assert found.confidence < 0.9


def test_a_wider_mistake_of_languagetool_is_not_proposed_beside_the_word_in_it() -> None:
    found = only([MINE], [replace(OTHER, start=0, end=20, kind="grammar")])
    assert (found.start, found.end) == (3, 10)
    assert found.confidence < 0.9


def corrections(engine: str) -> st.SearchStrategy[list[Correction]]:
    one = st.builds(
        lambda start, length, after, kind, confidence: Correction(
            start=start,
            end=start + length,
            before="x" * length,
            after=after,
            kind=kind,
            rule="r",
            engine=engine,
            confidence=confidence,
        ),
        st.integers(0, 12),
        st.integers(1, 4),
        st.sampled_from([None, "y", "z"]),
        st.sampled_from(["accent", "spelling", "grammar", "style"]),
        st.floats(0, 1),
    )

    def apart(found: list[Correction]) -> list[Correction]:
        kept: list[Correction] = []
        for other in sorted(found, key=lambda one: one.start):
            if not kept or other.start >= kept[-1].end:
                kept.append(other)
        return kept

    return st.lists(one, max_size=5).map(apart)


@given(corrections("embedded"), corrections("languagetool"), st.floats(0.02, 1))
def test_nothing_overlaps_and_every_silent_change_has_its_reason(embedded, languagetool, apply_at) -> None:
    result = agreed(embedded, languagetool, apply_at=apply_at)
    assert all(one.end <= other.start for one, other in pairwise(result))
    for found in result:
        assert found.confidence <= SUREST
        if found.confidence >= apply_at:
            places = [{(one.start, one.end, one.after) for one in engine} for engine in (embedded, languagetool)]
            here = (found.start, found.end, found.after)
            assert found.kind in ("accent", "spelling")
            assert (here in places[0] and here in places[1]) or (found.kind == "accent" and here in places[1])
