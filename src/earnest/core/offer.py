"""An offer: what its maker promises, in versions, with every slip of the promised window."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from earnest.core import giveup
from earnest.core.acts import ERASED, Act, Erased
from earnest.core.changing import replace
from earnest.core.giveup import GiveUp
from earnest.core.instants import day

OPEN, PAUSED, CLOSED = "open", "paused", "closed"

#: status -> act -> status. What is not here cannot happen.
TRANSITIONS: Final[dict[str, dict[str, str]]] = {
    "": {"offer.opened": OPEN},
    OPEN: {
        "offer.revised": OPEN,
        "promise.made": OPEN,
        "promise.slipped": OPEN,
        "offer.paused": PAUSED,
        "offer.closed": CLOSED,
        "giveup.proposed": OPEN,
        "giveup.confirmed": OPEN,
        "giveup.withdrawn": OPEN,
    },
    PAUSED: {
        "offer.revised": PAUSED,
        "promise.made": PAUSED,
        "promise.slipped": PAUSED,
        "offer.resumed": OPEN,
        "offer.closed": CLOSED,
        "giveup.proposed": PAUSED,
        "giveup.confirmed": PAUSED,
        "giveup.withdrawn": PAUSED,
    },
    # People still wait for what a closed offer promised, so its promise can still slip.
    CLOSED: {
        "offer.revised": CLOSED,
        "promise.made": CLOSED,
        "promise.slipped": CLOSED,
        "giveup.proposed": CLOSED,
        "giveup.confirmed": CLOSED,
        "giveup.withdrawn": CLOSED,
    },
}


@dataclass(frozen=True)
class Window:
    """The promised delivery, first and last day, both included."""

    start: date
    end: date


@dataclass(frozen=True)
class Variant:
    """One thing to choose: `price_minor` for one place, tax included; `capacity` None = the offer's alone."""

    code: str
    name: str
    price_minor: int
    capacity: int | None = None


@dataclass(frozen=True)
class Instalment:
    """One deposit for one place: `due_days` after placing (0 = at once) over `rail` (`card` or `transfer`)."""

    n: int
    amount_minor: int
    rail: str
    due_days: int


@dataclass(frozen=True)
class Sale:
    """What the law needs to know of the sale.

    `channel`: `distance`, `off-premises` or `shop`; `deposit_kind`: `acompte`, `arrhes` or `deposit`;
    `tax_rate_bp`: tax included in the price, in hundredths of a per cent. `date_worth`: what the promised window is
    worth by the offer's own words: `firm`, `indicative`, `vague` (it names no day) or `none` (no date is promised).
    `back_bp`: what its terms give back on a cancellation, in hundredths of a per cent of what was paid.
    """

    channel: str
    deposit_kind: str
    made_to_specification: bool
    tax_rate_bp: int
    date_worth: str = "firm"
    back_bp: int = 10_000

    def written(self) -> dict[str, Any]:
        """As acts carry it: what says nothing new is left out, so that the same terms have the same bytes."""
        plain = asdict(self)
        return {name: value for name, value in plain.items() if name not in _UNSAID or value != _UNSAID[name]}


#: Members of `sale` that acts name only where they are not this.
_UNSAID: Final[Mapping[str, object]] = {"date_worth": "firm", "back_bp": 10_000}


@dataclass(frozen=True)
class Text:
    """What people read, in one language. `terms` is what a reservation binds by its hash."""

    title: str
    summary: str
    terms: str

    def terms_hash(self) -> str:
        """SHA-256 of the UTF-8 terms, hex."""
        return hashlib.sha256(self.terms.encode()).hexdigest()


@dataclass(frozen=True)
class Version:
    """What the offer said between two revisions. `seq` is the act that made it."""

    version: int
    seq: int
    at: datetime
    currency: str
    variants: tuple[Variant, ...]
    plan: tuple[Instalment, ...]
    capacity: int
    window: Window
    sale: Sale
    texts: Mapping[str, Text] | Erased

    def variant(self, code: str) -> Variant | None:
        """The variant of that code, or None."""
        return next((variant for variant in self.variants if variant.code == code), None)

    def text(self, language: str) -> Text:
        """The texts in the language, or in the first that there is."""
        if isinstance(self.texts, Erased):
            return Text("", "", "")
        return self.texts.get(language) or next(iter(self.texts.values()))

    def language(self, language: str) -> str:
        """Which language `text` answers with."""
        if isinstance(self.texts, Erased) or language in self.texts:
            return language
        return next(iter(self.texts))


