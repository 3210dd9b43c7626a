"""`./earnest audit`: mirror and replay a maker's log; sign beside it what holds."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from earnest.audit.auditor import Auditor, Unreachable
from earnest.record.checkpoint import Checkpoint
from earnest.record.notes import BadNote, Verifier
from earnest.record.replay import DoesNotHold
from earnest.witness.server import Refusal, Witness, serve
from earnest.witness.store import Store

KEY_VARIABLE = "EARNEST_AUDIT_KEY"


def main(arguments: Sequence[str]) -> int:
    """The command line; exit code 0 holds, 1 does not, 2 unreachable or bad usage."""
    options = _parser().parse_args(list(arguments))
    try:
        log = Verifier.parse(options.log)
        auditor = Auditor(options.url, _key(options.key), log, options.data, _progress)
        if options.listen is None:
            return _once(auditor, as_json=options.json)
        return _serve(auditor, options.listen, options.name)
    except Unreachable as error:
        print(f"The log cannot be read: {error}.", file=sys.stderr)
    except (BadNote, OSError, ValueError) as error:
        if isinstance(error, DoesNotHold):
            print(f"DOES NOT HOLD: {error}.")
            return 1
        print(f"The auditor cannot start: {error}.", file=sys.stderr)
    return 2


def _once(auditor: Auditor, *, as_json: bool) -> int:
    checkpoint = auditor.newest()
    auditor.follow(checkpoint)
    replay = auditor.replay
    if as_json:
        print(
            f'{{"ok": true, "size": {checkpoint.size}, "acts": {replay.acts}, '
            f'"subjects": {len(replay.subjects)}, "seals": {replay.seals}}}'
        )
    else:
        print(
            f"{replay.acts} acts of {len(replay.subjects)} subjects in {replay.seals} seals replayed: holds."
        )
    return 0


def _serve(auditor: Auditor, listen: str, name: str) -> int:
    """As a witness that looks at everything before it signs."""

    def also(checkpoint: Checkpoint, note: str) -> None:
        try:
            auditor.follow(checkpoint)
        except (Unreachable, DoesNotHold) as error:
            print(f"not signed: {error}", file=sys.stderr, flush=True)
            raise Refusal(str(error)) from None

    host, _, port = listen.rpartition(":")
    store = Store(auditor.folder)
    witness = Witness(store, store.signer(name), [auditor.log], also)
    running = serve(witness, host.strip("[]") or "127.0.0.1", int(port))
    print(
        f"Auditor {witness.signer.vkey}\nat {running.url}, for {auditor.log.name}. Stop with Ctrl-C.",
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
            f"an auditor's key is needed, as --key FILE or in {KEY_VARIABLE}; it is made in the console"
        )
    return os.environ[KEY_VARIABLE].strip()


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {total} leaves", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="earnest audit", description="Mirror and replay a log; exit 0 if all of it holds, 1 if not."
    )
    parser.add_argument(
        "--url", required=True, help="the maker's record, such as https://reserve.example.org/record"
    )
    parser.add_argument("--log", required=True, metavar="VKEY", help="the log's verifier key")
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
