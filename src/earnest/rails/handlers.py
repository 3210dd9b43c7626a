"""Importing this registers the duties that rails do."""

from earnest.rails import giving_up as giving_up
from earnest.rails import rebooking as rebooking
from earnest.rails.bank import unmatched as unmatched
from earnest.rails.stripe import asking as asking
from earnest.rails.stripe import disputes as disputes
from earnest.rails.stripe import events as events
from earnest.rails.stripe import reconcile as reconcile
from earnest.rails.stripe import refunds as refunds
from earnest.rails.stripe import shortage as shortage
