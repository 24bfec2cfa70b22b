"""Mail of a support address and help desks' exports, as conversations."""

from __future__ import annotations

import json
import mailbox
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from crawlers.imports.quoted import own_subject, own_text
from crawlers.imports.report import ImportOptions, ImportReport
from crawlers.imports.run import import_files
from tamiz.project import Project
from tamiz.records import Pair
from tamiz.settings import Settings
from tamiz.store import Store

Import = Callable[..., tuple[ImportReport, list[Pair]]]
CUSTOMER, SUPPORT = "Lucía <lucia@example.org>", "Soporte <soporte@example.com>"


@pytest.fixture
def imported(tmp_path: Path) -> Iterator[Import]:
    project = Project(folder=tmp_path / "project", settings=Settings())
    project.folder.mkdir()
    with Store.open(project.store_url) as store:

        def run(*paths: Path, kind: Any = None, **options: Any) -> Any:
            (report,) = import_files(project, store, paths, ImportOptions(**options), kind)
            return report, [stored.pair for stored in store.pairs()]

        yield run


def mail(
    sender: str, text: str, *, to: str = "", number: int = 1, answers: int = 0, subject: str = "Router", html: str = ""
) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = sender, to or (SUPPORT if sender == CUSTOMER else CUSTOMER)
    message["Subject"] = subject
    message["Date"] = f"Mon, 02 Mar 2026 09:{number:02}:00 +0100"
    message["Message-ID"] = f"<{number}@example.net>"
    if answers:
        message["In-Reply-To"] = message["References"] = f"<{answers}@example.net>"
    if text:
        message.set_content(text)
    if html and text:
        message.add_alternative(html, subtype="html")
    elif html:
        message.set_content(html, subtype="html")
    return message


def boxed(path: Path, *messages: EmailMessage) -> Path:
    box = mailbox.mbox(path)
    for message in messages:
        box.add(message)
    box.close()
    return path


def said(pairs: list[Pair]) -> list[tuple[str, str]]:
    return [(pair.question, pair.answer) for pair in pairs]


SAMPLE = Path(__file__).parents[2] / "data" / "transcripts"
QUESTION, ANSWER = "El router no enciende.", "Prueba con otro enchufe."


def test_a_thread_of_an_mbox_is_a_conversation_in_order(imported: Import, tmp_path: Path) -> None:
    box = boxed(
        tmp_path / "mail.mbox",
        mail(SUPPORT, ANSWER, number=2, answers=1, subject="RE: Luz roja"),
        mail(CUSTOMER, "¡Ahora sí! ¿Cuánto gasta?", number=3, answers=2, subject="Re: Luz roja"),
        mail(CUSTOMER, QUESTION, number=1, subject="Luz roja"),
        mail(SUPPORT, "Diez vatios.", number=4, answers=3, subject="Re: Luz roja"),
    )
    report, pairs = imported(box)
    assert said(pairs) == [(f"Luz roja\n\n{QUESTION}", ANSWER), ("¡Ahora sí! ¿Cuánto gasta?", "Diez vatios.")]
    assert (report.rows, report.taken_for, pairs[0].kind) == (1, "mail", "transcript")
    assert pairs[0].written_at == "2026-03-02T08:02:00+00:00"


def test_messages_saved_one_by_one_are_threaded_by_subject_where_nothing_names_another(
    imported: Import, tmp_path: Path
) -> None:
    (tmp_path / "a.eml").write_bytes(mail(CUSTOMER, QUESTION, subject="[Ticket #81] Router").as_bytes())
    (tmp_path / "b.eml").write_bytes(mail(SUPPORT, ANSWER, number=2, subject="Re: [Ticket #81] Router").as_bytes())
    other = mail(CUSTOMER, "¿Y la tele?", number=3, subject="Tele")
    (tmp_path / "c.eml").write_bytes(other.as_bytes())
    report, pairs = imported(*(tmp_path / f"{name}.eml" for name in "abc"))
    assert said(pairs) == [(QUESTION, ANSWER)]
    assert report.rows == 2
    assert report.refused[0].endswith("only one side speaks")


