"""What the steps quality and language find: in labelled pairs, in real ones, and how fast.

python benchmarks/quality.py cases
python benchmarks/quality.py real PAIRS.jsonl     lines of {"question", "answer", "lang", "kind", "source"}
python benchmarks/quality.py overlap PAIRS.jsonl  what it is worth that an answer shares no word with its question
python benchmarks/quality.py encoder PAIRS.jsonl  how alike true and strange pairs are by meaning (English)
python benchmarks/quality.py speed [PAIRS]
"""

from __future__ import annotations

import argparse
import json
import random
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from curation.language import LanguageStep
from curation.quality.step import QualityStep
from curation.sieve import sieve
from curation.steps import Step
from tamiz.records import Finding, Pair
from tamiz.settings import CurationSettings, LanguageSettings, QualitySettings

CASES = Path(__file__).parents[1] / "tests" / "cases" / "curation" / "quality"
TODAY = "2026-06-15"
ASKED = {"es": "¿Cómo lo soluciono?", "en": "How do I fix it?"}
TOLD = {"es": "Abre los ajustes y elige la segunda opción.", "en": "Open the settings and choose the second option."}


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled pair: whether `kind` is to be found in it."""

    kind: str
    expected: bool
    half: str
    pair: Pair


def steps() -> list[Step]:
    settings = CurationSettings(language=LanguageSettings(languages=("es", "en")), quality=QualitySettings(today=TODAY))
    return [LanguageStep(settings), QualityStep(settings)]


def read_cases(half: str) -> Iterator[Case]:
    """The labelled pairs of one half: "first" was written before the detectors, "second" after them."""
    for name in (f"{half}.toml", f"language_{half}.toml"):
        path = CASES / name
        for kind, sides in tomllib.loads(path.read_text(encoding="utf-8")).items() if path.exists() else ():
            for side, expected in (("found", True), ("clean", False)):
                for lang, examples in sides[side].items():
                    for number, example in enumerate(examples):
                        place = f"https://cases.example/{half}/{kind}/{side}/{lang}/{number}"
                        yield Case(kind, expected, half, _pair(kind, example, lang, place))


@dataclass(frozen=True, slots=True)
class Labelled:
    """A pair with all that should be found in it: nothing in a sound one."""

    kinds: frozenset[str]
    may: frozenset[str]  # what may be found beside that
    pair: Pair


def read_labelled(name: str) -> list[Labelled]:
    """The pairs of "blind", written before the detectors had been read, or "doubtful", sound ones that look empty."""
    labelled = []
    for number, line in enumerate((CASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        place = f"https://cases.example/{name}/{number}"
        pair = Pair(
            question=row["question"], answer=row["answer"], lang=row["lang"], url=place, kind="forum", group=place,
            source="cases",
        )  # fmt: skip
        labelled.append(Labelled(frozenset(row["kinds"]), frozenset(row.get("may", ())), pair))
    return labelled


def score_labelled(name: str) -> dict[str, tuple[int, int, int, int]]:
    """{kind: (right, wrong, missed, wrong and near-certain)}."""
    labelled = read_labelled(name)
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for finding in sieve([one.pair for one in labelled], steps()):
        found[finding.pair][finding.kind] = max(finding.confidence, found[finding.pair].get(finding.kind, 0.0))
    table: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in labelled:
        for kind, sure in found[one.pair.id].items():
            if kind not in one.may:
                table[kind][0 if kind in one.kinds else 1] += 1
                table[kind][3] += kind not in one.kinds and sure >= 0.95
        for kind in one.kinds - found[one.pair.id].keys():
            table[kind][2] += 1
    return {kind: (row[0], row[1], row[2], row[3]) for kind, row in sorted(table.items())}


def _pair(kind: str, example: str | list[str], lang: str, place: str) -> Pair:
    if isinstance(example, list):
        question, answer = example
    elif kind == "many_questions":
        question, answer = example, TOLD[lang]
    else:
        question, answer = ASKED[lang], example
    return Pair(question=question, answer=answer, lang=lang, url=place, kind="forum", group=place, source="cases")


def found_kinds(cases: Sequence[Case]) -> dict[str, dict[str, float]]:
    """{pair: {kind: confidence}} of everything that both steps find in the cases."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for finding in sieve([case.pair for case in cases], steps()):
        found[finding.pair][finding.kind] = max(finding.confidence, found[finding.pair].get(finding.kind, 0.0))
    return found


