"""
The promises that Avow can keep, and the two marks that tie code to them.

Why promises and not paragraphs: companies number their policies differently and
say one thing twice. A clause table binds each sentence to promises; code, tests
and live checks name a promise and never a section of one company's text.

Holds:    `keeps` and `watches` only mark: they return the function they were
          given. A misspelt promise does not import, since Promise is an enum.
          A live check has one name, and registering two under it is refused.
Assumes:  every module with a mark is imported before the register is read;
          `avow.policy.trace.load_marks` imports them all.
Does not: judge. Whether a promise is kept, proved and watched is counted in
          `avow.policy.trace`; whether it holds now, in `avow.evidence.states`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


class Promise(StrEnum):
    """
    What a sentence can bind Avow to; the value is the stable name in tables, pages and evidence.

    `meaning` says it in one line for a person who reads a page.
    """

    meaning: str

    def __new__(cls, value: str, meaning: str) -> "Promise":
        """Carry the meaning beside the name."""
        promise = str.__new__(cls, value)
        promise._value_ = value
        promise.meaning = meaning
        return promise

    # About the policy itself
    VERSIONS_FROZEN = "versions-frozen", "the published text and its date never change afterwards"
    VERSIONS_PUBLIC = "versions-public", "every version stays readable"
    BASIS_PER_PURPOSE = "basis-per-purpose", "no purpose rests on 'by using this you consent' alone"
    CHANGE_NOTICE = "change-notice", "changes are announced on the site, by mail and in the account"
    NOTICE_WITHOUT_MAIL = "notice-without-mail", "people without mail, or opted out, are shown the notice"
    ACCEPTANCE_BY_USE = "acceptance-by-use", "use after having been shown the change is recorded as acceptance"
    USE_UNDER_VERSION = "use-under-version", "a datum is used under the versions that govern it"
    # About data and purposes
    DECLARED_DATA = "declared-data", "everything stored about a person is declared"
    SCOPE_MARKED = "scope-marked", "what is outside the policy is marked as outside"
    PURPOSE_LIMIT = "purpose-limit", "personal data opens only for a stated, permitted purpose"
    GIVEN_DATA = "given-data", "forms ask for what the policy names, and nothing else"
    COLLECTED_DATA = "collected-data", "what is recorded automatically is what the policy names"
    PERSONALISATION_CHOICE = "personalisation-choice", "personalisation can be switched off, and then is off"
    CHOICE_TO_WITHHOLD = "choice-to-withhold", "what is required is marked with its reason; the rest is optional"
    # Rights
    VIEW_AND_CORRECT = "view-and-correct", "people see, change and correct what they gave"
    ACCESS_AND_ERASE = "access-and-erase", "people receive all that is held, and can have it erased"
    DE_IDENTIFY = "de-identify", "what is kept after erasure can no longer identify anyone"
    REQUEST_BY_MAIL = "request-by-mail", "the same can be asked for by e-mail"
    QUESTIONS = "questions", "questions reach a person and get a case"
    QUESTIONS_ANSWERED = "questions-answered", "and are answered in a published time"
    # Messages
    CONTACT_LIMIT = "contact-limit", "every message goes through one door, to an address that was given"
    CLOSED_TOPICS = "closed-topics", "messages have one of the topics that the policy names"
    OPT_OUT = "opt-out", "a link in each message ends messages of its kind"
    # Sharing
    SHARING_LIMIT = "sharing-limit", "nothing leaves except under a condition of the policy"
    NO_SALE = "no-sale", "identifiable data is never sold or rented"
    ANONYMISED_RELEASE = "anonymised-release", "partners get rows only when anonymised"
    AGGREGATE_RELEASE = "aggregate-release", "partners get aggregates under a privacy budget"
    AGENT_REGISTER = "agent-register", "agents are named in public"
    AGENT_NECESSITY = "agent-necessity", "an agent receives the fields it needs and no other"
    AGENT_STANDARDS = "agent-standards", "an agent without a valid contract receives nothing"
    LEGAL_DISCLOSURE = "legal-disclosure", "disclosure by law is scoped, signed by two and logged"
    # Security
    PASSWORD_PROTECTION = "password-protection", "an account opens with its password only, which is kept as a slow hash"
    THIRD_PARTY_SIGN_IN = "third-party-sign-in", "a page says which sign-in guards the account"
    SIGN_OUT = "sign-out", "signing out ends the session everywhere it is stored"
    SECURITY_MEASURES = "security-measures", "the named list of measures is in force"
    BREACH_REGISTER = "breach-register", "an incident is registered and the affected are found"


@dataclass(frozen=True)
class LiveCheck:
    """A check that runs in the living service: `run` returns None when the promise holds, or says why not.

    every: how often the scheduler runs it. max_age: how old a passing result may be before it counts as stale.
    """

    name: str
    promises: tuple[Promise, ...]
    every: timedelta
    max_age: timedelta
    run: Callable[..., str | None]


KEEPERS: dict[Promise, list[Callable[..., Any]]] = {}
CHECKS: dict[str, LiveCheck] = {}


def keeps(*promises: Promise) -> Callable[[Function], Function]:
    """Mark the one act that keeps these promises; the function is returned as it came."""

    def mark(function: Function) -> Function:
        for promise in promises:
            KEEPERS.setdefault(promise, []).append(function)
        return function

    return mark


def watches(
    *promises: Promise, every: timedelta = timedelta(minutes=1), max_age: timedelta | None = None
) -> Callable[[Function], Function]:
    """Mark a live check of these promises; named as the function is; its one argument is `now` (aware)."""

    def mark(function: Function) -> Function:
        name = function.__name__.replace("_", "-")
        if name in CHECKS and CHECKS[name].run.__module__ != function.__module__:
            raise ValueError(f"two live checks are called {name}; rename one, its results are kept under that name")
        CHECKS[name] = LiveCheck(name, promises, every, max_age or 5 * every, function)
        return function

    return mark
