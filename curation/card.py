"""The dataset card: README.md of a dataset version, as dataset hubs and people read it.

Names that come from sources are set as code without what could be markup, so that they are only text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from curation.balance.kept import balance_section
from curation.card_configs import configs, header
from curation.formats.catalogue import CATALOGUE
from tamiz.records import Manifest
from tamiz.wording import plural

__all__ = ["dataset_card", "inert"]

PASSED = {"low_risk": "small risk", "company": "the company's own contact", "kept_by_people": "a person let it stand"}
LONGEST = 80  # characters of a name
MOST_ROWS = 30  # of a table; the manifest has them all


def inert(text: str) -> str:
    """A text as code in one line: no markup, no link, no control or direction mark takes effect.

    >>> inert("<b>`a`</b>|x")
    "`‹b›'a'‹/b›¦x`"
    """
    shown = "".join(" " if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") else sign for sign in text)
    shown = " ".join(shown.translate({ord("<"): "‹", ord(">"): "›", ord("`"): "'", ord("|"): "¦"}).split())
    shown = shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"
    return f"`{shown}`" if shown else "(none)"


def dataset_card(manifest: Manifest) -> str:
    """The card of a version, in Markdown with a YAML header that `datasets` reads."""
    about = manifest.settings
    total = sum(manifest.splits.values())
    goal = about.get("goal", "")
    sections = [
        header(manifest),
        f"# {inert(about.get('project', ''))}, version {manifest.version}\n",
        *([f"For: {inert(goal)}\n"] if goal else []),
        f"{plural(total, 'pair')} of question and answer, made with tamiz {manifest.tamiz_version} at "
        f"{manifest.created_at}; content `{manifest.content_hash}`.\n",
        "## Parts\n\n" + _table(("part", "pairs", "share"), _parts(manifest)),
        "## Languages, kinds and labels\n\n" + _table(("what", "which", "pairs"), _contents(manifest)),
        "## Sources and licences\n\n" + _table(("source", "pairs", "pages", "licences"), _sources(manifest)),
        *([balance_section(manifest.balance, inert)] if manifest.balance else []),
        _splitting(manifest),
        *([_synthetic(manifest)] if manifest.formats else []),
        *([_privacy(manifest.privacy)] if manifest.privacy else []),
        *([_left_out(manifest)] if manifest.left_out else []),
        *(["## Notes\n\n" + "".join(f"- {_sentence(note)}\n" for note in manifest.notes)] if manifest.notes else []),
        _loading(manifest),
    ]
    return "\n".join(sections)


def _table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    unseen = len(rows) - MOST_ROWS
    more = [f"\n{plural(unseen, 'more is', 'more are')} in manifest.json.\n"] if unseen > 0 else []
    lines = [columns, ("---",) * len(columns), *rows[:MOST_ROWS]]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + "".join(more)


def _parts(manifest: Manifest) -> list[tuple[str, ...]]:
    total = sum(manifest.splits.values()) or 1
    return [(part, f"{size:,}", f"{size / total:.1%}") for part, size in manifest.splits.items()]


def _contents(manifest: Manifest) -> list[tuple[str, ...]]:
    named = {"language": manifest.languages, "kind": manifest.kinds, "label": manifest.labels}
    return [(what, inert(name), f"{count:,}") for what, counts in named.items() for name, count in _by_count(counts)]


def _by_count(counts: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    return iter(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _sources(manifest: Manifest) -> list[tuple[str, ...]]:
    return [
        (
            inert(source),
            f"{facts['pairs']:,}",
            f"{facts['pages']:,}",
            ", ".join(inert(licence) for licence in facts["licences"]) or "not stated",
        )
        for source, facts in manifest.sources.items()
    ]


def _splitting(manifest: Manifest) -> str:
    asked: Mapping[str, Any] = manifest.settings.get("export", {})
    author = ", of one author" if asked.get("group_by_author") else ""
    text = (
        f"Pairs of one page, thread or chunk{author}, pairs made from one another, and pairs with nearly the same "
        "question or answer, also by way of others, are in one part. Asked for: "
        f"{asked.get('validation', 0):.0%} validation and {asked.get('test', 0):.0%} test, by language, label and "
        f"source as far as these groups allow, with seed {manifest.seed}. A pair keeps its part in later versions.\n"
    )
    return f"## How it was split\n\n{text}\n{_proved(manifest.proof)}\n{_compared(manifest.siblings)}"


def _proved(proof: Mapping[str, Any]) -> str:
    rows = [
        ("pairs that kept the part of an earlier version", f"{proof['kept_part']:,}"),
        ("pairs that got their part now", f"{proof['new_part']:,}"),
        ("groups", f"{proof['groups']:,}"),
        ("groups in two parts", f"{proof['shared_groups']:,}"),
        ("questions and answers compared across parts", f"{proof['compared']:,}"),
        (
            f"of these nearly the same (Jaccard similarity of {proof['ngram']}-grams from {proof['threshold']})",
            f"{proof['near_duplicates']:,}",
        ),
    ]
    return _table(("checked before it was written", ""), rows)


def _compared(siblings: Mapping[str, Any]) -> str:
    test = siblings["test"]
    if not test:
        return "There are no test pairs, so there is nothing to compare with a random split.\n"
    rows = [
        ("this one", f"{siblings['ours']:,}", f"{siblings['ours'] / test:.0%}"),
        (
            f"random, the same sizes (mean of {siblings['random_splits']})",
            f"{siblings['random']:,.1f}",
            f"{siblings['random'] / test:.0%}",
        ),
    ]
    heading = f"Of {test:,} test pairs so many have a sibling (same group, or nearly the same text) in train:\n\n"
    return heading + _table(("split", "test pairs with a sibling in train", "share"), rows)


def _privacy(gate: Mapping[str, Any]) -> str:
    passed = [
        (inert(kind), why, f"{count:,}")
        for name, why in PASSED.items()
        for kind, count in _by_count(gate.get(name, {}))
    ]
    text = (
        f"{gate['texts']:,} texts were searched for personal data and secrets before this was written; none that "
        f"would do more harm than {inert(gate['max_risk'])} risk is in it unmasked, as far as the recognisers see.\n"
    )
    return (
        "## Personal data\n\n" + text + ("\n" + _table(("kind", "why it passed", "places"), passed) if passed else "")
    )


def _left_out(manifest: Manifest) -> str:
    rows = [(inert(reason), f"{count:,}") for reason, count in _by_count(manifest.left_out)]
    return "## Left out\n\n" + _table(("why", "pairs"), rows)


def _sentence(note: str) -> str:
    """A note of ours, whole; it names pairs by their ids."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", " ".join(note.split()))


