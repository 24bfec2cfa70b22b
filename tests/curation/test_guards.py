"""The guards as kernels: one answer in every direction, with and without a compiler, whatever the text."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.guards import (
    CHANGED_NUMBERS,
    DENIED,
    OTHER_QUESTION,
    REPLACED,
    SAME,
    difference,
    difference_of_pairs,
    explain_difference,
    guard_keys,
    new_scratch,
    tables,
)
from curation.near.compiled import HAS_NUMBA
from curation.near.rooms import SLOTS
from curation.near.texts import normal

SOME = (
    "cómo como activo desactivo el wifi wi-fi wi fi no sin con de a desde hasta madrid lugo 5 gb 5gb 1.500 1500 24h 24 "
    "horas un una a mes week weeks two amigo amiga quien how much factura facturas factuar hola gracias app android "
    "iphone que mejor ni nunca o not can't up may june $ % -r"
)
WORDS = SOME.split()
texts = st.one_of(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join), st.text(max_size=60))


def read(*given_texts: str | bytes) -> tuple[np.ndarray, np.ndarray]:
    """Texts one after another, raw bytes as they are, and where each begins."""
    encoded = [t if isinstance(t, bytes) else normal(t).encode("utf-8", "replace") for t in given_texts]
    starts = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    return np.array(bytearray(b"".join(encoded)), dtype=np.uint8), starts


def compare(one: str | bytes, other: str | bytes, leeway: int = 0) -> int:
    data, starts = read(one, other)
    places = [int(place) for place in starts]
    scratch = new_scratch()
    return int(difference(data, places[0], places[1], places[1], places[2], leeway, tables(), scratch))


def compare_pairs(one: tuple[str, str], other: tuple[str, str], leeway: int) -> int:
    questions, asked = read(one[0], other[0])
    answers, told = read(one[1], other[1])
    ends = [(int(s[0]), int(s[1]), int(s[1]), int(s[2])) for s in (asked, told)]
    rooms = (new_scratch(), new_scratch())
    return int(difference_of_pairs(questions, ends[0], answers, ends[1], leeway, -1, tables(), rooms))


@settings(max_examples=400, deadline=None)
@given(texts, texts)
def test_the_guard_the_explanation_and_the_other_direction_agree(one: str, other: str) -> None:
    kind = compare(one, other)
    assert compare(other, one) == kind
    assert (explain_difference(one, other) == "") == (kind == SAME)
    assert compare(one, one) == SAME


@settings(max_examples=300, deadline=None)
@given(texts, texts)
def test_texts_with_other_keys_are_never_the_same(one: str, other: str) -> None:
    data, starts = read(one, other)
    keys = guard_keys(data, starts)
    kind = compare(one, other)
    if keys[0] != keys[1]:
        assert kind != SAME
    if kind in (CHANGED_NUMBERS, DENIED):
        assert keys[0] != keys[1]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80), st.binary(max_size=80))
def test_bytes_that_are_no_text_are_compared_too(one: bytes, other: bytes) -> None:
    assert compare(one, other) == compare(other, one)
    assert compare(one, one) == SAME


def test_a_scratch_may_be_used_again_and_again() -> None:
    scratch = new_scratch()
    rng = random.Random(4)
    for _ in range(200):
        one, other = (" ".join(rng.choices(WORDS, k=rng.randrange(12))) for _ in range(2))
        data, starts = read(one, other)
        first, middle, end = map(int, starts)
        again = difference(data, first, middle, middle, end, 0, tables(), scratch)
        assert again == compare(one, other), (one, other)


def test_what_was_read_of_a_pair_before_says_the_same_of_it_as_reading_it_again() -> None:
    rng = random.Random(5)
    some = [" ".join(rng.choices(WORDS, k=rng.randrange(1, 9))) for _ in range(40)]
    likely = [" ".join([*one.split(), rng.choice(WORDS)]) for one in some]
    pairs = [(rng.choice(some + likely), rng.choice(some + likely)) for _ in range(60)]
    questions, asked = read(*(question for question, _ in pairs))
    answers, told = read(*(answer for _, answer in pairs))
    rooms, found = (new_scratch(), new_scratch()), set()
    for one in range(len(pairs)):
        for other in range(one + 1, len(pairs)):
            ends = [(int(s[one]), int(s[one + 1]), int(s[other]), int(s[other + 1])) for s in (asked, told)]
            again = difference_of_pairs(questions, ends[0], answers, ends[1], 1, one, tables(), rooms)
            assert again == compare_pairs(pairs[one], pairs[other], 1), (pairs[one], pairs[other])
            found.add(int(again))
    assert {SAME, OTHER_QUESTION, REPLACED} <= found


def test_without_a_compiler_the_same_code_says_the_same() -> None:
    program = (
        "import random; from test_guards import WORDS, compare, compare_pairs, guard_keys, read\n"
        "rng = random.Random(9)\n"
        "for _ in range(150):\n"
        "    one, other = (' '.join(rng.choices(WORDS, k=rng.randrange(9))) for _ in range(2))\n"
        "    print(compare(one, other), compare_pairs((one, one), (one + ' que', other), 2), end=' ')\n"
        "    print(guard_keys(*read(one, other)).tolist())\n"
    )
    here = os.path.dirname(__file__)
    path = os.pathsep.join([here, os.path.dirname(os.path.dirname(here))])
    said = [
        subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            env={**os.environ, "PYTHONPATH": path, "TAMIZ_PLAIN": plain},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for plain in ("1", "0")
    ]
    assert said[0] == said[1]
    assert len(said[0].splitlines()) == 150


def test_keys_do_not_depend_on_threads_and_see_only_numbers_and_negations() -> None:
    chosen = random.Random(1)
    many = [" ".join(chosen.choices(WORDS, k=8)) for _ in range(2000)]
    data, starts = read(*many)
    assert (guard_keys(data, starts) == guard_keys(data, starts, threads=2)).all()
    same = guard_keys(*read("Bono de 5 GB", "Quiero el bono de 5gb para mi móvil", "No hay 5 GB", "Bono de 6 GB"))
    assert same[0] == same[1]
    assert len({int(key) for key in same}) == 3


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("x" * 1_000_000, "x" * 999_999 + "y", REPLACED, id="a word of a megabyte"),
        pytest.param("a/b" * 300_000, "a/c" * 300_000, REPLACED, id="cut at every sign"),
        pytest.param("\0" * 100_000, "\0" * 99_999, SAME, id="NUL bytes"),
        pytest.param("hola\0 wifi", "hola wifi", SAME, id="a NUL byte in a word"),
        pytest.param("🙂🙂 activo 🎉", "activo", SAME, id="pictures"),
        pytest.param("7" * 500_000, "7" * 500_001, CHANGED_NUMBERS, id="a number of half a megabyte"),
        pytest.param("a\u0301" * 200_000, "a" * 200_000, SAME, id="loose accents"),
        pytest.param(b"caf\xc3\xa9 \xff\xfe \xe2\x82", b"cafe \xff\xfe \xe2\x82", SAME, id="broken UTF-8"),
        pytest.param(b"wifi \xf0", b"wifi", SAME, id="a character that the text cuts off"),
    ],
)
def test_hostile_texts_are_compared_quickly(one: str | bytes, other: str | bytes, expected: int) -> None:
    compare("a", "b")
    data, starts = read(one, other)
    first, middle, end = map(int, starts)
    scratch, lists = new_scratch(), tables()
    begun = time.perf_counter()
    kind = difference(data, first, middle, middle, end, 0, lists, scratch)
    guard_keys(data, starts)
    assert time.perf_counter() - begun < (5 if HAS_NUMBA else 120)
    if expected == SAME and isinstance(one, bytes) and one.endswith(b"\xf0"):
        assert kind in (SAME, REPLACED)
    else:
        assert kind == expected


def test_texts_of_many_different_words_are_compared_in_bounded_room_and_time() -> None:
    words = [
        f"w{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676 % 26)}{'x' * (n // 17576)}q"
        for n in range(60_000)
    ]
    size = new_scratch().nbytes
    begun = time.perf_counter()
    assert compare(" ".join(words), " ".join(words[:-1])) == REPLACED  # more than there is room for: never a copy
    assert compare(" ".join(words), " ".join(words)) == SAME
    few = words[: SLOTS // 2]
    assert compare(" ".join(few * 10), " ".join(few * 9)) == SAME
    assert compare(" ".join(few[:2000]), " ".join(few[2000:])) == REPLACED
    numbers = [str(n) for n in range(30_000)]
    assert compare(" ".join(numbers), " ".join(numbers[1:])) == CHANGED_NUMBERS
    assert time.perf_counter() - begun < (20 if HAS_NUMBA else 300)
    assert size < 1_000_000


def test_a_leeway_lets_words_be_replaced_but_no_numbers_nor_opposites() -> None:
    assert compare("Pulsa Guardar en el menú", "Pulsa Aceptar en el menú", 0) == REPLACED
    assert compare("Pulsa Guardar en el menú", "Pulsa Aceptar en el menú", 1) == SAME
    assert compare("Abre en mayo", "Abre en junio", 3) == REPLACED
    assert compare("Se paga por semana", "Se paga por mes", 3) == REPLACED
    assert compare("Tarda una semana", "Tarda un mes", 3) == CHANGED_NUMBERS
    assert compare("It takes a week", "It takes two weeks", 3) == CHANGED_NUMBERS
    assert compare("Tarda 2 días", "Tarda 5 días", 3) == CHANGED_NUMBERS


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(
            ("¿Cómo cambio la clave de mi cuenta?", "Abre el menú y escribe la clave de la cuenta."),
            (
                "¿Cómo cambio la clave de mi cuenta de empresa?",
                "Abre el menú y escribe la clave de la cuenta de empresa.",
            ),
            OTHER_QUESTION,
            id="a word more in question and answer",
        ),
        pytest.param(
            ("¿Cómo cambio la clave?", "Abre el menú y pulsa Guardar."),
            ("¿Cómo cambio la clave de casa?", "Abre el menú y pulsa Guardar."),
            SAME,
            id="a word more in the question alone",
        ),
        pytest.param(
            ("Hola, ¿cómo cambio la clave?", "Hola. Abre el menú."),
            ("¿Cómo cambio la clave?", "Abre el menú."),
            SAME,
            id="a greeting in both",
        ),
        pytest.param(
            ("Does it work in Iceland?", "Yes, Iceland is included."),
            ("Does it work in Ireland?", "Yes, Ireland is included."),
            OTHER_QUESTION,
            id="two names that differ like a slip",
        ),
        pytest.param(
            ("Does the roming work?", "Yes, roaming is included."),
            ("Does the roaming work?", "Yes, roaming is included."),
            SAME,
            id="a slip",
        ),
        pytest.param(
            ("Where is the invoice?", "The invoice is in the menu."),
            ("Where are the invoices?", "The invoices are in the menu."),
            SAME,
            id="another form",
        ),
        pytest.param(
            ("Does the Mario work?", "Yes, the Mario works."),
            ("Does the Maria work?", "Yes, the Maria works."),
            OTHER_QUESTION,
            id="two names that differ like the genders of a word",
        ),
        pytest.param(
            ("How do I open an account?", "Press Accounts in the menu."),
            ("How do I open a bill?", "Press Accounts in the menu."),
            OTHER_QUESTION,
            id="another question",
        ),
        pytest.param(
            ("How do I open an account?", "Press Accounts in the menu."),
            ("How do I open an account?", "Touch Accounts in the menu."),
            SAME,
            id="a step in another word",
        ),
        pytest.param(
            ("Who closes the account?", "The director closes it in the menu."),
            ("Who closes the account?", "The cashier closes it in the menu."),
            REPLACED,
            id="somebody else",
        ),
        pytest.param(
            ("¿Cuánto tarda el cambio?", "Queda listo al amanecer."),
            ("¿Cuánto tarda el cambio?", "Queda listo al anochecer."),
            REPLACED,
            id="another time",
        ),
        pytest.param(
            ("How much is it?", "It is explained in the contract."),
            ("How much is it?", "It is detailed in the contract."),
            REPLACED,
            id="a verb where an amount is asked for, to be on the safe side",
        ),
        pytest.param(
            ("How do I see how many points I have, and why?", "It is explained in the contract, page two."),
            ("How do I see how many points I have, and why?", "It is explained in the contract, page three."),
            REPLACED,
            id="a number in letters",
        ),
        pytest.param(
            ("How long is the trial?", "It ends after a month."),
            ("How long is the trial?", "It ends after 1 month."),
            SAME,
            id="one in letters and in digits",
        ),
    ],
)
def test_pairs_are_copies_where_they_ask_and_say_the_same(
    one: tuple[str, str], other: tuple[str, str], expected: int
) -> None:
    assert compare_pairs(one, other, 1) == expected
    assert compare_pairs(other, one, 1) == expected


pairs = st.tuples(texts, texts)


@settings(max_examples=400, deadline=None)
@given(pairs, pairs, st.integers(0, 2))
def test_pairs_differ_alike_in_both_directions(one: tuple[str, str], other: tuple[str, str], leeway: int) -> None:
    kind = compare_pairs(one, other, leeway)
    assert compare_pairs(other, one, leeway) == kind
    assert compare_pairs(one, one, leeway) == SAME
    assert compare(one[1], other[1], leeway) == compare(other[1], one[1], leeway)
    assert (kind == OTHER_QUESTION) >= (compare(one[0], other[0]) != SAME)
