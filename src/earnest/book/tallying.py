"""What is said of each queue at a seal: whoever has a number can prove that it counts, and nobody is put before it.

place = canonical([queue number, base64url of the subject's key]); the root is RFC 6962's over the living places.
"""

from earnest.book import door, sql
from earnest.core.commands.tally_queue import TallyQueue
from earnest.core.reservation import LIVING
from earnest.record import merkle
from earnest.record.canonical import b64, canonical


def tally() -> int:
    """Tally every offer whose reservations moved since the last time; how many acts that made."""
    made = 0
    moved = sql.rows(
        "SELECT DISTINCT o.subject_id, o.slug, o.queue_last FROM offer o "
        "JOIN reservation r ON r.offer_id = o.subject_id JOIN subject s ON s.key = r.subject_id "
        "WHERE s.n > s.sealed_n ORDER BY o.slug"
    )
    for key, slug, given in moved:
        tree = merkle.Tree(
            [merkle.leaf_hash(place(no, bytes(subject))) for no, subject in living(bytes(key))]
        )
        command = TallyQueue(
            by="system", via="seal", offer=slug, given=given, living=tree.size, root=b64(tree.root())
        )
        made += isinstance(door.do_one(command), door.Done)
    return made


def place(number: int, subject: bytes) -> bytes:
    """One living place, as the tree has it."""
    return canonical([number, b64(subject)])


def living(offer: bytes) -> list[tuple[int, bytes]]:
    """(queue number, subject key) of the living places of an offer, in their order."""
    return [
        (number, bytes(subject))
        for number, subject in sql.rows(
            "SELECT queue_no, subject_id FROM reservation WHERE offer_id = %s AND status IN %s ORDER BY queue_no",
            offer,
            list(LIVING),
        )
    ]
