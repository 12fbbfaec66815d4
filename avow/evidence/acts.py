"""
Every act that the log can record, by its stable name.

Why a closed list: a log that nobody can rewrite must never receive free text, since
free text sooner or later holds a name. An entry says which of these acts took place,
when, under which sentence of the policy; who it was about is a salted commitment.

Holds:    a value is published for as long as the log lives: new acts are added, none is renamed.
Does not: describe. What a page says about an act is the page's own wording.
"""

from enum import StrEnum


class Act(StrEnum):
    """What happened; the value stands in the log's entries."""

    # The policy and what keeps it
    POLICY_FROZEN = "policy.frozen"  # a text was published; it never changes afterwards
    POLICY_BOUND = "policy.bound"  # a published text was tied to a (new) table of clauses
    CHECK_FAILED = "check.failed"
    CHECK_RECOVERED = "check.recovered"
    ATTESTED = "promise.attested"  # somebody answers for a promise that no machine can test
    SETTING_CHANGED = "setting.changed"
    # People
    PERSON_ENROLLED = "person.enrolled"
    SIGNED_UP = "person.signed-up"
    ADDRESS_VERIFIED = "address.verified"
    DESK_GRANTED = "desk.granted"  # somebody was given a role at the desk
    DESK_TAKEN = "desk.taken"  # and has it no more
    PHONE_VERIFIED = "phone.verified"
    FIELD_CHANGED = "field.changed"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 # nosec B105 - the name of an act
    SIGN_IN_CHANGED = "sign-in.changed"  # a third party was connected or disconnected
    SIGNED_IN = "person.signed-in"
    SIGNED_OUT = "person.signed-out"
    # Purposes
    PURPOSE_REFUSED = "purpose.refused"
    OPENED_BY_STAFF = "opened.by-staff"  # somebody of the company opened personal data
    PURPOSE_GRANTED = "purpose.granted"
    GRANT_WITHDRAWN = "grant.withdrawn"
    OBJECTED = "purpose.objected"
    OBJECTION_WITHDRAWN = "objection.withdrawn"
    RESTS = "data.rests"  # at the person's wish nothing optional is done with their data for now
    RESTS_NO_MORE = "data.rests-no-more"
    USAGE_FORGOTTEN = "usage.forgotten"  # recorded use was given to nobody at the person's wish
    # Notices and messages
    NOTICE_SHOWN = "notice.shown"
    VERSION_ACCEPTED = "version.accepted"
    VERSION_AGREED = "version.agreed"  # its terms go for what the person gave before it, too
    AGREEMENT_WITHDRAWN = "version.agreement-withdrawn"
    MESSAGE_SENT = "message.sent"
    MESSAGE_SUPPRESSED = "message.suppressed"
    MAIL_RETURNED = "mail.returned"  # mail to an address came back, or its person called it spam
    OPTED_OUT = "message.opted-out"
    OPTED_IN = "message.opted-in"
    CAMPAIGN_STARTED = "campaign.started"  # somebody at the desk had a message of a topic sent to all
    # Requests
    REQUEST_RECEIVED = "request.received"
    REQUEST_VERIFIED = "request.verified"
    REQUEST_MOVED = "request.moved"  # it went from one state to the next
    REQUEST_ANSWERED = "request.answered"
    REQUEST_REFUSED = "request.refused"
    CASE_OPENED = "case.opened"  # a mail or a form asked something
    CASE_MOVED = "case.moved"
    CASE_CLOSED = "case.closed"
    FLAGGED = "account.flagged"  # it seems to be a child's, or of somebody who died; its data rests
    FLAG_DECIDED = "account.flag-decided"  # an officer said what becomes of it
    EXPORT_MADE = "export.made"
    ERASURE_ASKED = "erasure.asked"
    STORE_FORGOT = "store.forgot"
    KEY_DESTROYED = "key.destroyed"
    CERTIFICATE_ISSUED = "certificate.issued"
    RECEIPT_ISSUED = "receipt.issued"
    # Keys
    EPOCH_OPENED = "epoch.opened"
    EPOCH_DESTROYED = "epoch.destroyed"
    KEYS_RESTORED = "keys.restored"
    # Holds, agents, releases, disclosures
    HOLD_PLACED = "hold.placed"
    HOLD_RELEASED = "hold.released"
    AGENT_ADDED = "agent.added"
    PARTNER_ADDED = "partner.added"
    AUTHORITY_NAMED = "authority.named"
    GRANT_GIVEN = "recipient.granted"
    GRANT_ENDED = "recipient.grant-ended"
    AGENT_STOPPED = "agent.stopped"
    SENT_TO_AGENT = "agent.sent"
    RELEASE_APPROVED = "release.approved"  # by one of two officers
    BUDGET_SPENT = "release.budget-spent"  # before anything was counted; it never comes back
    RELEASE_PUBLISHED = "release.published"
    DISCLOSED_BY_LAW = "disclosure.made"
    # Incidents; none of these names a person but INCIDENT_TOLD
    INCIDENT_REGISTERED = "incident.registered"
    INCIDENT_ADDED_TO = "incident.added-to"
    INCIDENT_ASSESSED = "incident.assessed"
    INCIDENT_COUNTED = "incident.counted"  # a look for the people whom it touched has ended
    INCIDENT_PROPOSED = "incident.proposed"  # one officer of two
    INCIDENT_FILED = "incident.filed"  # the authority was told
    INCIDENT_NOT_OWED = "incident.not-owed"  # two officers decided that somebody need not be told
    INCIDENT_TELLING = "incident.telling"
    INCIDENT_TOLD = "incident.told"  # a person was told that it touched them
    INCIDENT_CLOSED = "incident.closed"
    INCIDENT_REOPENED = "incident.reopened"
