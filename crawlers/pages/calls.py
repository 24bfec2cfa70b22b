"""What a page says to its reader in the form of a question: calls to action, requests for feedback, closing words."""

from __future__ import annotations

import re

__all__ = ["is_call_to_action", "is_closing", "is_feedback"]

_ENDS = r"\W*$"
# Whatever they stand in, no help page answers these.
_PLEA = re.compile(
    r"[\W_]*(?:(?:still|yet|aún|todavía|noch|and|or|but|y|o|pero|so) )*(?:"
    r"(?:(?:do )?you )?(?:still |yet )?(?:have|got)"
    r"(?: (?:you got|a|an|any|more|other|another|further|some|additional))* "
    r"(?:questions?|doubts)|(?:more |other |further |any |got |additional )*questions\?|"
    r"(?:do you )?need (?:more |further |some |any |extra |additional )*(?:help|support|assistance|information)"
    rf"(?: (?:with anything|deciding|choosing|getting started|from us|now))?{_ENDS}|"
    r"need to (?:talk|speak|contact|get in)|"
    r"(?:are you )?ready to (?:get|start|begin|try|join|book|buy|go|take|see|learn|make|move|grow|build|launch|switch|"
    rf"transform|talk|order|upgrade|become|experience|work with)\b|ready{_ENDS}|"
    r"(?:do you )?(?:want|would you like) to (?:know|learn|find out|see|read|hear) more|wanna|"
    rf"looking for (?:more|something|someone|help){_ENDS}|looking for (?:more|something) |"
    r"(?:(?:you )?(?:didn.t|did not|can.t|cannot|couldn.t|haven.t|don.t)|not)(?: you)? (?:find(?:ing)?|see|found)"
    r"(?: \w+){0,3} (?:looking for|answers?|questions?|information|solution|what you (?:need|want)\w*|topic|here|it)\b|"
    r"is there anything else|what are you waiting|"
    r"(?:(?:te|le|os|les) )?(?:tienes|tiene|tenés|tenéis|tienen|quedan?|has quedado con)(?: (?:aún|todavía|con|alguna|"
    r"algunas|algún|más|otra|otras|otros|una|un|la|las))* (?:dudas?|preguntas?|consultas?|inquietud(?:es)?|"
    r"cuestion(?:es)?|comentarios?|sugerencias?)\b|(?:alguna |más |otra |otras )*(?:dudas?|preguntas?|consultas?)\?|"
    r"(?:necesitas|necesita|necesitás|necesitáis|necesitan) (?:más |algo de |alguna |nuestra )*(?:ayuda|información|"
    rf"asesoramiento|asesoría|soporte|asistencia)(?: (?:adicional|personalizada|urgente|extra|ahora))?{_ENDS}|"
    r"(?:necesitas|necesita|necesitás|quieres|desea) (?:hablar|contactar)\b|"
    r"(?:(?:estás|está|estáis|están|ya estás) )?(?:list[oa]s?|preparad[oa]s?) para\b|listo"
    rf"{_ENDS}|te animas\b|te interesa{_ENDS}|te interesa (?:saber|conocer|aprender|probar)\b|"
    r"(?:te gustaría |quieres |quiere |querés )(?:saber|conocer|aprender|leer|descubrir) más|"
    rf"(?:quieres|querés) (?:empezar|comenzar|probar(?:lo|la)?|unirte){_ENDS}|"
    rf"a qu[eé] esperas|qu[eé] (?:est[aá]s esperando|esperas){_ENDS}|"
    r"no (?:encuentras?|encontraste|has encontrado|ha encontrado|encontró|hallas?|ves)(?: \w+){0,3} "
    r"(?:(?:que )?(?:buscas?|buscabas?|necesitas?)|respuestas?|preguntas?|informaci[oó]n|soluci[oó]n|dudas?)\b|"
    rf"(?:no )?hablamos{_ENDS}|no eres (?:todavía |aún )?(?:cliente|soci[oa]|usuari[oa]){_ENDS}|"
    r"(?:quieres|quiere|querés|te gustaría) recibir (?:\w+ ){0,2}(?:ofertas|novedades|promociones|noticias|descuentos|"
    r"bolet[ií]n(?:es)?|newsletters?)\b|"
    r"(?:no )?(?:has|ha|hemos|habéis|se ha) (?:conseguido )?(?:resuelto|resolver|solucionado|solucionar) "
    rf"(?:tus?|sus?|el|la|vuestr[ao]s?) (?:dudas?|problemas?|consultas?|preguntas?){_ENDS}|"
    rf"(?:do you )?want to (?:receive|get) (?:\w+ ){{0,2}}(?:offers|news|newsletters?|deals|updates){_ENDS}|"
    r"buscas (?:algo|más)\b|noch fragen|haben sie (?:noch |weitere )*fragen|hast du (?:noch |weitere )*fragen)",
    re.I,
)
# The same in German, French, Portuguese, Italian, Catalan and Galician.
_PLEA_ELSEWHERE = re.compile(
    rf"[\W_]*(?:(?:noch|und|oder|aber|encore|et|ou|mais|ainda|e|o|ancora|encara|aínda|i) )*(?:"
    r"(?:(?:noch |weitere |offene |mehr |andere )+(?:fragen|hilfe|informationen)\b|fragen\?|(?:ihre |deine )?frage "
    r"(?:ist |war |wurde )?(?:noch )?nicht|(?:benötig\w+|brauch\w+) (?:sie |du )?(?:noch |weitere |mehr )*"
    rf"(?:hilfe|unterstützung|beratung){_ENDS}|nicht (?:fündig|gefunden|das richtige)|(?:sie |du )?(?:haben|hast) "
    r"(?:sie |du )?(?:noch |weitere |eine |ihre |deine )*(?:frage|fragen|antwort) ?(?:nicht|\?)|"
    r"(?:sind sie |bist du )?(?:bereit (?:für|zu|los)|startklar)|nichts gefunden|interesse geweckt|"
    r"keine (?:passende )?antwort gefunden)|"
    r"(?:(?:une |d.|avez.vous |vous avez |tu as |as.tu |il vous reste |des )*(?:une |d.)?(?:autres?|encore des) "
    rf"(?:questions?|interrogations?|demandes?)(?: à [\w' ]{{1,30}})?{_ENDS}|"
    r"(?:(?:vous )?avez.vous |vous avez |tu as |as.tu )"
    rf"(?:encore |toujours )*(?:une|des) (?:questions?|doutes?|interrogations?){_ENDS}|(?:une |des )questions?{_ENDS}|"
    r"(?:vous )?(?:n.avez |n.as |n.avez.vous |ne )?(?:pas |tu )*(?:trouv\w+|voyez)(?:.vous)? (?:pas |toujours )*"
    rf"(?:la |de |une |votre |ce que |vous |l.)*(?:réponses?|information|cherch\w+|solution)|"
    rf"(?:vous )?(?:avez.vous |avez |as )?besoin (?:d.aide|d.un (?:conseil|renseignement)|de (?:plus )?"
    rf"(?:d.informations?|conseils|renseignements))\b[^?]{{0,25}}{_ENDS}|prêts? (?:à|pour)\b)|"
    rf"(?:(?:ainda |você |tem |ficou com |restou |mais |outras? |alguma |com )+(?:dúvidas?|perguntas?|questões){_ENDS}|"
    rf"(?:precisa|necessita)(?: de)? (?:mais |alguma )*(?:ajuda|informações|suporte){_ENDS}|"
    r"não (?:encontrou|achou|encontra) (?:o que|(?:a |sua |uma )?(?:resposta|informação))|pronto para\b)|"
    rf"(?:(?:hai |avete |ha |altre |altra |ancora |qualche |delle )+(?:domand[ae]|dubbi[o]?){_ENDS}|"
    rf"(?:hai |avete |ha )?bisogno di (?:aiuto|assistenza|supporto|altre informazioni|maggiori informazioni){_ENDS}|"
    r"non (?:hai |avete |ha )?trov\w+ (?:la |una )?(?:risposta|quello che|ciò che)|pront[oia] (?:a|per)\b)|"
    r"(?:(?:tens |teniu |té |algun |alguna |altres |més |tes |ten |outras? )+"
    rf"(?:dubtes?|preguntes?|dúbidas?|preguntas?){_ENDS}|"
    r"no (?:has |heu |trobes |trobeu )?(?:trobat )?(?:el que|la resposta)))",
    re.I,
)
# Login boxes and banners say these, and so do questions: what they mean depends on where they stand.
_INVITATION = re.compile(
    r"[\W_]*(?:(?:forgot|lost)(?: your| my)? password|not a member|new (?:here|user)|don.t have an account|"
    r"already (?:have an account|a member|registered)|interested(?: in (?:learning|working|joining|trying|more))?\b|"
    r"not sure (?:where|what|which|how|if|yet)|need (?:more |further |some |any )?(?:help|support|assistance)|"
    r"looking for\b|(?:(?:ya|aún no|todavía no|no) )?tienes (?:una )?cuenta|"
    r"olvidaste|has olvidado|olvidó|(?:necesitas|necesita|necesitás) (?:ayuda|información|soporte)|"
    r"te interesa|quieres (?:saber|conocer|aprender|empezar|probar))",
    re.I,
)
_FEEDBACK = re.compile(
    r"[¿\s]*(?:was (?:this|it)\b.*\b(?:help|useful)|did (?:this|you find)\b.*\b(?:help|answer|"
    r"useful|looking)|"
    r"(?:te|le) (?:ha |fue |result[oó] )*(?:sido |resultado )?(?:útil|de ayuda|servido|sirvi[oó])|"
    r"(?:fue|ha sido) (?:de ayuda|útil)|"
    r"est[ae] (?:art[ií]culo|p[aá]gina|respuesta|informaci[oó]n).*(?:útil|ayud)|war (?:das|"
    r"dieser artikel) hilfreich|how can we help|"
    r"(?:en )?qu[eé] (?:podemos|puedo) ayudar|c[oó]mo (?:podemos|te podemos|puedo) ayudar|"
    r"what can we help)",
    re.I,
)
# The line that ends a help page: no answer has ended it, so go and ask. Narrower than a heading's call to action,
# because an answer's own paragraphs may well begin with "Interested in" or "Lost your password".
_CLOSING_QUESTION = (
    r"(?:(?:do |are |did |can(?:not|.t) )?(?:you |we )?(?:still |yet )?"
    r"(?:(?:need|want|looking for) (?:some |any |a bit )?(?:more |further |extra |additional |other )?"
    r"(?:help|support|assistance|information|answers)|"
    r"(?:have|got|having) (?:any |some |a |an )?(?:more |other |another |further |additional |unanswered )?"
    r"(?:questions?|doubts|problems|trouble)|"
    r"(?:any |some |got )?(?:more|other|further|another) questions?|questions|stuck|unsure|"
    r"(?:can.?t|cannot|couldn.?t|could not|didn.?t|did not|don.?t|haven.?t|not) (?:you )?(?:find(?:ing)?|see|found|"
    r"answer(?:ed)?)\b|"
    r"(?:is |was )?your (?:question|problem|answer|issue) (?:is |was )?(?:not|isn.t|wasn.t)\b)|"
    r"(?:y |o )?(?:a[uú]n |todav[ií]a )?(?:(?:no (?:has |ha |hab[eé]is )?(?:encuentras?|encontr\w+|encontrado|hallas|"
    r"ves|resuelto|resolvimos)\b)|"
    r"(?:sigues?|contin[uú]as?) (?:sin|con|teniendo)\b|(?:a[uú]n |todav[ií]a )?"
    r"(?:te |le |os |les )?(?:quedan?|tienes?|tien[eé]s|ten[eé]is) (?:a[uú]n |todav[ií]a |con )?"
    r"(?:alguna |algunas |m[aá]s |otras? )*(?:dudas?|preguntas?|consultas?)|"
    r"(?:a[uú]n |todav[ií]a )?(?:necesitas?|necesit[aá]s|quieres?) (?:m[aá]s |algo de |otra )*"
    r"(?:ayuda|informaci[oó]n|soporte|asistencia)|"
    r"(?:alguna |m[aá]s |otras? )(?:dudas?|preguntas?|consultas?)|dudas)|"
    r"(?:haben sie |hast du |sie haben )?(?:noch |weitere |ihre )*fragen|(?:ihre |deine )?frage (?:ist )?nicht|"
    r"nicht gefunden|(?:besoin d.aide|vous avez (?:encore|d.autres) questions|d.autres questions)|"
    r"(?:ainda tem|mais) d[uú]vidas|(?:hai ancora|altre) domande)"
)
_CLOSING = re.compile(rf"[\W_]*{_CLOSING_QUESTION}[^.!?\n]{{0,90}}\?(?P<rest>.*)", re.I | re.S)
_TURNS_TO_US = re.compile(
    r"\b(?:contact\w*|call|ring|phone|e-?mail|mail|write|ask|chat|talk|speak|visit|reach|message|get in touch|let us|"
    r"tell us|submit|open a|ticket|forums?|community|support|help|we|us|"
    r"cont[aá]ct\w*|ll[aá]m\w*|escr[ií]b\w*|preg[uú]nt\w*|consult\w*|habl\w*|chat\w*|foros?|comunidad|"
    r"soporte|ayuda\w*|"
    r"visita\w*|env[ií]a\w*|formulario|correo|"
    r"kontakt\w*|schreib\w*|ruf\w*|fragen|hilfe|contactez|[eé]crivez|appelez|contate|fale|ligue|contatta\w*|scrivi\w*)\b",
    re.I,
)


