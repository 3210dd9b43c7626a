"""`./earnest audit`: mirror and replay a maker's log; sign beside it what holds."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from earnest.audit.auditor import Auditor, Unreachable
from earnest.record.checkpoint import Checkpoint
from earnest.record.notes import BadNote, Verifier
from earnest.record.replay import DoesNotHold
from earnest.witness.server import Refusal, Witness, address, serve
from earnest.witness.store import Store
from earnest.witness.usage import Parser

KEY_VARIABLE = "EARNEST_AUDIT_KEY"


def main(arguments: Sequence[str]) -> int:
    """The command line; exit code 0 holds, 1 does not, 2 unreachable or bad usage."""
    options = _parser().parse_args(list(arguments))
    try:
        logs = [Verifier.parse(vkey) for vkey in options.log]
        if len({log.name for log in logs}) > 1:
            raise ValueError("all keys given must be of one log, under one name")
        if not options.url.startswith(("http://", "https://")):
            raise ValueError(f"“{options.url}” is not an http address")
        store = Store(options.data)
        with store.claim():
            auditor = Auditor(options.url, _key(options.key), logs, options.data, _progress)
            if options.listen is None:
                return _once(auditor, as_json=options.json)
            return _serve(auditor, store, options.listen, options.name)
    except DoesNotHold as error:
        _say(f"DOES NOT HOLD: {error}.", error, as_json=options.json)
        if (options.data / "does-not-hold").exists():
            print(f"Evidence is in {options.data}; nothing is signed with it any more.", file=sys.stderr)
        return 1
    except Unreachable as error:
        print(f"The log cannot be read: {str(error).rstrip('.')}.", file=sys.stderr)
    except (BadNote, OSError, ValueError) as error:
        print(f"The auditor cannot start: {error}.", file=sys.stderr)
    return 2


def _say(sentence: str, error: DoesNotHold, *, as_json: bool) -> None:
    said = {"ok": False, "code": error.code, "leaf": error.index, "error": error.why}
    print(json.dumps(said, ensure_ascii=False) if as_json else sentence)


def _once(auditor: Auditor, *, as_json: bool) -> int:
    checkpoint = auditor.follow(auditor.newest())
    replay = auditor.replay
    if as_json:
        said = {"size": checkpoint.size, "acts": replay.acts, "subjects": len(replay.subjects)}
        print(json.dumps({"ok": True} | said | {"seals": replay.seals}))
    else:
        print(
            f"{replay.acts} acts of {len(replay.subjects)} subjects in {replay.seals} seals replayed: holds."
        )
    return 0


def signing(auditor: Auditor, store: Store, name: str) -> Witness:
    """A witness that replays everything before it signs."""

    def also(checkpoint: Checkpoint, note: str) -> None:
        try:
            auditor.follow(note)
        except Unreachable as error:
            raise Refusal(str(error), 503) from None
        except (DoesNotHold, BadNote) as error:
            raise Refusal(str(error)) from None

    return Witness(store, store.signer(name), auditor.logs, also)


def _serve(auditor: Auditor, store: Store, listen: str, name: str) -> int:
    if auditor.broken:
        raise auditor.broken
    host, port = address(listen)
    witness = signing(auditor, store, name)
    running = serve(witness, host, port)
    print(
        f"Auditor {witness.signer.vkey}\nat {running.url}, for {auditor.logs[0].name}. Stop with Ctrl-C.\n"
        f'The maker sets EARNEST_AUDITORS="{witness.signer.vkey} {running.url}"',
        flush=True,
    )
    try:
        running.thread.join()
    finally:
        running.stop()
    return 0


def _key(file: Path | None) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8").strip()
    if KEY_VARIABLE not in os.environ:
        raise ValueError(
            f"an auditor's key is needed, as --key FILE or in {KEY_VARIABLE}; "
            "the maker makes it in the console, under API keys"
        )
    return os.environ[KEY_VARIABLE].strip()


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        of = f"of {total} leaves" if total else "leaves of the mirror"
        print(f"\r{done} {of}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="earnest audit", description="Mirror and replay a log; exit 0 if all of it holds, 1 if not."
    )
    parser.add_argument(
        "--url", required=True, help="the maker's record, such as https://reserve.example.org/record"
    )
    parser.add_argument(
        "--log",
        action="append",
        required=True,
        metavar="VKEY",
        help="the log's verifier key; repeat it for the keys that it had before",
    )
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="the mirror, and the auditor's key"
    )
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help=f"the maker's key for auditors (or {KEY_VARIABLE})"
    )
    parser.add_argument(
        "--listen", metavar="HOST:PORT", help="serve as a witness that replays before it signs"
    )
    parser.add_argument("--name", default="auditor.example", help="the name of its key")
    parser.add_argument(
        "--once", action="store_true", help="replay up to the newest checkpoint and stop (the default)"
    )
    parser.add_argument("--json", action="store_true", help="answer as one JSON object")
    return parser
