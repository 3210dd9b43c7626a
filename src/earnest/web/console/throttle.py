"""Failed logins slow down whoever makes them.

Counted in the cache for a name at an address, for an address, and for a name from everywhere: the last is
generous, so that a stranger cannot lock an operator out by guessing.
"""

from contextlib import suppress

from django.core.cache import cache

WINDOW_SECONDS = 15 * 60
_MOST = {"pair": 5, "address": 30, "name": 100}


def is_blocked(name: str, address: str) -> bool:
    """Whether this login is not even tried."""
    return any(cache.get(key, 0) >= _MOST[kind] for kind, key in _keys(name, address).items())


def failed(name: str, address: str) -> None:
    """Count one more failure, each for a quarter of an hour after the first."""
    for key in _keys(name, address).values():
        if not cache.add(key, 1, WINDOW_SECONDS):
            with suppress(ValueError):  # it ran out in between
                cache.incr(key)


def succeeded(name: str, address: str) -> None:
    """Who knows the password begins anew."""
    cache.delete(_keys(name, address)["pair"])


def _keys(name: str, address: str) -> dict[str, str]:
    # A name is whatever was typed: hex keeps it out of the cache's own syntax.
    typed = name.casefold().encode()[:150].hex()
    return {
        "pair": f"login/{typed}/{address}",
        "address": f"login/address/{address}",
        "name": f"login/name/{typed}",
    }
