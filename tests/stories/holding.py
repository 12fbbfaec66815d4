"""What a story ends with: the sentence's mark on /policy says that it holds, and its page names what showed it."""

from datetime import UTC, datetime


def holds(page, sentence, *checks):
    """Run the checks, and read the sentence's mark and its page as a person does."""
    from avow.evidence import running

    for check in checks:
        found = running.run_one(check, datetime.now(UTC))
        assert found.held, found.why
    page.goto("/policy")
    said = page.locator(f'[id="{sentence}"] .note .state').first.text_content().strip()
    assert said == "holds", (said, page.locator(f'[id="{sentence}"] .note').inner_text())
    page.goto(f"/policy/sentence/{sentence}")
    shown = page.locator("main").inner_text().lower()
    for check in checks:
        assert check.replace("-", " ") in shown
    return True


def keeps_its_word(page, *sentences):
    """Run every live check of these sentences' promises, and read their marks and their pages."""
    from avow.evidence import versions
    from avow.policy.promises import CHECKS

    bound = versions.in_force(datetime.now(UTC)).bound
    for sentence in sentences:
        promises = next(set(clause.promises) for one, clause in bound.clauses if one.id == sentence)
        checks = [name for name, check in CHECKS.items() if promises & set(check.promises)]
        assert checks, f"nothing watches §{sentence}"
        assert holds(page, sentence, *checks)
    return True
