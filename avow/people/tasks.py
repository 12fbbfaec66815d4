"""What the worker does for this room; each task calls acts that are safe to run twice."""

from allauth.idp.oidc.models import Token
from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from avow.people import (
    application_sessions,
    desk_invitations,
    known_browsers,
    new_address,
    phone_codes,
    provider_keys,
    sessions,
    unfinished,
)


@app.periodic(cron="*/10 * * * *")
@app.task(name="people.clear_expired", queueing_lock="people.clear_expired")
def clear_expired(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Remove sessions, waiting addresses and applications' tokens past their end."""
    sessions.clear_expired(timezone.now())
    new_address.clear_expired(timezone.now())
    application_sessions.clear_expired(timezone.now())
    known_browsers.clear_expired(timezone.now())
    phone_codes.clear_expired(timezone.now())
    desk_invitations.clear_expired(timezone.now())
    Token.objects.expired().delete()


@app.periodic(cron="43 * * * *")
@app.task(name="people.renew_provider_keys", queueing_lock="people.renew_provider_keys")
def renew_provider_keys(timestamp: int) -> None:  # noqa: ARG001
    """Make the next signing key in time, and remove those whose time is over."""
    provider_keys.renew(settings.KEYRING_FOLDER, now=timezone.now())
    provider_keys.clear(settings.KEYRING_FOLDER, now=timezone.now())


@app.periodic(cron="17 * * * *")
@app.task(name="people.clear_unfinished", queueing_lock="people.clear_unfinished")
def clear_unfinished(timestamp: int) -> None:  # noqa: ARG001
    """Forget sign-ups that nobody finished."""
    unfinished.clear(timezone.now())
