"""`/record/`: checkpoints and tiles as static files, keys and policy as text, leaves for auditors (C2SP tlog-tiles)."""

import re
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from earnest.api import keys as api_keys
from earnest.api.gate import PerMinute
from earnest.book import clock, export, log, mode, models, publish, reserves
from earnest.core.refusals import Missing, Refused
from earnest.record.canonical import decimal
from earnest.web.policy import policy
from earnest.web.record.policy_file import policy_text

TEXT: Final = "text/plain; charset=utf-8"
BYTES: Final = "application/octet-stream"
FOREVER: Final = "public, max-age=31536000, immutable"
SHORT: Final = "public, max-age=5"
#: At most so many leaves in one answer.
LEAVES: Final = 4096
_TILE: Final = re.compile(r"tile/(?:[0-9]|[1-5][0-9]|6[0-3])/(?:x[0-9]{3}/)*[0-9]{3}(?:\.p/[1-9][0-9]{0,2})?")
WRONG: Final = PerMinute("record", 30)


@policy("public")
def index(request: HttpRequest) -> HttpResponse:
    """What this is, where the log stands, and how to check it."""
    try:
        log_key, receipt_keys, _ = export.vkeys()
    except (Refused, Missing):
        log_key, receipt_keys = "", []
    shown = {
        "point": log.latest(),
        "log_key": log_key,
        "receipt_keys": receipt_keys,
        "origin": mode.origin(),
        "policy": policy_text() if log_key else "",
        "stated": next(iter(reserves.stated()), None),
    }
    return render(request, "record/index.html", shown)


@policy("public")
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest checkpoint with all cosignatures."""
    return _file("checkpoint", TEXT, SHORT)


@policy("public")
def numbered(request: HttpRequest, no: int) -> HttpResponse:
    """The checkpoint of one seal; cosignatures may still join it."""
    return _file(f"checkpoints/{no}", TEXT, SHORT)


@policy("public")
def anchor(request: HttpRequest, no: int) -> HttpResponse:
    """The bytes whose hash a seal names: the checkpoint before it as it was then, with its time stamps."""
    return _file(f"anchors/{no}", BYTES, FOREVER)


@policy("public")
def tile(request: HttpRequest, path: str) -> HttpResponse:
    """256 hashes of the tree, or fewer at its edge; they never change."""
    name = f"tile/{path}"
    if not _TILE.fullmatch(name):
        raise Http404
    return _file(name, BYTES, FOREVER)


@policy("public")
def trust(request: HttpRequest) -> HttpResponse:
    """A policy to begin with: this book's keys, its witnesses and auditors."""
    return HttpResponse(policy_text(), content_type=TEXT)


@policy("public")
def stated(request: HttpRequest) -> HttpResponse:
    """The newest statement of reserves, signed; so that everybody can see that theirs is the one others have."""
    newest = reserves.stated()
    return _file(f"reserves/{newest[0].statement.seal}" if newest else "reserves/none", TEXT, SHORT)


@policy("public")
def stated_at(request: HttpRequest, seal: int) -> HttpResponse:
    """The statement at a seal; there is one at most, and it never changes."""
    return _file(f"reserves/{seal}", TEXT, FOREVER)


@policy("api")
def leaves(request: HttpRequest) -> HttpResponse:
    """Leaf bytes `from` (inclusive) to `to` (exclusive), each after its length in two bytes; for auditors' keys alone.

    They hold no value, but they tell what happened to whom under a pseudonym: so every read is written down.
    """
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    key = api_keys.find(given) if scheme == "Bearer" else None
    if key is None:
        status = 401 if WRONG.allow_request(request) else 429
        return HttpResponse(
            "This needs a key of an auditor; it is made in the console, under API keys.\n", TEXT, status
        )
    if api_keys.AUDIT not in key.scopes:
        return HttpResponse("This key is not an auditor's.\n", TEXT, 403)
    newest = log.latest()
    size = newest.size if newest else 0
    start, end = decimal(request.GET.get("from", "") or "x"), decimal(request.GET.get("to", "") or "x")
    if start is None or end is None or not start < end <= size or end - start > LEAVES:
        return HttpResponse(f"Ask from=N to=M, at most {LEAVES} of {size} leaves.\n", TEXT, 400)
    models.LeafRead.objects.create(api_key=key, start=start, end=end, at=clock.now())
    body = b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in log.leaves(start, end))
    return HttpResponse(body, content_type=BYTES, headers={"Cache-Control": "private, no-store"})


def _file(name: str, kind: str, cache: str) -> HttpResponse:
    try:
        data = (publish.folder() / name).read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise Http404 from None
    return HttpResponse(
        data, content_type=kind, headers={"Cache-Control": cache, "Access-Control-Allow-Origin": "*"}
    )
