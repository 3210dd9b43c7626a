"""The books as accountants take them: exports of the ledger in their own formats."""
