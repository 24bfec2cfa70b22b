"""What is recognised in the written texts, and what is not.

Scores on each half when it was first read: benchmarks/privacy.py tells how they are counted, and
docs/how-to/personal-data.md what they were.
"""

from __future__ import annotations

import importlib.util
import itertools
import re
import string
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.privacy import (
    KINDS,
    RISKS,
    accounts,
    at_least_risk,
    devices,
    find_personal,
    identities,
    people,
    references,
    secrets,
)
from curation.privacy.masks import find_in_texts, mask_texts
from tamiz.settings import PERSONAL_KINDS

REPOSITORY = Path(__file__).parents[3]
CASES = REPOSITORY / "tests" / "cases" / "privacy"


def load_benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("privacy_benchmark", REPOSITORY / "benchmarks" / "privacy.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look for it
    spec.loader.exec_module(module)
    return module


BENCHMARK = load_benchmark()
TEXTS = [case for path in sorted(CASES.glob("*.txt")) for case in BENCHMARK.read_cases(path)]


def masked(text: str, lang: str = "es") -> str:
    return mask_texts({"text": text}, find_in_texts({"text": text}, lang))["text"]


def test_the_set_has_300_texts_in_both_languages_with_and_without_personal_data():
    assert len(TEXTS) >= 300
    for lang in ("es", "en"):
        assert sum(case.lang == lang and bool(case.marked) for case in TEXTS) >= 60
        assert sum(case.lang == lang and not case.marked for case in TEXTS) >= 40
    assert {kind for case in TEXTS for kind, _, _ in case.marked} == set(KINDS) - {"cpf"}


def test_recall_is_at_least_97_percent_and_precision_95():
    total = BENCHMARK.score(TEXTS)
    assert total.recall >= 0.97, total.misses
    assert total.precision >= 0.95, total.misses


@pytest.mark.parametrize(
    ("lang", "text", "kinds"),
    [
        pytest.param("es", "Factura a nombre de Talleres Vega, S.L.", [], id="a company is no person"),
        pytest.param("es", "La clave wpa es k7Tq2mVx9p", ["password"], id="a word between a password and its word"),
        pytest.param("en", "Hi, Gareth Lloyd here.", ["name"], id="a name before here"),
        pytest.param("en", "Open Account Settings here.", [], id="no name before here"),
        pytest.param("en", "Send it to Jane Smith tomorrow", ["name"], id="a common name with a common surname"),
        pytest.param("en", "A Ford Austin and a Mark Two", [], id="words that are names, too"),
        pytest.param("en", "Part no. 5 is 555-12-3457-A", [], id="a letter behind a dash is of a part number"),
        pytest.param("en", "Sort code 20-45-77, account 73928104", ["bank_account"] * 2, id="a British account"),
        pytest.param("es", "matrícula 1234 ABE", ["plate"], id="a plate with vowels beside its word"),
        pytest.param("es", "un coche 1600 TDI", [], id="the name of a motor"),
        pytest.param("es", "mi caso 0030 sigue abierto", ["reference"], id="a short number of one's own"),
        pytest.param("en", "we order 3000 cables", [], id="an amount"),
    ],
)
def test_what_stands_beside_it_tells_what_it_is(lang: str, text: str, kinds: list[str]):
    assert [one.kind for one in find_personal(text, lang) if one.confidence >= 0.6] == kinds


def test_the_quick_looks_that_spare_most_expressions_hide_nothing(monkeypatch):
    pieces = [case.text for case in TEXTS]
    texts = [*pieces, *("\n".join(pair) for pair in itertools.pairwise(pieces)), *(text.upper() for text in pieces)]
    quick = [find_personal(text) for text in texts]
    for module in (identities, people, secrets):
        monkeypatch.setattr(module, "holds_any", lambda low, words: True)
    for module in (accounts, devices, identities):
        monkeypatch.setattr(module, "LONG_NUMBER", re.compile(""))
    monkeypatch.setattr(references, "_FOUR_DIGITS", re.compile(""))
    monkeypatch.setattr(devices, "_LETTER_AT_DIGIT", re.compile(""))
    assert [find_personal(text) for text in texts] == quick


def test_numbers_with_check_digits_are_never_reported_wrongly():
    total = BENCHMARK.score(TEXTS)
    for kind in (name for name, kind in KINDS.items() if kind.checksum):
        assert total.right[kind] == total.reported[kind], (kind, total.misses)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Mi DNI es 94580730T", id="a letter that does not fit is no dni"),
        pytest.param("ES24 2100 2395 9809 6178 6878", id="an IBAN with wrong digits"),
        pytest.param("4052 9511 0077 5406", id="a card that fails Luhn"),
        pytest.param("IMEI 355004052025529", id="an IMEI that fails Luhn"),
        pytest.param("CURP YAKM780109MNLVSY03", id="a CURP with a wrong last digit"),
    ],
)
def test_a_wrong_check_digit_is_no_number_of_that_kind(text: str):
    assert not [one for one in find_personal(text, "es") if KINDS[one.kind].checksum]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("ana@correo.example", id="plain"),
        pytest.param("ａｎａ＠ｃｏｒｒｅｏ.ｅｘａｍｐｌｅ", id="full width"),
        pytest.param("ana\u200b@cor\u00adreo.example", id="zero-width and soft hyphen inside"),
        pytest.param("ana\\@correo\\.example", id="escaped for Markdown"),
        pytest.param("ana (arroba) correo (punto) example", id="signs in brackets"),
        pytest.param("ana arroba correo punto example", id="in words"),
        pytest.param("mailto:ana%40correo.example", id="in an address"),
    ],
)
def test_an_address_is_the_same_value_however_it_is_hidden(text: str):
    assert [(one.kind, one.value) for one in find_personal(f"Escribe a {text}", "es")] == [
        ("email", "ana@correo.example")
    ]


