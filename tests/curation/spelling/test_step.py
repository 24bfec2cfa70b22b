"""The step around the engines: what it finds and keeps, that its edits come undone, and that it comes to an end."""

from __future__ import annotations

import pickle
import unicodedata

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from curation.edits import Edit, apply_edits, apply_findings, usable
from curation.engines.looks import packed_step
from curation.sieve import curate
from curation.spelling.step import SpellingStep, finding_engine, finding_rule
from curation.steps import fingerprint
from tamiz.errors import SettingsError
from tamiz.records import Finding, Pair
from tamiz.settings import CurationSettings, RuleSettings, SpellingSettings

SPELLING = '[curation]\nsteps = ["spelling"]\n[curation.spelling]\nengine = "embedded"\n'
ANSWER = "😀 Abre la configuracion y vuelve a hacrelo despues."


def look(step: SpellingStep, *pairs: Pair) -> list[Finding]:
    step.learn(pairs)
    return list(step.look(pairs))


def changes(findings: list[Finding]) -> list[tuple[str, str | None]]:
    return [(finding.before, finding.after) for finding in findings]


def test_a_finding_says_where_what_why_who_and_how_surely(spelling_step, pair_of) -> None:
    first, second, third = look(spelling_step(), pair_of(ANSWER))
    assert (first.kind, first.field, first.start, first.end) == ("accent", "answer", 10, 23)
    assert (first.before, first.after) == ("configuracion", "configuración")
    assert (finding_engine(first), bool(finding_rule(first))) == ("embedded", True)
    assert first.confidence >= 0.9
    assert (second.kind, second.after) == ("spelling", "hacerlo")
    assert third.before == "despues"


def test_questions_stay_as_people_write_them_unless_asked(spelling_step, pair_of) -> None:
    pair = pair_of("Todo en orden por aquí.", question="¿Como cambio la configuracion?")
    assert look(spelling_step(), pair) == []
    found = look(spelling_step(questions="fix"), pair)
    assert {one.field for one in found} == {"question"}
    assert ("configuracion", "configuración") in changes(found)


def test_code_that_only_the_markdown_marks_is_spared(spelling_step, pair_of) -> None:
    pair = pair_of("Escribe configuracion ya mismo.", answer_markdown="Escribe `configuracion` ya mismo.")
    assert look(spelling_step(), pair) == []


def test_terms_of_the_glossary_and_peoples_never_are_spared(spelling_step, pair_of, tmp_path) -> None:
    (tmp_path / "glossary.txt").write_text("Configuracion\n", encoding="utf-8")
    step = spelling_step(glossary=str(tmp_path / "glossary.txt"))
    step.heed([("es", "hacrelo"), ("en", "despues")])
    assert changes(look(step, pair_of(ANSWER))) == [("despues", "después")]


def test_another_glossary_or_another_never_is_another_fingerprint(spelling_step, tmp_path) -> None:
    (tmp_path / "glossary.txt").write_text("HomeBox\n", encoding="utf-8")
    plain, with_terms, heeding = (
        spelling_step(),
        spelling_step(glossary=str(tmp_path / "glossary.txt")),
        spelling_step(),
    )
    heeding.heed([("es", "ruter")])
    assert len({fingerprint(plain), fingerprint(with_terms), fingerprint(heeding)}) == 3
    assert fingerprint(plain) == fingerprint(spelling_step())


def test_the_fingerprint_tells_of_the_dictionaries_before_anything_is_looked_at(spelling_step, pair_of) -> None:
    step = spelling_step()
    step.learn([pair_of(ANSWER)])
    before = fingerprint(step)
    list(step.look([pair_of(ANSWER)]))
    assert fingerprint(step) == before
    assert "dictionary es" in str(step.settings)


def test_a_change_from_apply_at_on_is_made_by_the_rule_spelling_and_says_so(
    make_project, opened, distinct_pair
) -> None:
    project = make_project(steps=SPELLING, rules="")
    store = opened(project)
    pair = distinct_pair(1, answer="Mira la configuracion de tu casa.", lang="es")
    store.add_pairs([pair], "import:test")
    report = curate(project, store)
    [made] = [stored.pair for stored in store.pairs("waiting")]
    assert (made.answer, made.made_by) == ("Mira la configuración de tu casa.", "rule:spelling")
    assert store.pair(pair.id).state == "replaced"
    assert store.history(pair.id)[-1].reason == "rule spelling: 1 accent"
    assert report.rules == {("applied", "spelling"): 1}


