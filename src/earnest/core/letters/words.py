"""The English of letters: a title for each kind, a sentence for each paragraph. Faces and mails translate them."""

from typing import Final

from earnest.core.letters import kinds


def _(sentence: str) -> str:
    """Marks what the catalogues translate."""
    return sentence


TITLES: Final = {
    kinds.FORMAL_NOTICE: _("Formal notice to deliver"),
    kinds.RESOLUTION: _("Resolution of the contract for late delivery"),
    kinds.WITHDRAWAL: _("Withdrawal from the contract"),
    kinds.REFUSAL: _("Refusal of a delay"),
    kinds.CONSENT: _("Consent to a delay"),
    kinds.WAITING: _("Answer to a delay: no consent"),
    kinds.REFUND_DEMAND: _("Demand for a refund"),
    kinds.DELAY_NOTICE: _("Notice of a delay"),
    kinds.RENEWED_NOTICE: _("Renewed notice of a delay"),
    kinds.CONSENT_REQUEST: _("Request for your consent to a delay"),
    kinds.CONFIRMATION: _("Confirmation of the end of your reservation"),
}

PARAGRAPHS: Final = {
    # what a holder writes
    "i-reserved": _(
        "On %(day)s I reserved “%(title)s” with you under the number %(number)s. I have paid %(paid)s for it."
    ),
    "i-reserved-unpaid": _("On %(day)s I reserved “%(title)s” with you under the number %(number)s."),
    "day-missed": _(
        "You promised it for %(day)s at the latest. That day has passed, and nothing was delivered."
    ),
    "i-set-time": _(
        "I give you formal notice to deliver within an extra time that is reasonable, and that ends on %(until)s."
    ),
    "then-resolution": _(
        "If that time passes without delivery too, I can end the contract from %(from)s, and you have to pay back what I paid: %(paid)s."
    ),
    "i-keep-back": _("Until you deliver I keep back what is still to be paid."),
    "notice-passed": _(
        "By my formal notice, which you received on %(day)s, I set you an extra time until %(until)s. It has passed without delivery."
    ),
    "i-resolve": _("I therefore end the contract."),
    "pay-back-by": _(
        "Please pay back what is owed to me, as of today %(total)s, by %(day)s at the latest. The table below says how it comes about."
    ),
    "pay-back": _(
        "Please pay back what is owed to me, as of today %(total)s. The table below says how it comes about."
    ),
    "grows": _("With the next day of delay this grows by %(sum)s."),
    "rate-missing": _(
        "From %(day)s on a rate of interest has not been published or entered yet; what is due from then on is added."
    ),
    "i-withdraw": _("I withdraw from this contract. I need not give a reason, and give none."),
    "you-told-me": _("On %(day)s you told me that you will not deliver by %(was)s, but by %(now)s."),
    "you-told-me-none": _(
        "On %(day)s you told me that you will not deliver by %(was)s, and that you have no new date."
    ),
    "i-refuse": _("I do not agree to this delay, and cancel the order."),
    "i-refuse-terms": _("I do not agree to this delay, and end the reservation, as your terms let me."),
    "i-agree": _("I agree to the new date, %(day)s. I keep every right for the case that it is missed too."),
    "i-wait": _(
        "I do not agree to this delay. I do not end the contract now either, and keep every right that the promised date gives me."
    ),
    "refund-late": _("By law the money was to be back by %(day)s. Today it is %(days)s days late."),
    "i-demand": _("I demand that you pay %(total)s without delay. The table below says how it comes about."),
    "ended-withdrawal": _("On %(day)s it was cancelled, and you knew of it."),
    "ended-resolution": _("On %(day)s I ended the contract because the promised day was missed."),
    "ended-maker": _("On %(day)s you gave it up."),
    "ended-unasked": _("On %(day)s it ended, because I had not agreed to a delay."),
    # what a maker writes
    "you-reserved": _("On %(day)s you reserved “%(title)s” with us under the number %(number)s."),
    "again": _("We have to tell you of a further delay; the date that you agreed to will not hold."),
    "moves-to": _("We promised it for %(was)s at the latest. The new date is %(now)s at the latest."),
    "moves-to-none": _(
        "We promised it for %(was)s at the latest. That will not hold, and we have no new date."
    ),
    "reason": _("The reason: %(reason)s"),
    "full-refund": _("You can cancel, and receive a full and prompt refund of what you paid: %(paid)s."),
    "answer-free": _(
        "Answering costs you nothing: use the links of our mail, your page of the reservation, or reply to this letter by mail."
    ),
    "silence-agrees": _("If you say nothing, you agree to a delay of at most thirty days."),
    "until-shipment": _("You can cancel at any time before it is shipped, whatever you answer."),
    "ends-unless": _("The order ends, and everything is paid back, unless you agree to the delay."),
    "silence-consent": _(
        "If you say nothing until %(until)s, the law takes that as consent to the new date."
    ),
    "silence-ends": _(
        "If you say nothing until %(until)s, the order ends, and all that you paid is paid back to you unasked."
    ),
    "silence-nothing": _(
        "Saying nothing changes nothing: without your consent the old date binds us, and you keep every right."
    ),
    "may-accept": _("You may agree to the new date."),
    "may-wait": _("You may wait without agreeing to anything."),
    "may-cancel": _("You may cancel, and all that you paid comes back."),
    "do-you-agree": _(
        "Do you agree to delivery by %(day)s at the latest? We ask you for an express yes or no."
    ),
    "we-confirm-withdrawal": _("We confirm that you cancelled it; we knew of it on %(day)s."),
    "we-confirm-resolution": _(
        "We confirm that you ended the contract on %(day)s, because we missed the promised day."
    ),
    "we-confirm-maker": _("We confirm that we gave it up on %(day)s."),
    "we-confirm-unasked": _("We confirm that it ended on %(day)s, because you had not agreed to a delay."),
    "went-back": _("On %(day)s %(sum)s left us for you."),
    "we-owe-by": _("We still owe you %(total)s; the law gives us until %(day)s."),
    "we-owe": _("We still owe you %(total)s."),
    "all-is-back": _("With that, all that you paid has gone back."),
    "nothing-was-paid": _("Nothing had been paid, so nothing is owed."),
}

HEADS: Final = {
    "principal": _("What was paid"),
    "interest": _("Interest by law"),
    "surcharge": _("Surcharge for a late refund"),
    "double": _("As much again, because it is arrhes"),
}

MARKS: Final = {
    "V": _("read word for word in the text"),
    "P": _("read in part in the text"),
    "Q": _("read in others' words"),
    "R": _("recalled, not confirmed"),
}

NOT_ADVICE: Final = _(
    "Made by Earnest from the record of the reservation and from rules of law that are read as the notes say. It is not legal advice."
)
