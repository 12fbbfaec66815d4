"""Every address of the service."""

from django.urls import include, path, re_path

from avow.web import refusals
from avow.web.api.api import api
from avow.web.centre import (
    agreeing,
    deletion,
    email_code,
    giving,
    history,
    incidents,
    messages,
    my_data,
    my_requests,
    passkeys,
    phone_code,
    received_by,
    recorded,
    shared_with,
    sign_in_ways,
)
from avow.web.desk import agents as desk_agents
from avow.web.desk import cases as desk_cases
from avow.web.desk import composer, join, wall
from avow.web.desk import flags as desk_flags
from avow.web.desk import holds as desk_holds
from avow.web.desk import incidents as desk_incidents
from avow.web.desk import law as desk_law
from avow.web.desk import letters as desk_letters
from avow.web.desk import openings as desk_openings
from avow.web.desk import policy as desk_policy
from avow.web.desk import releases as desk_releases
from avow.web.desk import requests as desk_requests
from avow.web.desk import staff as desk_staff
from avow.web.desk import usage as desk_usage
from avow.web.public import (
    announcements,
    browser,
    certificates,
    changes,
    confirm,
    front,
    identity,
    letters,
    log,
    not_me,
    number_sign_up,
    partner,
    policy,
    provider_reports,
    questions,
    recipients,
    recover,
    security,
    third_parties,
    unsubscribe,
    verify,
    well_known,
    write,
)