@pytest.mark.parametrize("number", ["612345678", "612 345 678", "612.34.56.78", "+34 612-345-678", "0034 612345678"])
def test_a_number_is_the_same_value_however_it_is_written(number: str):
    assert [(one.kind, one.value) for one in find_personal(f"Mi móvil: {number}", "es")] == [("phone", "612345678")]


def test_a_found_span_is_what_stands_there_in_the_original():
    text = "Mi móvil es 6\u200b12\u00a0345\u00a0678, gracias"
    (one,) = find_personal(text, "es")
    assert text[one.start : one.end] == "6\u200b12\u00a0345\u00a0678"


def test_what_is_found_does_not_tell_itself_when_it_is_printed():
    (one,) = find_personal("Escribe a ana@correo.example", "es")
    assert "ana" not in repr(one)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mask_is_never_found(kind: str):
    mask = f"<{KINDS[kind].mask}_1>"
    for text in (
        mask,
        f"Mi contraseña es {mask}",
        f"Hola, soy {mask}, pedido {mask}",
        f"https://{mask}@{mask}.example",
    ):
        assert find_personal(text, "es") == []


@pytest.mark.parametrize("case", TEXTS[::3], ids=lambda case: case.text[:40])
def test_masking_twice_finds_nothing_new(case):
    once = masked(case.text, case.lang)
    assert find_personal(once, case.lang) == []


PIECES = st.sampled_from(
    [case.text[start:end] for case in TEXTS for _, start, end in case.marked]
    + [
        "Hola, soy ",
        "Saludos,\n",
        "contraseña: ",
        "pedido ",
        "tel. ",
        "DNI ",
        "C/ ",
        " @ ",
        "<",
        ">",
        "://",
        "\\",
        "\u200b",
    ]
    + list(string.punctuation + " \n")
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=8).map("".join), st.sampled_from(["es", "en", "und"]))
def test_masking_any_text_twice_finds_nothing_new(text: str, lang: str):
    once = masked(text, lang)
    assert masked(once, lang) == once


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_spans_of_any_text_are_in_order_and_apart(text: str):
    found = find_personal(text)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))
    assert all(0 <= one.start < one.end <= len(text) for one in found)


@pytest.mark.parametrize("part", ["a@", "7", " ", "1 2 ", "1.", ":", "calle A ", "pedido :", "eyJ", "http://a:", "("])
def test_time_grows_with_the_text_and_no_faster(part: str):
    def seconds(length: int) -> float:
        start = time.process_time()
        find_personal(part * (length // len(part)), "es")
        return time.process_time() - start

    seconds(1_000)
    assert seconds(60_000) < 40 * max(seconds(6_000), 0.01)  # 10 would be even; the square would be 100


def test_the_kinds_of_the_settings_are_those_that_are_recognised():
    assert set(PERSONAL_KINDS) == set(KINDS)


def test_a_risk_takes_the_kinds_above_it_along():
    assert at_least_risk("high") < at_least_risk("medium") < at_least_risk("low") == set(RISKS)
