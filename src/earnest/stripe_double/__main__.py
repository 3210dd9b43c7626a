"""Run the double as a process of its own, until interrupted."""

import argparse
import sys
from threading import Event

from earnest.stripe_double.double import StripeDouble
from earnest.stripe_double.server import serve, wall_clock


def main(arguments: list[str]) -> int:
    """Exit code 0 when interrupted."""
    parser = argparse.ArgumentParser(
        prog="stripe-double", description="Stand in for Stripe, for trials and tests."
    )
    parser.add_argument("--port", type=int, default=12111)
    parser.add_argument("--state", default=":memory:", metavar="FILE", help="where it remembers")
    parser.add_argument("--webhook-url", default="http://127.0.0.1:8000/hooks/stripe/")
    parser.add_argument("--secret-key", default="sk_test_double")
    parser.add_argument("--webhook-secret", default="whsec_double")
    parser.add_argument("--clock-offset-seconds", type=int, default=0)
    options = parser.parse_args(arguments)
    double = StripeDouble(
        options.state,
        secret_key=options.secret_key,
        webhook_secret=options.webhook_secret,
        seed="double",
        now=wall_clock(options.clock_offset_seconds),
    )
    running = serve(double, port=options.port, webhook_url=options.webhook_url)
    print(f"The Stripe double answers at {running.url}", flush=True)
    try:
        Event().wait()
    except KeyboardInterrupt:
        running.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
