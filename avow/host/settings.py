"""
Django's settings, read from AVOW_HOME and a few variables of the environment.

Why so few: numbers that a policy promises live in its clauses.toml and drive the
service; a variable can only be stricter, which `avow.policy.limits` checks at start.
docs/reference/settings.md lists every variable.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from avow.communications import own_letters
from avow.host import logs, mail_settings, pooling, provider_setting, sign_in_with, text_settings, usage_settings
from avow.host.home import Home
from avow.keyring.secret import named_secret
from avow.policy import law
from avow.usage import declared

HOME = Home.from_environment()
PACKAGE = Path(__file__).resolve().parent.parent
HOME.recall()
CONNECTIONS = HOME.read_connections()
AS_OWNER = bool(os.environ.get("AVOW_AS_OWNER"))  # set for the one process that migrates

KEYRING_FOLDER = HOME.keys
KEYRING_COPIES = [Path(folder) for folder in os.environ.get("AVOW_KEYRING_COPIES", "").split(":") if folder]
KEY_BACKUPS_FOLDER = Path(os.environ.get("AVOW_KEY_BACKUPS") or HOME.root / "key-backups")
LOG_SEEN = Path(os.environ["AVOW_LOG_SEEN"]) if os.environ.get("AVOW_LOG_SEEN") else None  # a checkpoint kept elsewhere
STANDBYS = [name for name in os.environ.get("AVOW_STANDBYS", "").split(",") if name]  # that must follow each roll
SECRET_KEY = named_secret(HOME.keys, "django").hex()
DEBUG = False
PROCESS = os.environ.get("AVOW_PROCESS", "")  # set by the supervisor: web, worker, prepare
BASE_URL = os.environ.get("AVOW_BASE_URL", f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", urlsplit(BASE_URL).hostname or "localhost"]
ALLOWED_HOSTS += [host for host in os.environ.get("AVOW_HOSTS", "").split(",") if host]
POLICY_FILE = os.environ.get("AVOW_POLICY", "")
DEMO = os.environ.get("DEMO", "1") != "0"
MAIL_RELAY = os.environ.get("AVOW_MAIL_RELAY", "")
MAIL_FROM = os.environ.get("AVOW_MAIL_FROM", "")  # empty: the address that the policy in force names
BOUNCE_ADDRESS = mail_settings.bounce_address(os.environ.get("AVOW_BOUNCE_ADDRESS", ""))
LETTERS = own_letters.read(os.environ.get("AVOW_LETTERS", ""))  # None: the shipped ones
DKIM = mail_settings.signer(os.environ.get("AVOW_DKIM", ""))  # None: the relay signs
MAIL_PROVIDER = provider_setting.provider(  # None: there is a relay, or none of both
    os.environ.get("AVOW_MAIL_PROVIDER", ""), has_relay=bool(MAIL_RELAY), signs=DKIM is not None
)
QUIET_HOURS = mail_settings.quiet_hours(os.environ.get("AVOW_QUIET_HOURS", ""))  # None: news goes at any hour
LETTERS_A_WEEK = int(  # of news, to one person
    mail_settings.number(os.environ.get("AVOW_LETTERS_A_WEEK", "7"), "AVOW_LETTERS_A_WEEK")
)
# mails a second, in all and to one domain; 0: as fast as the relay takes them
MAIL_RATE = mail_settings.number(os.environ.get("AVOW_MAIL_RATE", "0"), "AVOW_MAIL_RATE")
MAIL_DOMAIN_RATE = mail_settings.number(os.environ.get("AVOW_MAIL_DOMAIN_RATE", "0"), "AVOW_MAIL_DOMAIN_RATE")
TEXT_GATEWAY = text_settings.gateway(  # None: texts are shown in the demo's box, or nobody is offered any
    os.environ.get("AVOW_TEXT_GATEWAY", ""),
    key_file=os.environ.get("AVOW_TEXT_GATEWAY_KEY", ""),
    sender=os.environ.get("AVOW_TEXT_SENDER", ""),
)
TEXTS_AN_HOUR = text_settings.most(os.environ.get("AVOW_TEXTS_AN_HOUR", "100"))  # codes to phones, in all
EMAIL_BACKEND = "avow.communications.other_doors.Closed"  # messages leave through communications/sending.py alone
SITES = [site for site in os.environ.get("AVOW_SITES", "").split(",") if site] or [
    "://".join(urlsplit(BASE_URL)[:2]),
    f"http://127.0.0.1:{int(os.environ.get('PORT', '8000')) + 1}",  # the example
]
LAW = law.profile_called(os.environ.get("AVOW_LAW", "strictest"))  # whose demands stand on the wall
OLD_DATA_ASKS = law.asks(LAW, "L4")  # whether a wider text needs its person's agreement to reach what they gave before
PROPERTIES = declared.properties(os.environ.get("AVOW_PROPERTIES", ""))  # that events may have besides
PAGES = usage_settings.pages(os.environ.get("AVOW_PAGES", ""))  # None: by rule of thumb
REFERRERS = declared.referrers(os.environ.get("AVOW_REFERRERS", ""))  # hosts that are kept by name
FEATURES = [name for name in os.environ.get("AVOW_FEATURES", "").split(",") if name]  # of the site, by their names
COMPACT_SECONDS = int(os.environ.get("AVOW_COMPACT_SECONDS", "2" if DEMO else "60"))  # how long a segment's key lives
HOST_KEY = os.environ.get("AVOW_HOST_KEY", "")  # empty: the installation's own, in its keyring
LOG_ORIGIN = os.environ.get("AVOW_LOG_ORIGIN", "avow.invalid/log")


def database(name: str, role: str, owner: str) -> dict[str, object]:
    """Describe one connection; the migrating process connects as the owner, the web through a pool."""
    role = owner if AS_OWNER else role
    pooled = PROCESS == "web"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": role,
        "PASSWORD": CONNECTIONS.get("passwords", {}).get(role, ""),
        "HOST": CONNECTIONS.get("host", ""),
        "PORT": CONNECTIONS.get("port", ""),
        "CONN_MAX_AGE": 0 if pooled else 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": role, "prepare_threshold": 5, **CONNECTIONS.get("options", {})}
        | ({"pool": pooling.POOL} if pooled else {})
        | ({"options": "-c synchronous_commit=off"} if AS_OWNER else {}),  # the mark after it is what counts
        "TEST": {"MIGRATE": False},
    }


DATABASES = {
    "default": database("avow", "avow_app", "avow_owner"),
    "avow_keys": database("avow_keys", "avow_keyd", "avow_keys_owner"),
    "avow_log": database("avow", "avow_log", "avow_owner"),
}
DATABASE_ROUTERS = ["avow.host.routing.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_cotton",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.idp.oidc",
    "procrastinate.contrib.django",
    "avow.evidence.apps.EvidenceConfig",
    "avow.vault.apps.VaultConfig",
    "avow.vault.keys.apps.KeysConfig",
    "avow.people.apps.PeopleConfig",
    "avow.communications.apps.CommunicationsConfig",
    "avow.usage.apps.UsageConfig",
    "avow.sharing.apps.SharingConfig",
    "avow.requests.apps.RequestsConfig",
    "avow.web.apps.WebConfig",
    "avow.host.apps.HostConfig",
]
ROOT_URLCONF = "avow.web.urls"
ASGI_APPLICATION = "avow.host.asgi.application"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
STATIC_URL = "/static/"
STATIC_ROOT = HOME.static
HASHED = (STATIC_ROOT / "staticfiles.json").exists()  # until files are collected, they go by their plain names
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # nobody uploads files
    "staticfiles": {"BACKEND": f"django.contrib.staticfiles.storage.{'Manifest' if HASHED else ''}StaticFilesStorage"},
}
LOGGING = logs.configuration(PROCESS or "avow")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000  # bytes; the longest form is a question
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100

AUTH_USER_MODEL = "people.Account"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "avow.people.middleware.ClearSiteOnSignOut",
    "avow.people.evenness.EvenTiming",
    "avow.web.noting_refusals.NotesRefusals",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "avow.web.headers.Headers",
    "avow.web.noticing.Noticing",
    "avow.web.onward.Onward",
    "avow.web.elsewhere.Elsewhere",
    "avow.web.no_nul.NoNul",
    "avow.web.refusals.Refusals",
]
CSRF_FAILURE_VIEW = "avow.web.refusals.forged"
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]  # on no disk
FILE_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024  # bytes; larger ones are not read
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "avow.web.context.house",
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
        },
    },
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend", "avow.people.by_number.ByNumber"]
PASSWORD_HASHERS = ["avow.people.hashing.PepperedArgon2id"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},  # NIST 800-63B-4 where the password is the only factor
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "avow.people.password_rules.NotGuessable"},
]
BREACHED_PASSWORDS = Path(os.environ["AVOW_BREACHED_PASSWORDS"]) if os.environ.get("AVOW_BREACHED_PASSWORDS") else None
BREACH_RANGE = os.environ.get("AVOW_BREACH_RANGE", "")  # empty: nobody outside is asked about passwords

# What browsers are told: nothing from elsewhere, nothing inline (tests/web/test_static.py), no framing, no trace of
# where one came from.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        **{kind: [SELF] for kind in ("script-src", "style-src", "img-src", "font-src", "connect-src", "manifest-src")},
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"  # CSRF needs it at home; nobody else learns anything
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Sessions: sealed under each browser's cookie, with two ends (ASVS 7.3).
SECURE = BASE_URL.startswith("https://")
SESSION_ENGINE = "avow.people.sessions"
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True  # htmx takes the token from the form
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 365 * 86400 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False  # not ours to decide for the company's other names
CSRF_TRUSTED_ORIGINS = [BASE_URL]  # behind a proxy that ends TLS, the browser's origin is this one
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrftoken"
SESSION_COOKIE_AGE = int(os.environ.get("AVOW_SESSION_LONGEST", "1209600"))  # seconds; never slides
SESSION_IDLE = int(os.environ.get("AVOW_SESSION_IDLE", "86400"))  # seconds without use
SESSION_IDLE_ANONYMOUS = 3600  # so that an unfinished sign-up leaves nothing for long

CACHES = {"default": {"BACKEND": "avow.people.cache.SealedCache"}}

# Accounts (allauth): one home for the address, codes instead of links, nobody can tell who is registered.
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 600  # seconds; ASVS 6.5.5 allows ten minutes
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 600
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_ADAPTER = "avow.people.adapter.Adapter"
ACCOUNT_FORMS = {"signup": "avow.people.forms.SignUp", "login": "avow.people.number_form.SignIn"}
ACCOUNT_RATE_LIMITS = {  # beside allauth's own: codes when an address is changed (people/letter_limits.py)
    "change_address": "5/10m/key,20/d/key",  # for one person
    "code_to_address": "3/10m/key,10/d/key",  # to one address, whoever asks
    "manage_email": "5/10m/user,20/d/user",  # the same at allauth's own page
    "phone_code": "3/10m/key,10/d/key",  # for one person, and to one number (people/letter_limits.py)
    "texts_from": "20/h/key,60/d/key",  # codes to phones that one network asks for (people/letter_limits.py)
    "code_try": "3/10m/key",  # at one code of a sign-up by phone number
    "recover": "10/m/ip,5/5m/key",  # recovery codes of one account, and from one place (people/recovery.py)
}
ACCOUNT_CHANGE_EMAIL = True  # one address at a time; a new one replaces it only after its code
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True  # no box to tick; SESSION_IDLE decides
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

# Signing in by a third party: always past our own form, so that the policy and what is asked are seen; no tokens kept;
# an address never links by itself, whatever the third party says of it (people/third_parties.py).
SOCIALACCOUNT_PROVIDERS = sign_in_with.providers(os.environ.get("AVOW_SIGN_IN_WITH", ""))
ACCOUNTS_HERE = sign_in_with.here(os.environ.get("AVOW_ACCOUNTS", "here"), SOCIALACCOUNT_PROVIDERS)
SOCIALACCOUNT_ADAPTER = "avow.people.third_parties.ThirdParties"
SOCIALACCOUNT_FORMS = {"signup": "avow.people.third_party_form.SignUpByThirdParty"}
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_REQUIRED = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False

# The second step of a sign-in (people/second_step.py): a code of an app, or a recovery code that is shown once. A
# passkey (people/passkeys.py) stands for both.
MFA_ADAPTER = "avow.people.second_step.SecondSteps"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a passkey asks its person, so it stands for both steps
MFA_FORMS = {
    "activate_totp": "avow.people.second_step.SetUpApp",
    "authenticate": "avow.people.recovery.SecondStepCode",
    "add_webauthn": "avow.people.passkey_forms.Add",
    "signup_webauthn": "avow.people.passkey_forms.SignUp",
    "login_webauthn": "avow.people.passkey_forms.SignIn",
    "authenticate_webauthn": "avow.people.passkey_forms.SecondStep",
    "reauthenticate_webauthn": "avow.people.passkey_forms.OnceMore",
    "generate_recovery_codes": "avow.people.recovery.MakeCodes",
}
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RECOVERY_CODE_DIGITS = 10

# OpenID Connect: the company's own applications sign people in here (people/provider.py).
IDP_OIDC_ADAPTER = "avow.people.provider.Provider"
IDP_OIDC_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]  # no application without a secret
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 3600  # seconds; an application that asks again learns of a log-out by then
IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN = 1209600  # seconds, as long as a session may last; each is used once

ALLAUTH_TRUSTED_PROXY_COUNT = int(
    os.environ.get("AVOW_TRUSTED_PROXIES", "0")
)  # whose word on a visitor's address counts
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
