"""Keys to the API: `ek_<prefix>_<secret>`, of which only the hash is kept."""

import hashlib
import hmac
from typing import Final

from earnest.book import clock, ids, models
from earnest.core.refusals import Invalid
from earnest.record.canonical import b64

#: Read the leaves of the log, to replay it; every read is written down.
AUDIT: Final = "record:audit"
SCOPES: Final = (
    "reservations:place",
    "reservations:read",
    "reservations:cancel",
    "reservations:import",
    AUDIT,
)


def make(label: str, scopes: list[str], made_by: str) -> str:
    """A new key, shown once. Raises Invalid."""
    if not label.strip() or len(label) > 100:
        raise Invalid("label", "Give the key a name by which you will know it.")
    if not scopes or any(scope not in SCOPES for scope in scopes):
        raise Invalid("scopes", "Choose at least one thing that the key may do.")
    prefix, secret = ids.token(5).hex(), b64(ids.token(24)).replace("_", "-")
    key = f"ek_{prefix}_{secret}"
    models.ApiKey.objects.create(
        label=label.strip(),
        prefix=prefix,
        hash=_hash(key),
        scopes=sorted(set(scopes)),
        made_by=made_by,
        made_at=clock.now(),
    )
    return key


def revoke(prefix: str) -> None:
    """From now on the key opens nothing."""
    models.ApiKey.objects.filter(prefix=prefix, revoked_at__isnull=True).update(revoked_at=clock.now())


def find(key: str) -> models.ApiKey | None:
    """The row of a key that is good, or None."""
    parts = key.split("_", 2)
    if len(parts) != 3 or parts[0] != "ek":
        return None
    row = models.ApiKey.objects.filter(prefix=parts[1], revoked_at__isnull=True).first()
    return row if row and hmac.compare_digest(row.hash, _hash(key)) else None


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