def test_with_apply_at_one_nothing_is_made_unseen(make_project, opened, distinct_pair) -> None:
    project = make_project(steps=SPELLING + "apply_at = 1\n", rules="")
    store = opened(project)
    store.add_pairs([distinct_pair(1, answer="Mira la configuracion de tu casa.", lang="es")], "import:test")
    assert curate(project, store).rules == {}


def test_a_rule_that_names_the_step_takes_the_place_of_apply_at() -> None:
    own = RuleSettings(name="accents", steps=("spelling",), findings=("accent",), at_least=0.95)
    steps = ("clean", "spelling")
    assert CurationSettings(steps=steps, rules=(own,)).written_rules == (own,)
    other = RuleSettings(name="repair", steps=("clean",))
    assert [rule.name for rule in CurationSettings(steps=steps, rules=(other,)).written_rules] == ["repair", "spelling"]
    assert CurationSettings(steps=("clean",), rules=(other,)).written_rules == (other,)


def test_the_name_of_that_rule_is_kept_for_it() -> None:
    with pytest.raises(SettingsError, match="apply_at gives a rule of that name"):
        CurationSettings(steps=("spelling",), rules=(RuleSettings(name="spelling"),))


@pytest.mark.parametrize("value", [0, -1, 1.1, float("nan")])
def test_apply_at_is_a_share(value) -> None:
    with pytest.raises(SettingsError, match="apply_at"):
        SpellingSettings(apply_at=value)


def test_a_second_run_finds_nothing_new(make_project, opened, distinct_pair) -> None:
    project = make_project(steps=SPELLING, rules="")
    store = opened(project)
    pairs = [distinct_pair(n, answer=f"{ANSWER} El cabel zurgo {n}.", lang="es") for n in range(3)]
    store.add_pairs(pairs, "import:test")
    first = curate(project, store)
    assert first.rules == {("applied", "spelling"): 3}
    second = curate(project, store)
    assert (second.steps[0].looked, second.rules, second.after) == (0, {}, first.after)


WORDS = [
    "la",
    "configuracion",
    "hacrelo",
    "despues",
    "router",
    "esta",
    "tu",
    "pagina",
    "momneto",
    "cabel",
    "Abre",
    "el",
]
WORDS += ["contrasena", "😀", "👩‍👩‍👧", "`codgio`", "https://a.example/configuracion", "e\u0301l", "becuase"]
WORDS += ["recieve", "you", "y"]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join)
ENDS = st.sampled_from([".", "?", " 🎉", "\n- ok", ""])


@pytest.fixture(scope="module")
def learnt() -> SpellingStep:
    step = SpellingStep(CurationSettings(spelling=SpellingSettings(engine="embedded", glossary="", questions="fix")))
    step.learn([Pair(question="¿Cómo?", answer="El cabel va al router.", lang="es", url="u", kind="faq", group="g")])
    return step


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.tuples(TEXTS, ENDS).map("".join), st.tuples(TEXTS, ENDS).map("".join), st.sampled_from(["es", "en"]))
@example("la.", "configuracion cabel you tu.", "es")  # an accent put in must not make the sentence look English
def test_edits_come_undone_and_the_changed_pair_has_nothing_left_to_change(learnt, question, answer, lang) -> None:
    pair = Pair(question=question, answer=answer, lang=lang, url="u", kind="faq", group="g")
    sure = usable(pair, [one for one in learnt.look([pair]) if one.confidence >= 0.9])
    made = apply_findings(pair, sure, "rule:spelling")
    for field in ("question", "answer"):
        mine = [one for one in sure if one.field == field]
        assert apply_edits(getattr(made, field), _inverse(mine)) == getattr(pair, field)
    again = list(learnt.look([made]))
    assert [one for one in again if one.confidence >= 0.9 and one.after is not None] == []
    assert all(unicodedata.is_normalized("NFC", one.after or "") for one in again)


def _inverse(findings: list[Finding]) -> list[Edit]:
    """Edits of the changed text that give the original again."""
    shift, back = 0, []
    for one in findings:
        after = one.after or ""
        back.append(Edit(one.start + shift, one.start + shift + len(after), one.before, one.kind))
        shift += len(after) - (one.end - one.start)
    return back


def test_a_copy_of_the_step_in_another_process_finds_the_same(spelling_step, pair_of) -> None:
    step, pair = spelling_step(), pair_of(ANSWER)
    step.heed([("es", "despues")])
    step.learn([pair])
    copy = pickle.loads(packed_step(step))
    assert list(copy.look([pair])) == list(step.look([pair])) != []
