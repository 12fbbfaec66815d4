"""
A canary's values never reach a partner, an agent, an authority, a mail, an application, a feed or the log beyond what a
grant or the message itself needs.

Every way out that the code names is walked with one person whose values occur nowhere else (`everywhere`), and what came
out at the other end (a real endpoint, a real SMTP server, the bytes of files and answers) is searched for all of them in
common encodings. Each sink is said to hold exactly what it may: less would mean that the search, or the walk, finds
nothing. The ways out are read from the code, so a new one fails here until somebody says what it may hold.

It bites (each tried): `_compose` opening the phone number as well, the name in the subject of receipts, userinfo
without its look at the scopes, the text of another library's record, and our own sentence with the sweep left out.
"""

import email
import email.policy
import json
import logging
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from avow.communications import letters
from avow.communications.case_letters import CaseLetter
from avow.communications.classes import Message, MessageClass, Topic
from avow.people.ports import Alert, Code, Notice
from avow.people.relying import SCOPES
from avow.policy.promises import Promise
from avow.vault.models import RecipientKind
from tests.communications import gateway as gateways
from tests.communications import sink
from tests.promises import everywhere
from tests.promises.dresses import found
from tests.promises.everywhere import (
    ADDRESS,
    AGENT,
    DEVICE,
    IP,
    MARKS,
    NAME,
    OLD_ADDRESS,
    OLD_NAME,
    PHONE,
    files_under,
    moment,
)
from tests.sharing.conftest import (  # noqa: F401 - fixtures
    add_agent,
    approved,
    endpoint,
    figures,
    lake,
    many,
    now,
    officers,
    partner,
    rows,
)
from tests.usage.conftest import compact, place  # noqa: F401 - fixtures

pytestmark = [
    pytest.mark.proves(
        Promise.SHARING_LIMIT, Promise.NO_SALE, Promise.AGENT_NECESSITY, Promise.CONTACT_LIMIT,
        Promise.ANONYMISED_RELEASE, Promise.AGGREGATE_RELEASE,
    )
]  # fmt: skip
ROOT = Path(__file__).parents[2]
NEW_NAME, PAGE = "Vera Bittern-Lapwing", "/quill/only-vera-opens-this"
EVERY = (*MARKS, NEW_NAME, PAGE)
RECEIVE = {  # what a recipient of each kind may hold of the canary after this walk
    RecipientKind.AGENT: {NAME, ADDRESS, NEW_NAME},  # granted: name and address, and the correction of the name
    RecipientKind.PARTNER: set(),
    RecipientKind.AUTHORITY: {NAME, OLD_NAME},  # the name as it was within the span
}
CLASS_OF = {  # which class each letter goes out as
    **dict.fromkeys([*Code, "phone-code", "number-registered"], MessageClass.CODE),
    **dict.fromkeys([*Notice, "account-unused", "number-exchanged"], MessageClass.SECURITY),
    **dict.fromkeys(Alert, Topic.SECURITY_ALERTS),
    **dict.fromkeys([*CaseLetter, "disclosed"], MessageClass.ANSWER),
    **dict.fromkeys(["policy-changed", "legal-notice"], MessageClass.NOTICE),
    "announcement": Topic.ANNOUNCEMENTS, "security-alert": Topic.SECURITY_ALERTS, "new-version": Topic.NEW_VERSIONS,
    "usage-summary": Topic.USAGE, "incident": MessageClass.BREACH,
}  # fmt: skip
TEXTED = {"phone-code", "number-registered", "number-exchanged"}  # they go to a phone
TELLS = {  # what each scope lets the company's own application know
    "openid": set(), "profile": {NEW_NAME}, "email": {ADDRESS}, "phone": {PHONE}, "usage": set(),
}  # fmt: skip
HOST_API = {"/errand": set(), "/home": {PAGE}, "/use": set()}
DOORS = {  # who can open a connection, and where what leaves by it is looked at
    "avow/vault/wire.py": "what an agent hears; texts; that somebody left, which tests/sharing/test_logouts.py looks at",
    "avow/people/third_parties.py": "asks whom the company lets sign people in; tests/people/test_third_party_answers.py",
    "avow/communications/provider_line.py": "mail, as the relay gets it; tests/communications/test_provider_line.py",
    "avow/people/breached.py": "asks about five digits of a hash, where the company says so; tests/people/test_breached.py",
    "avow/evidence/verifier.py": "fetches a log that its user names; sends nothing",
    "avow/host/supervising.py": "asks our own web server whether it answers",
    "avow/host/starting.py": "asks whether a port is free",
    "avow/host/example.py": "asks whether a port is free",
}


