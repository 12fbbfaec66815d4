"""The steps of `preparing`, importable once Django is set up."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core import checks

from avow.communications import demo_box, drop
from avow.errors import AvowError, BadInput, Unavailable
from avow.evidence import notes, versions
from avow.evidence.versions import Version
from avow.host import collecting, demo_example, demo_news, demo_people, demo_sharing, demo_usage, serving
from avow.vault import fence as fencing
from avow.vault.keys import rolling

collect = collecting.collect
PUBLISHED_BY = "avow up"


def whole() -> None:
    """Refuse to start a house with a part missing: a port that nobody fills, a setting that Django calls an error."""
    if errors := [message for message in checks.run_checks() if message.is_serious()]:
        raise Unavailable(f"{errors[0].id}: {errors[0].msg}")


def fence(now: datetime) -> None:
    """Refuse to serve while keys, data and log do not fit: a backup was put back, or a key is lost."""
    fencing.require(now=now)


def policy(now: datetime) -> tuple[str, str]:
    """Publish the text that was named, else keep what is in force; return what to call it, and the company's name."""
    file = serving.named(None)
    if file or not versions.all_versions():
        publish(file, now)
    governs = versions.in_force(now)
    serving.refuse_laxer(governs.bound)
    document = governs.bound.document
    dated = f"{governs.effective_date:%-d %B %Y}, {len(document.sentences)} sentences"
    return (
        f"{document.title or 'the text'}, version {governs.number}, effective {dated}",
        governs.bound.table.company or "the company",
    )


def publish(file: Path | None, now: datetime) -> None:
    """Freeze the text; refuse one that was replaced since, for published texts follow one another and never return."""
    loaded = serving.read(file)
    assert loaded.table
    version = versions.freeze(loaded.raw, loaded.table.read_bytes(), now=now, published_by=PUBLISHED_BY)
    governs = versions.in_force(now)
    if governs.number > version.number and version.effective_date <= now.date():
        raise BadInput(replaced(loaded.text, version, governs))


def replaced(text: Path, version: Version, governs: Version) -> str:
    """Say that a text was replaced."""
    return (
        f"{text.name} was published here as version {version.number} and version {governs.number} has replaced it; "
        "start without --policy, or publish a text with a new date."
    )


def keys(now: datetime) -> str:
    """Finish a roll that was killed, and do what became due while nothing ran; return why it could not, or nothing.

    The fence has passed, so people can be served; what could not be done is tried every ten minutes, and a check tells.
    """
    try:
        rolling.roll(now=now)
    except (AvowError, OSError) as refused:
        return str(refused)
    return ""


def mailbox() -> None:
    """Make the folder into which mails are put."""
    drop.folder()


def log_key() -> None:
    """Write the log's public key to the home, for people to keep elsewhere."""
    notes.publish(notes.log_key(settings.KEYRING_FOLDER, settings.LOG_ORIGIN), settings.HOME.root / "log.vkey")


def demo(now: datetime) -> str:
    """Fill an empty home with demo people, unless DEMO=0; return who they are, or nothing when nothing was to do."""
    return demo_people.fill_once(now)


def demo_use(now: datetime) -> str:
    """Hand the collector made-up use of the demo's application; return what it was, or nothing."""
    return demo_usage.fill_once(now)


def demo_news_out(now: datetime) -> str:
    """Announce something once; return its title, or nothing."""
    return demo_news.announce_once(now)


def demo_recipients(now: datetime) -> tuple[str, Mapping[str, str]]:
    """Enter whom the demo's company works with; return who is new, and which secrets the example shares."""
    return demo_sharing.fill(now)


def application(now: datetime) -> str:
    """Register the demo's application; return its name, or nothing where it does not run."""
    return demo_example.register(now)


def how_to_try() -> str:
    """Say how to sign in to the demo, or nothing where there is none."""
    return demo_people.how_to_sign_in() if demo_box.is_open() else ""
