"""Two questions that look alike: which say the same, and what makes the others different."""

from __future__ import annotations

import pytest

from curation.guards import explain_difference

NUMBERS, DENIED, ORDER = "numbers or codes: ", "a negation: ", "what stands where: "

SAME = """
¿Cómo cambio la contraseña? | Como cambio la contrasena
¿Cómo puedo cambiar la clave? | ¿Cómo cambiar la clave?
¿Cómo reinicio el router? | ¿Cómo se reinicia el ruter?
Hola, ¿cómo activo el roaming? | ¿Cómo activo el roaming? Gracias
Buenas tardes. No encuentro la factura | No encuentro la factura
Hola, no me funciona el wifi | No me funciona el wifi
¿Cómo conecto el wi-fi? | ¿Cómo conecto el wifi?
¿Cómo conecto el wi fi? | ¿Cómo conecto el wifi?
¿Dónde veo mis facturas? | ¿Dónde veo mi factura?
¿Cómo instalo la aplicación? | ¿Cómo instalar la aplicacion?
¿Cómo cancelo mi pedido, por favor? | ¿Cómo cancelo mi pedido?
¿Cuánto cuesta 1,5 GB? | ¿Cuánto cuesta 1.5GB?
¿Va la red de 5 GHz? | ¿Va la red de 5GHz?
Recarga de 30 € | Recarga de 30€
Recarga de 30 euros | Recarga de €30
¿Tarda 24 horas? | ¿Tarda 24h?
¿Tarda dos semanas? | ¿Tarda 2 semanas?
¿Tarda una hora? | ¿Tarda 1h?
Does it take twelve months? | Does it take 12 months?
It costs one dollar | It costs $1
Does it take a day? | Does it take one day?
Paso euros a dólares | Paso los euros a dólares
¿Es mi amigo? | ¿Es mi amiga?
El límite es 1.500 € | El límite es 1500 €
Llama al 900 123 456 | Llama al 900123456
Modelo X-100 sin señal | Modelo X100 sin señal
Pasos: 1. Abre la red del router 2. Guarda los cambios | Pasos: Abre la red del router. Guarda los cambios
El 50 % de descuento | El 50% de descuento
¿Cómo activar la tarjeta? | ¿Cómo activo mi tarjeta?
¿Cuándo llega el pedido? | ¿Cuándo llegan los pedidos?
¿Cómo configuro la configuración del correo? | ¿Cómo configurar el correo configurado?
¿Cómo recupero la contraseña de mi cuenta? | ¿Cómo recupero la contaseña de mi cuenta?
¿Cómo recupero la cuenta? | ¿Cómo recupero la cuetna?
¿Puedo pagar con tarjeta? | ¿Se puede pagar con tarjeta?
No tengo ningún dato | No tengo datos
Sin embargo la línea funciona | La línea funciona
¿ME PUEDEN AYUDAR CON EL MÓVIL? | me pueden ayudar con el movil
¿Cómo desactivo el buzón de voz? | ¿Cómo desactivar el buzon de voz?
¿Cómo hago una transferencia? 🙂 | ¿Cómo hago una transferencia?
¿Cómo llego a la tienda? | ¿Cómo llego hasta la tienda?
Quiero cambiar la dirección de envío | Quisiera cambiar la dirección de los envíos
Necesito saber el saldo de mi cuenta | Saldo de mi cuenta
¿Cómo cambio el nombre de la red? Un saludo | Cambio de nombre de la red
¿Por qué se corta la llamada? | ¿Por qué se cortan las llamadas?
¿Cómo pago la factura? | ¿Cómo pagar las facturas?
Estimados señores: ¿cómo renovar el contrato? | ¿Cómo renovar el contrato? Cordiales saludos
How do I reset my password? | How can I reset my password
How do I reset my password? | hi, how do i reset my pasword??
I cannot log in | I can't log in
I can not log in | I cant log in
I don't see the invoice | I dont see the invoice
Why am I unable to verify my id? | Why am I not able to verify my id?
Please help me cancel my order | Can you help me cancelling my order?
Where are my invoices? | Where is my invoice?
How do I install the app? Thanks! | How do I install the application app?
How do I activate my card? | How can I activate my new card please
Is the transfer pending? | Is the transfr pending?
Payment was declined | Payments were declined
I want to change my address | I would like to change my addresses
How do I setup e-mail? | How do I setup email?
Does it support 1,000 users? | Does it support 1000 users?
It takes 5 days | It takes 5 day
Is there a $20 fee? | Is there a 20 dollars fee?
My card isn't working whether or not I pay | My card isn't working whether I pay
How do I connect to the node.js server? | How do I connect to the nodejs server?
I need to organise the files | I need to organize the files
Which colour do I have? | Which color do I have?
Deleting my account | How to delete my account
May I cancel my plan? | Can I cancel my plan?
Pleeeease cancel my subscription | Please cancel my subscription
How do I track the parcel? | Tracking the parcels
Part **JZ**-3178 is broken | Part JZ-3178 is broken
Part [X2360](https://help.example.org/) is broken | Part X2360 is broken
"""

