"""Chats and calls of many makes, as pairs with the turns before them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crawlers.imports.report import ImportOptions, ImportReport
from crawlers.imports.run import import_files
from tamiz.errors import InputError
from tamiz.project import Project
from tamiz.records import Pair
from tamiz.settings import Settings
from tamiz.store import Store

SAMPLE = Path(__file__).parents[2] / "data" / "transcripts"
Import = Callable[..., tuple[ImportReport, list[Pair]]]


@pytest.fixture
def imported(tmp_path: Path) -> Iterator[Import]:
    project = Project(folder=tmp_path / "project", settings=Settings())
    project.folder.mkdir()
    with Store.open(project.store_url) as store:

        def run(content: str | bytes | Path, name: str = "chat.txt", *, kind: Any = None, **options: Any) -> Any:
            path = content if isinstance(content, Path) else tmp_path / name
            if not isinstance(content, Path):
                path.write_bytes(content.encode() if isinstance(content, str) else content)
            (report,) = import_files(project, store, [path], ImportOptions(**options), kind)
            return report, [stored.pair for stored in store.pairs()]

        yield run


def said(pairs: list[Pair]) -> list[tuple[str, str]]:
    return [(pair.question, pair.answer) for pair in pairs]


ASKED, ANSWERED = "El router no enciende.", "Prueba con otro enchufe, por favor."

ANDROID_ES = f"""12/3/24, 9:10 - Los mensajes y las llamadas están cifrados de extremo a extremo.
12/3/24, 9:14 - Lucía: {ASKED}
12/3/24, 9:15 - Taller Norte: {ANSWERED}
"""
ANDROID_EN = f"""3/13/24, 9:10\u202fAM - Messages and calls are end-to-end encrypted.
3/13/24, 9:14\u202fAM - Lucía: {ASKED}
3/13/24, 9:15\u202fAM - Taller Norte: {ANSWERED}
"""
IOS_ES = f"""[12/3/24, 9:10:00] Taller Norte: \u200eLos mensajes y las llamadas están cifrados de extremo a extremo.
[12/3/24, 9:14:02] Lucía: {ASKED}
\u200e[12/3/24, 9:15:02] Taller Norte: {ANSWERED}
"""
IOS_EN = f"""[3/13/24, 9:10:00\u202fAM] Taller Norte: \u200eMessages and calls are end-to-end encrypted.
[3/13/24, 9:14:02\u202fAM] ~\u00a0Lucía: {ASKED}
[3/13/24, 9:15:02\u202fAM] Taller Norte: {ANSWERED}
"""


@pytest.mark.parametrize(
    "export",
    [
        pytest.param(ANDROID_ES, id="android-es"),
        pytest.param(ANDROID_ES.replace("9:14", "9:14 a. m.").replace("9:15", "9:15 a. m."), id="android-es-12-hours"),
        pytest.param(ANDROID_EN, id="android-en"),
        pytest.param(IOS_ES, id="ios-es"),
        pytest.param(IOS_EN, id="ios-en"),
        pytest.param(IOS_ES.replace("\n", "\r\n"), id="ios-crlf"),
    ],
)
def test_whatsapp_exports_are_read_in_both_languages_and_systems(export: str, imported: Import) -> None:
    report, pairs = imported(export)
    assert said(pairs) == [(ASKED, ANSWERED)]
    assert report.taken_for == "WhatsApp export"
    assert report.left_out["system messages"] == 1
    assert pairs[0].kind == "transcript"
    assert pairs[0].written_at.startswith(("2024-03-12T", "2024-03-13T"))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(f"Cliente: {ASKED}\nAgente: {ANSWERED}\n", id="plain"),
        pytest.param(f"[09:14:02] Cliente: {ASKED}\n[09:14:40] Agente: {ANSWERED}\n", id="time-in-brackets"),
        pytest.param(f"09:14 Visitor 8812: {ASKED}\n09:15 Support: {ANSWERED}\n", id="bare-time"),
        pytest.param(
            f"(09:14:02) Visitor: {ASKED}\n(09:15:02) *** Ana joined the chat ***\n(09:16:02) Ana: {ANSWERED}\n",
            id="zendesk-text",
        ),
        pytest.param(f"2026-03-02 09:14:02 customer: {ASKED}\n2026-03-02T09:15:02Z agent: {ANSWERED}\n", id="iso"),
        pytest.param(f"Lucía (09:14): {ASKED}\nAtención al cliente (09:15): {ANSWERED}\n", id="time-after-the-name"),
        pytest.param(f"CLIENTE:\n{ASKED}\n\nAGENTE:\n{ANSWERED}\n", id="text-below-the-name"),
        pytest.param(f"Lucía  9:14 AM\n{ASKED}\n\nBruno  9:16 AM\n{ANSWERED}\n", id="name-above-the-text"),
        pytest.param(
            f"[02/03/2026 9:14] Lucía\n{ASKED}\n[02/03/2026 9:16] Bruno\n{ANSWERED}\n", id="stamp-and-name-above"
        ),
        pytest.param(f"- **Cliente**: {ASKED}\n- **Agente**: {ANSWERED}\n".replace("**", ""), id="list"),
    ],
)
def test_speakers_and_times_are_found_however_they_are_written(content: str, imported: Import) -> None:
    _, pairs = imported(content)
    assert said(pairs) == [(ASKED, ANSWERED)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_chats_are_read_in_the_usual_encodings(encoding: str, imported: Import) -> None:
    _, pairs = imported("Cliente: ¿Cómo va la conexión?\nAgente: Está caída en tu zona.\n".encode(encoding))
    assert said(pairs) == [("¿Cómo va la conexión?", "Está caída en tu zona.")]


def test_no_name_of_a_speaker_is_kept(imported: Import, tmp_path: Path) -> None:
    chat = ANDROID_ES.replace("Lucía", "Persona Cualquiera").replace("Taller Norte", "Taller Uno")
    report, pairs = imported(chat, "WhatsApp Chat with Persona Cualquiera.txt", agents=("Taller Uno",))
    assert len(pairs) == 1
    kept = json.dumps([str(pairs), report.file], ensure_ascii=False)
    database = b"".join(file.read_bytes() for file in (tmp_path / "project").glob("tamiz.db*"))
    for name in ("Cualquiera", "Taller Uno"):
        assert name not in kept
        assert name.encode() not in database


def test_messages_in_a_row_are_one_turn_and_lines_stay_together(imported: Import) -> None:
    chat = (
        "[10:00] Cliente: Hola\n[10:00] Cliente: No tengo wifi\n"
        "[10:01] Agente: Haz esto:\n1. apaga\nNota: espera\n\n2. enciende\n"
    )
    _, pairs = imported(chat)
    assert said(pairs) == [("Hola\nNo tengo wifi", "Haz esto:\n1. apaga\nNota: espera\n\n2. enciende")]


def test_each_answer_has_the_turns_before_it(imported: Import) -> None:
    _, pairs = imported("Customer: A one?\nAgent: B two.\nCustomer: C three?\nAgent: D four.\n")
    assert said(pairs) == [("A one?", "B two."), ("C three?", "D four.")]
    assert [(turn.role, turn.content) for turn in pairs[1].context] == [("user", "A one?"), ("assistant", "B two.")]
    assert pairs[0].group == pairs[1].group


@pytest.mark.parametrize(
    ("between", "conversations"),
    [
        pytest.param("=== Conversación 2 | 2026-03-04 ===\n", 2, id="rule-with-title"),
        pytest.param("-----\n", 2, id="rule"),
        pytest.param("\nTicket #8812\n", 2, id="ticket"),
        pytest.param("\nConversation ID: a7-33\n", 2, id="conversation-id"),
        pytest.param("\n", 2, id="blank-line"),
        pytest.param("", 1, id="nothing"),
    ],
)
def test_conversations_are_parted(between: str, conversations: int, imported: Import) -> None:
    one = "Cliente: ¿Uno dos?\nAgente: Tres cuatro.\nCliente: Gracias.\n"
    other = "Cliente: ¿Cinco seis?\nAgente: Siete ocho.\nCliente: Vale.\n"
    report, pairs = imported(one + between + other)
    assert report.rows == conversations
    assert len({pair.group for pair in pairs}) == conversations
    assert len(pairs[-1].context) == (0 if conversations == 2 else 2)


@pytest.mark.parametrize(("gap", "conversations"), [(12.0, 2), (48.0, 1)])
def test_a_long_silence_begins_a_new_conversation(gap: float, conversations: int, imported: Import) -> None:
    day = "12/3/24, 9:14 - Lucía: ¿Uno?\n12/3/24, 9:15 - Taller: Dos.\n12/3/24, 9:16 - Lucía: Vale\n"
    report, _ = imported(day + day.replace("12/3/24", "13/3/24").replace("Uno", "Tres"), gap_hours=gap)
    assert report.rows == conversations


def test_a_clock_that_goes_past_midnight_begins_no_conversation(imported: Import) -> None:
    report, _ = imported("[23:59] Cliente: ¿Uno?\n[00:01] Agente: Dos.\n[00:02] Cliente: Vale, gracias.\n")
    assert report.rows == 1


def test_media_leave_a_mark_and_make_no_pair_of_their_own(imported: Import) -> None:
    chat = (
        "12/3/24, 9:14 - Lucía: <Multimedia omitido>\n12/3/24, 9:15 - Taller: Es el cable rojo.\n"
        "12/3/24, 9:16 - Lucía: ¿Y esto?\n12/3/24, 9:16 - Lucía: IMG-2024.jpg (archivo adjunto)\n"
        "12/3/24, 9:17 - Taller: Eso es la fuente. <Se editó este mensaje.>\n"
    )
    report, pairs = imported(chat)
    assert said(pairs) == [("¿Y esto?\n[media]", "Eso es la fuente.")]
    assert pairs[0].context[0].content == "[media]"
    assert report.left_out["media"] == 2


def test_what_the_chat_program_writes_is_dropped_and_counted(imported: Import) -> None:
    chat = (
        "12/3/24, 9:10 - Lucía creó el grupo «Taller»\n12/3/24, 9:11 - Taller se unió usando el enlace\n"
        "12/3/24, 9:14 - Lucía: ¿Qué hago?\n12/3/24, 9:15 - Taller: Se eliminó este mensaje.\n"
        "12/3/24, 9:15 - Taller: Cambia la pila.\n12/3/24, 9:16 - Lucía: Llamada perdida\n"
    )
    report, pairs = imported(chat)
    assert said(pairs) == [("¿Qué hago?", "Cambia la pila.")]
    assert report.left_out["system messages"] == 4


def test_a_sentence_that_tells_of_leaving_is_kept(imported: Import) -> None:
    _, pairs = imported("Cliente: El técnico ha salido y me ha salido un error.\nAgente: Vuelve a entrar.\n")
    assert said(pairs) == [("El técnico ha salido y me ha salido un error.", "Vuelve a entrar.")]


@pytest.mark.parametrize(
    ("chat", "agents"),
    [
        pytest.param(f"Lucía: {ASKED}\nBruno: {ANSWERED}\nLucía: Ya\nBruno: Bien\n", (), id="who-begins-asks"),
        pytest.param(f"Bruno: Buenos días\nLucía: {ASKED}\nBruno: {ANSWERED}\nLucía: Ya\n", ("bruno",), id="as-told"),
        pytest.param(f"Lucía: {ASKED}\nSoporte Bruno: {ANSWERED}\nOtra: Yo igual\nLucía: Ya\n", (), id="by-its-name"),
        pytest.param(f"Cliente: {ASKED}\nBruno: {ANSWERED}\nOlga: Cierro\nCliente: Ya\n", (), id="by-the-customer"),
        pytest.param(f"User support: Hi\nAna: {ASKED}\nUser support: {ANSWERED}\nAna: Ya\n", (), id="user-support"),
    ],
)
def test_who_answers_is_told(chat: str, agents: tuple[str, ...], imported: Import) -> None:
    _, pairs = imported(chat, agents=agents)
    assert pairs[0].question == ASKED
    assert pairs[0].answer.startswith(ANSWERED)


def test_the_one_who_is_in_every_conversation_answers(imported: Import) -> None:
    chats = [f"Lucía{n}: ¿Uno {n} dos?\nBruno: Tres {n}.\nLucía{n}: Vale {n}\n" for n in range(4)]
    report, pairs = imported("-----\n".join(chats))
    assert [pair.question for pair in pairs] == [f"¿Uno {n} dos?" for n in range(4)]
    assert report.columns["agent"] == "Bruno (in many conversations)"


def test_a_conversation_without_an_answer_is_refused_with_its_line(imported: Import) -> None:
    report, pairs = imported("Cliente: ¿Hola?\nCliente: ¿Hay alguien?\n=====\nCliente: ¿Uno?\nAgente: Dos.\n")
    assert len(pairs) == 1
    assert report.refused == ("line 1: only one side speaks",)


def test_a_chat_that_goes_on_adds_only_what_is_new(imported: Import) -> None:
    imported(ANDROID_ES)
    more = ANDROID_ES + "12/3/24, 9:16 - Lucía: ¿Y ahora?\n12/3/24, 9:17 - Taller Norte: Espera un minuto.\n"
    report, pairs = imported(more)
    assert (report.new_pairs, report.known_pairs, len(pairs)) == (1, 1, 2)


VTT = """WEBVTT

