"""The two forms with which an officer proposes a release: figures, or anonymous rows."""

from datetime import date
from itertools import combinations
from typing import Any

from django import forms

from avow.sharing import release_queries
from avow.sharing.spec import COLUMNS, Kind

OTHERS = [name for name in COLUMNS if name != "weekday"]
WORDS = {"browser": "browser", "pages": "number of pages", "section": "part of the site"}
SETS = [chosen for width in (3, 2, 1) for chosen in combinations(OTHERS, width)]


class Proposal(forms.Form):
    """What both have: a partner and days."""

    kind = Kind.FIGURES
    partner = forms.ChoiceField(
        label="Partner", help_text="With a standing grant; agents and authorities get no releases."
    )
    since = forms.DateField(label="First day", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="Last day", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *positional: Any, **named: Any) -> None:
        """Offer the partners of the register."""
        super().__init__(*positional, **named)
        offered = self.fields["partner"]
        assert isinstance(offered, forms.ChoiceField)
        offered.choices = [(str(number), name) for number, name in release_queries.partners()]

    def given(self) -> dict[str, Any]:
        """Return the specification."""
        said = self.cleaned_data
        days = {name: said[name].isoformat() for name in ("since", "until") if isinstance(said[name], date)}
        return {"kind": self.kind.value, "partner": said["partner"], **days}


class Figures(Proposal):
    """Figures on pages."""

    pages = forms.CharField(
        label="Pages", widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One a line, as the site’s plan has them. Never copy them from what people visited.",
    )  # fmt: skip
    per_day = forms.IntegerField(label="Pages a person and day", initial=3, min_value=1, max_value=50)
    rho = forms.IntegerField(label="Budget, in thousandths", initial=10, min_value=1, max_value=1000)

    def given(self) -> dict[str, Any]:
        """Return the specification."""
        said = self.cleaned_data
        return super().given() | {
            "pages": said["pages"].split(), "per_day": said["per_day"], "rho": said["rho"],
        }  # fmt: skip


class AnonymousRows(Proposal):
    """Rows of columns."""

    kind = Kind.ROWS
    columns = forms.ChoiceField(
        label="Columns beside the weekday",
        choices=[(" ".join(chosen), ", ".join(WORDS[name] for name in chosen)) for chosen in SETS],
    )
    sensitive = forms.ChoiceField(
        label="Sensitive", required=False, choices=[("", "none of them"), *WORDS.items()],
        help_text="What nobody may learn of a person who is known to be in the table.",
    )  # fmt: skip
    k = forms.IntegerField(label="How many must look alike (k)", initial=11, min_value=5, max_value=1000)

    def given(self) -> dict[str, Any]:
        """Return the specification."""
        said = self.cleaned_data
        sensitive = [said["sensitive"]] if said["sensitive"] else []
        columns = ["weekday", *said["columns"].split()]
        return super().given() | {"columns": columns, "sensitive": sensitive, "k": said["k"]}


FORMS: dict[str, type[Proposal]] = {Kind.FIGURES.value: Figures, Kind.ROWS.value: AnonymousRows}
