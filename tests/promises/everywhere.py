"""
One person with something in every room at once, by the acts and pages that people use.

What they gave occurs nowhere else, so that a search for it means something.
"""

import base64
import hashlib
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from django.test import override_settings

from tests.people.app import Clock, set_up
from tests.people.device import make
from tests.people.third_party import come_back, go
from tests.sharing.conftest import approved, figures
from tests.usage.conftest import batch, call

ADDRESS, OLD_ADDRESS = "vera.quillfeather@example.com", "vera.old.quillfeather@example.org"
NAME, OLD_NAME = "Vera Quillfeather-Marsh", "Vera Ptarmigan"
PHONE, OLD_PHONE = "+442079460377", "+442079460378"
IP, DEVICE, AGENT = "203.0.113.219", "quill-device-8812", "QuillBrowser/9.13 (Feather)"
PASSWORD, NEXT_PASSWORD = "a quill, a heron and four boats", "another quill, and five boats"
THIRD, QUESTION, WISH = "quill-at-the-third-party", "Where does my heron report lie?", "Please delete my kingfisher."
NEXT_ADDRESS, STRANGER = "vera.next.quillfeather@example.net", "vera.stranger.quillfeather@example.net"
ASIDE, ANSWER = "Who has my sandpiper?", "Your sandpiper is with nobody but us."
LATER, NOTE = "And what of my dipper?", "The court's order names this account and asks who holds it."
BACK, SECRET = "http://127.0.0.1:9/back", "the application's own secret"
PHONE_CODES = ("817306", "402957")
DEVICE_NAME = "Vera's telephone in the hall"
MARKS = (ADDRESS, OLD_ADDRESS, NAME, OLD_NAME, PHONE, IP, DEVICE, AGENT, THIRD, QUESTION, WISH)


def moment():
    return datetime.now(UTC)


@dataclass
class Vera:
    """The person, what names them elsewhere, and what lies in the rooms."""

    walker: object
    person: UUID
    names: dict = field(default_factory=dict)  # by which others know them: sub, pseudonym, ticket, token
    rooms: SimpleNamespace = field(default_factory=SimpleNamespace)

    @property
    def marks(self):
        return (*MARKS, *self.names.values())


@pytest.fixture
def others(add_agent, endpoint, partner, officers, many_visits):
    return SimpleNamespace(
        add_agent=add_agent, endpoint=endpoint, partner=partner, officers=officers, visits=many_visits
    )  # fmt: skip


@pytest.fixture
def log(policy):
    """The log's public key, and the worker that takes entries up."""
    from django.conf import settings

    from avow.evidence import notes, sequencing

    key = notes.log_key(settings.KEYRING_FOLDER, settings.LOG_ORIGIN)

    def record(*_):
        while sequencing.sequence(key=key, now=moment()):
            pass

    return SimpleNamespace(vkey=key.vkey, record=record)


@pytest.fixture
def erase(log):
    """Ask and push, as the worker does, until the certificate can be read."""
    from avow.requests import certificates, erasing
    from avow.sharing import errands_delivering
    from avow.sharing.errands_models import Errand
    from avow.vault.actor import THE_PERSON

    def gone(person):
        asked = erasing.ask(person, by=THE_PERSON, now=moment())
        for _ in range(12):
            progress = erasing.push(asked.pk, now=moment())
            for waiting in Errand.objects.filter(state="waiting").values_list("pk", flat=True):
                errands_delivering.deliver(waiting, now=moment())
            log.record()
            if progress.complete:
                return certificates.read(progress.number)
        raise AssertionError(f"the erasure waits for {progress.waiting}")

    return gone


