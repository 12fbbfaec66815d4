"""Mails as servers send them back, made around a token of ours."""

HEAD = "From: {frm}\nTo: <{to}>\nSubject: {subject}\nMessage-ID: <{ident}@mx.example>\nMIME-Version: 1.0\n"
DSN = (
    HEAD
    + """Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

<{recipient}>: host mx.example[192.0.2.1] said: {status} no

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
X-Postfix-Queue-ID: 4T
Arrival-Date: Mon, 30 Nov 2026 12:00:00 +0000

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example
Diagnostic-Code: smtp; 550 {status} no

--b
Content-Type: {enclosed}

{mail}

--b--
"""
)
ARF = (
    HEAD
    + """Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is an email abuse report.
--b
Content-Type: message/feedback-report

Feedback-Type: {feedback}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <{back}>
Removal-Recipient: ada@example.com

--b
Content-Type: message/rfc822

{mail}
--b--
"""
)


def dsn(to, *, recipient="ada@example.com", action="failed", status="5.1.1", enclosed="text/rfc822-headers",
        mail="Subject: x", ident="1", frm="MAILER-DAEMON@mx.example (Mail Delivery System)"):  # fmt: skip
    said = {"to": to, "recipient": recipient, "action": action, "status": status, "enclosed": enclosed, "mail": mail}
    return DSN.format(frm=frm, subject="Undelivered Mail Returned to Sender", ident=ident, **said).encode()


def arf(back="nobody@optimibi.com", *, feedback="abuse", mail="Subject: x\n\nx", ident="1", to="info@optimibi.com"):
    return ARF.format(
        frm="staff@provider.example", to=to, subject="FW: News", ident=ident, feedback=feedback, back=back, mail=mail
    ).encode()  # fmt: skip