def score(cases: Sequence[Case]) -> dict[str, tuple[int, int, int, list[str]]]:
    """{kind: (right, wrong, missed, what was wrong or missed)}."""
    found = found_kinds(cases)
    table: dict[str, tuple[int, int, int, list[str]]] = {}
    for kind in sorted({case.kind for case in cases}):
        own = [case for case in cases if case.kind == kind]
        right = [case for case in own if case.expected and kind in found[case.pair.id]]
        wrong = [case for case in own if not case.expected and kind in found[case.pair.id]]
        missed = [case for case in own if case.expected and kind not in found[case.pair.id]]
        told = [f"wrong  {case.pair.question!r} {case.pair.answer!r}" for case in wrong]
        told += [f"missed {case.pair.question!r} {case.pair.answer!r}" for case in missed]
        table[kind] = (len(right), len(wrong), len(missed), told)
    return table


def print_cases(verbose: bool) -> None:
    print("| kind | half | precision | recall | examples |\n|---|---|---|---|---|")
    for half in ("first", "second"):
        cases = list(read_cases(half))
        for kind, (right, wrong, missed, told) in score(cases).items():
            precision = right / (right + wrong) if right + wrong else 0.0
            number = sum(case.kind == kind for case in cases)
            print(f"| `{kind}` | {half} | {precision:.2f} | {right / max(1, right + missed):.2f} | {number} |")
            for line in told if verbose else ():
                print("    ", line[:160])


def print_labelled(name: str) -> None:
    print(f"\n{name}\n| kind | right | wrong | missed | wrong and near-certain |\n|---|---|---|---|---|")
    for kind, (right, wrong, missed, sure) in score_labelled(name).items():
        print(f"| `{kind}` | {right} | {wrong} | {missed} | {sure} |")


def print_encoder(path: Path) -> None:
    """How many true English pairs, and questions beside another answer, are beyond the limits of the encoder."""
    import numpy as np

    from curation.encoder import Encoder
    from curation.quality.answering import CLOSE, FAR

    pairs = [pair for pair in read_pairs(path) if pair.lang == "en"]
    encoder = Encoder()
    alike = encoder.vectors([p.question for p in pairs]) @ encoder.vectors([p.answer for p in pairs]).T
    source = np.array([pair.source for pair in pairs])
    answers = np.array([pair.answer for pair in pairs])
    same_page = (source[:, None] == source) & (answers[:, None] != answers)
    print(f"| pairs | number | {FAR} and less | {CLOSE} and more |\n|---|---|---|---|")
    strangers = {"answer of the same page": alike[same_page], "of another page": alike[source[:, None] != source]}
    for name, values in {"true": np.diag(alike), **strangers}.items():
        print(f"| {name} | {len(values):,} | {(values <= FAR).mean():.1%} | {(values >= CLOSE).mean():.1%} |")


def read_pairs(path: Path) -> list[Pair]:
    pairs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        place = f"{row.get('source', '')}#{number}"
        values = {"lang": row.get("lang", "und"), "kind": row.get("kind", "faq"), "source": row.get("source", "")}
        pairs.append(Pair(question=row["question"], answer=row["answer"], url=place, group=place, **values))
    return pairs


