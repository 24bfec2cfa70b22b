"""The words: the same keys in every language, all that the screens use, and none that they do not."""

from __future__ import annotations

import ast
import json
import string
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

import ui
from curation.balance.count import DIMENSIONS
from curation.balance.dominant import LIMITS
from curation.balance.project import STATES
from curation.balance.terms import LANGUAGES as TERMS_IN
from curation.balance.terms import TOPICS, groups
from curation.revise import REFUSALS
from tamiz.people import MAY
from tamiz.records import PairKind, Turn
from ui.screens import SCREENS
from ui.widgets.job import WORK
from ui.widgets.pair_form import BUTTONS, REASONS, SETTLING_ICONS
from ui.wording import FOLDER, LANGUAGES, Words, pick_language

ROOM = Path(ui.__file__).parent
TEXTS = {language: json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8")) for language in LANGUAGES}
# What stands in the braces of words(f"button.{action}"); None for names that plugins and projects bring.
FILLINGS = {
    "button": (*BUTTONS, *SETTLING_ICONS),
    "done": (*BUTTONS, *SETTLING_ICONS),
    "kind": get_args(PairKind),
    "role": get_args(get_type_hints(Turn)["role"]),
    "refused": tuple(REFUSALS),
    "field": ("question", "answer", "answer_markdown", "label", "tools", "context"),
    "funnel": ("pages", "pairs", "waiting", "accepted", "rejected"),
    "reason": REASONS,
    "balance_of": tuple(STATES),
    "dominant": (*LIMITS, "mixed"),
    "spread": (*DIMENSIONS, *TOPICS, "lengths"),
    "group": tuple({name for topic in TOPICS for lang in TERMS_IN for name in groups(topic, lang)}),
    "person_role": tuple(MAY),
    "screen": tuple(name for screens in SCREENS.values() for name in screens),
    "nav": tuple(filter(None, SCREENS)),
    "work": WORK,
    "language": None,
    "finding": None,
}


def asked_keys() -> list[ast.expr]:
    """The first argument of every words(...) and words.known(...)."""
    calls = [node for path in ROOM.rglob("*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    named = [node for node in calls if isinstance(node, ast.Call) and node.args]
    return [call.args[0] for call in named if ast.unparse(call.func) in ("words", "words.known")]


def used_keys() -> set[str]:
    keys = set()
    for asked in asked_keys():
        if isinstance(asked, ast.JoinedStr):
            group = str(asked.values[0].value).rstrip(".")
            keys |= {f"{group}.{name}" for name in FILLINGS[group] or ()}
        else:
            keys |= {node.value for node in ast.walk(asked) if isinstance(node, ast.Constant) and node.value}
    return keys


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_language_has_the_same_keys_with_the_same_values():
    assert {language: sorted(texts) for language, texts in TEXTS.items()} == dict.fromkeys(TEXTS, sorted(TEXTS["en"]))
    for key, text in TEXTS["en"].items():
        assert fields(text) == fields(TEXTS["es"][key]), key


def test_every_key_that_the_screens_use_is_there():
    assert used_keys() - TEXTS["en"].keys() == set()


def test_no_key_is_left_over():
    open_groups = {group for group, names in FILLINGS.items() if names is None}
    assert {key for key in TEXTS["en"].keys() - used_keys() if key.split(".")[0] not in open_groups} == set()


def test_a_missing_key_is_an_error_and_an_unknown_name_stands_for_itself():
    with pytest.raises(KeyError):
        Words("es")("no.such_key")
    assert Words("es").known("finding.of_a_plugin", "of_a_plugin") == "of_a_plugin"


@pytest.mark.parametrize(
    ("wanted", "browser", "language"),
    [("auto", "es", "es"), ("auto", "es-AR", "es"), ("auto", None, "en"), ("auto", "de", "en"), ("es", "en-US", "es")],
)
def test_the_language_is_the_settings_or_the_browsers(wanted, browser, language):
    assert pick_language(wanted, browser) == language