def settle(somebody, third_party):
    """Sign up, correct each field, connect a third party, sign in to an application, and be in two browsers."""
    from avow.people import new_address, settings_change

    walker = somebody(OLD_ADDRESS)
    walker.extra = {"HTTP_USER_AGENT": AGENT, "REMOTE_ADDR": IP}
    walker.join(name=OLD_NAME, phone=OLD_PHONE, password=PASSWORD)
    person = walker.person
    for name, value in {"name": NAME, "phone": PHONE, "email": ADDRESS}.items():
        settings_change.change(person, name, value, now=moment())
    new_address.confirm(person, walker.newest_code(ADDRESS), now=moment())
    walker.address = ADDRESS
    third_party.tells = {"sub": THIRD, "name": NAME, "email": ADDRESS}
    come_back(walker, go(walker, process="connect", then="/sign-in-ways"))
    vera = Vera(walker, person)
    application(vera)
    second = somebody(ADDRESS)
    second.sign_in(password=PASSWORD)
    assert second.is_signed_in
    guard(vera)
    confirm_phone(vera)
    return vera


def guard(vera):
    """Set up an authenticator app, write its recovery codes down, and add a passkey."""
    if time.time() % 30 > 20:
        time.sleep(11)  # so that the code is entered within its half minute
    app, codes = set_up(vera.walker, Clock(), PASSWORD)
    key, _ = make(vera.walker, name=DEVICE_NAME)
    number = base64.urlsafe_b64encode(key.number).decode().rstrip("=")
    vera.names |= {"seed": app.secret, "recovery code": codes[0], "passkey": number, "name of a passkey": DEVICE_NAME}


def confirm_phone(vera):
    """Confirm the number by a code, and have another code on its way."""
    from avow.people import numbers, phone_codes

    phone_codes.begin(vera.person, now=moment(), fresh=lambda: PHONE_CODES[0])
    phone_codes.confirm(vera.person, PHONE_CODES[0], now=moment())
    numbers.take(vera.person, PHONE, now=moment())
    phone_codes.begin(vera.person, now=moment(), fresh=lambda: PHONE_CODES[1])


def lie_unused(vera):
    """Be told that the account will be erased, as if nobody had signed in for long."""
    from avow.requests import unused
    from avow.requests.models import UnusedAccount

    unused.tell(now=moment(), limit=timedelta(0))
    assert UnusedAccount.objects.filter(person=vera.person).exists()


def application(vera, scope="openid profile email phone usage"):
    """Sign in to the company's application; what its server is told."""
    from avow.people import relying

    relying.register("optimibi", name="Optimibi", redirect_uris=[BACK], secret=SECRET, now=moment())
    client, asked = vera.walker.client, {"client_id": "optimibi", "redirect_uri": BACK}
    offers = client.get("/.well-known/openid-configuration").json()
    where = {name: urlsplit(url).path for name, url in offers.items() if name.endswith("_endpoint")}
    pkce = {"code_challenge": challenge("v" * 43), "code_challenge_method": "S256"}
    sent = {**asked, "response_type": "code", "scope": scope, "state": "s", "nonce": "n", **pkce}
    answer = vera.walker.get(f"{where['authorization_endpoint']}?{'&'.join(f'{k}={v}' for k, v in sent.items())}")
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    given = {
        **asked,
        "grant_type": "authorization_code",
        "code": code,
        "client_secret": SECRET,
        "code_verifier": "v" * 43,
    }
    token = client.post(where["token_endpoint"], given).json()
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {token['access_token']}"}
    told = client.get(where["userinfo_endpoint"], **bearer).json()
    vera.names |= {"sub": told["sub"], "token": token["access_token"]}
    return SimpleNamespace(token=token, told=told, bearer=bearer, userinfo=where["userinfo_endpoint"])


