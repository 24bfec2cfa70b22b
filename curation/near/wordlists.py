"""Words, in Spanish and English, whose coming and going says something about two texts, or nothing.

All are in lower case and without accents, apostrophes or hyphens, as `curation.near.words` compares them.
"""

from __future__ import annotations

__all__ = [
    "ADDED",
    "ASKING",
    "COMPARATIVES",
    "DISTINCT",
    "ECHOES",
    "HOW",
    "LOOSE",
    "MEASURES",
    "NEGATIONS",
    "NUMBERS",
    "OPPOSED",
    "ROLES",
    "SIGNS",
    "STEM",
    "TIMES",
    "UNDENIED",
    "UNITS",
]

# A text with one more of these is denied. Echoes repeat a denial that came shortly before: no ... ningun.
NEGATIONS = (
    "no not never neither cannot without unable sin cant dont doesnt didnt wont wouldnt couldnt shouldnt isnt arent "
    "wasnt werent havent hasnt hadnt mustnt neednt aint"
)
UNDENIED = "embargo obstante"  # after a denial they take it back: sin embargo
ECHOES = "nor none nobody nothing nunca jamas ni tampoco ningun ninguna ninguno ningunos ningunas nada nadie"

# Two words of one entry in each other's place turn a text round.
OPPOSED = (
    "enable disable|on off|open close|upload download|add remove|add delete|increase decrease|"
    "increase reduce|incoming outgoing|inbound outbound|before after|more less|show hide|start stop|"
    "start end|buy sell|buy return|send receive|import export|login logout|max min|maximum minimum|up down|"
    "first last|old new|older newer|oldest newest|with without|activate deactivate|activate cancel|"
    "allow block|accept reject|lock unlock|internal external|inside outside|monthly yearly|monthly annual|"
    "early late|cheap expensive|high low|higher lower|long short|fast slow|faster slower|credit debit|"
    "deposit withdraw|prepaid postpaid|public private|free paid|raise lower|read write|top bottom|"
    "left right|always never|join leave|lost found|male female|push pull|encrypt decrypt|"
    "subscribe unsubscribe|sent received|upgrade downgrade|abrir cerrar|abro cierro|abierto cerrado|"
    "subir bajar|subo bajo|encender apagar|enciendo apago|anadir quitar|anadir eliminar|anadir borrar|"
    "agregar quitar|agregar eliminar|poner quitar|pongo quito|aumentar reducir|aumentar disminuir|"
    "aumento reduzco|entrante saliente|entrantes salientes|antes despues|mas menos|mostrar ocultar|"
    "muestro oculto|iniciar detener|iniciar cerrar|empezar terminar|comprar vender|compro vendo|"
    "enviar recibir|envio recibo|importar exportar|importo exporto|maximo minimo|maxima minima|"
    "prepago pospago|prepago postpago|primero ultimo|primera ultima|alta baja|altas bajas|alto bajo|con sin|"
    "permitir bloquear|permito bloqueo|mensual anual|nacional internacional|viejo nuevo|antiguo nuevo|"
    "antigua nueva|vieja nueva|activar cancelar|aceptar rechazar|acepto rechazo|dentro fuera|arriba abajo|"
    "interno externo|interna externa|credito debito|ahorro corriente|ahorros corriente|barato caro|"
    "rapido lento|rapida lenta|publico privado|publica privada|gratis pago|ingresar retirar|"
    "depositar retirar|mayor menor|mejor peor|siempre nunca|izquierda derecha|leer escribir|entrar salir|"
    "emitida recibida|emitidas recibidas|fijo movil|conectado desconectado|disponible agotado|ida vuelta|"
    "llamante llamado|mayorista minorista|wholesale retail|ascendente descendente|ascending descending|"
    "sender receiver|sender recipient|buyer seller|tenant landlord|lender borrower|employer employee|caller callee|"
    "emisor receptor|remitente destinatario|comprador vendedor|inquilino propietario|arrendador arrendatario|"
    "deudor acreedor|todos nadie|everybody nobody"
)

# These are never a slip or a form of one another.
DISTINCT = (
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december lunes martes miercoles jueves viernes sabado domingo enero febrero marzo "
    "abril mayo junio julio agosto septiembre octubre noviembre diciembre zero one two three four five six seven "
    "eight nine ten eleven twelve twenty thirty hundred thousand million second third cero uno dos tres cuatro "
    "cinco seis siete ocho nueve diez once doce veinte treinta cien mil millon segundo tercero tercer grey gray "
    "green"
)