@dataclass(frozen=True)
class Slip:
    """The promised window moved, or there is no date now (`now` None). `seq` is the act that says so.

    `evidence` is the kind of proof that the maker has of the reason, or "" where none was asked for yet.
    """

    seq: int
    at: datetime
    was: Window
    now: Window | None
    why: str | Erased
    evidence: str = ""

    @property
    def days(self) -> int | None:
        """By how many days the last promised day moved; None where there is no new one."""
        return (self.now.end - self.was.end).days if self.now else None


@dataclass(frozen=True)
class Offer:
    """An offer as its acts left it. `n` is how many acts it has."""

    key: str
    slug: str
    n: int
    status: str
    opened_at: datetime
    timezone: str
    versions: tuple[Version, ...]
    slips: tuple[Slip, ...] = ()
    giveups: tuple[GiveUp, ...] = ()

    @property
    def current(self) -> Version:
        """The version that a newcomer sees."""
        return self.versions[-1]

    @property
    def undated(self) -> bool:
        """Whether the newest slip gave no new date."""
        return bool(self.slips) and self.slips[-1].now is None

    @property
    def expected(self) -> Window | None:
        """What is promised to a newcomer, or None where there is no date."""
        return None if self.undated else self.current.window

    @property
    def days_moved(self) -> int:
        """By how many days the last promised day has moved since the first promise."""
        return (self.current.window.end - self.first_window.end).days

    @property
    def first_window(self) -> Window:
        """What was promised before the first slip."""
        return self.slips[0].was if self.slips else self.current.window

    def version(self, number: int) -> Version:
        """A version by its number, from 1."""
        return self.versions[number - 1]

    def giveup(self, seq: int) -> GiveUp | None:
        """A proposal to give up many at once, by its act."""
        return next((each for each in self.giveups if each.seq == seq), None)


def fold(offer: Offer | None, act: Act, *, key: str = "", slug: str = "") -> Offer:
    """The offer after one more act. Raises ValueError for what the table does not allow."""
    status = offer.status if offer else ""
    try:
        after = TRANSITIONS[status][act.type]
    except KeyError:
        raise ValueError(f"an offer that is “{status}” cannot have {act.type}") from None
    if offer is None:
        return Offer(key, slug, 1, after, act.at, act.text("timezone"), (_version(act),))
    offer = replace(offer, n=offer.n + 1, status=after)
    if act.type == "offer.revised":
        return replace(offer, versions=(*offer.versions, _version(act)), timezone=act.text("timezone"))
    if act.type == "promise.slipped":
        return replace(offer, slips=(*offer.slips, _slip(act)))
    if act.type.startswith("giveup."):
        return replace(offer, giveups=giveup.fold(offer.giveups, act))
    return offer


def window(act: Act, prefix: str = "") -> Window:
    """The window in an act's fields `from` and `until`, or `was_from` and `was_until`."""
    return Window(day(act.text(f"{prefix}from")), day(act.text(f"{prefix}until")))


def window_or_none(act: Act) -> Window | None:
    """As `window`, or None where the act names no days."""
    return window(act) if act.get("until") is not None else None


def instalments(written: object) -> tuple[Instalment, ...]:
    """A deposit plan as acts carry it: a list of objects with the members of `Instalment`."""
    rows: Any = written
    return tuple(Instalment(**row) for row in rows)


def _slip(act: Act) -> Slip:
    why = act.fields["why"]
    assert isinstance(why, str | Erased)
    evidence = act.get("proven_by")
    proof = evidence if isinstance(evidence, str) else ""
    return Slip(act.seq, act.at, window(act, "was_"), window_or_none(act), why, proof)


def _version(act: Act) -> Version:
    texts = act.fields["texts"]
    variants: Any = act.fields["variants"]
    sale: Any = act.fields["sale"]
    return Version(
        version=act.int("version"),
        seq=act.seq,
        at=act.at,
        currency=act.text("currency"),
        variants=tuple(Variant(**row) for row in variants),
        plan=instalments(act.fields["plan"]),
        capacity=act.int("capacity"),
        window=window(act),
        sale=Sale(**sale),
        texts=_texts(texts) if isinstance(texts, dict) else ERASED,
    )


def _texts(written: dict[str, Any]) -> dict[str, Text]:
    return {language: Text(**row) for language, row in written.items()}
