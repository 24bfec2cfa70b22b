"""Settings that come back from a card or a run's folder are those that went in."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

from tamiz.settings import LoraSettings, TuningSettings
from tuning.adapters import settings_of
from tuning.recorded import settings_from

WANTED = TuningSettings(
    trackers=("trackio",),
    approximations=("gradient_filtering",),
    lora=LoraSettings(targets=("q_proj",), layers=(0, -1), rank_pattern={"q_proj": 8}),
)


def test_settings_come_back_as_they_were_with_tuples_for_lists():
    back = settings_from({**json.loads(json.dumps(asdict(WANTED))), "run_key": "no setting"})
    assert back == WANTED
    assert (back.trackers, back.lora.layers) == (("trackio",), (0, -1))


def test_a_card_gives_its_settings_in_the_same_way(made_adapter, tmp_path):
    card = made_adapter(tmp_path, "one").card
    written = {**card.settings, **json.loads(json.dumps(asdict(WANTED)))}
    assert settings_of(replace(card, settings=written)) == WANTED