NOTE made by a recorder

1
00:00:01.000 --> 00:00:03.000
<v Lucía>El router <i>no</i> enciende

00:00:03.000 --> 00:00:04.500
<v Lucía>desde ayer.</v>

00:00:04.500 --> 00:00:05.000
[música]

2
00:00:05.000 --> 00:00:08.000
<v Bruno>Cambia el enchufe &amp; espera.</v>
"""
SRT = """1
00:00:01,000 --> 00:00:03,000
Lucía: El router no enciende

2
00:00:03,000 --> 00:00:04,500
desde ayer.

3
00:00:05,000 --> 00:00:08,000
Bruno: Cambia el enchufe
& espera.
"""


@pytest.mark.parametrize(("name", "content"), [("call.vtt", VTT), ("call.srt", SRT), ("call.txt", VTT)])
def test_subtitles_with_speakers_are_a_conversation(name: str, content: str, imported: Import) -> None:
    report, pairs = imported(content, name)
    assert said(pairs) == [("El router no enciende desde ayer.", "Cambia el enchufe & espera.")]
    assert report.taken_for == "subtitles"


def test_subtitles_without_speakers_are_refused_with_the_next_move(imported: Import) -> None:
    with pytest.raises(InputError, match=r"names no speaker.*<v Name>"):
        imported("WEBVTT\n\n00:01.000 --> 00:02.000\nEl router no enciende\n", "call.vtt")


def test_an_ios_chat_comes_in_its_zip_and_no_name_in_it_is_a_path(imported: Import, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "chat.zip", "w") as archive:
        archive.writestr("../../_chat.txt", IOS_ES)
        archive.writestr("../photo.jpg", b"\xff\xd8")
    report, pairs = imported(tmp_path / "chat.zip")
    assert said(pairs) == [(ASKED, ANSWERED)]
    assert report.file == "chat.zip/_chat.txt"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chat.zip", "project"]
    assert not list((tmp_path / "project").glob(".writing*"))


def test_a_zip_bomb_is_cut(imported: Import, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "chat.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("chat.txt", bytes(150 << 20))
    with pytest.raises(InputError, match="unpacks to far more"):
        imported(tmp_path / "chat.zip")


def test_a_message_of_a_million_letters_is_cut_and_a_file_of_one_line_read(imported: Import) -> None:
    _, pairs = imported(f"Cliente: ¿Uno?\nAgente: {'a' * 3_000_000}\n")
    assert len(pairs[0].answer) == 100_000


def test_the_sample_s_chats_are_all_imported(imported: Import) -> None:
    report, pairs = imported(SAMPLE / "chat-soporte.txt")
    assert (report.rows, report.new_pairs, report.refused_rows) == (6, 14, 0)
    assert {pair.lang for pair in pairs} == {"es", "en"}


def test_the_sample_s_whatsapp_chat_is_two_conversations(imported: Import) -> None:
    report, pairs = imported(SAMPLE / "whatsapp-soporte.txt")
    assert (report.rows, report.new_pairs, report.refused_rows) == (2, 4, 0)
    assert report.left_out == {"system messages": 2, "media": 1}
    assert pairs[0].answer.endswith("enciéndelos en ese orden")
    assert pairs[3].answer == "No, toma el nombre y la clave del router él solo cuando pulsas WPS en los dos."
    assert "600 000" not in repr(pairs)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", [" ", "=", "-", "= ", "a ", "(", "10:00 ", "\n", "A: ", "<v a>", "[media] "])
def test_a_file_made_to_choke_a_pattern_is_read_in_seconds(piece: str, imported: Import) -> None:
    """FAULTS row 21."""
    bomb = piece * (300_000 // len(piece))
    _, pairs = imported(f"Cliente: ¿Uno?\nAgente: Dos.\n==={bomb}x\n{bomb}x\nCliente: {bomb}\nAgente: {bomb}\n")
    assert pairs[0].answer.startswith("Dos.")
