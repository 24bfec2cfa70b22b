"""LanguageTool asked text by text, in batches, and again: texts a second, and requests.

    python benchmarks/languagetool.py [--texts 400] [--wait 250] [--per-1000 20]

Asks the server at TAMIZ_LANGUAGETOOL, or starts the one under LTP_PATH. Where there is neither it asks a stand-in,
which waits so many milliseconds for each request and for each 1,000 characters: then the figures say what is saved
of those waits, and nothing about a real server. The texts are generated; three of four sentences differ.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import os
import random
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from curation.spelling.corrections import Text
from curation.spelling.languagetool.engine import connect_engine
from curation.spelling.languagetool.installed import find_installation
from curation.spelling.languagetool.server import start_server
from tamiz.settings import SpellingSettings

STAND_IN = Path(__file__).parents[1] / "tests" / "curation" / "languagetool_stand_in.py"
SAID = {
    "es": ("Abra la {} del {} y pulse el botón {}.", "Si la {} no responde, reinicie el {} {}.", "Gracias por su {}."),
    "en": (
        "Open the {} of the {} and press the {} button.",
        "If the {} fails, restart the {} {}.",
        "Thanks for the {}.",
    ),
}
WORDS = {
    "es": "pagina contrasena configuración impresora red pantalla cuenta carpeta equipo panel servicio verde nuevo",
    "en": "page password setting printer network screen account folder computer panel service green new",
}


def generated(count: int) -> list[Text]:
    """So many texts of three to six sentences, half of them Spanish."""
    chance = random.Random(13)
    found = []
    for number in range(count):
        lang = ("es", "en")[number % 2]
        words = WORDS[lang].split()
        said = [chance.choice(SAID[lang]).format(*chance.choices(words, k=3)) for _ in range(chance.randint(3, 6))]
        found.append(Text(text=f"{' '.join(said)} ({lang} {number})", lang=lang))
    return found


@contextlib.contextmanager
def a_server(wait: float, per_thousand: float) -> Iterator[str]:
    """The address of a real server, or of the stand-in with these waits in milliseconds; says which."""
    if url := os.environ.get("TAMIZ_LANGUAGETOOL"):
        print(f"server: {url}")
        yield url
    elif os.environ.get("LTP_PATH"):
        own = start_server(find_installation(), seconds=120)
        print(f"server: {find_installation().jar}, started here")
        try:
            yield own.url
        finally:
            own.close()
    else:
        spec = importlib.util.spec_from_file_location("languagetool_stand_in", STAND_IN)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        server = module.StandIn(latency=wait / 1000, per_character=per_thousand / 1_000_000)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(
            f"server: NO LanguageTool but a stand-in: {wait:g} ms a request, {per_thousand:g} ms per 1,000 characters"
        )
        yield server.url
        server.shutdown()
        server.server_close()


def one_by_one(url: str, texts: list[Text]) -> None:
    """A request for each text on a connection of its own, as the usual clients do."""
    for text in texts:
        values = {"language": {"en": "en-US"}.get(text.lang, text.lang), "text": text.text}
        with urllib.request.urlopen(f"{url}/v2/check", urllib.parse.urlencode(values).encode()) as reply:
            reply.read()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=400)
    parser.add_argument("--wait", type=float, default=250, help="of the stand-in, milliseconds a request")
    parser.add_argument("--per-1000", type=float, default=20, help="of the stand-in, milliseconds per 1,000 characters")
    given = parser.parse_args()
    texts = generated(given.texts)
    with a_server(given.wait, given.per_1000) as url, tempfile.TemporaryDirectory() as folder:
        one_by_one(url, texts[:2])  # both languages loaded
        start = time.perf_counter()
        one_by_one(url, texts)
        first = time.perf_counter() - start
        print(f"one by one   {first:8.2f} s  {len(texts) / first:8.1f} texts/s  {len(texts):5} requests")
        for name in ("in batches", "second run"):
            start = time.perf_counter()
            engine = connect_engine(SpellingSettings(url=url), cache=Path(folder))
            found = engine.check(texts)
            took = time.perf_counter() - start
            print(
                f"{name}   {took:8.2f} s  {len(texts) / took:8.1f} texts/s  {engine.requests:5} requests  "
                f"{first / took:6.1f} times one by one  ({sum(map(len, found))} proposals)"
            )
            engine.close()


if __name__ == "__main__":
    main()
