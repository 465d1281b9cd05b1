"""Categories of expenses: a list of common ones, and the identity of those that people write.

The category of an expense is free text, and stays as it was written. Two spellings are one category if they
fold to one text, or if both are names of one common category, in any language.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType

from howmuch.runtime.locales import find_locale
from howmuch.usecases.folding import fold

DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Category:
    """A common category. names: language to name. icon: of Material Symbols."""

    key: str
    icon: str
    names: Mapping[str, str]

    def name(self, locale: str) -> str:
        """The name in the language of a BCP 47 tag, or in English."""
        return self.names.get(find_locale(locale).language, self.names[DEFAULT_LANGUAGE])


def _common(key: str, icon: str, en: str, fr: str) -> Category:
    return Category(key, icon, MappingProxyType({"en": en, "fr": fr}))


COMMON_CATEGORIES = (
    _common("food", "restaurant", "Food", "Repas"),
    _common("groceries", "shopping_cart", "Groceries", "Alimentation"),
    _common("drinks", "local_bar", "Drinks", "Boissons"),
    _common("coffee", "local_cafe", "Coffee", "Café"),
    _common("accommodation", "hotel", "Accommodation", "Hébergement"),
    _common("transport", "directions_bus", "Transport", "Transports"),
    _common("flights", "flight", "Flights", "Vols"),
    _common("taxi", "local_taxi", "Taxi", "Taxi"),
    _common("fuel", "local_gas_station", "Fuel", "Carburant"),
    _common("parking", "local_parking", "Parking", "Stationnement"),
    _common("entertainment", "theater_comedy", "Entertainment", "Loisirs"),
    _common("sports", "sports_soccer", "Sports", "Sport"),
    _common("shopping", "shopping_bag", "Shopping", "Achats"),
    _common("gifts", "redeem", "Gifts", "Cadeaux"),
    _common("rent", "home", "Rent", "Loyer"),
    _common("utilities", "bolt", "Utilities", "Énergie et eau"),
    _common("internet", "wifi", "Internet and phone", "Internet et téléphone"),
    _common("household", "cleaning_services", "Household", "Ménage"),
    _common("furniture", "chair", "Furniture", "Meubles"),
    _common("repairs", "build", "Repairs", "Réparations"),
    _common("health", "medical_services", "Health", "Santé"),
    _common("insurance", "shield", "Insurance", "Assurance"),
    _common("education", "school", "Education", "Éducation"),
    _common("children", "child_care", "Children", "Enfants"),
    _common("pets", "pets", "Pets", "Animaux"),
    _common("taxes", "account_balance", "Taxes and fees", "Impôts et frais"),
    _common("other", "category", "Other", "Autres"),
)
"""The most common first."""


@cache
def _by_folded_name() -> dict[str, Category]:
    return {
        fold(name): category
        for category in COMMON_CATEGORIES
        for name in (category.key, *category.names.values())
    }


@lru_cache(maxsize=10_000)
def common_key(text: str) -> str:
    """The key of the common category that has this text as its key or one of its names. Empty means none."""
    common = _by_folded_name().get(_spelled(text))
    return common.key if common else ""


def identity_of(text: str) -> str:
    """A text that two spellings of one category have in common. Empty for no category."""
    return common_key(text) or _spelled(text)


def same_category(text: str, spellings: Iterable[str]) -> list[str]:
    """Those of the spellings that are the category `text`."""
    wanted = identity_of(text)
    return [spelling for spelling in spellings if identity_of(spelling) == wanted]


def _spelled(text: str) -> str:
    return " ".join(fold(text).split())
