"""How a recipe made a pair: from what, with which model and prompt, and what the gates and judges say of it."""

from __future__ import annotations

from curation.lineage import Ancestor, Making
from curation.lineage_story import Story
from curation.synthesis.gates import reason_of
from tamiz.records import SYNTHESIS_STEPS
from ui.widgets.flow import Box
from ui.widgets.text import plain
from ui.widgets.when import moment
from ui.wording import Words

__all__ = ["FACTS", "made_in", "making_box", "making_html"]

FACTS = ("recipe", "model", "server", "call", "prompt", "request", "material", "run", "at")


def made_in(story: Story) -> Ancestor | None:
    """The pair of this story that a recipe made; None where people or pages brought it."""
    return next((one for one in story.family if one.making is not None), None)


def making_box(one: Ancestor, words: Words) -> Box:
    """The recipe in the picture."""
    making = _of(one)
    return Box(kind="edit", title=_recipe(making, words), lines=(making.model, moment(making.at)))


def making_html(one: Ancestor, words: Words) -> str:
    """All that is known of the making, then what was found when it was made, escaped."""
    making = _of(one)
    server = " · ".join(filter(None, (making.provider, making.address)))
    values = {
        "recipe": f"{_recipe(making, words)} ({making.recipe})",
        "model": making.model or words("synth.asks_nobody"),
        "server": server,
        "call": f"{making.call:,}" if making.call else "",
        "prompt": making.prompt,
        "request": making.request,
        "material": making.material,
        "run": making.run,
        "at": moment(making.at),
    }
    rows = "".join(
        plain(words(f"making_fact.{name}"), kind="tz-small") + plain(values[name]) for name in FACTS if values[name]
    )
    return f'<div class="tz-facts tz-making">{rows}</div>{_found_html(one, words)}'


def _found_html(one: Ancestor, words: Words) -> str:
    seen = [finding for finding in one.findings if finding.step in SYNTHESIS_STEPS]
    if not seen:
        return plain(words("synth.gates_clean"), kind="tz-small")
    reasons = "".join(plain(reason_of(finding, words.language)) for finding in seen)
    return f'<div class="tz-warning">{reasons}</div>'


def _of(one: Ancestor) -> Making:
    assert one.making is not None
    return one.making


def _recipe(making: Making, words: Words) -> str:
    return words.known(f"recipe.{making.recipe}", making.recipe)
