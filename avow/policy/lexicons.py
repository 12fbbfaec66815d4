"""
The words that decide whether a change of a sentence can be more than one of wording.

Why lists and no model: an officer must see which word decided, and a lawyer must be able to dispute it. Likeness
decides nothing: "do not sell" and "may sell" are 98 % alike.

Holds:    a word is matched whole or by its beginning where the list ends it with an asterisk.
Does not: understand. What these lists do not decide is called unclear.
"""

from collections.abc import Iterable
from enum import StrEnum


class Matter(StrEnum):
    """What a word is about; the value is how a reason names it."""

    NEGATION = "negation"
    MODAL = "modal verb"
    DATA = "kind of data"
    PURPOSE = "purpose"
    RECIPIENT = "recipient"
    TIME = "time"
    RIGHT = "right or protection"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


LEXICON: dict[Matter, tuple[str, ...]] = {
    Matter.NEGATION: _words("not no never neither nor none nothing nobody without except unless only cannot t"),
    Matter.MODAL: _words("may might can could will shall must would should always usually generally"),
    Matter.DATA: _words(
        "data information name names address* email* mail phone* number* ip cookie* device* browser* "
        "location* identifier* id ids photo* contact* payment* card* health* biometric* age gender birth* "
        "page* feature* function* content* message* file* record* log logs"
    ),
    Matter.PURPOSE: _words(
        "personali* tailor* improv* develop* analy* research* train* market* advert* promot* profil* "
        "communicat* sell* sold rent* share* shared sharing disclos* transfer* collect* use used uses using "
        "process* combin* sale measure* recommend* operate* answer*"
    ),
    Matter.RECIPIENT: _words(
        "partner* third party parties agent* provider* affiliate* advertiser* vendor* subprocessor* "
        "processor* contractor* authorit* government* court* police anyone anybody others compan* subsidiar* "
        "buyer* broker* public"
    ),
    Matter.TIME: _words(
        "day days week* month* year* hour* minute* immediately promptly soon after before until within long "
        "longer keep kept keeps retain* retention store* stored again once"
    ),
    Matter.RIGHT: _words(
        "delet* eras* remov* correct* object* unsubscrib* opt access* protect* secure secures secured encrypt* anonym* "
        "notif* tell told inform informs informed choose* choice consent* agree*"
    ),
}
SMALL_WORDS = frozenset(
    _words(
        "a an the of to in on at by for from with as and or that which who whom whose this these those such "
        "it its we us our ours you your yours they them their is are was were be been being so also then "
        "there here if when where how what"
    )
)
WHOLE = {matter: frozenset(word for word in words if word[-1] != "*") for matter, words in LEXICON.items()}
BEGIN = {matter: tuple(word[:-1] for word in words if word[-1] == "*") for matter, words in LEXICON.items()}
STRONG = frozenset(_words("will shall must always"))
WEAK = frozenset(_words("may might can could would should usually generally"))


def matters(word: str) -> frozenset[Matter]:
    """Return what a word, normalised, is about; a numeral counts as a time."""
    if word[:1].isdigit() and not any(letter.isalpha() for letter in word):
        return frozenset({Matter.TIME})
    return frozenset(m for m in Matter if word in WHOLE[m] or word.startswith(BEGIN[m]))


def about(words: Iterable[str]) -> dict[Matter, list[str]]:
    """Return the words about each matter, in their order."""
    found: dict[Matter, list[str]] = {}
    for word in words:
        for matter in matters(word):
            found.setdefault(matter, []).append(word)
    return found


def is_small(word: str) -> bool:
    """Say whether a word can change without the sentence promising anything else."""
    return word in SMALL_WORDS and not matters(word)
