"""
A whole life of an account with the keyboard alone, without JavaScript, in a narrow window in the dark: sign up, correct, confirm
the phone, see what happened, take a copy along, sign out, sign in, delete. The mouse is not touched, and nothing is filled
in but what has the focus.

It bites: with `tabindex="-1"` on a button, or a field that is not reached, the Tab goes round and the story ends (tried).
"""

import re

import pytest

from tests.stories.test_one_person_through_the_house import PASSWORD

pytestmark = pytest.mark.needs("chromium")
FOCUSED = """() => {
  const e = document.activeElement;
  const label = e.labels && e.labels.length ? e.labels[0].textContent : "";
  const ring = getComputedStyle(e);
  return [(e.getAttribute("aria-label") || label || e.textContent || e.value || "").trim().replace(/\\s+/g, " "),
          e.tagName, ring.outlineStyle !== "none" || ring.boxShadow !== "none"];
}"""
ROUND = 120  # presses


class Hands:
    """Ten fingers and no mouse."""

    def __init__(self, page):
        self.page = page

    def reach(self, words, tag="A|BUTTON|INPUT|SUMMARY|TEXTAREA"):
        """Press Tab until what has the focus is called so; whatever is passed shows that it has it."""
        for _ in range(ROUND):
            self.page.keyboard.press("Tab")
            said, kind, seen = self.page.evaluate(FOCUSED)
            if kind not in {"BODY", "HTML"}:
                assert seen, f"nobody sees that {said!r} has the focus"
            if re.search(words, said, re.IGNORECASE) and re.fullmatch(tag, kind):
                return said
        raise AssertionError(f"no Tab leads to {words!r} on {self.page.url}")

    def press(self, words, tag="A|BUTTON|SUMMARY"):
        self.reach(words, tag)
        if self.page.evaluate("document.activeElement.tagName") == "SUMMARY":
            self.page.keyboard.press("Enter")
            return
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def type(self, words, text):
        self.reach(words, "INPUT|TEXTAREA")
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def opens(self, heading):
        self.page.get_by_role("heading", name=heading, level=1).wait_for()
        assert self.page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0


@pytest.mark.parametrize("page", [False], indirect=True, ids=["without-javascript"])
def test_a_whole_life(page):
    page.set_viewport_size({"width": 320, "height": 700})
    page.emulate_media(color_scheme="dark")
    hands = Hands(page)
    page.goto("/")
    hands.press("^Create an account")
    hands.type("E-mail", "ada@example.com")
    hands.type("Password", PASSWORD)
    hands.type("Name", "Ada Lovelace")
    hands.type("Phone", "+49 30 12345678")
    hands.press("Create the account", "BUTTON")
    code = newest_code(page)
    hands.type("Code", code)
    hands.press("Confirm", "BUTTON")
    hands.opens("My data")

    hands.press("Correct it: Name", "SUMMARY")
    hands.type("^Name", "Ada King")
    hands.press("Save", "BUTTON")
    page.get_by_text("Name is corrected.").wait_for()
    hands.press("Confirm it by a code", "BUTTON")
    hands.type("Code", newest_code(page))
    hands.press("Confirm", "BUTTON")
    page.get_by_text("The number is confirmed.").wait_for()
    hands.press("What happened to your account", "A")
    hands.opens("What happened to your account")
    page.go_back()
    hands.reach("Download my data", "BUTTON")
    with page.expect_download() as taken:
        page.keyboard.press("Enter")
    assert taken.value.suggested_filename.endswith(".zip")
    hands.press("^Sign out$", "A")
    hands.press("Sign out", "BUTTON")

    page.goto("/accounts/login/")
    hands.type("E-mail", "ada@example.com")
    hands.type("Password", PASSWORD)
    hands.press("^Sign in$", "BUTTON")
    hands.opens("My data")
    hands.press("^Delete$", "A")
    hands.opens("Delete everything")
    hands.type("Password", PASSWORD)
    hands.press("Delete everything now", "BUTTON")
    for _ in range(100):
        if page.get_by_text("You can check it without us").count() or page.get_by_text("is destroyed").count():
            break
        page.wait_for_timeout(200)
        page.reload()
    page.goto("/data")
    assert "/accounts/login/" in page.url


def newest_code(page):
    """Read the newest code in the demo's box, in a window beside."""
    beside = page.context.new_page()
    beside.goto("/demo/mail")
    code = beside.locator(".given-code").first.inner_text()
    beside.close()
    return code
