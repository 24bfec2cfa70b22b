"""The list of disputes as somebody sees it who decides, and as somebody who has spoken."""

from __future__ import annotations

import dataclasses
import time

import pytest

from curation.review import QUIET_SECONDS, Desk, Draft
from tamiz.decisions import mark_sieved
from tamiz.settings import ReviewSettings

SEVERAL = ReviewSettings(double=1.0)
HOSTILE = "<img src=x onerror=alert(1)> **pulsa** :red[aquí]"


@pytest.fixture
def disputed(opened, make_pair, monkeypatch):
    """One pair that reviewer-1 would accept with another answer and reviewer-2 rejects, and one both accept."""
    monkeypatch.setattr("curation.review.pace.QUIET_SECONDS", 0)
    pairs = [make_pair(number) for number in (1, 2)]
    opened.add_pairs(pairs, "source:ayuda")
    mark_sieved(opened, [pair.id for pair in pairs])
    first, second = (Desk(opened, name, SEVERAL) for name in ("reviewer-1", "reviewer-2"))
    card = first.next_pair()
    first.accept(card, dataclasses.replace(Draft.of(card), answer=HOSTILE))
    first.accept(first.next_pair())
    second.reject(second.next_pair(), "outdated")
    second.accept(second.next_pair())
    monkeypatch.setattr("curation.review.pace.QUIET_SECONDS", QUIET_SECONDS)
    return pairs[0]


def press(test, label):
    time.sleep(QUIET_SECONDS)
    next(button for button in test.button if button.label == label).click()
    test.run()
    assert not test.exception


def shown(test):
    return "\n".join(
        element.value for kind in ("markdown", "caption", "info") for element in getattr(test, kind)
    ) + str([element.proto.html.body for element in test.main if hasattr(getattr(element, "proto", None), "html")])


def test_opinions_stand_side_by_side_and_one_of_them_is_taken(draw, opened, disputed):
    test = draw("adjudicate", reviewer="reviewer-3")
    assert "reviewer\\-1" in shown(test)
    assert "reviewer\\-2" in shown(test)
    press(test, "Decide as reviewer\\-1")
    assert test.success[0].value == "Decided."
    (made,) = (stored for stored in opened.pairs("accepted") if stored.pair.made_from)
    assert (made.pair.answer, made.pair.made_from) == (HOSTILE, (disputed.id,))
    press(test, "Undo")
    assert opened.pair(disputed.id).state == "disputed"


def test_a_decision_of_ones_own_has_its_reason(draw, opened, disputed):
    test = draw("adjudicate", reviewer="reviewer-3", language="es")
    test.selectbox(key=f"own-reason-{disputed.id}-{opened.pair(disputed.id).version}").set_value("personal")
    press(test, "Rechazar")
    assert opened.pair(disputed.id).state == "rejected"
    assert opened.history(disputed.id)[-1].reason == "personal"


def test_who_has_spoken_sees_the_dispute_and_cannot_decide_it(draw, disputed):
    test = draw("adjudicate", reviewer="reviewer-1")
    assert "Somebody else, or an admin, decides" in test.info[0].value
    assert not [button for button in test.button if button.label.startswith("Decide")]


def test_agreement_and_reasons_are_told(draw, disputed):
    test = draw("adjudicate", reviewer="reviewer-3")
    assert [metric.value for metric in test.metric] == ["2", "50%", "-0.33"]
    table = test.dataframe[0].value
    assert list(table["Kappa"]) == ["0.00", "-0.33", "-0.33"]
    press(test, "Decide as reviewer\\-2")
    assert list(test.dataframe[1].value.iloc[0]) == ["out of date", 1]


def test_languages_have_their_names_in_the_table_of_agreement(draw, disputed):
    assert "español" in list(draw("adjudicate", reviewer="reviewer-3", language="es").dataframe[0].value["Cuál"])


def test_without_opinions_the_screen_says_how_to_get_them(draw):
    test = draw("adjudicate", reviewer="reviewer-3")
    assert "[review] double" in test.info[1].value
