"""What a random split gives away: test pairs with a sibling in train, beside the split of tamiz on the same pairs.

usage: python benchmarks/split_leakage.py [--pairs N] [--seed N]

Pages are generated: each has so many pairs of question and answer, of words of its own, and one pair in twenty is
asked on another page too, in other words but for a few (a near-duplicate). A sibling shares the page or thread, or
has a question or answer of Jaccard similarity 0.7 and more in character 3-grams. Random splits are divided by pair
(80/10/10, mean of ten); "random by page" keeps pages whole, as group-aware splitters do, and knows of no text.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence

from curation.siblings import RANDOM_SPLITS, with_sibling
from curation.split import check_splits, split_pairs
from curation.ties import Ties, find_ties
from tamiz.records import Pair, Split
from tamiz.settings import ExportSettings, NearSettings

SYLLABLES = (
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "la",
    "me",
    "ni",
    "po",
    "ru",
    "sa",
    "te",
    "vi",
    "xo",
    "zu",
    "bra",
    "cle",
    "tri",
)
ASKED_TWICE = 0.05


def generated(pages: int, pairs_a_page: int, seed: int) -> list[Pair]:
    """Pairs by page; of ASKED_TWICE of them another page has the question again, a word longer."""
    chance = random.Random(seed)

    def words(count: int) -> str:
        return " ".join("".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(count))

    pairs = []
    for page in range(pages):
        for place in range(pairs_a_page):
            question = f"¿{words(chance.randint(6, 12))}?"
            if pairs and chance.random() < ASKED_TWICE:
                question = f"¿{chance.choice(pairs).question.strip('¿?')} {words(1)}?"
            pairs.append(
                Pair(
                    question=question,
                    answer=f"{words(chance.randint(12, 30))}.",
                    lang=("es", "en")[page % 2],
                    url=f"https://site.example/{page}#{place}",
                    kind="forum",
                    group=f"https://site.example/{page}",
                    source=("forum", "help", "wiki")[page % 3],
                    label=f"board {page % 7}",
                )
            )
    return pairs


def random_parts(units: Sequence[str], settings: ExportSettings, seed: int) -> list[Split]:
    """Parts by lot: all with the same unit go together."""
    names = sorted(set(units))
    random.Random(seed).shuffle(names)
    test, validation = (round(len(names) * share) for share in (settings.test, settings.validation))
    parts: dict[str, Split] = dict.fromkeys(names, "train")
    parts |= dict.fromkeys(names[:test], "test") | dict.fromkeys(names[test : test + validation], "validation")
    return [parts[unit] for unit in units]


def share(ties: Ties, parts: Sequence[Split]) -> float:
    return with_sibling(ties, range(len(parts)), parts) / parts.count("test")


def compare(pages: int, pairs_a_page: int, seed: int) -> str:
    """One row of the table."""
    settings, near = ExportSettings(), NearSettings()
    pairs = sorted(generated(pages, pairs_a_page, seed), key=lambda pair: pair.id)
    ties = find_ties(pairs, near)
    by_pair = [share(ties, random_parts(ties.ids, settings, n)) for n in range(RANDOM_SPLITS)]
    by_page = [share(ties, random_parts([pair.group for pair in pairs], settings, n)) for n in range(RANDOM_SPLITS)]
    began = time.perf_counter()
    splits = split_pairs(pairs, settings, near)
    seconds = time.perf_counter() - began
    proof = check_splits(splits, near)
    part_of: dict[str, Split] = {pair.id: part for part, mine in splits.parts.items() for pair in mine}
    ours = share(ties, [part_of[pair] for pair in ties.ids])
    sizes = " / ".join(f"{size / len(pairs):.1%}" for size in splits.sizes().values())
    means = (sum(shares) / RANDOM_SPLITS for shares in (by_pair, by_page))
    cells = (f"{pairs_a_page}", f"{len(pairs):,}", *(f"{mean:.1%}" for mean in means), f"{ours:.1%}", sizes)
    return f"| {' | '.join((*cells, f'{proof.compared:,}', f'{seconds:.1f} s'))} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=4000, help="pairs of each set, about")
    parser.add_argument("--seed", type=int, default=13)
    given = parser.parse_args()
    print("| pairs a page | pairs | random | random by page | tamiz | sizes | texts compared | time |")
    print("|---|---|---|---|---|---|---|---|")
    for pairs_a_page in (1, 2, 5, 10):
        print(compare(given.pairs // pairs_a_page, pairs_a_page, given.seed), flush=True)


if __name__ == "__main__":
    main()