def test_a_folder_of_mail_is_read_as_a_whole(imported: Import, tmp_path: Path) -> None:
    folder = tmp_path / "saved" / "march"
    folder.mkdir(parents=True)
    (folder / "1.eml").write_bytes(mail(CUSTOMER, QUESTION).as_bytes())
    (folder / "2.eml").write_bytes(mail(SUPPORT, ANSWER, number=2, answers=1).as_bytes())
    _, pairs = imported(tmp_path / "saved")
    assert len(pairs) == 1


def test_more_mail_adds_only_what_is_new(imported: Import, tmp_path: Path) -> None:
    thread = mail(CUSTOMER, QUESTION), mail(SUPPORT, ANSWER, number=2, answers=1)
    more = mail(CUSTOMER, "¿Y ahora?", number=3, answers=2), mail(SUPPORT, "Espera.", number=4, answers=3)
    for number, message in enumerate((*thread, *more)):
        (tmp_path / f"{number}.eml").write_bytes(message.as_bytes())
    imported(tmp_path / "0.eml", tmp_path / "1.eml")
    report, pairs = imported(*(tmp_path / f"{number}.eml" for number in (3, 2, 1, 0)))
    assert (report.new_pairs, report.known_pairs, len(pairs)) == (1, 1, 2)


def test_mail_in_html_only_is_rendered_without_what_it_quotes(imported: Import, tmp_path: Path) -> None:
    html = (
        "<p>Prueba <b>esto</b>:</p><ul><li>apaga</li><li>enciende</li></ul><script>alert(1)</script>"
        '<div class="gmail_quote"><div class="gmail_attr">El lun, Lucía escribió:</div>'
        "<blockquote>El router no enciende.</blockquote></div>"
    )
    box = boxed(tmp_path / "m.mbox", mail(CUSTOMER, QUESTION), mail(SUPPORT, "", html=html, number=2, answers=1))
    _, pairs = imported(box)
    assert pairs[0].answer == "Prueba esto:\n- apaga\n- enciende"


def test_attachments_and_automatic_mail_are_left_out_and_counted(imported: Import, tmp_path: Path) -> None:
    answer = mail(SUPPORT, ANSWER, number=3, answers=1)
    answer.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="../../etc/passwd")
    automatic = mail(SUPPORT, "Hemos recibido tu mensaje.", number=2, answers=1)
    automatic["Auto-Submitted"] = "auto-replied"
    report, pairs = imported(boxed(tmp_path / "m.mbox", mail(CUSTOMER, QUESTION), automatic, answer))
    assert [pair.answer for pair in pairs] == [ANSWER]
    assert (report.left_out["attachments"], report.left_out["automatic mails"]) == (1, 1)


@pytest.mark.parametrize("agent", ["bruno@taller.example", "taller.example", "@taller.example"])
def test_the_side_that_answers_is_as_the_user_says(agent: str, imported: Import, tmp_path: Path) -> None:
    bruno = "Bruno <bruno@taller.example>"
    box = boxed(
        tmp_path / "m.mbox",
        mail(bruno, "¿Va bien el router?", to=CUSTOMER),
        mail(CUSTOMER, QUESTION, to=bruno, number=2, answers=1),
        mail(bruno, ANSWER, number=3, answers=2),
    )
    _, pairs = imported(box, agents=(agent,))
    assert said(pairs) == [(QUESTION, ANSWER)]


def test_no_address_and_no_name_of_the_header_is_kept(imported: Import, tmp_path: Path) -> None:
    box = boxed(tmp_path / "m.mbox", mail(CUSTOMER, QUESTION), mail(SUPPORT, ANSWER, number=2, answers=1))
    imported(box)
    database = b"".join(file.read_bytes() for file in (tmp_path / "project").glob("tamiz.db*"))
    assert b"lucia@" not in database
    assert "Lucía".encode() not in database


