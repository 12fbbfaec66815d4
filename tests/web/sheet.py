"""The style sheet as text: with its comments, and the rules alone."""

import re
from pathlib import Path

WEB = Path(__file__).resolve().parents[2] / "avow" / "web"
SHEET = (WEB / "static/avow/avow.css").read_text(encoding="utf-8")
RULES = re.sub(r"/\*.*?\*/", "", SHEET, flags=re.DOTALL)
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
