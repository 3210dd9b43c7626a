"""Money goes back: what is owed, to where, and asking for it to be sent.

Original instrument first; a card that no longer takes money opens the bank route. An account is paid at once if
it was confirmed long enough before the cancellation, or if it is the first one, confirmed through the address
of record, in the holder's own name and under the limit; any other is held, and both sides see until when.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from earnest.core import entries, rails
from earnest.core.commands.base import Chapter, Command, Decision, Ref, World
from earnest.core.deadline import steps
from earnest.core.instants import text
from earnest.core.money import exponent
from earnest.core.refund import (
    DISPUTE,
    HEIRS,
    INTO,
    ON_ACCOUNT,
    OWED,
    SETTLED,
    UNCLAIMED,
    WAITING,
    Refund,
)
from earnest.core.refusals import Missing, Refused
from earnest.core.reservation import Account, Payment, Reservation
from earnest.core.rights.deadlines import Contract, Limit, refund_limit
from earnest.core.rights.facts import MAKER, WITHDRAWAL

CARD, HAND = "card", "hand"


def owe(chapter: Chapter, payment: Payment, amount_minor: int, cause: int) -> None:
    """Open a refund of (a part of) one payment. The debt begins now, wherever it will be paid to."""
    world, state = chapter.world, chapter.state
    n = len(state.refunds) + 1
    source = state.source_of(payment)
    way = way_back(chapter, payment)
    route = CARD if way.name == rails.CARD else HAND
    account = None if route == CARD else usable_account(state)
    limit = legal_limit(chapter, cause)
    owed = chapter.say(
        "refund.owed",
        by="system",
        refund=n,
        amount_minor=amount_minor,
        currency=payment.currency,
        payment=payment.seq,
        cause=cause,
        route=route,
        source=source,
        due_at=text(world.now + world.policy.refund_promise),
        legal_due_at=text(limit.at),
        from_at=text(world.now + world.policy.refund_pause),
        account=account.n if account else None,
        entries=entries.owed(state.key, source, amount_minor, payment.currency),
        why=way.why if payment.rail == "card" and route == HAND else None,
        law=world.the_law().digest,
        law_rule=limit.rule or None,
    )
    next_step(chapter, n, owed.seq)


def legal_limit(chapter: Chapter, cause: int) -> Limit:
    """By when the law wants money back that is owed from now on, for what act `cause` says."""
    state, world = chapter.state, chapter.world
    given_up = any(each.act.seq == cause and each.act.type == "maker.gave_up" for each in chapter.drafts)
    contract = Contract(state.residence, state.placed_at.date(), state.consumer)
    return refund_limit(world.the_law(), contract, world.now, MAKER if given_up else WITHDRAWAL)


def way_back(chapter: Chapter, payment: Payment) -> rails.Route:
    """The way that is tried first, as things are now."""
    state, world = chapter.state, chapter.world
    return rails.first(payment, world.now, world.policy.card_refund_days, passed_on=state.passed_on(payment))


def reroute(chapter: Chapter, n: int) -> None:
    """A refund that was refused, came back or waited is owed again: by bank from now on."""
    set_off(chapter, n)
    state = chapter.state
    refund = the_refund(state, n)
    if refund.status == SETTLED:
        return
    if state.died:
        wait_for_heirs(chapter, n)
        return
    # An account that refused or sent back this very refund is not tried again.
    failed = refund.account if refund.route == HAND and refund.why != "hold" else None
    account = usable_account(state, after=failed or 0)
    if account is None:
        if refund.status != UNCLAIMED and (refund.why != "account" or refund.status != WAITING):
            held = chapter.say("refund.held", by="system", refund=n, why="account")
            chapter.duty("mail", f"account_needed/{n}/{refund.attempt}", template="account_needed", refund=n)
            start_clock(chapter, n, held.seq)
        return
    from_entries = None
    if refund.status == UNCLAIMED:
        from_entries = entries.owed(state.key, entries.UNCLAIMED, refund.amount_minor, refund.currency)
    _owe_again(chapter, refund, HAND, account.n, from_entries)


def owe_by_card_again(chapter: Chapter, n: int, *, not_before: datetime | None = None) -> None:
    """A refund did not leave, for a reason that is none of the card's: it is asked for anew.

    By bank where the payment has become too old for its rail meanwhile.
    """
    refund = the_refund(chapter.state, n)
    payment = chapter.state.payment(refund.payment)
    if payment and way_back(chapter, payment).name != rails.CARD:
        reroute(chapter, n)
    else:
        _owe_again(chapter, refund, CARD, None, None, not_before)


def owe_to_account_again(chapter: Chapter, n: int) -> None:
    """A transfer did not leave or came back, for a reason that is none of its account's: that one is tried again."""
    refund = the_refund(chapter.state, n)
    if any(each.n == refund.account and each.details for each in chapter.state.accounts):
        _owe_again(chapter, refund, HAND, refund.account, None)
    else:  # Erased, or an earlier holder's.
        reroute(chapter, n)


