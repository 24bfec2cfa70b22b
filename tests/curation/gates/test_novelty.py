"""What a made pair must not repeat."""

from __future__ import annotations

import pytest

from curation.synthesis.gates import Novelty
from tamiz.records import Pair

ANSWER = "Hold the small button at the back for fifteen seconds until the light turns orange."
OTHER = "Choose the plan that you want in the account settings and confirm with your password."


def pair(question: str, answer: str = ANSWER, made_from: tuple[str, ...] = (), group: str = "g") -> Pair:
    return Pair(
        question=question, answer=answer, lang="en", url="u", kind="synthetic", group=group, made_from=made_from
    )


def kinds(novelty: Novelty, one: Pair, *, augmentation: bool = False) -> list[str]:
    return [fault.kind for fault in novelty.repeated(one, augmentation=augmentation)]


def test_a_new_pair_is_new() -> None:
    novelty = Novelty.of(
        [pair("How do I reset the Halden router?")], [pair("Where is the fuse box of the boiler?", OTHER)]
    )
    assert (
        kinds(novelty, pair("Which colour has the ring light?", "The ring is blue while the speaker listens to you."))
        == []
    )


def test_a_near_copy_of_a_real_pair_is_found_with_the_pair_that_it_repeats() -> None:
    real = pair("How do I reset the Halden router?", group="real")
    (fault,) = Novelty.of([real], []).repeated(pair("How do I reset the Halden router, please?"))
    assert (fault.kind, fault.witness) == ("near_duplicate", real.id)


def test_a_question_with_another_number_is_another_question() -> None:
    novelty = Novelty.of([pair("How do I reset the Halden M4 router?")], [])
    assert kinds(novelty, pair("How do I reset the Halden M5 router?")) == []


def test_a_question_near_one_of_the_test_is_found_whatever_its_number_and_answer() -> None:
    novelty = Novelty.of([], [pair("How do I reset the Halden M4 router?")])
    assert kinds(novelty, pair("How do I reset the Halden M5 router?", OTHER)) == ["held_out"]


def test_an_answer_near_one_of_the_test_is_found() -> None:
    novelty = Novelty.of([], [pair("How do I reset the Halden router?")])
    assert kinds(novelty, pair("The Wi-Fi of my flat is gone. What now?")) == ["held_out"]


def test_a_made_pair_that_asks_what_another_made_one_asks_is_found() -> None:
    novelty = Novelty()
    novelty.add(pair("How do I reset the Halden router?", group="one"))
    assert kinds(novelty, pair("How do I reset the Halden router?", OTHER)) == ["same_question_made"]


def test_an_augmentation_may_be_near_what_it_was_made_from_and_nothing_of_the_test() -> None:
    real = pair("How do I reset the Halden router?", group="real")
    typo = pair("How do I resett the Halden router?", made_from=(real.id,))
    assert kinds(Novelty.of([real], []), typo, augmentation=True) == []
    assert kinds(
        Novelty.of([pair("How do I reset the Halden router?", group="other")], []), typo, augmentation=True
    ) == ["near_duplicate"]
    assert kinds(Novelty.of([real], [real]), typo, augmentation=True) == ["held_out"]


REAL = pair("How do I reset the Halden router?", group="real")
WORDED = pair("Hello, how do I reset the Halden router?", made_from=(REAL.id,))


def test_a_rewording_that_keeps_the_answer_is_no_copy_of_its_origin_unless_it_asks_the_very_same() -> None:
    novelty = Novelty.of([REAL], [])
    assert kinds(novelty, WORDED) == []
    assert kinds(novelty, pair("how do I reset the Halden router", made_from=(REAL.id,))) == ["near_duplicate"]


def test_a_rewording_is_a_copy_of_another_pair_that_asks_nearly_the_same() -> None:
    twin = pair("How do I reset the Halden router then?", group="twin")
    assert kinds(Novelty.of([REAL, twin], []), WORDED) == ["near_duplicate"]


def test_a_pair_with_a_changed_answer_is_held_against_its_origin_as_against_any() -> None:
    other = pair("How do I reset my Halden router?", ANSWER.replace("small", "tiny"), made_from=(REAL.id,))
    assert kinds(Novelty.of([REAL], []), other) == ["near_duplicate"]


def test_wordings_of_one_pair_are_held_against_each_other_by_the_very_question() -> None:
    novelty = Novelty.of([REAL], [])
    novelty.add(WORDED)
    assert kinds(novelty, pair("Hi, how do I reset the Halden router?", made_from=(REAL.id,))) == []
    assert kinds(novelty, pair("«Hello, how do I reset the Halden router?»", made_from=(REAL.id,))) == [
        "near_duplicate"
    ]


def test_an_augmentation_is_not_held_against_wordings_of_its_origin_but_against_those_of_others() -> None:
    typo = pair("Hello, how do I resett the Halden router?", made_from=(REAL.id,))
    novelty = Novelty.of([REAL], [])
    novelty.add(WORDED)
    assert kinds(novelty, typo, augmentation=True) == []
    others = Novelty()
    others.add(pair("Hello, how do I reset the Halden router?", made_from=("another",)))
    assert kinds(others, typo, augmentation=True) == ["near_duplicate"]


@pytest.mark.parametrize("augmentation", [True, False])
def test_kinship_clears_nothing_of_what_validation_or_test_has(augmentation: bool) -> None:
    assert kinds(Novelty.of([], [REAL]), WORDED, augmentation=augmentation) == ["held_out"]
