"""How often something was done within a while, counted in the database: all processes of a book see one count.

What is counted is named by a keyed hash, so the table tells no address; what ran out is deleted by whoever counts next.
"""

import hmac
from datetime import timedelta
from typing import Final

from django.db import connection

from earnest.book import clock, keys, models

#: One statement, so that two at one moment are two. The first after the end of a while begins another.
_COUNT: Final = (
    "INSERT INTO limit_count (name, until, n) VALUES (%s, %s, 1) ON CONFLICT (name) DO UPDATE SET "
    "n = CASE WHEN limit_count.until <= %s THEN 1 ELSE limit_count.n + 1 END, "
    "until = CASE WHEN limit_count.until <= %s THEN excluded.until ELSE limit_count.until END RETURNING n"
)


def count(what: str, whose: str, within: timedelta) -> int:
    """Count one more of `what` by `whose` in the while that began with its first; how many there are with this one."""
    now = clock.now()
    models.LimitCount.objects.filter(until__lte=now).delete()
    secret = keys.current().derive("limits")
    name = hmac.new(secret, f"{what}/{whose.strip().casefold()}".encode(), "sha256").hexdigest()
    adapt = connection.ops.adapt_datetimefield_value
    at, until = adapt(now), adapt(now + within)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [name, until, at, at])
        n: int = cursor.fetchone()[0]
    return n