def resume(chapter: Chapter, payment: int) -> None:
    """A dispute is over: what was held for it is owed as it was."""
    for refund in chapter.state.refunds:
        if refund.payment != payment or (refund.status, refund.why) != (WAITING, DISPUTE):
            continue
        if refund.route == CARD:
            owe_by_card_again(chapter, refund.n)
        elif refund.account is None:
            _owe_again(chapter, refund, HAND, None, None)
        else:
            owe_to_account_again(chapter, refund.n)


def wait_for_heirs(chapter: Chapter, n: int) -> None:
    """Whom to pay is not known: it is held, and asked of nobody who has died."""
    refund = the_refund(chapter.state, n)
    if refund.status in ON_ACCOUNT and not refund.waits_for_heirs:
        chapter.say("refund.held", by="system", refund=n, why=HEIRS)


def go_on(chapter: Chapter, n: int, legal_due_at: datetime | None = None) -> None:
    """What waited, for heirs or for an account of a holder who has left, is owed to whoever holds it now.

    `legal_due_at`: the law's limit, where it moved while nobody knew whom to pay.
    """
    state = chapter.state
    refund = the_refund(state, n)
    payment = state.payment(refund.payment)
    failed = refund.account if refund.route == HAND and refund.waited not in ("", "hold") else None
    by_card = refund.route == CARD and not refund.waited and refund.status != UNCLAIMED
    if by_card and payment and way_back(chapter, payment).name == rails.CARD:
        _owe_again(chapter, refund, CARD, None, None, legal_due_at=legal_due_at)
        return
    account = usable_account(state, after=failed or 0)
    moved = None
    if refund.status == UNCLAIMED:
        moved = entries.owed(state.key, entries.UNCLAIMED, refund.amount_minor, refund.currency)
    _owe_again(chapter, refund, HAND, account.n if account else None, moved, legal_due_at=legal_due_at)


def _owe_again(
    chapter: Chapter,
    refund: Refund,
    route: str,
    account: int | None,
    from_entries: str | None,
    not_before: datetime | None = None,
    legal_due_at: datetime | None = None,
) -> None:
    owed = chapter.say(
        "refund.owed",
        by="system",
        refund=refund.n,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        payment=refund.payment,
        cause=refund.cause,
        route=route,
        source=refund.source,
        due_at=text(_clock_again(chapter, refund)),
        legal_due_at=text(legal_due_at or refund.legal_due_at),
        from_at=text(refund.from_at),
        account=account,
        entries=from_entries,
    )
    next_step(chapter, refund.n, owed.seq, not_before)


def usable_account(state: Reservation, after: int = 0) -> Account | None:
    """The newest account (numbered over `after`) that its holder confirmed and whose details are known."""
    known = [each for each in state.accounts if each.confirmed_at and each.details and each.n > after]
    return known[-1] if known else None


def is_trusted(chapter: Chapter, refund: Refund, account: Account) -> bool:
    """Whether an account may be paid without a hold."""
    policy, state = chapter.world.policy, chapter.state
    assert account.confirmed_at is not None
    if account.confirmed_at + policy.account_age < refund.owed_at:
        return True
    limit = policy.account_limit_major * 10 ** exponent(refund.currency)
    together = sum(
        each.amount_minor
        for each in state.refunds
        if each.currency == refund.currency and each.route == HAND and each.status in (OWED, WAITING)
    )
    first = (
        account.n == state.first_account and account.channel == "address-of-record" and account.name_matches
    )
    return first and together <= limit


def start_clock(chapter: Chapter, n: int, seq: int) -> None:
    """From the act `seq` on the refund's deadlines are watched; the next `refund.owed` begins anew."""
    refund = the_refund(chapter.state, n)
    first = steps(chapter.world.now, refund.due_at, refund.legal_due_at)[0]
    chapter.duty("refund_clock", f"{n}/{seq}", first.at, refund=n, seq=seq)


def next_step(chapter: Chapter, n: int, seq: int, not_before: datetime | None = None) -> None:
    """After `refund.owed`: set it off, hold it, send it, pay it by hand, or wait for an account."""
    set_off(chapter, n)
    state, world = chapter.state, chapter.world
    start_clock(chapter, n, seq)
    refund = the_refund(state, n)
    if refund.status == SETTLED:
        return
    if state.is_disputed(refund):
        chapter.say("refund.held", by="system", refund=n, why=DISPUTE)
        return
    if state.died:
        wait_for_heirs(chapter, n)
        return
    if refund.route == CARD:
        at = max(refund.from_at, not_before or world.now, world.now)
        chapter.duty("refund", f"{n}/{seq}", at, refund=n)
        return
    account = next((each for each in state.accounts if each.n == refund.account), None)
    if account is None:
        held = chapter.say("refund.held", by="system", refund=n, why="account")
        chapter.duty("mail", f"account_needed/{held.seq}", template="account_needed", refund=n, seq=held.seq)
    elif not is_trusted(chapter, refund, account) and not _was_held(refund, account, chapter):
        until = min(world.now + world.policy.account_hold, refund.legal_due_at)
        held = chapter.say("refund.held", by="system", refund=n, why="hold", until=text(until))
        chapter.duty("mail", f"refund_held/{held.seq}", template="refund_held", refund=n, seq=held.seq)
        chapter.duty("hold_over", f"{n}/{held.seq}", until, refund=n)
    else:
        chapter.duty("mail", f"operators/{n}/{seq}", template="pay_by_hand", refund=n, seq=seq)


