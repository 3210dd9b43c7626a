"""Attacks that meet several guards of the verifier: with all of them out they pass, and each alone stops them."""

from typing import NamedTuple

from tests.vectors.guards import GUARDS, Edit, Guard, js

#: Checks that stand before others, so that no file meets one of them alone.
BESIDE: tuple[Guard, ...] = (
    Guard(
        "an act follows the one before it",
        (),
        Edit("checking", "leaf.seq != seq or leaf.prev != before"),
        js("leaf.seq !== seq || leaf.prev !== E.b64(before)"),
    ),
    Guard(
        "a receipt is of this reservation",
        (),
        Edit("verify_v1", "receipt.origin != report.origin or receipt.key != checker.subject"),
        js("receipt.origin !== report.origin || !E.same(receipt.key, checker.subject)"),
    ),
    Guard(
        "a hash in the map has 32 bytes",
        (),
        Edit("verify_v1", "any(len(hashed) != 32 for hashed in hashes)"),
        js("siblings.some((hashed) => hashed.length !== 32)"),
    ),
    Guard(
        "a path in the map is no longer than a key",
        (),
        Edit("submap", "len(siblings) > KEY_BITS"),
        js("siblings.length > 256", part="verify_log"),
    ),
    Guard(
        "a checkpoint has three lines",
        (),
        Edit("checkpoint", " if len(lines) == 4 else None", ""),
        js("lines.length === 4 ? E.decimal(lines[1]) : null", "E.decimal(lines[1])", "verify_log"),
    ),
    Guard(
        "a checkpoint has one form",
        (),
        Edit("checkpoint", " or found.body != body", ""),
        js(" || `${lines[0]}\\n${size}\\n${E.std64(root)}\\n` !== body", "", "verify_log"),
    ),
    Guard(
        "a number in a text has one form",
        (),
        Edit("canonical", '        or (text[0] == "0" and text != "0")\n', ""),
        js("/^(0|[1-9][0-9]{0,15})$/", "/^[0-9]{1,16}$/", "verify_base"),
    ),
)
EVERY = {guard.name: guard for guard in (*GUARDS, *BESIDE)}


class Together(NamedTuple):
    """Files that are taken for true stories only when all of these guards are out.

    In the browser something else stands behind `stopped_there` even then, and `idle_there` stops none of it.
    """

    passing: tuple[str, ...]
    guards: tuple[str, ...]
    stopped_there: tuple[str, ...] = ()
    idle_there: str = ""


TOGETHER: tuple[Together, ...] = (
    Together(
        ("middle-act-dropped", "first-act-dropped", "acts-reordered", "act-doubled", "speaker-edited"),
        ("an act follows the one before it", "the map has this count and head"),
        # Values are looked up by the number that an act gives itself, and there is none of that number.
        stopped_there=("middle-act-dropped", "first-act-dropped"),
    ),
    Together(
        ("values-exchanged-between-acts",),
        ("a value is the one that was committed to", "no account of a customer is below zero"),
    ),
    Together(
        ("values-exchanged-between-fields",),
        (
            "a value is the one that was committed to",
            "a value has the name of its field",
            "no account of a customer is below zero",
        ),
    ),
    Together(
        ("foreign-act",),
        (
            "an act follows the one before it",
            "the map has this count and head",
            "an act names its own subject",
        ),
    ),
    Together(
        ("relabelled", "number-with-look-alike", "number-of-another-book"),
        (
            "an act follows the one before it",
            "the map has this count and head",
            "an act names its own subject",
            "no account of a customer is below zero",
        ),
    ),
    Together(
        ("leaf-with-spaces", "leaf-members-reordered"),
        ("the map has this count and head", "one text for one value"),
    ),
    Together(
        ("leaf-member-twice",),
        ("the map has this count and head", "a member stands once", "one text for one value"),
    ),
    Together(
        ("leaf-number-too-large",),
        (
            "the map has this count and head",
            "an act has its number",
            "numbers are those that every program counts alike",
        ),
        # A number of an act is asked again whether it is whole.
        stopped_there=("leaf-number-too-large",),
    ),
    Together(("impossible-date",), ("the map has this count and head", "a time is on the calendar")),
    Together(("map-sibling-short",), ("a hash in the map has 32 bytes", "the map has this count and head")),
    Together(("seal-with-spaces",), ("one text for one value", "the seal is in the log")),
    Together(
        ("checkpoint-size-edited",),
        ("the seal is the last leaf", "the seal is in the log", "a checkpoint is signed"),
    ),
    Together(("checkpoint-root-edited",), ("the seal is in the log", "a checkpoint is signed")),
    Together(
        ("checkpoint-with-extension-line",), ("a checkpoint has three lines", "a checkpoint has one form")
    ),
    Together(("proof-index-beyond",), ("the seal is the last leaf", "the seal is in the log")),
    Together(
        ("times-anchor-of-a-later-seal",),
        (
            "the seal names the checkpoint before it",
            "an act stands behind the checkpoint that it is said to follow",
        ),
    ),
    Together(("times-for-other-acts",), ("each act has one time", "the first act of a time is in the log")),
    Together(("member-twice",), ("a member stands once", "the file is the one text of its content")),
    Together(
        ("lone-surrogate",),
        (
            "text is no half of a letter",
            "the file is the one text of its content",
            "a story has no members of its own making",
        ),
        # Half a letter is written there as it was read, escaped.
        idle_there="the file is the one text of its content",
    ),
    Together(("one-witness-twice",), ("enough witnesses have signed", "a witness signs once")),
    Together(
        ("receipt-of-another-reservation",),
        ("a receipt is of this reservation", "a receipt was given for these acts"),
    ),
    Together(
        ("leaf-with-a-look-alike-field",),
        ("fields have small letters of one alphabet", "members have names that look like nothing else"),
    ),
    Together(
        ("checkpoint-size-with-a-zero-before",),
        ("a checkpoint has one form", "a number in a text has one form"),
    ),
    Together(
        ("checkpoint-root-with-stray-bits",),
        ("a checkpoint has one form", "one text for the same bytes, in notes"),
    ),
    Together(
        ("nested-too-deeply",), ("nothing is nested without end", "a story has no members of its own making")
    ),
)
