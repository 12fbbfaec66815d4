"""Reports: their list at the start in an order that may be personal, each with its picture, its table and its file."""

import csv
import io
import itertools

from flask import Blueprint, Response, abort
from werkzeug.exceptions import NotFound

from optimibi import charts, house
from optimibi.figures import REPORTS, Report
from optimibi.pages import page

blueprint = Blueprint("reports", __name__)
asked = itertools.count(1)
GOOD = 3  # every third look at the live map succeeds; the others are there to be found in a list of failing pages


@blueprint.get("/")
def home() -> str:
    """Show the reports, those first that Avow suggests to this person."""
    order = house.order_of_reports()
    suggested = [(REPORTS[number], why) for number, why in suggestions(order)]
    first = {report.number for report, _ in suggested}
    others = [report for number, report in REPORTS.items() if number not in first]
    return page("home.html", suggested=suggested, others=others, order=order)


def suggestions(order: dict[str, object]) -> list[tuple[int, str]]:
    """Return which of the suggested pages are reports of ours, and why each is suggested."""
    found = order.get("suggestions")
    by_path = {report.path: number for number, report in REPORTS.items()}
    pairs = (
        [(by_path.get(str(each.get("page"))), str(each.get("why", ""))) for each in found]
        if isinstance(found, list)
        else []
    )
    return [(number, why) for number, why in pairs if number is not None]


@blueprint.get("/reports/<name>")
def report(name: str) -> str:
    """Show one report."""
    found = known(name)
    return page("report.html", report=found, chart=charts.chart(found))


@blueprint.get("/reports/<name>.csv")
def export(name: str) -> Response:
    """Hand out a report as a file."""
    found = known(name)
    written = io.StringIO()
    csv.writer(written).writerows([(found.title, found.unit), *found.rows])
    file = f"optimibi-report-{found.number}.csv"
    return Response(
        written.getvalue(), mimetype="text/csv", headers={"Content-Disposition": f"attachment; filename={file}"}
    )


@blueprint.get("/reports/<name>/last-year")
def last_year(name: str) -> str:
    """Compare with the year before: useful, and hidden so well at the foot of a report that hardly anybody finds it."""
    found = known(name)
    before = [(label, value, round(value * 0.81)) for label, value in found.rows]
    return page("last_year.html", report=found, rows=before)


@blueprint.get("/reports/broken")
def broken() -> str:
    """Show the live map, which fails two times of three on purpose."""
    if next(asked) % GOOD:
        abort(500)
    return page("live.html")


def known(name: str) -> Report:
    """Return a report by its name or its number; one that does not exist, however it is written, is not found."""
    for found in REPORTS.values():
        if name in {found.name, str(found.number)}:
            return found
    raise NotFound
