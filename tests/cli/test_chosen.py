"""Options of one run: they come before tamiz.toml, are checked as it is, and name a version that is there."""

from __future__ import annotations

import shlex

import click
import pytest
from click.testing import CliRunner

from tamiz.cli.chosen import as_typed, chosen_export, chosen_settings, tuning_options
from tamiz.errors import InputError, SettingsError
from tamiz.settings import LoraSettings, TuningSettings


def test_what_is_given_comes_before_the_settings_and_the_rest_stays():
    settings = TuningSettings(epochs=2.0, seed=7, lora=LoraSettings(r=4, alpha=4, dropout=0.2))
    chosen = chosen_settings(settings, {"base": "pypi:other", "epochs": None, "rank": 8, "learning_rate": 0.01})
    assert (chosen.base, chosen.epochs, chosen.learning_rate, chosen.seed) == ("pypi:other", 2.0, 0.01, 7)
    assert chosen.lora == LoraSettings(r=8, alpha=16, dropout=0.2)
    assert chosen_settings(settings, {"rank": None}) == settings


@pytest.mark.parametrize("wrong", [{"epochs": 0.0}, {"learning_rate": 2.0}, {"rank": 0}, {"batch_size": 0}])
def test_what_makes_no_sense_is_refused_as_in_the_settings(wrong):
    with pytest.raises(SettingsError):
        chosen_settings(TuningSettings(), wrong)


def test_only_a_version_that_is_there_is_taken(tmp_path):
    (tmp_path / "tamiz.toml").write_text("", encoding="utf-8")
    (tmp_path / "exports" / "v002").mkdir(parents=True)
    (tmp_path / "exports" / "v002" / "manifest.json").write_text("{}", encoding="utf-8")
    assert chosen_export(tmp_path, "v002")[1] == tmp_path / "exports" / "v002"
    for wrong in ("v003", "../exports/v002", ""):
        with pytest.raises(InputError, match=r"there are: v002"):
            chosen_export(tmp_path, wrong)


def test_options_typed_again_are_the_same():
    wanted = {"base": "my models/it's", "batch_size": 4, "dataset": "v001", "learning_rate": 3e-5, "rank": None}
    seen = {}
    command = click.command()(tuning_options(lambda **given: seen.update(given)))
    done = CliRunner().invoke(command, shlex.split(as_typed(wanted)))
    assert done.exit_code == 0, done.output
    assert {name: value for name, value in seen.items() if value is not None} == {
        name: value for name, value in wanted.items() if value is not None
    }
