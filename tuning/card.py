"""A run card as plain text: what was trained, what it cost, and base against adapter."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tamiz.records import RunCard

if TYPE_CHECKING:
    from tuning.report.intervals import Interval

__all__ = ["ABOUT", "METRICS", "result_table", "side_by_side", "started_from", "table"]

# Metric, how it is written, and which way is better.
METRICS: dict[str, tuple[str, str]] = {
    "loss": (".3f", "lower is better"),
    "perplexity": (".2f", "lower is better"),
    "chrf": (".1f", "0 to 100, higher is better"),
    "rouge_l": (".3f", "0 to 1, higher is better"),
    "token_f1": (".3f", "0 to 1, higher is better"),
    "numbers_kept": (".3f", "0 to 1, higher is better"),
    "length": (".2f", "over the reference's, close to 1 is better"),
    "refused_wrongly": (".3f", "0 to 1, lower is better"),
    "preferred": (".3f", "share of edits whose new answer is likelier, higher is better"),
    "margin": (".2f", "nats that the new answer is likelier by, higher is better"),
    "accuracy": (".3f", "0 to 1, higher is better"),
    "macro_f1": (".3f", "0 to 1, higher is better"),
}
WIDTH = 100
ABOUT = {"id", "lang", "url", "question", "truth"}  # of a sample; its other fields are models' answers


def result_table(card: RunCard) -> str:
    """The whole card for a terminal: parameters, cost, scores before and after, answers side by side."""
    return "\n\n".join(part for part in (_head(card), table(card.results), side_by_side(card.samples)) if part)


def table(
    rows: Mapping[str, Mapping[str, float]], intervals: Mapping[str, Mapping[str, Interval]] | None = None
) -> str:
    """Scores by model, one metric a line; with their intervals, where they are given.

    >>> print(table({"base": {"loss": 3.0}, "tuned": {"loss": 1.5}}))
                base  tuned
    loss       3.000  1.500  lower is better
    """
    names, ends = list(rows), intervals or {}
    there = [metric for metric in METRICS if any(metric in rows[name] for name in names)]
    first = max(9, *(len(metric) + 1 for metric in there), 0)
    lines = [["", *names, ""]]
    for metric in there:
        form, better = METRICS[metric]
        cells = [_cell(rows[name].get(metric), ends.get(name, {}).get(metric), form) for name in names]
        lines.append([metric, *cells, better])
    widths = [max(7, *(len(line[n]) + 2 for line in lines)) for n in range(1, len(names) + 1)]
    return "\n".join(
        f"{line[0]:<{first}}{''.join(map(str.rjust, line[1:-1], widths))}  {line[-1]}".rstrip() for line in lines
    )


def _cell(score: float | None, ends: Interval | None, form: str) -> str:
    if score is None:
        return "-"
    between = f" ({ends.low:{form}} to {ends.high:{form}})" if ends else ""
    return f"{score:{form}}{between}"


def side_by_side(samples: Sequence[Mapping[str, str]]) -> str:
    """Questions, the site's answers, and what each model says."""
    blocks = []
    for number, sample in enumerate(samples, 1):
        said = [("truth", sample["truth"]), *((name, text) for name, text in sample.items() if name not in ABOUT)]
        blocks.append("\n".join([f"{number}. {_one_line(sample['question'])}", *_indented(said)]))
    return "\n\n".join(blocks)


def _indented(said: Sequence[tuple[str, str]]) -> list[str]:
    lines = []
    for name, text in said:
        first = f"   {name:<6} "
        body = _one_line(text) or "(nothing)"
        lines.append(textwrap.fill(body, WIDTH, initial_indent=first, subsequent_indent=" " * len(first)))
    return lines


def started_from(card: RunCard) -> str:
    """The adapter that the run started from, which its scores call "base"; "" where that is the base itself."""
    return str(card.settings.get("start") or "") if card.settings.get("method") == "dpo" else ""


def _head(card: RunCard) -> str:
    trainable, total = card.parameters["trainable"], card.parameters["total"]
    cost = card.cost
    pairs = card.results.get("tuned", {})
    lines = [
        f"{card.name}: {card.base} on {card.dataset_version}, seed {card.seed}, {card.device} {card.settings['dtype']}",
        f"base: {card.base_origin} ({card.base_licence})",
        f"trained {trainable:,} of {total:,} parameters ({trainable / total:.2%}), {cost['steps']:.0f} steps, "
        f"{cost['tokens']:,.0f} tokens",
        f"{cost['seconds']:.0f} s ({cost['training_seconds']:.0f} s training), "
        f"at most {cost['peak_memory_mb']:,.0f} MB of memory",
    ]
    if started_from(card):
        lines.append(f'"base" below is the adapter {_one_line(started_from(card))}, which the run started from')
    if "answered" in pairs:
        lines.append(f"test: loss on {pairs['pairs']:.0f} pairs, answers to {pairs['answered']:.0f} of their questions")
    elif "pairs" in pairs:
        unknown = (
            f"; {pairs['unknown_labels']:.0f} have a label that training never saw" if pairs["unknown_labels"] else ""
        )
        lines.append(f"test: {pairs['pairs']:.0f} labelled questions{unknown}")
    if card.settings.get("cut_pairs"):
        lines.append(f"{card.settings['cut_pairs']} training pairs were cut at {card.settings['max_tokens']} tokens")
    return "\n".join(lines)


def _one_line(text: str) -> str:
    """Text for a terminal: one line, without control characters (a page's escape codes must not act)."""
    return "".join(letter if letter.isprintable() else " " for letter in " ".join(text.split()))
