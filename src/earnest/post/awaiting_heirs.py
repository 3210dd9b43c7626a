"""A debt whose holder has died waits for heirs: the maker's people are reminded until somebody follows."""

from earnest.book import clock, duties, reads
from earnest.core.commands.base import Duty
from earnest.core.commands.heirs import REMIND_EVERY


@duties.handles("await_heirs")
def remind(duty: duties.Leased) -> None:
    """A mail of its own every 30 days; over once the report was corrected or somebody has followed."""
    number, seq = duty.payload["number"], duty.payload["seq"]
    died = reads.reservation(number).died
    if died is None or died.seq != seq:
        return
    key = f"mail/{number}/find_heirs/{seq}/{duty.due_at.date().isoformat()}"
    payload = {"number": number, "template": "find_heirs", "seq": seq}
    duties.insert([Duty("mail", key, clock.now(), payload)])
    raise duties.Later(duty.due_at + REMIND_EVERY)
