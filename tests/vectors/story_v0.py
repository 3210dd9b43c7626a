"""Writing stories of version 0, as the first books did; nothing but these tests writes them any more."""

import json
from collections.abc import Sequence, Set
from typing import Any

from earnest.record.canonical import b64, strict_json
from earnest.record.chain import genesis, leaf_hash, next_head, subject_key
from earnest.record.notes import Signer
from earnest.record.story import Opened
from earnest.record.verify_v0 import VERSION, story_body


def build_story_v0(
    number: str, acts: Sequence[tuple[bytes, Opened]], origin: str, signer: Signer, at: str
) -> bytes:
    """The file: `acts` are exact leaf bytes with the disclosures that may be read; `at` is the time of signing."""
    key = subject_key(origin, number)
    head = genesis(key)
    for leaf, _ in acts:
        head = next_head(head, leaf_hash(leaf))
    written = [{"leaf": leaf.decode(), "open": dict(sorted(opened.items()))} for leaf, opened in acts]
    note = signer.sign(story_body(origin, key, len(acts), head, at))
    return _file(number, written, b64(head), note, signer.vkey)


def redact(story: bytes, keep: str | Set[str]) -> bytes:
    """The same story with fewer values open: `none`, `all`, or the names to keep. No act can be left out by this."""
    read = strict_json(story)
    for act in read["acts"]:
        act["open"] = {
            name: line
            for name, line in act["open"].items()
            if keep == "all" or (keep != "none" and name in keep)
        }
    return _file(read["number"], read["acts"], read["head"], read["note"], read["log"])


def _file(number: str, acts: list[dict[str, Any]], head: str, note: str, log: str) -> bytes:
    lines = ",\n".join("  " + _json(act) for act in acts)
    return (
        f'{{"earnest":{_json(VERSION)},"number":{_json(number)},"acts":[\n{lines}\n],\n'
        f'"head":{_json(head)},\n"note":{_json(note)},\n"log":{_json(log)}}}\n'
    ).encode()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
