"""
What each purpose rests on in law: a basis of its own, and how a person says no to it.

Why in code and not in the policy: the text names none (it says that use is consent, which it is not: GDPR Art. 4(11)
and 7), and a text is the lawyers' to change. So each purpose of the closed list has its basis here, shown to people,
and none of them is "by using this you consent".

Holds:    every purpose has one basis (a test asks for each); consent, where it is the basis, is asked for by itself and
          taken back as easily.
Does not: weigh interests for a company. An officer who disagrees changes this file, and the log of the source shows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose


class Ground(StrEnum):
    """A ground of GDPR Art. 6(1); the value is what an export names."""

    CONTRACT = "contract"
    INTEREST = "legitimate interest"
    DUTY = "legal duty"
    CONSENT = "consent, asked for by itself"


ARTICLE: Mapping[Ground, str] = MappingProxyType(
    {
        Ground.CONTRACT: "GDPR Art. 6(1)(b)",
        Ground.INTEREST: "GDPR Art. 6(1)(f)",
        Ground.DUTY: "GDPR Art. 6(1)(c)",
        Ground.CONSENT: "GDPR Art. 6(1)(a)",
    }
)
OBJECT = "object under “Messages and choices”, or by mail; it ends at once (Art. 21)"
ANONYMOUS = "object as above; what was made anonymous before cannot be told to be yours"
NONE = "without it there is no account; delete the account to end it"


@dataclass(frozen=True)
class Basis:
    """What one purpose rests on."""

    ground: Ground
    because: str
    no: str  # how a person says no

    @property
    def article(self) -> str:
        """Where the law says so."""
        return ARTICLE[self.ground]


BASES: Mapping[Purpose, Basis] = MappingProxyType(
    {
        Purpose.ACCOUNT: Basis(Ground.CONTRACT, "an account cannot be run without it", NONE),
        Purpose.COMMUNICATION: Basis(Ground.INTEREST, "people expect to hear of the service that they use", OBJECT),
        Purpose.PERSONALISATION: Basis(Ground.INTEREST, "what one looks for is found sooner", OBJECT),
        Purpose.IMPROVEMENT: Basis(Ground.INTEREST, "what fails must be found to be mended", OBJECT),
        Purpose.ANALYSIS: Basis(Ground.INTEREST, "the company must know what is used", OBJECT),
        Purpose.ANONYMISED_RELEASE: Basis(Ground.INTEREST, "partners learn what is used, and of nobody", ANONYMOUS),
        Purpose.AGENT_DELIVERY: Basis(Ground.CONTRACT, "another firm delivers a part of the service", NONE),
        Purpose.LEGAL: Basis(
            Ground.DUTY, "a court or a law asks for it", "a duty leaves no choice; you may go to court"
        ),
        Purpose.RIGHTS: Basis(Ground.DUTY, "the law gives you the right to ask", "do not ask"),
        Purpose.SECURITY: Basis(Ground.INTEREST, "accounts and the service must be kept safe", NONE),
    }
)


@keeps(Promise.BASIS_PER_PURPOSE)
def basis_of(purpose: Purpose) -> Basis:
    """Return what a purpose rests on."""
    return BASES[purpose]
