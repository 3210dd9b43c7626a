"""`./earnest open`: begin a book of one's own, beside or instead of the demonstration."""

import os
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Name the database before the settings are read, so that they do not fall back to the demonstration."""
    from earnest import cli
    from earnest.config import BOOK_FILE

    data = Path(os.environ.get("EARNEST_DATA", "var")).expanduser().absolute()
    os.environ.setdefault("EARNEST_DATABASE_URL", f"sqlite:///{data / BOOK_FILE}")
    return cli.own_command("open_book", [cli.PROGRAM, "open", *arguments])
