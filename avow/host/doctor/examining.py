"""All examinations, in the order in which they are read. Each works with the service running or stopped."""

from datetime import datetime

from avow.host.doctor import keys, machine, mail, postgresql, register, usage
from avow.host.doctor.findings import Finding
from avow.host.home import Home


def examine(home: Home, now: datetime) -> list[Finding]:
    """Look at everything."""
    return [
        machine.running(home),
        machine.system(),
        machine.user(),
        keys.closed(home),
        machine.room(home),
        postgresql.postgresql(home),
        postgresql.checksums(home),
        postgresql.connection_limit(home),
        keys.keyring(home),
        keys.secret_files(home),
        keys.copies(home),
        keys.backups(home),
        keys.fitting(home, now),
        keys.log_key(home),
        register.incidents(home, now),
        usage.waiting(home, now),
        usage.pages(),
        usage.undeclared(home),
        machine.core_dumps(),
        machine.swap(),
        machine.clock(now),
        mail.mail(home),
        machine.texts(),
        machine.address(),
    ]
