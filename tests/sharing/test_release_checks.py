"""The live checks of what goes to partners: each holds, fails when its mechanism is broken, and holds again."""

from datetime import timedelta
from uuid import uuid4

import pytest

from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from tests.sharing.conftest import NOW, approved, rows

pytestmark = pytest.mark.proves(
    Promise.NO_SALE, Promise.SHARING_LIMIT, Promise.AGGREGATE_RELEASE, Promise.ANONYMISED_RELEASE
)


def test_a_buyer_is_seen(partner, shown_to_fail):
    from avow.vault import egress, recipients
    from avow.vault.models import Egress, RecipientGrant

    with shown_to_fail(
        "no-buyer-exists", how="a partner is granted a field; something left under no sentence, and beyond its grant"
    ) as trial:
        trial.holds()
        field = recipients.grant(
            partner.number, ["email"], Purpose.ANONYMISED_RELEASE, Promise.AGGREGATE_RELEASE,
            contract="x", until=NOW + timedelta(days=1), now=NOW,
        )  # fmt: skip
        assert "something else than releases" in trial.fails()
        RecipientGrant.objects.filter(pk=field).delete()
        left = egress.leave(partner.number, ["usage-rows"], Purpose.ANONYMISED_RELEASE, content=b"x", people=0, now=NOW)
        trial.holds()
        Egress.objects.filter(pk=left).update(clause="")
        assert "no sentence" in trial.fails()
        Egress.objects.filter(pk=left).update(clause="anonymised-release", what=["email"])
        assert "its grant does not name" in trial.fails()
        Egress.objects.all().delete()
        trial.holds()


def test_a_budget_that_is_overspent_is_seen(policy, shown_to_fail, monkeypatch):
    from avow.sharing import aggregating, spending
    from avow.sharing.aggregating import Price
    from avow.sharing.release_models import Spend

    with shown_to_fail(
        "aggregates-keep-their-budget",
        how="more was spent than allowed; asking for more is not refused; less noise, and none",
    ) as trial:
        trial.holds()
        with monkeypatch.context() as m:
            m.setattr(spending, "why_not", lambda *_, **__: [])
            assert "not refused" in trial.fails()
        with monkeypatch.context() as m:
            m.setattr(Price, "sigma", property(lambda self: 1.0))
            assert "too small" in trial.fails()
        with monkeypatch.context() as m:
            m.setattr(aggregating, "noisy", lambda counts, _cost: list(counts))
            assert "too small" in trial.fails()
        year, spend = NOW.year, {"release": uuid4(), "spec_sha": "0" * 64, "now": NOW}
        spending.reserve(uuid4(), year, 10, **spend)
        trial.holds()
        with monkeypatch.context() as m:
            m.setattr(spending, "limits", lambda _now: spending.Limits(10, 9, 250))
            assert "more was spent" in trial.fails()
        trial.holds()
    assert Spend.objects.count() == 1 and aggregating


def test_rows_that_are_not_anonymous_are_seen(partner, officers, many_visits, shown_to_fail, monkeypatch):
    from avow.sharing import generalising, releasing
    from avow.sharing.release_models import Release

    release = approved(rows(partner), officers, many_visits)
    releasing.publish(release, now=NOW, events=many_visits)
    table = bytes(Release.objects.get().table)
    with shown_to_fail(
        "row-releases-are-anonymous", how="a published table holds a row that stands alone; the measure lets one pass"
    ) as trial:
        trial.holds()
        Release.objects.update(table=table + b"Monday,Safari,1,/\n")
        assert "are not anonymous" in trial.fails()
        Release.objects.update(table=table)
        with monkeypatch.context() as m:
            m.setattr(generalising, "refuse_unless_anonymous", lambda *_, **__: None)
            assert "passes for anonymous" in trial.fails()
        trial.holds()


def test_a_canary_appears_in_no_byte_that_left(partner, officers, ada):
    """It bites: with the lake's `pid` or the page's own address in a row, the name below is found (tried)."""
    from avow.sharing import leaving_out, releasing
    from avow.sharing import spec as specs
    from avow.vault import pseudonyms
    from tests.people.walking import IP
    from tests.sharing.conftest import figures, lake, many

    own = [pseudonyms.pseudonym(ada.person, day) for day in specs.read(rows(partner)).every_day]
    pids = [leaving_out.in_the_lake(name) for name in own]
    secrets = ["Ada", "Lovelace", "ada@example.com", "79460958", "7946 0958", IP, "MarkerBrowser", str(ada.person)]
    secrets += [*own, *map(str, pids), "canary"]
    events = lake(
        [*many(), *[(day, pid, "/people/canary/ada@example.com", "MarkerBrowser") for day, pid in enumerate(pids)]]
    )
    left = []
    for given in (figures(partner), rows(partner)):
        release = approved(given, officers, events)
        row = releasing.publish(release, now=NOW, events=events)
        left.append((bytes(row.table) + bytes(row.descriptor)).decode())
    assert all(secret not in text for text in left for secret in secrets)
    assert "/reports" in left[0] and "Firefox" in left[1]  # the search can find
