"""A holder has died, or follows somebody else by law: nothing is paid before it is proved to whom.

Told by a bank (ISO 20022, MD07: EndCustomerDeceased) or by the maker for a relative, a death stops all that pays and
all that asks. One operator names who follows, and what they saw of it; another confirms. The successor holds the
contract as it is, with keys and links of their own (`pass_on`); nothing goes to the earlier holder's card or account.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from earnest.core.accounts import name_words
from earnest.core.acts import Act
from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.commands.refund import go_on, wait_for_heirs
from earnest.core.people import check_contact, check_person
from earnest.core.refund import ASKED_FOR, HEIRS, OWED, UNCLAIMED, WAITING, Refund
from earnest.core.refusals import Invalid, Missing, Refused
from earnest.core.reservation import BankDetails, Identity, Reservation

#: ISO 20022, ExternalReturnReason1Code and ExternalStatusReason1Code: EndCustomerDeceased.
DECEASED: Final = "MD07"
#: Who said that somebody has died.
TELLERS: Final = ("relative", "notary", "authority", "bank", "other")
#: By what right somebody follows without an offer: they inherit, a court says so, or a company merged or divided.
INHERITANCE, JUDGMENT, COMPANY = "inheritance", "judgment", "company"
RIGHTS: Final = (INHERITANCE, JUDGMENT, COMPANY)
#: What was seen of it: the European Certificate of Succession (Regulation (EU) 650/2012, art. 62), a notary's deed
#: (in France acte de notoriété, Code civil, art. 730-1), a court's decision or certificate, a register of companies.
PROOFS: Final = ("european-certificate", "notary-deed", "court", "company-register", "other")
#: How often the maker's people are reminded of a debt that waits for heirs.
REMIND_EVERY: Final = timedelta(days=30)
WORDS_MOST: Final = 2000


@dataclass(frozen=True, kw_only=True)
class _OfReservation(Command):
    """A command on one reservation."""

    number: str

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)


@dataclass(frozen=True, kw_only=True)
class RecordDeath(_OfReservation):
    """An operator writes down that the holder has died: `told_by` whom (TELLERS), and in words how they know."""

    told_by: str
    why: str

    def decide(self, world: World) -> Decision:
        """Once; nothing is paid or asked from then on."""
        if self.told_by not in TELLERS:
            raise Invalid("told-by", "Who said so is one of %(tellers)s.", tellers=", ".join(TELLERS))
        why = _words(self.why)
        if world.the_reservation().died:
            return NOTHING
        chapter = Chapter(self, world)
        record_death(chapter, self.told_by, why=_keepable(chapter, why))
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class CorrectDeath(_OfReservation):
    """The report was wrong: the holder lives."""

    why: str

    def decide(self, world: World) -> Decision:
        """What was held goes on as it was; the law's limit did not wait, since the delay was not theirs."""
        why = _words(self.why)
        died = world.the_reservation().died
        if died is None:
            return NOTHING
        chapter = Chapter(self, world)
        corrected = chapter.say("reservation.death_corrected", said=died.seq, why=_keepable(chapter, why))
        chapter.mail("death_corrected", corrected)
        for refund in chapter.state.refunds:
            if refund.waits_for_heirs:
                go_on(chapter, refund.n)
        _keep_places(chapter, corrected)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class NameSuccessor(_OfReservation):
    """Who follows, `right` by what right (RIGHTS), `proof` what kind (PROOFS) and `seen` what it says, in words.

    Of several heirs it is the one who may act for all of them; that is a part of the proof.
    """

    right: str
    proof: str
    seen: str
    name: str
    email: str
    residence: str
    language: str
    consumer: bool = True
    vat_number: str = ""

    def decide(self, world: World) -> Decision:
        """Written down for another operator to confirm; nothing moves before. Raises Refused, Invalid."""
        state = world.the_reservation()
        if self.right not in RIGHTS:
            raise Invalid("right", "A right is one of %(rights)s.", rights=", ".join(RIGHTS))
        if self.proof not in PROOFS:
            raise Invalid("proof", "A proof is one of %(proofs)s.", proofs=", ".join(PROOFS))
        seen = _words(self.seen)
        check_person(self.name, self.residence, self.vat_number, self.consumer)
        check_contact(self.email.strip(), self.language)
        _check_may_follow(state)
        if self.right == INHERITANCE and state.died is None:
            raise Refused(
                "holder-lives", "Nobody inherits from the living: record first that the holder died."
            )
        chapter = Chapter(self, world)
        named = chapter.say(
            "reservation.successor_named",
            right=self.right,
            proof=self.proof,
            residence=self.residence,
            consumer=self.consumer,
            name=self.name.strip(),
            vat_number=self.vat_number.strip() or None,
            email=self.email.strip(),
            language=self.language,
            seen=seen,
        )
        chapter.mail("confirm_successor", named)
        if state.died is None:
            chapter.mail("successor_named", named)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class ConfirmSuccessor(_OfReservation):
    """Another operator has seen the same papers. `named`: the act of the naming that they looked at."""

    named: int

    def wanted_acts(self) -> tuple[int, ...]:
        """The naming."""
        return (self.named,)

    def decide(self, world: World) -> Decision:
        """From this act on it is the successor's; they are written to, and what is owed is owed to them."""
        state = world.the_reservation()
        successor, died = state.successor, state.died
        if successor is None or successor.seq != self.named:
            raise Missing("no-successor", "Nobody is named to follow, or somebody else by now: look again.")
        if not self.person or successor.person == self.person:
            raise Refused("second-person", "Another operator must confirm who follows.")
        _check_may_follow(state)
        named = next(act for act in world.acts if act.seq == self.named)
        chapter = Chapter(self, world)
        changed = chapter.say(
            "reservation.holder_changed",
            named=self.named,
            right=successor.right,
            holder=state.holder + 1,
            residence=named.text("residence"),
            consumer=bool(named.fields["consumer"]),
            means=False,
            name=named.fields["name"],
            vat_number=named.get("vat_number"),
            email=named.fields["email"],
            language=named.fields["language"],
        )
        chapter.mail("succeeded_to_you", changed)
        if died is None:
            chapter.mail("holder_replaced", changed)
        for refund in state.refunds:
            _owe_to_successor(chapter, refund, died.at if died else None)
        _keep_places(chapter, changed)
        return chapter.decision()


