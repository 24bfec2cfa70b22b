"""What a chat program writes into a chat by itself: notes of the system, and marks where media were."""

from __future__ import annotations

import re

from crawlers.imports.conversation import MEDIA

__all__ = ["is_system_line", "without_media"]

LONGEST_NOTE = 400  # characters; the longest is what WhatsApp says of encryption
# Written under somebody's name too.
_NOTE = re.compile(
    r"""[*\s]*(?:
    (?:messages|calls|messages\ and\ calls)\b.{0,60}end-to-end\ encrypted
    |(?:los\ mensajes|las\ llamadas|mensajes\ y\ llamadas)\b.{0,80}cifrad\w+\ (?:de\ )?extremo
    |(?:this\ message\ was\ deleted|you\ deleted\ this\ message)[.]?\s*$
    |(?:se\ elimin[oó]\ este\ mensaje|eliminaste\ este\ mensaje)[.]?\s*$
    |waiting\ for\ this\ message[.\s]|esperando\ (?:este|el)\ mensaje[.\s]
    |missed\ (?:group\ )?(?:voice|video)\ call|(?:video)?llamada\ (?:de\ (?:voz|v[ií]deo)\ )?perdida\s*$
    |(?:your\ )?security\ code\ with\ .{0,60}changed|(?:el|tu|cambi[oó]\ (?:el|tu))\ c[oó]digo\ de\ seguridad\ con
    |this\ (?:business|chat)\b.{0,80}\b(?:business\ account|secure\ service)\b
    |(?:esta\ empresa|este\ chat)\b.{0,80}\b(?:cuenta\ de\ empresa|servicio\ seguro)\b
    )""",
    re.I | re.X,
)
# Written under no name: "Ana joined the chat". They name what was joined, so that no sentence is taken for one.
_ROOM = r"(?:chat|group|conversation|meeting|room|session|grupo|conversaci[oó]n|reuni[oó]n|sala|sesi[oó]n)"
_EVENT = re.compile(
    rf"""[*\[(<\s\-–—]*(?:
    (?:\S+\ ){{1,6}}(?:has\ |have\ )?(?:joined|left|entered|exited|created|started|ended|closed)
        \ (?:the\ |this\ )?{_ROOM}\b.{{0,60}}
    |(?:\S+\ ){{1,6}}(?:se\ uni[oó]\ al?|se\ ha\ unido\ al?|entr[oó]\ en|ha\ entrado\ en|sali[oó]\ del?
        |ha\ salido\ del?|abandon[oó]|ha\ abandonado|cre[oó]|ha\ creado|ha\ iniciado|ha\ cerrado|ha\ finalizado)
        \ (?:el\ |la\ )?{_ROOM}\b.{{0,60}}
    |(?:the\ )?{_ROOM}\ (?:has\ been\ |was\ |has\ )?(?:started|ended|closed|transferred|assigned)\b.{{0,60}}
    |(?:el\ |la\ ){_ROOM}\ (?:se\ |ha\ sido\ |ha\ |fue\ )*(?:inici|finaliz|termin|cerr|transf|asign)\w+.{{0,60}}
    |(?:\S+\ ){{1,4}}(?:is\ typing|est[aá]\ escribiendo)\b.{{0,10}}
    )$""",
    re.I | re.X,
)
_KIND = (
    r"(?:image|video|audio|gif|sticker|document|contact\ card|voice\ message|imagen|v[ií]deo|documento|"
    r"tarjeta\ de\ contacto|nota\ de\ voz|mensaje\ de\ voz|media|multimedia|archivo)"
)
_MEDIA = re.compile(
    rf"""<\s*{_KIND}\ omi(?:tted|tid[oa])\s*>|^{_KIND}\ omi(?:tted|tid[oa])\s*$
    |<(?:attached|adjunto):\ [^>\n]{{1,200}}>
    |^\S[^\n]{{0,200}}\.\w{{2,5}}\ \((?:file\ attached|archivo\ adjunto)\)\s*$
    |^\[?(?:image|photo|imagen|foto|v[ií]deo|audio|file|archivo|attachment|adjunto)\]$|^null$""",
    re.I | re.X | re.M,
)
_EDITED = re.compile(r"[ \t]{0,5}<(?:this message was edited|se edit[oó] este mensaje)\.?>[ \t]{0,5}$", re.I | re.M)


def is_system_line(text: str, *, named: bool = True) -> bool:
    """Whether a chat program wrote this, not a person; `named` where it stands under a speaker's name.

    >>> is_system_line("Los mensajes y las llamadas están cifrados de extremo a extremo.")
    True
    >>> is_system_line("*** Ana joined the chat ***", named=False)
    True
    """
    if len(text) > LONGEST_NOTE:
        return False
    return bool(_NOTE.match(text) or (not named and _EVENT.match(text)))


def without_media(text: str) -> tuple[str, int]:
    """The text with MEDIA where a picture or a file was, and how many there were.

    >>> without_media("<Multimedia omitido>")
    ('[media]', 1)
    """
    return _MEDIA.subn(MEDIA, _EDITED.sub("", text))
