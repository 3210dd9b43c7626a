"""Makes the time stamps of `stamps/` anew, with a new authority whose keys nobody keeps: only where they must change.

PYTHONPATH=src:. python -m tests.vectors.make_stamps && PYTHONPATH=src:. python -m tests.vectors.make_v1
"""

from datetime import UTC, datetime, timedelta

from earnest.record.chain import instant
from earnest.testing.tsa import Authority, pin
from tests.vectors import make_v1


def main() -> None:
    """Three stamps, each ten seconds after its seal, and the fingerprint of its certificate."""
    make_v1.STAMPS.mkdir(exist_ok=True)
    authority = Authority.made(
        "rsa", valid=(datetime(2015, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    )

    def stamp(n: int, body: str) -> bytes:
        token = authority.stamp(body.encode(), instant(make_v1.SEALS[n]) + timedelta(seconds=10))
        (make_v1.STAMPS / f"{n}.tst").write_bytes(token)
        return token

    make_v1.stamped_log(stamp)
    (make_v1.STAMPS / "root.txt").write_text(pin(authority.signer) + "\n")


if __name__ == "__main__":
    main()
