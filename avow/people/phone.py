"""
Telephone numbers as the world writes them: E.164, or a clear sentence why not.

Holds:    what is returned starts with + and its country and is a possible number there;
          reading it again returns the same.
Does not: say that the number answers; a code does that, and comes later.
"""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from avow.errors import BadInput

LONGEST = 40  # characters as typed
SENTENCE = "This is not a complete phone number; write it with its country, for example +44 20 7946 0958."


def e164(typed: str) -> str:
    """Return the number in its one written form."""
    if len(typed) > LONGEST:
        raise BadInput(SENTENCE)
    try:
        number = phonenumbers.parse(typed, None)
    except NumberParseException:
        raise BadInput(SENTENCE) from None
    if not phonenumbers.is_possible_number(number) or number.extension:
        raise BadInput(SENTENCE)
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
