"""
A release leaves through one flow: grant, days that are over, budget or k, two officers for this very text, egress.

It bites: leaving out the second officer, the comparison of hashes, the overlap of days, the grant at the link, or the
second look at who left each lets something through here (each was tried).
"""

import json
from datetime import timedelta

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avow.errors import AvowError, BadInput, NotFound, NotYet, Refused, Unavailable
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from tests.sharing.conftest import FIRST, LAST, NOW, approved, figures, lake, many, rows

pytestmark = pytest.mark.proves(Promise.ANONYMISED_RELEASE, Promise.AGGREGATE_RELEASE, Promise.SHARING_LIMIT)


def test_figures_walk_from_proposal_to_the_partners_link(partner, officers, many_visits):
    from avow.sharing import handing_over, releasing, spending
    from avow.vault.models import Egress

    release = approved(figures(partner), officers, many_visits)
    assert spending.spent(FIRST.year) == 0  # nothing is spent before publishing
    row = releasing.publish(release, now=NOW, events=many_visits)
    assert (row.state, spending.spent(FIRST.year, partner=partner.number)) == ("published", 10)
    left = Egress.objects.get(pk=row.egress)
    assert (left.what, left.people, left.clause) == (["usage-figures"], 0, "aggregate-release")
    told = json.loads(bytes(row.descriptor))
    assert (told["made"]["rho"], told["clause"]) == (10, "aggregate-release")
    table = dict(line.split(",") for line in bytes(row.table).decode().splitlines()[1:])
    assert abs(int(table["/"]) - 4200) < 5 * told["made"]["sigma"] and table["/docs"] == ""
    token = handing_over.make_link(release, now=NOW)
    assert handing_over.read(token, now=NOW).pk == release


def test_rows_walk_too_and_are_measured_from_their_bytes(partner, officers, many_visits):
    from avow.sharing import generalising, releasing, spending

    release = approved(rows(partner), officers, many_visits)
    row = releasing.publish(release, now=NOW, events=many_visits)
    columns, out = generalising.from_csv(bytes(row.table))
    generalising.refuse_unless_anonymous(columns, out, k=11, sensitive=[])
    assert columns == ("weekday", "browser", "pages", "section") and len(out) == 4200
    assert spending.spent(FIRST.year) == 0
    assert "isolating" not in json.loads(bytes(row.descriptor))["made"]


def test_a_second_click_and_the_same_proposal_find_what_was_made(partner, officers, many_visits):
    from avow.sharing import proposing, releasing, spending

    release = approved(figures(partner), officers, many_visits)
    first = releasing.publish(release, now=NOW, events=many_visits)
    second = releasing.publish(release, now=NOW, events=lake([]))
    again = proposing.propose(figures(partner), by=None, now=NOW)
    assert again == release and bytes(second.table) == bytes(first.table)
    assert spending.spent(FIRST.year) == 10


def test_a_partner_without_a_grant_or_past_its_contract_gets_nothing_and_nothing_is_spent(
    partner, officers, many_visits
):
    from avow.sharing import proposing, releasing, spending
    from avow.vault import recipients

    release = approved(figures(partner), officers, many_visits)
    later = NOW + timedelta(days=91)
    with pytest.raises(Refused, match="No standing grant"):
        releasing.publish(release, now=later, events=many_visits)
    recipients.end_grant(partner.grant, now=NOW)
    with pytest.raises(Refused, match="No standing grant"):
        releasing.publish(release, now=NOW + timedelta(seconds=1), events=many_visits)
    checked = releasing.check(proposing.propose(figures(partner, rho=9), by=None, now=NOW), now=later)
    assert checked.state == "refused" and "No standing grant" in checked.reasons[0]
    assert spending.spent(FIRST.year) == 0


def test_a_grant_for_figures_is_none_for_rows_even_if_it_names_them(partner, officers, many_visits):
    from avow.sharing import proposing, releasing
    from avow.vault.models import RecipientGrant

    RecipientGrant.objects.exclude(pk=partner.grant).delete()
    RecipientGrant.objects.update(what=["usage-figures", "usage-rows"])
    release = proposing.propose(rows(partner), by=None, now=NOW)
    assert "another sentence" in releasing.check(release, now=NOW, events=many_visits).reasons[0]


