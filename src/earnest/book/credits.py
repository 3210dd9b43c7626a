"""Credits on our accounts at banks that nobody has settled, and what became of those that somebody did."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from earnest.book import chapters, keys, mode, models, reads, rows, sql
from earnest.core.acts import Act
from earnest.core.commands.base import Ref
from earnest.core.commands.settle_credit import BACK, CREDIT
from earnest.core.instants import instant
from earnest.core.refusals import Missing

PAGE: Final = 50
UNMATCHED: Final = "credit.unmatched"
_ENDS: Final = (
    "credit.assigned",
    "credit.explained",
    "credit.return_requested",
    "credit.returned",
    UNMATCHED,
)
_OPEN: Final = (
    "FROM act a JOIN subject s ON s.key = a.subject_id WHERE a.type = %s AND a.id > %s AND NOT EXISTS "
    "(SELECT 1 FROM claim c WHERE c.rail = %s AND c.reference = s.number || '/' || CAST(a.seq AS TEXT))"
)


@dataclass(frozen=True)
class Credit:
    """A credit that named nobody, or several. Minor units; texts are empty where they were erased or not given.

    `seq` is its act on the subject `bank/ACCOUNT`, `since` when it was imported. `words` are what its payer wrote.
    """

    account: str
    seq: int
    amount_minor: int
    currency: str
    happened_at: datetime
    since: datetime
    reference: str
    name: str
    iban: str
    words: tuple[str, ...]
    returned: str

    @property
    def id(self) -> str:
        """How people call it."""
        return f"{self.account}/{self.seq}"


@dataclass(frozen=True)
class Credits:
    """A page, the oldest first; `more` is where the next begins, 0 where there is none."""

    rows: tuple[Credit, ...]
    more: int


@dataclass(frozen=True)
class Returning:
    """A credit that one operator prepared to send back and another has not confirmed yet."""

    credit: Credit
    request: int
    by: str
    why: str
    at: datetime


@dataclass(frozen=True)
class Settled:
    """A credit, and the acts that are about it, in their order."""

    credit: Credit
    acts: tuple[Act, ...]

    @property
    def is_open(self) -> bool:
        """Nobody has settled it."""
        return not self.acts

    @property
    def request(self) -> int | None:
        """The act by which it is to be sent back, while nobody has confirmed or dropped that."""
        last = self.acts[-1] if self.acts else None
        return last.seq if last and last.type == "credit.return_requested" else None


def unmatched(after: int = 0, size: int = PAGE) -> Credits:
    """Those that nobody has settled."""
    found = sql.rows(
        f"SELECT a.id, s.number, a.subject_id, a.seq {_OPEN} ORDER BY a.id LIMIT {size + 1:d}",
        *(UNMATCHED, after, CREDIT),
    )
    shown = found[:size]
    acts = _acts([(number, bytes(key), seq) for _, number, key, seq in shown])
    credits = tuple(credit(number, acts[number, seq]) for _, number, _, seq in shown)
    return Credits(credits, shown[-1][0] if len(found) > size else 0)


def count() -> int:
    """How many nobody has settled."""
    row = sql.one(f"SELECT COUNT(*) {_OPEN}", UNMATCHED, 0, CREDIT)
    return int(row[0]) if row else 0


def returning() -> list[Returning]:
    """Those that are to be sent back, the oldest first."""
    found = sql.rows(
        f"SELECT s.number, a.subject_id, a.seq {_OPEN} ORDER BY a.id",
        *("credit.return_requested", 0, BACK),
    )
    requests = _acts([(number, bytes(key), seq) for number, key, seq in found])
    credits = _acts([(n, bytes(key), requests[n, seq].int("credit")) for n, key, seq in found])
    return [
        Returning(
            credit(number, credits[number, asked.int("credit")]),
            asked.seq,
            _text(asked, "person").removeprefix("operator:"),
            _text(asked, "why"),
            asked.at,
        )
        for number, _, seq in found
        for asked in [requests[number, seq]]
    ]


def one(account: str, seq: int) -> Settled:
    """A credit and what became of it. Raises Missing."""
    key = chapters.key_of(mode.origin(), Ref("bank", account))
    known = _acts([(account, key, seq)]).get((account, seq))
    if known is None or known.type != UNMATCHED:
        raise Missing("no-credit", "There is no such credit.")
    if not reads.claims((CREDIT,), [f"{account}/{seq}"]):
        return Settled(credit(account, known), ())
    later = models.Act.objects.filter(subject=key, seq__gt=seq, type__in=_ENDS).order_by("seq")
    acts = _acts([(account, key, each) for each in later.values_list("seq", flat=True)])
    about = (act for act in acts.values() if seq in (act.get("credit"), act.get("again")))
    return Settled(credit(account, known), tuple(sorted(about, key=lambda act: act.seq)))


def credit(account: str, act: Act) -> Credit:
    """The credit that an act `credit.unmatched` tells of."""
    words = act.get("words")
    return Credit(
        account,
        act.seq,
        act.int("amount_minor"),
        act.text("currency"),
        instant(act.text("happened_at")),
        act.at,
        act.text("reference"),
        _text(act, "name"),
        _text(act, "iban"),
        tuple(str(each) for each in words) if isinstance(words, list) else (),
        _text(act, "returned"),
    )


def _acts(wanted: list[tuple[str, bytes, int]]) -> dict[tuple[str, int], Act]:
    """Acts by account and sequence number; `wanted` are (account, subject key, sequence number)."""
    secrets = rows.load_keys({key for _, key, _ in wanted}, keys.current().unwrap)
    found: dict[tuple[str, int], Act] = {}
    for account, key in {(account, key) for account, key, _ in wanted}:
        seqs = [seq for _, of, seq in wanted if of == key]
        for start in range(0, len(seqs), 500):
            if key in secrets:
                read = reads.acts_at(key, secrets[key], seqs[start : start + 500])
                found |= {(account, seq): act for seq, act in read.items()}
    return found


def _text(act: Act, name: str) -> str:
    value = act.get(name)
    return value if isinstance(value, str) else ""
