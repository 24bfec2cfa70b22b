"""The review screen for somebody who has a keyboard and a screen reader alone, as the browser tells them of it."""

from __future__ import annotations

import pytest

from tamiz.records import Finding

pytestmark = pytest.mark.slow
CONTROLS = {"button", "textbox", "checkbox", "combobox", "link", "DisclosureTriangle", "progressbar"}
FIELDS = [
    "Pregunta",
    "Respuesta",
    "Etiqueta",
    "Idioma",
    "Motivo",
    "Aceptar",
    "Rechazar",
    "Saltar",
    "Guardar",
    "Deshacer",
]


def told(screen) -> list[tuple[str, str]]:
    """(role, name) of everything on the page that the browser tells assistive technology of."""
    session = screen.page.context.new_cdp_session(screen.page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    seen = [node for node in nodes if not node["ignored"]]
    return [(node["role"]["value"], node.get("name", {}).get("value", "").strip()) for node in seen]


def test_every_control_has_a_name_and_the_tab_key_leads_from_the_fields_to_the_buttons(app, screen, make_pair):
    pair = make_pair(71, answer="La cotraseña está debajo.")
    about = {"kind": "spelling", "field": "answer", "start": 3, "end": 12, "before": "cotraseña"}
    app.bring([pair], [Finding(pair=pair.id, step="spelling", after="contraseña", **about)])
    screen.open().see(pair)
    screen.page.get_by_text("Pares más parecidos").first.wait_for()
    tree = told(screen)
    controls = [(role, name) for role, name in tree if role in CONTROLS]
    assert len(controls) > 15
    assert [one for one in controls if not one[1]] == []
    assert ("heading", "El par que revisas") in tree
    screen.question.focus()
    order = []
    for _ in range(14):
        name = "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText || ''"
        order.append(screen.page.evaluate(name))
        screen.press("Tab")
    met = [field for said in order for field in FIELDS if field in said]
    assert list(dict.fromkeys(met)) == FIELDS
