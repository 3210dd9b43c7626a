"""What Corvane Works, a maker that does not exist, offers in the demonstration."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from earnest.core.commands.open_offer import Terms
from earnest.core.offer import Instalment, Sale, Text, Variant, Window

DISTANCE = Sale("distance", "acompte", made_to_specification=False, tax_rate_bp=2000)
DISTANCE_US = Sale("distance", "deposit", made_to_specification=False, tax_rate_bp=0)

_TERMS_EN = (
    "You reserve a place in the queue for a product that is not made yet. Your deposits count towards the price. "
    "You may cancel at any time before delivery, without giving a reason, and all of your deposits leave us within "
    "24 hours. If the promised window moves, we write to you, and you stay bound to nothing that you did not accept."
)
_TERMS_FR = (
    "Vous réservez une place dans la file pour un produit qui n'est pas encore fabriqué. Vos acomptes sont déduits "
    "du prix. Vous pouvez annuler à tout moment avant la livraison, sans motif, et la totalité de vos acomptes part "
    "de chez nous dans les 24 heures. Si la période promise est repoussée, nous vous écrivons, et rien de ce que "
    "vous n'avez pas accepté ne vous engage."
)


@dataclass(frozen=True)
class Planned:
    """An offer, when it opened, and the slips to come: (when, new window, reason)."""

    slug: str
    opened_at: datetime
    terms: Terms
    slips: tuple[tuple[datetime, Window, str], ...] = ()
    status_at_end: str = "open"


def at(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """An instant of the demonstration, UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def _window(start: tuple[int, int, int], end: tuple[int, int, int]) -> Window:
    return Window(date(*start), date(*end))


def _texts(title_en: str, en: str, title_fr: str, fr: str) -> dict[str, Text]:
    return {"en": Text(title_en, en, _TERMS_EN), "fr": Text(title_fr, fr, _TERMS_FR)}


_ARIA_SLIPS = (
    (
        at(2019, 11, 12),
        _window((2021, 7, 1), (2021, 12, 31)),
        "The battery supplier closed its plant and the pack is being redesigned.",
    ),
    (
        at(2021, 3, 22),
        _window((2023, 1, 1), (2023, 12, 31)),
        "Crash tests must be repeated with the new pack.",
    ),
    (
        at(2023, 2, 6),
        _window((2025, 1, 1), (2025, 12, 31)),
        "The body line has no home yet; a site is being fitted out.",
    ),
    (
        at(2025, 1, 20),
        _window((2027, 1, 1), (2027, 12, 31)),
        "The design is in validation. The first cars are planned for 2027.",
    ),
)

FOUNDING = Planned(
    "corvane-aria",
    at(2017, 11, 16),
    Terms(
        currency="USD",
        variants=(
            Variant("aria", "Aria", 20_000_000),
            Variant("aria-founder", "Aria Founder", 25_000_000, 40),
        ),
        plan=(Instalment(1, 500_000, "card", 0), Instalment(2, 4_500_000, "transfer", 100)),
        capacity=120,
        window=_window((2020, 1, 1), (2020, 12, 31)),
        sale=DISTANCE_US,
        texts=_texts(
            "Corvane Aria",
            "An electric grand tourer for four, with a thousand kilometres of range. "
            "Reserve with 5,000 dollars by card and 45,000 dollars by transfer within 100 days.",
            "Corvane Aria",
            "Une grand tourisme électrique à quatre places, mille kilomètres d'autonomie. "
            "Réservez avec 5 000 dollars par carte, puis 45 000 dollars par virement sous 100 jours.",
        ),
        timezone="America/Los_Angeles",
    ),
    _ARIA_SLIPS,
)

