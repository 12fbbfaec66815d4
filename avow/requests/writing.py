"""
Turn a copy into the files of an export: a page to read, the same as JSON, the policy, a guide.

Why everything from one `Copy`: the page and the files for machines cannot differ in what they hold.

Holds:    JSON is UTF-8 and gives every value back as it was, whatever characters it has; the page
          escapes it. Nothing in these files depends on a connection.
Does not: pack or sign; `exporting` does.
"""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string

from avow.evidence.entries import stamp
from avow.policy import bases
from avow.policy.purposes import Purpose
from avow.requests.copies import Copy, Field, Part


def files(copy: Copy) -> dict[str, bytes]:
    """Return every file of the export but its manifest."""
    return {
        "index.html": render_to_string("requests/export/index.html", {"copy": copy}).encode(),
        "README.txt": render_to_string("requests/export/README.txt", {"copy": copy}).encode(),
        "policy.md": copy.policy,
        "why.json": as_json(why(copy)),
        "data/fields.json": as_json([_field(field) for field in copy.fields]),
        "data/stores.json": as_json([_store(part) for part in copy.parts]),
        "data/log.json": as_json([asdict(line) for line in copy.lines]),
        **{f"data/{listed.name}.json": as_json(listed.rows) for part in copy.parts for listed in part.lists},
    }


def why(copy: Copy) -> dict[str, Any]:
    """Return, for each field, what it is for, who receives it, until when, and under which version."""
    return {
        "made_at": copy.made_at,
        "policy": asdict(copy.governing),
        "legal_basis": {use.purpose.value: _basis(use.purpose) for field in copy.fields for use in field.why.uses},
        "fields": {field.name: _why(field) for field in copy.fields},
    }


def _basis(purpose: Purpose) -> dict[str, str]:
    """Say what a purpose rests on; the policy itself names no basis, and use is none."""
    basis = bases.basis_of(purpose)
    return {"basis": basis.ground.value, "article": basis.article, "because": basis.because, "to_say_no": basis.no}


def as_json(value: Any) -> bytes:
    """Write a value as JSON that people can read as well."""
    try:
        return json.dumps(value, default=_plain, ensure_ascii=False, indent=1, allow_nan=False).encode()
    except UnicodeEncodeError:  # half a character, which UTF-8 has no form for and JSON's escapes have
        return json.dumps(value, default=_plain, indent=1, allow_nan=False).encode()


def _field(field: Field) -> dict[str, Any]:
    current = asdict(field.current) if field.current else None
    earlier = [asdict(past) for past in field.earlier]
    told = {"field": field.name, "label": field.label, "now": current, "earlier": earlier}
    return {**told, "instead": field.instead} if field.instead else told


def _store(part: Part) -> dict[str, Any]:
    told = {"store": part.name, "title": part.title, "counted": part.counted, "given": part.rows}
    return {**told, "files": [f"data/{listed.name}.json" for listed in part.lists]}


def _why(field: Field) -> dict[str, Any]:
    promises = [{"clause": clause, "says": says} for clause, says in field.why.promises]
    return {**asdict(field.why), "promises": promises, "version": field.current.version if field.current else None}


def _plain(value: Any) -> Any:
    """Write what JSON has no form for."""
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"an export has no form for {type(value).__name__}")
