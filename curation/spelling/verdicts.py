"""Whether a word stands as it is and what it was meant to be otherwise: decided once for each word of the corpus."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10

from curation.spelling.accents import NORMS
from curation.spelling.candidates import Candidate, rank
from curation.spelling.corpus import Corpus
from curation.spelling.corrections import CorrectionKind
from curation.spelling.distance import cased, only_accents
from curation.spelling.enclitics import Enclitics
from curation.spelling.frequencies import AS_IS, TITLE, UNKNOWN
from curation.spelling.lexicon import Lexicon

__all__ = ["DOUBTFUL", "Judge", "Verdict"]

SILENT = 0.9
DOUBTFUL = 0.85  # the most that a proposal is worth which a person should see
TERM = 3  # texts that use a word: from then on it may be a term of the corpus
FLOOR = 0.6  # zipf that a right word which nobody has listed may have
# fmt: off
PREFIXES = (
    "anti", "auto", "bi", "bio", "co", "contra", "des", "dis", "en", "extra", "fore", "hiper", "hyper", "im", "in",
    "infra", "inter", "macro", "mega", "meta", "micro", "mini", "mis", "mono", "multi", "non", "out", "over",
    "para", "poli", "poly", "pos", "post", "pre", "pro", "proto", "re", "semi", "sin", "sobre", "sub", "super",
    "tele", "trans", "tri", "ultra", "un", "under", "uni", "up", "down",
)
# fmt: on
COMMON_SLIP = 0.8  # powers of ten: a word that is so much rarer than another may be listed as a slip of that
LONG = 7  # letters
LEAST = 0.1  # less likely remedies are not shown


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a word. `foreign` says that it's a word of another language of the project."""

    after: str
    kind: CorrectionKind
    rule: str
    confidence: float
    alternatives: tuple[str, ...] = ()
    foreign: bool = False


