"""Personal data on the review screen in a real browser: masked and let stand by a click."""

from __future__ import annotations

import pytest

from tamiz.records import Finding

pytestmark = pytest.mark.slow
PHONE, EMAIL = "612 998 877", "luisa@correo.example"


def test_a_click_masks_one_thing_and_another_click_lets_another_stand(until, app, screen, make_pair) -> None:
    pair = make_pair(71, answer=f"Llama al {PHONE} o escribe a {EMAIL}.")
    spans = ((PHONE, "phone", "<PHONE_1>"), (EMAIL, "email", "<EMAIL_1>"))
    found = [
        Finding(
            pair=pair.id,
            step="privacy",
            kind=kind,
            field="answer",
            start=pair.answer.index(text),
            end=pair.answer.index(text) + len(text),
            before=text,
            after=mask,
            confidence=0.5,
        )
        for text, kind, mask in spans
    ]
    app.bring([pair], found)
    screen.open().see(pair)
    screen.says("teléfono")
    screen.page.get_by_role("button", name="Dejar: es público").nth(1).click()
    screen.says("Se deja como público")
    screen.says("lo deja como está")
    screen.read()
    screen.page.get_by_role("button", name="Enmascarar").first.click()
    until(lambda: app.state(pair) == "replaced")
    screen.says("Enmascarado; falta decidir")
    with app.store() as store:
        assert store.pair(pair.id).pair.question == ""
        [made] = [one.pair for one in store.pairs("waiting") if pair.id in one.pair.made_from]
        assert (PHONE in made.answer, EMAIL in made.answer) == (False, True)
        assert [one.step for one in store.findings([made.id])[made.id]] == ["kept"]
    assert (app.folder / "privacy.key").stat().st_mode & 0o777 == 0o600
