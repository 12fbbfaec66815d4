"""
Nothing identifying rests in clear: the raw bytes of everything that Avow stores hold no value of a person who used
every feature that there is, in no common encoding, before an erasure and after it.

All is searched (`at_rest`): both databases' files after a checkpoint, their log of changes with whole pages in it, each
table by COPY as well, the lake by file and by column, the spool, keys, marks, logs, the names of files; and the process
writes nowhere else (`writes`). The search first finds what is planted in each kind of store. Every table and every kind
of file that a store answers for has something in it during the search, so that a new one fails here until somebody
walks through it.

It bites (each tried): the database's log at its own level, texts of exceptions in faults.log, others' records said as they
are, our own unswept, the blind index without its pepper, events beside the spool in clear, the whole user agent in the
lake, a copy of a mail somewhere else: each is named with its place. Without COPY, the log of changes, Parquet's columns
or joined lines the first test fails; without one step of the walk the second says what stayed empty.
"""

import logging
import time

import pytest

from avow.policy.promises import Promise
from tests import at_rest
from tests.marks import Search
from tests.promises import everywhere
from tests.promises.everywhere import erase, log, moment, others, rows_of  # noqa: F401 - fixtures
from tests.sharing.conftest import add_agent, endpoint, many_visits, now, officers, partner  # noqa: F401 - fixtures
from tests.usage.conftest import compact, place  # noqa: F401 - fixtures
from tests.writes import writing

pytestmark = [
    pytest.mark.proves(Promise.SECURITY_MEASURES, Promise.DECLARED_DATA, Promise.COLLECTED_DATA, Promise.DE_IDENTIFY)
]
VALUES = {  # of `everywhere`, under words that no other test ever writes, since pages and log keep what others planted
    "ADDRESS": "zelda.quorvexil@example.com", "OLD_ADDRESS": "old.quorvexil@example.org",
    "NEXT_ADDRESS": "next.quorvexil@example.net", "STRANGER": "stranger.quorvexil@example.net",
    "NAME": "Zoë Quorvexil-Ümbra", "OLD_NAME": "Zelda Fernquill-Önne", "PHONE": "+12125550187",
    "OLD_PHONE": "+13125550164", "IP": "2001:db8:51:7c:9a2e:41ff:fe0b:77d3", "DEVICE": "quorvexil-device-7712",
    "AGENT": "QuorvexilBrowser/9.13 (Umbrafell)", "THIRD": "quorvexil-at-the-third-party",
    "PASSWORD": "nine quorvexils under violet tarps", "NEXT_PASSWORD": "ten quorvexils and no tarp",
    "QUESTION": "Where does my quorvexil report lie?", "WISH": "Please delete my quorvexil.", "ASIDE": "Who has my fernquill?",
    "LATER": "And what of my zelkova quorvexil?",
    "ANSWER": "Your fernquill is with nobody but us.", "NOTE": "The court's order names the quorvexil's keeper.",
}  # fmt: skip
STAYS = {"vault_person.person": 1}  # the number alone, so that an opening can answer: erased


@pytest.fixture
def whole_pages(server, superuser):
    """The log of changes as a real server writes it, and none of it thrown away meanwhile."""
    server(full_page_writes="on", wal_keep_size="1GB")
    until = time.monotonic() + 60
    while shown(superuser, "full_page_writes") != "on":  # a server reads its settings again when it comes to it
        assert time.monotonic() < until, "something holds full_page_writes off, so this test would see half of the log"
        time.sleep(0.01)
    with superuser() as dba:
        dba.execute("CHECKPOINT")  # from here on the first change of a page writes it whole
    yield
    server(full_page_writes="off", wal_keep_size=None)


def shown(superuser, setting):
    with superuser() as dba:
        return dba.execute(f"SHOW {setting}").fetchone()[0]


@pytest.fixture
def vera(whole_pages, said, somebody, third_party, compact, change, others, log, monkeypatch):  # noqa: F811, PLR0917
    """The person who did everything that can be done here."""
    for name, value in VALUES.items():
        assert hasattr(everywhere, name)
        monkeypatch.setattr(everywhere, name, value)
    with writing() as written:
        vera = everything_there_is(somebody, third_party, compact, change, others)
        everywhere.look_around(vera, log.record)
        yield vera
    everywhere.unroll()
    assert elsewhere(written) == set()


