"""Importing this registers the duties that rails do."""

from earnest.rails.stripe import asking as asking
from earnest.rails.stripe import events as events
from earnest.rails.stripe import refunds as refunds