def challenge(verifier):
    """What PKCE sends ahead of a verifier (RFC 7636, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def use(vera, compact):
    """Visits that are worked up, and one that is still on its way."""
    from avow.people import tickets

    vera.names["ticket"] = ticket = tickets.issue(vera.person, now=moment())
    told = {"ip": IP, "user_agent": AGENT}
    for page in ("/reports/sales", "/reports/churn"):
        call(batch(page, {"kind": "feature", "page": page, "feature": "chart"}, ticket=ticket, device=DEVICE), **told)
    odd = {"kind": "page", "page": f"/u/{ADDRESS}?mail={ADDRESS}", "referrer": f"https://search.example/?q={ADDRESS}"}
    call(batch({**odd, "name": NAME}, ticket=ticket, device=DEVICE), **told)  # what a site should not, and some do
    compact()
    call(batch("/docs/late", ticket=ticket, device=DEVICE), **told)


def correspond(vera, change):
    """A notice, kept messages, switches, a mail in the queue, an answered case, a mail that nobody took up yet."""
    from avow.communications import mailbox, notices, opting_out
    from avow.communications.classes import Topic
    from avow.requests import cases, taking_up
    from tests.communications.topics import send

    change()
    notices.tell(now=moment())
    send(vera.person, Topic.NEW_VERSIONS)
    opting_out.opt_out(vera.person, [Topic.USAGE], way="account", now=moment())
    send(vera.person, Topic.USAGE)
    returned_mail(vera)
    with override_settings(MAIL_RELAY="127.0.0.1:9"):
        vera.rooms.queued = send(vera.person, Topic.ANNOUNCEMENTS)
    mailbox.leave(_mail("one", WISH), now=moment())
    taking_up.take_up(moment())
    cases.ask(vera.person, QUESTION, now=moment())
    mailbox.leave(_mail("two", LATER), now=moment())


def returned_mail(vera):
    """A letter comes back since the mailbox is full, and is written to all the same."""
    from avow.communications import mailbox, return_path
    from avow.communications.classes import Topic
    from avow.communications.models import Bounce
    from tests.communications.returned_mails import dsn

    with override_settings(BOUNCE_ADDRESS="b@optimibi.example"):
        back = return_path.address(vera.person, Topic.NEW_VERSIONS)
    mailbox.leave(dsn(back, recipient=ADDRESS, status="5.2.2"), now=moment())
    assert Bounce.objects.filter(person=vera.person).exists()


def _mail(number, text, sender=None):
    return f"From: {NAME} <{sender or ADDRESS}>\nSubject: mine\nMessage-ID: <{number}@x>\n\n{text}\n".encode()


def share(vera, others):
    """An errand that went, one that waits, a draft for an authority, a release that counts everybody."""
    from avow.sharing import disclosures, errands, errands_delivering
    from avow.vault import pseudonyms

    agent = vera.rooms.agent = others.add_agent(others.endpoint.url)
    errands_delivering.deliver(errands.give(agent, vera.person, ["name", "email"], now=moment()), now=moment())
    vera.rooms.waiting = errands.give(agent, vera.person, ["name"], now=moment())
    vera.names["pseudonym"] = pseudonyms.for_recipient(vera.person, agent)
    vera.rooms.draft = disclosures.draft(wish(vera), by=uuid4(), now=moment())
    vera.rooms.release = approved(figures(others.partner), others.officers, others.visits, now=moment())


def wish(vera):
    """What an authority asks for."""
    from avow.sharing.disclosures import Wish
    from avow.sharing.disclosures_states import Class

    return Wish(
        authority="District Court", kind=Class.LEGAL_PROCESS, basis="file 2026/113", person=vera.person,
        fields=["name"], since=moment() - timedelta(days=3), until=moment(),
        necessity=NOTE,
    )  # fmt: skip


def choose(vera):
    """An objection, grants, and what an officer said of the account."""
    from avow.people import phone_use
    from avow.policy.purposes import Purpose
    from avow.usage import choosing
    from avow.vault import choices

    choosing.personalise(vera.person, on=False, now=moment())
    choices.grant(vera.person, Purpose.ANALYSIS, now=moment())
    phone_use.allow(vera.person, on=True, now=moment())
    flagged(vera)


def look_at(vera):
    """A case that an officer opened, and a look under it."""
    from avow.policy.purposes import Purpose
    from avow.vault import opening, opening_cases
    from avow.vault.actor import staff
    from avow.vault.models import OpeningReason

    officer = uuid4()
    opening_cases.open_case(vera.person, officer=officer, reason=OpeningReason.QUESTION, now=moment())
    opening.open_field(vera.person, "email", Purpose.RIGHTS, by=staff(officer), now=moment())


def ask_for_a_copy(vera):
    """A request for a copy that nobody answered yet."""
    from avow.requests import receiving
    from avow.requests.states import Kind
    from avow.vault.actor import THE_PERSON

    receiving.receive(Kind.ACCESS, vera.person, by=THE_PERSON, now=moment(), channel="web")


def be_answered(vera, officer):
    """The desk opens what a person asks, and answers, also to an address that is nobody's; a wish waits for its link."""
    from avow.communications import mailbox
    from avow.requests import answering, cases, looking, taking_up
    from avow.requests.case_models import Case
    from avow.requests.case_states import CaseKind
    from avow.vault.actor import staff

    case = cases.ask(vera.person, ASIDE, now=moment())
    looking.take_up(case, officer=officer, now=moment())
    answering.answer(case, ANSWER, by=staff(officer), now=moment())
    mailbox.leave(_mail("four", ASIDE, sender=STRANGER), now=moment())
    taking_up.take_up(moment())
    answering.answer(Case.objects.filter(person=None).first(), ANSWER, by=staff(officer), now=moment())
    vera.rooms.case = case
    assert Case.objects.filter(person=vera.person, kind=CaseKind.ERASURE).exists(), "the wish of the mail has its case"


