"""
What accounts store, table by table, and what they ask people for.

Holds:    every column of this room's tables and of those that Django and allauth bring is named here, with
          what becomes of it at an erasure. The four fields below are all that a stranger is asked for.
"""

from avow.policy.categories import Category
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import catalogue
from avow.vault.catalogue import Column, Database, Erasure, FileKind, PersonalField, Table, columns, secret
from avow.vault.forms import Form

AGENTS = "agents that the page “Who receives what” names for it; by law, who has a case that two officers approved"
RELAY = f"a mail relay, which sees the address of each mail it carries; {AGENTS}"
OUTSIDE = frozenset({Purpose.AGENT_DELIVERY, Purpose.LEGAL})  # each only through the egress gate
UNTIL_ERASED = "until you change it or delete your account"

EMAIL = PersonalField(
    "email", "E-mail address", Category.EMAIL,
    frozenset({Purpose.ACCOUNT, Purpose.COMMUNICATION, Purpose.SECURITY}) | OUTSIDE,
    required=True,
    reason="Needed: you sign in with it, and codes that protect your account are sent to it.",
    recipients=RELAY, retention=UNTIL_ERASED, promise=Promise.GIVEN_DATA,
)  # fmt: skip
PASSWORD = PersonalField(
    "password", "Password", Category.PASSWORD, frozenset({Purpose.ACCOUNT, Purpose.SECURITY}),
    required=True,
    reason="Needed: it protects your account. At least 15 characters; a phrase of four unrelated words is good. "
    "Only a hash of it is kept.",
    recipients="nobody", retention=UNTIL_ERASED, promise=Promise.PASSWORD_PROTECTION, at_the_desk=Form.COMPARED,
)  # fmt: skip
NAME = PersonalField(
    "name", "Name", Category.NAME,
    frozenset({Purpose.ACCOUNT, Purpose.COMMUNICATION, Purpose.PERSONALISATION, Purpose.SECURITY}) | OUTSIDE,
    required=False,
    reason="Optional: how you would like to be addressed. You can add or remove it later.",
    recipients=AGENTS, retention=UNTIL_ERASED, promise=Promise.GIVEN_DATA,
)  # fmt: skip
PHONE = PersonalField(
    "phone", "Phone number", Category.PHONE,
    frozenset({Purpose.ACCOUNT, Purpose.COMMUNICATION, Purpose.SECURITY}) | OUTSIDE,
    required=False,
    reason="Optional: only if you want to be reached by phone. Write it with its country, such as +44 20 7946 0958.",
    recipients=AGENTS, retention=UNTIL_ERASED, promise=Promise.GIVEN_DATA, asks=frozenset({Purpose.COMMUNICATION}),
)  # fmt: skip

FIELDS = (EMAIL, PASSWORD, NAME, PHONE)
SIGN_UP = ("email", "password", "name", "phone")  # what the form asks, in its order


def declared(name: str) -> PersonalField:
    """Return one of this room's fields."""
    return next(field for field in FIELDS if field.name == name)


