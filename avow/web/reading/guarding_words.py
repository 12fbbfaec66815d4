"""
What guards an account, in a sentence or two: the page's first words.

Holds:    every way that opens the account is in the first sentence; what follows it, in the second.
"""

from avow.people.guards import Guards

COUNTS = ("", "", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def lead(guards: Guards) -> str:
    """Say what opens the account, and what is asked for after it."""
    return " ".join(part for part in (_first(guards), _second(guards)) if part)


def _first(guards: Guards) -> str:
    ways = [
        *(["your password"] if guards.password else []),
        *([f"the passkey “{guards.passkeys[0].name}”"] if len(guards.passkeys) == 1 else []),
        *([f"one of your {len(guards.passkeys)} passkeys"] if len(guards.passkeys) > 1 else []),
        *(f"the sign-in of {party.name}" for party in guards.third_parties),
    ]
    none = "" if guards.password else " There is no password here."
    if not ways:
        return f"Nothing opens this account any more.{none}"
    if len(ways) == 1:
        rest = ", and nothing else" if guards.password and not guards.second else ""
        return f"{ways[0][0].upper()}{ways[0][1:]} guards this account{rest}.{none}"
    many = COUNTS[len(ways)] if len(ways) < len(COUNTS) else str(len(ways))
    return f"{many} things guard this account, and each of them opens it: {', '.join(ways[:-1])} and {ways[-1]}.{none}"


def _second(guards: Guards) -> str:
    before = [*(["the password"] if guards.password else []), *(f"{p.name}’s sign-in" for p in guards.third_parties)]
    keys = ["your passkey" if len(guards.passkeys) == 1 else "one of your passkeys"] if guards.passkeys else []
    asked = [*keys, *(["a code of your authenticator app"] if guards.app else [])]
    if not before or not asked:
        return ""
    return f"After {' or '.join(before)} {' or '.join(asked)} is asked for."