def be_held(vera, officers):
    """A hold on the name, which outlives an erasure."""
    from avow.vault import holds

    until = moment() + timedelta(days=30)
    vera.rooms.hold = holds.propose(
        vera.person, ["name"], basis="file 2026/114", until=until, by=officers[0], now=moment()
    )
    holds.confirm(vera.rooms.hold, by=officers[1], now=moment())


def let_go(vera):
    """Two officers end the hold."""
    from avow.vault import holds_ending

    holds_ending.propose_release(vera.rooms.hold, by=uuid4(), now=moment())
    holds_ending.confirm_release(vera.rooms.hold, by=uuid4(), now=moment())


def be_disclosed(vera, officers):
    """A second case of the law, packed and not handed over yet."""
    from avow.sharing import disclosures, disclosures_packing

    case = disclosures.draft(wish(vera), by=officers[0], now=moment())
    disclosures.approve(case, by=officers[1], now=moment())
    disclosures_packing.pack(case, by=officers[0], now=moment())


def be_touched(vera, officers):
    """An incident that an officer wrote about in haste, of which the authority heard and its people are told."""
    from avow.sharing import incidents, incidents_filing, incidents_finding, incidents_signing, incidents_telling
    from avow.sharing.incidents import Assessment, Report
    from avow.sharing.incidents_finding import Scope, Where
    from avow.sharing.incidents_states import Kind, Risk, Step

    since, (one, other, _) = moment() - timedelta(minutes=5), officers
    report = Report(Kind.ACCESS, NOTE, f"{NAME} of {ADDRESS} said so.", since, None, since)
    number = incidents.register(report, number=uuid4(), by=one, now=moment())
    incidents_finding.look(number, Where(Scope.FIELDS, fields=["name"]), by=one, now=moment())
    incidents_finding.name(number, [ADDRESS], by=one, now=moment())
    incidents_finding.find_all(clock=moment)
    incidents.assess(number, Assessment(Risk.HIGH, NOTE, ASIDE, ["name"], 1), by=one, now=moment())
    incidents_filing.file(number, told_at=moment(), by=one, now=moment())
    incidents_telling.begin(number, incidents_telling.Said(NOTE, NOTE, ASIDE), by=one, now=moment())
    incidents_telling.tell_all(clock=moment)
    incidents_signing.propose(number, Step.CLOSE, f"{NAME} was told.", by=other, now=moment())


