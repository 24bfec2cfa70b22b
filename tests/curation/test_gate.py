"""The gate of an export: what is above the chosen risk stays in, whatever steps have run; what was settled passes."""

from __future__ import annotations

import json

import pytest

from curation.export import export, is_stale
from curation.gate import Settled, examine, mask_accepted
from curation.pair_texts import texts_of
from curation.privacy.own import OwnContacts
from tamiz.decisions import claim_pair, judge
from tamiz.errors import PersonalData
from tamiz.kept import keep
from tamiz.records import Finding, Turn, Verdict

STEPS = '[curation]\nsteps = ["clean", "dedupe"]\n'
SMALL = "[export]\nmin_pairs = 4\n"
EMAIL = "luisa.marina@correo.example"
CARD = "4111 1111 1111 1111"


@pytest.fixture
def filled(make_project, opened, distinct_pair):
    def fill(*pairs, more: str = SMALL, count: int = 12):
        project = make_project(steps=STEPS, more=more)
        store = opened(project)
        store.add_pairs([*(distinct_pair(n) for n in range(count)), *pairs], "import:test")
        verdicts = [
            Verdict(pair=one.pair.id, version=one.version, decision="accept", by="rule:all")
            for one in store.pairs("new")
        ]
        judge(store, verdicts)
        return project, store

    return fill


@pytest.mark.parametrize("field", ["question", "answer", "answer_markdown", "context", "label"])
def test_personal_data_in_any_text_of_a_pair_stops_the_export(filled, distinct_pair, field) -> None:
    text = f"Escríbeme a {EMAIL} y lo vemos."
    value = (Turn(role="user", content=text),) if field == "context" else text
    pair = distinct_pair(90, **{field: value})
    project, store = filled(pair)
    with pytest.raises(PersonalData) as refused:
        export(project, store)
    assert pair.id in str(refused.value)
    assert f"email in {field}" in str(refused.value)
    assert EMAIL not in str(refused.value)
    assert "tamiz " in str(refused.value)
    assert not project.exports.exists()


def test_many_refused_pairs_are_named_up_to_a_number(filled, distinct_pair) -> None:
    project, store = filled(*(distinct_pair(n, answer=f"Escríbeme a luisa{n}@correo.example.") for n in range(90, 120)))
    with pytest.raises(PersonalData, match=r"30 accepted pairs hold.*and 22 more"):
        export(project, store)


@pytest.mark.parametrize(
    ("text", "max_risk", "goes"),
    [
        pytest.param("Paga con la tarjeta {CARD}.", "medium", False, id="high-above-medium"),
        pytest.param("Paga con la tarjeta {CARD}.", "high", True, id="all-may-go"),
        pytest.param("Escríbeme a {EMAIL}.", "low", False, id="medium-above-low"),
        pytest.param("Escríbeme a {EMAIL}.", "medium", True, id="medium-may-go"),
        pytest.param("El router tiene la MAC 3C:5A:B4:1F:22:9E.", "low", True, id="low-may-go"),
        pytest.param("El router tiene la MAC 3C:5A:B4:1F:22:9E.", "none", False, id="nothing-may-go"),
    ],
)
def test_the_chosen_risk_decides_what_goes_out(filled, distinct_pair, text, max_risk, goes) -> None:
    more = f'{SMALL}max_risk = "{max_risk}"\n'
    project, store = filled(distinct_pair(90, answer=text.format(CARD=CARD, EMAIL=EMAIL)), more=more)
    if not goes:
        with pytest.raises(PersonalData):
            export(project, store)
        return
    manifest = export(project, store)
    assert manifest.privacy["max_risk"] == max_risk
    assert manifest.privacy["refused"] == 0


def test_what_a_person_lets_stand_goes_out_and_is_counted(filled, distinct_pair) -> None:
    pair = distinct_pair(90, answer=f"Escribe a {EMAIL}.", answer_markdown=f"Escribe a **{EMAIL}**.")
    project, store = filled(pair)
    claim_pair(store, pair.id, "person:ana", lease_seconds=60)
    span = {"start": 10, "end": 10 + len(EMAIL), "before": EMAIL, "after": "<EMAIL_1>"}
    keep(store, Finding(pair=pair.id, step="privacy", kind="email", field="answer", **span), "person:ana")
    manifest = export(project, store)
    assert manifest.privacy["kept_by_people"] == {"email": 2}
    assert "a person let it stand" in (project.exports / "v001" / "README.md").read_text(encoding="utf-8")