def test_two_different_officers_approve_and_nobody_else(partner, officers, many_visits):
    from avow.sharing import proposing, releasing

    release = proposing.propose(figures(partner), by=officers[0], now=NOW)
    with pytest.raises(Refused, match="check"):
        releasing.approve(release, officers[0], now=NOW)
    releasing.check(release, now=NOW)
    releasing.approve(release, officers[0], now=NOW)
    with pytest.raises(Refused, match="another officer"):
        releasing.approve(release, officers[0], now=NOW)
    with pytest.raises(Refused, match="Only an officer"):
        releasing.approve(release, officers[2], now=NOW)
    with pytest.raises(Refused, match="Two different officers"):
        releasing.publish(release, now=NOW, events=many_visits)


def test_a_changed_specification_has_no_approvals(partner, officers, many_visits):
    from avow.sharing import proposing, releasing
    from avow.sharing.release_models import Release

    release = approved(figures(partner), officers, many_visits)
    Release.objects.filter(pk=release).update(spec={**Release.objects.get(pk=release).spec, "rho": 9})  # past the flow
    with pytest.raises(Refused, match="may have changed"):
        releasing.publish(release, now=NOW, events=many_visits)
    proposing.change(release, figures(partner, rho=8))
    with pytest.raises(Refused):
        releasing.publish(release, now=NOW, events=many_visits)
    assert not Release.objects.get(pk=release).approvals.exists()


def test_rows_of_days_that_went_before_are_refused(partner, officers, many_visits):
    from avow.sharing import proposing, releasing

    releasing.publish(approved(rows(partner), officers, many_visits), now=NOW, events=many_visits)
    other = proposing.propose(rows(partner, since=LAST.isoformat(), k=12), by=None, now=NOW)
    assert "together could tell people apart" in releasing.check(other, now=NOW, events=many_visits).reasons[0]


def test_too_few_people_are_refused_in_a_sentence_and_mended_with_figures(partner, officers):
    from avow.sharing import proposing, releasing

    few = lake(many(people=3))
    release = proposing.propose(rows(partner), by=None, now=NOW)
    refused = releasing.check(release, now=NOW, events=few)
    assert refused.state == "refused" and "give figures instead" in refused.reasons[0]
    proposing.change(release, figures(partner))
    assert releasing.check(release, now=NOW, events=few).state == "checked"


def test_rows_that_became_too_few_end_the_publishing(partner, officers, many_visits):
    from avow.sharing import proposing, releasing

    release = approved(rows(partner), officers, many_visits)
    with pytest.raises(Refused, match="fewer than"):
        releasing.publish(release, now=NOW, events=lake(many(people=1)))
    assert proposing.find(release).state == "refused"
    releasing.check(release, now=NOW, events=many_visits)  # the same text, which two have approved
    assert proposing.find(release).state == "approved"


def test_a_lake_that_is_away_spends_nothing(partner, officers, many_visits):
    from avow.sharing import proposing, releasing, spending

    def away(_since, _until):
        raise Unavailable("The lake is away; try again in a minute.")

    release = approved(figures(partner), officers, many_visits)
    with pytest.raises(Unavailable):
        releasing.publish(release, now=NOW, events=away)
    assert (proposing.find(release).state, spending.spent(FIRST.year)) == ("approved", 0)


def test_a_crash_leaves_the_budget_spent_and_the_next_attempt_pays_again(partner, officers, many_visits, monkeypatch):
    from avow.sharing import making, releasing, spending

    release = approved(figures(partner), officers, many_visits)

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as m:
        m.setattr(making, "make", killed)
        with pytest.raises(KeyboardInterrupt):
            releasing.publish(release, now=NOW, events=many_visits)
    assert spending.spent(FIRST.year) == 10
    with pytest.raises(NotYet):
        releasing.publish(release, now=NOW + timedelta(minutes=1), events=many_visits)
    late = NOW + timedelta(minutes=6)
    assert releasing.publish(release, now=late, events=many_visits).state == "published"
    assert spending.spent(FIRST.year) == 20


@pytest.mark.parametrize("way", ["objects", "freezes", "begins to leave"])
def test_who_says_no_is_in_no_release(partner, officers, way):
    from avow.sharing import leaving_out, making
    from avow.sharing import spec as specs
    from avow.vault import choices, erasure, pseudonyms
    from avow.vault.enrolment import enrol

    person = enrol(now=NOW)
    spec = specs.read(rows(partner, k=5, columns=["weekday", "browser"]))
    own = [
        (day, leaving_out.in_the_lake(pseudonyms.pseudonym(person, day_of)), "/", "Safari")
        for day, day_of in enumerate(spec.every_day)
    ]
    events = lake(many(people=20) + own)(FIRST, LAST)
    assert len(making.anonymous(spec, events, now=NOW).rows) + 7 == 147  # seven Safari rows, one a day: hidden
    before = making.usage_rows.rows(events, spec, left_out=leaving_out.names(spec.every_day, now=NOW))
    mark = leaving_out.mark(NOW)
    if way == "objects":
        choices.object_to(person, Purpose.ANONYMISED_RELEASE, now=NOW)
    elif way == "freezes":
        choices.freeze(person, now=NOW)
    else:
        erasure.begin(person, now=NOW)
    after = making.usage_rows.rows(events, spec, left_out=leaving_out.names(spec.every_day, now=NOW))
    assert (len(before), len(after)) == (147, 140)
    assert leaving_out.mark(NOW) != mark


