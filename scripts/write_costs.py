"""
Write the figures of docs/explanation/what-it-costs.md and its picture from bench/results/. `--check` compares only.

Why from the results and never by hand: a page about costs that somebody tuned is an advertisement. Wins and losses are
sorted here by one rule, and a missed goal says so in its row.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
RESULTS = REPOSITORY / "bench" / "results"
PAGE = REPOSITORY / "docs" / "explanation" / "what-it-costs.md"
PICTURE = REPOSITORY / "docs" / "pictures" / "roles.svg"
BEGIN, END = "<!-- figures: written by `make docs` from bench/results; do not edit -->", "<!-- end of figures -->"
SYSTEMS = "ABCD"
ACTS = {
    "create": "keep a new record",
    "read_by_key": "read one record",
    "read_by_person": "read all about a person",
    "read_by_purpose": "read all collected for a purpose",
    "read_not_objecting": "read for a purpose, without who objects",
    "read_not_automated": "read for a purpose, without what is decided automatically",
    "correct": "correct a record",
    "change_by_key": "change one record's metadata",
    "change_by_person": "take up a person's objection",
    "change_by_purpose": "name another recipient for a purpose",
    "delete_by_key": "delete one record",
    "delete_by_person": "erase a person",
    "delete_by_purpose": "delete all collected for a purpose",
    "delete_by_expiry": "delete what ended",
    "metadata_of_person": "show a person's metadata",
    "log_range": "show a part of the log",
    "verify_deletion": "verify a deletion",
}
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1d1b16}.soft{fill:#5b574d}.bar{fill:#8d8778}.avow{fill:#1f4fa3}"
    ".goal{stroke:#1d1b16;stroke-width:2}@media(prefers-color-scheme:dark){text{fill:#ece8de}"
    ".soft{fill:#aaa598}.bar{fill:#79746a}.avow{fill:#8db2ff}.goal{stroke:#ece8de}}"
)
WIDTH, PANEL, ROW, LABEL, NUMBER = 680, 132, 22, 44, 90  # pixels


def main(arguments: list[str]) -> int:
    """Write page and picture, or say that they are stale."""
    files = [RESULTS / "roles.json", RESULTS / "roles-soak.json"]
    found = [json.loads(file.read_text()) for file in files if file.exists()]
    before, _, rest = PAGE.read_text().partition(BEGIN)
    page = before + BEGIN + "\n\n" + figures(found) + "\n" + END + rest.partition(END)[2]
    wanted = {PAGE: page, **({PICTURE: picture(found[0]["figures"])} if found else {})}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(REPOSITORY)} is not what bench/results say; run `make docs`.")
        return int(bool(stale))
    for path in stale:
        path.write_text(wanted[path])
    return 0


def figures(results: list[Mapping[str, Any]]) -> str:
    """Return the tables of all results, or that there are none."""
    if not results:
        return "No result is committed yet; `python -m bench roles` writes one in about twenty minutes.\n"
    seen = (
        f"![Seconds for 1,000 acts of each role, by system](../pictures/{PICTURE.name})\n\n"
        "*The upright mark is Avow's goal. The same numbers stand in the first table.*\n"
    )
    return "\n".join([seen, *(of_result(result) for result in results)])


def of_result(result: Mapping[str, Any]) -> str:
    """Return what one run found."""
    found, machine = result["figures"], result["machine"]
    measured = (
        f"Measured on {result['date']} at {result['commit']}: {machine['processor']}, {machine['cpus']} processors, "
        f"PostgreSQL {machine['postgresql']}, one connection, {found['rounds']} rounds, medians. "
        f"{found['answers compared, all right']:,} answers were compared; all were right."
    )
    head = f"### {found['records']:,} records about {found['persons']:,} persons"
    gone = of_deletion(found["after an acknowledged deletion"])
    parts = [[head], [measured], of_roles(found), of_acts(found), [wins_and_losses(found)], gone]
    return "\n".join("\n".join(part) + "\n" for part in parts)


def of_roles(found: Mapping[str, Any]) -> Iterable[str]:
    """Return the table of roles, with storage as its last row."""
    yield "| seconds for 1,000 acts | A | B | C | Avow | Avow over C | goal, at most | met |"
    yield "|---|--:|--:|--:|--:|--:|--:|---|"
    for role, row in found["seconds for 1000 acts"].items():
        systems = " | ".join(number(row[name]) for name in SYSTEMS)
        yield f"| {role} | {systems} | {number(row['D over C'])} | {number(row['goal, at most'])} | {met(row)} |"
    row, last = found["bytes stored for a personal byte"], found["the same after all roles"]
    systems = " | ".join(number(row[name]) for name in SYSTEMS)
    yield (
        f"| bytes stored for a personal byte | {systems} | {number(row['D'] / row['C'])} "
        f"| {number(row['goal, at most'])} in all | {met(row)} |"
    )
    yield f"| the same after all roles | {' | '.join(number(last[name]) for name in SYSTEMS)} | | | |"


def of_acts(found: Mapping[str, Any]) -> Iterable[str]:
    """Return the table of acts."""
    yield "| milliseconds of an act, median (95th percentile) | A | B | C | Avow | Avow over C |"
    yield "|---|--:|--:|--:|--:|--:|"
    middle, high = found["ms of an act, p50"], found["ms of an act, p95"]
    for act, said in ACTS.items():
        cells = " | ".join(cell(middle[act][name], high[act][name]) for name in SYSTEMS)
        yield f"| {said} | {cells} | {number(middle[act]['D'] / middle[act]['C'])} |"


def wins_and_losses(found: Mapping[str, Any]) -> str:
    """Sort the acts by Avow's time over C's."""
    ratios = {act: row["D"] / row["C"] for act, row in found["ms of an act, p50"].items()}
    won = [
        f"{ACTS[act]} ({number(1 / ratio)} times)" for act, ratio in sorted(ratios.items(), key=by_ratio) if ratio < 1
    ]
    lost = [
        f"{ACTS[act]} ({number(ratio)} times)"
        for act, ratio in sorted(ratios.items(), key=by_ratio, reverse=True)
        if ratio >= 1
    ]
    return f"**Faster than C**: {', '.join(won) or 'nothing'}.\n\n**Slower than C**: {', '.join(lost) or 'nothing'}."


def by_ratio(item: tuple[str, float]) -> float:
    """Return what wins and losses are sorted by."""
    return item[1]


def of_deletion(gone: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    """Return the table of what a deletion left behind."""
    yield "| after an acknowledged deletion of one person | A | B | C | Avow |"
    yield "|---|--:|--:|--:|--:|"
    for what in gone["D"]:
        cells = " | ".join(said(gone[name].get(what, "")) for name in SYSTEMS)
        yield f"| {what.replace('ms until', 'milliseconds until')} | {cells} |"


def said(value: Any) -> str:
    """Write one cell; where nothing ends it by itself, say so."""
    return "never by itself" if value is None else str(value)


def number(value: float) -> str:
    """Write a number with as many places as tell something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"  # noqa: PLR2004


