"""A receipt: signed right after an act was committed, it binds the whole chain up to that act.

origin / "receipt" / base64url(subject key) / seq / base64url(head)         one a line
"""

from dataclasses import dataclass

from earnest.record.canonical import b64, decimal, unb64
from earnest.record.notes import BadNote, Signer, Verifier, open_note

RECEIPTS_SUFFIX = "/receipts"


@dataclass(frozen=True)
class Receipt:
    """What a receipt says."""

    origin: str
    key: bytes
    seq: int
    head: bytes


def receipts_name(origin: str) -> str:
    """The name of the key that signs receipts of a book."""
    return origin + RECEIPTS_SUFFIX


def receipt_body(origin: str, key: bytes, seq: int, head: bytes) -> str:
    """The text that is signed."""
    return f"{origin}\nreceipt\n{b64(key)}\n{seq}\n{b64(head)}\n"


def sign_receipt(signer: Signer, origin: str, key: bytes, seq: int, head: bytes) -> str:
    """The receipt as a signed note; the same bytes each time (Ed25519 is deterministic)."""
    return signer.sign(receipt_body(origin, key, seq, head))


def read_receipt(note: str, verifier: Verifier) -> Receipt:
    """What a receipt says, if the key signed it. Raises BadNote."""
    lines = open_note(note, [verifier]).split("\n")
    seq = decimal(lines[3]) if len(lines) == 6 and lines[1] == "receipt" else None
    if seq is None:
        raise BadNote("not a receipt")
    found = Receipt(lines[0], unb64(lines[2]), seq, unb64(lines[4]))
    if receipt_body(found.origin, found.key, found.seq, found.head) != "\n".join(lines):
        raise BadNote("not a receipt")
    return found
