"""An authenticator app on a person's phone, and how they set it up; by RFC 6238 and not by the service's own code."""

import base64
import hashlib
import hmac
import re
import time

from tests.people.walking import PASSWORD

ACTIVATE, CODES = "/accounts/2fa/totp/activate/", "/accounts/2fa/recovery-codes/"


class Clock:
    """The time, as the app and the service see it; it moves when told to."""

    def __init__(self):
        self.now = time.time()

    def time(self):
        return self.now

    def pass_by(self, seconds=30):
        self.now += seconds


class App:
    """The app."""

    def __init__(self, secret, clock):
        self.secret, self.clock = secret, clock

    @property
    def code(self):
        counter = int(self.clock.now // 30).to_bytes(8, "big")
        mac = hmac.digest(base64.b32decode(self.secret), counter, hashlib.sha1)
        at = mac[-1] & 15
        return f"{(int.from_bytes(mac[at : at + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


def guard(person):
    """Give somebody an app, as the desk asks of its officers; the app."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from avow.people.models import Account

    app = App(generate_totp_secret(), Clock())
    TOTP.activate(Account.objects.get(person=person), app.secret)
    return app


def confirm_password(walker, password=PASSWORD):
    return walker.post("/accounts/reauthenticate/", password=password)


def set_up(walker, clock, password=PASSWORD):
    """Set the app up as a person does; the app, and the recovery codes as they are shown."""
    confirm_password(walker, password)
    page = walker.get(ACTIVATE).content.decode()
    app = App(re.search(r'class="key">([A-Z2-7]+)<', page)[1], clock)
    answer = walker.post(ACTIVATE, code=app.code)
    assert answer.headers["Location"] == CODES
    shown = walker.get(CODES).content.decode()
    return app, re.findall(r"<li><code>(\d+)</code></li>", shown)