@pytest.fixture
def vera(somebody, third_party, compact):  # noqa: F811
    """Somebody who gave everything, corrected everything, and used the site."""
    vera = everywhere.settle(somebody, third_party)
    everywhere.use(vera, compact)
    return vera


@pytest.fixture
def relay(monkeypatch):
    from django.conf import settings

    with sink.running() as server:
        monkeypatch.setattr(settings, "MAIL_RELAY", server.address)
        yield server


def test_every_way_out_is_known():
    """A new kind of recipient, class of message, topic, letter, scope, route or connection has to be walked here."""
    from avow.web.api.host import host

    assert set(RECEIVE) == set(RecipientKind)
    assert set(CLASS_OF.values()) == {*MessageClass, *Topic}
    assert sorted(CLASS_OF) == letters.names()
    assert set(TELLS) == set(SCOPES)
    assert set(HOST_API) == set(host.path_operations)
    rule = yaml.safe_load((ROOT / "qa/rules/leaving-the-machine.yml").read_text())
    assert set(rule["metadata"]["door"]) <= set(DOORS)


def test_an_agent_hears_what_it_was_granted(vera, add_agent, endpoint):  # noqa: F811
    from avow.people import settings_change
    from avow.requests import erasing
    from avow.vault.actor import THE_PERSON

    errand(vera, add_agent(endpoint.url))
    settings_change.change(vera.person, "name", NEW_NAME, now=moment())
    settings_change.change(vera.person, "phone", "+442079460379", now=moment())
    carry()
    erasing.push(erasing.ask(vera.person, by=THE_PERSON, now=moment()).pk, now=moment())
    carry()
    assert [said["kind"] for said in endpoint.taken] == ["delivery", "correction", "deletion"]
    heard = b"\n".join(body + repr(headers).encode() for headers, body in endpoint.raw)
    assert found([*EVERY, *named(vera)], heard) == RECEIVE[RecipientKind.AGENT]


def errand(vera, agent):
    from avow.sharing import errands

    errands.give(agent, vera.person, ["name", "email"], now=moment())
    carry()


def carry():
    from avow.sharing import errands_delivering
    from avow.sharing.errands_models import Errand

    for waiting in list(Errand.objects.filter(state="waiting").values_list("pk", flat=True)):
        errands_delivering.deliver(waiting, now=moment())


def named(vera):
    """By which numbers and names others know the person; none of them is for a recipient."""
    return [str(vera.person), vera.person.hex, *vera.names.values()]


def test_a_partner_reads_nobody(vera, partner, officers):  # noqa: F811
    """The canary alone opened a page, with a browser of its own; a report that is asked for that page says so."""
    events = lake([*many(), *((0, 7_777_777, PAGE, AGENT) for _ in range(3))])
    reads = [read(asked(partner), officers, events) for asked in (figures, rows)]
    assert found([*EVERY, *named(vera)], b"".join(reads)) == RECEIVE[RecipientKind.PARTNER]
    assert found(EVERY, read(figures(partner, rho=9, pages=["/", PAGE]), officers, events)) == {PAGE}


def read(asked, officers, events):  # noqa: F811
    """Have a release published; return all that the partner reads under its link."""
    from django.test import Client

    from avow.sharing import handing_over, releasing

    release = approved(asked, officers, events, now=moment())
    row = releasing.publish(release, now=moment(), events=events)
    link = f"/partner/{handing_over.make_link(release, now=moment())}"
    told = b"".join(Client().get(link + end).content for end in ("", ".csv", ".json"))
    assert bytes(row.table) in told and bytes(row.descriptor) in told
    return told


def test_an_authority_gets_the_fields_in_scope(vera, now):  # noqa: F811
    from avow.sharing import disclosures, disclosures_packing
    from avow.sharing.disclosures import Wish
    from avow.sharing.disclosures_states import Class

    wish = Wish(
        authority="District Court", kind=Class.LEGAL_PROCESS, basis="file 2026/113", person=vera.person,
        fields=["name"], since=now - timedelta(days=3), until=now + timedelta(hours=1),
        necessity="The court's order names this account and asks who holds it.",
    )  # fmt: skip
    case = disclosures.draft(wish, by=uuid4(), now=now)
    disclosures.approve(case, by=uuid4(), now=now)
    disclosures_packing.pack(case, by=uuid4(), now=now)
    package = disclosures_packing.hand_over(case, now=now)
    assert found([*EVERY, *named(vera)], package) == RECEIVE[RecipientKind.AUTHORITY]


