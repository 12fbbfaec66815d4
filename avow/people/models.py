"""Nouns of this room: accounts, sessions, the cache, and an address that waits for its code."""

from typing import ClassVar
from uuid import UUID, uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from avow.people import handles
from avow.people.desk_roles import Role


class AccountObjects(BaseUserManager["Account"]):
    """How accounts are found; the key is the person, never an address."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        """Find the account of a person."""
        return self.get(person=username or "")


class Account(AbstractBaseUser):
    """
    A way to sign in as one person; it holds no address, name or phone.

    erasure = SEALED: what identifies lies in the vault under the person's key; this row is removed with the person.
    """

    person = models.UUIDField(
        unique=True, editable=False, db_comment="The vault's person, enrolled before this row; means nothing outside"
    )
    handle = models.CharField(
        max_length=16,
        unique=True,
        editable=False,
        default=handles.fresh,
        db_comment="The account's number: WebAuthn's user handle, and typed beside a recovery code; random",
    )
    is_active = models.BooleanField(default=True, db_comment="allauth asks for it; False while an erasure is under way")
    opened_at = models.DateTimeField(db_index=True, db_comment="Sign-ups that nobody finished are erased a day later")
    desk_since = models.DateTimeField(
        null=True, blank=True, db_comment="Since when this account may use the privacy desk; null: never"
    )
    desk_role = models.CharField(
        max_length=8,
        blank=True,
        default="",
        choices=[(str(one), str(one)) for one in Role],
        db_comment="What it is there",
    )
    canary = models.BooleanField(
        default=False, db_comment="Made by a live check to try the mechanism on; counted nowhere"
    )

    USERNAME_FIELD = "person"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountObjects()

    class Meta:
        db_table_comment = "Ways to sign in, one a person"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="a_canary_never_uses_the_desk", condition=Q(canary=False) | Q(desk_since__isnull=True)
            ),
            models.CheckConstraint(
                name="a_role_at_the_desk_since_a_day",
                condition=Q(desk_role="", desk_since=None) | Q(desk_role__in=list(Role), desk_since__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        """Name the account by its person's number; allauth prints this in messages, so it must name nobody."""
        return str(self.person)


class Session(models.Model):
    """
    One browser's session, sealed under the browser's own cookie.

    erasure = SEALED: the content opens only with the cookie; the row is removed at sign-out and with the person.
    """

    key = models.CharField(max_length=64, primary_key=True, db_comment="SHA-256 of the cookie; opens nothing")
    sealed = models.BinaryField(db_comment="AES-256-GCM under HKDF(cookie), see people/session_seal.py")
    person = models.UUIDField(null=True, db_index=True, db_comment="Whose, so that all of them can be ended at once")
    signed_in_at = models.DateTimeField(null=True, db_comment="Null while nobody is signed in")
    idle_ends_at = models.DateTimeField(db_index=True, db_comment="Slides with use")
    ends_at = models.DateTimeField(db_index=True, db_comment="Never slides")

    class Meta:
        db_table_comment = "Sessions, sealed under each browser's cookie"
        constraints: ClassVar = [
            models.CheckConstraint(name="idle_end_within_absolute_end", condition=Q(idle_ends_at__lte=F("ends_at"))),
            models.CheckConstraint(
                name="nobody_signed_in_without_a_person",
                condition=Q(signed_in_at__isnull=True) | Q(person__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        """Name the row, which names nobody."""
        return self.key[:8]


class CacheEntry(models.Model):
    """
    One short-lived value of Django's cache: counts of attempts, marks of used codes.

    erasure = DERIVED: the key is a keyed hash, the value is sealed under the key's own text, and both end by
    themselves within a day.
    """

    key = models.BinaryField(
        primary_key=True, max_length=32, db_comment="HMAC of the whole key: allauth puts IPs in keys"
    )
    sealed = models.BinaryField(db_comment="AES-256-GCM under a key derived from the cache key's text")
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table_comment = "The cache; unlogged, so it is in no write-ahead log and no base backup"

    def __str__(self) -> str:
        """Name the row, which names nobody."""
        return bytes(self.key).hex()[:8]


class PendingAddress(models.Model):
    """
    A new e-mail address that a person gave and has not yet confirmed by its code.

    erasure = SEALED: address and code lie under the person's key; the row ends with the code, or with the person.
    """

    person = models.UUIDField(primary_key=True, db_comment="One change at a time: a newer one replaces it")
    sealed = models.BinaryField(db_comment="Address and code, sealed under the person's key")
    tries_left = models.PositiveSmallIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table_comment = "New addresses that wait for their code"

    def __str__(self) -> str:
        """Name the person's number."""
        return str(UUID(str(self.person)))


class SignedInApplication(models.Model):
    """
    That a person is signed in to one of the company's applications, and under which name it knows them.

    erasure = DERIVED: the name is made with the person's key and means nothing without it; the row goes with
    the person.
    """

    person = models.UUIDField()
    client_id = models.CharField(max_length=100)
    sub = models.CharField(max_length=64, db_comment="HKDF(person's key, application); see people/subjects.py")
    since = models.DateTimeField()

    class Meta:
        db_table_comment = "Applications of the company's that people are signed in to"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "client_id"], name="one_name_at_an_application"),
            models.UniqueConstraint(fields=["client_id", "sub"], name="one_person_to_a_name"),
        ]

    def __str__(self) -> str:
        """Name the row, which names nobody."""
        return self.sub[:8]


