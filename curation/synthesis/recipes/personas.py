"""The question as another person asks it, in another place: hurried or worried, in Spain, Mexico or Argentina."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.synthesis.options import Choice, Option
from curation.synthesis.prompting import asked
from curation.synthesis.recipe import Ask, Made, Material, Takes, Unusable
from curation.synthesis.rewording import asks_another_thing
from curation.synthesis.told import TEXT, luck, object_of, text_of, usable, workable

__all__ = ["LOCALES", "PERSONAS", "RECIPE", "Personas"]

# What the prompt says of each; the keys are what --set persona=... and locale=... take.
PERSONAS: Mapping[str, Mapping[str, str]] = {
    "es": {
        "prisa": "tiene mucha prisa y escribe lo mínimo",
        "mayor": "es una persona mayor, sin práctica con la tecnología, que pregunta con palabras sencillas",
        "enfado": "está molesta, sin insultar y sin contar por qué",
        "experta": "sabe de tecnología y pregunta con precisión",
        "cortés": "es muy educada y escribe frases completas de usted",
        "joven": "escribe como en un chat, de manera informal",
        "negocio": "lleva un negocio y escribe con tono profesional, sin nombrar el negocio",
    },
    "en": {
        "hurried": "is in a great hurry and writes as little as possible",
        "elderly": "is an older person, not used to technology, who asks in plain words",
        "annoyed": "is annoyed, without being rude and without saying why",
        "expert": "knows the technology and asks precisely",
        "polite": "is very polite and writes in full sentences",
        "young": "writes as in a chat, informally",
        "business": "runs a business and writes in a businesslike tone, without naming the business",
    },
}
LOCALES: Mapping[str, Mapping[str, str]] = {
    "es": {
        "es-ES": "España: tú o vosotros (usted si es formal), «móvil», «ordenador», «factura»",
        "es-MX": "México: tú (usted si es formal), ustedes y nunca vosotros, «celular», «computadora», «recibo»",
        "es-AR": "Argentina: vos (podés, tenés) o usted, ustedes, nunca vosotros, «celular», «computadora», «boleta»",
    },
    "en": {"en": "plain international English"},
}
PERSONA = Choice(name="persona", about="who asks", words={lang: tuple(known) for lang, known in PERSONAS.items()})
LOCALE = Choice(
    name="locale", about="where they are from", words={lang: tuple(known) for lang, known in LOCALES.items()}
)


@dataclass(frozen=True, slots=True)
class Personas:
    """The same answer; the question keeps every number, name and negation."""

    name: str = "personas"
    title: str = "the question as another person asks it, in es-ES, es-MX, es-AR or en"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "pair"
    options: tuple[Option, ...] = (PERSONA, LOCALE)

    def ask(self, material: Material, chance: random.Random) -> Ask | None:
        """Ask for one wording, by the persona and locale of the run or by lot."""
        pair = material.pair
        if not workable(pair) or pair.context:
            return None
        persona, locale = self._who(material)
        return asked(
            self.name,
            material.lang,
            object_of(question=TEXT),
            data={"question": pair.question},
            words={"persona": PERSONAS[material.lang][persona], "locale": LOCALES[material.lang][locale]},
            max_tokens=256,
        )

    def read(self, material: Material, reply: Any) -> Sequence[Made]:
        """The question, if it asks the same and is not the same."""
        pair = material.pair
        if pair is None:
            raise Unusable("there is no question")
        persona, locale = self._who(material)
        text = text_of(reply, "question")
        if why := asks_another_thing(pair, text, material.lang):
            raise Unusable(why)
        note = f"persona: {persona}, {locale}"
        one = Made(question=text, answer=pair.answer, lang=material.lang, label=pair.label, note=note)
        return usable(material, [one])

    def _who(self, material: Material) -> tuple[str, str]:
        """The persona and the locale, the same when asking and when reading."""
        lot = luck(material, self.name)
        persona = lot.choice(sorted(PERSONAS[material.lang]))
        locale = lot.choice(sorted(LOCALES[material.lang]))
        return PERSONA.of(material, persona), LOCALE.of(material, locale)


RECIPE = Personas()
