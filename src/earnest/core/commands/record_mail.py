"""A mail went out: which, to whom, and the hash of its exact bytes."""

from dataclasses import dataclass

from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World


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
        """Unless the address was erased meanwhile; that it is one mail is kept by the sender's idempotency key."""
        if "contact" in world.the_reservation().erased:
            return NOTHING
        chapter = Chapter(self, world)
        chapter.say(
            "mail.sent",
            template=self.template,
            message_id=self.message_id,
            sha256=self.sha256,
            to=self.to,
        )
        return chapter.decision()
