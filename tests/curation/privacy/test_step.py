"""The step `privacy`, the masks of a pair, and the company's own contacts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from curation.edits import apply_findings
from curation.privacy.masks import masked_pair
from curation.privacy.rows import mask_rows
from curation.privacy.step import PrivacyStep
from tamiz.errors import InputError, SettingsError
from tamiz.records import Finding, Pair, Turn
from tamiz.settings import CurationSettings, PrivacySettings, RuleSettings


def pair(answer: str, *, question: str = "¿Cómo lo arreglo?", **values) -> Pair:
    common = {"lang": "es", "url": "https://foro.example/t/1", "kind": "forum", "group": "t1"}
    return Pair(question=question, answer=answer, **(common | values))


def step(**values) -> PrivacyStep:
    return PrivacyStep(CurationSettings(steps=("privacy",), privacy=PrivacySettings(**values)))


def look(one: Pair, **values) -> list[Finding]:
    return list(step(**values).look([one]))


def test_each_piece_is_a_finding_of_its_kind_with_its_mask():
    (finding,) = look(pair("Escríbeme a ana@correo.example"))
    assert (finding.step, finding.kind, finding.field, finding.after) == ("privacy", "email", "answer", "<EMAIL_1>")


def test_the_same_thing_has_the_same_mask_all_over_a_pair():
    one = pair(
        "Hola Ana, te llamo al +34 612-345-678.",
        question="Soy Ana López, mi móvil es 612 345 678 y el de casa 976 21 43 65",
        answer_markdown="Hola **Ana**, te llamo al [+34 612-345-678](tel:+34612345678).",
        context=(Turn(role="user", content="612345678, como ya dije por teléfono"),),
    )
    made = apply_findings(one, look(one), "rule:privacy")
    assert made.question == "Soy <NAME_1>, mi móvil es <PHONE_1> y el de casa <PHONE_2>"
    assert made.answer == "Hola <NAME_1>, te llamo al <PHONE_1>."
    assert made.answer_markdown == "Hola **<NAME_1>**, te llamo al [<PHONE_1>](tel:<PHONE_1>)."
    assert made.context[0].content == "<PHONE_1>, como ya dije por teléfono"
    assert made.made_from == (one.id,)
    assert look(made) == []


def test_what_is_only_in_the_markdown_is_masked_too():
    one = pair("Escríbenos aquí.", answer_markdown="[Escríbenos](mailto:ana@correo.example) aquí.")
    made = apply_findings(one, look(one), "rule:privacy")
    assert made.answer_markdown == "[Escríbenos](mailto:<EMAIL_1>) aquí."


def test_what_a_tool_was_called_with_stays_json():
    calls = '{"phone": 612345678, "mail": "ana@correo.example"}'
    one = pair("Hecho.", context=(Turn(role="assistant", content="", tool_calls=calls),))
    made = apply_findings(one, look(one), "rule:privacy")
    assert made.context[0].tool_calls == '{"phone": "<PHONE_1>", "mail": "<EMAIL_1>"}'


def test_a_password_said_once_is_masked_where_it_is_said_again():
    one = pair("No uses Gato2024! en dos sitios.", question="La contraseña es Gato2024! y no entra")
    assert masked_pair(one, "step:privacy").answer == "No uses <PASSWORD_1> en dos sitios."


def test_new_masks_are_numbered_after_those_that_are_there():
    one = pair("Escribe a <EMAIL_2> o a luis@correo.example")
    assert masked_pair(one, "step:privacy").answer == "Escribe a <EMAIL_2> o a <EMAIL_3>"


def test_a_pair_with_nothing_personal_is_the_same_pair():
    one = pair("Entra en 192.168.1.1 y cambia el canal.")
    assert masked_pair(one, "step:privacy") is one


def test_only_the_kinds_asked_for_are_looked_for():
    one = pair("ana@correo.example, tel. 612 345 678")
    assert [finding.kind for finding in look(one, kinds=("phone",))] == ["phone"]


def contacts(answer: str, pages: int, **values) -> list[Pair]:
    return [pair(answer, url=f"https://foro.example/t/{n}", group=f"t{n}", **values) for n in range(pages)]


def test_a_contact_in_the_answers_of_many_pages_is_the_companys_and_stays():
    known = step(known_pages=3)
    known.learn(contacts("Llama al 910 123 456.", 3))
    (finding,) = known.look([pair("Llama al +34 910 12 34 56, por favor.")])
    assert (finding.kind, finding.after, finding.note) == ("company_contact", None, "kept: in answers of 3 pages")


@pytest.mark.parametrize(
    "pairs",
    [
        pytest.param(contacts("Llama al 910 123 456.", 2), id="too few pages"),
        pytest.param(
            [replace(one, url="https://foro.example/faq") for one in contacts("Llama al 910 123 456.", 9)],
            id="one page",
        ),
        pytest.param(contacts("Llámame al 910 123 456.", 9, author="a1"), id="one person's signature"),
        pytest.param(contacts("Sí.", 9, question="Mi número es el 910 123 456, ¿me llamáis?"), id="in questions"),
    ],
)
def test_what_is_not_said_on_many_pages_by_several_is_masked(pairs: list[Pair]):
    known = step(known_pages=3)
    known.learn(pairs)
    assert [finding.after for finding in known.look([pair("Llama al 910 123 456.")])] == ["<PHONE_1>"]


@pytest.mark.parametrize("keep", ["ayuda@lumbre.example", "lumbre.example", "@lumbre.example", "+34 910 123 456"])
def test_contacts_named_in_the_settings_stay(keep: str):
    text = "Llama al 910 123 456." if keep.startswith("+") else "Escribe a ayuda@lumbre.example."
    assert [finding.kind for finding in look(pair(text), keep=(keep,))] == ["company_contact"]


def test_what_is_learnt_makes_pairs_be_looked_at_again():
    known = step(known_pages=2)
    before = known.settings
    known.learn(contacts("Llama al 910 123 456.", 2))
    assert known.settings != before


def test_apply_at_stands_for_a_rule():
    settings = CurationSettings(steps=("privacy",), privacy=PrivacySettings(apply_at=0.8))
    (rule,) = settings.written_rules
    assert (rule.name, rule.then, rule.steps, rule.at_least) == ("privacy", "apply", ("privacy",), 0.8)


def test_a_rule_of_ones_own_replaces_it():
    mine = RuleSettings(name="mine", then="apply", steps=("privacy",), findings=("email",))
    assert CurationSettings(steps=("privacy",), rules=(mine,)).written_rules == (mine,)


@pytest.mark.parametrize("values", [{"kinds": ("e-mail",)}, {"apply_at": 0.0}, {"known_pages": 1}])
def test_settings_that_make_no_sense_are_refused(values: dict):
    with pytest.raises(SettingsError, match="privacy"):
        PrivacySettings(**values)


def test_rows_keep_their_columns_and_list_what_was_masked_without_telling_it():
    rows = [{"id": 7, "question": "Soy Ana López", "answer": "Hola Ana, escribe a ana@correo.example"}]
    result = mask_rows(rows, lang="es")
    (row,) = result.rows
    assert (row["id"], row["question"]) == (7, "Soy <NAME_1>")
    assert row["answer"] == "Hola <NAME_1>, escribe a <EMAIL_1>"
    assert row["changes"][2] == {
        "field": "answer",
        "start": 20,
        "before": "•" * 18,
        "after": "<EMAIL_1>",
        "rule": "email",
        "confidence": 0.98,
        "applied": True,
    }
    assert result.kinds == {"email": 1, "name": 2}


def test_rows_tell_what_was_masked_to_who_asks():
    rows = [{"answer": "ana@correo.example"}]
    result = mask_rows(rows, fields=("answer",), show_originals=True)
    assert result.rows[0]["changes"][0]["before"] == "ana@correo.example"
    assert result.map == [
        {"row": 0, "field": "answer", "start": 0, "mask": "<EMAIL_1>", "kind": "email", "value": "ana@correo.example"}
    ]


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(InputError, match="no column 'answer'"):
        mask_rows([{"question": "x"}])
