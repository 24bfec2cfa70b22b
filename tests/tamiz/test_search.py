"""Words are found whatever their accents and capitals, the same on both databases; no text is a syntax error."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tamiz import schema
from tamiz.errors import InputError
from tamiz.search import found_in, hits, matches, one_matches, parse

TEXTS = {
    "router": ("¿Cómo reinicio el ROUTER?", "Pulsa el botón diez segundos."),
    "wifi": ("La clave del wi-fi no vale", "Escribe a ayuda@lumbre.example o entra en 192.168.1.1."),
    "invoice": ("Where is my invoice?", "In your account, under «Bills»: it's there."),
    "spanish": ("¿Qué pasa en el año del ñandú?", "Nada; la canción sigue."),
    "greek": ("Πού είναι το δρομολογητή;", "Жук сидит дома, ёлка тоже."),
    "code": ("router_reset() fails", "error 0x80070005 in 2026-01-31, 12e5 and 3.5 GB"),
}


@pytest.fixture
def filled(store, make_pair):
    pairs = {n: make_pair(i, question=q, answer=a) for i, (n, (q, a)) in enumerate(TEXTS.items())}
    store.add_pairs(list(pairs.values()), "source:ayuda")
    return store


def found(store, text):
    p, query = schema.pair.c, parse(text)
    with store.database.read() as connection:
        names = {}
        for how in (matches, one_matches):
            where = how(query, connection.dialect.name, p.seq)
            names[how] = list(connection.execute(sa.select(p.question).where(where).order_by(p.seq)).scalars())
        seqs = hits(connection, query, limit=100)
    assert names[matches] == names[one_matches]
    assert seqs is None or len(seqs) == len(names[matches])
    return {name for name, (question, _) in TEXTS.items() if question in names[matches]}


FOUND = [
    ("router", {"router", "code"}),  # a word, in any case
    ("boton COMO", {"router"}),  # without accents, in question and answer
    ("nandu ano", {"spanish"}),  # ñ is folded as accents are
    ("Ñandú", {"spanish"}),  # with accents
    ('"clave del wi"', {"wifi"}),  # a phrase
    ('"del clave"', set()),  # a phrase in another order
    ('"vale escribe"', set()),  # no phrase from question into answer
    ("wi-fi", {"wifi"}),  # signs in a word make a phrase
    ("ayuda@lumbre.example", {"wifi"}),  # an address
    ("192.168.1.1", {"wifi"}),  # numbers with dots
    ("invo*", {"invoice"}),  # the beginning of a word
    ('"under bi"*', {"invoice"}),  # a phrase whose last word goes on
    ("router -boton", {"code"}),  # but not
    ("-router -wi", {"invoice", "spanish", "greek"}),  # only what is not there
    ('router -"diez segundos"', {"code"}),  # but not a phrase
    ("δρομολογητή", {"greek"}),  # another alphabet
    ("жук", {"greek"}),  # capitals of another alphabet
    ("0x80070005 12e5 2026 reset", {"code"}),  # numbers with letters
    ("not", set()),  # a word that is an operator elsewhere
    ("", set()),  # nothing
    ('*** "" - :* !', set()),  # signs only
    ("question:router", set()),  # no field names
]


def test_what_is_found(filled):
    assert {text: found(filled, text) for text, _ in FOUND} == dict(FOUND)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(max_size=40), st.text(alphabet="ab\"*-'():&|!<>\\^+NEAR OT{},;%_", max_size=30)))
def test_no_text_is_a_syntax_error(filled, text):
    found(filled, text)


def test_more_words_than_a_search_takes_are_refused():
    with pytest.raises(InputError, match="at most 32 words"):
        parse(" ".join(f"w{n}" for n in range(33)))


def test_what_is_found_is_marked_in_the_texts():
    query = parse('boton "diez seg"* -como')
    [spans] = found_in(query, ["¿Cómo? Pulsa el BOTÓN diez segundos; el botones no"])
    assert ["¿Cómo? Pulsa el BOTÓN diez segundos; el botones no"[a:b] for a, b in spans] == ["BOTÓN", "diez segundos"]


def test_texts_longer_than_an_index_takes_are_kept_and_found_by_their_beginning(store, make_pair):
    long = make_pair(1, answer="comienzo " + " ".join(f"palabra{n}x" for n in range(90_000)))
    wide = make_pair(2, answer="ñ" * 350_000 + " fin", question="¿Ancha?")
    same = make_pair(3, answer="sí " * 60_000, question="¿Repetida?")
    assert len(store.add_pairs([long, wide, same], "source:ayuda").new) == 3
    with store.database.read() as connection:
        assert hits(connection, parse("comienzo palabra17x"), limit=9) == [1]
        assert hits(connection, parse("ancha"), limit=9) == [2]
        assert hits(connection, parse('"si si si" repetida'), limit=9) == [3]


def test_an_index_follows_the_texts_and_more_hits_than_asked_for_are_not_listed(store, make_pair):
    pairs = [make_pair(number) for number in range(5)]
    store.add_pairs(pairs, "source:ayuda")
    p = schema.pair
    other = replace(pairs[0], answer="Otra cosa.")
    store.database.write(lambda c: c.execute(sa.update(p).where(p.c.id == pairs[0].id).values(answer=other.answer)))
    with store.database.read() as connection:
        assert hits(connection, parse("elige"), limit=9) == [2, 3, 4, 5]
        assert hits(connection, parse("otra cosa"), limit=9) == [1]
        assert hits(connection, parse("elige"), limit=3) is None
