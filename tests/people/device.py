"""What a page's script does between the service and a device of somebody's: options out of the page, the answer into the form."""

import json
import re

from avow.people.soft_key import SoftKey

ADD, SIGN_IN, SIGN_UP = "/accounts/2fa/webauthn/add/", "/accounts/2fa/webauthn/login/", "/accounts/2fa/webauthn/signup/"
HERE = "http://localhost:8000"


def options_in(page):
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', page.content.decode())[1])


def make(walker, name="my phone", key=None, at=ADD):
    """Make a key, as the page's script does; the key and the answer."""
    key = key or SoftKey(HERE)
    made = key.create(options_in(walker.get(at)))
    return key, walker.post(at, name=name, credential=json.dumps(made))


def asked(walker):
    return walker.client.get(SIGN_IN, headers={"Accept": "application/json"}, **walker.extra).json()["request_options"]


def show(walker, key, at=SIGN_IN, options=None, **more):
    options = options or (asked(walker) if at == SIGN_IN else options_in(walker.get(at)))
    answer = key.get(options)
    return answer, walker.post(at, credential=json.dumps(answer), **more)
