"""One training run, readable: what was trained on what, what it cost, what it brought, and its answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from tamiz.records import RunCard
from ui.widgets.text import plain, show_plain
from ui.widgets.when import moment, span
from ui.wording import Words

__all__ = ["METRICS", "draw_card", "draw_scores", "share_of"]

# Metric and how it is written, as `tamiz tune` prints them.
METRICS = {
    "loss": ".3f",
    "perplexity": ".2f",
    "chrf": ".1f",
    "rouge_l": ".3f",
    "token_f1": ".3f",
    "numbers_kept": ".3f",
    "accuracy": ".3f",
    "macro_f1": ".3f",
}
ABOUT = ("id", "lang", "url", "question", "truth")  # of a sample; its other fields are models' answers
SETTINGS = ("epochs", "learning_rate", "batch_size", "max_tokens", "warmup_share", "weight_decay", "seed")


def share_of(card: RunCard) -> float:
    """The part of the parameters that was trained, 0 to 1."""
    return card.parameters.get("trainable", 0) / max(card.parameters.get("total", 0), 1)


def draw_card(card: RunCard, adapter_bytes: int, words: Words) -> None:
    """Draw a finished run's card."""
    parameters, cost = card.parameters, card.cost
    facts = {
        "base": f"{card.base} · {card.base_origin} · {card.base_licence}",
        "dataset": f"{card.dataset_version} · {card.dataset_hash[:12]}",
        "when": f"{moment(card.started_at)} – {moment(card.finished_at)}",
        "device": f"{card.device} · {card.settings.get('dtype', '')}",
        "parameters": words(
            "training.parameters",
            trainable=f"{parameters.get('trainable', 0):,}",
            total=f"{parameters.get('total', 0):,}",
            share=f"{share_of(card):.2%}",
        ),
        "cost": words(
            "training.cost",
            span=span(cost.get("seconds", 0), words),
            steps=f"{cost.get('steps', 0):,.0f}",
            tokens=f"{cost.get('tokens', 0):,.0f}",
            memory=f"{cost.get('peak_memory_mb', 0):,.0f}",
        ),
        "adapter": f"{adapter_bytes / 1e6:,.1f} MB" if adapter_bytes else words("training.no_adapter"),
        "settings": ", ".join(f"{name} {card.settings[name]}" for name in SETTINGS if name in card.settings)
        + "".join(
            f", {name} {value}" for name, value in dict(card.settings.get("lora", {})).items() if name != "targets"
        ),
        "versions": ", ".join(f"{name} {version}" for name, version in card.versions.items()),
    }
    if card.proof.get("line"):
        facts = {"verdict": str(card.proof["line"]), **facts}
    rows = [plain(words(f"run_fact.{name}"), tag="b") + plain(text) for name, text in facts.items()]
    st.html(f'<div class="tz-facts">{"".join(rows)}</div>')
    draw_scores(card.results, words)
    if card.samples:
        with st.expander(words("training.samples", samples=len(card.samples))):
            for sample in card.samples:
                _draw_sample(sample, words)


def draw_scores(results: Mapping[str, Mapping[str, float]], words: Words) -> None:
    """Scores by model, a metric a row."""
    names = [name for name in METRICS if any(name in scores for scores in results.values())]
    if not names:
        return
    columns: dict[str, Sequence[str]] = {words("training.metric"): [words(f"metric.{name}") for name in names]}
    for model, scores in results.items():
        told = [format(scores[name], METRICS[name]) if name in scores else "–" for name in names]
        columns[words.known(f"scored.{model}", model)] = told
    st.dataframe(columns, hide_index=True, width="stretch")


def _draw_sample(sample: Mapping[str, str], words: Words) -> None:
    with st.container(border=True):
        show_plain(str(sample.get("question", "")), kind="tz-text tz-question")
        said = {words("compare.truth"): sample.get("truth", "")}
        said |= {name: text for name, text in sample.items() if name not in ABOUT}
        st.html("".join(plain(name, tag="b", kind="tz-small") + plain(str(text) or "—") for name, text in said.items()))
