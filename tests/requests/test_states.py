"""Moves are data: what the table allows, what the database refuses, and the page that is drawn from it.

Tried: adding a move to MOVES, or taking one away, fails the page's test; removing the CHECK that a closed
request names nobody fails `test_the_database_refuses_a_closed_request_that_names_somebody`.
"""

import re
from pathlib import Path

from avow.requests.states import CLOSED, MEANING, MOVES, OPEN, Kind, State, diagram, may

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "life-of-a-request.md"


def test_every_open_state_reaches_an_end_and_no_end_leads_on():
    for kind, moves in MOVES.items():
        for start in moves:
            seen, edge = set(), {start}
            while edge:
                seen |= edge
                edge = {to for state in edge for to in moves[state]} - seen
            assert seen & CLOSED, f"{kind} {start} has no end"
            assert bool(moves[start]) == (start in OPEN)


def test_every_state_is_used_and_has_a_meaning():
    assert {state for moves in MOVES.values() for state in moves} == set(State) == set(MEANING)


def test_nothing_is_complete_without_passing_erased():
    assert not may(Kind.ERASURE, State.ASKED, State.COMPLETE)
    assert not may(Kind.ERASURE, State.ERASING, State.COMPLETE)


def between(text, name):
    return re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.DOTALL).group(1)


def test_the_page_shows_the_moves_as_they_are():
    page = PAGE.read_text()
    drawn = f"```mermaid\n{diagram()}\n```\n"
    meant = "| state | means |\n|---|---|\n" + "".join(
        f"| {state.value} | {words} |\n" for state, words in MEANING.items()
    )
    assert between(page, "moves") == drawn, f"put this between the marks:\n{drawn}"
    assert between(page, "meanings") == meant, f"put this between the marks:\n{meant}"
