"""A LanguageTool that is busy, broken, slow, gone or none at all: asked again within limits, then left for later."""

from __future__ import annotations

import time

import pytest

from curation.spelling.corrections import Text
from curation.steps import NotNow

FINE = ["Mi contrasena va mal.", "La pagina no abre.", "Todo va bien aquí."]


def texts(*said: str) -> list[Text]:
    return [Text(text=one, lang="es") for one in said]


def changed(found) -> list[list[str]]:
    return [[one.after for one in corrections] for corrections in found]


def test_a_server_that_is_busy_is_asked_again_after_the_time_that_it_names(stand_in, engine_at, pauses) -> None:
    engine = engine_at(stand_in.url)
    stand_in.plan.extend(["busy", "busy"])
    assert changed(engine.check(texts(*FINE))) == [["contraseña"], ["página"], []]
    assert pauses == [7, 7]


def test_one_that_asks_to_wait_for_a_day_is_left_for_later(stand_in, engine_at, pauses) -> None:
    engine = engine_at(stand_in.url)
    stand_in.mode = "busy for a day"
    with pytest.raises(NotNow, match=r"says 429 and asks to wait 86400 seconds.*next tamiz curate"):
        engine.check(texts(*FINE))
    assert pauses == []


def test_one_that_stays_busy_is_left_for_later(stand_in, engine_at, pauses) -> None:
    engine = engine_at(stand_in.url)
    stand_in.mode = "busy"
    with pytest.raises(NotNow, match="says 429"):
        engine.check(texts(*FINE))
    assert pauses == [7, 7, 7]


def test_a_batch_that_is_too_large_is_sent_in_smaller_ones_from_then_on(stand_in, engine_at) -> None:
    engine = engine_at(stand_in.url)
    stand_in.longest = 60
    said = [f"Mi contrasena número {word} va mal." for word in ("uno", "dos", "tres", "seis", "diez", "once", "doce")]
    assert changed(engine.check(texts(*said))) == [["contraseña"]] * 7
    assert engine.refused == {}
    before = len(stand_in.asked)
    engine.check(texts(*(one.replace("va", "iba") for one in said)))
    assert all(len(text) <= 60 for _, text in stand_in.asked[before:])  # none of them was refused again


def test_a_single_sentence_that_is_too_large_is_refused_with_the_reason_and_the_others_are_checked(
    stand_in, engine_at
) -> None:
    engine = engine_at(stand_in.url)
    stand_in.longest = 60
    assert changed(engine.check(texts(FINE[0], "palabra " * 20, FINE[1]))) == [["contraseña"], [], ["página"]]
    assert list(engine.refused) == [1]
    assert "exceeds the limit of 60" in engine.refused[1]


def test_a_sentence_beyond_our_own_limit_is_not_sent(stand_in, engine_at) -> None:
    engine = engine_at(stand_in.url)
    before = len(stand_in.asked)
    assert engine.check(texts("a" * 1_000_000)) == [[]]
    assert "up to 20000 are checked" in engine.refused[0]
    assert len(stand_in.asked) == before


def test_the_text_that_breaks_the_server_is_found_and_the_others_are_checked(stand_in, engine_at) -> None:
    engine = engine_at(stand_in.url)
    stand_in.mode = "error"
    said = [*FINE, "Mi ruter va mal.", *(f"Mi contrasena es la {word}." for word in ("una", "otra", "esa", "mía"))]
    found = changed(engine.check(texts(*said)))
    assert found == [["contraseña"], ["página"], [], [], *[["contraseña"]] * 4]
    assert list(engine.refused) == [3]
    assert "500" in engine.refused[3]


def test_a_server_that_stumbles_once_is_asked_again(stand_in, engine_at, pauses) -> None:
    engine = engine_at(stand_in.url)
    stand_in.plan.append("broken")
    assert changed(engine.check(texts(*FINE))) == [["contraseña"], ["página"], []]
    assert len(pauses) == 1


def test_a_server_that_refuses_everything_is_left_for_later(stand_in, engine_at) -> None:
    engine = engine_at(stand_in.url)
    stand_in.mode = "broken"
    with pytest.raises(NotNow, match="refused 5 texts one after the other"):
        engine.check(texts(*(f"Frase {word} entera." for word in ("una", "dos", "tres", "seis", "diez", "once"))))


@pytest.mark.parametrize("mode", ["html", "other json", "a list", "no places", "far away", "hang up", "break off"])
def test_a_server_that_talks_rubbish_is_left_for_later(stand_in, engine_at, mode: str) -> None:
    engine = engine_at(stand_in.url)
    stand_in.mode = mode
    with pytest.raises(NotNow, match="next tamiz curate"):
        engine.check(texts(*FINE))
    stand_in.mode = "good"
    assert changed(engine.check(texts(*FINE))) == [["contraseña"], ["página"], []]


def test_a_connection_that_breaks_once_is_made_again(stand_in, engine_at) -> None:
    engine = engine_at(stand_in.url)
    stand_in.plan.extend(["hang up", "break off"])
    assert changed(engine.check(texts(*FINE))) == [["contraseña"], ["página"], []]


def test_a_server_that_is_always_too_slow_is_left_for_later(stand_in, engine_at) -> None:
    engine = engine_at(stand_in.url, seconds=0.1)
    stand_in.mode, stand_in.slowness = "slow", 0.4
    start = time.monotonic()
    with pytest.raises(NotNow, match="next tamiz curate"):
        engine.check(texts(*(f"Frase {word} entera." for word in ("una", "dos", "tres", "seis", "diez", "once"))))
    assert time.monotonic() - start < 8


def test_a_batch_that_takes_too_long_once_is_sent_in_smaller_ones(stand_in, engine_at) -> None:
    engine = engine_at(stand_in.url, seconds=0.3)
    stand_in.plan.append("slow")
    assert changed(engine.check(texts(*FINE))) == [["contraseña"], ["página"], []]
    assert engine.refused == {}


def test_a_server_that_is_not_even_healthy_is_not_waited_for_again(stand_in, engine_at) -> None:
    engine = engine_at(stand_in.url, seconds=0.2)
    stand_in.mode, stand_in.plan = "gone", type(stand_in.plan)(["slow"])
    with pytest.raises(NotNow, match=r"longer than 0\.2 seconds"):
        engine.check(texts(*FINE))


def test_a_server_that_goes_away_in_the_middle_is_left_for_later_and_what_it_said_is_kept(
    stand_in, engine_at, tmp_path, pauses
) -> None:
    engine = engine_at(stand_in.url, cache=tmp_path, batch=30)
    stand_in.plan.extend(["good", *["hang up"] * 20])
    with pytest.raises(NotNow):
        engine.check(texts(*FINE))
    assert len(pauses) == 3
    stand_in.plan.clear()
    before = len(stand_in.asked)
    assert changed(engine.check(texts(*FINE))) == [["contraseña"], ["página"], []]
    assert [text for _, text in stand_in.asked[before:]] == FINE[1:]


def test_a_server_that_is_not_there_is_left_for_later(engine_at) -> None:
    with pytest.raises(NotNow, match=r"refused.*next tamiz curate"):
        engine_at("http://127.0.0.1:9")