def test_who_objects_while_anothers_choices_are_forgotten_is_seen(policy):
    """Tried: with counts of rows in place of the list, one objection more and one less are no change."""
    from avow.sharing import leaving_out
    from avow.vault import choices
    from avow.vault.enrolment import enrol

    one, other = enrol(now=NOW), enrol(now=NOW)
    choices.object_to(one, Purpose.ANALYSIS, now=NOW)
    mark = leaving_out.mark(NOW)
    choices.forget(one)
    choices.object_to(other, Purpose.ANALYSIS, now=NOW)
    assert leaving_out.mark(NOW) != mark


def test_whom_a_hold_is_about_is_out_while_it_stands(partner, officers):
    """It bites: a list that forgets holds, and one that counts those that are only proposed (tried)."""
    from avow.sharing import leaving_out
    from avow.vault import holds
    from avow.vault.enrolment import enrol

    person = enrol(now=NOW)
    hold = holds.propose(
        person, ["email"], basis="file 7", until=NOW + timedelta(days=9), by=officers[0], now=NOW, gagged=False
    )
    assert leaving_out.names([FIRST, LAST], now=NOW) == frozenset()
    mark = leaving_out.mark(NOW)
    holds.confirm(hold, by=officers[1], now=NOW)
    assert len(leaving_out.names([FIRST, LAST], now=NOW)) == 2 and leaving_out.mark(NOW) != mark
    assert leaving_out.names([FIRST, LAST], now=NOW + timedelta(days=10)) == frozenset()


def test_an_erasure_while_it_is_made_makes_it_again_unseen(partner, officers, many_visits, monkeypatch):
    from avow.sharing import making, releasing, spending
    from avow.vault import erasure
    from avow.vault.enrolment import enrol

    person, makes, made = enrol(now=NOW), making.make, []

    def leaves_meanwhile(*given, **named):
        made.append(makes(*given, **named))
        erasure.begin(person, now=NOW)
        return made[-1]

    release = approved(figures(partner), officers, many_visits)
    monkeypatch.setattr(making, "make", leaves_meanwhile)
    row = releasing.publish(release, now=NOW, events=many_visits)
    assert len(made) == 2 and bytes(row.table) == made[1].table
    assert spending.spent(FIRST.year) == 10  # what nobody saw costs nothing


def test_the_certificate_lists_what_was_in_preparation(partner, officers, many_visits):
    from avow.sharing import proposing, releasing
    from avow.sharing.release_store import ReleaseStore
    from avow.vault import erasure
    from avow.vault.enrolment import enrol

    store, person = ReleaseStore(), enrol(now=NOW - timedelta(days=2))
    release = approved(rows(partner), officers, many_visits)
    assert store.count(person) == 1
    erasure.begin(person, now=NOW + timedelta(seconds=1))
    assert store.forget(person, request=release, now=NOW) == 1
    assert proposing.find(release).approvals.count() == 2
    assert store.count(person) == 0 == store.forget(person, request=release, now=NOW)
    assert (proposing.find(release).figures, proposing.find(release).state) == ({}, "approved")
    assert releasing.publish(release, now=NOW + timedelta(seconds=2), events=many_visits).figures["rows"] == 4200
    assert store.count(person) == 0


def test_an_officer_who_leaves_is_named_nowhere_and_what_is_not_out_needs_another(partner, officers, many_visits):
    from avow.sharing import proposing, releasing
    from avow.sharing.release_models import Approval
    from avow.sharing.release_store import ReleaseStore

    out = approved(figures(partner), officers, many_visits)
    releasing.publish(out, now=NOW, events=many_visits)
    waiting = approved(figures(partner, rho=5), officers, many_visits)
    store = ReleaseStore()
    assert [row["your part"] for exported in store.export(officers[0], now=NOW) for row in exported.rows][-1]
    store.forget(officers[0], request=out, now=NOW)
    assert store.count(officers[0]) == 0 and proposing.find(waiting).state == "checked"
    assert Approval.objects.filter(release=out).count() == 2


