"""
What a mail asks for, read by rules that can be explained: pure, and never more than a proposal.

Why rules and no model: a wish to be erased must not hang on a guess, and whoever was misunderstood can be shown
which words were read. What the rules do not surely understand, a person reads.

Holds:    only what is new in a mail is read: quotes and signatures, in which our own footer says "unsubscribe", count
          for nothing. A wish that is denied, made to depend on something, or asked about is none. Any text gives
          a Reading, in time that grows with its length.
Does not: act, or know who wrote.
"""

import re
from dataclasses import dataclass

from mailparser_reply import EmailReplyParser  # type: ignore[import-untyped]

from avow.requests.case_states import CaseKind
from avow.requests.intent_rules import (
    ABOUT_DATA,
    ASKS,
    DENIED,
    DENIED_AFTER,
    DEPENDS,
    FOREIGN,
    QUESTION,
    RULES,
    SENTENCE,
)

READ = 4_000  # characters; a wish stands near the beginning
BEFORE = 60  # characters before a wish in which a denial counts


@dataclass(frozen=True)
class Reading:
    """What was understood, and whether surely; `why` are the words it rests on."""

    intents: frozenset[CaseKind]
    sure: bool
    why: tuple[str, ...] = ()


COMPILED = {intent: [re.compile(rule, re.IGNORECASE) for rule in rules] for intent, rules in RULES.items()}
BLANK = re.compile(r"\n[\s>]*\n")
HEADS = re.compile(r"\b(?:[Oo]n|[Aa]m|Le)\b|wrote|schrieb|écrit")
MOST_HEADS = 40
PARSER = EmailReplyParser(languages=["en", "de", "fr"])


def new_text(text: str) -> str:
    """Return what the writer added: without quotes, the mail that was answered, or a signature."""
    text = BLANK.sub("\n\n", text[:READ])
    if sum(1 for _ in HEADS.finditer(text)) > MOST_HEADS:
        return ""  # the parser's time grows with the square of these; nobody writes so, and a person reads it
    try:
        reply = PARSER.parse_reply(text) or ""
    except Exception:  # noqa: BLE001 - a parser of strangers' habits; what it cannot part is read with the guards alone
        reply = text
    return "\n".join(line for line in reply.splitlines() if not line.lstrip().startswith(">")).strip()


def read(text: str, *, subject: str = "", is_reply: bool = False) -> Reading:
    """Read what is asked for; the subject counts unless it is a reply's, whose words are ours."""
    own = new_text(text)
    said = own if is_reply or not subject else f"{subject.strip()}.\n{own}"
    found, doubts, why = set[CaseKind](), False, list[str]()
    for sentence in SENTENCE.findall(said):
        for intent, words, doubtful in _in_sentence(sentence):
            why.append(words)
            doubts |= doubtful
            found |= set() if doubtful else {intent}
    if not found and not doubts and QUESTION.search(said):
        found = {CaseKind.QUESTION}
    return Reading(frozenset(found), bool(found) and not doubts, tuple(why[:6]))


def addresses_in(text: str) -> frozenset[str]:
    """Return the addresses that the new text names, in lower case."""
    return frozenset(found.lower().rstrip(".") for found in FOREIGN.findall(new_text(text)))


def _in_sentence(sentence: str) -> list[tuple[CaseKind, str, bool]]:
    """Return each wish in a sentence with its words, and whether there is doubt about it."""
    found = []
    for intent, rules in COMPILED.items():
        match = next((match for rule in rules if (match := rule.search(sentence))), None)
        if match is None:
            continue
        if _is_asked(sentence, intent):
            found.append((CaseKind.QUESTION, match[0], False))
        else:
            found.append((intent, match[0], _is_doubtful(sentence, match, intent)))
    return found


def _is_asked(sentence: str, intent: CaseKind) -> bool:
    """Say whether the sentence asks about a thing rather than for it; asking what is held is asking for it."""
    asks = sentence.rstrip().endswith("?") and ASKS.search(sentence) is not None
    return asks and not (intent is CaseKind.ACCESS and ABOUT_DATA.search(sentence))


def _is_doubtful(sentence: str, match: re.Match[str], intent: CaseKind) -> bool:
    """Say whether a wish is denied or depends on something; to stop messages is itself said with a "not"."""
    before = sentence[max(0, match.start() - BEFORE) : match.start()]
    denied = DENIED.search(before) or DENIED_AFTER.search(sentence[match.end() :])
    if intent is not CaseKind.STOP:
        denied = denied or DENIED.search(match[0])
    return bool(denied or DEPENDS.search(sentence))
