"""Addresses of the console, under `/console/`."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from earnest.web.console import (
    access,
    api_keys,
    corrections,
    credits,
    disputes,
    endings,
    exposures,
    giveups,
    heirs,
    letters,
    offers,
    outbox,
    papers,
    record,
    refunds,
    reservations,
    reserves,
    slips,
    stories,
    today,
    transfers,
    withdrawals,
)


class _StepName(StringConverter):
    """One of the things that can be done to a reservation."""

    regex = "|".join(endings.STEPS)


class _HeirStep(StringConverter):
    """One of the things that can be done where a holder has died, or somebody follows by law."""

    regex = "|".join(heirs.STEPS)


register_converter(_StepName, "console_step")
register_converter(_HeirStep, "console_heir_step")

app_name = "console"
_ONE = "reservations/<str:number>/"
_CREDIT = "credits/<str:account>/<int:seq>/"
_REFUND = f"{_ONE}refunds/<int:n>/"
_ORDER = "refunds/transfers/<slug:number>/"

urlpatterns = [
    path("", today.today, name="today"),
    path("login/", access.log_in, name="login"),
    path("logout/", access.log_out, name="logout"),
    path("password/", access.password, name="password"),
    path("offers/", offers.listed, name="offers"),
    path("offers/new/", offers.opened, name="offer-new"),
    path("offers/<slug:slug>/", offers.one, name="offer"),
    path("offers/<slug:slug>/edit/", offers.revised, name="offer-edit"),
    path("offers/<slug:slug>/status/", offers.status, name="offer-status"),
    path("offers/<slug:slug>/close/", offers.close, name="offer-close"),
    path("offers/<slug:slug>/exposure/anew/", exposures.anew, name="exposure-anew"),
    path("offers/<slug:slug>/exposure/", exposures.exposure, name="exposure"),
    path("offers/<slug:slug>/slip/", slips.slip, name="slip"),
    path("offers/<slug:slug>/slips/<int:seq>/", slips.telling, name="slip-told"),
    path("offers/<slug:slug>/give-up/", giveups.propose, name="giveup-new"),
    path("offers/<slug:slug>/give-ups/<int:seq>/", giveups.one, name="giveup"),
    path("offers/<slug:slug>/give-ups/<int:seq>/confirm/", giveups.confirmed, name="giveup-confirm"),
    path("offers/<slug:slug>/give-ups/<int:seq>/withdraw/", giveups.withdrawn, name="giveup-withdraw"),
    path("reservations/", reservations.listed, name="reservations"),
    path(_ONE, reservations.one, name="reservation"),
    path(f"{_ONE}looks/", reservations.looked, name="looks"),
    path(f"{_ONE}payments/", reservations.received, name="payment"),
    path(f"{_ONE}payments/<int:seq>/correct/", corrections.propose, name="correction"),
    path(
        f"{_ONE}payments/<int:seq>/corrections/<int:proposal>/confirm/",
        corrections.confirmed,
        name="correction-confirm",
    ),
    path(
        f"{_ONE}payments/<int:seq>/corrections/<int:proposal>/withdraw/",
        corrections.withdrawn,
        name="correction-withdraw",
    ),
    path(f"{_ONE}share/", stories.share, name="share"),
    path(f"{_ONE}story/", stories.story, name="story"),
    path(f"{_ONE}statement/", papers.statement, name="statement"),
    path(f"{_ONE}documents/<str:called>/", papers.document, name="document"),
    path(f"{_ONE}letters/", letters.letters, name="letters"),
    path(f"{_ONE}letters/<slug:code>/", letters.paper, name="letter"),
    path(f"{_ONE}<console_step:name>/", endings.step, name="step"),
    path("heirs/", heirs.listed, name="heirs"),
    path(f"{_ONE}<console_heir_step:name>/", heirs.step, name="heir-step"),
    path(_REFUND, refunds.one, name="refund"),
    path(f"{_REFUND}now/", refunds.now, name="refund-now"),
    path(f"{_REFUND}prepare/", refunds.requested, name="refund-prepare"),
    path(f"{_REFUND}unclaimed/", refunds.unclaimed, name="refund-unclaimed"),
    path(f"{_REFUND}sent/", refunds.sent, name="refund-sent"),
    path(f"{_REFUND}failed/", refunds.failed, name="refund-failed"),
    path(f"{_REFUND}arrived/", refunds.arrived, name="refund-arrived"),
    path("receipts/<slug:kind>/<str:number>/<int:seq>/", reservations.receipt, name="receipt"),
    path("refunds/", refunds.due, name="refunds"),
    path("refunds/transfers/", transfers.listed, name="transfers"),
    path("refunds/transfers/new/", transfers.new, name="order-new"),
    path("refunds/transfers/answers/", transfers.answered, name="bank-answer"),
    path(_ORDER, transfers.one, name="order"),
    path(f"{_ORDER}release/", transfers.released, name="order-release"),
    path(f"{_ORDER}withdraw/", transfers.withdrawn, name="order-withdraw"),
    path(f"{_ORDER}file/", transfers.file, name="order-file"),
    path("disputes/", disputes.listed, name="disputes"),
    path(f"{_ONE}disputes/<int:n>/submit/", disputes.submitted, name="dispute-submit"),
    path(f"{_ONE}disputes/<int:n>/story.pdf", disputes.document, name="dispute-document"),
    path("credits/", credits.listed, name="credits"),
    path(_CREDIT, credits.one, name="credit"),
    path(f"{_CREDIT}assign/", credits.assigned, name="credit-assign"),
    path(f"{_CREDIT}explain/", credits.explained, name="credit-explain"),
    path(f"{_CREDIT}back/", credits.returned, name="credit-back"),
    path(f"{_CREDIT}sent/", credits.confirmed, name="credit-sent"),
    path(f"{_CREDIT}drop/", credits.dropped, name="credit-drop"),
    path("withdrawals/", withdrawals.listed, name="withdrawals"),
    path("withdrawals/<str:number>/erase/", withdrawals.erased, name="withdrawal-erase"),
    path("withdrawals/<str:number>/seen-to/", withdrawals.seen_to, name="withdrawal-seen-to"),
    path("outbox/", outbox.listed, name="outbox"),
    path("outbox/<int:pk>/", outbox.one, name="mail"),
    path("outbox/<int:pk>/html/", outbox.html, name="mail-html"),
    path("keys/", api_keys.listed, name="keys"),
    path("keys/<slug:prefix>/revoke/", api_keys.revoked, name="key-revoke"),
    path("record/", record.record, name="record"),
    path("record/reserves/", reserves.page, name="reserves"),
]
