"""
Suggest what a sentence binds to: rules that anyone can read, the first that fits wins.

Why rules and no model: a suggestion is there to be confirmed by a person, and a
person can only confirm what they can see the reason for.

Holds:    the same sentence always gets the same suggestion; one that no rule knows gets
          a kind by its verb, and no promise.
Does not: decide. Everything suggested stays a draft until someone takes `draft` away.
"""

import re
from dataclasses import dataclass

from avow.policy.clauses import Kind
from avow.policy.dates import EFFECTIVE, SHAPES, UPDATED
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose


@dataclass(frozen=True)
class Suggestion:
    """A kind with the promises and purposes that usually go with it."""

    kind: Kind
    promises: tuple[Promise, ...] = ()
    purposes: tuple[Purpose, ...] = ()


def _rule(
    pattern: str, kind: Kind, *promises: Promise, purposes: tuple[Purpose, ...] = ()
) -> tuple[re.Pattern[str], Suggestion]:
    return re.compile(pattern, re.IGNORECASE), Suggestion(kind, promises, purposes)


NEVER = r"(?:do not|don't|does not|will not|won't|never|no longer|neither)\b"
RULES = (
    _rule(rf"{NEVER}[^.;]{{0,40}}\b(?:sell|sold|rent|trade)|\bneither sold\b", Kind.PROHIBITION, Promise.NO_SALE),
    _rule(r"\bunsubscribe|\bopt(?:ing)?[- ]out\b", Kind.PROMISE, Promise.OPT_OUT),
    _rule(r"\b(?:retain|kept|keep)\w*\b.*\b(?:delet|identif|anonym)", Kind.PROMISE, Promise.DE_IDENTIFY),
    _rule(r"\b(?:delet|eras)\w*\b|\b(?:access|copy of|export)\b.*\byour (?:personal |own )?(?:data|info)",
          Kind.PROCEDURE, Promise.ACCESS_AND_ERASE),
    _rule(r"\b(?:view|update|correct|rectif|edit)\w*\b.*\b(?:your|this|their) ", Kind.PROMISE,
          Promise.VIEW_AND_CORRECT),
    _rule(r"\b(?:change|update|amend|revise)s?\b.*\b(?:policy|notice)\b.*\b(?:notify|announce|post)"
          r"|\b(?:notify|announce)\b.*\bchange", Kind.PROMISE, Promise.CHANGE_NOTICE,
          purposes=(Purpose.COMMUNICATION,)),
    _rule(r"\bcontinu\w+ (?:to use|using|use)\b.*\b(?:accept|agree)", Kind.CLAIM, Promise.ACCEPTANCE_BY_USE),
    _rule(r"\b(?:may|might|can)\b.*\b(?:update|change|amend|revise)\b.*\b(?:policy|notice|statement)",
          Kind.PERMISSION, Promise.VERSIONS_PUBLIC),
    _rule(r"\bby using\b.*\b(?:agree|consent)", Kind.CLAIM, Promise.BASIS_PER_PURPOSE),
    _rule(r"\baggregat", Kind.PERMISSION, Promise.AGGREGATE_RELEASE, purposes=(Purpose.ANONYMISED_RELEASE,)),
    _rule(r"\banonymi[sz]|\bde-?identif", Kind.PERMISSION, Promise.ANONYMISED_RELEASE,
          purposes=(Purpose.ANONYMISED_RELEASE,)),
    _rule(r"\b(?:subpoena|court order|legal process|law enforcement|required by law|legal obligation|warrant)",
          Kind.PERMISSION, Promise.LEGAL_DISCLOSURE, purposes=(Purpose.LEGAL,)),
    _rule(r"\bonly (?:to the extent|as|what is) (?:strictly )?(?:necess|need)", Kind.LIMIT, Promise.AGENT_NECESSITY,
          purposes=(Purpose.AGENT_DELIVERY,)),
    _rule(r"\b(?:service providers?|sub-?processors?|vendors?|third[- ]part(?:y|ies) (?:services|compan))", Kind.FACT,
          Promise.AGENT_REGISTER, purposes=(Purpose.AGENT_DELIVERY,)),
    _rule(r"\b(?:share|disclos|transfer)\w*\b.*\b(?:third part|partner|other compan)", Kind.LIMIT,
          Promise.SHARING_LIMIT),
    _rule(r"\b(?:do not|does not|doesn't|not)\b.*\b(?:apply|cover)\b", Kind.DISCLAIMER, Promise.SCOPE_MARKED),
    _rule(r"\b(?:policy|notice|statement)\b.*\b(?:applies|covers|describes)\b", Kind.FACT, Promise.DECLARED_DATA),
    _rule(r"\b(?:automatically|cookies?|ip address|device id|browser)\b", Kind.FACT, Promise.COLLECTED_DATA),
    _rule(r"\b(?:collect|ask for|provide)\b.*\b(?:name|e-?mail|phone)", Kind.FACT, Promise.GIVEN_DATA,
          purposes=(Purpose.ACCOUNT,)),
    _rule(r"\bpersonali[sz]", Kind.PERMISSION, Promise.PERSONALISATION_CHOICE, purposes=(Purpose.PERSONALISATION,)),
    _rule(r"\b(?:cannot|can't|no)\b.*\b(?:guarantee|absolute)|\bguarantee\b.*\bnot\b", Kind.DISCLAIMER,
          Promise.SECURITY_MEASURES),
    _rule(r"\b(?:encrypt|security measures|safeguards?|secure)\b", Kind.PROMISE, Promise.SECURITY_MEASURES,
          purposes=(Purpose.SECURITY,)),
    _rule(r"\bbreach", Kind.PROMISE, Promise.BREACH_REGISTER),
    _rule(r"\bpassword", Kind.PROMISE, Promise.PASSWORD_PROTECTION, purposes=(Purpose.SECURITY,)),
    _rule(r"\b(?:questions?|concerns?)\b.*\b(?:contact|e-?mail|write|reach)|\bcontact us\b", Kind.PROCEDURE,
          Promise.QUESTIONS),
    _rule(r"\b(?:respond|answer|reply)\w*\b.*\b(?:days?|request|question)", Kind.PROMISE, Promise.QUESTIONS_ANSWERED),
    _rule(r"\b(?:e-?mail|contact|write to) you\b|\bsend you\b", Kind.PERMISSION, Promise.CONTACT_LIMIT,
          purposes=(Purpose.COMMUNICATION,)),
    _rule(r"\byou (?:may|can) (?:choose|decline|withhold|refuse)", Kind.PROMISE, Promise.CHOICE_TO_WITHHOLD),
    _rule(r"\bwe (?:may )?(?:use|process)\b", Kind.PERMISSION, Promise.PURPOSE_LIMIT),
)  # fmt: skip
BY_VERB = (
    _rule(rf"\bwe\b[^.]{{0,20}}\b{NEVER}", Kind.PROHIBITION),
    _rule(r"\bwe(?:'ll| will)\b|\bensure\b|\bcommit", Kind.PROMISE),
    _rule(r"\bwe (?:may|might|can)\b", Kind.PERMISSION),
    _rule(r"\bonly\b", Kind.LIMIT),
    _rule(r"\byou (?:must|should|are responsible|agree)\b|^please\b", Kind.READER),
    _rule(r"\byou (?:may|can)\b", Kind.PROCEDURE),
    _rule(r"\b(?:we|our)\b", Kind.FACT),
)
READ = 2000  # characters looked at
DATE_LINE = 80  # characters: a longer sentence with a date in it is about something


def suggest(text: str) -> Suggestion:
    """Return what a sentence most likely binds to."""
    plain = text[:READ].replace("’", "'")
    if _is_date(plain):
        return Suggestion(Kind.DATE, (Promise.VERSIONS_FROZEN,))
    found = next((suggestion for pattern, suggestion in (*RULES, *BY_VERB) if pattern.search(plain)), None)
    return found or Suggestion(Kind.STATEMENT)


def _is_date(text: str) -> bool:
    if len(text) > DATE_LINE or not any(shape.search(text) for shape in SHAPES):
        return False
    labelled = EFFECTIVE.search(text) or UPDATED.search(text)
    return bool(labelled) or any(shape.fullmatch(text.strip(" .")) for shape in SHAPES)
