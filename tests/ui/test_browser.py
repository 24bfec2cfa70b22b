"""The review screen in a real browser, by keyboard, with the database looked at after every act."""

from __future__ import annotations

import dataclasses

import pytest

from curation.review import Desk
from tamiz.decisions import release
from tamiz.records import Finding, Turn
from tamiz.settings import ReviewSettings

pytestmark = pytest.mark.slow
READING_MILLISECONDS = 300  # a decision sooner than 250 ms after the pair came up is refused
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}


def test_a_whole_review_by_keyboard(until, app, screen, make_pair):
    first, second, third = pairs = [make_pair(number) for number in (11, 12, 13)]
    app.bring(pairs)
    screen.open().see(first).press("Control+Enter")
    until(lambda: app.state(first) == "accepted")
    screen.see(second).press("Alt+k")
    until(lambda: app.state(second) == "skipped")
    screen.see(third).press("Alt+x")
    until(lambda: app.state(third) == "rejected")
    screen.see(second).press("Alt+z")
    until(lambda: app.state(third) == "waiting")
    screen.see(third).press("Control+Enter")
    until(lambda: app.state(third) == "accepted")
    screen.see(second).press("Control+Enter")
    until(lambda: app.state(second) == "accepted")
    screen.says("Todo está revisado")
    screen.read().press("Alt+z")
    until(lambda: app.state(second) == "skipped")
    screen.see(second)


def test_a_key_pressed_inside_a_field_keeps_what_was_just_typed(until, app, screen, make_pair):
    pair = make_pair(21)
    app.bring([pair])
    screen.open().see(pair).answer.focus()
    screen.press("Control+End")
    screen.page.keyboard.type(" Y listo.")
    screen.press("Control+Enter")
    until(lambda: app.state(pair) == "replaced")
    assert app.made_from(pair).answer == pair.answer + " Y listo."
    assert app.made_from(pair).made_by == "person:reviewer-1"


def test_a_ticked_change_and_typed_words_are_saved_together(until, app, screen, make_pair):
    pair = make_pair(22, answer="La cotraseña está debajo.")
    found = Finding(
        pair=pair.id,
        step="spelling",
        kind="spelling",
        field="answer",
        start=3,
        end=12,
        before="cotraseña",
        after="contraseña",
    )
    app.bring([pair], [found])
    screen.open().see(pair)
    assert screen.page.locator("del").inner_text() == "cotraseña"
    assert screen.page.locator("ins").inner_text() == "contraseña"
    screen.question.focus()
    screen.press("Control+Home")
    screen.page.keyboard.type("Hola. ")
    box = screen.page.locator("input[type=checkbox]").first
    box.focus()
    screen.press("Space").press("Control+Enter")
    until(lambda: app.state(pair) == "replaced")
    made = app.made_from(pair)
    assert (made.question, made.answer) == ("Hola. " + pair.question, "La contraseña está debajo.")


def test_saving_keeps_the_text_and_leaves_the_pair_to_be_decided(until, app, screen, make_pair):
    pair = make_pair(23)
    app.bring([pair])
    screen.open().see(pair).question.fill("¿Y ahora?")
    screen.press("Alt+g")
    until(lambda: app.state(pair) == "replaced")
    screen.see(dataclasses.replace(pair, question="¿Y ahora?")).press("Control+Enter")
    with app.store() as store:
        until(lambda: "waiting" not in store.counts())
    assert app.made_from(pair).question == "¿Y ahora?"


def test_a_rejection_carries_its_reason(until, app, screen, make_pair):
    pair = make_pair(24)
    app.bring([pair])
    screen.open().see(pair)
    screen.page.get_by_label("Motivo, si lo rechazas").first.click()
    screen.page.get_by_role("option", name="está anticuado").click()
    screen.press("Alt+x")
    until(lambda: app.state(pair) == "rejected")
    with app.store() as store:
        assert store.history(pair.id)[-1].reason == "outdated"


def test_an_empty_question_is_refused_and_nothing_is_written(app, screen, make_pair):
    pair = make_pair(25)
    app.bring([pair])
    screen.open().see(pair).question.fill("")
    screen.press("Control+Enter")
    screen.says("La pregunta está vacía")
    screen.holds("question", "")
    assert app.state(pair) == "waiting"


# 30 ms apart whatever the machine does: a busy one would spread them until they are four that were meant.
FOUR_PRESSES = """async () => {
  const key = { key: "Enter", code: "Enter", ctrlKey: true, bubbles: true };
  for (let press = 0; press < 4; press++) {
    for (const kind of ["keydown", "keyup"]) document.body.dispatchEvent(new KeyboardEvent(kind, key));
    await new Promise((over) => setTimeout(over, 30));
  }
}"""


def test_a_key_pressed_twice_decides_one_pair(until, app, screen, make_pair):
    first, second = pairs = [make_pair(number) for number in (26, 27)]
    app.bring(pairs)
    screen.open().see(first)
    screen.page.evaluate(FOUR_PRESSES)
    until(lambda: app.state(first) == "accepted")
    screen.see(second)
    assert app.state(second) == "waiting"


