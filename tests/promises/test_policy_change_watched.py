"""§2.2 to §2.5 and §0.3 watched: each live check holds, fails while its mechanism is broken, and holds again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from avow.communications import acceptance, announcing, notices, telling
from avow.communications.models import Announcement, PolicyNotice
from avow.communications.rendering import Rendered
from avow.evidence.models import PolicyVersion
from avow.policy import bases
from avow.policy.bases import BASES, Ground
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import agreeing, gate, governing
from avow.vault.models import Person
from avow.web import noticing

pytestmark = [
    pytest.mark.proves(
        Promise.CHANGE_NOTICE, Promise.NOTICE_WITHOUT_MAIL, Promise.ACCEPTANCE_BY_USE, Promise.USE_UNDER_VERSION,
        Promise.BASIS_PER_PURPOSE,
    )
]  # fmt: skip


def later():
    return datetime.now(UTC) + timedelta(hours=1)


def test_the_check_of_telling_is_shown_to_fail(ada, change, shown_to_fail, monkeypatch):
    change()
    telling.catch_up(0)
    how = "no announcement; somebody without a notice; a notice not handed on; an announcement that is not listed"
    with shown_to_fail("every-change-was-announced-and-everybody-told", how=how, now=later) as trial:
        trial.holds()
        Announcement.objects.all().delete()
        assert "not announced" in trial.fails()
        telling.catch_up(0)
        owed = PolicyNotice.objects.get()
        PolicyNotice.objects.all().delete()
        assert "owed no notice" in trial.fails()
        owed.account_at = None
        owed.save(force_insert=True)
        assert "not handed on" in trial.fails()
        PolicyNotice.objects.update(account_at=datetime.now(UTC))
        with monkeypatch.context() as broken:
            broken.setattr(announcing, "newest", lambda *_: [])
            assert "does not come" in trial.fails()
        trial.holds()


def test_the_check_of_showing_and_accepting_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    how = "pages without the notice; every page counts as use; acceptance before the date; use accepts nothing"
    with shown_to_fail("a-canary-without-mail-is-shown-and-accepts-by-use", how=how) as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr("avow.web.context.changing.banners", lambda *_: [])
            assert "does not show" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(noticing, "is_use", lambda *_: True)
            assert "counts as acceptance" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(acceptance, "may_accept", lambda *_: True)
            trial.fails()  # the database refuses the row
        with monkeypatch.context() as broken:
            broken.setattr(acceptance, "may_accept", lambda *_: False)
            assert "not kept as acceptance" in trial.fails()
        trial.holds()
    assert PolicyVersion.objects.count() == 1 and not PolicyNotice.objects.exists()


def test_the_search_for_acceptances_too_early_is_shown_to_fail(ada, change, shown_to_fail, superuser):
    version = change(days=0)
    today = datetime.now(UTC)
    acceptance.shown(ada.person, {version.sha256: Rendered("page", b"x")}, now=today)
    acceptance.used(ada.person, by="give", now=today + timedelta(seconds=1))
    constraint = "notice_accepted_after_shown_and_in_effect"
    with shown_to_fail("nobody-accepted-before-being-shown", how="a row and a person changed behind the act") as trial:
        trial.holds()
        with superuser() as dba:
            [said] = dba.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [constraint]
            ).fetchone()
            dba.execute(f"ALTER TABLE communications_policynotice DROP CONSTRAINT {constraint}")
            dba.execute("UPDATE communications_policynotice SET shown_at = accepted_at + interval '1 day'")
        try:
            assert "before it was shown" in trial.fails()
        finally:
            with superuser() as dba:
                dba.execute("UPDATE communications_policynotice SET shown_at = accepted_at - interval '1 second'")
                dba.execute(f"ALTER TABLE communications_policynotice ADD CONSTRAINT {constraint} {said}")
        PolicyNotice.objects.all().delete()
        assert "never accepted" in trial.fails()
        Person.objects.update(governed_by="")
        trial.holds()
    connections.close_all()


def test_the_check_of_the_gate_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    how = "a gate that reads the text of collection alone, or the text in force alone, or asks nobody about older data"
    with shown_to_fail("a-wider-text-waits-for-acceptance", how=how) as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(gate.Rules, "_under", lambda rules, *_: rules.in_force.bound.purposes)
            assert "before that person accepted" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(
                governing, "purposes_since", lambda _, collected, __, **___: governing.purposes_under(collected)
            )
            assert "before that person accepted" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(gate, "allowed", lambda purpose, **_: True)
            assert "does not govern old data" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(governing, "since", lambda accepted, *_: accepted)
            assert "never agreed" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(agreeing, "agree", lambda *_, **__: False)
            assert "although the person agreed" in trial.fails()
        trial.holds()
    assert PolicyVersion.objects.count() == 1


def test_the_check_of_bases_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    with shown_to_fail("every-purpose-has-a-basis-of-its-own", how="a purpose whose basis is gone") as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(bases, "BASES", {p: basis for p, basis in BASES.items() if p is not Purpose.ANALYSIS})
            assert "analysis" in trial.fails()
        trial.holds()


def test_each_purpose_has_one_basis_with_its_article_and_a_way_to_say_no():
    assert set(BASES) == set(Purpose)
    for purpose in Purpose:
        basis = bases.basis_of(purpose)
        assert basis.article.startswith("GDPR Art. 6(1)") and basis.because and basis.no
    assert Ground.CONSENT not in {basis.ground for basis in BASES.values()}  # none is asked for, so none rests on it


def test_my_data_the_sentence_and_the_export_name_them(ada):
    import json

    from avow.requests import gathering, writing
    from avow.vault.actor import THE_PERSON

    page = ada.get("/data").content.decode()
    assert "Which policy governs this" in page and "GDPR Art. 6(1)(f)" in page
    assert "None rests on this sentence" in ada.get("/policy/sentence/0.3").content.decode()
    assert "Art. 21" in ada.get("/policy/sentence/1.3").content.decode()
    copy = gathering.gather(ada.person, number="n", by=THE_PERSON, now=datetime.now(UTC))
    named = json.loads(writing.files(copy)["why.json"])["legal_basis"]
    assert named["account"]["article"] == "GDPR Art. 6(1)(b)" and named["account"]["to_say_no"]


def test_the_notice_is_told_on_my_data(ada, change):
    change(days=0)
    telling.catch_up(0)
    ada.get("/data"), ada.get("/accounts/password/change/")
    page = ada.get("/data").content.decode()
    assert "which you accepted by going on" in page and page.count("not yet") == 0
    assert notices.of(ada.person)[0].accepted_at
