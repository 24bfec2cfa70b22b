"""Where Spanish little words need their accent: one rule for each, in terms of the words beside it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

__all__ = ["CONTEXTS", "PREPOSITIONS", "Neighbours"]

Decided = tuple[str, float] | None  # the word that was meant, in lower case, and how sure that is
SURE, LIKELY, DOUBTFUL = 0.95, 0.92, 0.6

PREPOSITIONS = frozenset("a para por de en sin hacia contra sobre ante tras desde entre según con hasta".split())
_JOINERS = frozenset("y o ni pero que como porque cuando aunque también tampoco no sí si solo".split())
_PRONOUNS = frozenset("me te se le les lo la los las nos os".split())
_DETERMINERS = frozenset("el la los las un una su mi tu nuestro nuestra cada otro otra del al este ese".split())
_PERSONS_VERBS = frozenset(
    "es era fue ha había tiene tenía está estaba dijo dice puede podía quiere quería hizo hace iba va sabe sabía debe "
    "será sería vive vivía trabaja me le nos les".split()
)
_YOUR_VERBS = frozenset("eres tienes puedes sabes vas has estás quieres debes haces dices crees ves y".split())
_HOW = frozenset("muy más mas tan bien mal en con sin por entre cerca lejos dentro fuera disponible listo todo".split())
_KNOWING = frozenset(
    "sé sabe sabes saben saber sabemos sabía averiguar explicar explica explique decir diga dime preguntar pregunta "
    "pregunto mostrar muestra aprender aprenda aprende ver indicar indica conocer elegir decidir comprobar "
    "entender entiendo descubrir sobre acerca".split()
)
_YES = frozenset("claro señor señora gracias puede puedes es se tiene lo la está funciona ya muchas".split())
_NUMBERS = frozenset("dos tres cuatro cinco seis siete ocho nueve diez once doce quince veinte treinta cien".split())
_DATING = frozenset("este estos próximo próximos último últimos primer primeros segundo tercer cuarto quinto".split())
_DATED = frozenset("pasado pasados próximo siguiente siguientes nuevo escolar académico anterior atrás después".split())
_YEARS = _NUMBERS | frozenset("cada muchos varios pocos algunos unos hace tantos".split())


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A word of a sentence, by its place, and what stands beside it."""

    sentence: str
    tokens: Sequence[tuple[int, str]]
    lowered: Sequence[str]
    at: int
    stems: Callable[[str], Collection[str]]

    def word(self, offset: int) -> str:
        """The word so many places further, in lower case; "" where other signs than blanks stand between."""
        there = self.at + offset
        if not 0 <= there < len(self.tokens):
            return ""
        first, last = min(self.at, there), max(self.at, there)
        between = self.sentence[self._end(first) : self.tokens[last][0]]
        if offset in (1, -1):
            return self.lowered[there] if not between.strip() else ""
        nearer = self.word(offset - 1 if offset > 0 else offset + 1)
        return self.lowered[there] if nearer and len(between.split()) == abs(offset) - 1 else ""

    @property
    def next(self) -> str:
        """The next word, whatever stands between."""
        return self.lowered[self.at + 1] if self.at + 1 < len(self.lowered) else ""

    @property
    def before(self) -> str:
        """The signs between the word before and this one."""
        start = self._end(self.at - 1) if self.at else 0
        return self.sentence[start : self.tokens[self.at][0]].strip()

    @property
    def after(self) -> str:
        """The signs between this word and the next, or "." at the end of the sentence."""
        if self.at + 1 == len(self.tokens):
            return self.sentence[self._end(self.at) :].strip() or "."
        return self.sentence[self._end(self.at) : self.tokens[self.at + 1][0]].strip()

    @property
    def closes(self) -> bool:
        """Whether a comma, a stop or the end follows."""
        return self.after[:1] in tuple(",.;:?!)…")

    def is_verb(self, word: str) -> bool:
        """Whether the word may be a form of a verb."""
        return any(stem.endswith(("ar", "er", "ir", "ír")) and stem != word for stem in self.stems(word))

    def is_gerund(self, word: str) -> bool:
        """Whether the word is a gerund: cargando, but not comando."""
        if word.endswith("ando"):
            return word[:-4] + "ar" in self.stems(word)
        return word.endswith(("iendo", "yendo")) and self.is_verb(word)

    def is_participle(self, word: str, gender: str) -> bool:
        """Whether the word is a participle in the singular: conectado (o), conectada (a)."""
        return word.endswith((f"ad{gender}", f"id{gender}")) and self.is_verb(word)

    def _end(self, at: int) -> int:
        return self.tokens[at][0] + len(self.tokens[at][1])


