"""The rules of reservations, deposits, delays and refunds: pure functions of what happened.

Read in this order: `acts` (what can happen), `entries` (what it does to money), `offer`, `refund` and
`reservation` (what is true after it), then `commands/` (what people may ask for). Nothing here knows a
database, a clock, a source of randomness or the network.
"""
