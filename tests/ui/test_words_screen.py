"""The words screen: without a browser what it says, in a real one decisions by key and hostile words as text."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from curation.access import open_session
from curation.spelling.words import WordDesk
from tamiz.decisions import mark_sieved
from tamiz.people import change_person, person
from tamiz.records import Finding


def finding(pair, before, after, note=""):
    start = pair.answer.index(before)
    about = {"kind": "spelling", "field": "answer", "confidence": 0.6, "witness": "embedded: word", "note": note}
    end = start + len(before)
    return Finding(pair=pair.id, step="spelling", start=start, end=end, before=before, after=after, **about)


@pytest.fixture
def waiting(opened, make_pair):
    pairs = [make_pair(n, answer=f"El ruter {n} y su cabel.") for n in range(3)]
    opened.add_pairs(pairs, "source:ayuda")
    found = [finding(pair, *change) for pair in pairs for change in (("ruter", "router"), ("cabel", "cable"))]
    opened.add_look("spelling", "s", [pair.id for pair in pairs], found)
    mark_sieved(opened, [pair.id for pair in pairs])
    return pairs


@pytest.fixture
def words(folder, monkeypatch):
    monkeypatch.setattr("curation.review.pace.QUIET_SECONDS", 0)

    def script(place: str) -> None:
        from pathlib import Path

        from ui.screens import words
        from ui.session import open_window

        words.show(open_window(Path(place)))

    def run(token: str = "") -> AppTest:
        test = AppTest.from_function(script, args=(str(folder),), default_timeout=20)
        test.session_state["language"] = "es"
        test.session_state["session_token"] = token
        test.session_state["reviewer"] = "reviewer-1"
        test.run()
        assert not test.exception
        return test

    return run


def button(test: AppTest, label: str):
    return next(one for one in test.button if one.label == label)


def field(test: AppTest):
    return next(one for one in test.text_input if one.label == "Lo que debe poner")


def test_without_words_it_says_so(words, opened) -> None:
    assert [one.value for one in words().success] == ["Ninguna palabra espera una decisión."]


def test_always_never_and_later_go_on_to_the_next_word(words, opened, waiting, folder) -> None:
    test = words()
    assert field(test).value == "cable"
    button(test, "Luego").click().run()
    assert field(test).value == "router"
    field(test).set_value("enrutador")
    button(test, "Siempre").click().run()
    assert not test.exception
    assert "3" in test.success[0].value
    assert {stored.pair.answer for stored in opened.pairs("waiting")} == {
        f"El enrutador {n} y su cabel." for n in range(3)
    }
    button(test, "Nunca").click().run()
    assert "es: cabel" in (folder / "glossary.txt").read_text(encoding="utf-8")
    assert "Ninguna palabra espera una decisión." in [one.value for one in test.success]
    button(test, "Deshacer: cabel").click().run()
    assert "es: cabel" not in (folder / "glossary.txt").read_text(encoding="utf-8")


def test_the_engine_that_found_a_word_has_its_name(words, waiting) -> None:
    assert any("motor propio" in one.proto.body for one in words().get("html"))


def test_only_here_changes_the_pair_that_is_shown(words, opened, waiting) -> None:
    button(words(), "Solo aquí").click().run()
    assert opened.pair(waiting[0].id).state == "replaced"
    assert opened.pair(waiting[1].id).state == "waiting"


def test_a_word_that_somebody_else_decided_is_not_decided_again(words, opened, waiting, folder) -> None:
    test = words()
    other = WordDesk(opened, "reviewer-2", folder / "glossary.txt")
    other.never(other.find("cabel"))
    button(test, "Siempre").click().run()
    assert "Otra persona ha decidido" in test.warning[0].value
    assert [stored.pair.id for stored in opened.pairs("replaced")] == []


HOSTILE = "<script>alert(1)</script><img/src=x/onerror=alert(2)>**b**:red[r]"


@pytest.mark.slow
def test_by_keyboard_in_a_browser_with_hostile_words(until, app, screen, make_pair) -> None:
    pairs = [make_pair(50 + n, answer=f"Un ruter {n} con {HOSTILE} dentro.") for n in range(2)]
    app.bring(
        pairs, [finding(one, b, a, HOSTILE) for one in pairs for b, a in ((HOSTILE, HOSTILE[1:]), ("ruter", "router"))]
    )
    screen.open("words")
    screen.says("Siguientes")
    main = screen.page.locator('[data-testid="stMain"]')
    assert main.locator(".tz-word del").inner_text() == HOSTILE
    assert main.locator("script, img, iframe, strong:has-text('b') >> text=/^b$/").count() == 0
    screen.page.wait_for_timeout(400)
    screen.press("Alt+k")
    until(lambda: main.locator(".tz-word del").inner_text() == "ruter")
    screen.page.wait_for_timeout(400)
    screen.press("Control+Enter")
    until(lambda: app.state(pairs[0]) == "replaced")
    screen.says("pares cambiados: 2")
    assert screen.dialogs == []
    assert not [address for address in screen.requests if not address.startswith(app.address)]
    screen.page.wait_for_timeout(400)
    screen.press("Alt+z")
    until(lambda: app.state(pairs[0]) == "waiting")


@pytest.mark.slow
@pytest.mark.parametrize(
    "screen", [pytest.param({"viewport": {"width": 360, "height": 740}}, id="phone")], indirect=True
)
def test_a_phone_needs_no_sideways_scrolling(app, screen, make_pair) -> None:
    long = "x" * 190
    pair = make_pair(60, answer=f"Esto es {long} aquí.")
    app.bring([pair], [finding(pair, long, "y" * 190)])
    screen.open("words").says("Siempre")
    assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    wide = "[...document.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && \
            e.closest('[data-testid=stMain]')).map(e => e.outerHTML.slice(0, 200))"
    assert screen.page.evaluate(wide) == []


def test_a_viewer_sees_the_words_and_no_button_that_decides(words, folder, opened, waiting):
    for name, role in (("lead", "admin"), ("guest", "viewer")):
        change_person(opened, name, "shell:me", lambda _last, role=role: {"role": role})
    desk = WordDesk(opened, "lead", folder / "glossary.txt")
    desk.never(desk.words()[0])
    test = words(open_session(opened, person(opened, "guest")))
    assert "Puedes mirar, pero no decidir" in test.info[0].value
    assert [one.label for one in test.button] == ["Salir"]