class Judge:
    """Decides words of one language, against a corpus and the other languages of the project."""

    def __init__(self, lexicon: Lexicon, others: tuple[Lexicon, ...], corpus: Corpus, *, measured: bool) -> None:
        self._lexicon = lexicon
        self._others = others
        self._corpus = corpus
        self._measured = measured
        self._enclitics = Enclitics(lexicon) if lexicon.lang == "es" else None
        self._verdicts: dict[tuple[str, bool], Verdict | None] = {}

    def verdict(self, form: str, *, starts: bool) -> Verdict | None:
        """The verdict on a word as written; `starts` says that it starts a sentence. None: it stands."""
        key = (form, starts)
        if key not in self._verdicts:
            self._verdicts[key] = self._decide(form, starts)
        return self._verdicts[key]

    def stands(self, form: str) -> bool:
        """Whether the dictionary of the language knows the word, in this case or lower."""
        lowered = form.lower().replace("’", "'")
        if self._right(lowered, form[:1].isupper()):
            return True
        if self._lexicon.lang == "es" and lowered.endswith("mente") and self._right(lowered[:-5], False):
            return True
        head, _, tail = lowered.rpartition("'")
        return tail in ("s", "") and bool(head) and self._right(head, form[:1].isupper())

    def _right(self, lowered: str, capital: bool) -> bool:
        status = self._lexicon.status(lowered)
        return status == AS_IS or (status == TITLE and capital)

    def _decide(self, form: str, starts: bool) -> Verdict | None:
        lowered = form.lower().replace("’", "'")
        if len(lowered) < 2 or form.isupper() or lowered in NORMS or self.stands(form):
            return None
        with_pronouns = self._enclitics.written(lowered) if self._enclitics else set()
        if lowered in with_pronouns:
            return None
        ranked = rank(lowered, self._lexicon, self._boost, with_pronouns)
        if not ranked:
            return None
        best = ranked[0]
        stands = self._stands_likelihood(lowered, form, starts, best)
        weights = [10 ** min(candidate.score, 12) for candidate in ranked]
        total = sum(weights) + 10**stands
        sure = weights[0] / total
        if sure < LEAST or (len(lowered) < 4 and not only_accents(lowered, best.word) and sure < 0.6):
            return None
        return self._verdict(form, starts, lowered, ranked, sure)

    def _verdict(self, form: str, starts: bool, lowered: str, ranked: list[Candidate], sure: float) -> Verdict:
        best = ranked[0]
        accent = only_accents(lowered, best.word)
        foreign = any(other.status(lowered) != UNKNOWN for other in self._others)
        most = self._most(form, starts, lowered, best)
        if len(lowered) == 4 and not accent:
            sure *= sure  # short words have many neighbours that no list of candidates weighs well
        elif len(lowered) >= LONG:
            sure = 1 - (1 - sure) * 0.55  # and long ones few
        return Verdict(
            after=cased(best.word, form),
            kind="accent" if accent else "spelling",
            rule="accent" if accent else "word",
            confidence=round(min(sure, most), 3),
            alternatives=tuple(cased(candidate.word, form) for candidate in ranked[1:6]),
            foreign=foreign,
        )

    def _most(self, form: str, starts: bool, lowered: str, best: Candidate) -> float:
        """How sure a proposal may be at most, for what the word looks like."""
        accent = only_accents(lowered, best.word)
        if self._brand(lowered, best):
            return 0.4
        if self._is_term(lowered, best, accent) or (not accent and self._derived(lowered)):
            return 0.6
        if not accent and any(other.status(lowered) != UNKNOWN for other in self._others):
            return 0.5
        begins = starts and (accent or len(lowered) >= LONG)  # a short one is more often a name
        named = form[:1].isupper() and (not begins or self._named(form, lowered))
        if named and not (accent and best.zipf - self._lexicon.zipf(lowered) >= 0.7):
            return DOUBTFUL
        name = best.proper or (self._lexicon.status(lowered) == TITLE and not accent)
        if not self._measured or name or _lengthened(lowered, best.word) or not self._enough(lowered, best, accent):
            return DOUBTFUL
        return 0.99

    def _derived(self, lowered: str) -> bool:
        """Whether it's a prefix before a word, or a prefix alone: dictionaries hold few such words."""
        for prefix in PREFIXES:
            if lowered.startswith(prefix):
                rest = lowered[len(prefix) :]
                if not rest or (self._right(rest, False) and self._lexicon.zipf(rest) >= _least_use(prefix, rest)):
                    return True
        return False

    def _named(self, form: str, lowered: str) -> bool:
        """Whether the corpus writes it as a name: more than once, and always with its capital."""
        return self._corpus.forms[form] > 1 and not self._corpus.forms[lowered]

    def _brand(self, lowered: str, best: Candidate) -> bool:
        """Whether the corpus nearly always writes it with a capital, as it writes the names of things."""
        named = self._corpus.names[lowered]
        often = named >= TERM and named > self._corpus.forms[lowered]
        return often and best.zipf - self._lexicon.zipf(lowered) < 1.5

    def known(self, lowered: str) -> bool:
        """Whether the dictionary of the language knows the word, in some case."""
        return self._lexicon.status(lowered) != UNKNOWN

    def _enough(self, lowered: str, best: Candidate, accent: bool) -> bool:
        """Whether the slip is small enough for the word's length."""
        if accent:
            return best.zipf >= 2.0 or best.word.endswith(("ábamos", "íamos", "áramos", "éramos"))
        return len(lowered) >= 4 and best.zipf >= 2.5 and best.distance <= 0.28 * len(lowered)

    def _is_term(self, lowered: str, best: Candidate, accent: bool) -> bool:
        uses = self._corpus.texts[lowered]
        if accent and best.zipf - self._lexicon.zipf(lowered) >= 0.3:
            return False
        return uses >= TERM and self._corpus.texts[best.word] < 5 * uses

    def _stands_likelihood(self, lowered: str, form: str, starts: bool, best: Candidate) -> float:
        """log10 of how likely the word is right although no dictionary of the language knows it."""
        accent = only_accents(lowered, best.word)
        listed = self._lexicon.zipf(lowered)
        slips = (best.zipf - listed - COMMON_SLIP) if best.distance <= 1.1 and len(lowered) > 4 else 0.0
        likely = max(FLOOR, listed - 0.3 - max(0.0, min(1.5, slips)) - (0.7 if accent else 0.0))
        for other in self._others:
            if not accent and other.status(lowered) != UNKNOWN:
                likely = max(likely, other.zipf(lowered))
        likely += 0.5 * log10(1 + self._corpus.texts[lowered])
        if form[:1].isupper():
            likely += 0.7 if starts else 1.7
        return likely

    def _boost(self, word: str) -> float:
        return 0.5 * log10(1 + self._corpus.texts[word])


def _least_use(prefix: str, rest: str) -> float:
    """How frequent a word must be to be taken for the rest of another: the shorter both are, the more."""
    if len(rest) < 3 or (len(rest) == 3 and len(prefix) < 3):
        return 9.0
    return 4.5 if len(rest) == 3 else 2.0 if len(prefix) > 2 else 3.0


def _lengthened(written: str, meant: str) -> bool:
    """Whether the one word is the other with more before or behind: dselect is a command, choosed a wrong form."""
    if written[1:] == meant:
        return written[0] != written[1]
    return written.startswith(meant) and written[len(meant) :] != meant[-1]
