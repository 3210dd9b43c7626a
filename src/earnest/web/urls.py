"""Addresses of storefront and portal."""

from django.urls import path

from earnest.web import health, language, withdrawing
from earnest.web.portal import (
    account,
    address,
    cancelling,
    choosing,
    doors,
    letters,
    papers,
    passing,
    paying,
    reserves,
    sharing,
    views,
)
from earnest.web.record import verify
from earnest.web.record import views as record
from earnest.web.storefront import views as storefront

_MY = "my/<str:number>/"

urlpatterns = [
    path("", storefront.offers, name="offers"),
    path("o/<slug:slug>/", storefront.offer, name="offer"),
    path("o/<slug:slug>/reserve/", storefront.reserve, name="reserve"),
    path("find/", doors.find, name="find"),
    path("link/<str:token>/", doors.link, name="link"),
    path("account/confirm/<str:token>/", account.confirm, name="account-confirm"),
    path("passing/<str:token>/", passing.take, name="take-over"),
    path("slip/<str:token>/", choosing.choose, name="slip-choice"),
    path("withdraw/", withdrawing.withdraw, name="withdraw"),
    path("withdraw/<str:token>/", withdrawing.receipt, name="withdrawn"),
    path("withdraw/<str:token>/receipt.txt", withdrawing.saved, name="withdrawn-file"),
    path(_MY, views.reservation, name="reservation"),
    path(f"{_MY}acts/", views.acts, name="acts"),
    path(f"{_MY}pay/", paying.pay, name="pay"),
    path(f"{_MY}paid/", paying.paid, name="paid"),
    path(f"{_MY}transfer/", paying.transfer, name="transfer"),
    path(f"{_MY}cancel/", cancelling.cancel, name="cancel"),
    path(f"{_MY}cancelled/", cancelling.cancelled, name="cancelled"),
    path(f"{_MY}take-back/", cancelling.take_back, name="take-back"),
    path(f"{_MY}account/", account.give, name="account"),
    path(f"{_MY}address/", address.give, name="address"),
    path(f"{_MY}pass-on/", passing.pass_on, name="pass-on"),
    path(f"{_MY}keep/", passing.keep, name="keep"),
    path(f"{_MY}slips/<int:slip>/", views.answer, name="answer"),
    path(f"{_MY}version/", views.version, name="version"),
    path(f"{_MY}share/", sharing.share, name="share"),
    path(f"{_MY}story/", sharing.story, name="story"),
    path(f"{_MY}statement/", papers.statement, name="statement"),
    path(f"{_MY}documents/<str:called>/", papers.document, name="document"),
    path(f"{_MY}letters/", letters.letters, name="letters"),
    path(f"{_MY}letters/<slug:code>/", letters.paper, name="letter"),
    path(f"{_MY}reserves/", reserves.page, name="reserves"),
    path(f"{_MY}reserves/proof/", reserves.proof, name="reserves-proof"),
    path("verify/", verify.page, name="verify"),
    path("record/", record.index, name="log"),
    path("record/checkpoint", record.checkpoint, name="checkpoint"),
    path("record/checkpoints/<int:no>", record.numbered, name="numbered-checkpoint"),
    path("record/anchors/<int:no>", record.anchor, name="anchor"),
    path("record/tile/<path:path>", record.tile, name="tile"),
    path("record/policy", record.trust, name="trust"),
    path("record/reserves", record.stated, name="stated"),
    path("record/reserves/<int:seal>", record.stated_at, name="stated-at"),
    path("record/leaves", record.leaves, name="leaves"),
    path("language/", language.choose, name="language"),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
]