def _mas(here: Neighbours) -> Decided:
    literary = here.before[-1:] in tuple(",;") or here.at == 0
    return ("más", 0.7) if literary else ("más", 0.97)


def _mi(here: Neighbours) -> Decided:
    if here.word(-1) not in PREPOSITIONS:
        return None
    following = here.word(1)
    if here.closes or following in _JOINERS | _PRONOUNS | {"mismo", "misma", "todavía"}:
        return "mí", SURE
    return ("mí", DOUBTFUL) if following in ("todo", "es", "era", "fue") else None


def _tu(here: Neighbours) -> Decided:
    following = here.word(1)
    if following in _YOUR_VERBS or following in ("mismo", "misma", "también", "no"):
        return "tú", LIKELY
    return ("tú", LIKELY) if here.closes and here.word(-1) else None


def _your(here: Neighbours) -> Decided:
    wrong = here.word(-1) in PREPOSITIONS - {"entre", "según", "hasta"} and here.word(1)
    return ("tu", 0.85) if wrong and here.word(1) not in _JOINERS and not here.is_verb(here.word(1)) else None


def _el(here: Neighbours) -> Decided:
    following = here.word(1)
    if following in _PERSONS_VERBS:
        return "él", LIKELY if following not in ("va", "debe") else DOUBTFUL
    if following.endswith("aba") and here.is_verb(following):
        return "él", LIKELY
    if here.word(-1) in PREPOSITIONS and here.after[:1] in tuple(",.;?!"):
        return "él", LIKELY if here.at + 1 < len(here.tokens) or here.after != "." else 0.85
    if following in ("no", "se", "también", "nunca", "siempre") and here.at == 0:
        return "él", DOUBTFUL
    return None


def _si(here: Neighbours) -> Decided:
    if here.word(1) in ("mismo", "misma", "mismos", "mismas") and here.word(-1) in PREPOSITIONS:
        return "sí", SURE
    if here.word(-1) == "por" and here.word(1) in ("solo", "sola", "solos", "solas") and not here.word(2):
        return "sí", LIKELY
    if here.after[:1] in tuple(".;!") and here.at and here.sentence.rstrip()[-1:] in tuple(".!?"):
        return "sí", LIKELY
    if here.after[:1] == "," and (here.before[-1:] == "¿" or here.next in _YES):
        return "sí", LIKELY
    if here.after[:1] == ",":
        return "sí", 0.5
    emphatic = here.word(-1) in ("pero", "eso", "esto", "ahora", "que", "porque", "claro", "por", "en", "ella", "él")
    return ("sí", 0.5) if emphatic else None


def _se(here: Neighbours) -> Decided:
    before, following = here.word(-1), here.word(1)
    if before in ("no", "lo") and here.closes:
        return "sé", SURE
    if before == "no" and following in ("si", "qué", "cómo", "cuál", "dónde", "cuándo", "quién", "por"):
        return "sé", LIKELY if following != "por" else DOUBTFUL
    if before == "yo" or (before == "no" and here.word(-2) == "yo"):
        return "sé", 0.85
    return ("sé", DOUBTFUL) if before == "no" and following in ("que", "como", "cual", "donde", "nada") else None


