"""How a public page acts: a form becomes a command, once however often it is sent."""

import hashlib
import json
from typing import Any, Final

from django.http import HttpRequest
from django.utils.crypto import get_random_string

from earnest.book import door
from earnest.core.commands.base import Command
from earnest.core.refusals import Invalid
from earnest.web.portal.access import let_in_as

KEY_FIELD: Final = "once"
#: More digits than any number in a form has; Python refuses to read very long ones.
MOST_DIGITS: Final = 6


def fresh_key() -> str:
    """For the hidden field of a form that was just drawn."""
    return get_random_string(24)


def run(request: HttpRequest, command: Command, actor: str = "holder:0") -> door.Done | door.Nothing:
    """Carry out a command from a form. Raises Refusal."""
    key = request.POST.get(KEY_FIELD, "")
    if not 16 <= len(key) <= 64:
        raise incomplete()
    sent = sorted((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    body = hashlib.sha256(json.dumps(sent).encode()).hexdigest()
    return door.do_one(command, door.Idempotency(actor, request.path, key, body))


def incomplete() -> Invalid:
    """What the page itself put into the form did not come back with it."""
    return Invalid("form-incomplete", "This form is incomplete; please load the page again.")


def whole(written: str) -> int:
    """A whole number from a form; -1, which no rule accepts, for anything else."""
    fits = written.isascii() and written.isdecimal() and len(written) <= MOST_DIGITS
    return int(written) if fits else -1


def holder(request: HttpRequest, number: str) -> dict[str, Any]:
    """What every command of the portal says of its speaker: whoever this browser was let in as."""
    return speaker(number, let_in_as(request, number))


def speaker(number: str, n: int) -> dict[str, Any]:
    """As `holder`, for who came by a link that names the holder `n`."""
    return {"by": "customer", "via": "portal", "person": f"holder:{n}", "number": number}