urlpatterns = [
    path("", front.front, name="front"),
    # The policy
    path("policy", policy.policy, name="policy"),
    path("policy/sentence/<str:sentence_id>", policy.sentence, name="sentence"),
    path("policy/versions", policy.all_versions, name="versions"),
    path("policy/versions/<int:number>", policy.version, name="version"),
    path("policy/notice/<slug:digest>", changes.rendered, name="rendered-notice"),
    path("policy/versions/<int:number>.md", policy.exact_file, name="version-file"),
    # Proof
    path("certificates/<str:number>.txt", certificates.statement, name="certificate-file"),
    path("certificates/<str:number>", certificates.certificate, name="certificate"),
    path("verify", verify.verify, name="verify"),
    path("verify/verify_avow.py", verify.verifier_file, name="verifier-file"),
    path("log/key", log.key, name="log-key"),
    path("log/<path:rest>", log.tile, name="log-tile"),
    # Centre
    path("data", my_data.my_data, name="my-data"),
    path("data/export", my_data.export, name="export"),
    path("data/email/code", email_code.email_code, name="email-code"),
    path("data/phone/use", phone_code.use, name="phone-use"),
    path("data/agree", agreeing.agree, name="agree"),
    path("data/phone/send", phone_code.send, name="phone-code-send"),
    path("data/phone/code", phone_code.phone_code, name="phone-code"),
    path("data/<str:field>", my_data.correct, name="correct"),
    path("history", history.history, name="history"),
    path("history/<uuid:entry_id>", history.act, name="history-act"),
    path("history/<uuid:entry_id>/entry.json", history.entry, name="history-entry"),
    path("history/<uuid:entry_id>/receipt.avow", history.statement, name="history-statement"),
    path("history/<uuid:entry_id>/receipt.txt", history.receipt, name="history-receipt"),
    path("messages", messages.messages, name="messages"),
    path("delete", deletion.delete, name="delete"),
    path("accounts/signup/number/", number_sign_up.sign_up, name="account_signup_by_number"),
    path("accounts/signup/number/code/", number_sign_up.code, name="signup-number-code"),
    path("accounts/password/set/", sign_in_ways.set_password, name="account_set_password"),
    path("accounts/email/", sign_in_ways.allauths_address, name="account_email"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", sign_in_ways.connections),
    path("accounts/2fa/totp/activate/", sign_in_ways.set_up_app),
    path("accounts/2fa/totp/deactivate/", sign_in_ways.take_app_away),
    path("accounts/2fa/recovery-codes/generate/", sign_in_ways.make_codes),
    path("accounts/2fa/authenticate/", passkeys.SecondStep.as_view()),
    path("accounts/2fa/webauthn/", sign_in_ways.connections),
    path("accounts/2fa/webauthn/add/", passkeys.add, name="mfa_add_webauthn"),
    path("accounts/2fa/webauthn/signup/", passkeys.SignUp.as_view(), name="mfa_signup_webauthn"),
    path("accounts/2fa/webauthn/reauthenticate/", passkeys.OnceMore.as_view()),
    re_path("^accounts/2fa/webauthn/keys/", refusals.not_offered),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    # Identity: how one signs in, and the company's own application
    path("sign-in-ways", sign_in_ways.ways, name="sign-in-ways"),
    path("sign-in-ways/passkeys/<int:number>/name", passkeys.rename, name="passkey-name"),
    path("sign-in-ways/passkeys/<int:number>/away", passkeys.take_away, name="passkey-away"),
    path("recover", recover.recover, name="recover"),
    path("not-me/<str:token>", not_me.not_me, name="not-me"),
    path("sign-in-ways/log-out", sign_in_ways.log_out, name="log-out-everywhere"),
    path("sign-in-ways/disconnect/<int:number>", sign_in_ways.disconnect, name="disconnect"),
    path("give/<str:client_id>/<str:feature>", giving.give, name="give"),
    path("security", security.security, name="security"),
    path("accounts/oidc/<str:provider_id>/login/", third_parties.go),
    path("accounts/oidc/<str:provider_id>/login/callback/", third_parties.back),
    path("accounts/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("accounts/3rdparty/", sign_in_ways.connections),
    path("accounts/3rdparty/", include("allauth.socialaccount.urls")),
    re_path("^identity/o/(?:device|api/device/code)$", refusals.not_offered),
    path("identity/o/authorize", identity.authorize, name="authorization"),
    path("identity/o/api/token", identity.token, name="identity-token"),
    path("identity/o/api/revoke", identity.revoke, name="identity-revoke"),
    path("", include("allauth.idp.urls")),
    # Usage: what is collected automatically
    path("recorded", recorded.recorded, name="recorded"),
    path("recorded/forget", recorded.forget, name="recorded-forget"),
    path("recorded/choose", recorded.choose, name="recorded-choose"),
    path("browser", browser.browser, name="browser"),
    path("browser/export.json", browser.export, name="browser-export"),
    path("browser/forget", browser.forget, name="browser-forget"),
    path("browser/stop", browser.stop, name="browser-stop"),
    path("browser/resume", browser.resume, name="browser-resume"),
    path("desk/usage", desk_usage.usage, name="desk-usage"),
    path("desk/improvement", desk_usage.improvement, name="desk-improvement"),
    # Communications: topics, unsubscribing
    path("unsubscribe/<str:token>", unsubscribe.unsubscribe, name="unsubscribe"),
    path("messages/choices", messages.choose, name="choose-messages"),
    path("messages/write-again", messages.write_again, name="write-again"),
    path("messages/<uuid:number>/read", messages.read, name="read-message"),
    # Announcements and changes of the policy
    path("policy/changes/<int:before>/<int:after>", changes.difference, name="changes"),
    path("announcements", announcements.page, name="announcements"),
    path("announcements.atom", announcements.as_atom, name="announcements-atom"),
    path("announcements.json", announcements.as_json, name="announcements-json"),
    path("announce.js", announcements.snippet, name="announce-script"),
    path("desk/policy", desk_policy.publish, name="desk-policy"),
    # Requests by mail, and questions
    path("requests", my_requests.my_requests, name="my-requests"),
    path("requests/<str:number>/reply", my_requests.reply, name="case-reply"),
    path("requests/confirm/<str:token>", confirm.confirm, name="confirm"),
    path("questions", questions.questions, name="questions"),
    path("desk/cases", desk_cases.cases, name="desk-cases"),
    path("desk/case/<str:number>", desk_cases.case, name="desk-case"),
    path("demo/write", write.write, name="demo-write"),
    # What is shared: releases
    path("shared-with", shared_with.shared_with, name="shared-with"),
    path("partner/<str:token>.<str:form>", partner.download, name="partner-file"),
    path("partner/<str:token>", partner.partner, name="partner"),
    path("desk/releases", desk_releases.releases, name="desk-releases"),
    path("desk/releases/<uuid:number>", desk_releases.release, name="desk-release"),
    # What is shared: agents, the law
    path("recipients", recipients.recipients, name="recipients"),
    path("incidents", incidents.incidents, name="incidents"),
    path("received-by", received_by.received_by, name="received-by"),
    path("desk/agents", desk_agents.all_agents, name="desk-agents"),
    path("desk/agents/<uuid:number>", desk_agents.agent, name="desk-agent"),
    path("desk/agents/<uuid:number>/end", desk_agents.end, name="desk-agent-end"),
    path("desk/agents/<uuid:number>/grants/<uuid:grant>/end", desk_agents.end_grant, name="desk-grant-end"),
    path("desk/law", desk_law.law, name="desk-law"),
    path("desk/law/cases/<uuid:case>/<slug:to>", desk_law.step, name="desk-case-step"),
    path("desk/incidents", desk_incidents.register, name="desk-incidents"),
    path("desk/incidents/<uuid:number>", desk_incidents.incident, name="desk-incident"),
    path("desk/incidents/<uuid:number>/notice.txt", desk_incidents.notice, name="desk-incident-notice"),
    path("desk/incidents/<uuid:number>/notice-<int:phase>.txt", desk_incidents.notice, name="desk-incident-told"),
    path("desk/holds", desk_holds.holds, name="desk-holds"),
    path("desk/holds/<uuid:hold>/<slug:to>", desk_holds.step, name="desk-hold-step"),
    # Openings by staff
    path("desk/openings", desk_openings.openings, name="desk-openings"),
    path("desk/openings/<uuid:case>", desk_openings.opened, name="desk-opening"),
    path("desk/errands/<uuid:errand>/again", desk_agents.again, name="desk-errand-again"),
    # Desk
    path("desk/join/<str:token>", join.join, name="desk-join"),
    path("desk/flags", desk_flags.all_flags, name="desk-flags"),
    path("desk/flags/<uuid:number>", desk_flags.flag, name="desk-flag"),
    path("desk/staff", desk_staff.staff, name="desk-staff"),
    path("desk", wall.wall, name="wall"),
    path("desk/requests", desk_requests.requests, name="desk-requests"),
    path("desk/messages", desk_letters.letters, name="desk-messages"),
    path("desk/messages/write", composer.write, name="desk-write"),
    path("desk/messages/<uuid:number>", composer.campaign, name="desk-campaign"),
    # Machines
    path("mail/provider", provider_reports.reports, name="provider-reports"),
    path("api/", api.urls),
    path(".well-known/privacy-policy.json", well_known.privacy_policy, name="well-known-policy"),
    path(".well-known/change-password", well_known.change_password, name="well-known-change-password"),
    path(".well-known/security.txt", well_known.security_txt, name="well-known-security"),
    path("demo/mail", letters.letters, name="demo-mail"),
    # The address that the policy gives itself; may contain white space before its last slash
    re_path(r"^(?P<rest>.+)$", policy.permalink, name="permalink"),
]

handler400 = refusals.bad_request
handler403 = refusals.forbidden
handler404 = refusals.not_found
handler500 = refusals.broken
