"""
Somebody sets up an authenticator app, writes the recovery codes down, and signs in with a code; a day without the phone
goes by a recovery code. Each page on the way fits a narrow window and is read by a machine.

What it rests on was seen to fail in tests/people/test_second_step.py.
"""

import os

import pytest
from allauth.mfa.totp.internal import auth as totp

from avow.policy.promises import Promise
from tests.people.app import App, Clock
from tests.stories.holding import keeps_its_word
from tests.stories.test_anyone_can_use_it import FOUND, RIGHT
from tests.stories.test_one_person_through_the_house import PASSWORD, sign_up

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.proves(Promise.PASSWORD_PROTECTION)]


def fits(page, name):
    """At both widths the page is as it must be; with AVOW_LOOK it is kept as a picture too."""
    page.wait_for_load_state()  # with its styles
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        found = page.evaluate(FOUND)
        assert {what: found[what] for what in RIGHT} == RIGHT, (name, width)
        if os.environ.get("AVOW_LOOK"):
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=f"{os.environ['AVOW_LOOK']}/{name}-{width}-{scheme}.png", full_page=True)


def fresh(app):
    """A code that was not entered before, of a later half minute."""
    app.clock.pass_by(60)
    return app.code


def sign_in(page):
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="The second step").wait_for()


def test_a_second_step_from_setting_up_to_a_day_without_the_phone(page, site, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(totp, "time", clock)
    sign_up(page)
    page.get_by_role("link", name="How you sign in").click()
    page.get_by_role("link", name="Set up an authenticator app").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    app = App(page.locator(".key").inner_text(), clock)
    fits(page, "set-up")
    page.get_by_label("Code").fill(fresh(app))
    page.get_by_role("button", name="Set up").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    fits(page, "codes")
    page.get_by_role("link", name="I have written them down").click()
    page.get_by_text("10 recovery codes left").wait_for()
    fits(page, "ways")
    page.get_by_role("button", name="Log out everywhere").click()

    sign_in(page)
    fits(page, "second-step")
    page.get_by_label("Code").fill("123")
    page.get_by_role("button", name="Sign in").click()
    page.locator(".errorlist").wait_for()
    page.get_by_label("Code").fill(fresh(app))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/data")
    page.goto("/sign-in-ways")
    page.get_by_role("button", name="Log out everywhere").click()

    sign_in(page)
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/data")
    page.goto("/sign-in-ways")
    page.get_by_text("9 recovery codes left").wait_for()
    page.get_by_role("link", name="Take the app away").click()
    fits(page, "once-more")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Take it away").wait_for()
    fits(page, "take-away")
    page.get_by_role("button", name="Take it away").click()
    page.get_by_text("A sign-in asks for no code any more").wait_for()
    assert keeps_its_word(page, "5.1")
