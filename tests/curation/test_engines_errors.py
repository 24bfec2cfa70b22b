"""What is said when the engine that was asked for cannot be used."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from curation.engines.cluster import _refuse, ray_engine
from curation.engines.duplicates import find_with_engine
from curation.engines.placed import placed
from curation.engines.stages import code_version
from tamiz.errors import EngineError, MissingExtra, SettingsError
from tamiz.settings import CurationSettings, RaySettings

RAY = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="pip install 'tamiz[ray]'")
FINE = {"token": True, "code": code_version(), "seen": True}


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    """What the engine sets for Ray goes away with the test."""
    for name in ("RAY_AUTH_MODE", "RAY_USAGE_STATS_ENABLED", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"):
        monkeypatch.setenv(name, "")


def test_without_ray_the_exact_command_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    settings = placed(CurationSettings(), tmp_path, "ray")
    with pytest.raises(MissingExtra, match=r"needs ray, which is not installed. Run: pip install 'tamiz\[ray\]'"):
        find_with_engine(["Why?"], ["So."], settings)


def test_a_token_file_that_is_not_there_is_named(tmp_path):
    settings = RaySettings(token_file=str(tmp_path / "token"))
    with pytest.raises(EngineError, match=r"token_file .*/token is not there.*umask 077; openssl rand"):
        ray_engine(settings, tmp_path).__enter__()


@RAY
@pytest.mark.filterwarnings("ignore")  # Ray's own, as it is imported
def test_an_address_where_nobody_listens_is_named(tmp_path):
    with pytest.raises(EngineError, match=r"no Ray cluster answers at 127\.0\.0\.1:1 .*refused.*--address=HEAD:6379"):
        ray_engine(RaySettings(address="127.0.0.1:1"), tmp_path).__enter__()


@pytest.mark.parametrize(
    ("found", "said"),
    [
        pytest.param({"token": False}, r"n1 asks nobody for a token.*RAY_AUTH_MODE=token ray start", id="open"),
        pytest.param({"code": "", "missing": "No module named 'curation'"}, "n1 has no tamiz.*pip install", id="bare"),
        pytest.param({"code": "older"}, "n1 has another version of tamiz", id="other version"),
        pytest.param({"seen": False}, r"n1 does not see /shared/x\. Mount the same folder", id="not shared"),
    ],
)
def test_a_node_that_cannot_help_is_named_with_the_next_move(found, said):
    _refuse("n1", FINE, Path("/shared/x"))
    with pytest.raises(EngineError, match=said):
        _refuse("n1", {**FINE, **found}, Path("/shared/x"))


@pytest.mark.parametrize("address", ["ray://head:10001", "10.0.0.1", "http://10.0.0.1:6379"])
def test_an_address_of_another_form_is_refused(address):
    with pytest.raises(SettingsError, match=r"\[curation\.ray\] address is .* give HOST:PORT"):
        RaySettings(address=address)


def test_a_shared_folder_has_a_whole_path():
    with pytest.raises(SettingsError, match=r"\[curation\.ray\] folder is 'work'; give a whole path"):
        RaySettings(folder="work")


def test_without_a_shared_folder_the_work_lies_in_the_project(tmp_path):
    settings = placed(CurationSettings(ray=RaySettings(token_file="keys/token")), tmp_path)
    assert (settings.ray.folder, settings.ray.token_file) == (str(tmp_path / "work"), str(tmp_path / "keys" / "token"))
    assert settings.engine == "local"
