"""How a page is put together: the frame that all of them share."""

from typing import Any

from flask import Flask, g, render_template, session

from optimibi import house, protecting
from optimibi.settings import Settings


def install(app: Flask, settings: Settings) -> None:
    """Tell every template where Avow is and who looks."""

    @app.context_processor
    def frame() -> dict[str, Any]:
        return {
            "avow": settings.avow,
            "name": session.get("name"),
            "signed_in": "ticket" in session,
            "ticket": house.ticket() or "",
            "device": g.get("device", ""),
            "token": protecting.token,
        }


def page(template: str, **more: Any) -> str:
    """
    Return a page.

    A notice of the policy is asked for here and nowhere else: whatever asks for one then also shows it.
    """
    return render_template(template, notice=house.notice(), **more)