# Function words, courtesy and other words that may come and go between two wordings of the same thing.
LOOSE = (
    "estimado estimada estimados estimadas senores senoras "
    "a al algo alguien algun alguna alguno algunos algunas ante aqui asi aun aunque ayuda ayudar ayudarme ayudeme "
    "ayudenme bien buen buena buenas bueno buenos cada como con cordial cordiales cosa cual cuales cualquier cuando "
    "cuanta cuantas cuanto cuantos de deberia debe deben debes debo del desde despues dia dias donde duda e el ella "
    "ellas ellos en encantado entonces entre era es esa ese eso esos esas esta estan estaba estado estar estas este "
    "esto estos estoy exactamente favor forma fue fuera gracias gustaria gusto ha haber habia hace hacen hacer "
    "hacerlo hago haga hagan han hasta hay haya he hemos hola hoy informacion la las le les lo los luego manera mas "
    "me mediante mi mia mio mis modo mucha muchas mucho muchos muy necesitaba necesitamos necesitan necesitas "
    "necesitaria necesito nos nosotros o os otra otro para paso pasos pero poco podeis podemos podria podrian "
    "podriais podrias por porfa porfavor porque posible posibles pregunta puede pueden puedes puedo pues que queria "
    "querria quien quiera quiere quieren quieres quiero quisiera saber sabe saben sabeis sabes sabria sabrian "
    "saludo saludos se sea segun senor senora ser si sido siguiente siguientes simplemente sino sobre solo sois "
    "somos son soy su sus tal tambien tan tanto tardes noches te tendria tenemos tener tengo tenga ti tiene tienen "
    "tienes toda todas todavia todo todos tras trata tu tus u un una unas uno unos usted ustedes va vais vale vamos "
    "van verdad vez voy vosotros vuestra vuestras vuestro vuestros y ya yo ahora actualmente amable amablemente "
    "atentamente conocer decir decirme diga digame dime explicar explicarme explicame indicar indicarme indicame "
    "indiqueme agradeceria agradezco antemano rapidamente cuestion consulta about actually again all "
    "already also am an and any anybody anyone anything are as ask asking at be because been being best but by can "
    "could day days dear did do does doing done either else ever every exactly fine for from get gets getting go "
    "goes going good got great greetings guys had has have having hello help helping her hi him his how hows howto "
    "i id if ill im in into is it its itself ive just kind kindly know let lets like look looking made make makes "
    "making many may maybe might mine much must my need needed needs now of okay ok on one ones or our ours out "
    "over own people perhaps please pls plz possible properly question quick quickly quite rather really regards "
    "right same say seem seems shall she should simply since so some somebody somehow someone something still such "
    "sure tell than thank thanks thankyou thats the their them then there theres these they thing things this those "
    "through thx to told too tried try trying up upon ur us very via wanna want wanted wants was way ways we well "
    "were what whatever whats when whenever where wheres whether which while who whole whos why will wish with "
    "wondering would yes yet you your yours yourself assist assistance morning afternoon evening information & + @ "
    "# instead before after antes"
)

# Units that belong to the number before them; all words of one entry are the same unit.
TIMES = (
    "h hr hrs hora horas hour hours|min mins minuto minutos minute minutes|seg secs sec segundos seconds|ms|"
    "dia dias day days|semana semanas week weeks|mes meses month months|ano anos year years"
)
UNITS = (
    "kb kilobytes|mb mega megas megabytes megabyte|gb giga gigas gigabytes gigabyte|tb teras terabytes|kbps|"
    "mbps mbit mbits|gbps gbit|hz|khz|mhz|ghz|% percent|€ eur euro euros|$ usd dollar dollars dolar dolares|"
    "£ gbp pound pounds libras|km|cm|mm|kg|mah|kwh|kw|px|metros metres meters|pulgadas inches inch"
)
# Before a unit these are what they are in digits; 255 is one before a unit of time only.
NUMBERS = (
    "1 one an un una uno|2 two dos|3 three tres|4 four cuatro|5 five cinco|6 six seis|7 seven siete|8 eight ocho|"
    "9 nine nueve|10 ten diez|11 eleven once|12 twelve doce|15 fifteen quince|20 twenty veinte|30 thirty treinta|"
    "40 forty cuarenta|50 fifty cincuenta|60 sixty sesenta|90 ninety noventa|255 a"
)
SIGNS = "% € $ £ ¥"

# They ask for a thing, which is then what the answer says: who has to approve it? The owner. "When" and "cuando"
# are no such words: they mostly say when something happens.
ASKING = "who whom whose which where quien quienes cual cuales cuanto cuanta cuantos cuantas donde adonde"
HOW, MEASURES = "how", "much many long often soon far old big fast large high"

# What stands around these words has a part to play: from A to B is not from B to A.
ROLES = (
    "from de del desde|to a al hasta hacia into onto|than|que|por for|instead|before antes|after despues|over sobre|"
    "and y e or o u"
)
COMPARATIVES = "mas menos mejor mejores peor peores mayor mayores menor menores antes"

# Endings of Spanish and English words: of a stem (pag-o, pag-ar), and put to a whole word (card-s, activa-do).
STEM = (
    "a e i o as es is os an en ar er ir ad ed id amos emos imos ado ada ados adas ido ida idos idas ando iendo aba "
    "aban ia ian ara era ira are ere ire aria eria iria arlo arla arme arse arte erlo erla erme erse irlo irla irme "
    "ame alo ala eme elo acion aciones cion ciones ion ions ation ations ing ings ers able ible ables ibles ante "
    "ente antes aste iste ue ues uen uar y ies ied al ally ly ency ance ence ment ments uo uas ua r rs ron aron "
    "ieron io eis ais s n d do da dos das ndo mos cial ze zed zing zation se sed sing sation re or ors our ours"
)
ADDED = (
    "s es n d r do da dos das ndo mos ba ban ra ran re ria ste ed ing ings er ers ly ation ations ion ions able dor "
    "dora dores cion ciones me lo la los las se te le nos rlo rla rme rse rte rlos rlas mente al ally ment ments "
    "ance"
)
