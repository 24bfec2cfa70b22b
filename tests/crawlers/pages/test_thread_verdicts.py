"""What an asker's words say of the replies, in several languages."""

from __future__ import annotations

import pytest

from crawlers.pages.verdict import asks_anew, stays_thanked, verdict


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("Thanks, but mine has no such button.", id="en but"),
        pytest.param("Thank you Ana, actually the noise is in the other room.", id="en actually"),
        pytest.param("Thanks for the tip. Unfortunately my model is older.", id="en next sentence"),
        pytest.param("Thanks for your time. Hope somebody can find the reason.", id="en hopes for others"),
        pytest.param("Thanks! Any other ideas?", id="en wants others"),
        pytest.param("Thanks, the cable is plugged in now and its light is on, but not the screen.", id="en but not"),
        pytest.param("Gracias, pero mi modelo es otro.", id="es pero"),
        pytest.param("Muchas gracias, aunque eso ya lo tenía puesto.", id="es aunque"),
        pytest.param("Gracias por responder. Lamentablemente no tengo ese menú.", id="es next sentence"),
        pytest.param("Danke, aber bei mir ist der Knopf grau.", id="de"),
        pytest.param("Danke dir, leider ist das ein anderes Modell.", id="de leider"),
        pytest.param("Merci beaucoup mais malheureusement mon modèle est plus vieux.", id="fr"),
        pytest.param("Merci. D'autres idées ?", id="fr wants others"),
        pytest.param("Grazie, purtroppo il mio menu è diverso.", id="it"),
        pytest.param("Obrigado, mas o meu modelo é outro.", id="pt"),
    ],
)
def test_thanks_that_say_no_are_no_thanks(said: str) -> None:
    assert verdict(said) == "declined"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("Thanks for the detailed reply!", id="en"),
        pytest.param("Thanks a lot, I looked for this in every menu of the thing for days but never there.", id="far"),
        pytest.param("Really? Thanks!", id="surprise"),
        pytest.param("Thanks ma'am.", id="ma'am is no ma"),
        pytest.param("Muchas gracias por la ayuda.", id="es"),
        pytest.param("Danke für die schnelle Antwort.", id="de"),
        pytest.param("Merci pour l'explication.", id="fr"),
        pytest.param("Grazie della risposta.", id="it"),
        pytest.param("Obrigada pela dica.", id="pt"),
    ],
)
def test_plain_thanks_stay_thanks(said: str) -> None:
    assert verdict(said) == "thanks"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("Did you clean the red rollers too, or only the black?\nThanks, Eva", id="en"),
        pytest.param("¿Y el cartucho de color también hay que sacarlo?\nGracias", id="es"),
        pytest.param("Welche Version hast du denn installiert?\nDanke schön", id="de"),
        pytest.param("Il faut aussi changer le filtre du haut ?\nMerci", id="fr"),
    ],
)
def test_thanks_below_a_question_are_for_the_answer_to_come(said: str) -> None:
    assert verdict(said) == ""


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("Thanks everyone for the kind words! I worked on it for months.", id="en"),
        pytest.param("Gracias a todos por las felicitaciones. De nuevo, mil gracias.", id="es"),
        pytest.param("Gracias por la bienvenida.", id="es welcome"),
        pytest.param("Danke für die lieben Worte.", id="de"),
        pytest.param("Merci pour l'accueil !", id="fr"),
        pytest.param("Grazie per i complimenti.", id="it"),
        pytest.param("Obrigado pelos parabéns.", id="pt"),
    ],
)
def test_thanks_for_a_kindness_confirm_nothing(said: str) -> None:
    assert verdict(said) == ""


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("Funciona a la perfección.", id="es funciona a la perfección"),
        pytest.param("Muchas gracias, funciona perfecto!, otra duda: ¿cuándo se limpia?", id="es with a question"),
        pytest.param("Ya me va, un saludo.", id="es ya me va"),
        pytest.param("Va perfecto.", id="es va perfecto"),
        pytest.param("Sí, funciona!", id="es funciona"),
        pytest.param("Era justo lo que buscaba.", id="es justo lo que buscaba"),
        pytest.param("It is working fine.", id="en working fine"),
        pytest.param("Läuft wieder.", id="de läuft wieder"),
        pytest.param("Genau das, was ich gesucht habe.", id="de genau das"),
        pytest.param("Ça fonctionne parfaitement.", id="fr"),
        pytest.param("Funziona tutto.", id="it"),
        pytest.param("Agora funciona.", id="pt"),
        pytest.param("The first idea didn't work, but the second one did the trick.", id="an earlier try"),
        pytest.param("No funcionaba con el cable viejo. Con el nuevo funciona bien.", id="es an earlier try"),
        pytest.param("Thanks, that worked, but the manual should say so.", id="worked but"),
        pytest.param("Se solucionó, gracias. Lo hice al revés y no funcionó.", id="es an earlier try, told later"),
    ],
)
def test_success_is_heard_in_the_present_and_after_earlier_tries(said: str) -> None:
    assert verdict(said) == "worked"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("No funciona bien.", id="es"),
        pytest.param("Sigue igual, no me va.", id="es no me va"),
        pytest.param("It worked for a minute. Now it still does not start.", id="en again"),
        pytest.param("No era eso, gracias.", id="es no era eso"),
        pytest.param("Gracias, probé y nada.", id="es y nada"),
        pytest.param("Thanks, it wasn't that.", id="en wasn't that"),
        pytest.param("Obrigado! Mas ainda não consegui.", id="pt ainda não"),
        pytest.param("Läuft leider nicht.", id="de"),
        pytest.param("Ça marche toujours pas.", id="fr"),
        pytest.param("Não está funcionando.", id="pt"),
    ],
)
def test_failure_is_no_success(said: str) -> None:
    assert verdict(said) == "failed"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("Now I get error 0x80070002. What next?", id="en"),
        pytest.param("Ahora sale el error 0x80070002. ¿Qué hago?", id="es"),
        pytest.param("Jetzt kommt der Fehler 5.", id="de"),
        pytest.param("Maintenant ça affiche l'erreur 5.", id="fr"),
        pytest.param("Ora mi dà un altro errore.", id="it"),
        pytest.param("Agora aparece outro erro.", id="pt"),
    ],
)
def test_an_error_that_only_shows_now_is_no_success(said: str) -> None:
    assert verdict(said) == "failed"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("Now I get no errors.", id="en"),
        pytest.param("Ahora ya no me sale el error.", id="es"),
        pytest.param("Jetzt kommt keine Fehlermeldung mehr.", id="de"),
        pytest.param("Maintenant j'ai plus d'erreur.", id="fr"),
    ],
)
def test_an_error_that_is_gone_is_no_failure(said: str) -> None:
    assert verdict(said) != "failed"


