"""A finished mail on its way through Django's backends: what was kept and hashed is what leaves, byte for byte."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, cast

from django.core import mail

from earnest.post.message import deliverable


class Exact(EmailMessage):
    """A parsed mail that gives its own bytes back, however a backend asks for them (Django passes `linesep`)."""

    raw = b""

    def as_bytes(self, *args: Any, **kwargs: Any) -> bytes:
        """The bytes as they were kept."""
        return self.raw


class Parcel(mail.EmailMessage):
    """What a backend takes: sender and receiver on the envelope, and the mail."""

    def __init__(self, raw: bytes, to: str) -> None:
        self.exact = cast(Exact, message_from_bytes(raw, Exact, policy=SMTP))
        self.exact.raw = raw
        super().__init__(
            subject=str(self.exact["Subject"]),
            from_email=self.exact["From"].addresses[0].addr_spec,
            to=[deliverable(to)],
        )

    def message(self) -> EmailMessage:  # type: ignore[override]
        """What the backend asks for."""
        return self.exact
