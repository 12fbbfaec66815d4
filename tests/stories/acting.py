"""
A document that acts: its steps carry what to do as comments, and this does it in a browser.

    <!-- do: open optimibi /reports/42 -->        go there (optimibi or avow)
    <!-- do: click "Sign in" -->                  the link, button or summary of this name
    <!-- do: fill "E-mail" with "ada@…" -->       a field by its label; "9 days ago" is that day
    <!-- do: choose "Product news" -->            a box to tick or untick
    <!-- do: code into "Code" -->                 the newest code among the demo's letters
    <!-- do: see "text" -->                       wait for it, looking again for a while
    <!-- do: miss "text" -->                      it is not there
    <!-- do: download "name" -->                  the file behind a link or button
    <!-- do: hand over "label" from path -->      a file of the repository, its date two months from now
    <!-- do: be officer@… -->                     sign in as an officer of the demo in a window of their own
    <!-- do: open the link in "selector" -->      go where a text on the page says
    <!-- do: be yourself -->                      back in one's own window
    <!-- do: run avow verify the download -->     what a shell would be told

Why comments and not the sentences: people read sentences, and a parser of them would shape how they are written. So that
the two cannot drift, whatever a step clicks or fills must stand in its sentences too.
"""

import itertools
import re
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

DO = re.compile(r"<!-- do: (.*?) -->")
STEP = re.compile(r"^(\d+)\. ", re.MULTILINE)
REPOSITORY = Path(__file__).resolve().parents[2]
AGAIN = 240  # looks, half a second apart


@dataclass(frozen=True)
class Step:
    """One numbered step: its section, its text and what it does."""

    section: str
    number: int
    text: str

    @property
    def does(self):
        return DO.findall(self.text)

    @property
    def prose(self):
        return " ".join(DO.sub("", self.text).split())


def steps(document):
    """Every numbered step of a Markdown document, in order."""
    found = []
    for section in re.split(r"^## ", document, flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        at = [match.start() for match in STEP.finditer(body)] + [len(body)]
        found += [Step(title, int(STEP.match(body[a:])[1]), body[a:b]) for a, b in itertools.pairwise(at)]
    return found


@dataclass
class Actor:
    """A person with a browser and a shell, who does what the steps say."""

    page: object
    places: dict
    home: Path
    downloads: Path
    password: str = ""  # of the demo's officer
    taken: list = field(default_factory=list)
    own: object = None

    def perform(self, said):
        for pattern, act in ACTS.items():
            if found := re.fullmatch(pattern, said):
                return act(self, *found.groups())
        raise AssertionError(f"no such act: {said}")

    def open(self, place, path):
        self.page.goto(self.places[place] + path)

    def click(self, name):
        self.thing(name).click()

    def thing(self, name):
        """The first visible link, button or summary of a name."""
        for find in (
            lambda: self.page.get_by_role("button", name=name, exact=True),
            lambda: self.page.get_by_role("link", name=name, exact=True),
            lambda: self.page.locator("summary", has_text=name),
            lambda: self.page.get_by_role("button", name=name),
            lambda: self.page.get_by_role("link", name=name),
        ):
            for one in find().all():
                if one.is_visible():
                    return one
        raise AssertionError(
            f"nothing visible is called {name} on {self.page.url}:\n{self.page.inner_text('body')[:1500]}"
        )

    def fill(self, label, value):
        if back := re.fullmatch(r"(\d+) days ago", value):
            yesterday = datetime.now(UTC).date() - timedelta(days=1)
            day = yesterday + timedelta(days=1 - int(back[1]))
            value = max(day, yesterday.replace(month=1, day=1)).isoformat()  # a release is of one year
        self.page.get_by_label(label).locator("visible=true").first.fill(value)

    def choose(self, label):
        self.page.get_by_label(label).first.click()

    def code(self, label):
        letters = self.page.context.new_page()
        letters.goto(self.places["avow"] + "/demo/mail")
        code = letters.locator(".given-code").first.inner_text()
        letters.close()
        self.fill(label, code)

    def see(self, text):
        for _ in range(AGAIN):
            if text in self.read():
                return
            self.page.wait_for_timeout(500)
            if self.page.evaluate("!document.querySelector('form:has(input:not([type=hidden]))')"):
                self.page.reload()
        raise AssertionError(f"{text!r} does not show on {self.page.url}:\n{self.read()[:1500]}")

    def miss(self, text):
        assert text not in self.read(), f"{text!r} shows on {self.page.url}"

    def read(self):
        return " ".join(self.page.inner_text("body").split())

    def download(self, name):
        with self.page.expect_download() as given:
            self.thing(name).click()
        path = self.downloads / given.value.suggested_filename
        given.value.save_as(path)
        self.taken.append(path)

    def hand_over(self, label, path):
        day = datetime.now(UTC).date() + timedelta(days=60)
        text = (
            (REPOSITORY / path)
            .read_text()
            .replace("1 March 2027", f"{day:%-d %B %Y}")
            .replace("2027-03-01", day.isoformat())
        )
        copy = self.downloads / Path(path).name
        copy.write_text(text)
        self.page.get_by_label(label).set_input_files(copy)

    def be(self, address):
        """Sign in as somebody else, in a window of their own."""
        if self.own:
            self.be_yourself()
        self.own = self.page
        window = self.page.context.browser.new_context()
        window.set_default_timeout(60_000)
        self.page = window.new_page()
        self.open("avow", "/accounts/login/")
        self.fill("E-mail", address)
        self.fill("Password", self.password)
        self.click("Sign in")
        self.page.wait_for_url(lambda url: "login" not in url)

    def be_yourself(self):
        self.page.context.close()
        self.page, self.own = self.own, None

    def open_the_link(self, selector):
        link = self.page.locator(selector).inner_text()
        self.page.context.clear_cookies()
        self.page.goto(link)

    def verify(self):
        key = self.home / "log.vkey"
        done = subprocess.run(
            [sys.executable, "-m", "avow.host.cli", "verify", self.taken[-1], "--log-key", key],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


ACTS = {
    r"open (optimibi|avow) (/\S*)": Actor.open,
    r'click "([^"]+)"': Actor.click,
    r'fill "([^"]+)" with "([^"]*)"': Actor.fill,
    r'choose "([^"]+)"': Actor.choose,
    r'code into "([^"]+)"': Actor.code,
    r'see "([^"]+)"': Actor.see,
    r'miss "([^"]+)"': Actor.miss,
    r'download "([^"]+)"': Actor.download,
    r'hand over "([^"]+)" from (\S+)': Actor.hand_over,
    r"be (\S+@\S+)": Actor.be,
    r"be yourself": Actor.be_yourself,
    r'open the link in "([^"]+)"': Actor.open_the_link,
    r"run avow verify the download": Actor.verify,
}
NAMED = re.compile(r'^(?:click|choose|download|code into|fill|hand over) "([^"]+)"')
