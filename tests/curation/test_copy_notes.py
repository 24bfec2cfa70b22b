"""The notes of findings about copies are read back as the figures that they were written from."""

from __future__ import annotations

import pytest

from curation.copy_notes import read_note
from curation.dedupe import DedupeStep
from tamiz.records import Finding, Pair
from tamiz.settings import CurationSettings, NearSettings

LONG = (
    "Entra en la página del router, abre el menú de la red inalámbrica, escribe la clave nueva dos veces y pulsa "
    "Guardar. El router tarda un momento en reiniciarse y después hay que conectar otra vez cada aparato."
)


def found(make_pair, kept: dict[str, object], other: dict[str, object], *, accepted: bool = False) -> Finding:
    step = DedupeStep(CurationSettings(near=NearSettings(keep=("accepted", "votes", "longest", "newest", "source"))))
    pairs: list[Pair] = []
    for number, changes in enumerate((kept, other)):
        values = {"question": "¿Cómo cambio la clave del wifi de casa?", "answer": LONG, **changes}
        pairs.append(make_pair(number, **values))
    step.remember(pairs[:1] if accepted else ())
    [finding] = step.look(pairs[1:] if accepted else pairs)
    return finding


@pytest.mark.parametrize(
    ("kept", "other", "preferred", "values"),
    [
        pytest.param({"accepted": True}, {}, "accepted", "", id="the accepted answer"),
        pytest.param({"votes": 9}, {"votes": 2}, "votes", "9 / 2", id="more votes"),
        pytest.param({"answer": f"{LONG} Ya."}, {}, "longest", "", id="the longer answer"),
        pytest.param(
            {"written_at": "2025-03-01"}, {"written_at": "2024-03-01"}, "newest", "2025-03 / 2024-03", id="newer"
        ),
        pytest.param({"written_at": "2025-03-01"}, {}, "dated", "2025-03", id="has a date"),
        pytest.param({}, {"source": "otra"}, "source", "", id="the source that was met first"),
        pytest.param({}, {}, "id", "", id="nothing but the id"),
    ],
)
def test_why_the_other_one_was_preferred(make_pair, kept, other, preferred, values) -> None:
    note = read_note(found(make_pair, kept, other))
    assert (note.preferred, note.values) == (preferred, values)


def test_one_that_is_accepted_already_is_preferred_as_such(make_pair) -> None:
    assert read_note(found(make_pair, {}, {}, accepted=True)).preferred == "settled"


def test_the_figures_of_a_contradiction_and_what_the_answers_differ_in(make_pair) -> None:
    answers = (LONG.replace("un momento", f"unas {hours} horas") for hours in (24, 48))
    finding = found(make_pair, *({"answer": answer, "votes": -n} for n, answer in enumerate(answers)))
    note = read_note(finding)
    assert finding.kind == "contradiction"
    assert (note.question, note.differs, note.words) == (1.0, "numbers", "48 horas / 24 horas")
    assert note.answer is not None
    assert 0.8 < note.answer < 1


def test_an_exact_copy_is_alike_in_both(make_pair) -> None:
    note = read_note(found(make_pair, {"votes": 3}, {"question": "¿CÓMO cambio la clave del wifi de casa?"}))
    assert (note.question, note.answer, note.differs) == (1.0, 1.0, "")
