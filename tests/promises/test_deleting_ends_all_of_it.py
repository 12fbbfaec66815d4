"""
Whoever deletes their account ends all of it, in every room at once; and what was sent on is called back.

One person has something everywhere (`everywhere`). Before: an export holds something of each kind, so a room that
could not be reached would be missing here. After the real saga: no store counts, no column of either database has
their number but the one that answers "erased", no file and no table has a value of theirs in any dress, the agent was
told, the certificate verifies offline and lists every store and the agent.

It bites: this test found that mails taken up kept a keyed hash of the address, and that a code which had gone to the
address before it was theirs stayed in the queue under a key of the installation's; without the two lines in
`communications.stores` it fails at each.
"""

import io
import json
import zipfile

import pytest

from avow.policy.promises import Promise
from tests.promises import everywhere
from tests.promises.dresses import dresses, found
from tests.promises.everywhere import ADDRESS, MARKS, erase, files_under, log, moment, others, rows_of  # noqa: F401
from tests.sharing.conftest import add_agent, endpoint, many_visits, now, officers, partner  # noqa: F401 - fixtures
from tests.usage.conftest import compact, place  # noqa: F401 - fixtures

pytestmark = [pytest.mark.proves(Promise.ACCESS_AND_ERASE, Promise.DE_IDENTIFY)]
STAYS = {"vault_person.person": 1}  # the number alone, so that an opening can answer: erased


@pytest.fixture
def vera(somebody, third_party, compact, change, others):  # noqa: F811
    vera = everywhere.settle(somebody, third_party)
    everywhere.use(vera, compact)
    everywhere.correspond(vera, change)
    everywhere.share(vera, others)
    everywhere.choose(vera)
    everywhere.look_at(vera)
    everywhere.be_touched(vera, others.officers)
    return vera


@pytest.fixture
def everything(every_byte):
    """Every byte that rests: tables of both databases, spool, lake, keys and what else lies in the home."""
    from django.conf import settings

    return lambda: every_byte().encode("latin-1", "replace") + files_under(settings.HOME.root)


def test_all_of_it_ends(vera, others, log, erase, everything, superuser):  # noqa: F811, PLR0917
    held = exported(vera.person, log.record)
    assert not HELD - held.keys(), "a room has nothing of the person, so this test would not see that it keeps it"
    everywhere.ask_for_a_copy(vera)
    before = rows_of(superuser, vera.person)
    assert len(before) > 15, before
    certificate = erase(vera.person)
    nothing_counts(vera.person)
    assert rows_of(superuser, vera.person) == STAYS
    assert found(vera.marks, everything()) == set()
    the_address_leads_nowhere(everything())
    nothing_waits(vera)
    the_agent_was_told(vera, others.endpoint)
    the_release_is_counted_anew(vera, others.visits)
    the_certificate_says_it(certificate, log.vkey)
    nobody_gets_in(vera)


HELD = {
    "fields", "vault-fields", "vault-addresses", "vault-choices", "account", "third-parties", "account-addresses",
    "sessions", "applications", "usage-events", "messages", "messages-in-your-account", "messages-switched-off",
    "policy-notices", "incoming", "incoming-noted", "cases", "case-messages", "requests", "received-by", "releases",
    "vault-openings", "incidents",
}  # fmt: skip


def exported(person, record):
    """What a copy holds, by kind, the empty ones left out."""
    from avow.requests import exporting

    made = exporting.export(person, now=moment(), sleep=record)
    with zipfile.ZipFile(io.BytesIO(made.content)) as packed:
        read = {name: json.loads(packed.read(name)) for name in packed.namelist() if name.startswith("data/")}
    return {name.removeprefix("data/").removesuffix(".json"): rows for name, rows in read.items() if rows}


def nothing_counts(person):
    from avow.vault import stores

    assert {store.name: store.count(person) for store in stores.stores() if store.count(person)} == {}


def the_address_leads_nowhere(everything):
    """Not even by the blind index under which an address is found again."""
    from avow.vault import addresses

    for address in (ADDRESS, everywhere.OLD_ADDRESS):
        index = addresses.blind_index("email", address)
        assert index not in everything and index.hex().encode() not in everything


def nothing_waits(vera):
    from procrastinate.contrib.django.models import ProcrastinateJob

    from avow.communications import delivering
    from avow.communications.models import Ledger, Outgoing

    assert not Outgoing.objects.exists()
    assert Ledger.objects.get(pk=vera.rooms.queued).state == "withdrawn"
    delivering.deliver(vera.rooms.queued, now=moment())  # a worker that comes late finds nothing, and no relay is asked
    told = repr(list(ProcrastinateJob.objects.values_list("args", "lock", "queueing_lock")))
    assert str(vera.person) not in told and not found(vera.marks, told.encode())


def the_agent_was_told(vera, endpoint):  # noqa: F811
    from avow.sharing.errands_models import Errand

    order = endpoint.taken[-1]
    assert (order["kind"], order["person"]) == ("deletion", vera.names["pseudonym"])
    assert set(order) == {"errand", "kind", "to", "person"}
    assert not Errand.objects.filter(pk=vera.rooms.waiting).exists(), "what waited went nowhere"
    assert not Errand.objects.exclude(pseudonym="").exists(), "and once it answered, its name for them is gone too"


def the_release_is_counted_anew(vera, visits):
    """The figures that counted them are dropped; publishing makes them again without them."""
    from avow.sharing import disclosures, proposing, releasing

    row = proposing.find(vera.rooms.release)
    assert (row.state, row.figures, row.counted_at) == ("approved", {}, None)
    assert releasing.publish(vera.rooms.release, now=moment(), events=visits).state == "published"
    case = disclosures.find(vera.rooms.draft)
    assert (case.state, case.person, case.sealed_note) == ("withdrawn", None, None)


def the_certificate_says_it(certificate, vkey):
    from avow.evidence import verifier
    from avow.vault import stores

    said = verifier.verify(certificate.statement, vkey)
    assert said["erased"]["opened"]
    listed = {store["store"]: store for store in said["body"]["stores"]}
    assert set(listed) == {store.name for store in stores.stores()}
    assert all(store["left"] == 0 for store in listed.values())
    assert not {name for name, store in listed.items() if not store["rows"]} - {"disclosures"}  # a draft shows nowhere
    [agent] = said["body"]["disclosures"]
    assert (agent["kind"], agent["fields"]) == ("agent", ["email", "name"]) and agent["told_at"]
    assert found(MARKS, certificate.statement) == set()


def nobody_gets_in(vera):
    assert vera.walker.get("/data").status_code == 302
    vera.walker.sign_in(password=everywhere.PASSWORD)
    assert not vera.walker.is_signed_in


def test_the_search_can_find(policy, superuser, everything, place):  # noqa: F811
    """Each value in each dress, planted in a file of the lake; and in a table, as text and as bytes."""
    assert found(MARKS, everything()) == set()
    for value in MARKS:
        for at, dress in enumerate(dresses(value)):
            (planted := place.lake / f"planted-{at}").write_bytes(b"\x00before" + dress + b"after\xff")
            assert found([value], files_under(place.root)) == {value}
            planted.unlink()
    with superuser() as thief:
        thief.execute("CREATE TABLE planted (clear text, bytes bytea)")
        try:
            for value in MARKS:
                thief.execute("INSERT INTO planted VALUES (%s, NULL), (NULL, %s)", [f"a {value} b", value.encode()])
            assert found(MARKS, everything()) == set(MARKS)
        finally:
            thief.execute("DROP TABLE planted")
