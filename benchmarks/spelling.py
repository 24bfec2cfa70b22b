"""Measure the embedded spelling engine: quality beside other engines, damage to clean text, speed, memory.

    python benchmarks/spelling.py --data FOLDER [--only quality|clean|speed|planted] [--engines embedded]
    python benchmarks/spelling.py --text FILE --lang es

FOLDER holds clean.tsv (text, language), protected.tsv (text, language, spans), tech_noise.tsv, tech_noaccents.tsv and
sentences.tsv (wrong, right, language). `planted` puts seeded slips into the lines of a text file of your own.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from curation.spelling.corrections import Correction, Text
from curation.spelling.embedded import EmbeddedEngine
from curation.spelling.sentences import words
from curation.spelling.spans import inside, protected

SILENT = 0.9
CHOSEN = ["embedded", "hunspell", "pyspellchecker"]
SETS = ("tech_noise.tsv", "tech_noaccents.tsv", "sentences.tsv")
_TOKEN = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
Change = tuple[int, int, str]  # start, end, new text
Propose = Callable[[list[Text]], list[list[Correction]]]


def rows(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def wanted(wrong: str, right: str) -> dict[tuple[int, int], str]:
    """The changes that turn the one text into the other, word by word where as many words stand on both sides."""
    before, after = list(_TOKEN.finditer(wrong)), list(_TOKEN.finditer(right))
    matcher = SequenceMatcher(None, [m.group() for m in before], [m.group() for m in after], autojunk=False)
    found = {}
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "replace" and b - a == d - c:
            found |= {one.span(): other.group() for one, other in zip(before[a:b], after[c:d], strict=True)}
        elif kind != "equal":
            start = before[a].start() if a < len(before) else len(wrong)
            span = (start, before[b - 1].end() if b > a else start)
            found[span] = right[after[c].start() : after[d - 1].end()] if d > c else ""
    return found


def embedded(texts: list[Text]) -> list[list[Correction]]:
    engine = EmbeddedEngine()
    engine.learn(texts)
    return engine.check(texts)


def word_by_word(correct: Callable[[str, str], str | None]) -> Propose:
    """An engine that sees one word at a time and proposes its first suggestion, as most do."""

    def propose(texts: list[Text]) -> list[list[Correction]]:
        known: dict[tuple[str, str], str | None] = {}
        found = []
        for text in texts:
            mine = []
            for start, word in words(text.text):
                if (word, text.lang) not in known:
                    known[word, text.lang] = correct(word, text.lang)
                better = known[word, text.lang]
                if better and better != word:
                    mine.append(
                        Correction(
                            start=start, end=start + len(word), before=word, after=better, kind="spelling",
                            rule="first", engine="other", confidence=1.0,
                        )
                    )  # fmt: skip
            found.append(mine)
        return found

    return propose


def hunspell_first() -> Propose:
    """Hunspell's first suggestion for every word that it doesn't know."""
    from hunspell import Hunspell

    from curation.spelling.dictionaries import Dictionary

    spells = {}
    for lang in ("es", "en"):
        file = Dictionary(lang).files[-1]
        spells[lang] = Hunspell(file.stem, hunspell_data_dir=str(file.parent))

    def correct(word: str, lang: str) -> str | None:
        return None if spells[lang].spell(word) else next(iter(spells[lang].suggest(word)), None)

    return word_by_word(correct)


def pyspellchecker() -> Propose | None:
    try:
        from spellchecker import SpellChecker
    except ImportError:
        print("pyspellchecker is missing; install it with: pip install 'tamiz[bench]'")
        return None
    checkers = {lang: SpellChecker(language=lang) for lang in ("es", "en")}

    def correct(word: str, lang: str) -> str | None:
        better = checkers[lang].correction(word)
        return (better.capitalize() if word[:1].isupper() else better) if better else None

    return word_by_word(correct)


OTHERS: dict[str, Callable[[], Propose | None]] = {"hunspell": hunspell_first, "pyspellchecker": pyspellchecker}


def engines() -> dict[str, Propose]:
    """The engines that --engines names; the first suggestion of the others counts as a silent change."""
    found = {"embedded": embedded} | {name: OTHERS[name]() for name in CHOSEN if name != "embedded"}
    return {name: propose for name, propose in found.items() if propose is not None}


def quality(folder: Path) -> None:
    print("\n| set | lines | engine | lang | errors | precision | recall | applied or queued |")
    print("|---|---|---|---|---|---|---|---|")
    for name in SETS:
        data = rows(folder / name)
        texts = [Text(text=row[0], lang=row[2]) for row in data]
        for engine, propose in engines().items():
            proposals = propose(texts)
            for lang in ("es", "en"):
                for half in ("all", "odd", "even") if engine == "embedded" else ("all",):
                    kept = {"all": (0, 1), "odd": (0,), "even": (1,)}[half]
                    _score(name, half, engine, lang, [
                        (row, found) for at, (row, found) in enumerate(zip(data, proposals, strict=True))
                        if row[2] == lang and at % 2 in kept
                    ])  # fmt: skip


def _score(name: str, half: str, engine: str, lang: str, checked: list[tuple[list[str], list[Correction]]]) -> None:
    errors = right = wrong = offered = 0
    for row, found in checked:
        gold = wanted(row[0], row[1])
        errors += len(gold)
        for one in found:
            here = gold.get((one.start, one.end))
            offered += here is not None and here in (one.after, *one.alternatives)
            right += one.confidence >= SILENT and here == one.after
            wrong += one.confidence >= SILENT and here != one.after
    if errors:
        share = f"{right / max(1, right + wrong):.3f} | {right / errors:.3f} | {offered / errors:.3f}"
        print(f"| {name} | {half} | {engine} | {lang} | {errors} | {share} |")


def clean(folder: Path) -> None:
    print("\n| clean.tsv | lang | texts | texts changed | false changes per 1,000 words | queued |")
    print("|---|---|---|---|---|---|")
    data = rows(folder / "clean.tsv")
    texts = [Text(text=row[0], lang=row[1]) for row in data]
    for engine, propose in engines().items():
        proposals = propose(texts)
        for lang in ("es", "en"):
            mine = [(t, found) for t, found in zip(texts, proposals, strict=True) if t.lang == lang]
            silent = [[one for one in found if one.confidence >= SILENT] for _, found in mine]
            count, total = sum(map(len, silent)), sum(len(words(t.text)) for t, _ in mine)
            queued = sum(len(found) for _, found in mine) - count
            touched = sum(map(bool, silent))
            print(f"| {engine} | {lang} | {len(mine)} | {touched} | {1000 * count / total:.1f} | {queued} |")
    data = rows(folder / "protected.tsv")
    found = embedded([Text(text=row[0], lang=row[1]) for row in data])
    inside_spans = sum(
        one.confidence >= SILENT and one.start < int(end) and int(start) < one.end
        for row, mine in zip(data, found, strict=True)
        for one in mine
        for start, end in (span.split("-") for span in row[2].split(";"))
    )
    print(f"\nprotected.tsv: {len(data)} texts, {inside_spans} changes inside protected spans")


def planted(path: Path, lang: str, letters: int, *, seed: int = 11, share: float = 0.15) -> None:
    """Plant slips into lower-case words of so many letters or more of a file, and count what is found of them."""
    chance = random.Random(seed)
    texts, gold, total = [], [], 0
    for line in path.read_text(encoding="utf-8").splitlines():
        kept, out, last, mine = protected(line), "", 0, {}
        for start, word in words(line):
            total += 1
            end = start + len(word)
            if len(word) >= letters and word.islower() and not inside(kept, start, end) and chance.random() < share:
                slipped = _slip(word, chance)
                out += line[last:start]
                mine[len(out), len(out) + len(slipped)] = word
                out, last = out + slipped, end
        texts.append(Text(text=out + line[last:], lang=lang))
        gold.append(mine)
    right = wrong = offered = 0
    for mine, found in zip(gold, embedded(texts), strict=True):
        for one in found:
            here = mine.get((one.start, one.end))
            offered += here is not None and here in (one.after, *one.alternatives)
            right += one.confidence >= SILENT and here == one.after
            wrong += one.confidence >= SILENT and here is not None and here != one.after
    errors = sum(map(len, gold))
    originals = [Text(text=line, lang=lang) for line in path.read_text(encoding="utf-8").splitlines()]
    changed = sum(one.confidence >= SILENT for mine in embedded(originals) for one in mine)
    print(f"\n{path.name} ({lang}): {errors} planted slips (those that made another word too); precision on them")
    print(
        f"{right / max(1, right + wrong):.3f}, recall {right / errors:.3f}, applied or queued {offered / errors:.3f};"
    )
    print(f"as it was, {1000 * changed / total:.2f} changes per 1,000 of {total} words")


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    kind = chance.choice(("key", "missed", "swapped", "doubled", "accent"))
    if kind == "key":
        row = next((row for row in _KEYS if word[at] in row), word[at])
        return word[:at] + row[(row.index(word[at]) + 1) % len(row)] + word[at + 1 :]
    if kind == "missed":
        return word[:at] + word[at + 1 :]
    if kind == "swapped":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    plain = word.translate(str.maketrans("áéíóú", "aeiou"))
    return plain if kind == "accent" and plain != word else word[:at] + word[at] + word[at:]


def pairs(folder: Path, count: int) -> list[Text]:
    """Texts of so many pairs: a question of one sentence with an answer of four, of all sets, in both languages."""
    chance = random.Random(3)
    lines = [(row[0], row[2]) for name in SETS for row in rows(folder / name)]
    lines += [(row[0], row[1]) for row in rows(folder / "clean.tsv")]
    by_lang = {lang: [text for text, its in lines if its == lang] for lang in ("es", "en")}
    found = []
    for at in range(count):
        lang = ("es", "en")[at % 2]
        found.append(Text(text=chance.choice(by_lang[lang]), lang=lang))
        found.append(Text(text=" ".join(chance.choices(by_lang[lang], k=4)), lang=lang))
    return found


def speed(folder: Path, count: int = 1600) -> None:
    start = "import time;t=time.perf_counter();from curation.spelling.embedded import EmbeddedEngine as E;"
    start += "e=E();e.lexicon('es');e.lexicon('en');print(time.perf_counter()-t)"
    EmbeddedEngine().lexicon("es"), EmbeddedEngine().lexicon("en")
    began = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True, check=True).stdout
    texts = pairs(folder, count)
    engine = EmbeddedEngine()
    clock = time.process_time()
    engine.learn(texts)
    engine.check(texts)
    cold = count / (time.process_time() - clock)
    clock = time.process_time()
    engine.check(texts)
    warm = count / (time.process_time() - clock)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("\n| start, lexicon built | cold | warm | memory |\n|---|---|---|---|")
    print(f"| {float(began):.2f} s | {cold:.0f} pairs/s | {warm:.0f} pairs/s | {memory:.0f} MB |")
    _slower(texts, cold)


def _slower(texts: list[Text], cold: float) -> None:
    """Others, on as many pairs as 20 seconds allow; each word is asked for at each of its uses, as they do it."""
    try:
        from spellchecker import SpellChecker
    except ImportError:
        return
    checkers = {lang: SpellChecker(language=lang) for lang in ("es", "en")}
    clock, done = time.process_time(), 0
    for text in texts:
        for _, word in words(text.text):
            checkers[text.lang].correction(word)
        done += 1
        if time.process_time() - clock > 20:
            break
    theirs = done / 2 / (time.process_time() - clock)
    print(f"\npyspellchecker: {theirs:.2f} pairs/s on the first {done // 2} pairs; embedded {cold / theirs:.0f} times")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, help="folder with the sets")
    options.add_argument("--only", choices=("quality", "clean", "speed", "planted"))
    options.add_argument("--engines", nargs="+", choices=list(CHOSEN), default=list(CHOSEN), help="to stand beside")
    options.add_argument("--text", type=Path, help="a file of clean lines, for planted")
    options.add_argument("--lang", default="es")
    options.add_argument("--letters", type=int, default=4, help="of the shortest words that planted slips into")
    given = options.parse_args()
    CHOSEN[:] = given.engines
    if given.data:
        parts = {"speed": speed, "clean": clean, "quality": quality}
        for name, part in parts.items():
            if given.only in (None, name):
                part(given.data)
    if given.text and given.only in (None, "planted"):
        planted(given.text, given.lang, given.letters)


if __name__ == "__main__":
    main()
