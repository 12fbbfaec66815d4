"""
Bring an address into the one form under which it is looked for.

Why no more than this: dropping dots or what follows a plus is a habit of one provider and would merge two people
at another. The label of the index carries the version of these rules, so that they can change.

Holds:    normalising twice changes nothing.
"""

import unicodedata

import idna
import phonenumbers

from avow.errors import BadInput

EMAIL, PHONE, UID = "email", "phone", "uid"
KINDS = (EMAIL, PHONE, UID)


def normalise(kind: str, value: str) -> str:
    """Return the form that is indexed; raises BadInput when it is no address of this kind."""
    if kind == EMAIL:
        return _email(value)
    if kind == PHONE:
        return _phone(value)
    assert kind == UID, "an address is an e-mail address, a phone number or a provider's own id"
    return value


def _email(value: str) -> str:
    local, at, domain = unicodedata.normalize("NFKC", value).strip().rpartition("@")
    if not (at and local and domain) or any(character.isspace() for character in local + domain):
        raise BadInput("That is no e-mail address; it needs a name, an @ and a domain.")
    return f"{unicodedata.normalize('NFKC', local.casefold())}@{domain_of_dns(domain)}"


def domain_of_dns(domain: str) -> str:
    """Return a domain as DNS has it, whatever letters it was written in; raises BadInput when it is none."""
    try:
        return idna.encode(domain.lower(), uts46=True).decode()
    except idna.IDNAError:
        return _plain(domain)


def _plain(domain: str) -> str:
    """Return a domain that IDNA does not know but machines use, such as one with an underscore; else refuse."""
    lowered = domain.lower()
    if not lowered.isascii() or not all(label and len(label) <= 63 for label in lowered.split(".")):  # noqa: PLR2004 - DNS
        raise BadInput("The part behind the @ is no domain name.")
    return lowered


def _phone(value: str) -> str:
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", value).strip(), None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise BadInput("That is no phone number; write it with + and the country's code.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
