"""
One person with something in every room at once, by the acts and pages that people use.

What they gave occurs nowhere else, so that a search for it means something.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

from tests.people.third_party import come_back, go
from tests.sharing.conftest import approved, figures
from tests.usage.conftest import batch, call

ADDRESS, OLD_ADDRESS = "vera.quillfeather@example.com", "vera.old.quillfeather@example.org"
NAME, OLD_NAME = "Vera Quillfeather-Marsh", "Vera Ptarmigan"
PHONE, IP, DEVICE, AGENT = "+442079460377", "203.0.113.219", "quill-device-8812", "QuillBrowser/9.13 (Feather)"
THIRD, QUESTION, WISH = "quill-at-the-third-party", "Where does my heron report lie?", "Please delete my kingfisher."
BACK, SECRET = "http://127.0.0.1:9/back", "the application's own secret"
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


def settle(somebody, third_party):
    """Sign up, correct each field, connect a third party, sign in to an application, and be in two browsers."""
    from avow.people import new_address, settings_change

    walker = somebody(OLD_ADDRESS)
    walker.extra = {"HTTP_USER_AGENT": AGENT, "REMOTE_ADDR": IP}
    walker.join(name=OLD_NAME, phone="+442079460378")
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
    second.sign_in()
    assert second.is_signed_in
    return vera


def application(vera, scope="openid profile email phone usage"):
    """Sign in to the company's application; what its server is told."""
    from avow.people import relying

    relying.register("optimibi", name="Optimibi", redirect_uris=[BACK], secret=SECRET, now=moment())
    client, asked = vera.walker.client, {"client_id": "optimibi", "redirect_uri": BACK}
    offers = client.get("/.well-known/openid-configuration").json()
    where = {name: urlsplit(url).path for name, url in offers.items() if name.endswith("_endpoint")}
    sent = {**asked, "response_type": "code", "scope": scope, "state": "s", "nonce": "n", "code_challenge": "v" * 43}
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


def use(vera, compact):
    """Visits that are worked up, and one that is still on its way."""
    from avow.people import tickets

    vera.names["ticket"] = ticket = tickets.issue(vera.person, now=moment())
    told = {"ip": IP, "user_agent": AGENT}
    for page in ("/reports/sales", "/reports/churn"):
        call(batch(page, {"kind": "feature", "page": page, "feature": "chart"}, ticket=ticket, device=DEVICE), **told)
    compact()
    call(batch("/docs/late", ticket=ticket, device=DEVICE), **told)


def correspond(vera, change):
    """A notice, kept messages, switches, a mail in the queue, an answered case, a mail that nobody took up yet."""
    from django.test import override_settings

    from avow.communications import mailbox, notices, opting_out
    from avow.communications.classes import Topic
    from avow.requests import cases, taking_up
    from tests.communications.topics import send

    change()
    notices.tell(now=moment())
    send(vera.person, Topic.NEW_VERSIONS)
    opting_out.opt_out(vera.person, [Topic.USAGE], way="account", now=moment())
    send(vera.person, Topic.USAGE)
    with override_settings(MAIL_RELAY="127.0.0.1:9"):
        vera.rooms.queued = send(vera.person, Topic.ANNOUNCEMENTS)
    mailbox.leave(_mail("one", WISH), now=moment())
    taking_up.take_up(moment())
    cases.ask(vera.person, QUESTION, now=moment())
    mailbox.leave(_mail("two", "And what of my dipper?"), now=moment())


def _mail(number, text):
    return f"From: {NAME} <{ADDRESS}>\nSubject: mine\nMessage-ID: <{number}@x>\n\n{text}\n".encode()


def share(vera, others):
    """An errand that went, one that waits, a draft for an authority, a release that counts everybody."""
    from avow.sharing import disclosures, errands, errands_delivering
    from avow.sharing.disclosures import Wish
    from avow.sharing.disclosures_states import Class
    from avow.vault import pseudonyms

    agent = vera.rooms.agent = others.add_agent(others.endpoint.url)
    errands_delivering.deliver(errands.give(agent, vera.person, ["name", "email"], now=moment()), now=moment())
    vera.rooms.waiting = errands.give(agent, vera.person, ["name"], now=moment())
    vera.names["pseudonym"] = pseudonyms.for_recipient(vera.person, agent)
    wish = Wish(
        authority="District Court", kind=Class.LEGAL_PROCESS, basis="file 2026/113", person=vera.person,
        fields=["name"], since=moment().replace(day=1), until=moment(),
        necessity="The court's order names this account and asks who holds it.",
    )  # fmt: skip
    vera.rooms.draft = disclosures.draft(wish, by=uuid4(), now=moment())
    vera.rooms.release = approved(figures(others.partner), others.officers, others.visits, now=moment())


def choose(vera):
    """An objection and a grant."""
    from avow.policy.purposes import Purpose
    from avow.usage import choosing
    from avow.vault import choices

    choosing.personalise(vera.person, on=False, now=moment())
    choices.grant(vera.person, Purpose.ANALYSIS, now=moment())


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
