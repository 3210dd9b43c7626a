"""Load the demonstration: from November 2017 to 31 March 2026 on a clock of its own, the same bytes each time."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.utils import translation

from earnest.book import beginning, clock, ids, keys, mode, policy, reserves
from earnest.config import DEMO_ACCOUNTS, DEMO_BANK, DEMO_ORIGIN, DEMO_STRIPE
from earnest.core.commands.open_offer import OpenOffer
from earnest.core.commands.pause_offer import SetOfferStatus
from earnest.demo import crowd, founding, offers
from earnest.demo.offers import at
from earnest.demo.people import Dice
from earnest.demo.stage import ANA, Stage
from earnest.stripe_double.double import StripeDouble
from earnest.stripe_double.server import serve

#: Published: whoever knows it can make every key of the demonstration, so its signatures prove nothing.
SEED = "corvane-works-demonstration-1"
MAKER = "Corvane Works"
BEGINS, ENDS = at(2017, 11, 15), at(2026, 3, 31, 12)
OPERATORS = ("ana", "ben")
PASSWORD = "reserve-and-wait"  # noqa: S105 - published, for a book of made-up people

Progress = Callable[[int, int], None]


def loaded() -> bool:
    """Whether the demonstration is there, whole."""
    return mode.exists() and "founding" in mode.data()


def facts() -> dict[str, str]:
    """What to look at: the numbers of the stories that are told."""
    data = mode.data()
    return {name: data[name] for name in ("founding", "twin")}


def load(progress: Progress) -> None:
    """Play the whole demonstration into an empty book."""
    manual = clock.ManualClock(BEGINS)
    keys.use(keys.from_seed(DEMO_ORIGIN, SEED))
    keys.keep(keys.from_seed(DEMO_ORIGIN, SEED), settings.EARNEST.data / "keys")
    double = stripe_double(settings.EARNEST.data / "stripe.sqlite3", lambda: int(manual.now().timestamp()))
    numbers: dict[str, str] = {}
    quiet = logging.getLogger("earnest")
    before, quiet.level = quiet.level, logging.ERROR
    _durable(False)
    try:
        with clock.using(manual), ids.using(ids.SeededIds(SEED)), _same_everywhere(), _served(double):
            beginning.begin(DEMO_ORIGIN, "demo", MAKER)
            stage = Stage(manual, double)
            _plan(stage, numbers)
            stage.play(ENDS, progress)
            reserves.state({"by": "maker", "via": "console", "person": ANA})
            stage.seal(always=True)
    finally:
        quiet.level = before
        _durable(True)
        double.store.close()
    _operators()
    mode.remember(numbers)
    mode.set_clock_offset(int((ENDS - datetime.now(UTC)).total_seconds()))
    clock.use(None)


def stripe_double(file: Path, now: Callable[[], int]) -> StripeDouble:
    """The demonstration's double, with what it remembers."""
    secret_key, webhook_secret = DEMO_STRIPE
    return StripeDouble(str(file), secret_key=secret_key, webhook_secret=webhook_secret, seed=SEED, now=now)


def _plan(stage: Stage, numbers: dict[str, str]) -> None:
    for planned in offers.ALL:
        opening = OpenOffer(by="maker", via="console", person=ANA, slug=planned.slug, terms=planned.terms)
        stage.at(planned.opened_at, partial(stage.customer, opening))
        if planned.status_at_end != "open":
            ending = SetOfferStatus(
                by="maker", via="console", person=ANA, slug=planned.slug, status=planned.status_at_end
            )
            stage.at(at(2026, 3, 30, 8), partial(stage.customer, ending))
    founding.slips(stage)
    founding.plan(stage, offers.FOUNDING.slug, founding.HOLDER, numbers, "founding")
    founding.plan(stage, offers.TWIN.slug, founding.TWIN_HOLDER, numbers, "twin")
    crowd.plan(stage, Dice(SEED))


def _operators() -> None:
    for name in OPERATORS:
        User.objects.create_user(name, f"{name}@corvane.example", PASSWORD, is_staff=True)


@contextmanager
def _same_everywhere() -> Iterator[None]:
    """What settings could change is as it is by default, so that the bytes do not depend on port or taste.

    Links in mails of the past lead to the default address; they have run out anyway.
    """
    before = settings.EARNEST
    settings.EARNEST = replace(
        before,
        base_url="http://127.0.0.1:8000",
        mail_from=f"reservations@{DEMO_ORIGIN}",
        card_hold_minutes=30,
        transfer_hold_days=10,
        refund_pause_minutes=60,
        account_limit_major=1000,
        order_limit_major=10_000,
        bank_account=DEMO_BANK,
        accounts=DEMO_ACCOUNTS,
    )
    policy.current.cache_clear()
    try:
        with translation.override("en"):
            yield
    finally:
        settings.EARNEST = before
        policy.current.cache_clear()


@contextmanager
def _served(double: StripeDouble) -> Iterator[None]:
    """The double over real HTTP while the story plays, at the address that the adapter is set to."""
    port = urlsplit(settings.EARNEST.stripe_api_base).port or 0
    running = serve(double, port=port, webhook_url="http://127.0.0.1:9/")
    double.on_event = lambda event: None
    try:
        yield
    finally:
        running.stop()


def _durable(wanted: bool) -> None:
    """While a demonstration is loaded a power cut costs nothing: it is simply loaded again."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA synchronous={'FULL' if wanted else 'OFF'}")