def _de(here: Neighbours) -> Decided:
    if here.word(-1) in ("me", "le", "les", "nos", "te"):
        return "dé", LIKELY if here.word(1) in ("un", "una", "el", "la", "los", "las", "su", "algo") else DOUBTFUL
    return ("dé", 0.4) if here.word(-1) in ("uno", "no") and here.at > 1 else None


def _te(here: Neighbours) -> Decided:
    before = here.word(-1)
    if before == "un" or (before in ("de", "el", "del", "tu", "mi", "su") and here.closes):
        return "té", LIKELY
    return ("té", 0.7) if before in ("el", "de", "del", "este", "su") else None


def _aun(here: Neighbours) -> Decided:
    before, following = here.word(-1), here.word(1)
    if following in ("así", "cuando", "si", "con", "siendo", "sin") or following.endswith("ndo"):
        return None
    if (here.closes and here.at) or before in ("más", "mas", "menos", "no"):
        return "aún", SURE
    if following in ("más", "mas", "mejor", "peor", "mayor", "menor"):
        return "aún", LIKELY
    if following == "no":
        return "aún", DOUBTFUL if here.word(2).endswith("ndo") else LIKELY
    return "aún", DOUBTFUL


def _still(here: Neighbours) -> Decided:
    return ("aun", 0.7) if here.word(1) in ("así", "cuando") or here.word(2).endswith("ndo") else None


def _esta(here: Neighbours) -> Decided:
    before, following = here.word(-1), here.word(1)
    if here.is_gerund(following):
        return "está", 0.97
    if following in _HOW and not (following in ("en", "con", "por", "sin", "todo") and not (before or here.at == 0)):
        return "está", SURE
    if here.is_participle(following, "o"):
        return "está", 0.97
    if before in ("no", "ya", "cómo", "dónde", "ella", "él", "usted", "todo", "nada", "siempre"):
        return ("está", SURE) if following not in ("vez", "semana", "noche", "tarde", "mañana", "opción") else None
    if here.is_participle(following, "a"):
        return "está", LIKELY if here.word(-2) in _DETERMINERS else 0.75
    if here.word(-2) in _DETERMINERS and following and before not in PREPOSITIONS | _JOINERS:
        return "está", 0.8
    return ("está", DOUBTFUL) if before in ("que", "cuando", "donde", "si", "uno", "quien", "se") else None


def _estas(here: Neighbours) -> Decided:
    before, following = here.word(-1), here.word(1)
    if before in ("tú", "cómo", "dónde", "no", "ya") or (here.is_gerund(following)):
        return "estás", SURE
    adverb = following in ("en", "muy", "bien", "mal", "aquí", "ahí", "seguro", "segura", "conectado")
    if adverb and before:
        return "estás", 0.85
    return ("estás", DOUBTFUL) if adverb or before in ("que", "si", "cuando") else None


def _este(here: Neighbours) -> Decided:
    before, following = here.word(-1), here.word(1)
    if here.is_gerund(following):
        return "esté", SURE
    if before in ("no", "cuando", "aunque", "que", "donde") and (
        following in _HOW or (here.is_participle(following, "o")) or here.is_participle(following, "a")
    ):
        return "esté", 0.8 if following in _HOW or following.endswith("a") else DOUBTFUL
    return None