def cell(middle: float | None, high: float | None) -> str:
    """Write a median with its percentile."""
    return "has none" if middle is None or high is None else f"{number(middle)} ({number(high)})"


def met(row: Mapping[str, Any]) -> str:
    """Say whether a goal was met."""
    return "yes" if row["met"] else "**no**"


def picture(found: Mapping[str, Any]) -> str:
    """Draw the four roles side by side, each with its own scale from nought, and a mark where Avow's goal lies."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {2 * PANEL}" role="img">',
        f"<title>Seconds for 1,000 acts of each role, at {found['records']:,} records</title><style>{STYLE}</style>",
    ]
    for place, (role, row) in enumerate(found["seconds for 1000 acts"].items()):
        left, top = place % 2 * WIDTH // 2, place // 2 * PANEL
        parts += panel(role, row, left, top)
    return "\n".join([*parts, "</svg>\n"])


def panel(role: str, row: Mapping[str, Any], left: int, top: int) -> Iterable[str]:
    """Draw one role: a bar for each system, and how long Avow might take."""
    allowed = row["C"] * row["goal, at most"]
    scale = (WIDTH // 2 - LABEL - NUMBER) / max(*(row[name] for name in SYSTEMS), allowed)
    yield f'<text x="{left}" y="{top + 16}">{escape(role)}, seconds for 1,000 acts</text>'
    for place, name in enumerate(SYSTEMS):
        y, width = top + 26 + place * ROW, max(row[name] * scale, 1)
        kind, label, behind = "bar", name, width
        if name == "D":
            kind, label, behind = "avow", "Avow", max(width, allowed * scale)
        yield f'<text class="soft" x="{left + LABEL - 8}" y="{y + 13}" text-anchor="end">{label}</text>'
        yield f'<rect class="{kind}" x="{left + LABEL}" y="{y}" width="{width:.1f}" height="16"/>'
        yield f'<text x="{left + LABEL + behind + 6:.1f}" y="{y + 13}">{number(row[name])}</text>'
    x, y = left + LABEL + allowed * scale, top + 26 + 3 * ROW
    yield f'<path class="goal" d="M{x:.1f} {y - 5}v26"><title>goal: {number(allowed)}</title></path>'


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