def hesitate(vera, somebody):
    """What is under way: a new address, a changed and a forgotten password, a stranger's sign-up, wrong codes."""
    from avow.people import settings_change

    settings_change.change(vera.person, "email", NEXT_ADDRESS, now=moment())
    twice = dict.fromkeys(("password1", "password2"), NEXT_PASSWORD)
    assert vera.walker.post("/accounts/password/change/", oldpassword=PASSWORD, **twice).status_code == 302
    vera.walker.post("/accounts/password/reset/", email=ADDRESS)
    stranger = somebody(STRANGER)
    stranger.extra = vera.walker.extra
    stranger.sign_up(name=NAME, phone=PHONE, password=PASSWORD)
    stranger.enter("WRONG-ONE")
    vera.names["code"] = stranger.newest_code()
    vera.names["code, typed"] = vera.names["code"].replace("-", "")
    stranger.sign_in(password=PASSWORD)
    vera.walker.get(f"/nowhere/{ADDRESS}?name={NAME}")


PAGES = (
    "/data", "/recorded", "/messages", "/requests", "/sign-in-ways", "/received-by", "/shared-with", "/security", "/browser",
    "/incidents", "/delete", "/questions", "/demo/mail",
)  # fmt: skip


def look_around(vera, record):
    """Every page of the account, and a copy of everything."""
    from avow.requests import exporting

    for page in PAGES:
        assert vera.walker.get(page).status_code == 200, page
    exporting.export(vera.person, now=moment(), sleep=record)


def be_counted(vera, others):
    """The release is published, and its partner reads it under a link."""
    from avow.sharing import handing_over, releasing

    releasing.publish(vera.rooms.release, now=moment(), events=others.visits)
    vera.names["link"] = handing_over.make_link(vera.rooms.release, now=moment())
    handing_over.read(vera.names["link"], now=moment(), download=True)


def rest(vera):
    """The person has their data rest."""
    from avow.vault import choices

    choices.freeze(vera.person, now=moment())


def browse(vera, compact):
    """A browser without account, at its second visit; and a mail put into the folder."""
    from avow.communications import drop

    vera.names["cookie"] = cookie = call(batch("/docs", device=DEVICE), ip=IP, user_agent=AGENT).cookie
    compact()
    call(batch("/docs/again", device=DEVICE), ip=IP, user_agent=AGENT, cookie=f"avow_browser={cookie}")
    path = drop.folder() / "late.eml"
    path.write_bytes(_mail("three", LATER))
    drop.collect(moment() + timedelta(seconds=5))
    assert not path.exists()


def rows_of(superuser, person):
    """Every column of both databases in which this person's number stands, as {table.column: rows}."""
    held = {}
    for database in ("avow", "avow_keys"):
        with superuser(database) as dba:
            columns = dba.execute(
                "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables "
                "USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            ).fetchall()
            for table, column in columns:
                query = f'SELECT count(*) FROM "{table}" WHERE to_jsonb("{column}")::text ~* %s'
                if n := dba.execute(query, [f"{person}|{person.hex}"]).fetchone()[0]:
                    held[f"{table}.{column}"] = n
    return held


def files_under(root, without="pg"):
    """Every byte of every file of a home, apart from the database's own."""
    paths = [p for p in root.rglob("*") if p.is_file() and p.relative_to(root).parts[0] != without]
    return b"\n".join(path.read_bytes() for path in paths)


def roll():
    """A new epoch, a backup of the key database, and the end of the old epoch's key."""
    from avow.vault.keys import rolling

    done = rolling.roll(now=moment(), at_once=True)
    assert done.backup and done.destroyed and not done.waiting


def unroll():
    """Leave no epoch behind in the keyring that all tests share: an emptied key database begins with the first."""
    from django.conf import settings

    from avow.vault.keys import backups

    for path in [*settings.KEYRING_FOLDER.glob("epoch-*.key"), *backups.every()]:
        path.unlink()


def flagged(vera):
    """An officer was told that it is a child's account, and decided that it is not."""
    from avow.requests import flags
    from avow.requests.flag_models import Decision, FlagKind

    row = flags.put(vera.person, FlagKind.MINOR, by=uuid4(), now=moment(), reference="2026/8")
    flags.decide(row.pk, Decision.WRONG, by=uuid4(), now=moment())
