"""Which keys the log has had, in a book whose acts came back from a mirror.

A mirror has the acts that introduced and retired keys, and not which keys: those are values. But their digests are
salted by a key of the book's that the backup has, and a key that signed is kept beside the one that took over from it
(`keys/log.ID`). So what was said is found by trying what can have been said.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import permutations
from typing import Final

from django.conf import settings

from earnest.book import chapters, keys, mode, models, rotation, rows, sealing
from earnest.core.acts import field_class
from earnest.core.commands.base import Ref
from earnest.core.instants import instant, text
from earnest.core.refusals import Missing
from earnest.record import chain, disclosure
from earnest.record.notes import Signer, Verifier
from earnest.record.trust import read_rotation, rotation_body

KEYS: Final = Ref("keys", "book")
ROLES: Final = ("log", "receipts")
DOORS: Final = ("cli", "seal")
WHYS: Final = ("rotated", "lost", "stolen", "succession")
#: A change of keys is signed so many seconds before its act is committed, at the most.
MOMENTS: Final = 60


class LogKeys:
    """The keys that are kept here, and those that a change of keys in `notes` tells of. Raises OSError."""

    def __init__(self, notes: Iterable[str] = ()) -> None:
        self.key = chapters.key_of(mode.origin(), KEYS)
        self.notes = tuple(dict.fromkeys(notes))
        self.signers: Mapping[str, Signer] = {signer.vkey: signer for signer in _kept()}
        told = [each for note in self.notes for each in read_rotation(note)[:2]]
        known = [*(signer.verifier for signer in self.signers.values()), *told]
        if self.newest():
            known.append(Verifier.parse(self.newest()))
        self.verifiers: Mapping[str, Verifier] = {each.vkey: each for each in known}

    def newest(self) -> str:
        """The log's key as the acts say it now; nothing where one of them does not say."""
        try:
            return sealing.keys_register().key("log")
        except (Missing, TypeError):
            return ""

    def said(self, leaf: bytes, secrets: chapters.Keys) -> dict[str, str]:
        """Field -> disclosure of an act on `keys/book`, of the fields whose value is found."""
        read = chain.read_leaf(leaf)
        found = {}
        for name, digest in read.sd.items():
            secret = secrets.get(field_class(read.type, read.version, name))
            if secret is None:
                continue
            salted = disclosure.salt(secret, read.seq, name)
            for value in self._can_say(name, read.at):
                line = disclosure.disclosure(salted, name, value)
                if disclosure.digest(line) == digest:
                    found[name] = line
                    break
        return found

    def silent(self) -> list[models.Act]:
        """The acts on `keys/book` of which no value is here, the oldest first."""
        acts = models.Act.objects.filter(subject=self.key).order_by("seq")
        spoken = models.ActOpen.objects.filter(act__subject=self.key).values_list("act_id", flat=True)
        return [act for act in acts if act.pk not in set(spoken)]

    def secrets(self) -> chapters.Keys:
        """The keys by which the values of `keys/book` are salted and sealed; none where there are none."""
        return rows.ring(self.key, keys.current().unwrap)

    def _can_say(self, name: str, at: str) -> Iterable[str]:
        """What an act of that time can have in a field."""
        match name:
            case "role":
                return ROLES
            case "vkey":
                return (*self.verifiers, keys.current().receipt_signer.vkey)
            case "via":
                return DOORS
            case "why":
                return WHYS
            case "note":
                return self._changes(at)
            case _:
                return ()

    def _changes(self, at: str) -> Iterator[str]:
        """Changes of keys: those that are known, and those that the keys kept here can have signed then.

        Ed25519 signs the same text the same way (RFC 8032), so what was signed then is signed again.
        """
        yield from self.notes
        for seconds in range(MOMENTS):
            moment = text(instant(at) - timedelta(seconds=seconds))
            for old, new in permutations(self.signers.values(), 2):
                body = rotation_body(mode.origin(), old.verifier, new.verifier, moment)
                yield rotation.both_sign(body, old, new)


def _kept() -> Iterator[Signer]:
    """The log's key, those that it took over from, and one that is to come."""
    yield keys.current().log_signer
    for file in sorted((settings.EARNEST.data / "keys").glob("log.*")):
        yield Signer(mode.origin(), keys.kept(file))
