"""`avow policy trace [--check]`: sentence → code → proofs → checks, written to docs/policy-trace.md."""

import os
from pathlib import Path

import click
import django

import avow
from avow.errors import NotFound
from avow.evidence import shown
from avow.host import marks
from avow.host.serving import shipped_policy
from avow.policy.promises import CHECKS
from avow.policy.trace import Row, count, scan_marks, scan_proofs, trace
from avow.policy.trace_page import page, with_progress

PACKAGE = Path(avow.__file__).parent
REPOSITORY = PACKAGE.parent


def rows() -> tuple[str, list[Row]]:
    """Return the title of the shipped policy and one row for each of its sentences."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "avow.host.settings")
    django.setup()
    marks.load()
    bound = shipped_policy()
    found = [*scan_marks(PACKAGE), *scan_proofs(REPOSITORY / "tests")]
    return bound.document.title, trace(bound, found, {name for name in CHECKS if shown.is_shown(name)})


@click.command("trace")
@click.option("--check", is_flag=True, help="Write nothing; fail (exit 1) when the committed trace is stale.")
def command(*, check: bool) -> None:
    """Clause → code → proofs → live checks, closing with the count."""
    if not (REPOSITORY / "tests").exists():
        raise NotFound("The trace is read from the source; run this in a checkout of Avow.")
    title, found = rows()
    readme = REPOSITORY / "README.md"
    written = {
        REPOSITORY / "docs" / "policy-trace.md": page(found, title),
        readme: with_progress(readme.read_text(encoding="utf-8"), found),
    }
    stale = [path for path, text in written.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for row in found:
        click.echo(line(row))
    click.echo(f"\n{count(found)}.")
    if check and stale:
        names = ", ".join(str(path.relative_to(REPOSITORY)) for path in stale)
        click.echo(f"Stale: {names}. Run `make trace` and commit what it writes.", err=True)
        raise SystemExit(1)
    for path in [] if check else stale:
        path.write_text(written[path], encoding="utf-8")
        click.echo(f"Wrote {path.relative_to(REPOSITORY)}.")


def line(row: Row) -> str:
    """Say one sentence's state in one line of a terminal."""
    if not row.needed:
        return f"§{row.id:<5} {row.clause:<28} a statement: nothing to keep"
    marks_of = "".join(sign if has else "·" for sign, has in (("K", row.kept), ("P", row.proved), ("W", row.watched)))
    promises = ", ".join(row.promises) or "unbound"
    where = next((f"{mark.file}:{mark.line}" for mark in row.keepers), "no mechanism yet")
    proofs = len({(mark.file, mark.name) for mark in row.proofs})
    return f"§{row.id:<5} {row.clause:<28} {marks_of}  {promises:<34} {where}  proofs: {proofs}"