def test_a_wish_in_the_present_tense_is_no_success() -> None:
    assert verdict("Mañana lo pruebo y os digo si funciona bien") == ""


@pytest.mark.parametrize(
    ("comments", "thanked"),
    [
        pytest.param(["Thanks, I will try."], True, id="thanks"),
        pytest.param(["Thanks, I will try.", "I could not get it to work, it still fails."], False, id="taken back"),
        pytest.param(["Thanks.", "Still the same. However I found a solution with another tool."], False, id="own way"),
        pytest.param(["It doesn't work.", "My mistake, it works now."], True, id="an earlier try"),
        pytest.param([], False, id="none"),
    ],
)
def test_the_last_comment_that_judges_counts(comments: list[str], thanked: bool) -> None:
    assert stays_thanked(comments) is thanked


@pytest.mark.parametrize(
    "said",
    [
        "Otra duda: ¿y el color?",
        "One more question, please.",
        "Noch eine Frage:",
        "Une autre question",
        "Un'altra domanda",
        "Outra dúvida",
    ],
)
def test_a_further_question_is_heard(said: str) -> None:
    assert asks_anew(said)


def test_no_further_question_is_heard_in_thanks() -> None:
    assert not asks_anew("Thanks, that answers my question.")


@pytest.mark.parametrize("filling", ["-", "\n-", " but", "thanks? ", "#"])
def test_a_hostile_post_is_judged_in_time(filling: str) -> None:
    assert verdict("Thanks" + filling * 30_000) in ("", "thanks", "declined")
