"""What is typed and not decided, in a real browser: it is back whatever took the page away, for its person alone."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from tamiz.decisions import release
from tamiz.drafts import load_draft, save_draft

pytestmark = pytest.mark.slow
BACK = "Hemos recuperado lo que escribiste"


def kept(app, pair, person="reviewer-1"):
    with app.store() as store:
        draft = load_draft(store, f"person:{person}", pair.id)
    return None if draft is None else draft.body["answer"]


def local_copies(screen):
    return screen.page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('tamiz.draft/'))")


def test_what_was_typed_is_back_after_another_screen_and_can_be_discarded(until, app, screen, make_pair):
    pair = make_pair(61)
    app.bring([pair])
    screen.open().see(pair).answer.fill("A medias, sin pulsar nada")
    screen.page.get_by_role("link", name="Inicio").click()
    screen.says("Qué hacer ahora")
    screen.page.get_by_role("link", name="Revisar").first.click()
    screen.says(BACK)
    screen.holds("answer", "A medias, sin pulsar nada")
    until(lambda: kept(app, pair) == "A medias, sin pulsar nada")
    until(lambda: local_copies(screen) == [])
    screen.page.get_by_role("button", name="Descartar").click()
    screen.holds("answer", pair.answer)
    assert kept(app, pair) is None
    assert screen.page.get_by_text(BACK).count() == 0


def test_a_closed_tab_keeps_what_was_typed_a_moment_ago(app, screen, make_pair):
    pair = make_pair(62)
    app.bring([pair])
    screen.open().see(pair)
    screen.page.get_by_label("Motivo, si lo rechazas").first.click()
    screen.page.get_by_role("option", name="está anticuado").click()
    screen.answer.fill("Se cerró")
    context = screen.page.context
    screen.page.close()
    again = type(screen)(context.new_page(), app).open()
    again.says(BACK)
    again.holds("answer", "Se cerró")
    assert again.page.locator('[aria-label*="Motivo"]').first.input_value() == "está anticuado"


def test_a_draft_goes_when_its_pair_is_decided(until, app, screen, make_pair):
    pair = make_pair(63)
    app.bring([pair])
    screen.open().see(pair).answer.fill("Decidido.")
    until(lambda: kept(app, pair) == "Decidido.")
    screen.answer.fill("Decidido ya.")
    screen.press("Control+Enter")
    until(lambda: app.state(pair) == "replaced")
    screen.says("Todo está revisado")
    assert app.made_from(pair).answer == "Decidido ya."
    assert kept(app, pair) is None


def test_two_people_at_one_browser_never_see_each_others_drafts(app, screen, make_pair):
    pair = make_pair(64)
    app.bring([pair])
    with app.store() as store:
        save_draft(store, "person:reviewer-2", pair.id, 2, {"answer": "De otra persona"})
    screen.open().see(pair).answer.fill("De la primera")
    screen.page.goto("about:blank")
    with app.store() as store:
        release(store, "person:reviewer-1")
    screen.open(reviewer="reviewer-2").says(BACK)
    screen.holds("answer", "De otra persona")


def test_a_killed_server_loses_nothing(
    until, app, chromium, tmp_path, new_project, start_app, free_port, screen, make_pair
):
    folder, port = new_project(tmp_path / "killed"), free_port()
    child = start_app(folder, port)
    own = type(app)(f"http://127.0.0.1:{port}", folder)
    pair = make_pair(65)
    own.bring([pair])
    tab = type(screen)(screen.page, own)
    tab.open().see(pair).question.fill("¿Escrito antes del fin?")
    until(lambda: kept(own, pair) == pair.answer)
    tab.answer.fill("Escrito en el último momento.")
    kill_server(child)
    assert kept(own, pair) == pair.answer, "the store was told before it was killed: this shows nothing"
    child = start_app(folder, port)
    try:
        tab.page.reload()
        until(lambda: tab.answer.is_visible() and tab.answer.input_value() == "Escrito en el último momento.")
        assert tab.question.input_value() == "¿Escrito antes del fin?"
        tab.says(BACK)
    finally:
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=20)


def kill_server(child):
    """SIGKILL for the server itself; its launcher ends by that."""
    found = subprocess.run(["pgrep", "-P", str(child.pid)], capture_output=True, text=True, check=True)
    for pid in found.stdout.split():
        os.kill(int(pid), signal.SIGKILL)
    child.communicate(timeout=20)


def test_a_question_mark_opens_the_keys_outside_the_fields_only(app, screen, make_pair):
    pair = make_pair(66)
    app.bring([pair])
    screen.open().see(pair).answer.focus()
    screen.press("?")
    screen.page.wait_for_timeout(200)
    panel = screen.page.get_by_text("Qué hace", exact=True)
    assert "?" in screen.answer.input_value()
    assert panel.count() == 0
    screen.page.evaluate("document.activeElement.blur()")
    screen.press("?")
    panel.wait_for(timeout=5_000)


def test_after_a_decision_the_next_pair_has_the_focus(until, app, screen, make_pair):
    first, second = pairs = [make_pair(number) for number in (67, 68)]
    app.bring(pairs)
    screen.open().see(first).answer.focus()
    screen.press("Control+Enter").see(second)
    focused = "document.activeElement.className"
    until(lambda: "tz-card-start" in screen.page.evaluate(focused))
    screen.press("Tab").press("Tab")
    assert screen.page.evaluate("document.activeElement.closest('[data-testid=stMain]') !== null")
