"""The story of one subject as a file, version 1: all its acts, and where the log holds them.

    {"earnest":"story/v1","origin","number","keys":[log key, receipt keys …],
     "acts":[{"leaf":exact text,"open":{name: disclosure}} …],     sealed
     "map":[…],"seal":…,"proof":…,                                 that the log holds these, and no others
     "times":[…],                                                  between which checkpoints each was sealed
     "tail":[…],"receipts":[…],                                    acts after the seal, bound by receipts
     "rotations":[…],"linked":[…]}                                 changes of keys; stories of cited subjects

The file is the one canonical JSON text of this object and a newline. Members that would be empty are left out.
"""

import base64
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final

from earnest.record.canonical import b64, canonical, strict_json
from earnest.record.chain import read_leaf

VERSION: Final = "story/v1"
#: `all`, `none`, names of fields, or what decides by an act's type, the version of that, and a field's name.
Keep = str | Set[str] | Callable[[str, int, str], bool]
Opened = Mapping[str, str]
ActText = tuple[bytes, Opened]


@dataclass(frozen=True)
class Place:
    """Where the log holds a subject: its path in the map, the seal with the map's root, and the seal's proof."""

    map: Sequence[bytes]
    seal: bytes
    proof: str


@dataclass(frozen=True)
class Group:
    """Acts that were sealed together, from `start` to `end`: the proof of the last one and of the seal over it,
    and, where there is one, the checkpoint before with its stamps: the seal's anchor."""

    start: int
    end: int
    first: tuple[int, Sequence[bytes]] | None
    proof: str
    seal: bytes
    path: Sequence[bytes]
    stamps: Sequence[bytes] = ()
    before: str = ""
    before_stamps: Sequence[bytes] = ()


def build_story(
    origin: str,
    number: str,
    keys: Sequence[str],
    acts: Sequence[ActText],
    *,
    place: Place | None = None,
    tail: Sequence[ActText] = (),
    groups: Sequence[Group] = (),
    receipts: Sequence[str] = (),
    rotations: Sequence[str] = (),
    linked: Sequence[bytes] = (),
) -> bytes:
    """The file. `keys` are the log's verifier key and those of receipts; `linked` are other stories' files."""
    return file_of(
        compose(
            origin,
            number,
            keys,
            acts,
            place=place,
            tail=tail,
            groups=groups,
            receipts=receipts,
            rotations=rotations,
            linked=[strict_json(each) for each in linked],
        )
    )


def compose(
    origin: str,
    number: str,
    keys: Sequence[str],
    acts: Sequence[ActText],
    *,
    place: Place | None = None,
    tail: Sequence[ActText] = (),
    groups: Sequence[Group] = (),
    receipts: Sequence[str] = (),
    rotations: Sequence[str] = (),
    linked: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The object that `file_of` writes; `linked` are other such objects."""
    file: dict[str, Any] = {
        "earnest": VERSION,
        "origin": origin,
        "number": number,
        "keys": list(keys),
        "acts": [_act(*each) for each in acts],
        "tail": [_act(*each) for each in tail],
        "times": [_group(each) for each in groups],
        "receipts": list(receipts),
        "rotations": list(rotations),
        "linked": list(linked),
    }
    if place is not None:
        # A map of one subject has no siblings: an empty path is a proof too.
        file |= {
            "map": [b64(sibling) for sibling in place.map],
            "seal": place.seal.decode(),
            "proof": place.proof,
        }
    return {name: value for name, value in file.items() if value or name in ("acts", "map")}


def redact(story: bytes, keep: Keep) -> bytes:
    """The same story with fewer values open: `none`, `all`, or the names to keep. No act can be left out by this."""
    file = strict_json(story)
    _hide(file, keep)
    return file_of(file)


def file_of(story: Mapping[str, Any]) -> bytes:
    """The file of a story's object."""
    return canonical(story) + b"\n"


def _hide(file: dict[str, Any], keep: Keep) -> None:
    for act in [*file["acts"], *file.get("tail", ())]:
        opens = _opens(act["leaf"], keep)
        act["open"] = {name: line for name, line in act["open"].items() if opens(name)}
    for linked in file.get("linked", ()):
        _hide(linked, keep)


def _opens(leaf: str, keep: Keep) -> Callable[[str], bool]:
    if not callable(keep):
        return lambda name: kept(name, keep)
    read = read_leaf(leaf.encode())
    return lambda name: keep(read.type, read.version, name)


def kept(name: str, keep: str | Set[str]) -> bool:
    """Whether a field stays open."""
    return keep == "all" or (keep != "none" and name in keep)


def _act(leaf: bytes, opened: Opened) -> dict[str, Any]:
    return {"leaf": leaf.decode(), "open": dict(opened)}


def _group(group: Group) -> dict[str, Any]:
    written: dict[str, Any] = {
        "from": group.start,
        "to": group.end,
        "proof": group.proof,
        "seal": group.seal.decode(),
        "path": [_std(hashed) for hashed in group.path],
    }
    if group.first is not None:
        index, path = group.first
        written["first"] = {"index": index, "path": [_std(hashed) for hashed in path]}
    if group.stamps:
        written["stamps"] = [_std(stamp) for stamp in group.stamps]
    if group.before:
        written["before"] = group.before
    if group.before_stamps:
        written["before_stamps"] = [_std(stamp) for stamp in group.before_stamps]
    return written


def _std(data: bytes) -> str:
    return base64.b64encode(data).decode()
