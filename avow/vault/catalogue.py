"""
Everything that Avow stores, declared: tables with every column, files below AVOW_HOME, and the fields that people give.

Why declared by hand and then compared: a list that is read from the database is true of itself. Each room
writes down what it stores and why; the live checks `every-column-is-declared` and `every-file-is-declared` hold the
lists against both databases and the home, so a column or a file that somebody adds is found within minutes, and by a
test before that. docs/reference/what-is-stored.md is written from the same lists.

Holds:    two rooms cannot declare one table, one kind of file, or one field, in two ways. A field's purposes narrow
          what the policy permits and never widen it. Its forms narrow what an opening gives: what a field does not say
          opens masked at the desk, and whole for the service's own work.
"""

from dataclasses import dataclass
from enum import StrEnum

from avow.errors import BadInput
from avow.policy.categories import Category
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.vault.forms import Form, least


class Erasure(StrEnum):
    """What becomes of a table's rows, or of files, when a person is erased."""

    SEALED = "sealed"  # ciphertext under the person's key; rows are removed too
    DERIVED = "derived"  # means nothing without the key, or goes with the person
    TOKEN = "token"  # noqa: S105  # nosec B105 - random stand-ins, removed with the last person they stand for
    AGGREGATE = "aggregate"  # counts; nobody can be told apart
    PASSING = "passing"  # in clear, as it came, for the moment until it is sealed elsewhere and removed
    NOT_PERSONAL = "not-personal"


class Database(StrEnum):
    """Where a table lies."""

    AVOW = "avow"
    KEYS = "avow_keys"


@dataclass(frozen=True)
class Column:
    """One column; a category where it holds something about a person."""

    name: str
    category: Category | None = None
    why: str = ""


@dataclass(frozen=True)
class Table:
    """One table, the store that answers for its rows (empty: no person's), and why it exists."""

    database: Database
    name: str
    columns: tuple[Column, ...]
    store: str
    why: str
    erasure: Erasure


@dataclass(frozen=True)
class FileKind:
    """Files below AVOW_HOME: in a pattern `*` is any part of one name, and `/**` at its end all that lies below."""

    pattern: str
    store: str
    why: str
    erasure: Erasure
    closed: bool = True  # for its owner alone; False for what everybody may read


@dataclass(frozen=True)
class PersonalField:
    """One thing that people give, with everything that an export and a form must say about it."""

    name: str
    label: str
    category: Category
    purposes: frozenset[Purpose]
    required: bool
    reason: str  # why it is asked, or required
    recipients: str
    retention: str
    promise: Promise
    forms: tuple[tuple[Purpose, Form], ...] = ()  # uses that need less than the whole value, whoever asks
    asks: frozenset[Purpose] = frozenset()  # uses that the person allows for this field apart from giving it
    at_the_desk: Form = Form.MASKED  # the most that an officer is given, unless the reason of their case needs it whole


TABLES: dict[tuple[Database, str], Table] = {}
FILES: dict[str, FileKind] = {}
FIELDS: dict[str, PersonalField] = {}


def columns(names: str, category: Category | None = None) -> tuple[Column, ...]:
    """Return columns by their names, separated by spaces."""
    return tuple(Column(name, category) for name in names.split())


@keeps(Promise.DECLARED_DATA)
def register_tables(*declared: Table) -> None:
    """Declare tables; the same declaration twice is one, another for the same table is refused."""
    for table in declared:
        if TABLES.setdefault((table.database, table.name), table) != table:
            raise ValueError(f"the table {table.name} is declared twice, differently; one room must own it")


def register_files(*declared: FileKind) -> None:
    """Declare kinds of files; the same pattern twice, differently, is refused."""
    for kind in declared:
        if FILES.setdefault(kind.pattern, kind) != kind:
            raise ValueError(f"files {kind.pattern} are declared twice, differently; one room must own them")


def secret(name: str, why: str) -> FileKind:
    """Return the kind of a named secret of the installation's: it says nothing of anybody."""
    return FileKind(f"keys/{name}.secret", "", why, Erasure.NOT_PERSONAL)


def register_fields(*declared: PersonalField) -> None:
    """Declare fields that people give."""
    for field in declared:
        if FIELDS.setdefault(field.name, field) != field:
            raise ValueError(f"the field {field.name} is declared twice, differently; one room must own it")


def tables() -> tuple[Table, ...]:
    """Return all declared tables."""
    return tuple(TABLES.values())


def files() -> tuple[FileKind, ...]:
    """Return all declared kinds of files."""
    return tuple(FILES.values())


def fields() -> tuple[PersonalField, ...]:
    """Return all declared fields."""
    return tuple(FIELDS.values())


def field(name: str) -> PersonalField:
    """Return a declared field; one that nobody declared can be neither kept nor used."""
    if name not in FIELDS:
        raise BadInput(f"No catalogue declares a field called {name}; declare it with its purposes before it is kept.")
    return FIELDS[name]


def form(label: str, purpose: Purpose, *, at_the_desk: bool) -> Form:
    """Return the least form that a use needs; at the desk also of what nobody declares any more."""
    declared = FIELDS.get(label)
    most = declared.at_the_desk if declared else PersonalField.at_the_desk
    needed = dict(declared.forms).get(purpose, Form.WHOLE) if declared else Form.WHOLE
    return least(needed, most) if at_the_desk else needed


def category(label: str) -> Category:
    """Return what kind of datum a label names."""
    return FIELDS[label].category if label in FIELDS else Category.USER
