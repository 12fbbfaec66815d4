"""What is there to read: the documentation and what is new."""

from flask import Blueprint, abort

from optimibi import house
from optimibi.pages import page

blueprint = Blueprint("reading", __name__)
DOCS = {
    "first-steps": ("First steps", "Put one line on your site and see the first visitor."),
    "reading-a-funnel": ("Reading a funnel", "What the bars say, and what they do not."),
    "taking-figures-along": ("Taking figures along", "Export a report, or have it sent to a phone."),
    "what-we-count": ("What we count", "Visitors, views and uses, and what we never look at."),
}


@blueprint.get("/docs")
def contents() -> str:
    """List the documentation."""
    return page("docs.html", docs=DOCS)


@blueprint.get("/docs/<name>")
def doc(name: str) -> str:
    """Show one page of it."""
    if name not in DOCS:
        abort(404)
    return page(f"docs/{name}.html", title=DOCS[name][0], docs=DOCS)


@blueprint.get("/news")
def news() -> str:
    """Show what was announced."""
    return page("news.html", news=house.news())
