"""Importing this registers the duty that issues documents."""

from earnest.book import door, duties
from earnest.core.commands.issue_invoices import IssueInvoices

BY_WORKER = {"by": "system", "via": "worker", "person": "worker"}


@duties.handles("invoices")
def issue(duty: duties.Leased) -> None:
    """Whatever the reservation lacks by now: more than was asked for, or nothing."""
    door.do_one(IssueInvoices(**BY_WORKER, number=duty.payload["number"]))