def record_death(
    chapter: Chapter, told_by: str, *, refund: int | None = None, why: str | None = None
) -> None:
    """The act, and all that stops with it: what is owed waits, and the maker's people are to find the heirs."""
    died = chapter.say("reservation.holder_died", told_by=told_by, refund=refund, why=why)
    for each in chapter.state.refunds:
        if each.status == OWED or (each.status == WAITING and each.why in ("account", "hold")):
            wait_for_heirs(chapter, each.n)
    chapter.mail("holder_died", died)
    chapter.mail("find_heirs", died)
    chapter.duty("await_heirs", str(died.seq), chapter.world.now + REMIND_EVERY, seq=died.seq)


def says_holder_died(state: Reservation, refund: Refund, why: str) -> bool:
    """Whether a bank's reason says that of the holder: not where the account is an earlier holder's or another's.

    Of a name that is no longer known, and of an account of several people with the holder among them, it does.
    """
    if why != DECEASED or state.died or refund.account is None or refund.account < state.first_account:
        return False
    details = next((each.details for each in state.accounts if each.n == refund.account), None)
    if not isinstance(details, BankDetails) or not isinstance(state.identity, Identity):
        return True
    return set(name_words(state.identity.name)) <= set(name_words(details.holder))


def _owe_to_successor(chapter: Chapter, refund: Refund, died_at: datetime | None) -> None:
    """A refund that has not left. What is held for a dispute goes on when that is over."""
    if refund.status == OWED:
        # Without a death nothing had stopped it; its way was the earlier holder's.
        held = chapter.say("refund.held", by="system", refund=refund.n, why="account")
        chapter.duty(
            "mail", f"account_needed/{held.seq}", template="account_needed", refund=refund.n, seq=held.seq
        )
        return
    if refund.status == UNCLAIMED or (refund.status == WAITING and refund.why in ("account", "hold", HEIRS)):
        go_on(chapter, refund.n, _limit_after_waiting(chapter.world.now, refund, died_at))


def _limit_after_waiting(now: datetime, refund: Refund, died_at: datetime | None) -> datetime | None:
    """The law's limit, later by as long as nobody knew whom to pay; None where it stays as it was."""
    if died_at is None or refund.legal_due_at <= died_at:
        return None
    return refund.legal_due_at + (now - max(died_at, refund.owed_at))


def _check_may_follow(state: Reservation) -> None:
    """Raises Refused while money is on its way, while the data is restricted, or once it was erased."""
    if any(
        each.status in ASKED_FOR or (each.status, each.why) == (WAITING, "action") for each in state.refunds
    ):
        raise Refused(
            "money-on-its-way",
            "A refund is on its way to the earlier holder: what comes of it must be known first.",
        )
    if state.restricted:
        raise Refused(
            "restricted-passing", "The data of this reservation is disputed; it cannot be passed on now."
        )
    if {"identity", "contact", "text"} & set(state.erased):
        raise Refused(
            "erased", "The holder's data was erased for good, so nobody can be written down beside it."
        )


def _keep_places(chapter: Chapter, act: Act) -> None:
    """What was cancelled and waited is kept for a day more, so that whoever holds it now can take it back."""
    until = chapter.world.now + chapter.world.policy.place_kept
    for ending in chapter.state.endings:
        if ending.kind == "cancel" and ending.status == "open":
            chapter.duty("release", f"{ending.seq}/{act.seq}", until, cause=ending.seq)


def _keepable(chapter: Chapter, words: str) -> str | None:
    """None where free words of this holder were erased for good: then none can be kept any more."""
    return None if "text" in chapter.state.erased else words


def _words(written: str) -> str:
    """Words that must be there. Raises Invalid."""
    words = written.strip()[:WORDS_MOST]
    if not words:
        raise Invalid("why", "Say why, in a few words.")
    return words
