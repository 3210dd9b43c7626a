"""Stands in for Stripe where there is none: in the demonstration and in tests. Stateful, strict, able to fail.

It speaks real HTTP to the official SDK and imports nothing else of Earnest. What it does, and what it does not, is
in `docs/stripe-double.md`.
"""
