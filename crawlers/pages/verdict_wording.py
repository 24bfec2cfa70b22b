"""The words with which an asker thanks, confirms and declines, in several languages."""

from __future__ import annotations

import re

__all__ = [
    "BUT_NOT",
    "COURTESY",
    "DECLINES",
    "FAILED",
    "HEDGED",
    "MORE_ASKED",
    "OWN_WAY",
    "SIGN_OFF",
    "SOLVED_IT",
    "STILL",
    "THANKS",
    "TURNS_DOWN",
    "WANTS_OTHERS",
    "WORKED",
]

FAILED = re.compile(
    r"\b(?:(?:does|did|do|has|have|is|was|are|wo|ca)n.?t (?:\w+ ){0,2}(?:work|help|fix|solve|change|start)\w*|"
    r"not work\w*|no luck|"
    r"still (?:\w+ ){0,3}(?:not|the same|have|having|get|getting|happen\w*|fail\w*|the (?:issue|problem|error))|"
    r"without success|to no avail|"
    r"same (?:problem|error|issue|result)|in advance|"
    r"(?:no|ni|tampoco) (?:me |se |nos )?(?:funcion\w+|va|sirve|sirvi[oó]|soluciona|arregla|resuelve)|"
    r"(?:no|tampoco) era eso|(?:was|is)n.?t (?:it|that)|das war.?s nicht|ce n.[eé]tait pas [cç]a|non era quello|"
    r"n[aã]o era isso|(?:prob|intent)[eé]\b.{0,30}\by nada|(?:todav[ií]a|a[uú]n) no (?:me )?(?:va|consigo|puedo|"
    r"funciona)|"
    r"ainda n[aã]o (?:consegui|consigo|d[aá]|funciona)|(?:sigue|sigo|contin[uú]a) (?:sin|igual|con|dando|saliendo|"
    r"pasando|fallando)|"
    r"mismo (?:problema|error)|de antemano|por adelantado|"
    r"(?:geht|funktioniert|klappt|hilft|l[aä]uft) (?:\w+ ){0,3}nicht|hat (?:\w+ )?nicht (?:geholfen|geklappt|"
    r"funktioniert)|"
    r"immer noch|im voraus|schon ?mal|"
    r"(?:ne |n.)?(?:marche|fonctionne) (?:toujours )?pas|toujours (?:pas|le m[eê]me)|d.avance|"
    r"non funziona|ancora lo stesso|in anticipo|n[aã]o (?:est[aá] |t[aá] )?(?:funciona\w*|funcionou|resolveu|deu)|"
    r"desde j[aá]|"
    # An error that only shows now, after what was tried.
    r"now (?:i.?m |i |it |there.?s |i.?ve )(?:get(?:s|ting)? |got |see |shows? |says? |gives? |throws? )?(?:me )?"
    r"(?:(?!no |without )\w+ ){0,3}errors?|"
    r"ahora (?:me |nos )?(?:sale|salta|da|tira|aparece|muestra|lanza) (?:(?!sin|ning)\w+ ){0,3}(?:error\w*|fallo)|"
    r"(?:jetzt|nun) (?:kommt|erscheint|bekomme ich|erhalte ich|habe ich) (?:(?!kein|ohne)\w+ ){0,3}fehler\w*|"
    r"maintenant (?:j.ai |il y a |[cç]a affiche )(?:l.)?(?:(?!plus|pas|aucun)\w+ ){0,3}erreur|"
    r"(?:ora|adesso) (?:mi )?(?:d[aà]|esce|appare|compare) (?:l.)?(?:(?!nessun)\w+ ){0,3}errore|"
    r"agora (?:me )?(?:d[aá]|aparece) (?:(?!nenhum)\w+ ){0,3}erro)\b",
    re.I,
)
# Said by the asker of a reply; one sentence is looked at, so that it cannot be a wish or a question.
WORKED = re.compile(
    r"\b(?:(?:that|this|it|everything|your \w+|now)(?:.s| has| is| all)? (?:\w+ )?(?:worked|works|did it|"
    r"did the trick|was it|"
    r"fixed|solved|helped|resolved|working)|work(?:s|ing) (?:now|fine|perfectly|great|well|nicely|flawlessly|"
    r"like a charm|as expected|again)|"
    r"worked(?: perfectly| for me| like| great|!)|did the trick|problem (?:is )?solved|issue (?:is )?resolved|"
    r"fixed (?:it|my|the)|"
    r"all good now|that.?s (?:it|what i (?:needed|wanted|was looking for))\b|exactly what i (?:needed|wanted|"
    r"was looking for)|"
    r"(?:me |te |ha |ya |ahora )+funcion[oóa]\w*|funcion[oó]|ya (?:va|me sale|puedo|me deja|se ve|qued[oó])\b|era eso|"
    r"me (?:solucionaste|resolviste|sirvi[oó]|ayud[oó]|ha servido|ha ayudado)|todo (?:est[aá] |va )?(?:ok|perfecto|"
    r"bien)|"
    r"(?:jetzt|nun) (?:geht|klappt|funktioniert|l[aä]uft) (?:es|alles|wieder)|(?:jetzt|nun) (?:geht|klappt).?s|"
    r"(?:hat|es|alles|super|wunderbar) (?:\w+ )?(?:geklappt|geholfen|funktioniert|klappt)|(?:das|daran) war.?s|"
    r"das war es\b|"
    r"[cç]a (?:marche|fonctionne|a march[eé])|(?:ora )?funziona|ha funzionato|deu certo|funcionou|"
    r"funciona (?:ya |ahora |todo )?(?:a la perfecci[oó]n|perfect\w*|bien|genial|de (?:maravilla|lujo|10)|ok|"
    r"correctamente|"
    r"bem|otra vez|de nuevo)|"
    r"(?:ya|ahora) (?:me |todo )?(?:va|anda|tira|arranca|carga|conecta|sale(?! (?:otr[oa]|una?) )|imprime)|"
    r"(?:me )?(?:va|anda|qued[oó]) (?:ya |todo )?(?:perfect\w*|de (?:lujo|maravilla)|genial|fenomenal|estupend\w*)|"
    r"(?:funktioniert|l[aä]uft|klappt|geht) (?:jetzt|nun|wieder|super|prima|einwandfrei|perfekt|bestens|tadellos|"
    r"wunderbar)|(?:fonctionne|marche) (?:bien|parfaitement|[aà] merveille|nickel|impec\w*|maintenant)|"
    r"c.est (?:bon|r[eé]gl[eé])|(?:funziona|va) (?:tutto|perfettamente|benissimo|alla grande)|"
    r"(?:justo|exactamente|precisamente) (?:lo|el \w+|la \w+) que (?:buscaba|necesitaba|quer[ií]a)|"
    r"genau (?:das|was)\W+(?:was )?ich (?:gesucht|gebraucht|gewollt|wollte|brauchte)|"
    r"exactement ce (?:que je (?:cherchais|voulais)|qu.il me fallait)|proprio quello che (?:cercavo|volevo)|"
    r"exatamente o que eu (?:queria|precisava|procurava)|"
    r"(?:est[aá]|t[aá]) funcionando|agora (?:funciona|foi|deu)|resolveu)(?!\w)"
    r"|^\W*(?:\w+\W+){0,2}funciona\W*$",
    re.I,
)
# As WORKED, but the asker may have found the solution alone.
SOLVED_IT = re.compile(
    r"\b(?:(?:is |now |already |got it |have it )?(?:solved|resolved|fixed)(?: it| now| this| the)?|figured (?:it|"
    r"this) out|found (?:the|a) solution|"
    r"(?:problema |tema |ya )*(?:solucionad[oa]|resuelt[oa]|arreglad[oa])|se (?:solucion|resolvi|arregl)[oó]|(?:lo |"
    r"ya )+(?:solucion[eé]|resolv[ií]|"
    r"arregl[eé]|encontr[eé]|consegu[ií]|logr[eé])|"
    r"(?:problem |thema )*(?:gel[oö]st|erledigt)|probl[eè]me r[eé]solu|r[eé]solu|risolto|resolvid[oa])(?!\w)",
    re.I,
)
HEDGED = re.compile(
    r"\?|\b(?:might|could|would|should|if|hope\w*|wish|unless|until|whether|when i|expect\w*|try|supposed|"
    r"si|podr[ií]a|deber[ií]a|ojal[aá]|espero|cuando|hasta que|wenn|falls|ob|k[oö]nnte|w[uü]rde|sollte|hoffe\w*|"
    r"devrait|"
    r"dovrebbe|deveria)\b",
    re.I,
)
THANKS = re.compile(
    r"\b(?:thanks|thank ?(?:you|u)|thx|tnx|ty|cheers|much appreciated|perfect|awesome|brilliant|"
    r"(?:muchas |mil )?gracias|se agradece|te lo agradezco|perfecto|genial|danke\w*|vielen dank|merci|super tipp|"
    r"perfekt|"
    r"grazie|perfetto|obrigad[oa]|valeu|perfeito|bedankt|dzi[eę]ki|спасибо)\b",
    re.I,
)