REPLACED = """
¿Cómo instalo la app en Android? | ¿Cómo instalo la app en iPhone?
¿Dónde está la tienda de Madrid? | ¿Dónde está la tienda de Barcelona?
¿Cómo contrato la línea ADSL? | ¿Cómo contrato la línea VDSL?
¿Se puede usar en el iPad? | ¿Se puede usar en el iPod?
¿Tenéis la funda roja? | ¿Tenéis la funda azul?
¿Qué pasa en enero? | ¿Qué pasa en febrero?
¿Abrís los lunes? | ¿Abrís los martes?
¿Se paga por semana? | ¿Se paga por mes?
Is it billed by the hour? | Is it billed by the week?
¿Cómo cambio el titular? | ¿Cómo cambio el contrato?
¿Cómo veo el contrato? | ¿Cómo veo la contraseña?
¿Va en la tv? | ¿Va en el pc?
¿Cómo conecto el disco? | ¿Cómo conecto el teclado?
El titular tiene que aprobarlo | El administrador tiene que aprobarlo
How do I install it on Windows? | How do I install it on Linux?
How do I pay with Visa? | How do I pay with PayPal?
Is the green cover available? | Is the grey cover available?
Is it dearer in May? | Is it dearer in June?
Do you open on Tuesday? | Do you open on Thursday?
My card was stolen | My phone was stolen
It takes two steps | It takes five steps
How do I use C for this? | How do I use R for this?
How do I compile C++ code? | How do I compile C# code?
Where is the card? | Where is the cars?
I need a hotel | I need a hostess
Is the internet slow? | Is the interno slow?
How do I top up by cheque? | How do I top up by card?
"""

OPPOSITE = """
¿Cómo activo el roaming? | ¿Cómo desactivo el roaming?
¿Cómo activar el buzón? | ¿Cómo desactivo el buzón?
¿Cómo abro la cuenta? | ¿Cómo cierro la cuenta?
Tarjeta de prepago | Tarjeta de pospago
Cuenta de ahorro | Cuenta corriente
Contrato con permanencia | Contrato sin permanencia
¿Cómo subir el archivo? | ¿Cómo bajar el archivo?
¿Qué pasa antes de pagar? | ¿Qué pasa después de pagar?
Llamadas entrantes | Llamadas salientes
Tarifa mensual | Tarifa anual
¿Cómo bloqueo la tarjeta? | ¿Cómo desbloqueo la tarjeta?
¿Cómo habilitar el pin? | ¿Cómo deshabilito el pin?
Dar de alta la línea | Dar de baja la línea
¿Cómo compro euros? | ¿Cómo vendo euros?
Tarjeta de crédito | Tarjeta de débito
How do I enable call waiting? | How do I disable call waiting?
Turn roaming on | Turn roaming off
What do I do before the trip? | What do I do after the trip?
How do I subscribe to the newsletter? | How do I unsubscribe from the newsletter?
How do I lock my card? | How do I unlock my card?
Can I upload photos? | Can I download photos?
A plan with data | A plan without data
How do I connect the box? | How do I disconnect the box?
Is the address valid? | Is the address invalid?
The sender pays | The receiver pays
Paga el comprador | Paga el vendedor
"""

DENIALS = """
¿Se puede cambiar la tarifa? | ¿No se puede cambiar la tarifa?
Me funciona el wifi | No me funciona el wifi
Siempre me llega la factura a casa | Nunca me llega a casa la factura y siempre
I can log in | I can't log in
My top-up has gone through | My top-up hasn't gone through
Everybody can keep it | Nobody and everybody can keep it
It is included | It is not included
"""