def _asks(accented: str) -> Callable[[Neighbours], Decided]:
    """Question words: accented right after ¿ or ¡, with a preposition between at most, and after verbs of knowing."""

    def rule(here: Neighbours) -> Decided:
        opening = here.before[-1:]
        behind = here.word(-1)
        if opening not in ("¿", "¡") and behind in PREPOSITIONS | {"y", "pero", "o", "entonces"}:
            opening = Neighbours(here.sentence, here.tokens, here.lowered, here.at - 1, here.stems).before[-1:]
            return _asked(here, accented, opening, behind=True)
        if opening in ("¿", "¡"):
            return _asked(here, accented, opening, behind=False)
        if accented == "qué" and behind == "sé" and here.word(-2) == "no":
            return "qué", LIKELY
        if behind in _KNOWING or (behind == "de" and here.word(-2) == "acerca"):
            sure = accented in ("cómo", "dónde", "cuál", "cuáles") and behind in ("sé", "sabe", "saber", "averiguar")
            return accented, LIKELY if sure else DOUBTFUL
        if behind == "por" and accented == "qué" and here.closes:
            return None if here.word(-2) in _DETERMINERS else ("qué", LIKELY)
        return (accented, 0.5) if behind == "de" and accented == "cómo" and here.is_verb(here.word(1)) else None

    return rule


def _asked(here: Neighbours, accented: str, opening: str, *, behind: bool) -> Decided:
    following = here.word(1)
    if opening not in ("¿", "¡"):
        return None
    if accented == "qué":
        if opening == "¡":
            plain = not following or following in _PRONOUNS | _JOINERS or here.is_verb(following)
            return None if plain else ("qué", LIKELY)
        if behind:
            return "qué", SURE
        clause = following in _PRONOUNS | _JOINERS | _DETERMINERS | {"ya"}
        return (
            ("qué", DOUBTFUL) if clause and following not in ("se", "me", "te", "le", "les", "nos") else ("qué", LIKELY)
        )
    if opening == "¡" and accented not in ("cómo", "cuánto", "cuánta", "cuántos", "cuántas"):
        return None
    if accented == "cuándo":
        return "cuándo", LIKELY if behind or (len(here.tokens) <= 6 and "," not in here.sentence) else DOUBTFUL
    if accented == "cómo" and not (here.is_verb(following) or following in _PRONOUNS or here.closes):
        return "cómo", DOUBTFUL
    return accented, SURE


def _year(accented: str) -> Callable[[Neighbours], Decided]:
    def rule(here: Neighbours) -> Decided:
        counted = here.word(-1) in _YEARS or here.before[-1:].isdigit()
        dated = here.word(-1) in _DATING or here.word(1) in _DATED
        return (accented, SURE) if counted or dated or accented == "años" else (accented, 0.85)

    return rule


def _parent(accented: str) -> Callable[[Neighbours], Decided]:
    def rule(here: Neighbours) -> Decided:
        own = here.word(-1) in ("mi", "mis")
        return (accented, LIKELY) if own else (accented, DOUBTFUL)

    return rule


def _obscure(accented: str) -> Callable[[Neighbours], Decided]:
    """Words that are right without their accent in theory only, or as names of things that few write about."""

    def rule(here: Neighbours) -> Decided:
        return None if here.word(-1) in ("la", "una", "las", "unas", "de") else (accented, LIKELY)

    return rule


CONTEXTS: dict[str, Callable[[Neighbours], Decided]] = {
    "mas": _mas, "mi": _mi, "tu": _tu, "tú": _your, "el": _el, "si": _si, "se": _se, "de": _de, "te": _te,
    "aun": _aun, "aún": _still, "esta": _esta, "estas": _estas, "este": _este,
    "que": _asks("qué"), "como": _asks("cómo"), "donde": _asks("dónde"), "cuando": _asks("cuándo"),
    "quien": _asks("quién"), "quienes": _asks("quiénes"), "cual": _asks("cuál"), "cuales": _asks("cuáles"),
    "cuanto": _asks("cuánto"), "cuanta": _asks("cuánta"), "cuantos": _asks("cuántos"), "cuantas": _asks("cuántas"),
    "adonde": _asks("adónde"), "ano": _year("año"), "anos": _year("años"),
    "tenia": _obscure("tenía"), "tenias": _obscure("tenías"), "eramos": _obscure("éramos"),
    "ademas": _obscure("además"), "jamas": _obscure("jamás"),
    "mama": _parent("mamá"), "papa": _parent("papá"),
}  # fmt: skip
