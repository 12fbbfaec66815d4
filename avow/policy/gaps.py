"""
What a policy fails to say, by rules that anyone can read.

Why only words: the law asks a policy to *say* certain things, so a rule looks for
the words with which policies say them. It never invents text and never judges
whether what is said is right.

Holds:    each gap is one sentence. The rules are English; of a text in another language
          they say that they cannot read it.
Does not: give legal advice; a text without gaps can still be unlawful.
"""

import re
from dataclasses import dataclass

from avow.policy.binding import BoundPolicy
from avow.policy.document import Document


@dataclass(frozen=True)
class Gap:
    """One thing that the text does not say."""

    code: str
    sentence: str


@dataclass(frozen=True)
class Rule:
    """A gap, unless one of these wordings is in the text."""

    code: str
    sentence: str
    said: re.Pattern[str]


def _rule(code: str, sentence: str, *wordings: str) -> Rule:
    return Rule(code, sentence, re.compile("|".join(wordings), re.IGNORECASE))


RULES = (
    _rule(
        "controller",
        "It does not give the legal name and postal address of the company that answers for the data.",
        r"\b(?:postal|registered|mailing|business) address\b",
        r"\bwrite to us at\b",
        r"\b\d{1,5} [\w. ]{3,40}\b(?:street|st|avenue|ave|road|rd|lane|drive|boulevard|blvd|square)\b",
        r"\b[A-Z]{2} \d{5}\b",  # a state and its postal code
        r"\bP\.?O\.? Box\b",
    ),
    _rule(
        "legal-basis",
        "It does not say on which legal basis each purpose rests.",
        r"\b(?:legal|lawful) bas[ie]s\b",
        r"\blegitimate interests?\b",
    ),
    _rule(
        "retention",
        "It does not say how long data is kept, or by what that is decided.",
        r"\b(?:retain|retention|keep|store|kept|stored|delete[ds]?|blind)\b[^.]{0,80}"
        r"\b(?:\d+|thirty|sixty|ninety|twelve|one|two) (?:days?|weeks?|months?|years?)\b",
        r"\bretention (?:periods?|schedule|policy)\b",
        r"\b(?:as|so) long as\b[^.]{0,60}\b(?:active|account|necessary|needed)\b",
    ),
    _rule(
        "transfers",
        "It does not say whether data goes to other countries, and what protects it there.",
        r"\b(?:international|cross-border|overseas) (?:data )?transfers?\b",
        r"\btransfer(?:s|red|ring)?\b[^.]{0,80}\b(?:countr|united states|european|EU\b|EEA\b|outside)",
        r"\bstandard contractual clauses\b",
        r"\bdata privacy framework\b|\bprivacy shield\b",
        r"\b(?:located|stored|processed|hosted) (?:in|within) the (?:united states|european union|eu|us)\b",
    ),
    _rule(
        "agents",
        "It does not name the service providers that receive data.",
        r"\b(?:list of|see our) (?:our )?(?:sub-?processors|third[- ]party services|service providers)\b",
        r"\bsub-?processors?\b",
        r"\b(?:amazon|aws|google|stripe|cloudflare|mailchimp|braze|salesforce|microsoft|zendesk|sendgrid|mixpanel)\b",
    ),
    _rule(
        "authority",
        "It does not say that people may complain to a supervisory authority.",
        r"\b(?:supervisory|data protection|regulatory) authorit(?:y|ies)\b",
        r"\b(?:lodge|file|make) a complaint\b",
        r"\battorney general\b|\binformation commissioner\b",
    ),
    _rule(
        "minors",
        "It does not say how children are treated.",
        r"\b(?:children|child|minors?|under (?:the age of )?1[368])\b",
    ),
    _rule(
        "sensitive",
        "It does not say whether sensitive data, such as on health or religion, is processed.",
        r"\bsensitive (?:personal )?(?:data|information)\b|\bspecial categor(?:y|ies)\b",
        r"\bprotected classifications?\b|\bbiometric",
        r"\b(?:health|religio(?:n|us)|sexual orientation|ethnicity|racial)\b",
    ),
    _rule(
        "profiling",
        "It does not say whether decisions are made automatically or profiles are built.",
        r"\bprofiling\b|\bautomated (?:decisions?|decision[- ]making|individual)\b",
    ),
    _rule(
        "gpc",
        "It does not say what happens when a browser asks not to be tracked or sold (Global Privacy Control).",
        r"\bglobal privacy control\b|\bGPC\b|\bdo[- ]not[- ]track\b|\bDNT\b",
    ),
    _rule(
        "breach",
        "It does not say whether and how people are told of a breach of their data.",
        r"\b(?:data|security|privacy) (?:breach|incident)(?:es|s)?\b",
        r"\bbreach(?:es)? of (?:security|personal|your)\b",
        r"\bnotif\w+[^.]{0,60}\bbreach",
    ),
)
FOREIGN = Gap("language", "The rules for gaps read English only, so they say nothing about what this text leaves out.")


def gaps(policy: Document | BoundPolicy) -> list[Gap]:
    """Return what the text does not say."""
    document = policy.document if isinstance(policy, BoundPolicy) else policy
    if not document.language.lower().startswith("en"):
        return [FOREIGN]
    text = "\n".join(sentence.text for sentence in document).replace("’", "'")
    return [Gap(rule.code, rule.sentence) for rule in RULES if not rule.said.search(text)]
