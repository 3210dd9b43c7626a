"""The book's own keys: the master key that wraps all others, the key that signs receipts, and the log's.

Files of 32 bytes in the data folder, mode 600, made once; a demonstration derives them from its published
seed.
"""

import hashlib
import hmac
import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from django.conf import settings

from earnest.book import mode
from earnest.record import sealed
from earnest.record.notes import Signer
from earnest.record.receipt import receipts_name

SIZE = 32


class Keys:
    """`kek` wraps the keys of persons; `receipt_seed` is the Ed25519 seed of the receipt key.

    `log_seed` gives that of the log's key when it is first asked for: processes that only serve never read it.
    """

    def __init__(self, origin: str, kek: bytes, receipt_seed: bytes, log_seed: Callable[[], bytes]) -> None:
        self.origin = origin
        self.kek = kek
        self.receipt_seed = receipt_seed
        self.log_seed = log_seed

    @cached_property
    def receipt_signer(self) -> Signer:
        """Signs receipts and exported stories, under the name `<origin>/receipts`."""
        return Signer(receipts_name(self.origin), self.receipt_seed)

    @cached_property
    def log_signer(self) -> Signer:
        """Signs checkpoints, under the book's own name. For the sealer alone."""
        return Signer(self.origin, self.log_seed())

    def derive(self, purpose: str) -> bytes:
        """A key of its own for one purpose, 32 bytes."""
        return hmac.new(self.kek, b"earnest/derive/v1\x00" + purpose.encode(), hashlib.sha256).digest()

    def contact_index(self, email: str) -> bytes:
        """By which a reservation is found from an address, without keeping the address."""
        plain = email.strip().casefold().encode()
        return hmac.new(self.derive("contact-index"), plain, hashlib.sha256).digest()

    def wrap(self, subject: bytes, cls: str, key: bytes) -> bytes:
        """A person's key of one class, as it is stored."""
        return sealed.wrap(self.kek, subject + cls.encode(), key)

    def unwrap(self, subject: bytes, cls: str, wrapped: bytes) -> bytes:
        """A person's key again."""
        return sealed.unwrap(self.kek, subject + cls.encode(), wrapped)


_current: Keys | None = None


def current() -> Keys:
    """The keys of this book, read once."""
    global _current
    if _current is None or _current.origin != mode.origin():
        _current = load(mode.origin(), settings.EARNEST.data / "keys")
    return _current


def use(keys: Keys | None) -> None:
    """Use these keys from now on; None reads the files again."""
    global _current
    _current = keys


def load(origin: str, folder: Path) -> Keys:
    """Read the files, made now where they are missing; the log's only when it is needed."""
    return Keys(origin, kept(folder / "kek"), kept(folder / "receipt"), lambda: kept(folder / "log"))


def from_seed(origin: str, seed: str) -> Keys:
    """Keys that everybody can make: for a demonstration, which proves nothing, and for tests."""
    kek, receipt, log = (
        hashlib.sha256(f"earnest/published/{seed}/{name}".encode()).digest()
        for name in ("kek", "receipt", "log")
    )
    return Keys(origin, kek, receipt, lambda: log)


def keep(keys: Keys, folder: Path) -> None:
    """Write keys that were made from a seed, so that they are found like any others.

    Raises OSError where the folder holds other keys: those are never overwritten.
    """
    kept(folder / "kek", keys.kek)
    kept(folder / "receipt", keys.receipt_seed)
    kept(folder / "log", keys.log_seed())


def kept(file: Path, value: bytes | None = None) -> bytes:
    """The 32 bytes of a file, made if missing. Raises OSError where they are not a key, or not `value`."""
    if not file.exists():
        _make(file, value or os.urandom(SIZE))
    found = file.read_bytes()
    if len(found) != SIZE:
        raise OSError(f"{file} does not hold a key of {SIZE} bytes; restore it from your backup")
    if value is not None and found != value:
        raise OSError(f"{file} holds the key of another book")
    return found


def _make(file: Path, value: bytes) -> None:
    """Whole, durable and readable by nobody else from its first instant; whoever comes first decides."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}.{os.getpid()}.{os.urandom(4).hex()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(value)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass  # somebody else was first; theirs is the one
    finally:
        draft.unlink()
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name is durable too, before anything is signed or sealed under the key
    finally:
        os.close(folder)
