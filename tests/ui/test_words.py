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
from curation.bulk import ACTS
from curation.dataset_versions import BY
from curation.overview import StepName
from curation.pins import NOT_TAKEN
from curation.revise import REFUSALS
from curation.stratify import PARTS
from curation.synthesis.recipe import Takes
from curation.synthesis.recipes import RECIPES
from tamiz.moves import Move, State
from tamiz.people import MAY
from tamiz.records import PairKind, Turn
from ui.screens import SCREENS
from ui.screens.compare import CHOICES, VIEWS
from ui.screens.dataset import PARTS_OF_SCREEN
from ui.screens.duplicates import CHOICES as CHOICES_OF_CLUSTERS
from ui.screens.home import COMMANDS, ENDS
from ui.screens.home import SCREENS as SCREENS_FOR
from ui.screens.sources import SPIDERS
from ui.widgets.activity import ACTORS, COLUMNS, MOVES
from ui.widgets.agreement import GROUPS
from ui.widgets.beside import FOLDS
from ui.widgets.cluster_card import DIFFERS, PREFERRED
from ui.widgets.funnel import COLOURS, HEAD
from ui.widgets.funnel import STATES as STATES_SHOWN
from ui.widgets.importing import COLUMNS as IMPORT_COLUMNS
from ui.widgets.importing import KINDS as IMPORTED_AS
from ui.widgets.job import WORK
from ui.widgets.judge_table import COLUMNS as JUDGE_COLUMNS
from ui.widgets.made_story import FACTS
from ui.widgets.note import COUNTED, SAID
from ui.widgets.order import ORDERS as QUEUE_ORDERS
from ui.widgets.pair_filter import CHOICES as PAIR_CHOICES
from ui.widgets.pair_filter import ORDERS
from ui.widgets.pair_form import BUTTONS, REASONS, SETTLING_ICONS
from ui.widgets.recipe_form import PRESETS
from ui.widgets.run_card import METRICS
from ui.widgets.story import STAGES
from ui.widgets.synth_form import HELD
from ui.widgets.synth_report import FIGURES, LEDGER, WHY
from ui.widgets.version_diff import COMPARED, KINDS
from ui.wording import FOLDER, LANGUAGES, Words, pick_language

ROOM = Path(ui.__file__).parent
TEXTS = {language: json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8")) for language in LANGUAGES}
# What stands in the braces of words(f"button.{action}"); None for names that plugins and projects bring.
FILLINGS = {
    "agreement_of": GROUPS,
    "agreement_why": ("too_few", "one_answer"),
    "opinion": ("accept", "reject"),
    "button": (*BUTTONS, *SETTLING_ICONS),
    "done": (*BUTTONS, *SETTLING_ICONS),
    "kind": get_args(PairKind),
    "role": get_args(get_type_hints(Turn)["role"]),
    "refused": tuple(REFUSALS),
    "field": ("question", "answer", "answer_markdown", "label", "tools", "context"),
    "funnel": COLOURS,
    "funnel_head": HEAD,
    "part": STATES_SHOWN,
    "next": get_args(StepName),
    "go": (*COMMANDS, *SCREENS_FOR, "more"),
    "ended": ENDS,
    "actor": ACTORS,
    "deed": (*MOVES, "other"),
    "people": COLUMNS,
    "reason": REASONS,
    "pairs_order": ORDERS,
    "pairs_field": PAIR_CHOICES,
    "queue_order": QUEUE_ORDERS,
    "queue_order_means": QUEUE_ORDERS,
    "bulk_act": ACTS,
    "bulk_ask": ACTS,
    "bulk_do": ACTS,
    "bulk_was": (*ACTS, "edit"),
    "bulk_left": ("moved", "held", "refused"),
    "balance_of": tuple(STATES),
    "dominant": (*LIMITS, "mixed"),
    "spread": (*DIMENSIONS, *TOPICS, "lengths"),
    "group": tuple({name for topic in TOPICS for lang in TERMS_IN for name in groups(topic, lang)}),
    "access": tuple(NOT_TAKEN),
    "person_role": tuple(MAY),
    "setting": None,
    "team_change": ("added", "removed", "role", "pin", "subject"),
    "screen": tuple(name for screens in SCREENS.values() for name in screens),
    "nav": tuple(filter(None, SCREENS)),
    "work": WORK,
    "note": (*COUNTED.values(), *SAID),
    "spider": SPIDERS,
    "import_kind": IMPORTED_AS,
    "column": IMPORT_COLUMNS,
    "beside": tuple(FOLDS),
    "excerpt": ("no_page", "no_archive", "no_html", "not_found"),
    "state": get_args(State),
    "move": (*get_args(Move), "arrive", "undo", "withdraw", "seal", "unseal"),
    "split_part": PARTS,
    "dataset_part": PARTS_OF_SCREEN,
    "dataset_by": BY,
    "dataset_diff": KINDS,
    "dataset_field": COMPARED,
    "preset": PRESETS,
    "preset_means": PRESETS,
    "method": None,
    "recipe": tuple(RECIPES),
    "synth_takes": get_args(Takes),
    "synth_figure": FIGURES,
    "synth_held": HELD,
    "synth_why": WHY,
    "synth_said": None,
    "synth_ledger": LEDGER,
    "judge_column": JUDGE_COLUMNS,
    "making_fact": FACTS,
    "format_why": None,
    "left_out_why": None,
    "made_note": None,
    "engine": None,
    "scored": ("base", "tuned"),
    "robots": None,
    "synth_option": None,
    "synth_otherwise": None,
    "dataset_empty": ("dpo", "kto"),
    "training_now": ("loss", "step", "memory", "speed"),
    "run_fact": (
        "verdict",
        "base",
        "dataset",
        "when",
        "device",
        "parameters",
        "cost",
        "adapter",
        "settings",
        "versions",
    ),
    "metric": tuple(METRICS),
    "compare_view": VIEWS,
    "vote": tuple(CHOICES),
    "vote_step": ("back", "on"),
    "clusters": CHOICES_OF_CLUSTERS,
    "differs": DIFFERS,
    "preferred": PREFERRED,
    "same": ("question", "answer"),
    "stage": STAGES,
    "no_stage": STAGES,
    "lineage_fact": ("address", "fetched", "archive", "licence", "robots"),
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
            keys |= chosen_keys(asked)
    return keys


def chosen_keys(asked: ast.expr) -> set[str]:
    """What the expression may be: "a" if one == "b" else "c" may be a or c, and never b."""
    if isinstance(asked, ast.IfExp):
        return chosen_keys(asked.body) | chosen_keys(asked.orelse)
    return {str(node.value) for node in ast.walk(asked) if isinstance(node, ast.Constant) and node.value}


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
