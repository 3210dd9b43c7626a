"""The record: what happened, in a form that a stranger can check alone.

Needs the standard library and `cryptography`, and nothing else of Earnest, so it can be read and run by itself.
Read in this order: `canonical` (one text for one value), `disclosure` (a value behind a salted digest), `chain`
(leaves linked into a chain for each subject), `notes` (signed notes), `receipt`, `story` (the file), `verify`.
`sealed` keeps values at rest and is not needed to verify anything.
"""