def test_a_mail_says_what_it_must(vera, relay, somebody):
    """Real acts first, then every letter once; each may hold the address it goes to and what its gaps say."""
    by_real_acts(vera, somebody)
    for letter in set(letters.names()) - TEXTED:
        write(vera, letter)
    deliver()
    assert len(relay.taken) >= len(CLASS_OF) - len(TEXTED)
    for raw in relay.taken:
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        told = raw + mail.get_content().encode() + "\n".join(f"{k}: {v}" for k, v in mail.items()).encode()
        to = mail["To"].addresses[0].addr_spec
        assert to in {ADDRESS, OLD_ADDRESS}, mail["Subject"]
        assert found([*EVERY, *named(vera)], told) == {to}, mail["Subject"]


def by_real_acts(vera, somebody):
    """What a person does that ends in a letter: a password changed and forgotten, an address changed, questions by mail."""
    from avow.communications import mailbox
    from avow.people import new_address
    from avow.requests import taking_up

    vera.walker.post("/accounts/password/reset/", email=ADDRESS)
    somebody(ADDRESS).sign_up(name=NAME)
    for number, text in enumerate(
        ("Please delete my account.", "Send me my data.", everywhere.QUESTION, "Unsubscribe me.")
    ):
        raw = f"From: {NAME} <{ADDRESS}>\nSubject: {OLD_NAME}\nMessage-ID: <{number}@y>\n\n{text}\n".encode()
        mailbox.leave(raw, now=moment())
    taking_up.take_up(moment())
    vera.walker.post("/data/email", value=OLD_ADDRESS)
    new_address.exchange(vera.person, OLD_ADDRESS, now=moment())
    new_address.exchange(vera.person, ADDRESS, now=moment())


def write(vera, letter):
    from avow.communications import opting_out
    from avow.communications.sending import send

    opting_out.opt_in(vera.person, None, way="account", now=moment())
    gaps = dict.fromkeys(letters.gaps_of(letter) - {"company", "contact", "sign_in", "reset", "messages", "day"}, "x")
    send(vera.person, Message(CLASS_OF[letter], letter, gaps), now=moment(), address=ADDRESS)


def deliver():
    from avow.communications import delivering
    from avow.communications.models import Ledger, Outgoing

    waiting = Ledger.objects.filter(state="waiting", message__in=Outgoing.objects.values("pk"))
    for number in list(waiting.values_list("message", flat=True)):
        delivering.deliver(number, now=moment())


def test_a_text_says_what_it_must(vera, monkeypatch):
    """Every letter that goes to a phone: the gateway is given the number that it goes to, and nothing else of anybody."""
    from django.conf import settings

    from avow.communications import text_delivering
    from avow.communications.classes import Channel
    from avow.communications.models import Outgoing
    from avow.people import ports

    with gateways.running() as gateway:
        monkeypatch.setattr(settings, "TEXT_GATEWAY", gateway.setting)
        ports.texts().send_code("314159", number=PHONE, person=vera.person, now=moment())
        ports.texts().say_registered(number=PHONE, now=moment())
        ports.texts().say_exchanged(number=PHONE, person=vera.person, now=moment())
        waiting = Outgoing.objects.filter(channel=Channel.TEXT, not_before=None)
        outcomes = [text_delivering.deliver(row.pk, now=moment()) for row in list(waiting)]
    assert outcomes == ["sent"] * len(TEXTED)
    for headers, body in gateway.raw:
        assert found([*EVERY, *named(vera)], body + repr(headers).encode()) == {PHONE}


def test_the_companys_own_application_is_told_what_it_needs(vera, change, compact, add_agent, endpoint):  # noqa: F811
    """At the sign-in what its scopes say, and by the host API what a page of it shows."""
    the_host_api_answers(vera, change, compact, add_agent(endpoint.url))
    what_its_scopes_say(vera)


def what_its_scopes_say(vera):
    from avow.people import settings_change

    settings_change.change(vera.person, "name", NEW_NAME, now=moment())
    for scope, tells in TELLS.items():
        asked = everywhere.application(vera, scope=" ".join(dict.fromkeys(("openid", scope))))
        told = json.dumps(asked.told).encode() + claims(asked.token["id_token"])
        assert found(EVERY, told) == tells, scope
        assert not found([str(vera.person), vera.person.hex], told)


def claims(token):
    import base64

    return b"".join(base64.urlsafe_b64decode(part + "==") for part in token.split(".")[:2]) + token.encode()


