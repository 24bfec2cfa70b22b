"""Packages: the answers of the adapter that was evaluated, whole or not there, with what runs them beside."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest
import torch
from click.testing import CliRunner

from tamiz.cli import cli
from tamiz.errors import InputError
from tamiz.records import record_dict
from tuning.adapters import find_adapter
from tuning.loading import load_base
from tuning.models import find_base
from tuning.packages.merged import saved_dtype
from tuning.packages.package import package
from tuning.packages.templates import chat_template, go_template, read_pieces, write_dialogue
from tuning.prompts import prompt_text

QUESTIONS = ("What is on the red door?", "¿Qué hay en la caja?", "Which colour has the chair?")
CHATML = (
    "{% if messages[0]['role'] != 'system' %}<|im_start|>system\nYou help.<|im_end|>\n{% endif %}"
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
GEMMA = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% set first = messages[0]['content'] + '\n\n' %}"
    "{% set rest = messages[1:] %}{% else %}{% set first = '' %}{% set rest = messages %}{% endif %}"
    "{% for m in rest %}<start_of_turn>{{ 'model' if m['role'] == 'assistant' else m['role'] }}\n"
    "{{ first if loop.first else '' }}{{ m['content'] | trim }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)


@pytest.fixture(scope="module")
def made(made_adapter, tmp_path_factory):
    """Adapters whose cards have questions, as those of a run have."""
    folder = tmp_path_factory.mktemp("packages") / "adapters"
    for name, kind, more in (
        ("llama", "llama", {}),
        ("dora", "llama", {"dora": True}),
        ("gpt2", "gpt2", {}),
        ("gemma", "gemma3", {}),
        ("head", "llama", {"modules_to_save": ("lm_head",)}),
        ("intents", "bert", {"labels": ("one", "other")}),
    ):
        adapter = made_adapter(folder, name, kind, **more)
        samples = tuple({"id": q, "question": q, "lang": "es" if "¿" in q else "en", "truth": ""} for q in QUESTIONS)
        card = replace(adapter.card, samples=samples)
        (adapter.folder / "runcard.json").write_text(json.dumps(record_dict(card)))
    return folder


@pytest.mark.parametrize("name", ["llama", "dora", "gpt2", "gemma", "head"])
def test_the_merged_model_answers_as_the_adapter(made, tmp_path, name):
    done = package(find_adapter(made, name), "merged", tmp_path / "out", exports=tmp_path)
    assert (done.proof.same, done.proof.asked) == (3, 3)
    base = find_base(str(tmp_path / "out"))
    model, tokenizer = load_base(base, "causal", device="cpu", dtype=None)
    assert not hasattr(model, "peft_config")
    assert tokenizer.chat_template
    assert "## Limits" in (tmp_path / "out" / "README.md").read_text()
    assert ("Gemma Terms" in (tmp_path / "out" / "README.md").read_text()) == (name == "gemma")
    assert (tmp_path / "out" / "NOTICE").exists() == (name == "gemma")


@pytest.mark.parametrize("form", ["gguf", "gguf-lora", "ollama"])
@pytest.mark.parametrize("name", ["llama", "gemma"])
def test_llama_cpp_answers_as_the_adapter(made, tmp_path, name, form):
    pytest.importorskip("llama_cpp", reason="needs llama.cpp: pip install llama-cpp-python (takes cmake)")
    done = package(find_adapter(made, name), form, tmp_path / "out", exports=tmp_path)
    assert (done.proof.same, done.proof.asked) == (3, 3)


def test_a_package_for_ollama_has_template_stop_words_and_greedy_answers(made, tmp_path):
    done = package(find_adapter(made, "llama"), "ollama", tmp_path / "out", exports=tmp_path, lang="es")
    text = (tmp_path / "out" / "Modelfile").read_text()
    assert text.startswith('FROM ./model.gguf\nTEMPLATE """{{- range')
    assert "Pregunta: {{ $m.Content }}\n" in text
    assert text.count('"""') == 2
    for line in ("temperature 0", "repeat_penalty 1", "num_predict 16", 'stop "</s>"'):
        assert f"PARAMETER {line}\n" in text
    assert done.commands[0] == "ollama create llama -f Modelfile"


def test_a_package_for_vllm_has_base_adapter_and_command(made, tmp_path):
    done = package(find_adapter(made, "llama"), "vllm", tmp_path / "out", exports=tmp_path)
    assert "--enable-lora --max-lora-rank 8 --lora-modules llama=./adapter" in done.commands[0]
    config = json.loads((tmp_path / "out" / "adapter" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "./base"
    assert find_base(str(tmp_path / "out" / "base")).installed
    with pytest.raises(InputError, match=r"no DoRA.*--to merged"):
        package(find_adapter(made, "dora"), "vllm", tmp_path / "dora", exports=tmp_path)
    assert not (tmp_path / "dora").exists()


def test_a_classifier_is_merged_alone(made, tmp_path):
    done = package(find_adapter(made, "intents"), "merged", tmp_path / "out", exports=tmp_path)
    assert "labels" in str(done.proof)
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert config["id2label"] == {"0": "one", "1": "other"}
    with pytest.raises(InputError, match="is a classifier"):
        package(find_adapter(made, "intents"), "gguf", tmp_path / "gguf", exports=tmp_path)


def test_nothing_is_overwritten_and_nothing_half_made_is_left(made, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match=r"is there already.*--out"):
        package(find_adapter(made, "llama"), "merged", tmp_path / "out", exports=tmp_path)
    with pytest.raises(InputError, match="whole modules"):
        package(find_adapter(made, "head"), "gguf-lora", tmp_path / "lora", exports=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


@pytest.mark.parametrize("template", [None, CHATML, GEMMA], ids=["plain", "chatml", "gemma"])
def test_templates_of_other_runtimes_write_what_the_model_was_taught(tokenizer_for, template):
    from tamiz.records import Turn
    from tuning.data import Example

    tokenizer = tokenizer_for()
    tokenizer.chat_template = template
    written = chat_template(tokenizer, "es")
    pieces = read_pieces(tokenizer, written)
    context = (Turn(role="user", content="Hola"), Turn(role="assistant", content="Buenas."))
    example = Example(id="x", question="¿Qué?", answer="", lang="es", context=context)
    taught = prompt_text(example, tokenizer).removeprefix(tokenizer.bos_token)
    messages = [{"role": turn.role, "content": turn.content} for turn in context]
    messages.append({"role": "user", "content": "¿Qué?"})
    assert write_dialogue(pieces, messages) == taught
    rendered = tokenizer.apply_chat_template(
        messages, chat_template=written, tokenize=False, add_generation_prompt=True
    )
    assert rendered.removeprefix(tokenizer.bos_token) == taught
    assert (pieces.system is None) == (template == GEMMA)
    assert go_template(pieces).endswith("{{ end }}{{ end }}" + pieces.prompt)


def test_a_template_that_ollama_cannot_say_is_refused(tokenizer_for):
    tokenizer = tokenizer_for()
    counted = "{% for m in messages %}{{ loop.index }}: {{ m['content'] }}\n{% endfor %}"
    with pytest.raises(InputError, match="llama-server --jinja"):
        read_pieces(tokenizer, counted)


def recorded(made, folder, name, dtype):
    """The adapter's folder, its card saying that it was evaluated in `dtype`."""
    shutil.copytree(made / name, folder / name)
    adapter = find_adapter(folder, name)
    card = replace(adapter.card, settings={**adapter.card.settings, "dtype": dtype})
    (folder / name / "runcard.json").write_text(json.dumps(record_dict(card)))
    return find_adapter(folder, name)


def test_weights_that_answer_otherwise_once_rounded_are_kept_in_float32(made, tmp_path):
    adapter = recorded(made, tmp_path / "adapters", "llama", "bfloat16")
    done = package(adapter, "merged", tmp_path / "out", exports=tmp_path)
    assert done.precision == "float32"
    assert saved_dtype(tmp_path / "out") == torch.float32
    assert (done.proof.agrees, done.proof.exact) == (True, 3)
    assert "With weights in bfloat16 it was otherwise" in str(done.proof)
    assert not package(adapter, "merged", tmp_path / "rounded", exports=tmp_path, precision="bfloat16").proof.agrees


def test_the_command_says_whether_the_answers_agree_and_fails_where_they_do_not(made, tmp_path):
    (tmp_path / "tamiz.toml").write_text("")
    (tmp_path / "adapters").symlink_to(made)

    def run(*arguments):
        return CliRunner().invoke(cli, ["--project", str(tmp_path), "package", *arguments])

    first = run("llama")
    assert first.exit_code == 0, first.output
    assert "all 3 answers are those of the adapter as it was evaluated, in float32" in first.output
    assert (tmp_path / "packages" / "llama-merged" / "model.safetensors").is_file()
    assert run("llama").exit_code == 1  # it is there already
    other = run("llama", "--precision", "bfloat16", "--out", str(tmp_path / "rounded"))
    assert other.exit_code == 1
    assert "does not answer as the adapter that was evaluated" in str(other.exception)
    assert "Next:" not in other.output
    assert "answers differ" in (tmp_path / "rounded" / "README.md").read_text()
