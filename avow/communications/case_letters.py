"""The letters of cases: automatic ones, and the one that carries what an officer wrote."""

from enum import StrEnum


class CaseLetter(StrEnum):
    """Which letter; the value is the name of its file in letters/."""

    CONFIRM_ACCESS = "confirm-access"
    CONFIRM_ERASURE = "confirm-erasure"
    STOPPED = "messages-stopped"
    RECEIVED = "case-received"
    ANSWER = "case-answer"
    NEUTRAL = "case-neutral"  # to an address that nobody confirmed here
    NOT_READ = "mail-not-read"
    ENDED = "case-ended"  # nobody confirmed in time


WITH_LINK = frozenset({CaseLetter.CONFIRM_ACCESS, CaseLetter.CONFIRM_ERASURE})  # whoever has the text could act