def everything_there_is(somebody, third_party, compact, change, others):  # noqa: F811
    """Walk one person through every feature; a table or kind of file that stays empty is named by `unused`."""
    vera = everywhere.settle(somebody, third_party)
    everywhere.use(vera, compact)
    everywhere.correspond(vera, change)
    everywhere.share(vera, others)
    everywhere.choose(vera)
    everywhere.be_answered(vera, others.officers[0])
    everywhere.be_held(vera, others.officers)
    everywhere.be_disclosed(vera, others.officers)
    everywhere.be_counted(vera, others)
    everywhere.be_touched(vera, others.officers)
    everywhere.hesitate(vera, somebody)
    everywhere.application(vera)  # once more: a new password ended the first
    everywhere.browse(vera, compact)
    everywhere.ask_for_a_copy(vera)
    everywhere.lie_unused(vera)
    everywhere.rest(vera)
    everywhere.roll()
    return vera


def elsewhere(written):
    """Return which of these paths lie neither below the home nor where nothing stays."""
    from django.conf import settings

    home = str(settings.HOME.root)
    return {path for path in written if not path.startswith(home) and path != "/dev/null" and "__pycache__" not in path}


@pytest.fixture
def resting(superuser, said):
    """Search everything that rests, and what was said, for some values; return (where, which, how)."""
    from django.conf import settings

    def found(values, random=()):
        patterns = Search(values, dict(random))
        there = at_rest.search(patterns, settings.HOME.root, superuser)
        return there | {("said", *one) for one in at_rest.look(patterns, said())}

    return found


def keys_of(vera):
    """What opens doors in her name, and is random: it may rest as a digest, which nobody guesses."""
    keys = {name: vera.names[name] for name in ("ticket", "token", "code", "code, typed", "cookie", "link")}
    return keys | {"session": vera.walker.client.cookies["session"].value}


def test_the_search_finds_what_is_planted(whole_pages, place, superuser, said, resting):  # noqa: F811
    """A value in each kind of store, each another, and each is found there."""
    from django.conf import settings

    root = settings.HOME.root
    planted = {kind: f"{kind.replace(' ', '-')}.wigeonfeather@example.com" for kind in SEEN}
    try:
        plant_in_tables(planted, superuser)
        plant_in_files(planted, root)
        logging.getLogger("avow").warning("a library's name, and %s", planted["said"].replace("@", " at "))
        found = resting(planted)
    finally:
        uproot(root, superuser)
    for kind, (where, hidden_from) in SEEN.items():
        places = {place for place, name, _ in found if name == kind}
        assert any(place.startswith(where) for place in places), (kind, places)
        assert not any(
            place == no or (no.endswith("/") and place.startswith(no)) for no in hidden_from for place in places
        )


HEAP, LOG_OF_CHANGES, COPIED = "pg/data/base/", "pg/data/pg_wal/", "avow: planted"
SEEN = {  # each kind of store: where a value in it is found, and where looking alone would not have found it
    "text": (HEAP, ()), "bytes": (HEAP, ()), "base64 in text": (COPIED, ()),
    "the keys' database": ("avow_keys: planted", ()),
    "long text": (COPIED, (HEAP, LOG_OF_CHANGES)),
    "statistics": ("avow: pg_statistic", ()),
    "deleted row": (HEAP, (COPIED,)),
    "dropped table": (LOG_OF_CHANGES, (COPIED, HEAP)),
    "index": (HEAP, ()),
    "parquet": ("usage/lake/day=2026-11-30/planted.parquet by column", ("usage/lake/day=2026-11-30/planted.parquet",)),
    "frame": ("usage/spool/planted.open", ()), "fault": ("faults.log", ()), "server's log": ("pg/server.log", ()),
    "name of a file": ("names of files", ()), "said": ("said", ()),
}  # fmt: skip


def plant_in_tables(planted, superuser):
    import base64

    with superuser("avow_keys") as thief:
        thief.execute("CREATE TABLE planted (clear text)")
        thief.execute("INSERT INTO planted VALUES (%s)", [planted["the keys' database"]])
    with superuser() as thief:
        thief.execute("CREATE TABLE planted (clear text, bytes bytea)")
        folded = base64.encodebytes(b"as a mail folds it: " * 2 + planted["base64 in text"].encode()).decode()
        long = f"{planted['long text']} was here, and so was {planted['long text']}. " * 400
        for value in (planted["text"], folded, long, planted["deleted row"]):
            thief.execute("INSERT INTO planted VALUES (%s, NULL)", [value])
        thief.execute("INSERT INTO planted VALUES (NULL, %s)", [b"\x00\xff" + planted["bytes"].encode() + b"\xfe"])
        thief.execute("DELETE FROM planted WHERE clear = %s", [planted["deleted row"]])
        thief.execute("CREATE TABLE planted_twice (clear text)")
        thief.execute("INSERT INTO planted_twice SELECT %s FROM generate_series(1, 50)", [planted["statistics"]])
        thief.execute("ANALYZE planted_twice")
        thief.execute("CREATE TABLE planted_index (id int)")
        thief.execute(f"CREATE INDEX ON planted_index ((id || '{planted['index']}'))")
        thief.execute("INSERT INTO planted_index VALUES (1)")
        thief.execute("CREATE TABLE planted_once (clear text)")
        thief.execute("INSERT INTO planted_once VALUES (%s)", [planted["dropped table"]])
        thief.execute("DROP TABLE planted_once")


