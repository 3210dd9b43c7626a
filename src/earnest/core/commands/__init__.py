"""What people may ask for: one file per human story, each a command and how it is decided.

The table of contents is the product: `open_offer`, `revise_offer`, `slip_promise`, `place`, `ask_deposit`,
`receive_deposit`, `lapse`, `tell_slip`, `answer_slip`, `withdraw`, `amend`, `give_account`, `give_address`, `cancel`,
`take_back`, `release`, `refund`, `report_refund`, `miss_deadline`, `mark_unclaimed`, `convert`, `record_mail`, `erase`,
`open_book`.
"""
