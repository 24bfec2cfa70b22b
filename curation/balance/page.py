"""The report of a balance: one page of HTML with no script, no link and nothing from the network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from curation.balance.count import Balance, Lengths
from curation.balance.dominant import LEAST_PAIRS, dominants
from curation.balance.said import Section, said_of, sections
from curation.report import PAGE, shown_text
from curation.report_style import STYLE
from tamiz.errors import InputError
from tamiz.files import write_whole

__all__ = ["balance_page", "write_balance_page"]


def balance_page(project: str, balances: Mapping[str, Balance]) -> str:
    """What dominates, bars and tables, for each of these balances under its name."""
    body = "\n".join(_part(name, balance) for name, balance in balances.items())
    text = PAGE.format(title=shown_text(f"Balance of {project}"), style=STYLE, body=body)
    return text.encode("utf-8", "replace").decode()


def write_balance_page(path: Path, project: str, balances: Mapping[str, Balance]) -> None:
    try:
        write_whole(path, balance_page(project, balances))
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}). Check the folder and its rights") from None


def _part(name: str, balance: Balance) -> str:
    parts = [f"<section><h2>{shown_text(name)} <small>{balance.pairs:,}</small></h2>"]
    if balance.pairs:
        said = [said_of(one, _name) for one in dominants(balance)]
        nothing = [f"Nothing dominates, as far as {LEAST_PAIRS} pairs or more show."]
        parts += ["<ul>", *(f"<li>{sentence}</li>" for sentence in said or nothing), "</ul>"]
        if balance.unread:
            parts.append(f"<p class=note>{balance.unread:,} pairs are in languages for which there are no words.</p>")
        parts += [_section(section) for section in sections(balance)]
        parts.append(_lengths(balance.lengths))
    return "\n".join([*parts, "</section>"])


def _name(text: str) -> str:
    return f"<bdi>{shown_text(text)}</bdi>"


def _section(section: Section) -> str:
    rows = []
    for row in section.rows:
        more = f"<br><small>{shown_text(row.examples)}</small>" if row.examples else ""
        where = f"<td class=n>{row.questions:,}</td><td class=n>{row.answers:,}</td>" if section.of_words else ""
        bar = f'<td class=bar><span class="all" style="width:{row.share:.2%}"></span></td>'
        rows.append(
            f'<tr><th style="overflow-wrap:anywhere">{_name(row.name)}{more}</th>'
            f"<td class=n>{row.pairs:,}</td><td class=n>{row.share:.1%}</td>"
            f"{where}{bar}</tr>"
        )
    words = "<td class=n>questions</td><td class=n>answers</td>" if section.of_words else ""
    head = f"<tr><th></th><td class=n>pairs</td><td class=n>share</td>{words}<td class=bar></td></tr>"
    about = f"<p class=note>{section.note}</p>"
    return f'<h3>{section.title}</h3>{about}<div class=wide><table class="funnel">{head}{"".join(rows)}</table></div>'


def _lengths(lengths: tuple[Lengths, ...]) -> str:
    names = ("texts", "least", "tenth", "median", "ninetieth", "most", "mean")
    head = "".join(f"<th>{name}</th>" for name in names)
    rows = "".join(
        f"<tr><th>{one.field}</th>{''.join(f'<td>{getattr(one, name):,}</td>' for name in names)}</tr>"
        for one in lengths
    )
    table = f'<div class=wide><table class="at"><tr><th></th>{head}</tr>{rows}</table></div>'
    return f"<h3>Lengths in characters</h3>{table}"