NUMBER_CASES = """
¿Cómo configuro el modelo X-100? | ¿Cómo configuro el modelo X-200?
¿Qué es el error 651? | ¿Qué es el error 691?
Son 5 € de recarga | Son 5 $ de recarga
Bono de 5 GB | Bono de 5 MB
Tarda 24 horas | Tarda 48 horas
Tarda 24 horas | Tarda 24 días
Tarda dos días | Tarda cinco días
Tarda una semana | Tarda un mes
Tarda un año | Tarda dos años
It takes two weeks | It takes five weeks
It takes a week | It takes two weeks
It takes an hour | It takes a month
¿Qué borra rm -r? | ¿Qué borra rm -R?
¿Qué hace git --force? | ¿Qué hace git --hard?
Cuesta 29,90 € | Cuesta 29,95 €
Versión 1.1 | Versión 1.10
Versión 2.4 | Versión 24
Plan 1 y plan 2 | Plan 1, plan 2 y plan 3
¿Va con 4G? | ¿Va con 5G?
Windows 10 | Windows 11
iPhone 13 | iPhone
Port 80 is closed | Port 8080 is closed
It costs 0.500 | It costs 500
A 2% discount | A 3 % discount
Error 0x80070001 | Error 0x80070002
Is there a $1 charge? | Is there a charge?
"""

ORDERS = """
Un viaje de Madrid a Barcelona | Un viaje de Barcelona a Madrid
¿Cómo paso de prepago a contrato? | ¿Cómo paso de contrato a prepago?
¿Es mejor la fibra que el cable? | ¿Es mejor el cable que la fibra?
Cambiar euros por dólares | Cambiar dólares por euros
Convert pdf to word | Convert word to pdf
Is fibre faster than cable? | Is cable faster than fibre?
Move from Windows to Linux | Move from Linux to Windows
Enable wifi and disable bluetooth | Disable wifi and enable bluetooth
Payment before delivery | Delivery before payment
Pagar antes de instalar | Instalar antes de pagar
From 4G to 5G | From 5G to 4G
Exchange AUD for GBP | Exchange GBP for AUD
"""


def cases(table: str) -> list[tuple[str, str]]:
    return [tuple(line.split(" | ")) for line in table.strip().splitlines()]  # type: ignore[misc]


@pytest.mark.parametrize(("one", "other"), cases(SAME))
def test_small_edits_say_the_same(one: str, other: str) -> None:
    assert explain_difference(one, other) == explain_difference(other, one) == ""


@pytest.mark.parametrize(("one", "other"), cases(REPLACED) + cases(OPPOSITE))
def test_another_word_is_shown_with_the_one_that_it_replaced(one: str, other: str) -> None:
    mine, others = explain_difference(one, other).split(" / ")
    assert ": " not in mine
    assert mine in one.casefold()
    assert others in other.casefold()
    assert explain_difference(other, one).split(" / ") == [others, mine]


@pytest.mark.parametrize(
    ("table", "start"),
    [
        pytest.param(DENIALS, DENIED, id="negations"),
        pytest.param(NUMBER_CASES, NUMBERS, id="numbers and codes"),
        pytest.param(ORDERS, ORDER, id="order"),
    ],
)
def test_numbers_negations_and_order_are_named(table: str, start: str) -> None:
    wrong = [(one, other, explain_difference(one, other)) for one, other in cases(table)]
    wrong += [(other, one, explain_difference(other, one)) for one, other in cases(table)]
    assert [case for case in wrong if not case[2].startswith(start)] == []


def test_the_words_that_differ_are_named() -> None:
    assert explain_difference("Bono de 24 horas", "Bono de 48 horas") == "numbers or codes: 24 horas / 48 horas"
    assert explain_difference("Tarda 24h y 3 días", "Tarda 24 horas") == "numbers or codes: 3 días / none"
    assert explain_difference("¿Va en Android?", "¿Va en iPhone?") == "android / iphone"
    assert explain_difference("It is included", "It isn't included") == "a negation: none / isn't"
    assert explain_difference("De Madrid a Lugo", "De Lugo a Madrid") == "what stands where: madrid / lugo"


def test_there_are_cases_enough() -> None:
    tables = (SAME, REPLACED, OPPOSITE, DENIALS, NUMBER_CASES, ORDERS)
    assert sum(len(cases(table)) for table in tables) >= 150