class ApplicationSession(models.Model):
    """
    One sign-in of a person at an application: from its code to the last token that comes of it.

    erasure = DERIVED: hashes and times; the row goes when the browser signs out, with its last token, and with the
    person.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    person = models.UUIDField(db_index=True)
    client_id = models.CharField(max_length=100)
    code = models.CharField(max_length=64, unique=True, db_comment="SHA-256 of application and code; opens nothing")
    sid = models.CharField(
        max_length=64, db_index=True, db_comment="The browser's session, under a name of this application's"
    )
    authenticated_at = models.DateTimeField(db_comment="When the person last showed who they are (auth_time)")
    ways = models.CharField(max_length=60, blank=True, db_comment="By what, in the words of RFC 8176 (amr)")
    begun = models.BooleanField(default=False, db_comment="Its code was exchanged for tokens")
    ends_at = models.DateTimeField(db_index=True, db_comment="Never slides, however often tokens are renewed")

    class Meta:
        db_table_comment = "Sign-ins at applications; what was issued in one ends together"

    def __str__(self) -> str:
        """Name the row, which names nobody."""
        return str(self.id)


class ApplicationToken(models.Model):
    """
    That a token came of a sign-in, also after it was spent: who shows a spent one has copied it.

    erasure = DERIVED: a hash; the row goes with its sign-in.
    """

    session = models.ForeignKey(ApplicationSession, on_delete=models.CASCADE, related_name="tokens")
    hash = models.CharField(max_length=64, unique=True, db_comment="SHA-256 of the token; opens nothing")

    class Meta:
        db_table_comment = "Which tokens came of which sign-in at an application"

    def __str__(self) -> str:
        """Name the row, which names nobody."""
        return self.hash[:8]


class KnownBrowser(models.Model):
    """
    That a person signed in from a network with a family of browser.

    erasure = SEALED: the mark is made with the person's key, what was sent lies under it; the row goes with the person.
    """

    person = models.UUIDField()
    mark = models.CharField(max_length=64, db_comment="HMAC under the person's key of network and family")
    sealed = models.BinaryField(null=True, db_comment="Address and browser as they were sent; empty after 30 days")
    since = models.DateTimeField()
    last = models.DateTimeField(db_index=True)
    shown_until = models.DateTimeField(db_index=True)

    class Meta:
        db_table_comment = "Where people signed in before, so that a stranger's sign-in is told"
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "mark"], name="one_mark_of_a_person")]

    def __str__(self) -> str:
        """Name the row, which names nobody."""
        return self.mark[:8]


class PhoneCode(models.Model):
    """
    A code that was sent to a person's phone and is awaited.

    erasure = SEALED: number and code lie under the person's key; the row ends with the code, or with the person.
    """

    person = models.UUIDField(primary_key=True, db_comment="One code at a time: a newer one replaces it")
    sealed = models.BinaryField(db_comment="Number and code, sealed under the person's key")
    tries_left = models.PositiveSmallIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table_comment = "Codes that were sent to phones"

    def __str__(self) -> str:
        """Name the person's number."""
        return str(self.person)


class ConfirmedPhone(models.Model):
    """
    The number that a person showed to be theirs.

    erasure = SEALED: it lies under the person's key; it counts while it is the number that they have.
    """

    person = models.UUIDField(primary_key=True)
    sealed = models.BinaryField(db_comment="The number as it was confirmed, sealed under the person's key")
    at = models.DateTimeField()

    class Meta:
        db_table_comment = "Phone numbers that were confirmed by a code"

    def __str__(self) -> str:
        """Name the person's number."""
        return str(self.person)


class SignInNumber(models.Model):
    """
    A phone number by which one account is signed in to, in the place of an address.

    erasure = SEALED: a token; the number lies in the vault under the person's key, and the row goes with the account.
    """

    person = models.UUIDField(primary_key=True)
    token = models.CharField(max_length=24, unique=True, db_comment="Stands for the number; opens nothing")
    since = models.DateTimeField()

    class Meta:
        db_table_comment = "Phone numbers by which people sign in, as tokens"

    def __str__(self) -> str:
        """Name the row, which names nobody."""
        return str(self.token)


class DeskInvitation(models.Model):
    """A link that gives one account a role at the desk, once."""

    token = models.CharField(max_length=64, primary_key=True, db_comment="SHA-256 of the link's token; opens nothing")
    role = models.CharField(
        max_length=8, choices=[(str(one), str(one)) for one in Role], db_comment="What it makes of it"
    )
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table_comment = "Links that give a role at the desk, each for an hour"

    def __str__(self) -> str:
        """Name the row, which names nobody."""
        return self.token[:8]
