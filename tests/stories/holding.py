"""What a story ends with: the sentence's mark on /policy says that it holds, and its page names what showed it."""

from datetime import UTC, datetime


def holds(page, sentence, *checks):
    """Run the checks, and read the sentence's mark and its page as a person does."""
    from avow.evidence import running

    for check in checks:
        found = running.run_one(check, datetime.now(UTC))
        assert found.held, found.why
    page.goto("/policy")
    assert page.locator(f'[id="{sentence}"] .note .state').first.text_content().strip() == "holds"
    page.goto(f"/policy/sentence/{sentence}")
    shown = page.locator("main").inner_text().lower()
    for check in checks:
        assert check.replace("-", " ") in shown
    return True