def the_host_api_answers(vera, change, compact, _agent):  # noqa: F811
    from avow.communications import notices
    from avow.people import tickets
    from tests.usage.conftest import batch, call

    change()
    notices.tell(now=moment())
    ticket = tickets.issue(vera.person, now=moment())
    call(batch(PAGE, PAGE, PAGE, ticket=ticket, device=DEVICE), ip=IP, user_agent=AGENT)
    compact()
    asks = {"/errand": {"agent": "Parcel & Post", "fields": ["name"]}, "/home": {}, "/use": {"page": PAGE}}
    for route, may in HOST_API.items():
        told = ask(vera, route, ticket=ticket, **asks[route])
        assert found([*EVERY, *named(vera)], told) == may, route


def ask(vera, route, **body):
    from avow.web.api.host import host_key

    answer = vera.walker.client.post(
        f"/api/host{route}", json.dumps(body), content_type="application/json",
        HTTP_AUTHORIZATION=f"Bearer {host_key()}",
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    return answer.content


FEEDS = ("/announcements", "/announcements.atom", "/announcements.json", "/announce.js")


def test_what_anybody_may_read_names_nobody(vera, change, superuser):
    the_log_names_nobody(vera, superuser)
    the_feeds_name_nobody(vera, change)


def the_feeds_name_nobody(vera, change):
    from avow.communications import announcing

    change()
    client = vera.walker.client
    read = lambda: {feed: client.get(feed).content for feed in FEEDS}  # noqa: E731
    assert found([*EVERY, *named(vera)], b"".join(read().values())) == set()
    announcing.announce("product", "A planted name", f"{NAME} was here.", now=moment())
    assert all(found([NAME], said) == {NAME} for feed, said in read().items() if feed != "/announce.js")


def the_log_names_nobody(vera, superuser):
    """All its files: checkpoint, tiles and entries, as anybody may read them. One with a name in it is found."""
    from django.conf import settings

    from avow.evidence import notes, sequencing, tiles

    key = notes.log_key(settings.KEYRING_FOLDER, settings.LOG_ORIGIN)
    while sequencing.sequence(key=key, now=moment()):
        pass
    size = tiles.newest().size
    assert size > 10
    told = {path: tiles.serve(path) for path in tiles.paths(size)}
    assert found([*EVERY, *named(vera)], b"".join(told.values())) == set()
    with superuser() as thief:
        thief.execute("ALTER TABLE evidence_leaf DISABLE TRIGGER ALL")
        thief.execute("UPDATE evidence_leaf SET entry = %s WHERE index = 3", [json.dumps({"who": NAME}).encode()])
        thief.execute("ALTER TABLE evidence_leaf ENABLE TRIGGER ALL")
    assert found(EVERY, b"".join(tiles.serve(path) for path in tiles.paths(size))) == {NAME}


def test_no_process_says_a_name_and_no_file_keeps_one(said, somebody, third_party, compact, capfd):  # noqa: F811
    """From the sign-up to visits, with what goes wrong on the way: unknown pages, wrong codes, an act that breaks."""
    from django.conf import settings

    vera = everywhere.settle(somebody, third_party)
    everywhere.use(vera, compact)
    what_goes_wrong(vera)
    process = "".join(capfd.readouterr()).encode()
    written = process + said() + files_under(settings.HOME.root) + (settings.HOME.cluster / "server.log").read_bytes()
    assert b"withheld here" in said() and b"something broke [ValueError" in said()
    assert found([*EVERY, *named(vera)], written) == set()
    logging.getLogger("avow").warning("planted: %s", NAME)
    assert found(EVERY, said()) == {NAME}


def what_goes_wrong(vera):
    from avow.errors import AvowError
    from avow.people import settings_change

    vera.walker.get(f"/nowhere/{ADDRESS}?name={NAME}")
    vera.walker.post("/accounts/confirm-email/", code=PHONE)
    vera.walker.sign_in(password=NAME)
    logging.getLogger("somebody.elses").error("cannot take %s", NAME)
    logging.getLogger("avow").warning("cannot write to %s, who is at %s with %s", ADDRESS, IP, PHONE)
    try:
        settings_change.change(vera.person, "email", NAME, now=moment())
    except AvowError as refused:
        logging.getLogger("avow").warning("%s", refused)
    try:
        raise ValueError(f"no such person: {NAME}, {PHONE}")
    except ValueError:
        logging.getLogger("avow").exception("something broke")