PEOPLE = (
    Table(
        Database.AVOW, "people_account",
        (
            *columns("id is_active desk_since desk_role canary"),
            Column("person", Category.PSEUDONYM, "the vault's number of the person; means nothing outside"),
            Column("handle", Category.PSEUDONYM, "the account's number, which a passkey keeps; random"),
            Column("password", Category.PASSWORD, "argon2id under a pepper that lies with the keys"),
            Column("opened_at", Category.SIGN_IN_RECORD, "when the account was opened"),
            Column("last_login", Category.SIGN_IN_RECORD, "when this account last signed in"),
        ),
        "account", "a way to sign in as one person", Erasure.SEALED,
    ),
    Table(
        Database.AVOW, "people_session",
        (
            *columns("key idle_ends_at ends_at"),
            Column("sealed", Category.COOKIE, "what the session holds; opens with the browser's cookie alone"),
            Column("person", Category.PSEUDONYM, "whose, so that all can be ended at once"),
            Column("signed_in_at", Category.SIGN_IN_RECORD, "since when somebody is signed in"),
        ),
        "sessions", "browsers that are signed in, or about to be", Erasure.SEALED,
    ),
    Table(
        Database.AVOW, "people_pendingaddress",
        (
            *columns("tries_left ends_at"),
            Column("person", Category.PSEUDONYM, "whose new address waits"),
            Column("sealed", Category.EMAIL, "the new address and its code, under the person's key"),
        ),
        "account", "new addresses that wait for their code, for ten minutes", Erasure.SEALED,
    ),
    Table(
        Database.AVOW, "people_deskinvitation", columns("token role ends_at"), "",
        "hashes of links that give a role at the desk, each for an hour; no people", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "people_phonecode",
        (
            *columns("tries_left ends_at"),
            Column("person", Category.PSEUDONYM, "whose phone"),
            Column("sealed", Category.PHONE, "number and code, under the person's key"),
        ),
        "account", "codes that were sent to phones, for ten minutes", Erasure.SEALED,
    ),
    Table(
        Database.AVOW, "people_signinnumber",
        (
            *columns("token since"),
            Column("person", Category.PSEUDONYM, "who signs in with it"),
        ),
        "account", "phone numbers by which people sign in, as tokens; the numbers lie in the vault", Erasure.SEALED,
    ),
    Table(
        Database.AVOW, "people_confirmedphone",
        (
            Column("person", Category.PSEUDONYM, "whose phone"),
            Column("sealed", Category.PHONE, "the number as it was confirmed, under the person's key"),
            Column("at", Category.SIGN_IN_RECORD, "when it was confirmed"),
        ),
        "account", "phone numbers that were confirmed by a code", Erasure.SEALED,
    ),
    Table(
        Database.AVOW, "people_knownbrowser",
        (
            *columns("id shown_until"),
            Column("person", Category.PSEUDONYM, "who signed in"),
            Column("mark", Category.PSEUDONYM, "network and family of the browser, under the person's key"),
            Column("sealed", Category.IP_ADDRESS, "IP address and browser as they were sent, for thirty days"),
            Column("since", Category.SIGN_IN_RECORD, "when this browser first signed in"),
            Column("last", Category.SIGN_IN_RECORD, "when it last did"),
        ),
        "sessions", "browsers that signed in before, so that a stranger's is told", Erasure.SEALED,
    ),
    Table(
        Database.AVOW, "people_cacheentry", columns("key sealed ends_at"), "",
        "counts of attempts, under keyed hashes; each ends within a day", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "account_emailaddress",
        (
            *columns("id user_id verified primary"),
            Column("email", Category.PSEUDONYM, "a random token; the address lies in the vault"),
        ),
        "account", "allauth's addresses of an account", Erasure.TOKEN,
    ),
    Table(
        Database.AVOW, "account_emailconfirmation", columns("id created sent key email_address_id"), "account",
        "allauth's table for links; codes are used instead, so it stays empty", Erasure.TOKEN,
    ),
    Table(
        Database.AVOW, "socialaccount_socialaccount",
        (
            *columns("id user_id provider"),
            Column("uid", Category.PSEUDONYM, "a random token; what they call the person lies in the vault"),
            Column("last_login", Category.SIGN_IN_RECORD, "when this way was last taken"),
            Column("date_joined", Category.SIGN_IN_RECORD, "since when the third party signs this person in"),
            Column("extra_data", None, "empty: a CHECK lets nothing else in"),
        ),
        "account", "third parties by which one signs in", Erasure.TOKEN,
    ),
    Table(
        Database.AVOW, "socialaccount_socialtoken",
        columns("id app_id account_id token token_secret expires_at"), "account",
        "allauth's table for third parties' tokens; none are kept, and a CHECK lets none in", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "socialaccount_socialapp",
        columns("id provider provider_id name client_id secret key settings"), "",
        "allauth's table for third parties; they come from the settings alone, and a CHECK lets none in",
        Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "mfa_authenticator",
        (
            *columns("id user_id type"),
            Column("data", Category.PASSWORD, "seeds of codes, and what a passkey is known by, under the person's key"),
            Column("created_at", Category.SIGN_IN_RECORD, "since when a second step is asked for"),
            Column("last_used_at", Category.SIGN_IN_RECORD, "when it was last taken"),
        ),
        "account", "passkeys, authenticator apps and recovery codes", Erasure.SEALED,
    ),
    Table(
        Database.AVOW, "people_signedinapplication",
        (
            *columns("id client_id"),
            Column("person", Category.PSEUDONYM, "who is signed in there"),
            Column("sub", Category.PSEUDONYM, "the person's name there; another in each, made with their key"),
            Column("since", Category.SIGN_IN_RECORD, "since when"),
        ),
        "applications", "applications of the company's that people are signed in to", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "people_applicationsession",
        (
            *columns("id client_id code begun ends_at"),
            Column("person", Category.PSEUDONYM, "whose sign-in it is"),
            Column("sid", Category.PSEUDONYM, "the browser's session, under a name of this application's"),
            Column("authenticated_at", Category.SIGN_IN_RECORD, "when the person last showed who they are"),
            Column("ways", Category.SIGN_IN_RECORD, "by what: a password, a code, a key"),
        ),
        "applications", "sign-ins at applications, whose tokens end together", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "people_applicationtoken", columns("id session_id hash"), "applications",
        "hashes of what was issued in a sign-in at an application, spent or not", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "allauth_idp_oidc_token",
        (
            *columns("id type hash client_id user_id expires_at scopes"),
            Column("data", None, "empty: a CHECK lets nothing else in"),
            Column("created_at", Category.SIGN_IN_RECORD, "when an application was signed in to"),
        ),
        "applications", "hashes of the tokens with which applications ask who is signed in", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "allauth_idp_oidc_client",
        columns(
            "id name secret scopes default_scopes type grant_types redirect_uris cors_origins allow_uri_wildcards "
            "response_types owner_id skip_consent created_at data"
        ),
        "", "applications of the company's own; no people", Erasure.NOT_PERSONAL,
    ),
)  # fmt: skip
FRAMEWORK = (
    Table(Database.AVOW, "auth_group", columns("id name"), "", "Django's groups; unused", Erasure.NOT_PERSONAL),
    Table(
        Database.AVOW, "auth_group_permissions", columns("id group_id permission_id"), "", "Django's groups; unused",
        Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "auth_permission", columns("id name content_type_id codename"), "",
        "Django's list of its own permissions", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "django_content_type", columns("id app_label model"), "", "Django's list of tables",
        Erasure.NOT_PERSONAL,
    ),
    *(
        Table(
            database, "django_migrations", columns("id app name applied"), "", "which changes of tables were made",
            Erasure.NOT_PERSONAL,
        )
        for database in Database
    ),
)  # fmt: skip


SECRETS = (
    secret("passwords", "the pepper under which passwords are hashed"),
    secret("sessions", "sessions are sealed with it and the browser's cookie"),
    secret("cache", "counts of attempts are named and sealed with it"),
    secret("tickets", "seals the ticket by which a page of the company's says who looks at it"),
    FileKind("keys/oidc*.pem", "", "signs what applications are told at a sign-in", Erasure.NOT_PERSONAL),
)


def register() -> None:
    """Declare it all; called once at start."""
    catalogue.register_tables(*PEOPLE, *FRAMEWORK)
    catalogue.register_files(*SECRETS)
    catalogue.register_fields(*FIELDS)
