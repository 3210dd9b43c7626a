"""`./earnest witness`: sign that logs only grow. Needs a folder and a port; no book, no database."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from earnest.record.notes import BadNote, Verifier
from earnest.witness.server import Witness, address, serve
from earnest.witness.store import Store
from earnest.witness.usage import Parser


def main(arguments: Sequence[str]) -> int:
    """The command line; returns the exit code."""
    options = _parser().parse_args(list(arguments))
    try:
        host, port = address(options.listen)
        logs = [Verifier.parse(vkey) for vkey in options.log]
        store = Store(options.data)
        with store.claim():
            witness = Witness(store, store.signer(options.name), logs)
            running = serve(witness, host, port)
            names = ", ".join(dict.fromkeys(log.name for log in logs))
            print(
                f"Witness {witness.signer.vkey}\nat {running.url}, for {names}. Stop with Ctrl-C.\n"
                f'The maker sets EARNEST_WITNESSES="{witness.signer.vkey} {running.url}"',
                flush=True,
            )
            try:
                running.thread.join()
            finally:
                running.stop()
    except (BadNote, OSError, ValueError) as error:
        print(f"The witness cannot start: {error}.", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="earnest witness", description="Sign beside logs that they only grow (C2SP tlog-witness)."
    )
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="its key and what it has seen"
    )
    parser.add_argument(
        "--listen", default="127.0.0.1:8070", metavar="HOST:PORT", help="default: %(default)s"
    )
    parser.add_argument(
        "--name", default="witness.example", help="the name of its key, such as witness.example.org/w1"
    )
    parser.add_argument(
        "--log", action="append", required=True, metavar="VKEY", help="a log's verifier key; repeat it"
    )
    return parser
