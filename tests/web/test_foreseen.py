"""
What a new text would do is counted before anybody publishes it, and is then what happens.

It bites: a count that leaves a room out, that takes the text in force for the new one, or days counted from today and not from the
day on which the text takes effect (each was tried).
"""

from datetime import UTC, datetime, time, timedelta

import pytest

from avow.communications import opting_out, publishing
from avow.communications.classes import Topic
from avow.communications.models import Ledger
from avow.evidence import versions
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.sharing.release_models import Release
from avow.usage import retaining
from avow.vault import catalogue, choices, gate, recipients
from avow.vault.recipients import RecipientKind
from avow.web.reading import foreseen
from tests.communications.changing import newer
from tests.usage.conftest import batch, collect, compact, place  # noqa: F401 - fixtures

GONE = ('purposes = ["agent-delivery"]', 'purposes = ["account"]')
NEVER = [('purposes = ["personalisation", "improvement", "account"', 'purposes = ["improvement", "account"')]


def now():
    return datetime.now(UTC)


def text(*swaps, days=30):
    """The example's next text (personalisation is named no more), with other clauses in its table."""
    raw, table = newer((now() + timedelta(days=days)).date())
    for before, after in swaps:
        assert before in table.decode()
        table = table.replace(before.encode(), after.encode())
    return raw, table


def lines(*swaps, **others):
    """Return what the text would do: the number of each line, by its words."""
    found = foreseen.foresee(publishing.propose(*text(*swaps, **others), now=now()), now=now())
    return {f"{one.about}: {one.says}": one.number for one in found.effects}


def test_what_can_be_opened_no_more_is_what_the_gate_then_keeps_shut(house, ada, somebody):
    somebody("bo@example.com").join()
    old = versions.all_versions()[0]
    said = lines(GONE)
    assert next(number for line, number in said.items() if line.startswith("people: are told")) == 2
    new = versions.freeze(*text(GONE, days=0), now=now(), published_by="a test")
    shut = [field for field in catalogue.fields() if may(field.name, old) and not may(field.name, new)]
    [(line, number)] = [(line, number) for line, number in said.items() if "opened no more for agent-delivery" in line]
    assert number == len(shut) > 0 and all(field.label in line for field in shut)


def may(field, version):
    rules = gate.Rules(now())
    rules.in_force = version
    return rules.permit(field, version.sha256, Purpose.AGENT_DELIVERY, choices.NONE)


def test_grants_under_which_nothing_leaves_any_more(house):
    agent = recipients.add(RecipientKind.AGENT, "Sendy", {}, now=now())
    recipients.grant(
        agent, ["email"], Purpose.AGENT_DELIVERY, Promise.AGENT_NECESSITY,
        contract="c", until=now() + timedelta(days=9), now=now(),
    )  # fmt: skip
    assert [line for line in lines(GONE) if "let nothing out any more" in line]
    assert not [line for line in lines() if "let nothing out any more" in line]


def test_recorded_use_that_would_be_too_old_is_what_is_then_removed(house, place, ada, collect, compact):  # noqa: F811
    from avow.people import tickets

    midnight = datetime.combine(now().date(), time.min, UTC)
    told = [
        {"kind": "page", "page": "/then", "at": int((midnight - timedelta(milliseconds=1)).timestamp() * 1000)},
        "/now",
    ]
    collect(batch(*told, ticket=tickets.issue(ada.person, now=now()))), compact()
    shorter = ("numbers.usage_days = 396", "numbers.usage_days = 30")
    assert lines(shorter, days=30)["use: are then older than 30 days and removed"] == 1
    assert lines(shorter, days=31)["use: are then older than 30 days and removed"] == 2
    assert not [line for line in lines(days=31) if "removed" in line]
    assert lines(*NEVER)["use: are read no more for personalisation"] == 2
    versions.freeze(*text(shorter, days=0), now=now(), published_by="a test")
    assert retaining.clear(now=midnight + timedelta(days=30, hours=1)) == 1


def test_messages_and_who_wants_no_mail_of_notices(house, ada):
    opting_out.legal_mail_off(ada.person, way="account", now=now())
    Ledger.objects.create(
        message="0" * 32,
        kind=Topic.ANNOUNCEMENTS,
        letter="announcement",
        state="sent",
        queued_at=now(),
        settled_at=now(),
    )
    silent = ('promise = "closed-topics"', 'promise = "contact-limit"')
    said = lines(silent)
    assert said["messages: of a topic were asked for in the last 30 days; such may be sent no more"] == 1
    assert said["people: want no mail of legal notices, and have this one in their account"] == 1
    assert not [line for line in lines() if line.startswith("messages")]


def test_releases_that_could_not_go_are_counted(house):
    made = {"state": "checked", "proposed_at": now(), "spec_sha": "a" * 64, "partner": "0" * 32}
    Release.objects.create(id="1" * 32, kind="usage-figures", spec={"rho": 10}, **made)
    Release.objects.create(id="2" * 32, kind="usage-figures", spec={"rho": 2}, **made | {"spec_sha": "b" * 64})
    dear = ("numbers.rho_release_thousandths = 10", "numbers.rho_release_thousandths = 5")
    assert lines(dear)["releases: in preparation cost more than one may then spend"] == 1
    assert not [line for line in lines() if line.startswith("releases")]


@pytest.mark.parametrize("days", [30])
def test_the_desk_shows_it_before_and_the_second_officer_too(officer, house, days):
    raw, table = text(GONE, ("numbers.usage_days = 396", "numbers.usage_days = 30"), days=days)
    form = {"text": raw.decode(), "table": table.decode()}
    page = officer.post("/desk/policy", form).content.decode()
    assert "What it does to what is there" in page and "can be opened no more for agent-delivery" in page
    assert '<td class="number">396</td><td class="number">30</td>' in page
    officer.post("/desk/policy", form | {"step": "publish"})
    assert "can be opened no more for agent-delivery" in officer.get("/desk/policy").content.decode()