def is_call_to_action(text: str, *, structured: bool = False) -> bool:
    """Whether something shaped like a question only wants the reader to click or to write.

    `structured` says that markup gives it an answer of its own, as an accordion does: then it takes more to be none.

    >>> is_call_to_action("¿Tienes alguna duda?"), is_call_to_action("¿Tiene alguna garantía mi compra?")
    (True, False)
    >>> is_call_to_action("Forgot your password?"), is_call_to_action("Forgot your password?", structured=True)
    (True, False)
    """
    if _PLEA.match(text) or _PLEA_ELSEWHERE.match(text) or is_feedback(text):
        return True
    return not structured and bool(_INVITATION.match(text))


def is_closing(text: str) -> bool:
    """Whether a page's last lines only send the reader on to people who can help.

    >>> is_closing("Still need help?\\nAsk the community or call us.")
    True
    >>> is_closing("Still need help? The manual has 40 pages.")
    False
    """
    found = _CLOSING.fullmatch(text.strip())
    if not found or len(text.split()) > 45:
        return False
    return not re.search(r"\w", found["rest"]) or bool(_TURNS_TO_US.search(found["rest"]))


def is_feedback(text: str) -> bool:
    """Whether a line asks if the page was helpful."""
    return bool(_FEEDBACK.match(text))
