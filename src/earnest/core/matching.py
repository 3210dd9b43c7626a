"""Which reservations a transfer is for. Only a complete number or a complete reference decides; all else proposes.

The rules: a credit that names one reservation is that reservation's, whatever its amount. A credit that names
several is divided if it is exactly the sum of what they expect; otherwise it still names them, and a person divides
it. A reservation in another currency takes nothing. Names, accounts, amounts and near misses are proposals.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from earnest.core import creditor_reference as references
from earnest.core.accounts import same_name
from earnest.core.money import major
from earnest.core.sought import Sought, seek

PROPOSALS_MAX: Final = 5


@dataclass(frozen=True)
class Expected:
    """What a reservation waits for: `amount_minor` of `currency`, from `holder`, perhaps from `iban`."""

    number: str
    amount_minor: int
    currency: str
    reference: str = ""
    holder: str = ""
    iban: str = ""


@dataclass(frozen=True)
class Credit:
    """Money that came in, in minor units: what its payer wrote (each piece apart), and who it was."""

    amount_minor: int
    currency: str
    pieces: tuple[str, ...]
    name: str = ""
    iban: str = ""


#: Why a reservation is proposed, the strongest first.
NAMED, ACCOUNT, NAME_AND_AMOUNT, NAME, NEAR, AMOUNT = (
    "named",
    "account",
    "name-amount",
    "name",
    "near",
    "amount",
)
WHYS: Final = {
    NAMED: "its number is written",
    ACCOUNT: "from its holder's account",
    NAME_AND_AMOUNT: "its holder's name, its amount",
    NAME: "its holder's name",
    NEAR: "a number like it is written",
    AMOUNT: "its amount",
}


class Proposal(NamedTuple):
    """A reservation that a person may think of, and why (a key of `WHYS`). It decides nothing."""

    number: str
    why: str


class Share(NamedTuple):
    """The part of a credit that is one reservation's."""

    number: str
    amount_minor: int


@dataclass(frozen=True)
class Match:
    """`numbers` are those that the credit names, `shares` how it divides (empty: a person must), `why` in words."""

    numbers: tuple[str, ...]
    shares: tuple[Share, ...]
    why: str
    proposals: tuple[str, ...] = ()


#: Finds what is expected by numbers and references; the answer is keyed by either.
Lookup = Callable[[Collection[str]], Mapping[str, Expected]]


def sought(credit: Credit) -> Sought:
    """What is written in it. To look up at once for many credits."""
    return seek(credit.pieces)


def wanted(found: Sought) -> set[str]:
    """Everything to look up before `match`: numbers and references."""
    return {*found.numbers, *found.references}


def wanted_near(found: Sought, known: Mapping[str, Expected]) -> set[str]:
    """What to look up besides, where nothing of `wanted` is known."""
    return set() if any(each in known for each in wanted(found)) else set(found.near)


def match(credit: Credit, found: Sought, known: Mapping[str, Expected], *, near: bool = True) -> Match:
    """What a credit is for; `known` answers for `wanted` and `wanted_near`, keyed by number and by reference.

    What is `near` is only proposed, and dear to find.
    """
    named: dict[str, Expected] = {}
    by_reference: set[str] = set()
    for reference in found.references:
        if reference in known:
            named.setdefault(known[reference].number, known[reference])
            by_reference.add(known[reference].number)
    for number in found.numbers:
        if number in known:
            named.setdefault(number, known[number])
            if references.of(number) in found.references:
                by_reference.add(number)
    if not named:
        alike = tuple(each for each in found.near if each in known)[:PROPOSALS_MAX] if near else ()
        return Match((), (), _nothing_found(found, alike), alike)
    foreign = [each for each in named.values() if each.currency != credit.currency]
    if foreign:
        why = ", ".join(f"{each.number} is in {each.currency}" for each in foreign)
        return Match((), (), f"{credit.currency} came, and {why}", tuple(named))
    how = "reference" if by_reference == set(named) else "number"
    if len(named) == 1:
        (only,) = named.values()
        return Match((only.number,), (Share(only.number, credit.amount_minor),), _one(credit, only, how))
    return _several(credit, tuple(named.values()), how)


def ranked(credit: Credit, waiting: Iterable[Expected]) -> tuple[Proposal, ...]:
    """Reasons for a person to think of a reservation, the strongest first: account, name and amount, name, amount."""
    found: list[tuple[int, Proposal]] = []
    for each in waiting:
        if each.currency != credit.currency:
            continue
        name = bool(credit.name and each.holder) and same_name(credit.name, each.holder)
        amount = each.amount_minor == credit.amount_minor
        if credit.iban and credit.iban == each.iban:
            found.append((0, Proposal(each.number, ACCOUNT)))
        elif name:
            found.append(
                (1, Proposal(each.number, NAME_AND_AMOUNT)) if amount else (2, Proposal(each.number, NAME))
            )
        elif amount:
            found.append((3, Proposal(each.number, AMOUNT)))
    return tuple(said for _, said in sorted(found)[:PROPOSALS_MAX])


def written(credit: Credit, found: Sought, known: Mapping[str, Expected]) -> tuple[Proposal, ...]:
    """What the payer wrote that a person may take for a reservation: whole numbers, and those that are nearly one."""
    whole = [known[each].number for each in (*found.references, *found.numbers) if each in known]
    near = [each for each in found.near if each in known] if not whole else []
    proposed = [*(Proposal(each, NAMED) for each in whole), *(Proposal(each, NEAR) for each in near)]
    return tuple(dict.fromkeys(proposed))[:PROPOSALS_MAX]


def proposals(credit: Credit, waiting: Sequence[Expected]) -> tuple[str, ...]:
    """As `ranked`, in words."""
    return tuple(f"{each.number}: {WHYS[each.why]}" for each in ranked(credit, waiting))


def _one(credit: Credit, only: Expected, how: str) -> str:
    by = f"complete {how} {references.grouped(references.of(only.number)) if how == 'reference' else only.number}"
    return f"{by}; {_difference(credit.amount_minor, only.amount_minor, credit.currency)}"


def _several(credit: Credit, named: tuple[Expected, ...], how: str) -> Match:
    total = sum(each.amount_minor for each in named)
    why = f"{len(named)} complete {how}s; {_difference(credit.amount_minor, total, credit.currency)}"
    numbers = tuple(each.number for each in named)
    if total == credit.amount_minor and all(each.amount_minor > 0 for each in named):
        return Match(numbers, tuple(Share(each.number, each.amount_minor) for each in named), why)
    return Match(numbers, (), f"{why}: a person must divide it")


def _difference(came_minor: int, expected_minor: int, currency: str) -> str:
    if came_minor == expected_minor:
        return "the amount expected"
    word = "under" if came_minor < expected_minor else "over"
    off = major(abs(came_minor - expected_minor), currency)
    return f"{word} by {off} {currency} ({major(expected_minor, currency)} expected)"


def _nothing_found(found: Sought, near: tuple[str, ...]) -> str:
    if near:
        return f"no complete number; near: {', '.join(near)}"
    if found.numbers:
        return f"no reservation has the number {found.numbers[0]}"
    return "no complete number or reference"
