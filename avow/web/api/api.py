"""The API: read-only for now, and it says no more than the public pages do."""

from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from ninja import NinjaAPI, Schema

from avow.errors import AvowError
from avow.evidence import versions
from avow.web import refusals
from avow.web.api.host import host
from avow.web.reading.standing import standings

api = NinjaAPI(
    title="Avow",
    version="1",
    description="The policy in force with the state of each sentence. Errors are problem+json (RFC 9457).",
    docs_url=None,
    openapi_url="/openapi.json",
)
api.add_router("/host", host)


class SentenceOut(Schema):
    """One sentence of the policy."""

    id: str
    text: str
    clause: str | None
    kind: str | None
    promises: list[str]
    state: str
    why: str
    proof: str


class PolicyOut(Schema):
    """The policy in force."""

    title: str
    effective_date: date
    sha256: str
    sentences: list[SentenceOut]


@api.get("/policy", response=PolicyOut, summary="The policy in force with the state of each sentence")
def policy(request: HttpRequest) -> dict[str, object]:
    """Return the policy in force."""
    now = timezone.now()
    current = versions.in_force(now)
    return {
        "title": current.bound.document.title,
        "effective_date": current.effective_date,
        "sha256": current.sha256,
        "sentences": [
            {
                "id": one.id,
                "text": one.sentence.text,
                "clause": one.clause and one.clause.name,
                "kind": one.clause and one.clause.kind,
                "promises": list(one.clause.promises) if one.clause else [],
                "state": one.shown.name,
                "why": one.why,
                "proof": request.build_absolute_uri(one.path),
            }
            for one in standings(current.bound, now)
        ],
    }


@api.exception_handler(AvowError)
def refused(request: HttpRequest, error: AvowError) -> object:
    """Answer a refusal as every other page of the house does."""
    return refusals.answer(request, error.http_status, error.code, str(error))