def print_real(path: Path, show: int) -> None:
    pairs = read_pairs(path)
    findings = sieve(pairs, steps())
    by_kind: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_kind[finding.kind].append(finding)
    print(f"{len(pairs)} pairs; with any finding: {len({finding.pair for finding in findings})}")
    print("| kind | pairs | near-certain (0.95 and more) |\n|---|---|---|")
    for kind, found in sorted(by_kind.items()):
        sure = len({finding.pair for finding in found if finding.confidence >= 0.95})
        print(f"| `{kind}` | {len({finding.pair for finding in found})} | {sure} |")
    known = {pair.id: pair for pair in pairs}
    random.seed(1)
    for finding in random.sample(findings, min(show, len(findings))):
        pair = known[finding.pair]
        text = getattr(pair, finding.field or "answer")[finding.start : finding.end or None]
        asked = pair.question.replace("\n", " ")
        print(f"{finding.kind} {finding.confidence} {finding.note}\n   Q {asked[:110]!r}\n   > {text[:230]!r}")


def print_overlap(path: Path) -> None:
    """Of true pairs and of questions with another pair's answer: how many share no telling word."""
    pairs = read_pairs(path)
    random.seed(1)
    by_source: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_source[pair.source].append(pair)
    strangers = [replace(pair, answer=random.choice(pairs).answer) for pair in pairs]
    beside = [
        replace(p, answer=random.choice(by_source[p.source]).answer) for p in pairs if len(by_source[p.source]) > 1
    ]
    print("| pairs | found not_an_answer by words |\n|---|---|")
    for name, those in (("true", pairs), ("answer of any page", strangers), ("answer of the same page", beside)):
        step = steps()[1]
        step.learn(pairs)  # type: ignore[attr-defined]
        ids = {f.pair for f in step.look(those) if f.kind == "not_an_answer" and f.confidence < 0.9}
        print(f"| {name} ({len(those)}) | {len(ids) / max(1, len(those)):.1%} |")


def print_speed(number: int) -> None:
    sound = [case.pair for half in ("first", "second") for case in read_cases(half)]
    pairs = []
    for place in range(number):
        pair = sound[place % len(sound)]
        pairs.append(
            replace(pair, question=f"{pair.question} {place}", answer=f"{pair.answer} Caso {place}: {pair.question}")
        )
    print(f"{number} pairs of {sum(len(p.question) + len(p.answer) for p in pairs) // number} characters, one core")
    for step in steps():
        start = time.process_time()
        if hasattr(step, "learn"):
            step.learn(pairs)
        learnt = time.process_time()
        found = Counter(finding.kind for finding in step.look(pairs))
        end = time.process_time()
        rate, total = number / (end - start), sum(found.values())
        seconds = f"learning {learnt - start:.2f} s, looking {end - learnt:.2f} s"
        print(f"{step.name}: {rate:,.0f} pairs/s ({seconds}, {total} findings)")
    for name, text in {
        "spaces": " " * 10**6,
        "stops": "." * 10**6,
        "questions": "?" * 10**6,
        "digits": "1" * 10**6,
        "ticks": "`" * 10**6,
        "words": "no desactives el " * 60_000,
        "links": "https://a.b/ " * 80_000,
        "lines": "a = b;\n" * 140_000,
    }.items():
        pair = replace(sound[0], answer="x" + text + "x")
        for step in steps():
            start = time.process_time()
            list(step.look([pair]))
            print(f"{step.name}, a million characters of {name}: {time.process_time() - start:.3f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["cases", "real", "overlap", "encoder", "speed"])
    parser.add_argument("argument", nargs="?", default="")
    parser.add_argument("-v", "--verbose", action="store_true", help="print what was wrong and missed")
    parser.add_argument("--show", type=int, default=0, help="print so many findings, to be looked at")
    given = parser.parse_args()
    if given.what == "cases":
        print_cases(given.verbose)
        print_labelled("blind")
        print_labelled("doubtful")
    elif given.what == "real":
        print_real(Path(given.argument), given.show)
    elif given.what == "overlap":
        print_overlap(Path(given.argument))
    elif given.what == "encoder":
        print_encoder(Path(given.argument))
    else:
        print_speed(int(given.argument or 20_000))


if __name__ == "__main__":
    main()
