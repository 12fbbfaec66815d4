"""The whole text of one version, each sentence carrying its mark and its note."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from avow.evidence import queries
from avow.evidence.versions import Version
from avow.policy.document import Document, Sentence
from avow.policy.rendering import render
from avow.web.border import marked
from avow.web.pictures import marks
from avow.web.reading import register
from avow.web.reading.standing import Section, Standing, counts, sections, standings


@dataclass(frozen=True)
class Reading:
    """One version as a page shows it."""

    version: Version
    found: tuple[Standing, ...]
    in_force: bool = True

    @property
    def document(self) -> Document:
        """The text itself."""
        return self.version.bound.document

    @property
    def title(self) -> str:
        """What the text calls itself."""
        return self.document.title or "Privacy policy"

    @property
    def effective(self) -> date:
        """From which day it governs."""
        return self.version.effective_date

    @property
    def published_at(self) -> datetime:
        """When it was frozen here."""
        return self.version.published_at

    @property
    def sha256(self) -> str:
        """The fingerprint of its bytes."""
        return self.version.sha256

    @property
    def language(self) -> str:
        """The text's own language."""
        return self.document.language

    @cached_property
    def summary(self) -> str:
        """How far the house is, in one sentence."""
        return register.progress(register.rows(self.version.bound))

    @property
    def sections(self) -> list[Section]:
        """The sentences in groups."""
        return sections(self.found)

    @property
    def counts(self) -> list[tuple[marks.Shown, int]]:
        """How many sentences are in each state."""
        return counts(self.found)

    @cached_property
    def html(self) -> SafeString:
        """The text with a mark and a note at each sentence."""
        by_id = {standing.id: standing for standing in self.found}
        note = get_template("avow/note.html")

        def wrap(sentence: Sentence) -> tuple[str, str]:
            standing = by_id[sentence.id]
            return format_html('<span class="sentence" id="{}">', sentence.id), note.render(
                {"sentence": standing}
            ).strip() + "</span>"

        return marked(render(self.document, wrap))

    @property
    def log_index(self) -> int | None:
        """Where the log keeps the text's fingerprint."""
        return queries.frozen().get(self.version.sha256)

    @property
    def permalink_path(self) -> str | None:
        """The address that the text names as its own, without white space around it."""
        return self.document.permalink


def read(version: Version, *, now: datetime, in_force: bool = True) -> Reading:
    """Join a version with what is known about it now."""
    return Reading(version, tuple(standings(version.bound, now)), in_force)
