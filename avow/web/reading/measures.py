"""
The measures behind "reasonable security", as `/security` shows them: each with what watches it and its last result.

Why a list in the code and not a text: a text stays when a measure goes; a name here that no check bears is an error.

Holds:    a measure without a live check says that only the tests of each change show it, and never "holds".
          docs/explanation/security-measures.md has the same names in the same order (a test compares).
Does not: say versions, numbers of keys, places or names of machines.
"""

from dataclasses import dataclass
from datetime import datetime

from avow.evidence import states
from avow.evidence.states import LatestResult, State
from avow.policy.promises import CHECKS
from avow.web import words
from avow.web.pictures import marks

AT_EACH_CHANGE = "Tests try it at each change of the service; nothing can try it while the service runs."


@dataclass(frozen=True)
class Measure:
    """One measure and what watches it."""

    name: str
    does: str
    checks: tuple[str, ...] = ()


MEASURES = (
    Measure(
        "Sealed at rest",
        "Names, addresses, phone numbers and letters rest under the key of the one person they are about.",
        ("stored-fields-are-sealed",),
    ),
    Measure("Keys apart", "The keys lie in another database, which the application's own role cannot enter."),
    Measure("Nobody else's rows", "The database shows no sealed field unless the act at hand named its person."),
    Measure(
        "A purpose for each opening",
        "One door opens personal data, and asks the policy first.",
        ("undeclared-purpose-is-refused",),
    ),
    Measure(
        "A case for each look",
        "Staff open nothing without a case that names person, reason and end, and see masks; the person sees the case.",
        ("staff-openings-have-a-case",),
    ),
    Measure(
        "Slow, peppered passwords",
        "Of a password only a slow hash is kept, made with a secret that no database holds; guessing is slowed.",
        ("passwords-are-hashed-and-wrong-ones-refused",),
    ),
    Measure(
        "A second step, for whoever wants it",
        "A passkey or a code of an authenticator app is asked for after the first step; each code counts once.",
        ("a-second-step-opens-once",),
    ),
    Measure(
        "Passkeys, for whoever wants them",
        "A key in a person's own device signs in, for this site alone and once each time; a copy of it is refused.",
        ("a-passkey-opens-once",),
    ),
    Measure(
        "Strangers are told of",
        "A sign-in from where nobody signed in before is told, with a link that shuts everybody out.",
        ("a-strangers-sign-in-is-noticed",),
    ),
    Measure(
        "A second step at the desk",
        "Officers without one see nothing of it, but in the demo, which no other machine reaches.",
    ),
    Measure(
        "Roles at the desk",
        "Each page runs under its reader's own role in the database; none of them can sign in as somebody else.",
        ("nobody-at-the-desk-can-sign-in-as-another",),
    ),
    Measure(
        "Asked once more",
        "A copy of everything, a new address and another way in ask once more who you are.",
    ),
    Measure(
        "Sessions that a copy cannot open",
        "A session is sealed under the browser's own cookie, and signing out ends it everywhere.",
        ("a-signed-out-cookie-opens-nothing",),
    ),
    Measure(
        "Sign-ins that do not take over",
        "A third party's sign-in opens the account that was connected with it, and never one with the same address.",
        ("the-page-says-what-guards-an-account",),
    ),
    Measure("Nobody learns who has an account", "Signing up, signing in and resetting look and last the same."),
    Measure(
        "A log that shows rewriting",
        "Acts are signed into a tree of hashes; no role may change an entry, and whoever kept a checkpoint notices.",
        ("the-log-adds-up", "nothing-waits-for-the-log"),
    ),
    Measure("A private database", "It listens in a private folder, to its own roles alone."),
    Measure("No script but our own", "Pages run nothing inline and nothing from elsewhere."),
    Measure("Logs without people", "No address, value or trace of a program reaches a log of the machine."),
)


@dataclass(frozen=True)
class Watched:
    """One measure as the page shows it."""

    measure: Measure
    latest: tuple[LatestResult, ...]

    @property
    def shown(self) -> marks.Shown | None:
        """Its mark: the worst of its checks; none where nothing can try it."""
        if not self.latest:
            return None
        return marks.shown_as(max((one.state for one in self.latest), key=states.WORSE.index))

    @property
    def watches(self) -> list[tuple[str, str, datetime | None]]:
        """Each check in words, how often it runs, and when it last did."""
        return [
            (
                one.check.replace("-", " "),
                words.span(CHECKS[one.check].every.total_seconds()).removeprefix("1 "),
                one.at,
            )
            for one in self.latest
        ]


def measures(now: datetime) -> list[Watched]:
    """Return every measure with the last result of its checks."""
    promised = {promise for one in MEASURES for name in one.checks for promise in CHECKS[name].promises}
    known = states.states(promised, now)
    latest = {one.check: one for evidence in known.values() for one in evidence.checks}
    return [Watched(one, tuple(_latest(name, latest) for name in one.checks)) for one in MEASURES]


def _latest(name: str, latest: dict[str, LatestResult]) -> LatestResult:
    return latest.get(name) or LatestResult(name, State.STALE, "Its check has not run yet.", None, None)