def plant_in_files(planted, root):
    import pyarrow as pa
    import pyarrow.parquet as pq

    day = root / "usage" / "lake" / "day=2026-11-30"
    day.mkdir()
    told = pa.table({"page": [f"{planted['parquet']} and {planted['parquet']}, {n % 2}" for n in range(500)]})
    pq.write_table(told, day / "planted.parquet", compression="gzip", write_statistics=False)
    (root / "usage" / "spool" / "planted.open").write_bytes(b"\x00" + planted["frame"].encode("utf-16-le") + b"\xff")
    (root / "mail" / planted["name of a file"]).mkdir(parents=True)
    for path, kind in (("faults.log", "fault"), ("pg/server.log", "server's log")):
        with (root / path).open("a") as file:
            file.write(f"It says: {planted[kind].upper()}\n")


def uproot(root, superuser):
    import shutil

    shutil.rmtree(root / "usage")
    shutil.rmtree(root / "mail")
    (root / "faults.log").unlink()
    for database in ("avow", "avow_keys"):
        with superuser(database) as thief:
            thief.execute("DROP TABLE IF EXISTS planted, planted_twice, planted_index, planted_once")


def test_somebody_who_used_everything_rests_nowhere_in_clear(vera, erase, resting, superuser, now):  # noqa: F811
    from avow.vault.models import HeldField

    what_goes_wrong(vera)
    assert unused(superuser) == {"vault_heldfield"}, "nobody walks through these; do so in `everywhere`"
    assert resting(VALUES, keys_of(vera)) == set()
    erase(vera.person)
    assert HeldField.objects.exists()
    assert rows_of(superuser, vera.person) == STAYS | {"vault_hold.person": 1}
    everywhere.let_go(vera)
    assert rows_of(superuser, vera.person) == STAYS
    assert resting(VALUES, keys_of(vera)) == set()
    everything_is_declared(now)


def what_goes_wrong(vera):
    """Faults and refusals with her values in them: of the database, of a command, of a library, and of ours."""
    from django.db import DatabaseError, connection

    from avow.host import reporting

    def breaks():
        raise ValueError(f"no such person: {VALUES['NAME']}, {VALUES['PHONE']}")

    for name in ("NAME", "ADDRESS"):
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT %s::int", [VALUES[name]])
    assert reporting.guarded(breaks) == reporting.FAULT
    logging.getLogger("somebody.elses").error("cannot take %s", VALUES["NAME"])
    logging.getLogger("avow").warning(
        "cannot write to %s at %s with %s", *(VALUES[n] for n in ("ADDRESS", "IP", "PHONE"))
    )


def everything_is_declared(now):  # noqa: F811
    from avow.vault import checks

    assert checks.every_column_is_declared(now) is None
    assert checks.every_file_is_declared(now) is None


UNUSED = {  # what a store answers for and may stay empty
    "account_emailconfirmation", "socialaccount_socialtoken",  # allauth's; codes are used instead, and no tokens kept
    "mail/in/*",  # in clear, as another program put it there; `browse` has one taken up
    "usage/spool/*.closed",  # a moment of the compactor's; the very bytes of *.open
}  # fmt: skip


def unused(superuser):
    """Return the tables and kinds of files that a store answers for, and in which nothing lies now."""
    from django.conf import settings

    from avow.vault import catalogue, files

    empty = set()
    for database in catalogue.Database:
        with superuser(database.value) as dba:
            for table in catalogue.tables():
                if table.store and table.database == database:
                    if not dba.execute(f'SELECT EXISTS (SELECT 1 FROM "{table.name}")').fetchone()[0]:
                        empty.add(table.name)
    there = [str(path.relative_to(settings.HOME.root)) for path in settings.HOME.root.rglob("*") if path.is_file()]
    kinds = [kind for kind in catalogue.files() if kind.store]
    empty |= {one.pattern for one in kinds if not any(files.kind_of(path, [one]) for path in there)}
    return empty - UNUSED
