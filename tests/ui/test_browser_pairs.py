"""The list of pairs in a real browser: texts that would be markup, found, shown as they are and decided together."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow
HOSTILE = "<img src=x onerror=alert(1)> **gordo** [ven](javascript:alert(2)) :red[rojo] $x^2$ \u202ezurdo"


def test_hostile_texts_are_shown_letter_by_letter_and_accepted_together(until, app, screen, make_pair) -> None:
    named = {"label": "</span><script>alert(3)</script>", "source": "**foro** :red[x]"}
    first, second = pairs = [
        make_pair(n, question=f"¿{HOSTILE} {n}?", answer=f"=1+1 {HOSTILE}", **named) for n in (81, 82)
    ]
    app.bring([*pairs, make_pair(83)])
    page = screen.open("pairs").page
    search = page.get_by_role("textbox", name="Buscar en preguntas y respuestas")
    search.fill('zurdo "onerror alert"')
    search.press("Enter")
    screen.says("Pares encontrados: 2")
    shown = page.locator(".tz-text b")
    until(lambda: sorted(shown.all_inner_texts()) == sorted(pair.question for pair in pairs))
    assert page.locator(".tz-chip").filter(has_text=named["label"]).count() == 2
    page.get_by_text("Decidir sobre muchos a la vez").click()
    page.get_by_role("button", name="Vista previa").click()
    page.get_by_role("button", name="Aceptar (2)").click()
    screen.says("Hecho. Pares: 2.")
    assert [app.state(first), app.state(second)] == ["accepted", "accepted"]
    page.get_by_role("button", name="Deshacer (2)").click()
    until(lambda: app.state(second) == "waiting")
    assert page.locator("img[src='x'], .tz-text script, .tz-chip script").count() == 0
    assert screen.dialogs == []
    assert all(address.startswith((app.address, "data:", "blob:", "ws:")) for address in screen.requests)


def test_the_ways_between_screens_keep_language_and_name(until, app, screen, make_pair) -> None:
    pair = make_pair(84)
    app.bring([pair])
    page = screen.open("home").page
    until(lambda: page.evaluate("location.href").startswith(f"{app.address}/?"))
    assert not page.get_by_text("Page not found").count()
    page.goto(f"{app.address}/pairs?reviewer=reviewer-5&language=en")
    page.get_by_role("button", name="Review", exact=True).first.click()
    screen.see(pair)
    until(lambda: "reviewer=reviewer-5" in page.evaluate("location.search"))
    page.reload()
    screen.says("Needed most")
    until(lambda: page.get_by_role("textbox", name="Reviewer").input_value() == "reviewer-5")