def test_damaged_headers_and_unknown_charsets_cost_nothing(imported: Import, tmp_path: Path) -> None:
    raw = (
        b"From: =?x-none?q?L=FA?= <lucia@example.org>\r\nTo: soporte@example.com\r\nSubject: =?utf-8?q?Se=C3=B1al?=\r\n"
        b"Date: yesterday\r\nMessage-ID: <1@x>\r\nContent-Type: text/plain; charset=x-unknown\r\n\r\n"
        b"\xbfQu\xe9 pasa?\r\n"
    )
    (tmp_path / "a.eml").write_bytes(raw)
    (tmp_path / "b.eml").write_bytes(mail(SUPPORT, ANSWER, number=2, subject="Re: Señal").as_bytes())
    _, pairs = imported(tmp_path / "a.eml", tmp_path / "b.eml")
    assert said(pairs) == [("Señal\n\n¿Qué pasa?", ANSWER)]


def test_parts_within_parts_end_where_python_does(imported: Import, tmp_path: Path) -> None:
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3000))
    head = b"From: lucia@example.org\nTo: soporte@example.com\nSubject: Tele\nMessage-ID: <9@x>\n"
    (tmp_path / "z.eml").write_bytes(head + nested + b"\n\nhola\n")
    box = boxed(tmp_path / "m.mbox", mail(CUSTOMER, QUESTION), mail(SUPPORT, ANSWER, number=2, answers=1))
    _, pairs = imported(box, tmp_path / "z.eml")
    assert len(pairs) == 1


@pytest.mark.parametrize(
    ("written", "own"),
    [
        pytest.param("Vale.\n\nOn Mon, 2 Mar 2026 at 09:14, Ana\n<a@example.com> wrote:\n\n> No va\n> nada", "Vale.",
                     id="attribution-over-two-lines"),
        pytest.param("Vale.\n\n-----Mensaje original-----\nDe: Ana\nNo va", "Vale.", id="outlook-es"),
        pytest.param("Vale.\n\nFrom: Ana <a@example.com>\nSent: Monday\nTo: B\nSubject: x\n\nNo va", "Vale.",
                     id="outlook-header"),
        pytest.param("Vale.\n\n________________________________\nDe: Ana\nEnviado el: lunes\nNo va", "Vale.",
                     id="outlook-rule"),
        pytest.param("El lun, 2 mar 2026, Ana escribió:\n> ¿Enciende?\nSí, enciende.\n> ¿Y va?\nNo.",
                     "Sí, enciende.\nNo.", id="answers-between-the-lines"),
        pytest.param("Vale.\n-- \nAna\n+34 600 000 000", "Vale.", id="signature"),
        pytest.param("Vale.\n\nUn saludo,\n\nAna\nDepartamento de soporte", "Vale.", id="closing"),
        pytest.param("Vale.\nSent from my iPhone", "Vale.", id="telephone"),
        pytest.param("Saludos:\nlos mejores son éstos.\n" + "línea\n" * 9, None, id="a-greeting-that-begins"),
        pytest.param("El técnico fue ayer.\n_______________\nY hoy vuelve.", None, id="a-rule-of-its-own"),
    ],
)  # fmt: skip
def test_a_mail_is_left_with_its_own_words(written: str, own: str | None) -> None:
    assert own_text(written)[0] == (own or written.strip())


@pytest.mark.parametrize("subject", ["RE: Fwd: Router", "[#81] Router", "RV: Re: [Ticket 81] Router", "Re[2]: Router"])
def test_a_subject_loses_its_marks(subject: str) -> None:
    assert own_subject(subject) == "Router"