# A solution that the asker found without the replies, in the words of who found it.
OWN_WAY = re.compile(
    r"\b(?:found (?:a|another|my own) (?:solution|way|workaround)|(?:what )?i ended up|went (?:with|for) another|"
    r"encontr[eé] (?:una|otra) (?:soluci[oó]n|forma|manera)|eine andere l[oö]sung gefunden|"
    r"trouv[eé] une (?:autre )?solution|trovato un.?altra soluzione|achei (?:uma|outra) solu[cç][aã]o)\b",
    re.I,
)
# Of a failure that goes on, so that an earlier "it works" is taken back.
STILL = re.compile(
    r"\b(?:still|again|any ?more|sigue|sigo|contin[uú]a|otra vez|de nuevo|immer noch|wieder|encore|toujours|"
    r"de nouveau|ancora|di nuovo|ainda|novamente)\b",
    re.I,
)
# After the thanks in the same sentence: what was said does not help, or not enough.
DECLINES = re.compile(
    r"\b(?:but|actually|unfortunately|however|though|although|except|sadly|"
    r"pero|aunque|lamentablemente|desgraciadamente|por desgracia|sin embargo|en realidad|"
    r"aber|leider|allerdings|jedoch|eigentlich|obwohl|"
    r"mais|malheureusement|cependant|par contre|en fait|"
    r"ma(?!['’])|purtroppo|tuttavia|per[oò]|in realt[aà]|mas|por[eé]m|infelizmente|embora|na verdade)\b",
    re.I,
)
BUT_NOT = re.compile(r"\b(?:but not?|pero no|aber nicht|mais (?:pas|non)|ma non|mas n[aã]o)\b", re.I)
# At the start of the sentence after the thanks.
TURNS_DOWN = re.compile(
    r"\W*(?:(?:but|unfortunately|however|sadly|pero|lamentablemente|desgraciadamente|por desgracia|sin embargo|"
    r"aber|leider|allerdings|mais|malheureusement|cependant|purtroppo|tuttavia|infelizmente|por[eé]m)\b|"
    r"(?:i )?hope (?:\w+ ){1,4}(?:can|could|will)\b|(?:espero|ojal[aá]) (?:que )?(?:alguien|puedan)\b|"
    r"hoffentlich (?:kann|findet)\b|j.esp[eè]re que quelqu.un\b|spero che qualcuno\b|espero que algu[eé]m\b)",
    re.I,
)
WANTS_OTHERS = re.compile(
    r"\b(?:any (?:other|more|further) (?:ideas?|suggestions?|tips?|thoughts|answers?)|"
    r"(?:post|give|send) (?:me )?(?:more|other) (?:answers|ideas)|(?:any(?:one|body)|someone) else\b[^.!]{0,30}\?|"
    r"(?:alguna|m[aá]s|otras?) (?:otra )?(?:ideas?|sugerencias?|propuestas?)|alguien m[aá]s\b[^.!]{0,30}\?|"
    r"(?:noch|weitere|andere) (?:jemand (?:eine )?|andere )?(?:ideen?|vorschl[aä]ge?|tipps?)|"
    r"d.?.?autres? (?:r[eé]ponses?|reponses|id[eé]es?|solutions?|suggestions?)|"
    r"altr[aei] (?:ide[ae]|suggeriment[oi]|consigli[oi]?)|(?:outras?|mais alguma) (?:ideias?|sugest(?:[aã]o|[oõ]es)))",
    re.I,
)
# Thanks for a kindness and not for help.
COURTESY = re.compile(
    r"(?:gracias|agradezco|agradecid[oa])\b.{0,40}\b(?:felicitaci[oó]n\w*|[aá]nimos?|bienvenida|elogios?|halagos|"
    r"cumplidos?|"
    r"recibimiento|buenos deseos|palabras|vuestr[oa] apoyo|los comentarios)\b|"
    r"(?:thanks|thank ?(?:you|u)|thx|cheers)\b.{0,40}\b(?:(?:kind|nice|warm) (?:\w+ )?(?:words|comments|welcome)|"
    r"welcom(?:e|ing)|compliments?|congrat\w*|praise|encouragement|(?:good|best) wishes)\b|"
    r"danke?\b.{0,40}\b(?:gl[uü]ckw[uü]nsche?n?|willkommen|begr[uü][sß]+ung|lob|(?:netten|lieben) worte|"
    r"komplimente?)\b|"
    r"merci\b.{0,40}\b(?:f[eé]licitations?|accueil|bienvenue|compliments?|encouragements?|gentil\w*)\b|"
    r"grazie\b.{0,40}\b(?:complimenti|benvenuto|accoglienza|congratulazioni|belle parole)\b|"
    r"obrigad[oa]\b.{0,40}\b(?:parab[eé]ns|boas[- ]vindas|elogios?|recep[cç][aã]o|palavras)\b",
    re.I,
)
# Thanks that are all of a sentence; after a question they are for the answer to come.
SIGN_OFF = re.compile(
    r"\W*(?:(?:many|muchas|mil|vielen|un saludo y|saludos y|regards and)\W+)?"
    r"(?:thanks|thank ?(?:you|u)|thx|tnx|cheers|gracias|danke\w*|dank|merci|grazie|obrigad[oa])"
    r"(?:\W+(?:a lot|so much|again|very much|y saludos|y un saludo|sch[oö]n|bien|mille|beaucoup|e saluti))?"
    r"(?:[\s,.!:;)(]+\w[\w'-]*){0,2}\W*",
    re.I,
)
# A question of its own, after the first was answered.
MORE_ASKED = re.compile(
    r"\b(?:(?:one|another|a new|a second|next) (?:more |other |last |quick )?(?:question|thing|problem|doubt)|"
    r"(?:otra|una nueva|una [uú]ltima) (?:duda|pregunta|cosa|consulta|cuesti[oó]n)|otro (?:problema|tema)|"
    r"(?:noch|jetzt|h[aä]tte|habe) (?:\w+ ){0,2}(?:andere |weitere |neue )?fragen?|(?:andere|weitere|neue|"
    r"zweite) frage|"
    r"(?:une )?(?:autre|derni[eè]re|nouvelle) (?:question|chose)|autre probl[eè]me|"
    r"(?:un.)?(?:altra|ultima|nuova) (?:domanda|cosa)|altro problema|outra (?:d[uú]vida|pergunta|coisa)|"
    r"(?:outro|novo) problema)\b",
    re.I,
)
