"""Earnest: reservations and deposits for products that do not exist yet, with a signed, checkable record."""

__version__ = "0.1.0"
