"""A mail went out: which, to whom, and the hash of its exact bytes."""

from dataclasses import dataclass

from earnest.core.commands.base import Chapter, Command, Decision, Ref, World


@dataclass(frozen=True, kw_only=True)
class RecordMail(Command):
    """`sha256` is of the message as it was handed to the mail server, hex."""

    number: str
    template: str
    message_id: str
    sha256: str
    to: str

    def ref(self) -> Ref:
        """The reservation it is about."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Always; that it is one mail is kept by the idempotency key of whoever sends."""
        world.the_reservation()
        chapter = Chapter(self, world)
        chapter.say(
            "mail.sent",
            template=self.template,
            message_id=self.message_id,
            sha256=self.sha256,
            to=self.to,
        )
        return chapter.decision()
