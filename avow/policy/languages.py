"""
Which language a text is in: what it says of itself, else its script, else its small words.

Does not: aim at more than the page's `lang`, and knowing when English rules do not apply.
"""

import re
from collections.abc import Iterable

ENOUGH = 5000  # characters looked at
TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
)
SMALL_WORDS = {
    "en": "the and of to we you your our is are this that or with for not",
    "de": "der die das und wir sie ihre ist von zu den mit nicht werden oder für",
    "fr": "le la les des et nous vous votre nos est une pour dans que pas sur",
    "es": "el los las y de que usted su nuestro para una con por del no se",
    "it": "il gli di e che della per una con nostro sono dei non si nel le",
    "nl": "de het een en van wij u uw onze is met niet voor dat zijn of",
    "pt": "os as e de que você seu nossa para uma com não por dos da em",
    "pl": "i w z na do się nie jest oraz lub przez dane są że dla o",
    "sv": "och att vi du din är av för med inte som det en på till eller",
}


def language_of(said: str | None, texts: Iterable[str]) -> str:
    """Return a language tag."""
    if said and TAG.fullmatch(said):
        return said.replace("_", "-")
    sample = _sample(texts)
    for code, script in SCRIPTS:
        if len(script.findall(sample)) * 4 > sum(c.isalpha() for c in sample):
            return code
    words = re.findall(r"[^\W\d_]+", sample.casefold())
    scores = {code: sum(words.count(w) for w in small.split()) for code, small in SMALL_WORDS.items()}
    best = max(scores, key=lambda code: scores[code])
    return best if scores[best] else "en"


def _sample(texts: Iterable[str]) -> str:
    taken = ""
    for text in texts:
        taken += " " + text
        if len(taken) > ENOUGH:
            break
    return taken
