"""Guidelines: versions of which the latest stands, none lost, none written over unseen."""

from __future__ import annotations

import pytest

from tamiz.errors import Conflict, InputError, NotPermitted
from tamiz.guidelines import LONGEST_GUIDELINE, guideline_history, latest_guideline, write_guideline
from tamiz.people import change_person

ME = "person:reviewer-1"


def test_the_latest_version_of_a_language_stands(store):
    assert latest_guideline(store, "es") is None
    write_guideline(store, "es", "Trata de **tú**.", ME, seen=0)
    write_guideline(store, "es", "Trata de **usted**.\r\nSiempre.\n", ME, seen=1)
    write_guideline(store, "en", "Say *you*.", ME, seen=0)
    assert latest_guideline(store, "es").text == "Trata de **usted**.\nSiempre."
    assert [(one.version, one.actor) for one in guideline_history(store, "es")] == [(2, ME), (1, ME)]
    assert latest_guideline(store, "en").version == 1


def test_a_version_that_was_not_seen_is_not_written_over(store):
    write_guideline(store, "es", "Uno", ME, seen=0)
    with pytest.raises(Conflict, match="another version"):
        write_guideline(store, "es", "Otro", "person:reviewer-2", seen=0)
    assert [one.text for one in guideline_history(store, "es")] == ["Uno"]


def test_an_old_version_comes_back_as_a_new_one_and_an_empty_one_ends_it(store):
    for seen, text in enumerate(["Uno", "Dos", "Uno", ""]):
        write_guideline(store, "es", text, ME, seen=seen)
    assert [one.text for one in guideline_history(store, "es")] == ["", "Uno", "Dos", "Uno"]
    assert latest_guideline(store, "es") is None


def test_the_same_text_makes_no_new_version(store):
    write_guideline(store, "es", "Uno", ME, seen=0)
    assert write_guideline(store, "es", " Uno ", "person:reviewer-2", seen=1).version == 1


def test_a_guideline_has_an_end(store):
    with pytest.raises(InputError, match="shorten it"):
        write_guideline(store, "es", "a" * (LONGEST_GUIDELINE + 1), ME, seen=0)


def test_only_an_admin_writes_guidelines(store):
    for name, role in (("lead", "admin"), ("reviewer-1", "reviewer")):
        change_person(store, name, "shell:me", lambda _last, role=role: {"role": role})
    with pytest.raises(NotPermitted, match="may not manage"):
        write_guideline(store, "es", "Uno", ME, seen=0)
    assert write_guideline(store, "es", "Uno", "person:lead", seen=0).version == 1
