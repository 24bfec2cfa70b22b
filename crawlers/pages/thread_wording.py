"""The words with which people of a forum ask, thank, agree, take back and mark as solved, in several languages."""

from __future__ import annotations

import re

__all__ = [
    "ACCEPTED_WORD",
    "BACK_TO",
    "CITED",
    "FIX",
    "GREETS",
    "GUESS",
    "INTRODUCES",
    "ME_TOO",
    "NEEDS",
    "NOT_SOLVED",
    "ONLY_THANKS",
    "OPINIONS",
    "OWN_SOLUTION",
    "POLLS",
    "PRAISES",
    "PRESENTS",
    "PROBLEM",
    "SOCIAL",
    "SOLVED_WORD",
    "STATE",
    "SUGGESTS",
    "TAKES_BACK",
    "TITLE_FRAME",
    "TO_SOLUTION",
    "WANTS_MORE",
    "WELCOMES",
    "without_signature",
]

_SOLVED = (
    r"solved|resolved|fixed|answered|done|"
    r"solucionad[oa]|resuelt[oa]|arreglad[oa]|respondid[oa]|"
    r"gel[oö]e?st|erledigt|beantwortet|r[eé]solue?|r[eé]gl[eé]e?|risolto|risolta|resolvid[oa]|opgelost|"
    r"rozwi[aą]zan[ey]|решено"
)
SOLVED_WORD = re.compile(
    rf"[\W_]*(?:(?:thread|topic|question|issue|problem|tema|hilo|thema|sujet) (?:is |est[aá] |ist |est )?)?"
    rf"(?:marked as |marcado como )?(?:{_SOLVED}|has (?:an? )?(?:accepted |best )?answer|accepted answer|best answer|"
    rf"has solution|tiene soluci[oó]n)[\W_]*",
    re.I,
)
ACCEPTED_WORD = re.compile(
    r"\W*(?:(?:marked as |this is the )?(?:accepted|best|chosen|correct|verified) (?:answer|solution|reply)|solution|"
    r"(?:mejor|respuesta) (?:respuesta|aceptada|correcta)|soluci[oó]n(?: aceptada)?|beste antwort|l[oö]sung|"
    r"meilleure r[eé]ponse|solution accept[eé]e|melhor resposta|soluzione|migliore risposta)\W*",
    re.I,
)
STATE = re.compile(
    rf"[\[(【{{]\s*(?P<mark>{_SOLVED}|cerrad[oa]|closed|duplicate|on hold|moved|migrated|geschlossen|ferm[eé]|chiuso|"
    rf"fechado)\s*[!.✓]*\s*[\])】}}]\s*[:\-–]?"
    rf"|^\s*(?P<plain>solved|solucionado|resuelto|gel[oö]st|r[eé]solu|risolto|resolvido)\s*[:\-–|]\s+"
    rf"|\s+[-–|]\s*(?P<end>solved|solucionado|resuelto|gel[oö]st|r[eé]solu|risolto|resolvido)\s*!*$",
    re.I,
)
NOT_SOLVED = frozenset(
    {"closed", "duplicate", "on hold", "moved", "migrated", "cerrado", "cerrada", "geschlossen", "fermé", "ferme",
     "chiuso", "fechado"}
)  # fmt: skip
TITLE_FRAME = re.compile(
    r"^(?:(?:author|autor|auteur|autore)\s+)?(?:topic|thema|tema|sujet|argomento|t[oó]pico)\s*:\s+"
    r"|\s*\((?:read|gelesen|le[ií]do|lu|letto|lida) [\d.,]+ (?:times|mal|veces|fois|volte|vezes)\)\s*$",
    re.I,
)
TO_SOLUTION = re.compile(
    r"\W*(?:(?:go to|jump to|view|see|show|ir a|ver|zur|aller [aà]|vai alla) (?:the |la |a )?"
    r"(?:solution|accepted solution|(?:best |accepted )?answer|soluci[oó]n|(?:mejor )?respuesta|l[oö]sung|"
    r"soluzione))\W*",
    re.I,
)
BACK_TO = re.compile(r"^(?:volver al?|return to|zurück zu|back to|retour vers|torna a)\s+", re.I)
CITED = re.compile(r",| (?:wrote|escribió|said|dijo|schrieb|sagte|a écrit|a dit|ha scritto|escreveu)\b|:|#\d", re.I)
# Questions that give advice.
SUGGESTS = re.compile(
    r"\b(?:(?:have|did) you (?:\w+ )?(?:tr(?:y|ied)|check(?:ed)?|consider(?:ed)?|look(?:ed)?|set|enabled?|"
    r"installed?|updated?)|why not|"
    r"why don.?t you|how about|what about|what happens if|"
    r"has (?:probado|intentado|mirado|revisado|comprobado)|probaste|probastes|intentaste|y si |por qu[eé] no |"
    r"hast du (?:\w+ ){0,3}(?:probiert|versucht|geschaut|nachgesehen)|schon ?mal|wie w[aä]re es|warum nicht|"
    r"as[- ]tu (?:d[eé]j[aà] )?(?:essay[eé]|v[eé]rifi[eé])|hai provato|voc[eê] (?:j[aá] )?tentou)",
    re.I,
)
ME_TOO = re.compile(
    r"\b(?:(?:exact(?:ly)? |the )?same (?:exact )?(?:problem|issue|thing|error|here|question)|"
    r"exhibits? the same|me too|also (?:have|having) this|"
    r"(?:el |lo |me pasa lo )?mismo (?:problema|error|caso)|me (?:pasa|ocurre|sucede) lo mismo|"
    r"a m[ií] tambi[eé]n|yo tambi[eé]n tengo|"
    r"(?:das|die|den) ?selbe[ns]? (?:problem|fehler|frage)|(?:gleiche[sn]?) (?:problem|fehler)|"
    r"can confirm (?:what|that|this)|"
    r"any (?:news|update|solution)|alguna (?:novedad|soluci[oó]n)|bump)\b",
    re.I,
)
FIX = re.compile(
    r"\b(?:fixed (?:it|this)|solved (?:it|this|by)|solution (?:is|was)|worked for me|what worked|"
    r"workaround|"
    r"lo (?:solucion[eé]|resolv[ií]|arregl[eé])|la soluci[oó]n (?:es|fue)|me funcion[oó]|"
    r"gelöst (?:mit|durch)|die lösung)\b",
    re.I,
)
WANTS_MORE = re.compile(
    r"\b(?:(?:post|show|share|paste|provide|attach|upload|send|give)\b.{0,40}\b(?:code|logs?|"
    r"output|details?|screenshots?|config\w*|info\w*|specs?)|"
    r"(?:more|further|additional) (?:details|info\w*)|which (?:version|model|os)\b.{0,40}\?|"
    r"(?:pega|pon|p[oó]n|publica|sube|manda|env[ií]a|comparte|pasa|muestra|ver|facilita|"
    r"indica)\w*\b.{0,40}\b(?:c[oó]digo|logs?|salida|captura|detalles|informaci[oó]n|versi[oó]n|modelo)|"
    r"m[aá]s (?:detalles|informaci[oó]n|datos)|(?:poste|zeig)\b.{0,40}\b(?:code|logs?|ausgabe)|"
    r"mehr (?:details|infos?)|(?:show|send|paste) (?:me|us)|(?:mu[eé]stra|ens[eé][ñn]a|m[aá]nda|p[aá]sa|"
    r"env[ií]a)(?:me|nos)|"
    r"(?:zeige?|schicke?) (?:mir|uns|mal)|(?:montre|envoie)z?[- ](?:moi|nous)|(?:manda|mostra|invia)mi|"
    r"me (?:mostra|manda|envia|passa))\b",
    re.I,
)
PROBLEM = re.compile(
    r"\b(?:problems?|issues?|errors?|fail\w*|can.?t|cannot|unable|doesn.?t|didn.?t|won.?t|isn.?t|hasn.?t|has not|"
    r"not work\w*|stopped|stuck|broken|crash\w*|freez\w*|disconnect\w*|missing|lost my|wrong|no longer|"
    r"bugs?|trouble\w*|"
    r"problemas?|fallos?|fallan?|falla|aver[ií]a\w*|averiad[oa]|errores|cortes?|"
    r"se (?:me |le |nos )?(?:va|cae|corta|cuelga|apaga|bloquea|desconecta|reinicia|queda)|"
    r"no (?:me |se |le |nos )*(?:puedo|podemos|puede|funciona\w*|consigo|logro|deja|sale|va|llega|encuentr\w+|aparece|"
    r"carga|conecta|enciende|entra|reproduc\w+|escuch\w+|oigo|oye|muestra|abre|guarda|instala|arranca|responde|"
    r"reconoce|detecta|hay forma|recibo|imprime|s[eé])|"
    r"(?:roto|rota|lent[oa]) (?:desde|por)|dej[oó] de|sigue sin|"
    r"fehler\w*|geht nicht|funktioniert nicht|kaputt|st[uü]rzt ab|probl[eè]me|ne (?:marche|fonctionne) p\w+|"
    r"n[aã]o (?:funciona|consigo)|non funziona)\b",
    re.I,
)
NEEDS = re.compile(
    r"\b(?:help|how to|trying to|wonder\w*|question|advice|suggest\w*|"
    r"ayuda\w*|duda|quisiera|necesito|consulta|c[oó]mo|hilfe|frage|wie)\b",
    re.I,
)
OPINIONS = re.compile(
    r"\b(?:has any(?:one|body)|ha(?:ve|s) any of|looking for (?:\w+ )?(?:advice|tips|ideas|input|experiences?)|"
    r"any (?:advice|tips|experiences?|ideas|feedback)|"
    r"(?:alguien|alguno|alguna) (?:de \w+ )?(?:ha|tiene experiencia|us[aó]|prob[oó]|utiliza)|"
    r"busco (?:consejos?|experiencias?)|qu[eé] (?:tal (?:es|va|son|van)|pens[aá]is)|experiencias? con|"
    r"hat (?:hier |schon )?(?:jemand|einer|wer) (?!eine? (?:l[oö]sung|idee))|erfahrung(?:en)? mit|was haltet|"
    r"quelqu.un (?:a|utilise)|(?:que|en) pensez|retours? d.exp[eé]rience|"
    r"qualcuno ha|cosa ne pensate|che ne dite|algu[eé]m (?:j[aá]|usa)|que (?:voc[eê]s )?acham|every(?:one|body)|"
    r"any(?:one|body) else|you all|y.?all|recommend\w*|suggestions?|opinions?|thoughts|"
    r"favou?rites?|best|"
    r"which (?:\w+ )?(?:do|are|is) you\w*|what do you|your|vs\.?|versus|poll|"
    r"recomend\w*|recomiend\w*|opini[oó]n\w*|opin[aá]is|qu[eé] (?:os|les) parece|favorit[oa]s?|mejor(?:es)?|"
    r"vuestr[oa]s?|encuesta|"
    r"empfehl\w*|meinung\w*|eure[rsn]?|beste[rsn]?|lieblings\w*|umfrage|avis|meilleure?s?|pr[eé]f[eé]r\w*|"
    r"consigli\w*|miglior\w*|"
    r"melhor\w*)\b",
    re.I,
)
# In the opening post: others are asked for what they think or have.
POLLS = re.compile(
    r"\b(?:wondering if any(?:one|body) (?:has|have|is)|what do you (?:guys |all )?think|"
    r"looking for (?:\w+ )?(?:advice|"
    r"opinions|recommendations)|any recommendations|qu[eé] opin\w+|qu[eé] (?:os|les|te) parece|busco opiniones|"
    r"was (?:meint|haltet) ihr|eure (?:meinung|erfahrung)|(?:que|en) pensez|vos avis|cosa ne pensate|"
    r"que (?:voc[eê]s )?acham)\b",
    re.I,
)
INTRODUCES = re.compile(
    r"\b(?:introduc(?:e|ing|tion)|(?:i.?m|i am) (?:new|a new|the new)|new (?:here|member|user)|newbie|"
    r"hello (?:all|everyone|world)|hi (?:all|everyone)|greetings|just (?:joined|registered|signed up)|"
    r"me presento|presentaci(?:[oó]n|ones)|presentarme|soy nuev[oa]|nuev[oa] (?:aqu[ií]|por aqu[ií]|en el foro|"
    r"miembro|usuario)|"
    r"hola a tod[oa]s|saludos (?:a tod[oa]s|desde)|acabo de (?:registrarme|llegar al foro)|"
    r"ich bin (?:neu|der neue|die neue)|vorstell\w+|hallo (?:zusammen|alle)|"
    r"je me pr[eé]sente|pr[eé]sentations?|je suis (?:nouveau|nouvelle)|(?:nouveau|nouvelle) (?:ici|sur le forum|"
    r"venue?)|"
    r"(?:salut|bonjour) [aà] tous|mi presento|presentazion[ei]|sono nuov[oa]|ciao a tutt[ie]|me apresento|"
    r"apresenta[cç](?:[aã]o|[oõ]es)|sou nov[oa])\b",
    re.I,
)
# Who says so tells of themselves; with a greeting for a title, no question in their text asks for help.
PRESENTS = re.compile(
    r"\b(?:(?:let me |i.d like to )introduce myself|my name is|me presento|presentarme|me llamo|mi nombre es|"
    r"(?:stelle|m[oö]chte) mich (?:kurz |hier )?vor(?:stellen)?|mein name ist|je me pr[eé]sente|me pr[eé]senter|"
    r"je m.appelle|mi presento|mi chiamo|me apresento|me chamo|meu nome [eé])\b",
    re.I,
)
GREETS = re.compile(
    r"\W*(?:hi|hello|hey|greetings|hola|buenas|buenos d[ií]as|saludos|hallo|servus|moin|salut|bonjour|coucou|ciao|"
    r"salve|ol[aá]|(?:mi |my |meine? |ma |la mia |minha )?(?:presentaci[oó]n|introduction|vorstellung|pr[eé]sentation|"
    r"presentazione|apresenta[cç][aã]o)|introducing|new (?:here|member)|nuev[oa]|neu(?:er|ling)?|nouveau|nouvelle|"
    r"nuov[oa]|nov[oa]|me presento|je me pr[eé]sente|mi presento|me apresento|newbie)\b",
    re.I,
)
SOCIAL = re.compile(
    r"(?:how(?:.s| is| are)? (?:it going|you(?: all| doing)?|everyone|everybody)|what.?s up|how do you do|"
    r"qu[eé] tal(?: est[aá]\w*| todos?)?|c[oó]mo (?:est[aá]\w*|andan?|vais|va todo)|"
    r"wie geht.?s)[^?.!\n]{0,30}\?",
    re.I,
)
WELCOMES = re.compile(
    r"\b(?:welcome|bienvenid[oa]s?|willkommen|congrat\w*|felicidades|enhorabuena|nice (?:work|job|one)|"
    r"great (?:work|job)|well done|buen trabajo|muy buen[oa]|excelente|me gusta|qu[eé] bueno|glückwunsch|"
    r"tolle arbeit)\b",
    re.I,
)
# Praise of what the asker made, also where more is said around it.
PRAISES = re.compile(
    r"\b(?:te felicito|(?:muchas|mis) felicitaciones|felicidades por|enhorabuena por|congrat\w* on (?:your|the) \w+|"
    r"(?:great|nice|amazing|awesome) (?:work|job|game|project)|(?:muy )?buen (?:juego|trabajo|proyecto)|"
    r"gl[uü]ckwunsch zu|(?:tolle|super) arbeit|f[eé]licitations pour|beau travail|complimenti per|ottimo lavoro|"
    r"parab[eé]ns pel[oa]|bom trabalho)\b",
    re.I,
)
# Written into the opening post by an asker who found out alone.
OWN_SOLUTION = re.compile(
    r"(?:^|\n)[^\w\n]{0,20}(?:edit(?:ed|ado|o|iert)?|update|upd|actualizaci[oó]n|actualizo|nachtrag|aggiornamento|"
    r"atualiza[cç][aã]o|[eé]dit(?:ion)?|mise [aà] jour)\b[^\n]{0,60}\b(?:solved|fixed|resolved|ended up|figured|found|"
    r"solution|soluci\w+|resolv\w+|resuelt[oa]|arregl\w+|encontr[eé]|gel[oö]st|gefunden|l[oö]sung|r[eé]solu|"
    r"trouv[eé]|risolto|trovato|resolvid[oa]|consegui)\b",
    re.I,
)
# Replies in which somebody takes back, thanks or bows out. "Sorry, that is not possible" is an answer.
TAKES_BACK = re.compile(
    r"\b(?:(?:sorry|apologies|apologi[sz]e) (?:for|about|if|to have)|my (?:bad|mistake|apologies|fault)|"
    r"i stand corrected|i was (?:wrong|mistaken)|(?:i )?did(?:n.?t| not) know(?: (?:that|it|about it))?|"
    r"good to know|you.?re right|never ?mind|no idea|beats me|"
    r"(?:perd[oó]n(?:ad\w*)?|disculp\w+|lo siento|siento) (?:por|si|el|la|haber)|mea culpa|me equivoqu[eé]|"
    r"(?:no )?lo sab[ií]a|no ten[ií]a ni idea|ni idea|no sabr[ií]a|tienes raz[oó]n|"
    r"bueno saberlo|"
    r"entschuldig\w+|sorry f[uü]r|mein fehler|keine ahnung|wusste ich nicht|gut zu wissen)\b",
    re.I,
)
ONLY_THANKS = re.compile(
    r"[\W_]*(?:(?:many |ok |okay |vale |muchas |mil |vielen )*(?:thanks|thank you|thx|cheers|gracias|danke|merci|"
    r"grazie|obrigad[oa])|\+ ?1\b|(?:this|following|subscrib(?:ed|ing)|bump|up)\W*$|sigo el hilo|me apunto)",
    re.I,
)
GUESS = re.compile(
    r"\b(?:i(?:.m| am)? (?:think|guess(?:ing)?|believe|suppose)|maybe|perhaps|probably|might be|not sure|afaik|"
    r"creo que|supongo|quiz[aá]s?|tal vez|a lo mejor|igual es|ser[aá] que|puede que|imagino|me suena|"
    r"ich (?:glaube|denke|vermute)|vielleicht|wahrscheinlich|je (?:crois|pense)|acho que|credo che)\b",
    re.I,
)


def without_signature(text: str) -> str:
    """The text before a line of underscores or "-- ", which start a signature since mail had them."""
    return re.split(r"\n(?:(?:\\?_){10,} {0,2}|-- ?)(?:\n|$)", text, maxsplit=1)[0].strip()