def test_a_link_that_is_wrong_late_revoked_or_past_the_contract_opens_nothing(partner, officers, many_visits):
    from avow.sharing import handing_over, releasing
    from avow.sharing.release_models import Handover

    release = approved(figures(partner), officers, many_visits)
    with pytest.raises(NotYet):
        handing_over.make_link(release, now=NOW)
    releasing.publish(release, now=NOW, events=many_visits)
    token = handing_over.make_link(release, now=NOW)
    handing_over.read(token, now=NOW)
    handing_over.read(token, now=NOW, download=True)
    row = Handover.objects.get()
    assert (row.opened, row.downloaded) == (1, 1) and token not in row.token_sha
    said = set()
    for wrong, at in (("f" * 64, NOW), ("", NOW), (token, NOW + timedelta(days=31)), (token, NOW - timedelta(1))):
        with pytest.raises(NotFound) as refused:
            handing_over.read(wrong, now=at)
        said.add(str(refused.value))
    assert handing_over.revoke(release, now=NOW) == 1
    with pytest.raises(NotFound) as refused:
        handing_over.read(token, now=NOW)
    assert {*said, str(refused.value)} == said and len(said) == 1


def test_a_link_closes_with_the_grant(partner, officers, many_visits):
    from avow.sharing import handing_over, releasing
    from avow.vault import recipients

    release = approved(figures(partner), officers, many_visits)
    releasing.publish(release, now=NOW, events=many_visits)
    token = handing_over.make_link(release, now=NOW)
    recipients.end_grant(partner.grant, now=NOW)
    with pytest.raises(NotFound):
        handing_over.read(token, now=NOW + timedelta(seconds=1))