TWIN = Planned(
    "corvane-aria-europe",
    at(2017, 11, 16, 10),
    Terms(
        currency="EUR",
        variants=(
            Variant("aria", "Aria", 19_500_000),
            Variant("aria-founder", "Aria Founder", 23_500_000, 30),
        ),
        plan=(Instalment(1, 500_000, "card", 0), Instalment(2, 4_500_000, "transfer", 100)),
        capacity=80,
        window=_window((2020, 7, 1), (2020, 12, 31)),
        sale=DISTANCE,
        texts=_texts(
            "Corvane Aria for Europe",
            "The Aria with European approval, delivered from Lyon. "
            "Reserve with 5,000 euros by card and 45,000 euros by transfer within 100 days.",
            "Corvane Aria pour l'Europe",
            "L'Aria homologuée en Europe, livrée depuis Lyon. "
            "Réservez avec 5 000 euros par carte, puis 45 000 euros par virement sous 100 jours.",
        ),
        timezone="Europe/Paris",
    ),
    _ARIA_SLIPS,
)

STRADA = Planned(
    "strada-bicycle",
    at(2024, 9, 3),
    Terms(
        currency="EUR",
        variants=(
            Variant("blue", "Night blue", 389_000),
            Variant("sand", "Sand", 389_000),
            Variant("raw", "Raw titanium", 459_000, 40),
        ),
        plan=(Instalment(1, 40_000, "card", 0),),
        capacity=150,
        window=_window((2025, 10, 1), (2026, 3, 31)),
        sale=DISTANCE,
        texts=_texts(
            "Strada bicycle",
            "A titanium city bicycle, built by hand in small runs. One deposit of 400 euros by card.",
            "Vélo Strada",
            "Un vélo de ville en titane, monté à la main en petites séries. Un acompte de 400 euros par carte.",
        ),
        timezone="Europe/Paris",
    ),
    (
        (
            at(2026, 2, 17),
            _window((2026, 6, 1), (2026, 9, 30)),
            "The second tube mill came three months late.",
        ),
    ),
)

CHRONO = Planned(
    "drivers-chronograph",
    at(2025, 3, 10),
    Terms(
        currency="CHF",
        variants=(Variant("steel", "Steel", 390_000), Variant("black", "Black", 420_000)),
        plan=(Instalment(1, 39_000, "card", 0), Instalment(2, 78_000, "card", 120)),
        capacity=60,
        window=_window((2026, 9, 1), (2026, 12, 31)),
        sale=DISTANCE,
        texts=_texts(
            "Driver's chronograph",
            "A hand-wound chronograph in an edition of sixty. Two deposits by card, 390 and 780 francs.",
            "Chronographe de conduite",
            "Un chronographe à remontage manuel, édité à soixante pièces. "
            "Deux acomptes par carte, 390 et 780 francs.",
        ),
        timezone="Europe/Zurich",
    ),
)

CAMPER = Planned(
    "camper-kit",
    at(2025, 6, 2),
    Terms(
        currency="EUR",
        variants=(Variant("two", "For two", 1_450_000), Variant("four", "For four", 1_890_000)),
        plan=(Instalment(1, 145_000, "transfer", 0),),
        capacity=40,
        window=_window((2026, 10, 1), (2027, 3, 31)),
        sale=DISTANCE,
        texts=_texts(
            "Camper kit",
            "A birch interior that turns a van into a home in a weekend. One deposit of 1,450 euros by transfer.",
            "Kit camping-car",
            "Un intérieur en bouleau qui transforme un fourgon en un week-end. "
            "Un acompte de 1 450 euros par virement.",
        ),
        timezone="Europe/Paris",
    ),
    status_at_end="paused",
)

BOOK = Planned(
    "the-aria-book",
    at(2023, 10, 2),
    Terms(
        currency="EUR",
        variants=(Variant("book", "The book", 9_500), Variant("signed", "Signed", 14_500, 30)),
        plan=(Instalment(1, 9_500, "card", 0),),
        capacity=90,
        window=_window((2024, 9, 1), (2024, 11, 30)),
        sale=DISTANCE,
        texts=_texts(
            "The Aria book",
            "Seven years of drawings, 320 pages. Paid in full when you reserve.",
            "Le livre de l'Aria",
            "Sept ans de dessins, 320 pages. Payé en entier à la réservation.",
        ),
        timezone="Europe/Paris",
    ),
    status_at_end="closed",
)

ALL = (FOUNDING, TWIN, STRADA, CHRONO, CAMPER, BOOK)
