"""
Read `clauses.toml`, or say in which line it is wrong and what would be right.

Holds:    nothing is guessed: an unknown key, kind, promise, purpose, category or number
          is refused with the nearest known one.
Does not: look at the policy text; binding.py does.
"""

import re
import tomllib
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from avow.errors import BindingWrong
from avow.policy.categories import Category
from avow.policy.clauses import FORMAT, Clause, ClauseTable, Kind
from avow.policy.numbers import LEAST, NUMBERS
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose

MOST = 4_000_000
HEADER = {"format": str, "policy": str, "effective": date, "company": str, "contact": str}
KEYS = ("at", "kind", "promise", "says", "also", "purposes", "categories", "numbers", "why", "draft")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
PLACE = re.compile(r"[0-9][0-9a-z]*\.[1-9][0-9]*")
ALSO = re.compile(r"sha256:([0-9a-f]{64})")
Value = TypeVar("Value", bound=StrEnum)


def read_clauses(path: Path) -> ClauseTable:
    """Read the table in a file."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST + 1)
    except FileNotFoundError:
        raise BindingWrong(f"There is no clause table {path}; `avow policy import FILE` starts one.") from None
    except OSError as error:
        raise BindingWrong(f"The clause table {path} cannot be read ({error.strerror}); name a file.") from None
    return parse_clauses(raw, name=str(path))


def parse_clauses(raw: bytes, *, name: str = "clauses.toml") -> ClauseTable:
    """Read a table from its bytes."""
    return TableReader(raw, name).read()


class TableReader:
    """One reading of one table; knows where everything stands."""

    def __init__(self, raw: bytes, name: str) -> None:
        self.raw, self.name = raw, name
        self.text = ""
        self.line = 1  # of the clause that is being read
        self.lines: list[str] = []

    def read(self) -> ClauseTable:
        """Return the table."""
        tables = self.toml()
        header = {key: value for key, value in tables.items() if not isinstance(value, dict)}
        self.check_header(header)
        clauses = tuple(self.clause(key, value) for key, value in tables.items() if isinstance(value, dict))
        self.check_places(clauses)
        header.pop("format")
        return ClauseTable(self.name, sha256(self.raw).hexdigest(), clauses, **header)

    def toml(self) -> dict[str, Any]:
        """Decode the bytes as TOML."""
        if len(self.raw) > MOST:
            self.refuse(f"is longer than {MOST:,} bytes; a clause table has one entry for each sentence", line=1)
        try:
            self.text = self.raw.decode("utf-8-sig")
            self.lines = self.text.splitlines()
            return tomllib.loads(self.text)
        except UnicodeDecodeError as error:
            self.refuse(
                "a byte here is not UTF-8; save the file as UTF-8", line=self.raw.count(b"\n", 0, error.start) + 1
            )
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"at line (\d+)", str(error))
            reason = re.sub(r"\s*\(at .*", "", str(error))
            self.refuse(
                f"this is not TOML ({reason}); correct it", line=int(found.group(1)) if found else len(self.lines)
            )
        except RecursionError:
            self.refuse("this nests too deeply to be a clause table; correct it", line=1)

    def check_header(self, header: dict[str, Any]) -> None:
        """Check what stands before the first clause."""
        if header.get("format") != FORMAT:
            self.refuse(f'the first line must be format = "{FORMAT}"', line=1)
        for key, value in header.items():
            self.line = self.line_of(rf"{re.escape(key)}\s*=", 1)
            self.known(key, HEADER, "header key")
            if type(value) is not HEADER[key]:
                self.refuse(f"`{key}` must be a {'date such as 2024-05-05' if key == 'effective' else 'string'}")

    def clause(self, name: str, given: dict[str, Any]) -> Clause:
        """Read one clause."""
        self.line = self.line_of(rf"\[\s*[\"']?{re.escape(name)}[\"']?\s*\]", 1)
        start = self.line
        if not NAME.fullmatch(name):
            self.refuse(f"a clause's name is in small letters, digits and dashes, unlike “{name}”")
        for key in given:
            self.known(key, KEYS, "key")
        kind = self.one_of(Kind, self.string(given, "kind"), "kind")
        promises = self.list_of(Promise, given, "promise")
        if kind is Kind.STATEMENT and promises:
            self.refuse(
                f"[{name}] is a statement and yet promises {promises[0]}; choose another kind or drop `promise`"
            )
        return Clause(
            name=name,
            kind=kind,
            says=self.says(given, name),
            at=self.place(given),
            promises=promises,
            also=tuple(self.hash_of(written) for written in self.strings(given, "also")),
            purposes=self.list_of(Purpose, given, "purposes"),
            categories=self.list_of(Category, given, "categories"),
            numbers=self.numbers(given),
            why=self.string(given, "why", ""),
            draft=self.flag(given, "draft"),
            line=start,
        )

    def says(self, given: dict[str, Any], name: str) -> str:
        """Read the sentence."""
        says = self.string(given, "says")
        if not any(c.isalnum() for c in says):
            self.refuse(f"[{name}] says nothing; put the published sentence into `says`, word for word", key="says")
        return says

    def place(self, given: dict[str, Any]) -> str | None:
        """Read where the sentence stands."""
        if "at" not in given:
            return None
        at = self.string(given, "at")
        if not PLACE.fullmatch(at):
            self.refuse(f"“{at}” is no place of a sentence; write section, full stop, number, such as 3a.6", key="at")
        return at

    def numbers(self, given: dict[str, Any]) -> tuple[tuple[str, int], ...]:
        """Read the numbers that the service obeys."""
        numbers = given.get("numbers", {})
        if not isinstance(numbers, dict):
            self.refuse("`numbers` holds names with whole numbers, such as numbers.answer_days = 30", key="numbers")
        for name, value in numbers.items():
            self.known(name, NUMBERS, "number", key=f"numbers.{name}")
            least = LEAST.get(name, 0)
            if type(value) is not int or value < least:
                self.refuse(f"`{name}` must be a whole number, {least} or more", key=f"numbers.{name}")
        return tuple(numbers.items())

    def hash_of(self, written: str) -> str:
        """Read one fingerprint."""
        found = ALSO.fullmatch(written)
        if found is None:
            self.refuse("`also` lists fingerprints, each as sha256: and 64 digits", key="also")
        return found.group(1)

    def string(self, given: dict[str, Any], key: str, default: str | None = None) -> str:
        """Read a string that must be there, unless there is a default."""
        value = given.get(key, default)
        if value is None:
            self.refuse(f"this clause has no `{key}`; add it")
        if not isinstance(value, str):
            self.refuse(f"`{key}` must be a string", key=key)
        return value

    def strings(self, given: dict[str, Any], key: str) -> tuple[str, ...]:
        """Read a string or a list of strings."""
        value = given.get(key, [])
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
            self.refuse(f"`{key}` must be a string or a list of strings", key=key)
        return tuple(listed)

    def flag(self, given: dict[str, Any], key: str) -> bool:
        """Read true or false, false when it is not there."""
        value = given.get(key, False)
        if not isinstance(value, bool):
            self.refuse(f"`{key}` must be true or false", key=key)
        return value

    def list_of(self, values: type[Value], given: dict[str, Any], key: str) -> tuple[Value, ...]:
        """Read names out of a closed list, each once."""
        return tuple(dict.fromkeys(self.one_of(values, item, key) for item in self.strings(given, key)))

    def one_of(self, values: type[Value], written: str, key: str) -> Value:
        """Read one name out of a closed list."""
        self.known(written, [value.value for value in values], key.removesuffix("s"), key=key)
        return values(written)

    def known(self, written: str, names: Iterable[str], what: str, *, key: str | None = None) -> None:
        """Refuse a name that is not in the list, with the nearest that is."""
        names = list(names)
        if written in names:
            return
        near = get_close_matches(written, names, n=1, cutoff=0.6)
        meant = f"did you mean “{near[0]}”?" if near else f"known are {', '.join(names)}."
        article = "an" if what[0] in "aeiou" else "a"
        self.refuse(f"“{written}” is not {article} {what} that Avow knows; {meant}", key=key)

    def check_places(self, clauses: tuple[Clause, ...]) -> None:
        """Refuse two clauses that claim one place, or one sentence without saying which of its places."""
        places: dict[str, Clause] = {}
        sentences: dict[str, Clause] = {}
        for clause in clauses:
            self.line = clause.line
            if clause.at and (other := places.setdefault(clause.at, clause)) is not clause:
                self.refuse(f"[{clause.name}] and [{other.name}] both claim {clause.at}; correct one `at`", key="at")
            for digest in clause.hashes:
                other = sentences.setdefault(digest, clause)
                if other is not clause and not (other.at and clause.at):
                    self.refuse(
                        f"[{clause.name}] and [{other.name}] claim the same sentence; say `at` in both, or drop one"
                    )

    def line_of(self, pattern: str, start: int) -> int:
        """Return the first line, from this one on, that begins so; this one when there is none."""
        begins = re.compile(r"\s*" + pattern)
        return next((i for i in range(start, len(self.lines) + 1) if begins.match(self.lines[i - 1])), start)

    def refuse(self, reason: str, *, key: str | None = None, line: int | None = None) -> NoReturn:
        """Say where and why; `key` looks for its line inside the present clause."""
        at = line or (self.line_of(rf"[\"']?{re.escape(key)}[\"']?\s*=", self.line) if key else self.line)
        raise BindingWrong(f"{self.name}, line {at}: {reason}{'' if reason[-1] in '.?' else '.'}")
