"""tamiz chat by hand: how a talk goes on, and how it ends."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from tamiz.cli import cli


@pytest.fixture(scope="module")
def project(made_adapter, tmp_path_factory):
    folder = tmp_path_factory.mktemp("talk")
    (folder / "tamiz.toml").write_text('[tuning]\ndevice = "cpu"\nmax_new_tokens = 4\n')
    made_adapter(folder / "adapters", "one")
    return folder


def chat(project, *options, said=""):
    return CliRunner().invoke(cli, ["--project", str(project), "chat", *options], input=said)


@pytest.mark.parametrize("said", [pytest.param("Hello?\n", id="after an answer"), pytest.param("", id="at once")])
def test_the_end_of_the_input_is_an_end_like_any_other(project, said):
    done = chat(project, said=said)
    assert done.exit_code == 0, done.output
    assert "Stopped" not in done.output
    assert bool(done.stdout.strip()) == bool(said)


@pytest.mark.parametrize("question", ["", "  "])
def test_an_empty_question_is_wrong_usage(project, question):
    done = chat(project, "--question", question)
    assert done.exit_code == 2
    assert "--question is empty" in done.stderr


def test_what_cannot_be_answered_does_not_end_the_talk(project):
    done = chat(project, said=f"/use nobody\n{'too long ' * 300}\nHello?\n")
    assert done.exit_code == 0
    assert "there is no adapter nobody" in done.stderr
    assert "are the most that can be read" in done.stderr
    assert done.stdout.strip()
