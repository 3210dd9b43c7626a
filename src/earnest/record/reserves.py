"""The statement of reserves: what is owed to customers and what is held, at a checkpoint; and one customer's proof.

    origin / "reserves" / canonical JSON        one a line, signed by the key of the book's receipts (C2SP signed-note)

    {"v":1,"seal":no,"size":leaves,"log":root,"at":…,            the checkpoint whose acts are counted, and no others
     "tree":root,"depth":n,                                      the sum tree over everybody to whom something is owed
     "sums":{"EUR":{"owed":{account:minor},"held":{…},"more":{…},"less":{…}}}}

`owed` is owed to customers and adds up to the sums of the root. `held` is where the money stands. The difference is
explained to the cent: held = owed + more - less, where `more` came from elsewhere and `less` has gone elsewhere.

The proof of one reservation is the one canonical text of this object and a newline:

    {"earnest":"reserves/v1","key":verifier key,"note":the signed statement,"number",
     "sums":[…],"salt","place":n,"path":[[hash,[…]] …],          its leaf, and the siblings from there to the root
     "log":{"key","rotations"?,"leaf","open","proof","grown":[…]}}

`log` is there once the log holds the act that made the statement: its leaf with the statement's fields open, its place
under a checkpoint (C2SP tlog-proof), and that the checkpoint named in the statement is the beginning of that one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from earnest.record.canonical import NotCanonical, b64, canonical, parse_canonical, unb64
from earnest.record.chain import BadLeaf, instant
from earnest.record.notes import BadNote, Signer, Verifier, open_note
from earnest.record.sumtree import LIMIT, MAX_DEPTH, Node, Sums

VERSION: Final = "reserves/v1"
#: The subject on which statements are made, and the type of act that makes one.
SUBJECT: Final = "reserves/book"
ACT: Final = "reserves.stated"
OWED, HELD, MORE, LESS = GROUPS = ("owed", "held", "more", "less")
_MEMBERS: Final = {"v", "seal", "size", "log", "at", "tree", "depth", "sums"}

#: currency -> group -> account -> minor units
Accounts = Mapping[str, Mapping[str, Mapping[str, int]]]


@dataclass(frozen=True)
class Statement:
    """What is signed. `seal`, `size` and `log` name the checkpoint, `at` is when it was made."""

    origin: str
    seal: int
    size: int
    log: bytes
    at: str
    tree: bytes
    depth: int
    sums: Accounts

    @property
    def currencies(self) -> list[str]:
        """In the order of the sums in the tree."""
        return sorted(self.sums)

    def total(self, currency: str, group: str) -> int:
        """What the accounts of a group come to, in minor units."""
        return sum(self.sums[currency][group].values())

    @property
    def owed(self) -> Sums:
        """What is owed in all: the sums of the root."""
        return tuple(self.total(currency, OWED) for currency in self.currencies)

    def unexplained(self, currency: str) -> int:
        """By how much held differs from owed and what explains the difference; not 0 where it is wrong."""
        held, owed, more, less = (self.total(currency, group) for group in (HELD, OWED, MORE, LESS))
        return held - (owed + more - less)

    @property
    def body(self) -> str:
        """The text that is signed."""
        said = {"v": 1, **self.fields(), "log": b64(self.log), "tree": b64(self.tree)}
        return f"{self.origin}\nreserves\n{canonical(said).decode()}\n"

    def fields(self) -> dict[str, Any]:
        """The fields of the act that makes the statement; the note is derived from them."""
        return {
            "seal": self.seal,
            "size": self.size,
            "log": b64(self.log),
            "at": self.at,
            "tree": b64(self.tree),
            "depth": self.depth,
            "sums": self.sums,
        }


def of_fields(origin: str, fields: Mapping[str, Any]) -> Statement:
    """The statement of an act. Raises BadNote for fields that are none."""
    try:
        made = Statement(
            origin,
            fields["seal"],
            fields["size"],
            unb64(fields["log"]),
            fields["at"],
            unb64(fields["tree"]),
            fields["depth"],
            fields["sums"],
        )
        _check(made)
    except (NotCanonical, BadLeaf, KeyError, TypeError, AttributeError) as error:
        raise BadNote(f"not a statement of reserves: {error}") from None
    return made


def sign_statement(signer: Signer, statement: Statement) -> str:
    """The signed note; the same bytes each time."""
    return signer.sign(statement.body)


def read_statement(note: str, verifier: Verifier) -> Statement:
    """What a note says, if the key signed it. Raises BadNote."""
    lines = open_note(note, [verifier]).split("\n")
    try:
        said = parse_canonical(lines[2]) if len(lines) == 4 and lines[1] == "reserves" else None
    except NotCanonical as error:
        raise BadNote(f"not a statement of reserves: {error}") from None
    if not isinstance(said, dict) or set(said) != _MEMBERS or said["v"] != 1:
        raise BadNote("not a statement of reserves, version 1")
    return of_fields(lines[0], said)


def build_proof(
    key: str,
    note: str,
    number: str,
    opened: tuple[Sums, bytes],
    place: int,
    path: Sequence[Node],
    log: Mapping[str, Any] | None = None,
) -> bytes:
    """The file. `opened` is what the reservation is owed, and its salt; `log` has the act, where it is sealed."""
    file: dict[str, Any] = {
        "earnest": VERSION,
        "key": key,
        "note": note,
        "number": number,
        "sums": opened[0],
        "salt": b64(opened[1]),
        "place": place,
        "path": [[b64(node.hash), node.sums] for node in path],
    }
    if log is not None:
        file["log"] = log
    return canonical(file) + b"\n"


def _check(made: Statement) -> None:
    whole = (made.seal, made.size, made.depth)
    if any(type(number) is not int or number < 0 for number in whole) or made.depth > MAX_DEPTH:
        raise BadNote("a number of the statement is out of range")
    if len(made.log) != 32 or len(made.tree) != 32:
        raise BadNote("a hash of the statement does not have 32 bytes")
    instant(made.at)
    for groups in made.sums.values():
        if set(groups) != set(GROUPS):
            raise BadNote("a currency has other groups than owed, held, more and less")
        minors = [minor for accounts in groups.values() for minor in accounts.values()]
        if any(type(minor) is not int or abs(minor) >= LIMIT for minor in minors):
            raise BadNote("an amount is no whole number in range")
        if any(minor < 0 for minor in groups[OWED].values()):
            raise BadNote("an account of what is owed is below zero")
