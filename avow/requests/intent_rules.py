"""
The words by which a wish is known, in English, German and French, and those that put it in doubt.

Why as data: a rule that misreads a mail is one line to read, to show to whoever was misread, and to mend.

Holds:    each rule stays within one sentence and looks ahead a bounded way, so its time grows with the text's length.
"""

import re

from avow.requests.case_states import CaseKind as Kind

NEAR, FAR = r"[^.?!\n]{0,25}", r"[^.?!\n]{0,60}"
DATEN = r"(?:konto|account|daten|alles|profil)"
RULES: dict[Kind, tuple[str, ...]] = {
    Kind.ERASURE: (
        (
            r"\b(?:delete|erase|remove|wipe|close|cancel|deactivate|forget)\s+"
            r"(?:all\b|everything\b|my\b|me\b|the (?:data|account)\b|any\b)"
        ),
        (
            rf"\b(?:account|data|information|everything|profile|details)\b{FAR}"
            r"\b(?:deleted|erased|removed|wiped|closed)\b"
        ),
        r"\b(?:deletion|erasure|removal) of (?:all |my |the )?(?:personal )?(?:data|account|information)\b",
        r"\bright to (?:be forgotten|erasure|deletion)\b",
        rf"\b(?:lösch\w*|entfern\w*|vernicht\w*)\b{FAR}\b{DATEN}\b",
        rf"\b{DATEN}\b{FAR}\b(?:löschen|gelöscht|entfernen|entfernt|löschung)\b",
        rf"\b(?:supprim\w*|effac\w*)\b{FAR}\b(?:compte|données|informations|tout|profil)\b",
        rf"\b(?:suppression|effacement)\b{NEAR}\b(?:compte|données)\b",
    ),
    Kind.ACCESS: (
        r"\b(?:copy|export) of (?:all |any |the |my |everything)",
        (
            rf"\b(?:send|give|provide|show|tell) me\b{FAR}"
            r"\b(?:data|information|everything|what) (?:that )?(?:you|is|about|held|on)\b"
        ),
        (
            rf"\b(?:see|access|receive|get|view|know|download)\b{NEAR}\b(?:my (?:personal )?(?:data|information)|"
            r"everything (?:that )?you|all (?:the |my )?(?:data|information)|"
            r"what (?:data |information )?you (?:hold|have|store|keep))"
        ),
        rf"\bwhat\b{NEAR}\b(?:data|information)\b{NEAR}\byou (?:hold|have|store|keep)\b{NEAR}\babout me\b",
        r"\b(?:subject access request|right of access|data access request)\b",
        rf"\b(?:auskunft|kopie)\b{FAR}\b(?:daten|gespeichert|mich|mir|person)\b",
        rf"\bwelche\b{NEAR}\bdaten\b{FAR}\b(?:gespeichert|speicher\w*|haben|habt)\b",
        rf"\b(?:copie|accès|accéder)\b{FAR}\b(?:données|informations)\b",
    ),
    Kind.STOP: (
        r"\bunsubscribe\b",
        rf"\bstop\b{NEAR}\b(?:send\w*|mail\w*|e-?mail\w*|writ\w*|contact\w*|messag\w*|newsletters?|communications?)\b",
        (
            r"\b(?:do not|don't|never|no longer)\s+"
            r"(?:(?:want|wish) to (?:receive|get|hear)|(?:e-?)?mail|write|contact|send|message)\b"
        ),
        (
            rf"\b(?:no more|no further|take me off|remove me from)\b{NEAR}"
            r"\b(?:mails?|e-?mails?|messages?|newsletters?|list|communications?)\b"
        ),
        r"\bopt(?:ing)? out\b",
        rf"\bkeine\b{NEAR}\b(?:mails?|e-mails?|nachrichten|newsletter|werbung)\b",
        r"\b(?:abbestellen|abmelden)\b",
        rf"\bne\b{NEAR}\b(?:plus|pas)\b{NEAR}\b(?:recevoir|envoye\w*|écri\w*|messages?|e-?mails?|courriels?)\b",
        r"\b(?:désabonner|désinscrire|désabonnez|désinscrivez)\b",
    ),
    Kind.CORRECTION: (
        (
            rf"\b(?:correct|rectify|update|change|fix)\b{NEAR}"
            r"\b(?:my|name|phone|number|address|e-?mail|data|information|it|spelling)\b"
        ),
        rf"\b(?:berichtig\w*|korrigier\w*|änder\w*)\b{FAR}\b(?:name\w*|adresse|nummer|daten|telefon\w*)\b",
        rf"\b(?:name\w*|adresse|nummer|daten|telefon\w*)\b{FAR}\b(?:berichtig\w*|korrigier\w*|änder\w*)\b",
        rf"\b(?:corrig\w*|rectifi\w*|modifi\w*)\b{FAR}\b(?:nom|adresse|numéro|données)\b",
    ),
}
DENIED = re.compile(
    r"\b(?:not|never|without|rather than|instead of|nicht|kein\w*|ohne|niemals|statt|ne|pas|sans|jamais)\b|n't\b",
    re.IGNORECASE,
)
DENIED_AFTER = re.compile(r"^[^.?!,;\n]{0,20}\b(?:nicht|pas|not)\b", re.IGNORECASE)
DEPENDS = re.compile(
    r"\b(?:if|unless|until|when|whether|before|after|in case|somebody|someone|his|her|their|"
    r"my (?:friend|wife|husband|son|daughter|mother|father|colleague|boss|sister|brother)|"
    r"falls|wenn|bevor|nachdem|ob|sobald|si|quand|avant|lorsque)\b",
    re.IGNORECASE,
)
ASKS = re.compile(
    r"^\W*(?:(?:hello|hi|dear|hallo|bonjour)\b[^,\n]{0,30},?\s*)?"
    r"(?:how|what|why|where|who|which|is|are|do|does|did|wie|was|warum|wo|wer|ist|sind|comment|pourquoi|où|qui|est-ce)\b",
    re.IGNORECASE,
)  # fmt: skip
ABOUT_DATA = re.compile(
    r"\b(?:what|welche|quelles?)\b[^?\n]{0,40}\b(?:data|information|daten|données)\b", re.IGNORECASE
)
QUESTION = re.compile(r"\?|\b(?:question|wondering|frage|fragen|question)\b", re.IGNORECASE)
SENTENCE = re.compile(r"[^.?!\n]+[.?!]*")
FOREIGN = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
