"""LanguageTool as an engine: what is sent and how seldom, where its matches lie, and what they are worth."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.spelling.corrections import Text
from curation.spelling.languagetool.pieces import Batch, Sentence, pack, sentences

MANY = [
    "😀😀 Mi contrasena 🎉 no vale.",
    "Abra `ruter --off` y escriva la contrasena 😀 otra vez.",
    "La pagina no abre. ¿Y la contrasena? Todo lo demás va bien.",
    "La pagina no abre.",
    "Primera línea\nsegunda pagina\n\nOtra pagina más",
]


def texts(*said: str, lang: str = "es") -> list[Text]:
    return [Text(text=one, lang=lang) for one in said]


def places(found) -> list[list[tuple[int, int, str, str | None]]]:
    return [[(one.start, one.end, one.before, one.after) for one in corrections] for corrections in found]


def test_a_misspelling_has_its_place_words_rule_and_confidence(server_url, engine_at) -> None:
    [[found]] = engine_at(server_url).check(texts("Cambia la contrasena hoy."))
    assert (found.start, found.end, found.before, found.after) == (10, 20, "contrasena", "contraseña")
    assert (found.kind, found.rule, found.engine) == ("accent", "MORFOLOGIK_RULE_ES", "languagetool")
    assert found.confidence >= 0.9


def test_places_are_right_in_batches_with_emoji_and_several_sentences(server_url, engine_at) -> None:
    engine = engine_at(server_url)
    together = places(engine.check(texts(*MANY)))
    for text, found in zip(MANY, together, strict=True):
        assert all(text[start:end] == before for start, end, before, _ in found)
    alone = [places(engine_at(server_url, batch=1).check(texts(one)))[0] for one in MANY]
    assert together == alone
    assert (8, 18, "contrasena", "contraseña") not in together[0]  # that would be UTF-16
    assert (6, 16, "contrasena", "contraseña") in together[0]


def test_what_is_kept_is_neither_shown_to_the_server_nor_changed(stand_in, engine_at) -> None:
    text = "😀 Escribe ruter y luego la contrasena del ruter."
    kept = ((10, 15),)
    [found] = engine_at(stand_in.url).check([Text(text=text, lang="es", kept=kept)])
    assert [(one.before, one.start) for one in found] == [("contrasena", 27), ("ruter", 42)]
    notes = json.loads(stand_in.values[-1]["data"])["annotation"]
    assert {"markup": "ruter", "interpretAs": "X"} in notes
    assert stand_in.asked[-1][1] == "😀 Escribe X y luego la contrasena del ruter."


def test_what_is_kept_is_spared_by_a_real_server_as_well(server_url, engine_at) -> None:
    text = "Escribe contrasena y luego la contrasena."
    [found] = engine_at(server_url).check([Text(text=text, lang="es", kept=((8, 18),))])
    assert [one.start for one in found if one.before == "contrasena"] == [30]


def test_many_texts_are_one_request_on_one_connection(stand_in, engine_at) -> None:
    engine = engine_at(stand_in.url)
    before = engine.requests
    engine.check(texts(*MANY))
    engine.check(texts("Otra contrasena.", "Otra pagina."))
    assert engine.requests == before + 2
    assert stand_in.connections == 1
    assert "mother_tongue" not in {name.lower() for values in stand_in.values for name in values}
    assert "motherTongue" not in {name for values in stand_in.values for name in values}


def test_requests_keep_to_their_size(stand_in, engine_at) -> None:
    engine = engine_at(stand_in.url, batch=100)
    engine.check(texts(*(f"La pagina número {n} no abre bien." for n in range(20))))
    sizes = [len(text) for _, text in stand_in.asked]
    assert max(sizes) <= 100
    assert len(sizes) <= 10


def test_a_match_that_reaches_into_another_text_is_left_out(stand_in, engine_at) -> None:
    engine = engine_at(stand_in.url)
    stand_in.plan.append("across")
    found = engine.check(texts("La pagina uno", "Otra contrasena"))
    assert [[one.before for one in corrections] for corrections in found] == [["pagina"], ["contrasena"]]


def test_the_server_is_warmed_up_before_the_texts_come(stand_in, engine_at) -> None:
    engine = engine_at(stand_in.url)
    assert len(stand_in.asked) == 1
    assert engine.versions == {"languagetool": "LanguageTool 0.0-stand-in 2026-01-31 09:30:00 +0000"}


def test_a_sentence_is_asked_about_once(stand_in, engine_at) -> None:
    engine = engine_at(stand_in.url)
    engine.check(texts("La pagina no abre. Gracias por todo.", "Gracias por todo. La pagina no abre."))
    [said] = [text for _, text in stand_in.asked[1:]]
    assert said.count("pagina") == said.count("Gracias") == 1


def test_a_second_run_asks_nothing_and_finds_the_same(server_url, engine_at, tmp_path) -> None:
    kept = [Text(text="Escribe ruter o pagina.", lang="es", kept=((8, 13),))]
    first = engine_at(server_url, cache=tmp_path)
    found = first.check([*texts(*MANY), *kept])
    second = engine_at(server_url, cache=tmp_path)
    before = second.requests
    assert second.check([*texts(*MANY), *kept]) == found
    assert second.requests == before


def test_answers_hold_for_one_version_language_and_hidden_part_only(stand_in, engine_at, tmp_path, monkeypatch) -> None:
    said = "Escribe ruter o pagina."
    engine_at(stand_in.url, cache=tmp_path).check(texts(said))
    for change in ("kept", "language", "version"):
        text = Text(text=said, lang="en" if change == "language" else "es", kept=((8, 13),) if change == "kept" else ())
        if change == "version":
            stand_in.software = {**stand_in.software, "version": "0.1-stand-in"}
        engine = engine_at(stand_in.url, cache=tmp_path)
        before = len(stand_in.asked)
        engine.check([text])
        assert len(stand_in.asked) > before, change


def test_a_damaged_or_unwritable_cache_costs_answers_and_nothing_else(stand_in, engine_at, tmp_path, caplog) -> None:
    found = engine_at(stand_in.url, cache=tmp_path).check(texts(*MANY))
    [file] = tmp_path.iterdir()
    whole = file.read_bytes()
    for damaged in (whole[:-7], whole.replace(b"[[", b"[", 2), b"\xff\x00" + whole, whole.replace(b'"', b"")):
        file.write_bytes(damaged)
        assert engine_at(stand_in.url, cache=tmp_path).check(texts(*MANY)) == found
    (tmp_path / "no folder").write_text("")
    assert engine_at(stand_in.url, cache=tmp_path / "no folder").check(texts(*MANY)) == found
    assert "are not kept" in caplog.text


def test_no_sentence_is_written_to_the_cache(stand_in, engine_at, tmp_path) -> None:
    engine_at(stand_in.url, cache=tmp_path).check(texts("La señora Zutana escribe una pagina."))
    assert b"Zutana" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_a_language_that_the_server_lacks_is_counted_and_not_asked(stand_in, engine_at) -> None:
    engine = engine_at(stand_in.url)
    before = len(stand_in.asked)
    assert engine.check([*texts("ruter", "ruter", lang="eu"), Text(text="ruter", lang="und")]) == [[], [], []]
    assert dict(engine.unsupported) == {"eu": 2, "und": 1}
    assert len(stand_in.asked) == before


def test_english_is_asked_about_in_a_variant_that_has_a_dictionary(server_url, engine_at) -> None:
    [[found]] = engine_at(server_url).check(texts("You will recieve a letter.", lang="en"))
    assert (found.before, found.after, found.kind) == ("recieve", "receive", "spelling")
    assert found.confidence <= 0.8


def test_a_sentence_that_is_plainly_in_another_language_is_asked_about_in_that(stand_in, engine_at) -> None:
    engine = engine_at(stand_in.url, languages=("es", "en"))
    engine.check(texts("Abra la configuración del equipo. You can restart the printer whenever it is needed."))
    assert ("es", "Abra la configuración del equipo.") in stand_in.asked
    assert ("en-US", "You can restart the printer whenever it is needed.") in stand_in.asked


@pytest.mark.parametrize(
    ("said", "kind", "least", "most"),
    [
        pytest.param("Mi cuenta esta activa.", "accent", 0.9, 1.0, id="an accent that the context demands"),
        pytest.param("PAGINA WEB", "accent", 0.9, 1.0, id="capitals, which stay"),
        pytest.param("Mi pagina va.", "accent", 0.9, 1.0, id="an accent that makes a word of it"),
        pytest.param("Llama a Pagina y pregunta.", "accent", 0.0, 0.8, id="a name"),
        pytest.param("El ruter va lento.", "accent", 0.9, 1.0, id="the accent first of several"),
        pytest.param("Escribe la letras.", "grammar", 0.0, 0.5, id="grammar"),
    ],
)
def test_only_sure_accents_may_be_set_unseen(stand_in, engine_at, said, kind, least, most) -> None:
    [[found]] = engine_at(stand_in.url).check(texts(said))
    assert found.kind == kind
    assert least <= found.confidence <= most
    assert found.after is not None
    assert found.after.istitle() == found.before.istitle()


def test_case_punctuation_and_white_space_are_not_its_business(stand_in, engine_at) -> None:
    assert engine_at(stand_in.url).check(texts("El wifi  va bien , por fin.")) == [[]]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.text(min_size=1), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)))), max_size=4)
)
def test_every_place_in_a_batch_comes_back_as_it_was_sent(given_texts) -> None:
    """Whatever the letters: each character's units lead back to it, and nothing hidden is shown."""
    cut = [one for said, kept in given_texts for _, one in sentences(Text(text=said, lang="es", kept=tuple(kept)))]
    for batch in pack(cut, 40):
        for number, sentence in enumerate(batch.sentences):
            assert "".join(piece for piece, _ in sentence.parts()) == sentence.text
            at = batch.starts[number]
            for place, letter in enumerate(sentence.text):
                size = 2 if letter > "\uffff" else 1
                if not "\ud800" <= letter <= "\udfff":
                    assert batch.place(at, size) in ((number, place, place + 1), None)
                at += size


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab Cñ.!?¿\n\"'😀 ", max_size=60))
def test_sentences_hold_every_letter_of_the_text_where_it_stands(said: str) -> None:
    shown = [" "] * len(said)
    for begin, sentence in sentences(Text(text=said, lang="es")):
        assert [c for c in said[begin : begin + len(sentence.text)] if c.isalpha()] == [
            c for c in sentence.text if c.isalpha()
        ]
        shown[begin : begin + len(sentence.text)] = sentence.text
    assert [c for c in shown if c.isalpha()] == [c for c in said if c.isalpha()]


def test_a_text_is_cut_at_ends_of_sentences_and_not_within_what_is_kept() -> None:
    said = "Pulse Intro. ¿Va? Sí, p. ej. Ud. puede. Use `a. B` ya\ny siga\nOtra línea"
    start = said.index("`")
    cut = [one.text for _, one in sentences(Text(text=said, lang="es", kept=((start, start + 6),)))]
    assert cut == ["Pulse Intro.", "¿Va?", "Sí, p. ej. Ud. puede.", "Use `a. B` ya y siga", "Otra línea"]


def test_a_place_outside_of_what_was_sent_is_an_error() -> None:
    with pytest.raises(ValueError, match="lies outside"):
        Batch([Sentence("Hola", ())]).place(3, 2)