def set_off(chapter: Chapter, n: int) -> None:
    """What the holder owes, because a payment was reversed after it had been paid back, is not paid out again."""
    for payment in chapter.state.payments:
        refund = the_refund(chapter.state, n)
        minor = min(refund.amount_minor, payment.receivable_minor)
        if refund.status in ON_ACCOUNT and minor > 0 and payment.currency == refund.currency:
            settle(chapter, n, minor, entries.RECEIVABLE, payment=payment.seq)


def covered(state: Reservation, payment: Payment, minor: int) -> list[tuple[int, int]]:
    """(refund, minor units): which of what is owed back of a payment so much pays, the oldest first.

    What a provider has been asked for and may still pay is not among it.
    """
    found = []
    for refund in state.refunds:
        waits = refund.status in ON_ACCOUNT and refund.why != "action" and not refund.head
        if refund.payment == payment.seq and waits and minor:
            part = min(minor, refund.amount_minor)
            found.append((refund.n, part))
            minor -= part
    return found


def settle(chapter: Chapter, n: int, amount_minor: int, against: str, **more: Any) -> None:
    """So much of a refund need not be paid any more; `more` says what it is settled by."""
    refund = the_refund(chapter.state, n)
    moves = against != INTO
    chapter.say(
        "refund.settled",
        by="system",
        refund=n,
        amount_minor=amount_minor,
        currency=refund.currency,
        against=against,
        entries=entries.settled(chapter.state.key, against, amount_minor, refund.currency) if moves else None,
        **more,
    )


def _clock_again(chapter: Chapter, refund: Refund) -> datetime:
    """Our promise as it was, or anew where it ran out while the money could not leave (it came back, or waited)."""
    now = chapter.world.now
    return refund.due_at if refund.due_at > now else now + chapter.world.policy.refund_promise


def _was_held(refund: Refund, account: Account, chapter: Chapter) -> bool:
    """Whether this very account has already sat out its hold."""
    assert account.confirmed_at is not None
    policy = chapter.world.policy
    begun = max(account.confirmed_at, refund.owed_at)
    return chapter.world.now >= min(begun + policy.account_hold, refund.legal_due_at)


def the_refund(state: Reservation, n: int) -> Refund:
    """A refund by its number. Raises Missing."""
    refund = state.refund(n)
    if refund is None:
        raise Missing("no-refund", "There is no refund %(n)d on this reservation.", n=n)
    return refund


def may_be_sent(state: Reservation, refund: Refund) -> None:
    """Raises Refused for a refund that is not owed, or whose payment a network holds."""
    if state.died:
        raise Refused("heirs-unknown", "The holder has died: nothing is paid before their heirs are known.")
    if refund.status != OWED:
        raise Refused(
            "refund-not-owed",
            "This refund is %(status)s, so it cannot be sent now.",
            status=refund.status,
        )
    if state.is_disputed(refund):
        raise Refused(
            "refund-disputed",
            "The customer's bank disputes this payment: a refund now would pay it twice.",
        )


@dataclass(frozen=True, kw_only=True)
class RequestRefund(Command):
    """A refund is about to be asked of a provider, or an operator is about to pay it by hand.

    By the worker not before `from_at`; an operator may at any time. Its act comes before the call, so a crash
    in between is found as a refund that was asked for and not answered.
    """

    number: str
    refund: int

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """From owed to requested, once."""
        state = world.the_reservation()
        refund = the_refund(state, self.refund)
        may_be_sent(state, refund)
        if self.by == "system" and (refund.from_at > world.now or refund.route != CARD):
            raise Refused("refund-too-early", "This refund is not to be sent yet.")
        chapter = Chapter(self, world)
        chapter.say(
            "refund.requested",
            refund=refund.n,
            attempt=refund.attempt + 1,
            route=refund.route,
            entries=entries.requested(state.key, refund.amount_minor, refund.currency),
        )
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class EndHold(Command):
    """The hold on a new account is over, or an account has come: the refund is owed again."""

    number: str
    refund: int

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Only a hold that has run out ends."""
        refund = the_refund(world.the_reservation(), self.refund)
        if refund.status != WAITING or refund.why != "hold":
            return Decision()
        if refund.until is not None and refund.until > world.now:
            raise Refused(
                "hold-runs", "The hold on this account runs until %(until)s.", until=text(refund.until)
            )
        chapter = Chapter(self, world)
        reroute(chapter, self.refund)
        return chapter.decision()