@pytest.mark.parametrize(
    "change, says",
    [
        ({"columns": ["weekday", "shoe"]}, "No catalogue declares"),
        ({"columns": ["weekday", "page"]}, "text that can hold anything"),
        ({"columns": ["weekday", "pid"]}, "name of a day"),
        ({"columns": ["browser"]}, "weekday"),
        ({"columns": "weekday"}, "list of names"),
        ({"k": 2}, "whole number from 5"),
        ({"k": float("nan")}, "whole number"),
        ({"k": True}, "whole number"),
        ({"k": "11"}, "whole number"),
        ({"since": "2026-01-01", "until": "2026-01-09"}, "a week at most"),
        ({"since": "2025-12-30", "until": "2026-01-02"}, "of one year"),
        ({"since": "yesterday"}, "first and last day"),
        ({"partner": "Northwind"}, "partner of the register"),
        ({"limit": 3}, "no release knows"),
        ({"kind": "everything"}, "names its kind"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(partner, change, says):
    from avow.sharing import proposing
    from avow.sharing.release_models import Release

    with pytest.raises(BadInput, match=says):
        proposing.propose(rows(partner, **change), by=None, now=NOW)
    assert not Release.objects.exists()


@pytest.mark.parametrize("pages", [[], ["reports"], ["/who?mail=ada@example.com"], [7], ["/x"] * 201 + ["/y y"]])
def test_pages_are_a_public_list(partner, pages):
    from avow.sharing import proposing

    with pytest.raises(BadInput):
        proposing.propose(figures(partner, pages=pages), by=None, now=NOW)


def test_an_agent_is_no_partner_and_today_is_not_over(partner, policy):
    from avow.sharing import proposing, releasing
    from avow.vault import recipients
    from avow.vault.recipients import RecipientKind

    agent = recipients.add(RecipientKind.AGENT, "Parcel & Post", {}, now=NOW)
    with pytest.raises(BadInput, match="go to partners"):
        proposing.propose(figures(partner, partner=str(agent)), by=None, now=NOW)
    today = NOW.date().isoformat()
    release = proposing.propose(figures(partner, since=today, until=today), by=None, now=NOW)
    assert "not over" in releasing.check(release, now=NOW).reasons[0]


@given(st.lists(st.sampled_from(["check", "approve0", "approve1", "publish", "change", "withdraw"]), max_size=9))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_clicked_nothing_is_published_without_two_who_approved_this_text(
    partner, officers, small_lake, clicks
):
    from avow.sharing import proposing, releasing
    from avow.sharing.release_models import Release

    Release.objects.all().delete()
    release, signed, checked = proposing.propose(figures(partner), by=None, now=NOW), set(), False
    for number, click in enumerate(clicks):
        try:
            if click == "check":
                checked = releasing.check(release, now=NOW).state in {"checked", "approved"} or checked
            elif click.startswith("approve"):
                releasing.approve(release, officers[int(click[-1])], now=NOW)
                signed.add(click)
            elif click == "publish":
                releasing.publish(release, now=NOW, events=small_lake)
                assert checked and len(signed) == 2
            elif click == "change":
                proposing.change(release, figures(partner, per_day=number + 1))
                signed, checked = set(), False
            else:
                proposing.withdraw(release)
        except AvowError:
            continue
    assert proposing.find(release).state != "published" or len(signed) == 2


@pytest.fixture
def small_lake():
    return lake(many(days=1, people=2))


def test_a_persons_erasure_is_walked_with_the_release_on_its_certificate(partner, officers, many_visits, complete):
    from avow.requests import certificates, erasing
    from avow.sharing import proposing, releasing
    from avow.vault.actor import THE_PERSON
    from tests.requests.asking import make_someone

    later = NOW + timedelta(minutes=1)
    person = make_someone(now=NOW)
    release = approved(rows(partner), officers, many_visits)
    done = complete(erasing.ask(person, by=THE_PERSON, now=later).pk, now=later)
    line = next(line for line in certificates.read(done.number).stores if line.store == "releases")
    assert (line.title, line.rows) == ("Releases in preparation", 1)
    assert proposing.find(release).figures == {}
    assert releasing.publish(release, now=later, events=many_visits).state == "published"


@override_settings(OLD_DATA_ASKS=False)  # else a text that takes up again what one dropped asks everybody anew
def test_nobody_is_in_a_release_under_a_text_that_they_have_not_accepted(partner, officers, monkeypatch):
    """It bites: with the lake's own events in place of those that may be read, Ada's rows are counted."""
    from avow.evidence import pretending
    from avow.sharing import generalising, leaving_out, releasing
    from avow.usage import lake as usage_lake
    from avow.vault import accepting, governing, pseudonyms

    ada = officers[2]
    now_named = governing.in_force(NOW)
    text = "# T\n\nEffective date: {day}\n\n## Use\n\nWe use what you give us for the account, says version two.\n"
    table = "format = \"avow.clauses/1\"\n\n[uses]\nat = \"1.1\"\nsays = '''We use what you give us for the account, says version two.'''\n"
    table += 'kind = "permission"\npromise = "purpose-limit"\npurposes = ["account"]\n'
    narrow = pretending.publish(
        text.format(day=NOW.date().isoformat()).encode(), table.encode(), effective=NOW.date(), now=NOW
    )
    accepting.accept(ada, narrow.sha256, now=NOW)
    again = now_named.raw + b"\nThis sentence is new.\n"
    pretending.publish(again, now_named.clauses, effective=NOW.date(), now=NOW)
    assert Purpose.ANONYMISED_RELEASE in governing.in_force(NOW).bound.purposes
    day_of = [FIRST + timedelta(days=day) for day in range(7)]
    own = [
        (day, leaving_out.in_the_lake(pseudonyms.pseudonym(ada, date)), "/", "Chromium")
        for day, date in enumerate(day_of)
    ]
    monkeypatch.setattr(usage_lake, "events", lake(many(people=40) + own))
    release = approved(rows(partner), officers, None)
    row = releasing.publish(release, now=NOW)
    _, out = generalising.from_csv(bytes(row.table))
    assert len(out) == 7 * 40


def test_a_file_that_an_erasure_takes_away_while_it_is_read_is_asked_for_again(partner, officers, many_visits):
    """It bites: where the files of the first look are used to the end, the second read finds none."""
    import duckdb

    from avow.sharing import releasing

    release = approved(rows(partner), officers, many_visits)
    looks = []

    class Gone:
        def __getattr__(self, name):
            raise duckdb.IOException("No files found")

    def replaced_once(since, until):
        looks.append(since)
        return many_visits(since, until) if len(looks) > 2 else Gone()

    assert releasing.publish(release, now=NOW, events=replaced_once).state == "published"


def test_the_same_release_proposed_twice_at_once_goes_out_once_and_the_second_is_told_so(
    partner, officers, many_visits
):
    from avow.sharing import releasing, spending

    first, second = (approved(figures(partner), officers, many_visits) for _ in range(2))
    releasing.publish(first, now=NOW, events=many_visits)
    with pytest.raises(Refused, match="published already"):
        releasing.publish(second, now=NOW, events=many_visits)
    assert spending.spent(FIRST.year) == 10
