"""
Every refusal that Avow expects, as one tree.

    AvowError
    ├── Refused              the act is not allowed, and will not be by asking again
    │   ├── PurposeRefused       the purpose is not in the policy, or the person said no
    │   ├── NoCase               staff open nothing without a case for that person
    │   ├── Erased               the key that opened this is gone
    │   ├── HeldByLaw            a legal hold preserves this datum, and it opens for nothing else
    │   ├── DoesNotOpen          a sealed value was damaged, moved, or belongs to another installation
    │   ├── NoGrant              nothing leaves to a recipient without a grant
    │   └── VerificationFailed   a receipt, certificate or export does not check out
    ├── BadInput             what was given cannot be read; nothing was written
    │   ├── PolicyUnreadable     the policy file itself
    │   └── BindingWrong         clauses.toml, or a setting, contradicts the policy
    ├── NotYet               true later: the person or program may ask again
    │   └── BeingRecorded        the log has not taken this act up yet
    ├── Unavailable          a part of the machine is missing or out of room
    │   ├── HomeInUse            another Avow runs on this home
    │   ├── DatabaseUnavailable  no PostgreSQL, or one that does not fit this home
    │   ├── KeyringLost          a key that the database needs is not in the keyring
    │   ├── OutOfStep            keys, data and log are not of one age: a backup was put back
    │   └── NoSpace              the disk is full
    └── NotFound             nothing here by that name

Why one tree: a view, the command line and the API each turn an error into a
page, an exit code or problem+json in one place, by `code`, and never guess.

Holds:    a message is one sentence that tells a person what to do next, and
          carries no personal datum; what may be personal is passed nowhere.
Does not: cover broken invariants; those are asserts and stop the process.
"""

from typing import ClassVar


class AvowError(Exception):
    """The root: an expected refusal with a stable code and an exit status."""

    code: ClassVar[str] = "avow-error"
    exit_status: ClassVar[int] = 1
    http_status: ClassVar[int] = 400


class Refused(AvowError):
    """The act is not allowed."""

    code = "refused"
    http_status = 403


class PurposeRefused(Refused):
    """The stated purpose is not in the policy for this datum, or the person objected to it."""

    code = "purpose-refused"


class NoCase(Refused):
    """Somebody of the company wants to open a person's data and has no standing case for them."""

    code = "no-case"


class Erased(Refused):
    """The key that opened this datum has been destroyed."""

    code = "erased"
    http_status = 410


class HeldByLaw(Refused):
    """A legal hold preserves this datum; it opens for nothing but the hold until that ends."""

    code = "held-by-law"


class DoesNotOpen(Refused):
    """A sealed value was damaged, moved to another row, or belongs to another installation."""

    code = "does-not-open"
    http_status = 500


class NoGrant(Refused):
    """A recipient without a grant for this field receives nothing."""

    code = "no-grant"


class VerificationFailed(Refused):
    """A receipt, certificate or export does not check out."""

    code = "verification-failed"


class BadInput(AvowError):
    """What was given cannot be read; nothing was written."""

    code = "bad-input"
    exit_status = 2


class PolicyUnreadable(BadInput):
    """The policy file cannot be read as Markdown with an effective date."""

    code = "policy-unreadable"


class BindingWrong(BadInput):
    """A clause table or a setting contradicts the policy it is bound to."""

    code = "binding-wrong"


class NotYet(AvowError):
    """True later; asking again is right."""

    code = "not-yet"
    exit_status = 75  # EX_TEMPFAIL of sysexits.h
    http_status = 409


class BeingRecorded(NotYet):
    """The log has not taken this act up yet."""

    code = "being-recorded"


class Unavailable(AvowError):
    """A part of the machine is missing or out of room."""

    code = "unavailable"
    exit_status = 69  # EX_UNAVAILABLE
    http_status = 503


class HomeInUse(Unavailable):
    """Another Avow runs on this home."""

    code = "home-in-use"


class DatabaseUnavailable(Unavailable):
    """There is no PostgreSQL, or one that does not fit this home."""

    code = "database-unavailable"


class KeyringLost(Unavailable):
    """A key that the database needs is not in the keyring."""

    code = "keyring-lost"


class OutOfStep(Unavailable):
    """Keys, data and log are not of one age: something was put back from a backup, and that was not finished."""

    code = "out-of-step"


class NoSpace(Unavailable):
    """The disk is full."""

    code = "no-space"


class NotFound(AvowError):
    """There is nothing here by that name."""

    code = "not-found"
    http_status = 404
