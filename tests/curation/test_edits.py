"""Changes as data: composed, applied in step to text and Markdown, and refused where they do not fit."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.edits import MOST_EDITS, Edit, apply_edits, apply_findings, code_parts, compose, limited, usable
from tamiz.records import Finding, Pair


def pair_of(answer: str, markdown: str = "") -> Pair:
    return Pair(
        question="¿Qué hago?", answer=answer, answer_markdown=markdown, lang="es", url="u", kind="faq", group="g"
    )


def change(pair: Pair, before: str, after: str, *, confidence: float = 1.0, kind: str = "markup") -> Finding:
    start = pair.answer.index(before)
    return Finding(
        pair=pair.id,
        step="s",
        kind=kind,
        field="answer",
        start=start,
        end=start + len(before),
        before=before,
        after=after,
        confidence=confidence,
    )


@st.composite
def edits_of(draw: st.DrawFn, text: str) -> list[Edit]:
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    edits: list[Edit] = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        if not edits or start > edits[-1].end:
            edits.append(Edit(start, end, draw(st.text("XYZ", max_size=2)), "k"))
    return edits


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_composed_edits_do_what_both_did_one_after_the_other(data: st.DataObject) -> None:
    text = data.draw(st.text("abcde", max_size=12))
    first = data.draw(edits_of(text))
    between = apply_edits(text, first)
    later = data.draw(edits_of(between))
    composed = compose(first, later)
    assert apply_edits(text, composed) == apply_edits(between, later)
    assert all(one.end <= other.start for one, other in pairwise(composed))


def test_many_edits_become_one_that_says_how_many_they_were() -> None:
    text = "a-" * 300
    [one] = limited(text, [Edit(n, n + 1, "", "control") for n in range(1, 600, 2)])
    assert apply_edits(text, [one]) == "a" * 300
    assert one.note == "300 changes of this kind"
    assert MOST_EDITS < 300


def test_a_changed_pair_names_the_one_it_is_made_from_and_who_made_it() -> None:
    pair = pair_of("Pulsa <b>aquí.")
    made = apply_findings(pair, [change(pair, "<b>", "")], "rule:repair")
    assert (made.answer, made.made_from, made.made_by) == ("Pulsa aquí.", (pair.id,), "rule:repair")
    assert pair.answer == "Pulsa <b>aquí."


def test_no_usable_finding_gives_the_same_pair() -> None:
    pair = pair_of("Pulsa aquí.")
    stale = Finding(pair=pair.id, step="s", kind="k", field="answer", start=0, end=5, before="Abre ", after="")
    about = Finding(pair=pair.id, step="s", kind="too_short")
    assert apply_findings(pair, [stale, about], "rule:r") is pair


@pytest.mark.parametrize("reverse", [False, True], ids=["in order", "in reverse"])
def test_of_overlapping_changes_the_surer_one_stays_in_whatever_order(reverse: bool) -> None:
    pair = pair_of("El ruter va lento.")
    one, other = change(pair, "ruter", "router", confidence=0.9), change(pair, "ruter va", "x", confidence=0.7)
    findings = [other, one] if reverse else [one, other]
    assert usable(pair, findings) == [one]
    assert apply_findings(pair, findings, "rule:r").answer == "El router va lento."


@pytest.mark.parametrize(
    ("answer", "markdown", "before", "after", "expected"),
    [
        pytest.param(
            "Pulsa ya ruter", "Pulsa **ya** ruter", "ruter", "router", "Pulsa **ya** router", id="the same place"
        ),
        pytest.param(
            "a ruter b ruter", "a *ruter* b ruter", "ruter", "router", "a *router* b ruter", id="the first of two"
        ),
        pytest.param(
            "Ve a ruter", "Ve a [ruter](/ruter)", "ruter", "router", "Ve a router", id="no telling: made anew"
        ),
        pytest.param(
            "Ve a ruter con ls -l",
            "Ve a [ruter](/ruter) con `ls -l`",
            "ruter",
            "router",
            "Ve a router con `ls -l`",
            id="made anew, code stays code",
        ),
    ],
)
def test_the_markdown_is_kept_in_step(answer: str, markdown: str, before: str, after: str, expected: str) -> None:
    pair = pair_of(answer, markdown)
    assert apply_findings(pair, [change(pair, before, after)], "rule:r").answer_markdown == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("Ve a [ruter](/ruter) **ya**", "Ve a [router](/ruter) **ya**"),
        ("Ve a [ruter](/a_(ruter)_b) ya", "Ve a [router](/a_(ruter)_b) ya"),
    ],
)
def test_a_misspelt_word_that_is_in_a_links_address_too_costs_no_link(markdown: str, expected: str) -> None:
    pair = pair_of("Ve a ruter ya", markdown)
    made = apply_findings(pair, [change(pair, "ruter", "router", kind="spelling")], "rule:r")
    assert (made.answer, made.answer_markdown) == ("Ve a router ya", expected)


def test_what_is_no_word_such_as_a_mask_is_never_left_in_a_links_address() -> None:
    pair = pair_of("Escribe a a@b.example", "Escribe a [a@b.example](mailto:a@b.example)")
    made = apply_findings(pair, [change(pair, "a@b.example", "<EMAIL_1>", kind="email")], "rule:r")
    assert made.answer_markdown == "Escribe a <EMAIL_1>"


def test_code_is_what_stands_in_fences_and_between_backticks() -> None:
    assert code_parts("Usa `ls -l` y\n```sh\nrm x\ncd y\n```\n``a`b``") == ["rm x\ncd y", "ls -l", "a`b"]
