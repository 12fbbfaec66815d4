"""
Django's settings, read from AVOW_HOME and a few variables of the environment.

Why so few: numbers that a policy promises live in its clauses.toml and drive the
service; a variable can only be stricter, which `avow.policy.limits` checks at start.
docs/reference/settings.md lists every variable.
"""

import os
from pathlib import Path

from avow.host.home import Home
from avow.keyring.secret import named_secret

HOME = Home.from_environment()
PACKAGE = Path(__file__).resolve().parent.parent
CONNECTIONS = HOME.read_connections()
AS_OWNER = bool(os.environ.get("AVOW_AS_OWNER"))  # set for the one process that migrates

KEYRING_FOLDER = HOME.keys
SECRET_KEY = named_secret(HOME.keys, "django").hex()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("AVOW_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
BASE_URL = os.environ.get("AVOW_BASE_URL", f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
POLICY_FILE = os.environ.get("AVOW_POLICY", "")
DEMO = os.environ.get("DEMO", "1") != "0"
MAIL_RELAY = os.environ.get("AVOW_MAIL_RELAY", "")
LOG_ORIGIN = os.environ.get("AVOW_LOG_ORIGIN", "avow.invalid/log")


def database(name: str, role: str, owner: str) -> dict[str, object]:
    """Describe one connection; the migrating process connects as the owner."""
    role = owner if AS_OWNER else role
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": role,
        "PASSWORD": CONNECTIONS.get("passwords", {}).get(role, ""),
        "HOST": CONNECTIONS.get("host", ""),
        "PORT": CONNECTIONS.get("port", ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": role},
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
    "procrastinate.contrib.django",
    "avow.evidence.apps.EvidenceConfig",
    "avow.vault.apps.VaultConfig",
    "avow.vault.keys.apps.KeysConfig",
    "avow.people.apps.PeopleConfig",
    "avow.communications.apps.CommunicationsConfig",
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
STATIC_ROOT = HOME.root / "static"

AUTH_USER_MODEL = "people.Account"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
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
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
        },
    },
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
