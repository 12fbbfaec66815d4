"""Every address of the service."""

from django.urls import include, path, re_path

from avow.web import refusals
from avow.web.api.api import api
from avow.web.centre import deletion, email_code, messages, my_data
from avow.web.desk import letters as desk_letters
from avow.web.desk import policy as desk_policy
from avow.web.desk import requests as desk_requests
from avow.web.desk import wall
from avow.web.public import announcements, certificates, changes, front, letters, log, policy, verify, well_known

urlpatterns = [
    path("", front.front, name="front"),
    # The policy
    path("policy", policy.policy, name="policy"),
    path("policy/sentence/<str:sentence_id>", policy.sentence, name="sentence"),
    path("policy/versions", policy.all_versions, name="versions"),
    path("policy/versions/<int:number>", policy.version, name="version"),
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
    path("data/<str:field>", my_data.correct, name="correct"),
    path("messages", messages.messages, name="messages"),
    path("delete", deletion.delete, name="delete"),
    path("accounts/", include("allauth.account.urls")),
    # Identity: how one signs in, and the company's own application
    # Usage: what is collected automatically
    # Communications: topics, unsubscribing
    # Announcements and changes of the policy
    path("policy/changes/<int:before>/<int:after>", changes.difference, name="changes"),
    path("announcements", announcements.page, name="announcements"),
    path("announcements.atom", announcements.as_atom, name="announcements-atom"),
    path("announcements.json", announcements.as_json, name="announcements-json"),
    path("announce.js", announcements.snippet, name="announce-script"),
    path("desk/policy", desk_policy.publish, name="desk-policy"),
    # Requests by mail, and questions
    # What is shared: releases
    # What is shared: agents, the law
    # Desk
    path("desk", wall.wall, name="wall"),
    path("desk/requests", desk_requests.requests, name="desk-requests"),
    path("desk/messages", desk_letters.letters, name="desk-messages"),
    # Machines
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