INTERCOM = {
    "type": "conversation", "id": "77",
    "source": {"body": "<p>El router <b>no</b> enciende.</p>", "author": {"type": "user", "name": "Lucía"}},
    "conversation_parts": {"conversation_parts": [
        {"part_type": "assignment", "body": None, "author": {"type": "bot"}},
        {"part_type": "note", "body": "<p>Cliente difícil</p>", "author": {"type": "admin"}},
        {"part_type": "comment", "body": "<p>Prueba con otro enchufe.</p>", "created_at": 1772442900,
         "author": {"type": "admin", "name": "Bruno"}},
    ]},
}  # fmt: skip
ZENDESK = {
    "id": 81, "subject": "Re: Luz roja", "requester_id": 5,
    "comments": [
        {"author_id": 5, "public": True, "plain_body": QUESTION, "created_at": "2026-03-02T08:00:00Z"},
        {"author_id": 9, "public": False, "plain_body": "Cliente difícil"},
        {"author_id": 9, "public": True, "html_body": "<p>Prueba con otro enchufe.</p>"},
    ],
}  # fmt: skip
ZENDESK_CHAT = {
    "id": "c-3", "visitor": {"name": "Lucía"},
    "history": [
        {"type": "chat.memberjoin", "nick": "visitor:1", "timestamp": "2026-03-02T08:00:00Z"},
        {"type": "chat.msg", "nick": "visitor:1", "msg": QUESTION, "timestamp": "2026-03-02T08:00:00Z"},
        {"type": "chat.msg", "nick": "agent:2", "name": "Bruno", "msg": ANSWER, "timestamp": "2026-03-02T08:01:00Z"},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "taken_for", "question"),
    [
        pytest.param("t.json", json.dumps(INTERCOM), "Intercom conversations", QUESTION, id="intercom"),
        pytest.param("t.json", json.dumps({"conversations": [INTERCOM]}), None, QUESTION, id="intercom-list"),
        pytest.param("t.jsonl", json.dumps(ZENDESK), "Zendesk tickets", f"Luz roja\n\n{QUESTION}", id="zendesk-lines"),
        pytest.param("t.json", json.dumps({"tickets": [ZENDESK], "count": 1}), None, f"Luz roja\n\n{QUESTION}",
                     id="zendesk-list"),
        pytest.param("t.json", json.dumps([ZENDESK_CHAT]), None, QUESTION, id="zendesk-chat"),
    ],
)  # fmt: skip
def test_exports_of_help_desks_are_conversations(
    name: str, content: str, taken_for: str | None, question: str, imported: Import, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content)
    report, pairs = imported(tmp_path / name)
    assert said(pairs) == [(question, ANSWER)]
    assert taken_for is None or report.taken_for == taken_for
    assert "difícil" not in str(pairs)
    assert report.left_out.get("internal notes", 0) + report.left_out.get("system messages", 0) == 1


def test_objects_that_are_no_conversation_are_refused_with_their_line(imported: Import, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join([json.dumps(ZENDESK), '{"id": 1}', "{", "[" * 100_000]))
    report, pairs = imported(path)
    assert len(pairs) == 1
    assert report.refused[0] == "line 2: no conversation of Zendesk or Intercom"
    assert [line.split(":")[0] for line in report.refused] == ["line 2", "line 3", "line 4"]


def test_the_sample_s_mails_are_two_threads_of_own_words(imported: Import) -> None:
    report, pairs = imported(SAMPLE / "soporte.mbox")
    assert (report.rows, report.new_pairs, report.refused_rows) == (2, 3, 0)
    assert [pair.answer.splitlines()[-1] for pair in pairs] == [
        "Sí. El traslado cuesta 30 € y se pide en Mi Lumbre, Contrato, Traslado, con 10 días de antelación. "
        "Conservas la tarifa y el número fijo.",
        "La ONT Mecha se queda en la pared; el técnico pone otra.",
        "you can ask for it in Mi Lumbre, Invoices, Delivery. The paper invoice costs €1 a month.",
    ]
    assert pairs[1].question == "¿Y tengo que llevarme el router?"
    assert report.left_out["automatic mails"] == 1


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece", [" ", "\n", ">", "> a\n", "_", "a@", "<a@", "El ", "\nEl a", "From: a\n", "saludos\n"]
)
def test_a_mail_made_to_choke_a_pattern_is_read_in_seconds(piece: str) -> None:
    """FAULTS row 21."""
    bomb = piece * (1_000_000 // len(piece))
    assert own_text(f"Vale.\n{bomb}\n")[0].startswith("Vale.")
    assert own_text(f"Vale.\n___________\n{bomb}x<")[0].startswith("Vale.")
    assert own_subject("Re: " * 250_000) == "Re:"[:0]
