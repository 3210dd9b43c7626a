"""A book, the Stripe double over real HTTP, and the settings that point one at the other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.conf import settings

from earnest.book import clock
from earnest.stripe_double.double import StripeDouble
from earnest.stripe_double.server import Running, serve
from tests.scene import book as book

SECRET_KEY, WEBHOOK_SECRET = "sk_test_tests", "whsec_tests"


@dataclass
class World:
    """The book's clock and the double that lives on it."""

    clock: clock.ManualClock
    double: StripeDouble
    running: Running
    events: list[dict[str, Any]]


@pytest.fixture
def world(book: clock.ManualClock) -> Iterator[World]:
    """The double answers; its events are kept for the test to deliver."""
    double = StripeDouble(
        ":memory:",
        secret_key=SECRET_KEY,
        webhook_secret=WEBHOOK_SECRET,
        seed="tests",
        now=lambda: int(book.now().timestamp()),
    )
    running = serve(double, webhook_url="http://127.0.0.1:9/")
    events: list[dict[str, Any]] = []
    double.on_event = events.append
    before = settings.EARNEST
    settings.EARNEST = replace(
        before,
        stripe_secret_key=SECRET_KEY,
        stripe_webhook_secret=WEBHOOK_SECRET,
        stripe_api_base=running.url,
    )
    yield World(book, double, running, events)
    settings.EARNEST = before
    running.stop()
