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
