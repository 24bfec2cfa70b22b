"""What is chosen can be read on the dark screen, measured as a browser draws it."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.slow
LEAST = 4.5  # to 1; WCAG 2.2, 1.4.3


def light(colour: str) -> float:
    """The relative luminance of WCAG of "rgb(44, 130, 96)"."""
    shares = [int(one) / 255 for one in re.findall(r"\d+", colour)[:3]]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("screen", [{"color_scheme": "dark"}], indirect=True, ids=["dark"])
def test_what_is_chosen_can_be_read_on_the_dark_screen(until, screen) -> None:
    page = screen.open("settings").page

    def colour(place: str, name: str) -> float:
        page.locator(place).first.wait_for(timeout=30_000)
        drawn = "([place, name]) => getComputedStyle(document.querySelector(place))[name]"
        return light(page.evaluate(drawn, [place, name]))

    def contrast(chosen: str) -> float:
        text, ground = colour(chosen, "color"), colour('[data-testid="stApp"]', "backgroundColor")
        return (text + 0.05) / (ground + 0.05) if ground < text else 0.0

    for chosen in ('[role="tab"][aria-selected="true"]', 'button[role="radio"][aria-checked="true"]'):
        until(lambda chosen=chosen: contrast(chosen) >= LEAST)  # styles come a moment after what they are for
