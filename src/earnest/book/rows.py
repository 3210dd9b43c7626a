"""Between rows and states: what the book loads for a batch, and what it writes back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from earnest.book import chapters, codec, sql
from earnest.core.acts import CLASSES, Act
from earnest.core.commands.base import Counters
from earnest.core.offer import Offer
from earnest.core.operator import Register
from earnest.core.reservation import Contact, Reservation
from earnest.record.canonical import b64

_KEYS = f"SELECT subject_id, person, {', '.join(CLASSES)} FROM subject_key WHERE subject_id IN %s"  # noqa: S608

#: The classes that a reservation's state row seals apart from its JSON.
SEALED_PARTS = ("identity", "contact", "bank")


@dataclass
class Loaded:
    """One subject in the hands of a batch; `n` and `head` are those in the database when it was loaded."""

    key: bytes
    kind: str
    number: str
    n: int
    head: bytes
    keys: chapters.Ring
    is_new: bool = False
    reservation: Reservation | None = None
    offer: Offer | None = None
    counters: Counters | None = None
    counters_before: Counters | None = None
    register: Register | None = None
    changed: bool = False
    #: Acts of this batch that no row holds yet.
    pending: list[Act] = field(default_factory=list)


def load_keys(keys: Iterable[bytes], kek_open: Any) -> dict[bytes, chapters.Ring]:
    """Per subject and holder, the key of each class; None where it was destroyed."""
    return sql.read(reading_keys(keys, kek_open))


def reading_keys(keys: Iterable[bytes], kek_open: Any) -> sql.Reader[dict[bytes, chapters.Ring]]:
    """As `load_keys`, beside other readers."""
    found: dict[bytes, dict[int, chapters.Keys]] = {}
    (wrapped_keys,) = yield [sql.ask(_KEYS, list(keys))]
    for row in wrapped_keys:
        key = bytes(row[0])
        found.setdefault(key, {})[row[1]] = {
            cls: kek_open(key, cls, bytes(wrapped)) if wrapped is not None else None
            for cls, wrapped in zip(CLASSES, row[2:], strict=True)
        }
    return {key: chapters.Ring(held) for key, held in found.items()}


def ring(key: bytes, kek_open: Any) -> chapters.Ring:
    """The keys of one subject; an empty ring where there is none."""
    return load_keys([key], kek_open).get(key, chapters.Ring())


def read_reservation(row: Mapping[str, Any], key: bytes, keys: chapters.Keys) -> Reservation:
    """A reservation from its state row: columns `state`, `identity`, `contact`, `bank`."""
    parts = {
        cls: chapters.open_state(keys, cls, key, bytes(row[cls]) if row[cls] is not None else None)
        for cls in SEALED_PARTS
    }
    return codec.decode(Reservation, row["state"], parts)


def write_reservation(state: Reservation, loaded: Loaded) -> dict[str, Any]:
    """The columns of a reservation's row."""
    text, parts = codec.encode(state)
    columns: dict[str, Any] = {
        "state": text,
        "status": state.status,
        "quantity": state.quantity,
        "holds": state.held,
        "n": state.n,
        "changed_at": None,
    }
    for cls in SEALED_PARTS:
        known = loaded.keys.get(cls) is not None
        columns[cls] = (
            chapters.seal_state(loaded.keys, cls, loaded.key, state.n, parts[cls])
            if known and parts.get(cls)
            else None
        )
    return columns


def email_of(state: Reservation) -> str | None:
    """The address by which a reservation is looked up, or None once it was erased."""
    return state.contact.email if isinstance(state.contact, Contact) else None


def key_text(key: bytes) -> str:
    """A subject's key as core and entries name it."""
    return b64(key)
