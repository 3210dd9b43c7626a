"""How a public page acts: a form becomes a command, once however often it is sent."""

import hashlib
import json
from typing import Any, Final

from django.http import HttpRequest
from django.utils.crypto import get_random_string

from earnest.book import door
from earnest.core.commands.base import Command
from earnest.core.refusals import Invalid

KEY_FIELD: Final = "once"


def fresh_key() -> str:
    """For the hidden field of a form that was just drawn."""
    return get_random_string(24)


def run(request: HttpRequest, command: Command, actor: str = "holder:0") -> door.Done | door.Nothing:
    """Carry out a command from a form. Raises Refusal."""
    key = request.POST.get(KEY_FIELD, "")
    if not 16 <= len(key) <= 64:
        raise Invalid("form-incomplete", "This form is incomplete; please load the page again.")
    sent = sorted((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    body = hashlib.sha256(json.dumps(sent).encode()).hexdigest()
    return door.do_one(command, door.Idempotency(actor, request.path, key, body))


def holder(number: str) -> dict[str, Any]:
    """What every command of the portal says of its speaker."""
    return {"by": "customer", "via": "portal", "person": "holder:0", "number": number}
