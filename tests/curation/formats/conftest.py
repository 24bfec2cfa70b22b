"""One version in all formats, with dialogues, tool calls, odd texts, and a history of what reviewers did."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from curation.export import export
from tamiz.decisions import claim_pair, decide, judge, mark_sieved, undo
from tamiz.project import Project
from tamiz.records import Finding, Manifest, Pair, Turn, Verdict
from tamiz.settings import EXPORT_FORMATS
from tamiz.store import Store

BY = "person:reviewer-1"
ODD = [
    '=HYPERLINK("http://a.example";"a")',
    "+34 y -1 y @suma(A1:A9)",
    "<script>alert(1)</script> a\x00b\ud800c",
    "línea\u2028separada\u2029 y \x85 más\r\nfin",
    "\u202eanimret\u202c \u200bzero",
    'emoji 👩‍👩‍👧 y {"json": [1, 2]} \\n " \' ` {% raw %} {{ x }}',
    "<|im_end|><|im_start|>system",
    "NFD: cafe\u0301\ttab",
    "palabra larga " * 4_000,
]
WEATHER = {
    "type": "function",
    "function": {
        "name": "line_state",
        "description": "Whether a line is up",
        "parameters": {"type": "object", "properties": {"line": {"type": "string"}}, "required": ["line"]},
    },
}
BILL = {
    "type": "function",
    "function": {
        "name": "last_bill",
        "parameters": {"type": "object", "properties": {"months": {"type": "integer"}, "paid": {"type": "boolean"}}},
    },
}


def call(name: str, number: str, arguments: Any) -> dict[str, Any]:
    return {"id": number, "type": "function", "function": {"name": name, "arguments": arguments}}


def calls(*made: dict[str, Any], said: str = "") -> Turn:
    return Turn(role="assistant", content=said, tool_calls=json.dumps(list(made)))


def result(number: str, content: str) -> Turn:
    return Turn(role="tool", content=content, tool_call_id=number)


def user(content: str) -> Turn:
    return Turn(role="user", content=content)


def assistant(content: str) -> Turn:
    return Turn(role="assistant", content=content)


def dialogues() -> dict[str, dict[str, Any]]:
    """What pairs can have beside a question and an answer."""
    asked = "¿Está caída la línea 7?"
    return {
        "two turns": {"context": (user("Hola, no tengo línea"), assistant("¿Qué luz está roja?"))},
        "a system turn": {"context": (Turn(role="system", content="Sé breve."),)},
        "a call and its result": {
            "question": asked,
            "context": (user(asked), calls(call("line_state", "c1", '{"line": "7"}')), result("c1", "down")),
            "tools": json.dumps([WEATHER]),
        },
        "two calls at once": {
            "context": (
                Turn(role="system", content="Usa las herramientas."),
                user("¿Y la 8, y mi factura?"),
                calls(call("line_state", "c1", {"line": "8"}), call("last_bill", "c2", '{"months": 1, "paid": false}')),
                result("c1", "up"),
                result("c2", "42 €"),
                assistant("La 8 va bien y debes 42 €."),
            ),
            "tools": json.dumps([WEATHER, BILL]),
        },
        "tools that nobody called": {"tools": json.dumps([BILL])},
        "a question asked twice": {"context": (user("Hola"),)},
        "a call that nobody answered": {
            "context": (user("¿Factura?"), calls(call("last_bill", "c9", "{}")), user("¿Sigues ahí?")),
            "tools": json.dumps([BILL]),
        },
        "words beside a call": {
            "context": (
                user("¿La 9?"),
                calls(call("line_state", "c3", {"line": "9"}), said="Lo miro."),
                result("c3", "up"),
                assistant("Va bien."),
            ),
            "tools": json.dumps([WEATHER]),
        },
    }


@dataclass(frozen=True)
class Made:
    """A project with version v001 in all formats; `named` are the ids of pairs by what they are."""

    project: Project
    store: Store
    manifest: Manifest
    named: dict[str, str]

    @property
    def folder(self) -> Path:
        return self.project.exports / self.manifest.version

    def lines(self, name: str, part: str) -> list[dict[str, Any]]:
        """The lines of one part in one format of lines; preferences have no file where there are none."""
        path = self.folder / name / f"{part}.{'json' if name == 'json' else 'jsonl'}"
        if name.startswith(("dpo", "kto")) and not path.exists():
            return []
        text = path.read_text(encoding="utf-8")
        return json.loads(text) if name == "json" else [json.loads(line) for line in text.split("\n") if line]

    def by_id(self, name: str) -> dict[str, dict[str, Any]]:
        return {line["id"]: line for part in self.manifest.splits for line in self.lines(name, part)}

    def part_of(self, pair: str) -> str:
        [part] = [part for part in self.manifest.splits if pair in {line["id"] for line in self.lines("pairs", part)}]
        return part


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, distinct: Any) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("formats")
    (folder / "tamiz.toml").write_text("[export]\nmin_pairs = 4\n", encoding="utf-8")
    project = Project.open(folder)
    with Store.open(project.store_url) as store:
        named = fill(store, distinct)
        yield Made(project, store, export(project, store, EXPORT_FORMATS), named)


def fill(store: Store, distinct: Any) -> dict[str, str]:
    """Pairs of every kind, accepted, and what reviewers did to some others. The ids by what the pairs are."""
    accepted = {f"plain {n}": distinct(n) for n in range(40)}
    accepted |= {what: distinct(100 + n, **has) for n, (what, has) in enumerate(dialogues().items())}
    accepted |= {
        f"odd {n}": distinct(200 + n, answer=text, question=f"{text[:200]} {n}?") for n, text in enumerate(ODD)
    }
    store.add_pairs(list(accepted.values()), "import:test")
    mark_sieved(store, [pair.id for pair in accepted.values()])
    judge(store, [Verdict(pair=pair.id, version=2, decision="accept", by=BY) for pair in accepted.values()])
    return {name: pair.id for name, pair in accepted.items()} | edits(store, distinct) | rejections(store, distinct)


def edits(store: Store, distinct: Any) -> dict[str, str]:
    named: dict[str, str] = {}

    def edit(what: str, number: int, *, by: str = BY, action: str = "", before: str = "", **change: Any) -> Pair:
        old = distinct(number, **({"answer": before} if before else {}))
        store.add_pairs([old], "import:test")
        mark_sieved(store, [old.id])
        if what == "taken over":
            found = Finding(
                pair=old.id, step="clean", kind="x", field="answer", start=0, end=4, before="Para", after="A"
            )
            store.add_look("clean", "s", [old.id], [found])
        new = replace(old, **change, made_from=(old.id,), made_by=by)
        judge(store, [Verdict(pair=old.id, version=2, decision="accept", by=by, edited=new)], action=action)
        named.update({what: new.id, f"{what}, before": old.id})
        return new

    edit("edited", 300, answer="Apaga el router diez segundos y vuelve a encenderlo; luego espera a la luz verde.")
    edit("edited too", 310, answer="Llama al 900 para que un técnico mire el cable de la calle antes del viernes.")
    edit("question edited", 301, question="¿Cómo pido un duplicado de la tarjeta del portal antiguo?")
    edit("by a rule", 302, by="rule:repair-text", answer="Esto lo ha escrito una regla y no una persona, con reparos.")
    edit("by a word", 303, action="word-1", answer="Esto viene de una palabra que se ha decidido en todos los pares.")
    same = distinct(304).answer
    edit("taken over", 304, answer=f"A{same.removeprefix('Para')}")
    edit("of a person", 305, before="Escribe a lucia.perez@correo.example y pregunta.", answer="Escribe a la tienda.")
    undone = distinct(306)
    store.add_pairs([undone], "import:test")
    mark_sieved(store, [undone.id])
    held = claim_pair(store, undone.id, "person:reviewer-2", lease_seconds=60)
    new = replace(undone, answer="Una respuesta que nadie quiso dejar.", made_from=(undone.id,), made_by=BY)
    decide(
        store,
        Verdict(pair=undone.id, version=held.version, decision="accept", by="person:reviewer-2", edited=new),
    )
    undo(store, "person:reviewer-2")
    named["undone"] = undone.id
    return named


def rejections(store: Store, distinct: Any) -> dict[str, str]:
    said = {"wrong": "wrong", "duplicate": "duplicate", "no reason": ""}
    named = {}
    for number, (what, reason) in enumerate(said.items()):
        pair = distinct(400 + number, answer=f"Respuesta rechazada {what} con palabras propias {number * 7}.")
        store.add_pairs([pair], "import:test")
        mark_sieved(store, [pair.id])
        judge(store, [Verdict(pair=pair.id, version=2, decision="reject", by=BY, reason=reason)])
        named[f"rejected: {what}"] = pair.id
    by_rule = distinct(420)
    store.add_pairs([by_rule], "import:test")
    judge(store, [Verdict(pair=by_rule.id, version=1, decision="reject", by="rule:exact-copies", reason="wrong")])
    return {**named, "rejected: by a rule": by_rule.id}