def test_a_conflict_writes_nothing_and_keeps_what_was_typed(app, screen, make_pair):
    first, second = pairs = [make_pair(number) for number in (28, 29)]
    app.bring(pairs)
    screen.open().see(first).answer.fill("Mi texto, que no se pierde.")
    with app.store() as store:
        release(store, "person:reviewer-1")
        other = Desk(store, "reviewer-2", ReviewSettings())
        theirs = other.next_pair()
        screen.page.wait_for_timeout(READING_MILLISECONDS)
        other.reject(theirs)
    screen.press("Control+Enter")
    screen.says("No se ha guardado nada")
    screen.says("Mi texto, que no se pierde.")
    assert app.state(first) == "rejected"
    screen.see(second)


def test_an_ended_lease_shows_the_same_pair_with_what_was_typed(until, app, screen, make_pair):
    pair = make_pair(30)
    app.bring([pair])
    screen.open().see(pair).answer.fill("Sigo aquí.")
    with app.store() as store:
        release(store, "person:reviewer-1")
    screen.press("Control+Enter")
    screen.says("No se ha guardado nada")
    assert app.state(pair) == "waiting"
    screen.holds("answer", "Sigo aquí.")
    screen.read().press("Control+Enter")
    until(lambda: app.state(pair) == "replaced")
    assert app.made_from(pair).answer == "Sigo aquí."


def test_two_reviewers_see_two_pairs(app, screen, chromium, make_pair):
    first, second = pairs = [make_pair(number) for number in (31, 32)]
    app.bring(pairs)
    screen.open().see(first)
    context = chromium.new_context(locale="es-ES")
    type(screen)(context.new_page(), app).open(reviewer="reviewer-2").see(second)
    context.close()


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)><b class=evil>b</b>"
MARKDOWN = "![i](https://evil.example/i.png) [l](javascript:alert(3)) **bold** :red[red] `code`"


def test_markup_script_and_markdown_are_shown_as_text(until, app, screen, make_pair):
    text = f"{HOSTILE}\n{MARKDOWN}"
    pair = make_pair(
        33,
        question=f"{text} ¿?",
        answer=text,
        label=HOSTILE,
        url="javascript:alert(4)",
        licence=HOSTILE,
        context=(Turn(role="user", content=text), Turn(role="assistant", content=HOSTILE)),
    )
    twin = make_pair(34, question=f"{HOSTILE} otra", answer=text)
    about = {"pair": pair.id, "step": MARKDOWN, "note": text}
    change = Finding(**about, kind=HOSTILE, field="answer", start=0, end=8, before="<script>", after="<img src=x>")
    app.bring([pair, twin], [change, Finding(**about, kind=MARKDOWN, witness=twin.id)])
    screen.open().see(pair)
    screen.says("Avisos")
    screen.holds("answer", text)
    main = screen.page.locator('[data-testid="stMain"]')
    shown = main.inner_text()
    assert shown.count("<script>alert(1)</script>") >= 5
    assert "![i](https://evil.example/i.png)" in shown
    assert "<script" in screen.page.locator(".tz-diff").inner_text()
    assert main.locator("script, img, .evil, strong:has-text('bold'), iframe").count() == 0
    assert screen.page.locator("a[href^='javascript']").count() == 0
    links = main.locator("a").evaluate_all("links => links.map(link => link.href)")
    assert [link for link in links if not link.startswith(f"{app.address}/")] == []
    screen.press("Control+Enter")
    until(lambda: app.state(pair) == "accepted")
    assert screen.dialogs == []
    own = (app.address, f"blob:{app.address}")  # a blob is a script that the app itself has brought: keeper.js
    assert not [address for address in screen.requests if not address.startswith(own)]


@pytest.mark.parametrize(
    ("screen", "language", "word"),
    [
        pytest.param({"locale": "es-MX"}, "es", "Aceptar", id="spanish"),
        pytest.param({"locale": "en-GB"}, "en", "Accept", id="english"),
        pytest.param({"locale": "fr-FR"}, "fr", "Accept", id="another language"),
    ],
    indirect=["screen"],
)
def test_the_screen_speaks_the_browsers_language(app, screen, make_pair, language, word):
    pair = make_pair(35, question=f"¿{language}?")
    app.bring([pair])
    screen.open().see(pair)
    assert screen.page.get_by_role("button", name=word).count() == 1


def test_changing_the_language_keeps_the_pair_and_what_was_typed(app, screen, make_pair):
    pair = make_pair(36)
    app.bring([pair])
    screen.open().see(pair).answer.fill("A medias")
    screen.page.get_by_label("Idioma · Language").first.click()
    screen.page.get_by_role("option", name="English").click()
    screen.says("Accept")
    screen.holds("question", pair.question)
    screen.holds("answer", "A medias")


@pytest.mark.parametrize("screen", [pytest.param(PHONE, id="phone")], indirect=True)
def test_a_phone_needs_no_sideways_scrolling(app, screen, make_pair):
    long = "https://ayuda.example/" + "a" * 300
    pair = make_pair(
        37, answer=f"{long}\n{'ñ' * 400}", url=long, label="e" * 120, context=(Turn(role="user", content=long),)
    )
    note = {"pair": pair.id, "step": "spelling", "kind": "k" * 90, "field": "answer", "note": long}
    app.bring([pair], [Finding(**note, start=0, end=8, before="https://", after="http" * 40)])
    wide = "[...document.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && \
            e.closest('[data-testid=stMain]')).map(e => e.outerHTML.slice(0, 200))"
    screen.open().see(pair)
    for _ in range(2):
        assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert screen.page.evaluate(wide) == []
        screen.open("").says("Qué hacer ahora")