def _loading(manifest: Manifest) -> str:
    lines = ["## How to load it\n", "```python", "from datasets import load_dataset, load_from_disk", ""]
    lines += ['load_dataset("PATH/TO/THIS/FOLDER")  # all fields of pairs/*.jsonl']
    others = [(name, folder) for name, folder, _, _ in configs(manifest) if folder != "pairs"]
    lines += [f'load_dataset("PATH/TO/THIS/FOLDER", "{name}")  # {folder}/' for name, folder in others]
    if "hf" in manifest.settings.get("formats", []):
        lines += ['load_from_disk("PATH/TO/THIS/FOLDER/hf")']
    if "parquet" in manifest.settings.get("formats", []):
        files = ", ".join(f'"{part}": "PATH/TO/THIS/FOLDER/parquet/{part}.parquet"' for part in manifest.splits)
        lines += [f'load_dataset("parquet", data_files={{{files}}})']
    lines += [
        "```\n",
        "`manifest.json` has the SHA-256 of every file. Beside `pairs/`, with the full record of each line:\n",
    ]
    chosen = [name for name in manifest.settings.get("formats", []) if name in CATALOGUE]
    written = [name for name in chosen if any(path.startswith(f"{name}/") for path in manifest.files)]
    lines += [f"- `{name}/`: {CATALOGUE[name].about}{_lines(manifest, name)}" for name in written]
    lines += [
        f"- `{path}`" for path in manifest.files if path.endswith((".yaml", "dataset_info.json")) and "hf/" not in path
    ]
    lines += ["", "Every line has the `id` of its pair: `tamiz lineage ID` tells where it came from.", ""]
    return "\n".join([*lines, *_not_held(manifest, chosen)]) + "\n"


def _lines(manifest: Manifest, name: str) -> str:
    facts = manifest.formats.get(name)
    if facts is None:
        return ""
    return f" ({', '.join(f'{count:,} {part}' for part, count in facts['lines'].items())})"


def _not_held(manifest: Manifest, chosen: Sequence[str]) -> list[str]:
    """What formats could not hold, and why."""
    named = [name for name in manifest.formats if name.partition("/")[0] in chosen]
    rows = [
        (f"`{name}`", inert(reason), f"{count:,}")
        for name in named
        for reason, count in _by_count(manifest.formats[name]["left_out"])
    ]
    return (
        ["## What a format left out\n", _table(("format", "why: the pair, or the edit,", "lines"), rows)]
        if rows
        else []
    )


def _synthetic(manifest: Manifest) -> str:
    """How much of it was made and not found."""
    facts = manifest.synthetic
    if not facts:
        return "## Synthetic pairs\n\nThere are none: all were found on a page or in a file, or written by a person.\n"
    parts = facts["pairs"]
    train = f"{plural(parts['train'], 'pair')} of train ({facts['share_of_train']:.1%}) were made"
    others = [f"{count:,} of {part}" for part, count in parts.items() if part != "train" and count]
    text = f"{train}, not found{''.join(f'; {one}' for one in others)}. Pairs that a recipe made are in train only.\n\n"
    if facts["changed_copies"]:
        text += f"{facts['changed_copies']:,} of them are changed copies of training questions, no new content.\n\n"
    rows = [("recipe", inert(name), f"{count:,}") for name, count in _by_count(facts["recipes"])]
    rows += [("model", inert(name), f"{count:,}") for name, count in _by_count(facts["models"])]
    return "## Synthetic pairs\n\n" + text + _table(("what", "which", "pairs"), rows)
