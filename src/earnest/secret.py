"""The key that signs sessions and links: given in a setting, or made once and kept in the data folder."""

import os
import secrets
from pathlib import Path


def kept_secret(folder: Path) -> str:
    """The text of FOLDER/secret, made on the first call; two processes that start at once agree on one.

    Raises OSError where the folder cannot be written or the file is empty.
    """
    file = folder / "secret"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = folder / f".secret.{os.getpid()}.{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_urlsafe(48))
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(draft, file)  # fails if another process was first; its secret is the one
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    secret = file.read_text().strip()
    if len(secret) < 32:
        raise OSError(f"{file} holds no usable secret; restore it from your backup")
    return secret
