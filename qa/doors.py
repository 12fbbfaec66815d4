"""
Run the one-door rules: each act of weight has one place that may do it.

A rule is an ast-grep rule in qa/rules/ with two fields of our own in its metadata:
`door` (the files that may do it) and `why`. A match anywhere else in avow/ fails.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
AST_GREP = Path(sys.executable).parent / "ast-grep"


def rules() -> list[tuple[Path, dict[str, Any]]]:
    """Read every rule."""
    return [(path, yaml.safe_load(path.read_text())) for path in sorted((HERE / "rules").glob("*.yml"))]


def second_doors(rule: Path, doors: list[str], tree: Path) -> list[str]:
    """Return each place below `tree` that does what only the doors may do."""
    printed = subprocess.run(
        [AST_GREP, "scan", "--rule", rule, "--json=compact", "avow"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    found = [(match["file"], match["range"]["start"]["line"] + 1) for match in json.loads(printed or "[]")]
    return [f"{file}:{line}" for file, line in found if file not in doors and "/migrations/" not in file]


def main() -> int:
    """Print every second door and return 1 when there is one."""
    wrong = 0
    for path, rule in rules():
        for door in rule["metadata"]["door"]:
            if not (REPOSITORY / door).exists():
                print(f"{path.name}: the door {door} does not exist; the rule guards nothing")
                wrong += 1
        for place in second_doors(path, rule["metadata"]["door"], REPOSITORY):
            print(
                f"{place}: {rule['message']} The door: {', '.join(rule['metadata']['door'])}. {rule['metadata']['why']}"
            )
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
