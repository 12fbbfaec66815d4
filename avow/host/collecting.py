"""
Collect static files for the web server, when they changed.

Holds:    files get their hash into their name; the new folder is made beside the old
          one and swapped in, so that a crash leaves one of the two.
"""

import hashlib
import shutil

from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.management.commands.collectstatic import Command
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command

from avow.host.home import Home

MARK = ".collected"


def fingerprint() -> str:
    """Return a hash over every static file's name and content."""
    seen = hashlib.sha256()
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda found: found[0]):
            with storage.open(path) as file:
                seen.update(path.encode() + b"\0" + file.read())
    return seen.hexdigest()


def collect(home: Home) -> bool:
    """Collect into the home; tell whether there was anything to do."""
    mark, now = home.static / MARK, fingerprint()
    if mark.exists() and mark.read_text() == now:
        return False
    fresh = home.root / "static.new"
    shutil.rmtree(fresh, ignore_errors=True)
    command = Command()
    command.storage = ManifestStaticFilesStorage(location=fresh)
    call_command(command, interactive=False, verbosity=0)
    (fresh / MARK).write_text(now)
    shutil.rmtree(home.static, ignore_errors=True)
    fresh.rename(home.static)
    return True