def test_a_contact_that_the_step_took_for_the_companys_own_goes_out_in_every_pair(filled, distinct_pair) -> None:
    first, second = (distinct_pair(n, answer=f"Escribe a {EMAIL} y pide el caso {n}.") for n in (90, 91))
    project, store = filled(first, second)
    span = {"start": 10, "end": 10 + len(EMAIL), "before": EMAIL}
    finding = Finding(pair=first.id, step="privacy", kind="company_contact", field="answer", **span)
    store.add_look("privacy", "s", [first.id], [finding])
    assert export(project, store).privacy["company"] == {"email": 2}


def test_masks_are_no_personal_data(filled, distinct_pair) -> None:
    project, store = filled(distinct_pair(90, answer="Llama a <NAME_1> al <PHONE_1> o a <EMAIL_2>."))
    assert export(project, store).privacy["refused"] == 0


def test_the_manifest_tells_how_many_texts_were_looked_at(filled) -> None:
    project, store = filled(count=5)
    export(project, store)
    manifest = json.loads((project.exports / "v001" / "manifest.json").read_text(encoding="utf-8"))
    texts = [text for one in store.pairs("accepted") for text in texts_of(one.pair)]
    assert manifest["privacy"]["texts"] == len(texts) == 15
    assert manifest["settings"]["export"]["max_risk"] == "low"


def test_what_was_let_stand_in_one_pair_stops_another(distinct_pair) -> None:
    one, other = (distinct_pair(n, answer=f"Escribe a {EMAIL} por {n}.") for n in (90, 91))
    kept = Finding(pair=one.id, step="kept", kind="email", field="answer", start=10, end=10 + len(EMAIL), before=EMAIL)
    gate = examine([one, other], Settled.of({one.id: [kept]}, OwnContacts(), ()), max_risk="low")
    assert [found.pair for found in gate.refused] == [other.id]


def test_masking_for_an_export_masks_what_is_refused_and_nothing_else(filled, distinct_pair) -> None:
    said = (Turn(role="user", content=f"Soy yo, {EMAIL}, hola"),)
    first = distinct_pair(90, answer=f"Escribe a {EMAIL}.", answer_markdown=f"Escribe a *{EMAIL}*.", context=said)
    public = distinct_pair(91, answer="Escribe a prensa@correo.example para eso.")
    project, store = filled(first, public)
    claim_pair(store, public.id, "person:ana", lease_seconds=60)
    span = {"start": 10, "end": 31, "before": "prensa@correo.example"}
    keep(store, Finding(pair=public.id, step="privacy", kind="email", field="answer", **span), "person:ana")
    assert mask_accepted(project, store) == 1
    assert mask_accepted(project, store) == 0
    manifest = export(project, store)
    written = "".join(path.read_text(encoding="utf-8") for path in project.exports.rglob("*.json*"))
    assert EMAIL not in written
    assert "prensa@correo.example" in written
    assert written.count("<EMAIL_1>") >= 4
    assert sum(manifest.splits.values()) == 14
    assert store.history(first.id)[-1].reason.startswith("masked for an export")


def test_addresses_of_a_domain_that_the_settings_keep_go_out(filled, distinct_pair) -> None:
    more = SMALL + '[curation.privacy]\nkeep = ["correo.example"]\n'
    project, store = filled(distinct_pair(90, answer=f"Escribe a {EMAIL}."), more=more)
    assert export(project, store).privacy["company"] == {"email": 1}


def test_a_text_without_personal_data_passes_at_no_risk_at_all(make_pair) -> None:
    gate = examine([make_pair(1)], Settled(), max_risk="none")
    assert (gate.refused, gate.texts) == ((), 2)


@pytest.mark.parametrize(
    ("url", "written"),
    [
        pytest.param(
            f"https://foro.example/t?user={EMAIL}&p=2", "https://foro.example/t?user=<EMAIL_1>&p=2", id="email"
        ),
        pytest.param("https://ana:Luna77@foro.example/t", "https://<CREDENTIALS_1>@foro.example/t", id="credentials"),
        pytest.param("https://foro.example/t/612345678", "https://foro.example/t/612345678", id="the number of a page"),
    ],
)
def test_the_address_of_a_page_goes_out_without_what_is_personal_in_it(filled, distinct_pair, url, written) -> None:
    project, store = filled(distinct_pair(90, url=url))
    export(project, store)
    texts = [path.read_text(encoding="utf-8") for path in project.exports.glob("v001/pairs/*")]
    rows = [json.loads(line) for text in texts for line in text.splitlines()]
    assert written in {row["url"] for row in rows}
    assert not is_stale(project, store)
