"""Nouns of this room, gathered where Django looks for them."""

from avow.sharing.disclosures_models import Disclosure
from avow.sharing.errands_models import Errand

__all__ = ["Disclosure", "Errand"]
